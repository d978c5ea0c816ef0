//! `tracenet doctor`: checks of this machine, even when the node cannot start.

use crate::{Call, Ended, gates::Gates, text};
use wire::{DoctorCheck, DoctorView, Fault, Query, View};

pub(crate) async fn doctor(call: &Call) -> Result<Ended, Fault> {
    let view = match Gates::open(call).await {
        Ok(mut gates) => {
            let running = matches!(gates, Gates::Remote(_));
            let view = gates.view(Query::Doctor {}).await;
            gates.close().await;
            match view? {
                View::Doctor(view) => with_node(view, running),
                _ => DoctorView { checks: Vec::new() },
            }
        }
        Err(fault) => DoctorView { checks: vec![unopened(&fault)] },
    };
    let well = view.checks.iter().all(|check| check.well);
    text::view(call.json, &View::Doctor(view));
    if well {
        return Ok(Ended::Well);
    }
    call.ill(node::Fault::not_now("not everything is well", "see the arrows above"))
}

fn with_node(mut view: DoctorView, running: bool) -> DoctorView {
    if !running {
        // This process speaks to nobody, and the row about the node says what to do.
        view.checks.retain(|check| check.name != "network");
    }
    let check = DoctorCheck {
        name: "node".to_owned(),
        well: running,
        what: if running { "running" } else { "not running" }.to_owned(),
        hint: if running { "" } else { "start the app, or run `tracenet node`" }.to_owned(),
    };
    view.checks.insert(0, check);
    view
}

fn unopened(fault: &Fault) -> DoctorCheck {
    DoctorCheck {
        name: "data folder".to_owned(),
        well: false,
        what: fault.what.clone(),
        hint: fault.hint.clone(),
    }
}
