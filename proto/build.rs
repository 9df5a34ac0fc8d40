//! Compiles `referral/v1/*.proto` without protoc, and keeps the descriptors for reflection and JSON.

use std::path::{Path, PathBuf};
use std::{env, error::Error, fs};

use prost::Message;

fn main() -> Result<(), Box<dyn Error>> {
    let mut files: Vec<PathBuf> = fs::read_dir("referral/v1")?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.sort();
    println!("cargo:rerun-if-changed=referral/v1");
    let descriptors = protox::compile(files, ["."])?;
    #[expect(
        clippy::disallowed_methods,
        reason = "cargo names the output directory this way"
    )]
    let out = env::var("OUT_DIR")?;
    fs::write(
        Path::new(&out).join("descriptors.bin"),
        descriptors.encode_to_vec(),
    )?;
    // In order, so that the same message is the same bytes.
    tonic_prost_build::configure()
        .btree_map(".")
        .compile_fds(descriptors)?;
    Ok(())
}
