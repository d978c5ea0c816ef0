//! A folder of `docs.jsonl` {id, text, title?}, `queries.jsonl` {id, text, exclude?: [id]} and
//! `qrels.tsv` (question, document, gain), read as others write it.

use artifact::ArtifactId;
use serde::{Deserialize, de::DeserializeOwned};
use std::{
    collections::{HashMap, HashSet},
    fs::File,
    io::{self, BufRead, BufReader},
    path::Path,
};

/// Why a folder is no set.
#[derive(Debug, thiserror::Error)]
pub enum SetError {
    /// A file cannot be read.
    #[error("{0} cannot be read: {1}")]
    File(String, io::Error),
    /// A line is not what it should be.
    #[error("{0}, line {1}: {2}")]
    Line(String, usize, String),
    /// A file has nothing in it.
    #[error("{0} is empty")]
    Empty(String),
}

/// One document.
pub(super) struct Document {
    pub(super) id: ArtifactId,
    pub(super) title: String,
    pub(super) text: String,
}

/// One question and its right answers.
pub(super) struct Judged {
    pub(super) text: String,
    /// Documents that are no answer to it, such as itself.
    pub(super) left_out: Vec<ArtifactId>,
    pub(super) right: HashMap<ArtifactId, f64>,
}

/// Documents, questions, and which answer which.
pub struct Set {
    pub(super) docs: Vec<Document>,
    pub(super) questions: Vec<Judged>,
    /// Judgements that name a question or a document that there is not: they count for nothing.
    pub unknown: usize,
}

/// Ids are texts or numbers.
#[derive(Deserialize)]
#[serde(untagged)]
enum Name {
    Text(String),
    Number(serde_json::Number),
}

impl Name {
    fn text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Number(number) => number.to_string(),
        }
    }
}

#[derive(Deserialize)]
struct DocLine {
    id: Name,
    text: String,
    #[serde(default)]
    title: Option<String>,
}

#[derive(Deserialize)]
struct QuestionLine {
    id: Name,
    text: String,
    #[serde(default)]
    exclude: Option<Vec<Name>>,
}

impl Set {
    /// Reads the folder.
    ///
    /// # Errors
    /// When a file is missing, or a line is not what it should be.
    pub fn read(folder: &Path) -> Result<Self, SetError> {
        let (mut docs, mut known) = (Vec::new(), HashSet::new());
        let file = "docs.jsonl";
        each_json(folder, file, |line, doc: DocLine| {
            let name = doc.id.text();
            let id = id(&name);
            if !known.insert(id) {
                return Err(twice(file, line, &name));
            }
            docs.push(Document { id, title: doc.title.unwrap_or_default(), text: doc.text });
            Ok(())
        })?;
        let (mut questions, mut places) = (Vec::new(), HashMap::new());
        let file = "queries.jsonl";
        each_json(folder, file, |line, question: QuestionLine| {
            let name = question.id.text();
            if places.insert(name.clone(), questions.len()).is_some() {
                return Err(twice(file, line, &name));
            }
            let left_out = question.exclude.unwrap_or_default().into_iter();
            questions.push(Judged {
                text: question.text,
                left_out: left_out.map(|name| id(&name.text())).collect(),
                right: HashMap::new(),
            });
            Ok(())
        })?;
        let mut unknown = 0;
        each_line(folder, "qrels.tsv", |line, text| {
            let Some((question, document, gain)) = judgement(line, text)? else { return Ok(()) };
            let document = id(document);
            let asked = places.get(question).and_then(|place| questions.get_mut(*place));
            match asked.filter(|_| known.contains(&document)) {
                Some(asked) if gain > 0.0 => drop(asked.right.insert(document, gain)),
                Some(_) => {}
                None => unknown += 1,
            }
            Ok(())
        })?;
        Ok(Self { docs, questions, unknown })
    }

    /// How many documents and questions it has.
    #[must_use]
    pub fn size(&self) -> (usize, usize) {
        (self.docs.len(), self.questions.len())
    }
}

fn id(name: &str) -> ArtifactId {
    ArtifactId::of(name.as_bytes())
}

fn twice(file: &str, line: usize, name: &str) -> SetError {
    SetError::Line(file.to_owned(), line, format!("the id {name} is there twice"))
}

/// `question ⇥ document ⇥ gain`; without a gain it is 1. A heading gives nothing.
fn judgement(line: usize, text: &str) -> Result<Option<(&str, &str, f64)>, SetError> {
    let wrong = |what: String| SetError::Line("qrels.tsv".to_owned(), line, what);
    let cells: Vec<&str> = text.split('\t').map(str::trim).collect();
    let (question, document, gain) = match cells.as_slice() {
        [question, document] => (*question, *document, "1"),
        [question, document, gain] => (*question, *document, *gain),
        cells => {
            let found = cells.len();
            return Err(wrong(format!("{found} columns instead of question, document and 1")));
        }
    };
    match gain.parse::<f64>() {
        Ok(gain) if gain.is_finite() => Ok(Some((question, document, gain))),
        _ if line == 1 => Ok(None),
        _ => Err(wrong(format!("{gain:?} is not a number"))),
    }
}

fn each_json<T: DeserializeOwned>(
    folder: &Path,
    file: &str,
    mut take: impl FnMut(usize, T) -> Result<(), SetError>,
) -> Result<(), SetError> {
    let mut empty = true;
    each_line(folder, file, |line, text| {
        empty = false;
        let read = serde_json::from_str(text);
        let read = read.map_err(|e| SetError::Line(file.to_owned(), line, e.to_string()))?;
        take(line, read)
    })?;
    if empty { Err(SetError::Empty(file.to_owned())) } else { Ok(()) }
}

/// Every line that has something in it, with its number from 1.
fn each_line(
    folder: &Path,
    file: &str,
    mut take: impl FnMut(usize, &str) -> Result<(), SetError>,
) -> Result<(), SetError> {
    let path = folder.join(file);
    let broken = |error| SetError::File(path.display().to_string(), error);
    let lines = BufReader::new(File::open(&path).map_err(broken)?).lines();
    for (line, text) in (1..).zip(lines) {
        let text = text.map_err(broken)?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text).trim_end_matches('\r');
        if !text.trim().is_empty() {
            take(line, text)?;
        }
    }
    Ok(())
}
