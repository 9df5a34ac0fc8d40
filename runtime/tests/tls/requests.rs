//! Certificate requests, honest and otherwise: of an honest one only the key counts.

use jiff::{SignedDuration, Timestamp};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, KeyPair, SanType};
use referral_core::federation::ListingKey;
use referral_runtime::tls::{
    Authority, CertificateRequest, InvalidPeer, InvalidRequest, Issued, Member, NewKey, Peer,
    Serial, TrustDomain,
};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

use crate::directory::{DAY, agency, domain, member, noon, stranger};

fn request_with(change: impl FnOnce(&mut CertificateParams)) -> Vec<u8> {
    let mut params = CertificateParams::default();
    change(&mut params);
    let request = params.serialize_request(&KeyPair::generate().unwrap());
    request.unwrap().der().to_vec()
}

fn issue(authority: &Authority, request: &[u8], id: &str) -> (Issued, Serial) {
    let request = CertificateRequest::parse(request).unwrap();
    let serial = Serial::random().unwrap();
    let issued = authority.issue_agency(&request, member(&agency(id)), serial, DAY, noon());
    (issued.unwrap(), serial)
}

#[test]
fn a_request_for_another_agencys_name_gets_its_own() {
    let authority = stranger();
    let greedy = request_with(|params| {
        let uri = "spiffe://directory.example/agency/harbor-house";
        params.subject_alt_names = vec![
            SanType::URI(uri.try_into().unwrap()),
            SanType::DnsName("localhost".try_into().unwrap()),
        ];
        params
            .distinguished_name
            .push(DnType::CommonName, "harbor-house");
    });

    let (issued, serial) = issue(&authority, &greedy, "other-house");

    let peer = Peer::in_certificate(&issued.chain[0], &domain()).unwrap();
    assert_eq!(peer.agency, agency("other-house"));
    assert_eq!(peer.serial, serial);
    assert_eq!(
        peer.key_hash,
        CertificateRequest::parse(&greedy).unwrap().key_hash()
    );
    let (_, certificate) = X509Certificate::from_der(&issued.chain[0]).unwrap();
    let names = certificate.subject_alternative_name().unwrap().unwrap();
    assert_eq!(names.value.general_names.len(), 1);
    assert!(!certificate.is_ca());
}

#[test]
fn a_certificate_is_valid_from_a_little_before_now_for_as_long_as_was_said() {
    let (issued, _) = issue(&stranger(), &request_with(|_| {}), "harbor-house");

    let (_, certificate) = X509Certificate::from_der(&issued.chain[0]).unwrap();
    let validity = certificate.validity();

    let now = noon().as_second();
    assert_eq!(validity.not_before.timestamp(), now - 5 * 60);
    assert_eq!(validity.not_after.timestamp(), now + 24 * 3600);
    assert_eq!(issued.not_after.as_second(), now + 24 * 3600);
}

#[test]
fn a_certificate_says_the_agencys_name_and_listing_key_and_an_older_one_neither() {
    let authority = stranger();
    let request = CertificateRequest::parse(&request_with(|_| {})).unwrap();
    let key = ListingKey::from_seed(&[7; 32]).public();
    let id = agency("harbor");
    let name = "Maison d'accueil Ste-Thérèse ".repeat(10);
    let issue = |listing_key| {
        let says = Member {
            agency: &id,
            name: &name,
            listing_key,
        };
        let serial = Serial::random().unwrap();
        let issued = authority.issue_agency(&request, says, serial, DAY, noon());
        Peer::in_certificate(&issued.unwrap().chain[0], &domain()).unwrap()
    };

    let with = issue(Some(&key));
    let without = issue(None);

    assert_eq!(with.agency, id);
    assert_eq!(with.name.as_ref(), Some(&name));
    assert_eq!(with.listing_key, Some(key));
    assert_eq!(with.not_after, noon() + DAY);
    assert_eq!(without.listing_key, None);
}

#[test]
fn no_certificate_lives_longer_than_a_day_or_outlives_its_authority() {
    let authority = stranger();
    let request = CertificateRequest::parse(&request_with(|_| {})).unwrap();
    let (_, own) = X509Certificate::from_der(authority.certificate()).unwrap();
    let end = Timestamp::from_second(own.validity().not_after.timestamp()).unwrap();
    let long = 100 * 365 * DAY;
    let last_hour = end - SignedDuration::from_hours(1);
    for (now, expected) in [(noon(), noon() + DAY), (last_hour, end)] {
        let serial = Serial::random().unwrap();

        let issued = authority.issue_agency(&request, member(&agency("aa")), serial, long, now);

        assert_eq!(issued.unwrap().not_after, expected);
    }
}

