//! The network itself: BERT (Devlin et al., 2018) with six layers of 384, and the mean over its
//! last layer. Written out here, because the crate that has it brings a hundred others along.

use super::DIMENSIONS;
use candle_core::{D, Device, Module, Result, Tensor};
use candle_nn::{Embedding, LayerNorm, ops::softmax_last_dim};
use std::collections::HashMap;

const LAYERS: usize = 6;
const HEADS: usize = 12;
const HEAD: usize = DIMENSIONS / HEADS;
const EPSILON: f64 = 1e-12;
/// What is added to the attention that padding would get.
const MASKED: f32 = -1e9;

/// The weights, by the names they have in the file.
type Weights = HashMap<String, Tensor>;

pub(super) struct Bert {
    words: Embedding,
    /// Of each position, with the one token type there is added.
    positions: Tensor,
    norm: LayerNorm,
    layers: Vec<Layer>,
}

struct Layer {
    query: Dense,
    key: Dense,
    value: Dense,
    attended: Dense,
    attended_norm: LayerNorm,
    wide: Dense,
    narrow: Dense,
    norm: LayerNorm,
}

/// A dense layer whose weights lie as the multiplication reads them. In the order of the file
/// they would be laid out anew for every text, which for a question takes as long as multiplying.
struct Dense {
    weight: Tensor,
    bias: Tensor,
}

fn tensor(weights: &Weights, name: &str, shape: &[usize]) -> Result<Tensor> {
    let found = weights
        .get(name)
        .ok_or_else(|| candle_core::Error::CannotFindTensor { path: name.to_owned() })?;
    if found.dims() != shape {
        candle_core::bail!("{name} has the shape {:?} instead of {shape:?}", found.dims());
    }
    Ok(found.clone())
}

fn dense(weights: &Weights, name: &str, (from, to): (usize, usize)) -> Result<Dense> {
    let weight = tensor(weights, &format!("{name}.weight"), &[to, from])?.t()?.contiguous()?;
    Ok(Dense { weight, bias: tensor(weights, &format!("{name}.bias"), &[to])? })
}

fn layer_norm(weights: &Weights, name: &str) -> Result<LayerNorm> {
    let weight = tensor(weights, &format!("{name}.weight"), &[DIMENSIONS])?;
    let bias = tensor(weights, &format!("{name}.bias"), &[DIMENSIONS])?;
    Ok(LayerNorm::new(weight, bias, EPSILON))
}

impl Dense {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let (rows, width, from) = x.dims3()?;
        let flat = x.reshape((rows * width, from))?.matmul(&self.weight)?;
        flat.broadcast_add(&self.bias)?.reshape((rows, width, ()))
    }
}

impl Bert {
    /// From all tensors of the model's file.
    pub(super) fn new(weights: &Weights) -> Result<Self> {
        let table = |what: &str, rows| {
            tensor(weights, &format!("embeddings.{what}_embeddings.weight"), &[rows, DIMENSIONS])
        };
        let types = table("token_type", 2)?.get(0)?;
        let layers = (0..LAYERS).map(|n| Layer::new(weights, n)).collect::<Result<_>>()?;
        Ok(Self {
            words: Embedding::new(table("word", 30_522)?, DIMENSIONS),
            positions: table("position", 512)?.broadcast_add(&types)?,
            norm: layer_norm(weights, "embeddings.LayerNorm")?,
            layers,
        })
    }

    /// The mean over each text's own tokens. The texts are padded to the longest of them.
    pub(super) fn pooled(&self, texts: &[&[u32]]) -> Result<Vec<Vec<f32>>> {
        let (rows, width) = (texts.len(), texts.iter().map(|text| text.len()).max().unwrap_or(0));
        if rows == 0 || width == 0 {
            return Ok(vec![vec![0.0; DIMENSIONS]; rows]);
        }
        let padded = |text: &&[u32]| {
            text.iter().copied().chain(std::iter::repeat(0)).take(width).collect::<Vec<u32>>()
        };
        let ids: Vec<u32> = texts.iter().flat_map(padded).collect();
        let own: Vec<f32> = texts
            .iter()
            .flat_map(|text| (0..width).map(|at| if at < text.len() { 1.0 } else { 0.0 }))
            .collect();
        let ids = Tensor::from_vec(ids, (rows, width), &Device::Cpu)?;
        let own = Tensor::from_vec(own, (rows, width), &Device::Cpu)?;
        // 1 → 0, 0 → MASKED
        let mask =
            own.affine(f64::from(-MASKED), f64::from(MASKED))?.reshape((rows, 1, 1, width))?;

        let positions = self.positions.narrow(0, 0, width)?;
        let mut x = self.norm.forward(&self.words.forward(&ids)?.broadcast_add(&positions)?)?;
        for layer in &self.layers {
            x = layer.forward(&x, &mask)?;
        }
        let own = own.unsqueeze(2)?;
        x.broadcast_mul(&own)?.sum(1)?.broadcast_div(&own.sum(1)?)?.to_vec2()
    }
}

impl Layer {
    fn new(weights: &Weights, number: usize) -> Result<Self> {
        let name = |part: &str| format!("encoder.layer.{number}.{part}");
        let square = |part: &str| dense(weights, &name(part), (DIMENSIONS, DIMENSIONS));
        Ok(Self {
            query: square("attention.self.query")?,
            key: square("attention.self.key")?,
            value: square("attention.self.value")?,
            attended: square("attention.output.dense")?,
            attended_norm: layer_norm(weights, &name("attention.output.LayerNorm"))?,
            wide: dense(weights, &name("intermediate.dense"), (DIMENSIONS, 4 * DIMENSIONS))?,
            narrow: dense(weights, &name("output.dense"), (4 * DIMENSIONS, DIMENSIONS))?,
            norm: layer_norm(weights, &name("output.LayerNorm"))?,
        })
    }

    fn forward(&self, x: &Tensor, mask: &Tensor) -> Result<Tensor> {
        let attended = self.attended.forward(&self.attend(x, mask)?)?;
        let x = self.attended_norm.forward(&(attended + x)?)?;
        let fed = self.narrow.forward(&self.wide.forward(&x)?.gelu_erf()?)?;
        self.norm.forward(&(fed + x)?)
    }

    fn attend(&self, x: &Tensor, mask: &Tensor) -> Result<Tensor> {
        let (rows, width, _) = x.dims3()?;
        let heads = |part: &Dense| {
            part.forward(x)?.reshape((rows, width, HEADS, HEAD))?.transpose(1, 2)?.contiguous()
        };
        let (query, key, value) = (heads(&self.query)?, heads(&self.key)?, heads(&self.value)?);
        #[expect(clippy::cast_precision_loss, reason = "32")]
        let scale = 1.0 / (HEAD as f64).sqrt();
        let scores = query.matmul(&key.transpose(D::Minus1, D::Minus2)?)?.affine(scale, 0.0)?;
        let shares = softmax_last_dim(&scores.broadcast_add(mask)?)?;
        shares.matmul(&value)?.transpose(1, 2)?.contiguous()?.reshape((rows, width, DIMENSIONS))
    }
}
