//! By what it is known: numbers of persons, telephones that cost the caller money, web addresses that pose
//! as others.

use crate::catalog::{PhoneNumber, WebUrl};
use crate::lookalike;

/// Whether a text holds what looks like the number of one person: an alien registration number (A and 8 or 9
/// digits) or a social security number (3, 2 and 4 digits).
#[must_use]
pub fn holds_person_number(text: &str) -> bool {
    let letters: Vec<char> = text.chars().collect();
    (0..letters.len()).any(|at| {
        let begins = at == 0 || !letters[at - 1].is_alphanumeric();
        begins && (is_alien_number(&letters[at..]) || is_social_security_number(&letters[at..]))
    })
}

/// Whether a number costs its caller money in North America: area code 900, or exchange 976.
#[must_use]
pub fn is_premium_rate(number: &PhoneNumber) -> bool {
    let digits = number.digits();
    let national = match digits.len() {
        10 => &digits[..],
        11 => digits.strip_prefix('1').unwrap_or_default(),
        _ => return false,
    };
    national.starts_with("900") || national.get(3..6) == Some("976")
}

/// Whether the host of a web address is written to be taken for another.
#[must_use]
pub fn poses_as_other_host(url: &WebUrl) -> bool {
    let host = url.as_str().split('/').nth(2).unwrap_or_default();
    !host.is_ascii() && lookalike::suspicion(&host.replace('.', " ")).is_some()
}

/// `A123456789`, `A 12345678`, `A#123-456-789`.
fn is_alien_number(letters: &[char]) -> bool {
    let Some(rest) = letters
        .strip_prefix(&['A'])
        .or(letters.strip_prefix(&['a']))
    else {
        return false;
    };
    let sign = |c: &&char| matches!(c, ' ' | '-' | '#' | ':' | '.');
    let rest = &rest[rest.iter().take(2).take_while(sign).count()..];
    [&[9][..], &[8], &[3, 3, 3], &[2, 3, 3]]
        .into_iter()
        .any(|groups| is_grouped(rest, groups))
}

fn is_social_security_number(letters: &[char]) -> bool {
    is_grouped(letters, &[3, 2, 4])
}

/// Whether there are so many digits, a blank or hyphen between groups, and no digit or letter after them.
fn is_grouped(mut letters: &[char], groups: &[usize]) -> bool {
    for (number, group) in groups.iter().enumerate() {
        if number > 0 {
            let [' ' | '-', rest @ ..] = letters else {
                return false;
            };
            letters = rest;
        }
        let Some((digits, rest)) = letters.split_at_checked(*group) else {
            return false;
        };
        if !digits.iter().all(char::is_ascii_digit) {
            return false;
        }
        letters = rest;
    }
    match letters {
        [] => true,
        [' ' | '-', next, ..] => !next.is_ascii_digit(),
        [next, ..] => !next.is_alphanumeric(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_persons_are_found_however_they_are_written() {
        for text in [
            "A123 456 789",
            "client A123456789, detained",
            "a#12345678",
            "A-123-456-789.",
            "SSN 078-05-1120",
            "(078 05 1120)",
        ] {
            assert!(holds_person_number(text), "{text}");
        }
    }

    #[test]
    fn other_numbers_are_left_alone() {
        for text in [
            "A 24-hour line: 410-555-0100",
            "Suite A 410 555 0100",
            "call (443) 910-2640 or 1-800-273-8255",
            "EIN 52-1234567",
            "A1234567",
            "BA123456789",
            "ZIP 21201-1234, 123-45-67890",
            "2026-05-01",
            "Form I-589, A 12 345 678 9",
        ] {
            assert!(!holds_person_number(text), "{text}");
        }
    }

    #[test]
    fn telephones_that_cost_the_caller_money_are_known() {
        for (number, premium) in [
            ("900-555-0100", true),
            ("1 (900) 555-0100", true),
            ("+1 410 976 1234", true),
            ("410-555-0900", false),
            ("+49 900 1234567", false),
            ("911", false),
        ] {
            let parsed = PhoneNumber::parse(number).unwrap();
            assert_eq!(is_premium_rate(&parsed), premium, "{number}");
        }
    }

    #[test]
    fn hosts_that_pose_as_others_are_known() {
        for (url, poses) in [
            ("https://www.uscis.gov/", false),
            ("https://www.uscіs.gov/", true),
            ("https://asociación.example/", false),
            ("https://правда.example/%D1%96", false),
        ] {
            let parsed = WebUrl::parse(url).unwrap();
            assert_eq!(poses_as_other_host(&parsed), poses, "{url}");
        }
    }
}
