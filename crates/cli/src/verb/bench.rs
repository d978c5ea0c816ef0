//! `tracenet bench recall`: how well questions are answered, without a node.

use crate::{Call, Ended, args::BenchRecall, text};
use recall::bench::{self, Set, Step};
use std::io::IsTerminal;
use wire::Fault;

pub(crate) fn recall(call: &Call, args: &BenchRecall) -> Result<Ended, Fault> {
    let model = node::model_folder();
    if model.is_none() {
        eprintln!("no model here (TRACENET_MODEL names its folder): by words alone");
    }
    let mut asked = Vec::new();
    for folder in &args.set {
        let set = Set::read(folder).map_err(|e| {
            let hint = "a set is docs.jsonl {id, text, title?}, queries.jsonl {id, text, \
                exclude?: [id]} and qrels.tsv (question, document, 1)";
            Fault::from(node::Fault::invalid(e.to_string(), hint))
        })?;
        let (documents, questions) = set.size();
        let documents = wire::count(documents, "document", "documents");
        let questions = wire::count(questions, "question", "questions");
        eprintln!("{}: {documents}, {questions}", folder.display());
        if set.unknown > 0 {
            eprintln!("  {} judgements name what is not there: left out", set.unknown);
        }
        let mut progress = Progress::default();
        let answers =
            bench::ask(&set, model.as_deref(), |step, done, of| progress.tell(step, done, of));
        asked.extend(answers.map_err(|e| Fault::from(node::Fault::not_now(e.to_string(), "")))?);
    }
    let report = bench::report(&asked);
    if call.json {
        text::json(&report);
    } else {
        text::bench::report(&report, args.abstain);
    }
    Ok(Ended::Well)
}

/// Tells on stderr how far it is: on a terminal over and over, else every tenth part.
#[derive(Default)]
struct Progress {
    told: Option<(Step, usize)>,
}

impl Progress {
    fn tell(&mut self, step: Step, done: usize, of: usize) {
        let percent = done.saturating_mul(100).checked_div(of).unwrap_or(100);
        let terminal = std::io::stderr().is_terminal();
        let now = Some((step, if terminal { percent } else { percent / 10 }));
        if self.told == now {
            return;
        }
        self.told = now;
        let what = match step {
            Step::Embedding => "embedding documents",
            Step::Asking => "asking",
        };
        let (begin, end) = if terminal { ("\r", "\x1b[K") } else { ("", "\n") };
        eprint!("{begin}{what}: {percent:>3} % of {of}{end}");
        if terminal && done.saturating_add(1) >= of {
            eprintln!();
        }
    }
}
