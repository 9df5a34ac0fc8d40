//! A U.S. address in one cell, taken apart.

/// The parts of an address; those that are not given are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct UsAddress {
    pub(super) address_1: String,
    pub(super) address_2: String,
    pub(super) city: String,
    pub(super) state: String,
    pub(super) zip: String,
}

/// Takes apart `street, suite, city, ST 12345`, of which any part but the state may be missing. `None` for
/// text that does not end in a state.
pub(super) fn parse(text: &str) -> Option<UsAddress> {
    let mut parts: Vec<&str> = text.split(',').map(str::trim).collect();
    parts.retain(|part| !part.is_empty());
    let (state, zip) = state_and_zip(parts.pop()?)?;
    let city = parts.pop().unwrap_or_default();
    let (first, rest) = match street_at(&parts) {
        Some(at) => (parts[at], [&parts[..at], &parts[at + 1..]].concat()),
        None => ("", parts.clone()),
    };
    Some(UsAddress {
        address_1: first.to_owned(),
        address_2: rest.join(", "),
        city: city.to_owned(),
        state,
        zip,
    })
}

/// `FL 33133`, `FL 33133-1234` or `FL`.
fn state_and_zip(part: &str) -> Option<(String, String)> {
    let mut words = part.split_whitespace();
    let state = words.next()?;
    let zip = words.next().unwrap_or_default();
    let is_state = state.len() == 2 && state.bytes().all(|b| b.is_ascii_uppercase());
    let is_zip = zip.is_empty()
        || (matches!(zip.len(), 5 | 10) && zip.bytes().all(|b| b.is_ascii_digit() || b == b'-'));
    let fits = is_state && is_zip && words.next().is_none();
    fits.then(|| (state.to_owned(), zip.to_owned()))
}

/// The first part with a number in front, else the first: before it stands the name of a building.
fn street_at(parts: &[&str]) -> Option<usize> {
    let numbered = |part: &&str| part.starts_with(|c: char| c.is_ascii_digit());
    let first = (!parts.is_empty()).then_some(0);
    parts.iter().position(numbered).or(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Option<[String; 5]> {
        parse(text).map(|a| [a.address_1, a.address_2, a.city, a.state, a.zip])
    }

    #[test]
    fn addresses_on_one_line_are_taken_apart() {
        for (text, expected) in [
            (
                "2400 S. Dixie Highway, Suite #104, Miami, FL 33133",
                [
                    "2400 S. Dixie Highway",
                    "Suite #104",
                    "Miami",
                    "FL",
                    "33133",
                ],
            ),
            (
                "The Center, 9309 N. Florida Ave., Suite 109, Tampa, FL 33612-1000",
                [
                    "9309 N. Florida Ave.",
                    "The Center, Suite 109",
                    "Tampa",
                    "FL",
                    "33612-1000",
                ],
            ),
            ("Homestead, FL", ["", "", "Homestead", "FL", ""]),
            ("FL 32955", ["", "", "", "FL", "32955"]),
            ("FL", ["", "", "", "FL", ""]),
        ] {
            assert_eq!(parts(text), Some(expected.map(str::to_owned)), "{text}");
        }
    }

    #[test]
    fn what_ends_in_no_state_is_no_address() {
        for text in [
            "",
            "<b>IL</b>,",
            "12 Oak Street",
            "Miami, Florida",
            "Call for address",
        ] {
            assert_eq!(parts(text), None, "{text}");
        }
    }
}