#[test]
fn an_authority_knows_its_own_certificates_expired_or_not_and_no_other() {
    let (authority, other) = (stranger(), stranger());
    let request = CertificateRequest::parse(&request_with(|_| {})).unwrap();
    let issue = |by: &Authority| {
        let serial = Serial::random().unwrap();
        let issued = by.issue_agency(&request, member(&agency("aa")), serial, DAY, noon());
        issued.unwrap().leaf()
    };
    let (own, foreign) = (issue(&authority), issue(&other));
    let mut changed = own.clone();
    *changed.last_mut().unwrap() ^= 1;

    assert_eq!(authority.member(&own).unwrap().agency, agency("aa"));
    for wrong in [
        foreign,
        changed,
        Vec::new(),
        authority.certificate().to_vec(),
    ] {
        assert!(authority.member(&wrong).is_err());
    }
}

#[test]
fn a_request_to_become_an_authority_is_refused() {
    let ambitious = request_with(|params| params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained));

    let refused = CertificateRequest::parse(&ambitious);

    assert_eq!(refused, Err(InvalidRequest::AsksForAuthority));
}

#[test]
fn weak_and_unusual_keys_are_refused() {
    for request in [
        &include_bytes!("../fixtures/rsa-1024.csr.der")[..],
        include_bytes!("../fixtures/rsa-2048.csr.der"),
        include_bytes!("../fixtures/p521.csr.der"),
        include_bytes!("../fixtures/p256-sha1.csr.der"),
    ] {
        let refused = CertificateRequest::parse(request);

        assert_eq!(refused, Err(InvalidRequest::UnsupportedKey));
    }
}

#[test]
fn the_other_strong_keys_are_welcome() {
    for request in [
        &include_bytes!("../fixtures/p384.csr.der")[..],
        include_bytes!("../fixtures/ed25519.csr.der"),
    ] {
        let (issued, _) = issue(&stranger(), request, "harbor-house");

        assert!(Peer::in_certificate(&issued.chain[0], &domain()).is_ok());
    }
}

#[test]
fn a_request_that_does_not_prove_its_key_is_refused() {
    let mut forged = request_with(|_| {});
    let last = forged.len() - 1;
    forged[last] ^= 1;

    assert_eq!(
        CertificateRequest::parse(&forged),
        Err(InvalidRequest::BadSignature)
    );
}

#[test]
fn what_is_no_request_is_refused() {
    let mut trailing = request_with(|_| {});
    trailing.push(0);

    assert_eq!(
        CertificateRequest::parse(b""),
        Err(InvalidRequest::Malformed)
    );
    assert_eq!(
        CertificateRequest::parse(&trailing),
        Err(InvalidRequest::Malformed)
    );
    assert_eq!(
        CertificateRequest::parse(&vec![0x30; 64 * 1024 + 1]),
        Err(InvalidRequest::TooLong)
    );
}

#[test]
fn a_nodes_own_request_asks_for_no_name() {
    let request = NewKey::generate().unwrap().request().unwrap();

    let text = String::from_utf8_lossy(&request).into_owned();

    assert!(!text.contains("rcgen"), "{text}");
    assert!(CertificateRequest::parse(&request).is_ok());
}

#[test]
fn a_certificate_of_another_trust_domain_names_no_agency_here() {
    let (issued, _) = issue(&stranger(), &request_with(|_| {}), "harbor-house");
    let elsewhere = TrustDomain::parse("elsewhere.example").unwrap();

    let nobody = Peer::in_certificate(&issued.chain[0], &elsewhere);

    assert_eq!(nobody, Err(InvalidPeer::NotAnAgency));
}

#[test]
fn a_certificate_with_two_uris_names_nobody() {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::default();
    params.serial_number = Some(Serial::random().unwrap().as_bytes().to_vec().into());
    params.subject_alt_names = ["aa", "bb"]
        .map(|id| format!("spiffe://directory.example/agency/{id}"))
        .map(|uri| SanType::URI(uri.as_str().try_into().unwrap()))
        .to_vec();
    let certificate = params.self_signed(&key).unwrap();

    let nobody = Peer::in_certificate(certificate.der(), &domain());

    assert_eq!(nobody, Err(InvalidPeer::NotAnAgency));
}

#[test]
fn a_common_name_names_nobody() {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::default();
    params.serial_number = Some(Serial::random().unwrap().as_bytes().to_vec().into());
    params
        .distinguished_name
        .push(DnType::CommonName, "harbor-house");
    let certificate = params.self_signed(&key).unwrap();

    let nobody = Peer::in_certificate(certificate.der(), &domain());

    assert_eq!(nobody, Err(InvalidPeer::NotAnAgency));
}
