//! An address as a QR code (ISO/IEC 18004), drawn by the page itself as one path.

use std::fmt::Write;

use fast_qr::{ECL, QRBuilder};

/// Empty modules around the code, as the standard asks.
const QUIET: usize = 4;

/// A code, ready to draw: black on white whatever the page's colours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Code {
    /// Modules from edge to edge, the empty ones among them.
    pub(super) size: usize,
    /// What is black: SVG's `d`.
    pub(super) path: String,
}

impl Code {
    /// The code of an address; `None` where it is too long for one that a telephone reads from paper.
    pub(super) fn of(address: &str) -> Option<Self> {
        let code = QRBuilder::new(address).ecl(ECL::M).build().ok()?;
        let mut path = String::new();
        for y in 0..code.size {
            let dark: Vec<bool> = code[y][..code.size].iter().map(|m| m.value()).collect();
            let mut x = 0;
            for run in dark.chunk_by(|a, b| a == b) {
                if run[0] {
                    let (left, top, width) = (x + QUIET, y + QUIET, run.len());
                    // A String takes everything that is written to it.
                    let _infallible = write!(path, "M{left} {top}h{width}v1h-{width}z");
                }
                x += run.len();
            }
        }
        Some(Self {
            size: code.size + 2 * QUIET,
            path,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_three_corners_and_an_empty_edge() {
        let code = Code::of("https://directory.example/handout?need=dom%3Aleg&near=28202").unwrap();

        let far = code.size - QUIET - 7;
        for (x, y) in [(QUIET, QUIET), (far, QUIET), (QUIET, far)] {
            assert!(code.path.contains(&format!("M{x} {y}h7v1h-7z")), "{x}, {y}");
        }
        assert!(!code.path.contains("M0 ") && !code.path.contains("M3 "));
    }

    #[test]
    fn what_no_code_holds_has_none() {
        assert_eq!(Code::of(&"x".repeat(5_000)), None);
    }
}
