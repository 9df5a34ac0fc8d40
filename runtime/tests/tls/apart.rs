//! The authority's process signs what it may, writes it down first, and nothing else.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, SanType, date_time_ymd,
};
use referral_runtime::clock::ManualClock;
use referral_runtime::tls::{Authority, NotSigned, Signer};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

use crate::directory::{domain, noon};

fn uri(text: &str) -> SanType {
    SanType::URI(text.try_into().unwrap())
}

fn host(text: &str) -> SanType {
    SanType::DnsName(text.try_into().unwrap())
}

fn set(params: &mut CertificateParams, from: SignedDuration, until: SignedDuration) {
    let at = |offset: SignedDuration| {
        let seconds = (noon() + offset).as_second().unsigned_abs();
        date_time_ymd(1970, 1, 1) + std::time::Duration::from_secs(seconds)
    };
    (params.not_before, params.not_after) = (at(from), at(until));
}

/// What an agency's certificate says.
fn honest() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params.subject_alt_names = vec![uri("spiffe://directory.example/agency/harbor-house")];
    set(
        &mut params,
        SignedDuration::ZERO,
        SignedDuration::from_hours(24),
    );
    params
}

/// The bytes that are to be signed, as somebody makes them who has taken over the process that asks: they name
/// the authority in this folder, or another, as their issuer.
fn said(params: &CertificateParams, issuer: &Path) -> Vec<u8> {
    let authority = Authority::open(issuer, &domain(), noon()).unwrap();
    let (own, theirs) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
    let issuer = Issuer::from_ca_cert_der(authority.certificate(), own).unwrap();
    let signed = params.clone().signed_by(&theirs, &issuer).unwrap();
    let (_, parsed) = X509Certificate::from_der(signed.der()).unwrap();
    parsed.tbs_certificate.as_ref().to_vec()
}

fn signer(folder: &Path, now: Timestamp) -> Signer {
    Signer::open(folder, &domain(), Arc::new(ManualClock::new(now))).unwrap()
}

type Spoil = fn(&mut CertificateParams);

/// What the authority never signs, whoever asks.
const NEVER: [(NotSigned, &str, Spoil); 13] = [
    (NotSigned::Use, "an authority", |p| {
        p.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    }),
    (NotSigned::Use, "an authority by omission", |p| {
        p.is_ca = IsCa::NoCa;
    }),
    (NotSigned::Use, "one that signs certificates", |p| {
        p.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    }),
    (NotSigned::Use, "agency and server at once", |p| {
        p.extended_key_usages = vec![
            ExtendedKeyUsagePurpose::ClientAuth,
            ExtendedKeyUsagePurpose::ServerAuth,
        ];
    }),
    (NotSigned::Use, "for anything", |p| {
        p.extended_key_usages = vec![ExtendedKeyUsagePurpose::Any];
    }),
    (NotSigned::Use, "for nothing", |p| {
        p.extended_key_usages.clear();
    }),
    (NotSigned::Name, "of another directory", |p| {
        p.subject_alt_names = vec![uri("spiffe://elsewhere.example/agency/harbor-house")];
    }),
    (NotSigned::Name, "two agencies", |p| {
        let other = uri("spiffe://directory.example/agency/hope");
        p.subject_alt_names.push(other);
    }),
    (NotSigned::Name, "a host as an agency", |p| {
        p.subject_alt_names = vec![host("directory.example")];
    }),
    (NotSigned::Name, "an agency as a server", |p| {
        p.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    }),
    (NotSigned::Validity, "two days", |p| {
        set(p, SignedDuration::ZERO, SignedDuration::from_hours(48));
    }),
    (NotSigned::Validity, "from tomorrow on", |p| {
        let day = SignedDuration::from_hours(24);
        set(p, day, day);
    }),
    (NotSigned::Validity, "a server for a year", |p| {
        p.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        p.subject_alt_names = vec![host("directory.example")];
        set(
            p,
            SignedDuration::ZERO,
            SignedDuration::from_hours(365 * 24),
        );
    }),
];

#[test]
fn nothing_but_an_agencys_or_the_directorys_own_certificate_is_signed() {
    let folder = tempfile::tempdir().unwrap();
    let signer = signer(folder.path(), noon());
    assert!(signer.sign(&said(&honest(), folder.path())).is_ok());

    for (why, what, spoil) in NEVER {
        let mut params = honest();
        spoil(&mut params);
        let refused = signer.sign(&said(&params, folder.path()));
        assert_eq!(refused, Err(why), "{what}");
    }
    let recorded = std::fs::read_to_string(folder.path().join("issued.log")).unwrap();
    assert_eq!(
        recorded.lines().count(),
        1,
        "what is refused is not recorded as issued"
    );
}

#[test]
fn what_cannot_be_written_down_is_not_signed() {
    let folder = tempfile::tempdir().unwrap();
    symlink("/dev/full", folder.path().join("issued.log")).unwrap();
    let signer = signer(folder.path(), noon());

    let refused = signer.sign(&said(&honest(), folder.path()));

    assert_eq!(refused, Err(NotSigned::Unrecorded));
}

#[test]
fn a_clock_that_went_back_signs_nothing_after_a_restart_either() {
    let folder = tempfile::tempdir().unwrap();
    let asked = said(&honest(), folder.path());
    signer(folder.path(), noon()).sign(&asked).unwrap();

    let earlier = noon() - SignedDuration::from_mins(6);
    let refused = signer(folder.path(), earlier).sign(&asked);

    assert_eq!(refused, Err(NotSigned::ClockBack));
    assert!(signer(folder.path(), noon()).sign(&asked).is_ok());
}
