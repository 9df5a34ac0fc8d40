//! A document in a file behind a line with its checksum: what was changed by hand or by a bad disk is noticed.

use referral_core::id::{Hash, hex};

/// The bytes of the file.
pub(crate) fn seal(document: &[u8]) -> Vec<u8> {
    let mut bytes = checksum(document).into_bytes();
    bytes.push(b'\n');
    bytes.extend(document);
    bytes
}

/// The document in a file; `None` when it is not as it was written.
pub(crate) fn unseal(bytes: &[u8]) -> Option<&[u8]> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let (stated, document) = (&bytes[..end], &bytes[end + 1..]);
    (stated == checksum(document).as_bytes()).then_some(document)
}

fn checksum(document: &[u8]) -> String {
    hex(Hash::of(&[document]).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_read_as_it_was_sealed_and_not_at_all_when_a_byte_is_another() {
        let sealed = seal(b"{\"a\":1}\n");
        assert_eq!(unseal(&sealed), Some(b"{\"a\":1}\n".as_slice()));

        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(unseal(&changed), None, "byte {at}");
        }
        assert_eq!(unseal(b""), None);
    }
}
