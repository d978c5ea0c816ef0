//! `tracenet mcp`: the shim between an agent and the running node. `tracenet hook`: the same for
//! the hooks of its program, silent about whatever goes wrong.

use crate::{
    Call, Ended,
    args::agents::{Hook, Mcp},
    text,
};
use wire::Fault;

pub(crate) async fn serve(call: &Call, args: &Mcp) -> Result<Ended, Fault> {
    let sockets = node::socket_dir(&call.home);
    let served = door::serve_stdio(&call.home, &sockets, &args.name).await;
    served.map(|()| Ended::Well).map_err(|e| node::Fault::not_now(e.to_string(), "").into())
}

pub(crate) async fn hook(call: &Call, args: &Hook) -> Ended {
    let (sockets, input) = (node::socket_dir(&call.home), tokio::io::stdin());
    let said = door::tell_hook(&call.home, &sockets, &args.name, args.event, input).await;
    if let Some(said) = said {
        text::say(&said);
    }
    Ended::Well
}
