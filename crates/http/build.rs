//! Chooses which page is embedded: the built one, or a note that says how to build it.

use std::path::PathBuf;
use std::{env, fs};

fn main() -> Result<(), env::VarError> {
    let package = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let built = package.join("../../web/dist");
    let page =
        if built.join("index.html").is_file() { built.clone() } else { package.join("assets/unbuilt") };

    // Cargo runs this again when the folder changes. One that does not exist counts as changed
    // each time, so it is made; should that fail, builds are slower and nothing else.
    _ = fs::create_dir_all(&built);
    println!("cargo::rerun-if-changed={}", built.display());
    println!("cargo::rustc-env=PARLOR_PAGE={}", page.display());
    Ok(())
}
