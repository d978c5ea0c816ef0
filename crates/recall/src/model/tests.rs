//! The model against vectors that another implementation computed, one text at a time and in
//! double precision. They need the model's files: without them the tests say that they skipped.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

use super::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Reference {
    text: String,
    vector: Vec<f32>,
}

/// The model that `./dev` fetched.
pub(crate) fn folder() -> Option<std::path::PathBuf> {
    let folder = std::env::var_os("TRACENET_MODEL").map(std::path::PathBuf::from);
    let found = folder.filter(|folder| Model::is_in(folder));
    if found.is_none() {
        eprintln!("skipped: TRACENET_MODEL names no model");
    }
    found
}

fn references() -> Vec<Reference> {
    include_str!("reference.jsonl").lines().map(|l| serde_json::from_str(l).unwrap()).collect()
}

fn check(vector: &Vector, reference: &Reference) {
    let furthest =
        vector.iter().zip(&reference.vector).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert_eq!(reference.vector.len(), DIMENSIONS);
    assert!(furthest < 5e-6, "{:?} is off by {furthest:e}", reference.text);
}

#[test]
fn every_question_is_embedded_as_the_reference_says() {
    let Some(folder) = folder() else { return };
    let model = Model::open(&folder).unwrap();
    for reference in references() {
        check(&model.embed_question(&reference.text).unwrap(), &reference);
    }
}

/// Texts of many lengths in one call: what pads one must not reach its mean.
#[test]
fn padding_changes_nothing() {
    let Some(folder) = folder() else { return };
    let (model, references) = (Model::open(&folder).unwrap(), references());
    let texts: Vec<&str> = references.iter().map(|r| r.text.as_str()).collect();
    let documents = model.embed_documents(&texts).unwrap();
    assert_eq!(documents.len(), texts.len());
    for (parts, reference) in documents.iter().zip(&references) {
        check(&parts[0], reference);
    }
}

#[test]
fn a_long_document_is_embedded_in_parts() {
    let Some(folder) = folder() else { return };
    let model = Model::open(&folder).unwrap();
    let (short, long) = ("one two three".to_owned(), "one two three ".repeat(120));
    let endless = "one two three ".repeat(20_000);
    let parts = model.embed_documents(&[&short, &long, &endless, ""]).unwrap();
    assert_eq!(parts.iter().map(Vec::len).collect::<Vec<_>>(), [1, 2, MAX_PARTS, 1]);
}

#[test]
fn a_folder_without_a_model_is_told_apart() {
    let dir = tempfile::tempdir().unwrap();
    assert!(!Model::is_in(dir.path()));
    assert!(matches!(Model::open(dir.path()), Err(ModelError::File("model.safetensors", _))));
    for name in FILES {
        std::fs::write(dir.path().join(name), "not a model").unwrap();
    }
    assert!(Model::is_in(dir.path()));
    assert!(matches!(Model::open(dir.path()), Err(ModelError::Weights(_))));
}
