//! The model when it is needed: loaded by the first text, dropped when it had nothing to do.

use crate::model::{Model, ModelError};
use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

/// Whether meanings can be looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModelState {
    /// There is no model's file: everything works by words.
    Missing,
    /// It is there, and not in memory.
    Resting,
    /// It is in memory.
    Loaded,
    /// It is there and cannot be used, and why.
    Broken(String),
}

/// The way to the model.
#[derive(Default)]
pub(crate) struct Embedder {
    folder: Option<PathBuf>,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    model: Option<Arc<Model>>,
    /// Since the last rest.
    used: bool,
    broken: Option<String>,
}

impl Embedder {
    pub(crate) fn new(folder: Option<&Path>) -> Self {
        let there = folder.filter(|folder| Model::is_in(folder));
        Self { folder: there.map(Path::to_owned), held: Mutex::default() }
    }

    /// The model, loaded if need be. `None` when there is none, or it cannot be used.
    pub(crate) fn model(&self) -> Option<Arc<Model>> {
        let folder = self.folder.as_deref()?;
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.used = true;
        if held.model.is_none() && held.broken.is_none() {
            match Model::open(folder) {
                Ok(model) => held.model = Some(Arc::new(model)),
                Err(why) => self.note(&mut held, &why),
            }
        }
        held.model.clone()
    }

    fn note(&self, held: &mut Held, why: &ModelError) {
        tracing::warn!(%why, "recall goes on by words alone");
        held.broken = Some(why.to_string());
    }

    /// Drops the model if nothing used it since the last call.
    pub(crate) fn rest(&self) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if !std::mem::take(&mut held.used) {
            held.model = None;
        }
    }

    pub(crate) fn state(&self) -> ModelState {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        match (&self.folder, &held.broken, &held.model) {
            (None, ..) => ModelState::Missing,
            (_, Some(why), _) => ModelState::Broken(why.clone()),
            (_, None, Some(_)) => ModelState::Loaded,
            (_, None, None) => ModelState::Resting,
        }
    }
}
