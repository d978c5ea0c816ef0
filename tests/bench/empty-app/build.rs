//! Reads `tauri.conf.json` and the one page into the empty app.

fn main() {
    println!("cargo:rerun-if-changed=page");
    tauri_build::build();
}
