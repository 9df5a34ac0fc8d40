//! The process that holds the key.

use std::fs::Permissions;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use jiff::SignedDuration;
use rcgen::{PublicKeyData, SigningKey};
use referral_core::id::Hash;
use tracing::{info, warn};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

use super::super::{Authority, AuthorityError, TrustDomain};
use super::record::Record;
use super::rules::{NotSigned, permit};
use super::{CERTIFICATE, GIVEN, REFUSED, SECRET, SIGN, read, write};
use crate::clock::Clock;
use crate::local::bind_at;

/// How far the clock may go back between two signatures.
const BACK: SignedDuration = SignedDuration::from_mins(5);

/// The authority's key, and who may have what signed with it.
#[derive(Debug)]
pub struct Signer {
    authority: Authority,
    domain: TrustDomain,
    /// The authority's own name, in DER.
    name: Vec<u8>,
    record: Mutex<Record>,
    clock: Arc<dyn Clock>,
}

/// Why the authority's process cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum SignerError {
    /// The key or the certificate.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// The record of what is signed, or the socket.
    #[error("the authority's record or socket cannot be used")]
    Io(#[from] io::Error),
}

/// A signer that listens.
#[derive(Debug)]
pub struct Listening {
    signer: Arc<Signer>,
    listener: UnixListener,
}

impl Listening {
    /// Answers whoever connects, for as long as the process lives. Blocks.
    ///
    /// # Errors
    /// [`SignerError::Io`] when nobody can connect any more.
    pub fn answer_all(self) -> Result<(), SignerError> {
        loop {
            let (stream, _) = self.listener.accept()?;
            let signer = Arc::clone(&self.signer);
            let answering = thread::Builder::new().name("authority".to_owned());
            answering.spawn(move || {
                if let Err(error) = signer.answer(stream) {
                    warn!("a connection to the authority ended: {error}");
                }
            })?;
        }
    }
}

impl Signer {
    /// Opens the authority in `folder`, or makes it there.
    ///
    /// # Errors
    /// [`SignerError`].
    pub fn open(
        folder: &Path,
        domain: &TrustDomain,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, SignerError> {
        let authority = Authority::open(folder, domain, clock.now())?;
        let name = match X509Certificate::from_der(authority.certificate()) {
            Ok((_, certificate)) => certificate.subject().as_raw().to_vec(),
            Err(_) => Vec::new(),
        };
        Ok(Self {
            record: Mutex::new(Record::open(folder)?),
            domain: domain.clone(),
            authority,
            name,
            clock,
        })
    }

    /// Listens at `socket`, which is made with these access rights.
    ///
    /// # Errors
    /// [`SignerError::Io`] when the socket cannot be made.
    pub fn listen(self, socket: &Path, mode: u32) -> Result<Listening, SignerError> {
        let listener = bind_at(socket, Permissions::from_mode(mode))?;
        info!("the authority {} signs", self.authority.fingerprint());
        Ok(Listening {
            signer: Arc::new(self),
            listener,
        })
    }

    /// Answers what comes over one connection until it ends.
    fn answer(&self, mut stream: UnixStream) -> io::Result<()> {
        while let Some((kind, asked)) = read(&mut stream)? {
            match kind {
                CERTIFICATE => write(&mut stream, GIVEN, self.authority.certificate())?,
                SECRET => write(&mut stream, GIVEN, self.secret().as_bytes())?,
                SIGN => match self.sign(&asked) {
                    Ok(signature) => write(&mut stream, GIVEN, &signature)?,
                    Err(why) => {
                        warn!(error.type = why.code(), "not signed: {why}");
                        write(&mut stream, REFUSED, why.code().as_bytes())?;
                    }
                },
                _ => return Err(io::Error::other("it asks for what there is not")),
            }
        }
        Ok(())
    }

    /// Signs what a certificate will say, once it is permitted and written down.
    ///
    /// # Errors
    /// [`NotSigned`].
    pub fn sign(&self, said: &[u8]) -> Result<Vec<u8>, NotSigned> {
        let now = self.clock.now();
        let permitted = permit(said, &self.name, &self.domain, now)?;
        let mut record = self.record.lock().unwrap_or_else(PoisonError::into_inner);
        if record
            .last()
            .is_some_and(|last| last.duration_since(now) > BACK)
        {
            return Err(NotSigned::ClockBack);
        }
        record
            .note(&permitted, now)
            .map_err(|_| NotSigned::Unrecorded)?;
        let key = self.authority.key();
        key.sign(said).map_err(|_| NotSigned::NoCertificate)
    }

    fn secret(&self) -> Hash {
        let public = self.authority.key().der_bytes();
        self.authority.secret_for(public)
    }
}
