//! The `directory-server` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    directory_server::commands::main()
}
