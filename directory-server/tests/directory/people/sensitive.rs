//! What must not reach a log by accident cannot be written into one: the types have no `Display`, and their
//! `Debug` says nothing.

use std::fmt::Display;

use directory_server::people::{Password, Secret};
use referral_core::catalog::{EmailAddress, PhoneNumber};
use referral_core::federation::ListingKey;
use referral_core::search::{Circumstances, Query};
use referral_runtime::tls::{Fingerprint, JoinToken, NewKey};

/// Has two meanings for a type with `Display`, so that naming it does not compile.
trait WithoutDisplay<Meaning> {
    fn holds() {}
}

impl<T> WithoutDisplay<()> for T {}

struct Other;

impl<T: Display> WithoutDisplay<Other> for T {}

/// Does not compile where one of the types has `Display`.
macro_rules! have_no_display {
    ($($sensitive:ty),+ $(,)?) => {
        $(<$sensitive as WithoutDisplay<_>>::holds();)+
    };
}

#[test]
fn sensitive_types_have_no_display() {
    have_no_display!(
        PhoneNumber,
        EmailAddress,
        Password,
        Secret,
        JoinToken,
        NewKey,
        ListingKey,
        Query,
        Circumstances,
    );
}

#[test]
fn sensitive_types_say_nothing_when_they_are_debugged() {
    let words = "quince medlar";
    let query = Query {
        text: words.to_owned(),
        ..Query::default()
    };
    let token = JoinToken::generate(Fingerprint::try_from([7; 32].as_slice()).unwrap()).unwrap();
    let key = NewKey::generate().unwrap();
    let pem = key.reveal_pem();
    let key_line = pem.lines().nth(1).unwrap().to_owned();
    for (said, secret) in [
        (
            format!("{:?}", PhoneNumber::parse("210-555-0177").unwrap()),
            "0177".to_owned(),
        ),
        (
            format!("{:?}", EmailAddress::parse("ana@example.org").unwrap()),
            "ana".to_owned(),
        ),
        (
            format!("{:?}", Password::typed("correct horse battery")),
            "horse".to_owned(),
        ),
        (format!("{query:?}"), words.to_owned()),
        (format!("{token:?}"), token.reveal()),
        (format!("{key:?}"), key_line),
    ] {
        assert!(!said.contains(&secret), "{said}");
    }
}
