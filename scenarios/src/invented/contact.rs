//! Telephones, web pages and mailboxes that reach nobody.
//!
//! Numbers are 555-0100 to 555-0199, which are set aside for fiction; web and mail addresses end in
//! `.example` (RFC 2606).

use rand::RngExt;
use referral_core::catalog::{EmailAddress, Language, LanguageMode, Phone, PhoneNumber, WebUrl};
use referral_core::geo::StateCode;

use super::dice::{Dice, chance};
use super::words::{name, tag, text};

/// One area code of each state.
const AREA_CODES: [(&str, u16); 51] = [
    ("AL", 205),
    ("AK", 907),
    ("AZ", 602),
    ("AR", 501),
    ("CA", 213),
    ("CO", 303),
    ("CT", 203),
    ("DC", 202),
    ("DE", 302),
    ("FL", 305),
    ("GA", 404),
    ("HI", 808),
    ("IA", 515),
    ("ID", 208),
    ("IL", 312),
    ("IN", 317),
    ("KS", 316),
    ("KY", 502),
    ("LA", 504),
    ("MA", 617),
    ("MD", 410),
    ("ME", 207),
    ("MI", 313),
    ("MN", 612),
    ("MO", 314),
    ("MS", 601),
    ("MT", 406),
    ("NC", 704),
    ("ND", 701),
    ("NE", 402),
    ("NH", 603),
    ("NJ", 201),
    ("NM", 505),
    ("NV", 702),
    ("NY", 212),
    ("OH", 216),
    ("OK", 405),
    ("OR", 503),
    ("PA", 215),
    ("RI", 401),
    ("SC", 803),
    ("SD", 605),
    ("TN", 615),
    ("TX", 210),
    ("UT", 801),
    ("VA", 703),
    ("VT", 802),
    ("WA", 206),
    ("WI", 414),
    ("WV", 304),
    ("WY", 307),
];

/// The area code of numbers that belong to no state.
const TOLL_FREE: u16 = 800;

/// A telephone in the state, or a toll-free one, for what `purpose` says.
pub(crate) fn phone(state: Option<StateCode>, purpose: &str, dice: &mut Dice) -> Phone {
    let area = state.and_then(area_code).unwrap_or(TOLL_FREE);
    let line = dice.random_range(100..200_u16);
    let number = PhoneNumber::parse(&format!("({area}) 555-0{line}"));
    #[expect(
        clippy::expect_used,
        reason = "ten digits and their usual marks are a number"
    )]
    let number = number.expect("a number of the fiction range");
    let spanish = chance(dice, 0.5).then(|| Language {
        tag: tag("es"),
        mode: LanguageMode::Channel,
        name: Some(name("Spanish")),
        note: None,
    });
    Phone {
        number,
        extension: chance(dice, 0.1).then(|| name(&format!("{}", dice.random_range(10..99_u8)))),
        kind: Some(name("voice")),
        description: Some(text(purpose)),
        languages: spanish.into_iter().collect(),
    }
}

/// The web site of an organization with this compound, or a page of it.
pub(crate) fn web(compound: &str, page: &str) -> Option<WebUrl> {
    WebUrl::parse(&format!(
        "https://{}.example/{page}",
        compound.to_lowercase()
    ))
    .ok()
}

/// A mailbox of an organization with this compound.
pub(crate) fn mailbox(compound: &str, desk: &str) -> Option<EmailAddress> {
    EmailAddress::parse(&format!("{desk}@{}.example", compound.to_lowercase())).ok()
}

fn area_code(state: StateCode) -> Option<u16> {
    let row = AREA_CODES
        .iter()
        .find(|(code, _)| *code == state.as_str())?;
    Some(row.1)
}
