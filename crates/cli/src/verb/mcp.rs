//! `tracenet mcp`: the shim between an agent and the running node.

use crate::{Call, Ended, args::Mcp};
use wire::Fault;

pub(crate) async fn serve(call: &Call, args: &Mcp) -> Result<Ended, Fault> {
    let sockets = node::socket_dir(&call.home);
    let served = door::serve_stdio(&call.home, &sockets, &args.name).await;
    served.map(|()| Ended::Well).map_err(|e| node::Fault::not_now(e.to_string(), "").into())
}
