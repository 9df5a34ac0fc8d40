//! From the bytes of a file to its text: which encoding, and what it is when it is not what it says.

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};

use super::error::{Fault, SourceError};

/// Most bytes of one file.
pub(super) const FILE_BYTES: u64 = 100 * MIB;
/// Bytes of a MiB.
pub(super) const MIB: u64 = 1024 * 1024;

/// True for the first bytes of a zip archive, which workbooks are too.
pub(super) fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

/// The text of a file, its line ends made `\n`.
///
/// UTF-8 with or without a mark and UTF-16 with one are read.
///
/// # Errors
/// [`SourceError`] for an empty file, for one that is a workbook, an archive, a web page or no text, and
/// for text in another encoding, with the line of its first foreign byte.
pub(super) fn text(file: &str, bytes: &[u8]) -> Result<String, SourceError> {
    let refuse = |fault| SourceError::new(file, fault);
    if bytes.is_empty() {
        return Err(refuse(Fault::Empty));
    }
    if is_zip(bytes) || bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        return Err(refuse(Fault::Workbook));
    }
    let text = match Encoding::for_bom(bytes) {
        Some((encoding, _)) if encoding == UTF_16LE || encoding == UTF_16BE => {
            let decoded = encoding.decode_with_bom_removal(bytes);
            if decoded.1 {
                return Err(refuse(Fault::BrokenUtf16));
            }
            decoded.0.into_owned()
        }
        _ => utf8(file, bytes)?,
    };
    if text.contains('\0') || bytes.starts_with(b"%PDF") {
        return Err(refuse(Fault::Binary));
    }
    if text.trim().is_empty() {
        return Err(refuse(Fault::Empty));
    }
    if is_web_page(&text) {
        return Err(refuse(Fault::WebPage));
    }
    Ok(text.replace("\r\n", "\n").replace('\r', "\n"))
}

fn utf8(file: &str, bytes: &[u8]) -> Result<String, SourceError> {
    let bytes = bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(wrong) => {
            let before = String::from_utf8_lossy(&bytes[..wrong.valid_up_to()]);
            let fault = if bytes.contains(&0) {
                Fault::Binary
            } else {
                Fault::NotUtf8
            };
            let line = 1 + before.matches('\n').count();
            Err(SourceError::new(file, fault).at(format!("line {line}")))
        }
    }
}

/// A page of HTML, whatever the file is called.
fn is_web_page(text: &str) -> bool {
    let start: String = text.trim_start().chars().take(1_000).collect();
    let start = start.to_ascii_lowercase();
    start.starts_with("<!doctype html")
        || start.starts_with("<html")
        || (start.starts_with('<') && (start.contains("<html") || start.contains("<body")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(bytes: &[u8]) -> &'static str {
        text("file.csv", bytes).unwrap_err().code()
    }

    #[test]
    fn text_is_read_in_the_encodings_spreadsheets_write() {
        let utf16: Vec<u8> = [0xFEFF]
            .into_iter()
            .chain("id,é\r\n".encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect();
        for bytes in ["id,é\n".as_bytes(), "\u{FEFF}id,é\r".as_bytes(), &utf16] {
            assert_eq!(text("file.csv", bytes).unwrap(), "id,é\n");
        }
    }

    #[test]
    fn what_is_no_text_says_what_it_is() {
        assert_eq!(code(b""), "file_empty");
        assert_eq!(code(b" \r\n "), "file_empty");
        assert_eq!(code(b"PK\x03\x04rest"), "file_is_workbook");
        assert_eq!(code(b"\xD0\xCF\x11\xE0rest"), "file_is_workbook");
        assert_eq!(code(b"id,\0"), "file_binary");
        assert_eq!(code(b"\x89PNG\r\n\x1a\n\0\0"), "file_binary");
        assert_eq!(code(b"\xFF\xFEi\0d\0\0"), "text_broken_utf16");
        assert_eq!(code(b"  <!DOCTYPE html><p>Log in"), "file_is_web_page");
    }

    #[test]
    fn another_encoding_is_refused_with_its_line() {
        let wrong = text("file.csv", b"id,name\n1,Jos\xE9\n").unwrap_err();

        assert_eq!(wrong.code(), "text_not_utf8");
        assert_eq!(wrong.place.as_deref(), Some("line 2"));
    }
}
