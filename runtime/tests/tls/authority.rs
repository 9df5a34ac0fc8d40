//! The authority's files: made once, kept, and never silently replaced.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use referral_runtime::tls::{Authority, AuthorityError, TrustDomain, certificate_from_pem};

use crate::directory::{DAY, domain, noon};

#[test]
fn an_authority_is_made_once_and_then_loaded() {
    let files = tempfile::tempdir().unwrap();
    let made = Authority::open(files.path(), &domain(), noon()).unwrap();

    let loaded = Authority::open(files.path(), &domain(), noon()).unwrap();

    assert_eq!(loaded.fingerprint(), made.fingerprint());
    let pem = fs::read(files.path().join("ca.pem")).unwrap();
    assert_eq!(&certificate_from_pem(&pem).unwrap(), made.certificate());
}

#[test]
fn only_the_owner_may_read_the_authoritys_key() {
    let files = tempfile::tempdir().unwrap();
    Authority::open(files.path(), &domain(), noon()).unwrap();

    let mode = fs::metadata(files.path().join("ca.key"))
        .unwrap()
        .permissions()
        .mode();

    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn an_authority_whose_making_was_cut_short_is_made_whole_with_the_same_key() {
    let files = tempfile::tempdir().unwrap();
    Authority::open(files.path(), &domain(), noon()).unwrap();
    let key = fs::read(files.path().join("ca.key")).unwrap();
    fs::remove_file(files.path().join("ca.pem")).unwrap();

    Authority::open(files.path(), &domain(), noon()).unwrap();

    assert_eq!(fs::read(files.path().join("ca.key")).unwrap(), key);
}

#[test]
fn a_lost_or_broken_file_is_named_and_nothing_is_replaced() {
    let cases: [(&str, Option<&str>); 4] = [
        ("ca.key", None),
        ("ca.key", Some("not a key")),
        ("ca.pem", Some("not a certificate")),
        ("ca.pem", Some("")),
    ];
    for (file, content) in cases {
        let files = tempfile::tempdir().unwrap();
        Authority::open(files.path(), &domain(), noon()).unwrap();
        let path = files.path().join(file);
        match content {
            Some(text) => fs::write(&path, text).unwrap(),
            None => fs::remove_file(&path).unwrap(),
        }

        let refused = Authority::open(files.path(), &domain(), noon()).unwrap_err();

        assert!(
            matches!(refused, AuthorityError::Unusable { .. }),
            "{refused}"
        );
        assert!(refused.to_string().contains(file), "{refused}");
        assert_eq!(fs::read_to_string(&path).ok().as_deref(), content);
    }
}

#[test]
fn a_key_that_does_not_belong_to_the_certificate_is_refused() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for files in [&one, &other] {
        Authority::open(files.path(), &domain(), noon()).unwrap();
    }
    fs::copy(other.path().join("ca.key"), one.path().join("ca.key")).unwrap();

    let refused = Authority::open(one.path(), &domain(), noon()).unwrap_err();

    assert!(
        matches!(refused, AuthorityError::Unusable { .. }),
        "{refused}"
    );
}

#[test]
fn an_authority_serves_only_the_trust_domain_it_was_made_for() {
    let files = tempfile::tempdir().unwrap();
    Authority::open(files.path(), &domain(), noon()).unwrap();
    let elsewhere = TrustDomain::parse("elsewhere.example").unwrap();

    let refused = Authority::open(files.path(), &elsewhere, noon()).unwrap_err();

    assert!(
        matches!(refused, AuthorityError::OtherDomain { .. }),
        "{refused}"
    );
}

#[test]
fn a_name_that_is_no_host_name_gets_no_certificate() {
    let files = tempfile::tempdir().unwrap();
    let authority = Authority::open(files.path(), &domain(), noon()).unwrap();

    let refused = authority.issue_server(&["caf\u{e9} example".to_owned()], DAY, noon());

    assert!(matches!(refused, Err(AuthorityError::Certificate(_))));
}
