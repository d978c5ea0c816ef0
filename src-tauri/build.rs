//! Reads the grant in `tauri.conf.json` and the built face into the shell.
//!
//! The commands are named here because Tauri checks permissions of the app's own commands only
//! when it knows their names: without this list every window could call every one of them.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // A file that the face's build adds would not be noticed otherwise.
    println!("cargo:rerun-if-changed=../ui/dist");
    println!("cargo:rerun-if-changed=../tauri.conf.json");
    let commands = tauri_build::AppManifest::new().commands(&["view", "act", "answer"]);
    let attributes =
        tauri_build::Attributes::new().config_path("../tauri.conf.json").app_manifest(commands);
    Ok(tauri_build::try_build(attributes)?)
}
