//! Ways to reach a provider: phones, web pages, e-mail, people.

use std::fmt;

use crate::catalog::Language;
use crate::text::{Name, Text};

/// Most bytes of a web address.
const URL_BYTES: usize = 2_048;
/// Most bytes of an e-mail address (RFC 5321, 4.5.3.1.3).
const EMAIL_BYTES: usize = 254;

/// A telephone number as published, with 3 to 20 digits in it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PhoneNumber(String);

/// An `http` or `https` address without user names in it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WebUrl(String);

/// An e-mail address: something, one `@`, a domain.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct EmailAddress(String);

/// Why a contact detail was refused. Every variant is the sender's to fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidContact {
    /// Not a telephone number.
    #[error("a phone number has 3 to 20 digits and no words")]
    Phone,
    /// Not a web address that may be shown.
    #[error("a web address starts with http:// or https:// and holds no user name")]
    Url,
    /// Not an e-mail address.
    #[error("an e-mail address is written name@domain on one line")]
    Email,
}

impl InvalidContact {
    /// A stable name for this kind of failure.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Phone => "phone_invalid",
            Self::Url => "url_invalid",
            Self::Email => "email_invalid",
        }
    }
}

impl PhoneNumber {
    /// Reads a number as published: digits, `+ ( ) - . / #`, blanks, `x` or `ext` and, for vanity
    /// numbers, letters after at least three digits. Quotation marks around it are dropped.
    ///
    /// # Errors
    /// [`InvalidContact::Phone`] for anything else.
    pub fn parse(text: &str) -> Result<Self, InvalidContact> {
        let text = text.trim().trim_matches('"').trim();
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        let starts =
            text.starts_with(['+', '(', '*']) || text.starts_with(|c: char| c.is_ascii_digit());
        let allowed = |c: char| c.is_ascii_alphanumeric() || " +()-./#*,&;".contains(c);
        if starts && (3..=20).contains(&digits) && text.len() <= 40 && text.chars().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidContact::Phone)
        }
    }

    /// The number as published.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its digits alone: how numbers are compared and found.
    #[must_use]
    pub fn digits(&self) -> String {
        self.0.chars().filter(char::is_ascii_digit).collect()
    }
}

impl WebUrl {
    /// Reads a web address.
    ///
    /// # Errors
    /// [`InvalidContact::Url`] for other schemes, user names, blanks, controls or over 2 kB.
    pub fn parse(text: &str) -> Result<Self, InvalidContact> {
        let text = text.trim();
        let lower = text.get(..8).unwrap_or(text).to_ascii_lowercase();
        let rest = if lower.starts_with("https://") {
            text.get(8..)
        } else if lower.starts_with("http://") {
            text.get(7..)
        } else {
            None
        };
        let host = rest
            .and_then(|rest| rest.split(['/', '?', '#']).next())
            .unwrap_or_default();
        let bad = |c: char| c.is_whitespace() || c.is_control() || "<>\"`{}|\\^".contains(c);
        let host_ok = !host.is_empty() && !host.contains('@') && host.contains('.');
        if host_ok && text.len() <= URL_BYTES && !text.contains(bad) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidContact::Url)
        }
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl EmailAddress {
    /// Reads an e-mail address.
    ///
    /// # Errors
    /// [`InvalidContact::Email`] unless it is `name@domain` in at most 254 bytes without blanks.
    pub fn parse(text: &str) -> Result<Self, InvalidContact> {
        let text = text.trim();
        let (name, domain) = text.split_once('@').ok_or(InvalidContact::Email)?;
        let bad = |c: char| c.is_whitespace() || c.is_control() || "<>\"(),;:\\[]@".contains(c);
        let ok = !name.is_empty()
            && domain.contains('.')
            && !domain.starts_with('.')
            && !domain.ends_with('.')
            && !name.contains(bad)
            && !domain.contains(bad)
            && text.len() <= EMAIL_BYTES;
        if ok {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidContact::Email)
        }
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Numbers stay out of logs: the redacted form.
impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PhoneNumber(..)")
    }
}

/// Addresses stay out of logs: the redacted form.
impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(..)")
    }
}

/// A telephone (HSDS phone).
#[derive(Clone, Debug, PartialEq)]
pub struct Phone {
    /// The number as published.
    pub number: PhoneNumber,
    /// Extension, digits.
    pub extension: Option<Name>,
    /// What it is: voice, fax, text, tty, cell... (HSDS `type`).
    pub kind: Option<Name>,
    /// What the number is for, e.g. "intake line".
    pub description: Option<Text>,
    /// Languages spoken on this line.
    pub languages: Vec<Language>,
}

/// A person or desk to ask for (HSDS contact).
#[derive(Clone, Debug, PartialEq)]
pub struct Contact {
    /// The person's name.
    pub name: Option<Name>,
    /// Their title.
    pub title: Option<Name>,
    /// Their department.
    pub department: Option<Name>,
    /// Their e-mail address.
    pub email: Option<EmailAddress>,
    /// Their telephones.
    pub phones: Vec<Phone>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phone_numbers_are_kept_as_published() {
        for number in [
            "(443) 910-2640",
            "\"+44 1234 234567\"",
            "1-800-GOODDAY",
            "911",
            "410.555.1212 x12",
        ] {
            assert!(PhoneNumber::parse(number).is_ok(), "{number}");
        }
        for wrong in ["call us", "", "12", &"1".repeat(40), "555<script>"] {
            assert!(PhoneNumber::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_plain_web_addresses_are_shown() {
        for url in ["http://example.com", "https://www.mdlaw.net/harford?x=1#y"] {
            assert!(WebUrl::parse(url).is_ok(), "{url}");
        }
        for wrong in [
            "javascript:alert(1)",
            "data:text/html,x",
            "https://user@evil.example",
            "www.x.org",
            "http://",
            "https://a b.c",
        ] {
            assert_eq!(WebUrl::parse(wrong), Err(InvalidContact::Url), "{wrong}");
        }
    }

    #[test]
    fn an_email_address_is_one_line_with_a_domain() {
        assert!(EmailAddress::parse("referrals@bals.org").is_ok());
        for wrong in [
            "a@b",
            "a b@c.org",
            "a@b.org\nBcc: x@y.z",
            "@b.org",
            "a@@b.org",
        ] {
            assert_eq!(
                EmailAddress::parse(wrong),
                Err(InvalidContact::Email),
                "{wrong}"
            );
        }
    }
}
