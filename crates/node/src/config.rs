//! What a node is started with.

use crate::Clock;
use keys::SecretStore;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// How a node is started.
#[derive(Clone)]
pub struct Config {
    /// The data folder.
    pub home: PathBuf,
    /// The OS keychain, scoped to this folder.
    pub keychain: Arc<dyn SecretStore>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Speak to this machine only. For tests.
    pub loopback_only: bool,
    /// Whether this process shows windows, as `status` tells.
    pub window: bool,
    /// The folder of the model that recall embeds with; without one it works by words.
    pub model: Option<PathBuf>,
}

impl Config {
    /// A node of this folder with the machine's own clock and keychain.
    #[must_use]
    pub fn new(home: PathBuf) -> Self {
        let keychain = Arc::new(keys::OsKeychain::new(&scope(&home)));
        let clock = Arc::new(crate::SystemClock);
        let model = model_folder();
        Self { home, keychain, clock, loopback_only: false, window: false, model }
    }
}

/// The name under which a folder's secrets lie in the keychain, so that several nodes of one
/// user stay apart: the first 16 hex digits of BLAKE3 of the folder's absolute path.
fn scope(home: &Path) -> String {
    let path = std::fs::canonicalize(home).unwrap_or_else(|_| home.to_owned());
    blake3::hash(path.as_os_str().as_encoded_bytes()).to_hex().chars().take(16).collect()
}

/// The folder to use when none is named: `TRACENET_HOME`, else the platform's data folder.
/// `None` when neither is known.
#[must_use]
pub fn default_home() -> Option<PathBuf> {
    let var = |name| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    if let Some(home) = var("TRACENET_HOME") {
        return std::path::absolute(home).ok();
    }
    if cfg!(target_os = "macos") {
        return Some(var("HOME")?.join("Library/Application Support/TraceNet"));
    }
    if cfg!(windows) {
        return Some(var("APPDATA")?.join("TraceNet"));
    }
    let base = var("XDG_DATA_HOME").filter(|p| p.is_absolute());
    Some(base.or_else(|| Some(var("HOME")?.join(".local/share")))?.join("tracenet"))
}

/// The folder of the model that recall embeds with: `TRACENET_MODEL`, else where an installation
/// or a build has it. `None` when there is none; then recall works by words.
#[must_use]
pub fn model_folder() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("TRACENET_MODEL").filter(|v| !v.is_empty()) {
        return Some(PathBuf::from(named));
    }
    let program = std::env::current_exe().ok()?;
    let beside = program.parent()?;
    // Beside the program, in a user's installation, in a package, in a bundle for macOS.
    let places =
        ["model", "../share/tracenet-desktop/model", "../lib/TraceNet/model", "../Resources/model"];
    places.iter().map(|place| beside.join(place)).find(|folder| folder.is_dir())
}

/// Where the sockets lie.
#[must_use]
pub fn socket_dir(home: &Path) -> PathBuf {
    home.join("run")
}
