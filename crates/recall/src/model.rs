//! The model that turns text into vectors: all-MiniLM-L6-v2, read from the folder it came in.
//!
//! A vector is the mean over a text's own tokens, padding masked out, at length one. Texts are
//! cut into parts of 256 tokens, as the model was made for. It runs on two threads for questions,
//! which somebody waits for, and on one for documents, so that it never takes the machine. It does
//! not know what is embedded.

mod bert;

use crate::map::Map;
use bert::Bert;
use candle_core::{Device, safetensors};
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::{fs::File, io, path::Path};
use tokenizers::Tokenizer;

/// Numbers in a vector.
pub(crate) const DIMENSIONS: usize = 384;
/// Tokens of a text that the model reads: 256, less the two that mark its ends.
const ROOM: usize = 254;
/// Tokens that two parts of a text share.
const OVERLAP: usize = 32;
/// Parts of a text that are read; what follows them is not embedded.
const MAX_PARTS: usize = 4;
/// Bytes of a text that are looked at: as many tokens of prose take about half of that.
const MAX_TEXT: usize = 8 << 10;
/// Texts that go through the model at once. More are slower: they leave the processor's cache.
const BATCH: usize = 8;

/// A direction in the space of meanings, at length one.
pub(crate) type Vector = [f32; DIMENSIONS];

/// The files of a model's folder.
const FILES: [&str; 2] = ["model.safetensors", "tokenizer.json"];

/// Why there is no model.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The folder lacks a file, or one cannot be read.
    #[error("the model's {0} cannot be read: {1}")]
    File(&'static str, io::Error),
    /// The weights are not this model's.
    #[error("the model cannot be used: {0}")]
    Weights(#[from] candle_core::Error),
    /// The tokenizer is not this model's.
    #[error("the model's tokenizer cannot be used: {0}")]
    Tokenizer(tokenizers::Error),
    /// No thread for it.
    #[error("no thread for the model: {0}")]
    Thread(#[from] rayon::ThreadPoolBuildError),
}

/// The model, loaded: some 100 MB.
pub(crate) struct Model {
    bert: Bert,
    tokenizer: Tokenizer,
    /// The tokens that begin and end every part.
    marks: (u32, u32),
    /// Candle spreads over the pool it is called in. Questions have their own, so that they
    /// never wait for documents.
    questions: ThreadPool,
    documents: ThreadPool,
}

impl Model {
    /// Reads the model from `folder`. Takes some 50 ms.
    pub(crate) fn open(folder: &Path) -> Result<Self, ModelError> {
        let [weights, tokenizer] = FILES;
        let file = File::open(folder.join(weights)).map_err(|e| ModelError::File(weights, e))?;
        let map = Map::of(&file, u64::MAX).map_err(|e| ModelError::File(weights, e))?;
        let bert = Bert::new(&safetensors::load_buffer(&map, &Device::Cpu)?)?;
        let bytes =
            std::fs::read(folder.join(tokenizer)).map_err(|e| ModelError::File(tokenizer, e))?;
        let mut tokenizer = Tokenizer::from_bytes(bytes).map_err(ModelError::Tokenizer)?;
        // The file asks for 128 tokens, and for padding up to that. Parts are cut here.
        tokenizer.with_padding(None);
        tokenizer.with_truncation(None).map_err(ModelError::Tokenizer)?;
        let mark = |name: &str| {
            let missing = || ModelError::Tokenizer(format!("it has no {name}").into());
            tokenizer.token_to_id(name).ok_or_else(missing)
        };
        let marks = (mark("[CLS]")?, mark("[SEP]")?);
        Ok(Self { bert, tokenizer, marks, questions: threads(2)?, documents: threads(1)? })
    }

    /// Whether `folder` holds what a model is made of.
    pub(crate) fn is_in(folder: &Path) -> bool {
        FILES.iter().all(|name| folder.join(name).is_file())
    }

    /// The vector of a question: of as much of its beginning as the model reads.
    pub(crate) fn embed_question(&self, text: &str) -> Result<Vector, ModelError> {
        self.questions.install(|| {
            let mut tokens = self.parts(text)?;
            tokens.truncate(1);
            Ok(self.embed(&tokens)?.pop().unwrap_or([0.0; DIMENSIONS]))
        })
    }

    /// The vectors of the parts of each document.
    pub(crate) fn embed_documents(&self, texts: &[&str]) -> Result<Vec<Vec<Vector>>, ModelError> {
        self.documents.install(|| {
            let parts: Vec<_> =
                texts.iter().map(|text| self.parts(text)).collect::<Result<_, _>>()?;
            let mut vectors = self.embed(&parts.concat())?.into_iter();
            Ok(parts.iter().map(|parts| vectors.by_ref().take(parts.len()).collect()).collect())
        })
    }

    /// The tokens of each part of a text, first to last.
    fn parts(&self, text: &str) -> Result<Vec<Vec<u32>>, ModelError> {
        let text = text.get(..text.floor_char_boundary(MAX_TEXT)).unwrap_or_default();
        let encoded = self.tokenizer.encode_fast(text, false).map_err(ModelError::Tokenizer)?;
        let (tokens, (begin, end)) = (encoded.get_ids(), self.marks);
        // A part begins where the last one has its overlap, unless that reached the end.
        let last = tokens.len().saturating_sub(OVERLAP).max(1);
        let starts = (0..last).step_by(ROOM - OVERLAP).take(MAX_PARTS);
        let part = |from: usize| {
            let own = tokens.iter().skip(from).take(ROOM).copied();
            std::iter::once(begin).chain(own).chain(std::iter::once(end)).collect()
        };
        Ok(starts.map(part).collect())
    }

    fn embed(&self, tokens: &[Vec<u32>]) -> Result<Vec<Vector>, ModelError> {
        // Texts of a length go together: padding is work.
        let mut order: Vec<usize> = (0..tokens.len()).collect();
        order.sort_by_key(|place| tokens.get(*place).map_or(0, Vec::len));
        let mut vectors = vec![[0.0; DIMENSIONS]; tokens.len()];
        for places in order.chunks(BATCH) {
            let batch = places.iter().filter_map(|place| tokens.get(*place));
            let batch: Vec<&[u32]> = batch.map(Vec::as_slice).collect();
            for (place, row) in places.iter().zip(self.bert.pooled(&batch)?) {
                if let Some(vector) = vectors.get_mut(*place) {
                    *vector = unit(&row);
                }
            }
        }
        Ok(vectors)
    }
}

fn threads(count: usize) -> Result<ThreadPool, ModelError> {
    let pool = ThreadPoolBuilder::new().num_threads(count);
    Ok(pool.thread_name(|_| "tracenet-model".to_owned()).build()?)
}

/// `row` at length one; zeros stay.
fn unit(row: &[f32]) -> Vector {
    let length = row.iter().map(|x| x * x).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
    let mut vector = [0.0; DIMENSIONS];
    for (to, from) in vector.iter_mut().zip(row) {
        *to = from / length;
    }
    vector
}

#[cfg(test)]
pub(crate) mod tests;
