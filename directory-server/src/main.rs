//! The `directory-server` program.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// A search makes hundreds of small strings; after a start that reads every listing, the system's allocator
/// hands them out from all over its memory, and a search waits for that.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    directory_server::commands::main()
}
