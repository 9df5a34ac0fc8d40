//! The end that asks: in the process that serves.

use std::fmt;
use std::io;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use tracing::error;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

use super::{CERTIFICATE, GIVEN, SECRET, SIGN, read, write};
use crate::local::connect_to;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Starts the process that holds the key; it is given back once that listens.
pub type Start = Box<dyn Fn() -> io::Result<Child> + Send + Sync>;

/// The authority's key, in a process that is asked over a socket.
pub(in super::super) struct Apart {
    socket: PathBuf,
    line: Mutex<Line>,
    start: Option<Start>,
    certificate: CertificateDer<'static>,
    public_key: Vec<u8>,
}

/// The connection, and the process at its other end where it is ours.
#[derive(Default)]
struct Line {
    stream: Option<UnixStream>,
    child: Option<Child>,
}

/// It ends when its input ends.
impl Drop for Line {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            drop(child.stdin.take());
            if let Err(error) = child.wait() {
                error!("the authority's process was not waited for: {error}");
            }
        }
    }
}

impl Apart {
    /// Reaches the process that listens at `socket`.
    ///
    /// * `start` — starts it where nothing listens, at first and whenever it has gone.
    ///
    /// # Errors
    /// What the system says, or that what answers there is no authority.
    pub(in super::super) fn reach(socket: &Path, start: Option<Start>) -> io::Result<Self> {
        let mut apart = Self {
            socket: socket.to_owned(),
            line: Mutex::default(),
            start,
            certificate: CertificateDer::from(Vec::new()),
            public_key: Vec::new(),
        };
        let certificate = apart.ask(CERTIFICATE, &[])?;
        let public_key = {
            let parsed = X509Certificate::from_der(&certificate);
            let (_, parsed) = parsed.map_err(|_| io::Error::other("it gave no certificate"))?;
            parsed.public_key().subject_public_key.data.to_vec()
        };
        apart.certificate = CertificateDer::from(certificate);
        apart.public_key = public_key;
        Ok(apart)
    }

    /// The authority's certificate.
    #[must_use]
    pub(in super::super) fn certificate(&self) -> &CertificateDer<'static> {
        &self.certificate
    }

    pub(super) fn public_key(&self) -> &[u8] {
        &self.public_key
    }

    /// A signature on what a certificate will say.
    pub(super) fn sign(&self, message: &[u8]) -> io::Result<Vec<u8>> {
        self.ask(SIGN, message).inspect_err(|why| {
            error!(error.type = "authority", "the authority did not sign: {why}");
        })
    }

    /// A secret that only who holds the key can make: the same at every start.
    ///
    /// # Errors
    /// When the authority does not answer.
    pub(in super::super) fn secret(&self) -> io::Result<Vec<u8>> {
        self.ask(SECRET, &[])
    }

    /// Asks, over a new connection where the old one is gone: the other process may have been started again.
    fn ask(&self, kind: u8, bytes: &[u8]) -> io::Result<Vec<u8>> {
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(stream) = line.stream.as_mut()
            && let Ok(answer) = exchange(stream, kind, bytes)
        {
            return answer;
        }
        line.stream = None;
        let mut stream = self.connect(&mut line)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let answer = exchange(&mut stream, kind, bytes)?;
        line.stream = Some(stream);
        answer
    }

    fn connect(&self, line: &mut Line) -> io::Result<UnixStream> {
        let Some(start) = &self.start else {
            return connect_to(&self.socket);
        };
        let gone = |child: &mut Child| !matches!(child.try_wait(), Ok(None));
        if line.child.as_mut().is_none_or(gone) {
            line.child = Some(start()?);
        }
        connect_to(&self.socket)
    }
}

/// The outer error is the connection's, the inner one the answer's.
fn exchange(stream: &mut UnixStream, kind: u8, bytes: &[u8]) -> io::Result<io::Result<Vec<u8>>> {
    write(stream, kind, bytes)?;
    match read(stream)? {
        Some((GIVEN, answer)) => Ok(Ok(answer)),
        Some((_, why)) => {
            let why = String::from_utf8_lossy(&why).into_owned();
            Ok(Err(io::Error::other(why)))
        }
        None => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

impl fmt::Debug for Apart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Apart({})", self.socket.display())
    }
}
