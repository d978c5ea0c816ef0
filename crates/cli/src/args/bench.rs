//! What `tracenet bench` understands.

use clap::{Args as ClapArgs, Subcommand};
use std::path::PathBuf;

#[derive(Debug, ClapArgs)]
pub(crate) struct Bench {
    #[command(subcommand)]
    pub(crate) verb: BenchVerb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum BenchVerb {
    /// How well questions are answered: by words, by vectors, and as recall does. Needs no node.
    Recall(BenchRecall),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct BenchRecall {
    /// A folder with docs.jsonl, queries.jsonl and qrels.tsv; several are taken together.
    #[arg(long, required = true, value_name = "FOLDER")]
    pub(crate) set: Vec<PathBuf>,
    /// Show when recall is silent, and what other bounds would give.
    #[arg(long)]
    pub(crate) abstain: bool,
}
