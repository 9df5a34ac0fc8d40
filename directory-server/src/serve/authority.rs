//! The authority, with its key in a process of its own where the directory serves.

use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::Context;
use jiff::Timestamp;
use referral_runtime::data_dir::{DataDir, write_secret};
use referral_runtime::tls::{Authority, Start, TrustDomain, certificate_to_pem};

use crate::config::Config;
use crate::life::AUTHORITY;

/// What the authority's process says on its output once it listens.
pub(crate) const READY: &str = "ready";
/// The socket of the process that serve starts, in the data directory.
const SOCKET: &str = "authority.sock";
/// The authority's certificate, in its folder.
const CERTIFICATE: &str = "ca.pem";

/// The authority as the configuration has it.
pub(super) fn open(
    data: &DataDir,
    config: &Config,
    domain: &TrustDomain,
    now: Timestamp,
) -> anyhow::Result<Authority> {
    let folder = data.subdirectory(AUTHORITY)?;
    if let Some(socket) = &config.authority.socket {
        let authority = Authority::reach(socket, domain, None).context(
            "no authority answers: start `directory-server authority serve` with this socket first",
        )?;
        keep_certificate(&folder.join(CERTIFICATE), &authority)?;
        return Ok(authority);
    }
    if config.authority.apart {
        let socket = data.path().join(SOCKET);
        let start = start(folder, socket.clone(), domain.to_string())?;
        return Ok(Authority::reach(&socket, domain, Some(start))?);
    }
    Ok(Authority::open(&folder, domain, now)?)
}

/// Keeps the certificate of an authority that lives elsewhere: by it a data directory is known to have had one, and
/// backups say whose they are. Another than the one that is kept is refused.
fn keep_certificate(file: &Path, authority: &Authority) -> anyhow::Result<()> {
    let own = certificate_to_pem(std::slice::from_ref(authority.certificate()));
    match std::fs::read(file) {
        Ok(kept) if kept == own.as_bytes() => Ok(()),
        Ok(_) => anyhow::bail!(
            "the authority that answers is another than that of {}: agencies would not know this directory",
            file.display()
        ),
        Err(error) if error.kind() == io::ErrorKind::NotFound => write_secret(file, own.as_bytes())
            .with_context(|| format!("cannot write {}", file.display())),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", file.display())),
    }
}

/// How this program starts itself as the authority's process. That ends when this one does.
fn start(folder: PathBuf, socket: PathBuf, domain: String) -> anyhow::Result<Start> {
    let program = std::env::current_exe().context("this program does not know where it is")?;
    Ok(Box::new(move || {
        let mut command = Command::new(&program);
        command.args(["authority", "serve", "--with-parent", "--folder"]);
        command.arg(&folder).arg("--socket").arg(&socket);
        command.args(["--trust-domain", &domain]);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        wait_until_ready(&mut child)?;
        Ok(child)
    }))
}

fn wait_until_ready(child: &mut Child) -> io::Result<()> {
    let mut said = String::new();
    if let Some(output) = child.stdout.take() {
        BufReader::new(output).read_line(&mut said)?;
    }
    if said.trim_end() == READY {
        return Ok(());
    }
    // What it wrote to standard error says why.
    let _ended = child.wait()?;
    Err(io::Error::other("the authority's process did not begin"))
}
