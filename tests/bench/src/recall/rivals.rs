//! What ours is measured against.

use anyhow::{Context, Result};
use recall::Doc;
use rusqlite::{Connection, params};
use std::path::Path;
use tantivy::{
    TantivyDocument,
    collector::TopDocs,
    query::QueryParser,
    schema::{Field, STORED, Schema, TEXT, Value},
};

/// Tantivy as it comes.
pub(super) struct Bare {
    reader: tantivy::IndexReader,
    parser: QueryParser,
    id: Field,
}

impl Bare {
    pub(super) fn new(folder: &Path, docs: &[Doc]) -> Result<Self> {
        let mut schema = Schema::builder();
        let id = schema.add_bytes_field("id", STORED);
        let fields = ["title", "problem", "files", "commands", "body"]
            .map(|n| schema.add_text_field(n, TEXT));
        let index = tantivy::Index::create_in_dir(folder, schema.build())?;
        let mut writer: tantivy::IndexWriter = index.writer_with_num_threads(1, 50_000_000)?;
        for doc in docs {
            let mut written = TantivyDocument::default();
            written.add_bytes(id, doc.id.as_bytes());
            let parts = [&doc.title, &doc.problem, &doc.files, &doc.commands, &doc.body];
            for (field, text) in fields.into_iter().zip(parts) {
                written.add_text(field, text);
            }
            writer.add_document(written)?;
        }
        writer.commit()?;
        let parser = QueryParser::for_index(&index, fields.to_vec());
        Ok(Self { reader: index.reader()?, parser, id })
    }

    pub(super) fn search(&self, question: &str, best: usize) -> Result<usize> {
        let searcher = self.reader.searcher();
        let query = self.parser.parse_query(question)?;
        let top = searcher.search(&query, &TopDocs::with_limit(best).order_by_score())?;
        let mut found = Vec::with_capacity(top.len());
        for (score, address) in top {
            let doc: TantivyDocument = searcher.doc(address)?;
            let id = doc.get_first(self.id).and_then(|id| id.as_bytes()).context("no id")?;
            found.push((score, id.to_vec()));
        }
        Ok(found.len())
    }
}

/// SQLite's full-text search, over the same five fields.
pub(super) struct Sqlite(Connection);

impl Sqlite {
    pub(super) fn new(file: &Path, docs: &[Doc]) -> Result<Self> {
        let mut connection = Connection::open(file)?;
        connection.execute_batch(
            "create virtual table t using fts5(title, problem, files, commands, body, content='')",
        )?;
        let change = connection.transaction()?;
        {
            let mut insert = change.prepare(
                "insert into t(rowid, title, problem, files, commands, body) values(?,?,?,?,?,?)",
            )?;
            for (doc, row) in docs.iter().zip(0_i64..) {
                insert.execute(params![
                    row,
                    doc.title,
                    doc.problem,
                    doc.files,
                    doc.commands,
                    doc.body
                ])?;
            }
        }
        change.execute("insert into t(t) values('optimize')", [])?;
        change.commit()?;
        Ok(Self(connection))
    }

    pub(super) fn search(&self, question: &str, best: usize) -> Result<usize> {
        let terms: Vec<_> = question.split(' ').map(|word| format!("\"{word}\"")).collect();
        let mut select =
            self.0.prepare("select rowid from t where t match ? order by rank limit ?")?;
        let best = i64::try_from(best)?;
        let found =
            select.query_map(params![terms.join(" OR "), best], |row| row.get::<_, i64>(0))?;
        Ok(found.collect::<Result<Vec<_>, _>>()?.len())
    }
}
