//! What `tracenet bench` measured, as a table.

use super::say;
use recall::bench::{Abstain, Difference, Report, Scores};

/// The figures, and with `abstain` what silence gives.
pub(crate) fn report(report: &Report, abstain: bool) {
    let questions = wire::count(report.questions, "question", "questions");
    say(&format!("{:8}  nDCG@10   hit@1  hit@10    MRR   ({questions})", ""));
    row("bm25", &report.bm25);
    match &report.vectors {
        Some(vectors) => row("vectors", vectors),
        None => say("vectors   no model"),
    }
    row("fused", &report.fused);
    gain("bm25", &report.gains.0);
    if let Some(gains) = &report.gains.1 {
        gain("vectors", gains);
    }
    if abstain {
        say("");
        said("silent when unsure", &report.abstain);
        for (bound, figures) in &report.curve {
            said(&format!("from {bound:.3}"), figures);
        }
    }
}

fn row(name: &str, scores: &Scores) {
    let Scores { ndcg10, hit1, hit10, mrr } = scores;
    say(&format!("{name:8}  {ndcg10:7.4}  {hit1:6.4}  {hit10:6.4}  {mrr:6.4}"));
}

fn gain(over: &str, gains: &Difference) {
    let Difference { mean, low, high } = gains;
    say(&format!("fused over {over:8} nDCG@10 {mean:+.4}  95 % [{low:+.4}, {high:+.4}]"));
}

fn said(what: &str, figures: &Abstain) {
    let Abstain { precision, coverage } = figures;
    say(&format!("{what:20} precision {precision:.4}  coverage {coverage:.4}"));
}
