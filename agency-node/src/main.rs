//! `agency-node`: an agency's end of the referral federation.

use std::process::ExitCode;

fn main() -> ExitCode {
    referral_runtime::tls::install_crypto();
    agency_node::commands::main()
}
