//! The authority's key in a process of its own: what is signed crosses a socket, the key never does.
//!
//! [`Signer`] is that process: it opens the key, looks at every certificate before it signs it
//! (`rules.rs`), writes down what it is about to sign, and only then signs. `Apart` is the other end, in the
//! process that serves: it holds the public key and asks. One request at a time goes over a connection: a letter for
//! what is asked, four bytes of length, so many bytes; the answer is the same with `+` or `-` for the letter.

mod apart;
mod key;
mod record;
mod rules;
mod signer;

use std::io::{self, Read, Write};

pub(super) use apart::Apart;
pub use apart::Start;
pub(super) use key::CaKey;
pub use rules::NotSigned;
pub use signer::{Listening, Signer, SignerError};

/// The longest request or answer. Unit: bytes. A certificate with many names takes 4 KiB.
const LONGEST: u32 = 64 << 10;

/// Asks for the authority's certificate.
const CERTIFICATE: u8 = b'c';
/// Asks for a signature on what a certificate will say.
const SIGN: u8 = b's';
/// Asks for a secret that only who holds the key can make.
const SECRET: u8 = b'k';
/// What was asked for.
const GIVEN: u8 = b'+';
/// Why it was refused, as a stable name.
const REFUSED: u8 = b'-';

fn write(to: &mut impl Write, kind: u8, bytes: &[u8]) -> io::Result<()> {
    let length = u32::try_from(bytes.len()).ok();
    let length = length.filter(|length| *length <= LONGEST);
    let length = length.ok_or_else(|| io::Error::other("too long for the authority's socket"))?;
    let mut message = vec![kind];
    message.extend_from_slice(&length.to_be_bytes());
    message.extend_from_slice(bytes);
    to.write_all(&message)
}

/// The next message; `None`: the other end is gone.
fn read(from: &mut impl Read) -> io::Result<Option<(u8, Vec<u8>)>> {
    let mut kind = [0];
    if from.read(&mut kind)? == 0 {
        return Ok(None);
    }
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let length = u32::from_be_bytes(length);
    if length > LONGEST {
        return Err(io::Error::other("too long for the authority's socket"));
    }
    let mut bytes = vec![0; usize::try_from(length).unwrap_or(usize::MAX)];
    from.read_exact(&mut bytes)?;
    Ok(Some((kind[0], bytes)))
}
