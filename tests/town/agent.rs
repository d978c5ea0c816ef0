//! An agent: an MCP client that knows nothing but lines of JSON, before the shim that agents
//! start, before the socket of a node.

use crate::PATIENCE;
use serde_json::{Value, json};
use std::path::Path;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader, Lines},
    time::timeout,
};

/// A connected agent.
pub struct Agent {
    read: Lines<BufReader<Box<dyn AsyncRead + Send + Unpin>>>,
    write: Box<dyn AsyncWrite + Send + Unpin>,
    last: u64,
}

/// What a tool answered.
#[derive(Debug, Clone)]
pub struct Reply {
    /// Whether it was refused.
    pub refused: bool,
    /// What the model reads.
    pub text: String,
    /// What programs read.
    pub body: Value,
}

impl Agent {
    /// Starts the shim of an agent of this name at the node of this folder.
    pub async fn enter(home: &Path, name: &str) -> Self {
        let (mine, shims) = tokio::io::duplex(1 << 20);
        let (read, write) = tokio::io::split(shims);
        let (home, name) = (home.to_owned(), name.to_owned());
        tokio::spawn(async move {
            let sockets = node::socket_dir(&home);
            door::serve_over(&home, &sockets, &name, read, write).await.unwrap();
        });
        let (read, write) = tokio::io::split(mine);
        Self::over(read, write).await
    }

    /// Shakes hands with an MCP server that is there already.
    pub async fn over(
        read: impl AsyncRead + Send + Unpin + 'static,
        write: impl AsyncWrite + Send + Unpin + 'static,
    ) -> Self {
        let read: Box<dyn AsyncRead + Send + Unpin> = Box::new(read);
        let mut agent =
            Self { read: BufReader::new(read).lines(), write: Box::new(write), last: 0 };
        let hello = json!({
            "protocolVersion": "2025-06-18", "capabilities": {},
            "clientInfo": { "name": "town", "version": "0" },
        });
        agent.request("initialize", hello).await;
        agent.say(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" })).await;
        agent
    }

    /// Calls a tool.
    pub async fn call(&mut self, tool: &str, arguments: Value) -> Reply {
        let answer = self.request("tools/call", json!({ "name": tool, "arguments": arguments }));
        let result = answer.await;
        // A model is shown the framed text, and nothing beside it.
        assert_eq!(result["content"].as_array().map(Vec::len), Some(1), "{result}");
        assert!(result.get("structuredContent").is_none(), "{result}");
        let text = result["content"][0]["text"].as_str().unwrap_or_else(|| panic!("{result}"));
        Reply {
            refused: result["isError"] == json!(true),
            text: text.to_owned(),
            body: result["_meta"][door::mcp::BODY].clone(),
        }
    }

    /// Asks the server for whatever it is, and waits for its result.
    pub async fn request(&mut self, method: &str, params: Value) -> Value {
        self.last += 1;
        let id = self.last;
        self.say(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params })).await;
        loop {
            let line = timeout(PATIENCE, self.read.next_line()).await.unwrap().unwrap();
            let said: Value = serde_json::from_str(&line.expect("the shim lives")).unwrap();
            if said["id"] == json!(id) {
                return said["result"].clone();
            }
        }
    }

    async fn say(&mut self, message: &Value) {
        self.write.write_all(format!("{message}\n").as_bytes()).await.unwrap();
    }
}
