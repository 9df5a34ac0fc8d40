//! The directory's certificate authority: created once, then loaded.
//!
//! Its key never leaves `ca.key`; a process of its own may hold it ([`super::Signer`]). It signs two kinds of certificate: the directory's own for servers, and
//! agencies' for clients. What a certificate says is decided here, never by the one who asks.

use std::io;
use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, PublicKeyData, SanType, SerialNumber, date_time_ymd,
};
use referral_core::federation::PublicKey;
use referral_core::id::{AgencyId, Hash};
use rustls::pki_types::CertificateDer;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer;

use super::authority_error::AuthorityError;
use super::signing::{Apart, CaKey, Start};
use super::{
    CertificateRequest, Fingerprint, Identity, InvalidPeer, NewKey, Peer, Serial, TrustDomain,
    certificate_from_pem, certificate_to_pem, peer,
};
use crate::data_dir::write_secret;

const KEY_FILE: &str = "ca.key";
const CERTIFICATE_FILE: &str = "ca.pem";
/// How long an authority is valid: ten years.
const AUTHORITY_VALIDITY: Duration = Duration::from_hours(10 * 365 * 24);
/// How long an agency's certificate is good for at the most, whatever is asked for: a day.
pub const MEMBER_VALIDITY: Duration = Duration::from_hours(24);
/// How far before `now` a certificate begins to be valid, for machines whose clocks are behind.
const CLOCK_TOLERANCE: Duration = Duration::from_mins(5);

/// A certificate authority for one trust domain.
#[derive(Debug)]
pub struct Authority {
    domain: TrustDomain,
    certificate: CertificateDer<'static>,
    issuer: Issuer<'static, CaKey>,
    /// Known to nobody who does not hold the key.
    secret: Hash,
    not_after: Timestamp,
}

/// A client certificate that was issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    /// The certificate, then the authority's.
    pub chain: Vec<CertificateDer<'static>>,
    /// Until when it is valid.
    pub not_after: Timestamp,
}

impl Issued {
    /// The certificate itself, DER.
    #[must_use]
    pub fn leaf(&self) -> Vec<u8> {
        self.chain
            .first()
            .map_or_else(Vec::new, |leaf| leaf.to_vec())
    }
}

/// What an agency's certificate says.
#[derive(Clone, Copy, Debug)]
pub struct Member<'a> {
    /// The agency.
    pub agency: &'a AgencyId,
    /// The name people know it by.
    pub name: &'a str,
    /// The key that signs its listings: a directory that lost everything knows it by this.
    pub listing_key: Option<&'a PublicKey>,
}

impl Authority {
    /// Loads the authority in `directory`, or creates it there.
    ///
    /// # Errors
    /// [`AuthorityError`]. An authority whose key is lost is an error, never silently replaced.
    pub fn open(
        directory: &Path,
        domain: &TrustDomain,
        now: Timestamp,
    ) -> Result<Self, AuthorityError> {
        let key_path = directory.join(KEY_FILE);
        let certificate_path = directory.join(CERTIFICATE_FILE);
        refuse_exposed(&key_path)?;
        let key = read(&key_path)?;
        let Some(pem) = read(&certificate_path)? else {
            // The key is written first: without a certificate nothing was ever signed with it.
            let key = match key {
                Some(pem) => key_from_pem(&pem, &key_path)?,
                None => create_key(&key_path)?,
            };
            let certificate = self_sign(&key, domain, now)?;
            let pem = certificate_to_pem(std::slice::from_ref(&certificate));
            write_secret(&certificate_path, pem.as_bytes())
                .map_err(failed("write", &certificate_path))?;
            return Self::new(certificate, key, domain, &certificate_path);
        };
        let key = key.ok_or_else(|| unusable(&key_path, "is missing"))?;
        let key = key_from_pem(&key, &key_path)?;
        let certificate = certificate_from_pem(&pem)
            .map_err(|_| unusable(&certificate_path, "is not a certificate in PEM form"))?;
        Self::new(certificate, key, domain, &certificate_path)
    }

    /// The authority whose key another process holds, which listens at `socket`.
    ///
    /// * `start` — starts that process where nothing listens; none: somebody else does.
    ///
    /// # Errors
    /// [`AuthorityError`] when nothing answers there, or an authority of another trust domain does.
    pub fn reach(
        socket: &Path,
        domain: &TrustDomain,
        start: Option<Start>,
    ) -> Result<Self, AuthorityError> {
        let apart = Apart::reach(socket, start).map_err(failed("reach", socket))?;
        let secret = apart.secret().map_err(failed("ask", socket))?;
        let certificate = apart.certificate().clone();
        let key = CaKey::Apart(apart);
        Self::signing_with(certificate, key, Hash::of(&[&secret]), domain, socket)
    }

    pub(super) fn key(&self) -> &CaKey {
        self.issuer.key()
    }

    /// The authority's own certificate: what nodes trust.
    #[must_use]
    pub fn certificate(&self) -> &CertificateDer<'static> {
        &self.certificate
    }

    /// The fingerprint of the authority's certificate: what join tokens carry.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.certificate)
    }

    /// The trust domain.
    #[must_use]
    pub fn domain(&self) -> &TrustDomain {
        &self.domain
    }

    /// Issues a server certificate with a new key. Its chain ends with the authority's certificate, so that
    /// a node that knows only the fingerprint can verify it.
    ///
    /// * `names` — host names and IP addresses under which the server is reached.
    /// * `valid_for` — from `now` on, but not beyond the authority's own end.
    ///
    /// # Errors
    /// [`AuthorityError::Certificate`] for a name that is no host name.
    pub fn issue_server(
        &self,
        names: &[String],
        valid_for: Duration,
        now: Timestamp,
    ) -> Result<Identity, AuthorityError> {
        let key = NewKey::generate()?;
        let mut params = self.leaf(Serial::random()?, valid_for, now);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.subject_alt_names = names
            .iter()
            .map(|name| server_name(name))
            .collect::<Result<_, _>>()?;
        let leaf = params.signed_by(key.pair(), &self.issuer)?;
        let chain = vec![leaf.der().clone(), self.certificate.clone()];
        Ok(Identity::new(chain, key.der()))
    }

    /// Issues an agency's client certificate. Of the request only the key counts.
    ///
    /// * `member` — what the certificate says of the agency.
    /// * `serial` — drawn by the caller, who records it first.
    /// * `valid_for` — from `now` on, at most [`MEMBER_VALIDITY`] and not beyond the authority's own end.
    ///
    /// # Errors
    /// [`AuthorityError::Certificate`].
    pub fn issue_agency(
        &self,
        request: &CertificateRequest,
        member: Member<'_>,
        serial: Serial,
        valid_for: Duration,
        now: Timestamp,
    ) -> Result<Issued, AuthorityError> {
        let valid_for = valid_for.min(MEMBER_VALIDITY);
        let key = rcgen::SubjectPublicKeyInfo::from_der(request.public_key())?;
        let mut params = self.leaf(serial, valid_for, now);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let Member {
            agency,
            name,
            listing_key,
        } = member;
        params
            .distinguished_name
            .push(DnType::CommonName, agency.as_str());
        params
            .distinguished_name
            .push(DnType::OrganizationName, name);
        if let Some(listing_key) = listing_key {
            params.custom_extensions = vec![peer::listing_key_extension(listing_key)];
        }
        let uri = self.domain.agency_uri(agency);
        params.subject_alt_names = vec![SanType::URI(uri.as_str().try_into()?)];
        let leaf = params.signed_by(&key, &self.issuer)?;
        Ok(Issued {
            chain: vec![leaf.der().clone(), self.certificate.clone()],
            not_after: self.end_of(valid_for, now),
        })
    }

    /// A secret for one use, made from the authority's key: the same at every start, and nobody else's.
    #[must_use]
    pub fn secret_for(&self, purpose: &[u8]) -> Hash {
        Hash::of(&[b"secret of the authority", purpose, self.secret.as_bytes()])
    }

    /// Whose certificate this is, if this authority signed it, whether or not it is still good.
    ///
    /// # Errors
    /// [`InvalidPeer::NotAnAgency`] for any other.
    pub fn member(&self, certificate: &[u8]) -> Result<Peer, InvalidPeer> {
        let signed = || {
            let (rest, leaf) = X509Certificate::from_der(certificate).ok()?;
            let (_, authority) = X509Certificate::from_der(&self.certificate).ok()?;
            leaf.verify_signature(Some(authority.public_key())).ok()?;
            rest.is_empty().then_some(())
        };
        signed().ok_or(InvalidPeer::NotAnAgency)?;
        Peer::in_certificate(&CertificateDer::from(certificate), &self.domain)
    }

    /// The key and the certificate as PEM: what has to be kept in a safe place, because without it nobody
    /// can ever come back after a total loss. A secret: see [`crate::data_dir::write_secret`].
    ///
    /// # Errors
    /// [`AuthorityError`] for an authority that is missing, damaged, or of another trust domain.
    pub fn reveal_escrow(
        directory: &Path,
        domain: &TrustDomain,
        now: Timestamp,
    ) -> Result<(Fingerprint, String), AuthorityError> {
        let (key, certificate) = (directory.join(KEY_FILE), directory.join(CERTIFICATE_FILE));
        for path in [&key, &certificate] {
            if !path.exists() {
                return Err(unusable(path, "is missing"));
            }
        }
        let authority = Self::open(directory, domain, now)?;
        let mut text = String::new();
        for path in [&key, &certificate] {
            let pem = std::fs::read_to_string(path).map_err(failed("read", path))?;
            text.push_str(pem.trim_end());
            text.push('\n');
        }
        Ok((authority.fingerprint(), text))
    }

    /// Puts an authority back that was kept with [`Authority::reveal_escrow`], where none is.
    ///
    /// # Errors
    /// [`AuthorityError`] when there is one, or when the text holds none for this trust domain.
    pub fn restore_escrow(
        directory: &Path,
        domain: &TrustDomain,
        escrow: &str,
        now: Timestamp,
    ) -> Result<Fingerprint, AuthorityError> {
        let (key, certificate) = (directory.join(KEY_FILE), directory.join(CERTIFICATE_FILE));
        if key.exists() || certificate.exists() {
            return Err(AuthorityError::Occupied {
                path: directory.to_owned(),
            });
        }
        let wrong = || {
            unusable(
                directory,
                "gets no authority: the copy holds no key and certificate",
            )
        };
        let begin = "-----BEGIN CERTIFICATE-----";
        let at = escrow.find(begin).ok_or_else(wrong)?;
        let (key_pem, certificate_pem) = escrow.split_at(at);
        let pair = key_from_pem(key_pem.as_bytes(), &key)?;
        let parsed = certificate_from_pem(certificate_pem.as_bytes()).map_err(|_| wrong())?;
        // Nothing is written that could not be opened afterwards.
        let authority = Self::new(parsed, pair, domain, &certificate)?;
        write_secret(&key, key_pem.as_bytes()).map_err(failed("write", &key))?;
        write_secret(&certificate, certificate_pem.as_bytes())
            .map_err(failed("write", &certificate))?;
        Self::open(directory, domain, now)?;
        Ok(authority.fingerprint())
    }

    fn new(
        certificate: CertificateDer<'static>,
        key: KeyPair,
        domain: &TrustDomain,
        path: &Path,
    ) -> Result<Self, AuthorityError> {
        let secret = Hash::of(&[&key.serialize_der()]);
        Self::signing_with(certificate, CaKey::Here(key), secret, domain, path)
    }

    fn signing_with(
        certificate: CertificateDer<'static>,
        key: CaKey,
        secret: Hash,
        domain: &TrustDomain,
        path: &Path,
    ) -> Result<Self, AuthorityError> {
        let (_, parsed) = X509Certificate::from_der(&certificate)
            .map_err(|_| unusable(path, "is not a certificate"))?;
        let public_key = parsed.public_key().subject_public_key.data.as_ref();
        if public_key != key.der_bytes() {
            return Err(unusable(path, "does not belong to the key beside it"));
        }
        if !names_domain(&parsed, domain) {
            return Err(AuthorityError::OtherDomain {
                path: path.to_owned(),
                domain: domain.clone(),
            });
        }
        let not_after = Timestamp::from_second(parsed.validity().not_after.timestamp())
            .map_err(|_| unusable(path, "has no end"))?;
        let issuer = Issuer::from_ca_cert_der(&certificate, key)?;
        Ok(Self {
            domain: domain.clone(),
            certificate,
            issuer,
            secret,
            not_after,
        })
    }

    fn leaf(&self, serial: Serial, valid_for: Duration, now: Timestamp) -> CertificateParams {
        let mut params = blank(serial, now, self.end_of(valid_for, now));
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.use_authority_key_identifier_extension = true;
        params
    }

    fn end_of(&self, valid_for: Duration, now: Timestamp) -> Timestamp {
        let end = whole_seconds(now.saturating_add(valid_for).unwrap_or(Timestamp::MAX));
        end.min(self.not_after)
    }
}

/// The key is its owner's alone, or nothing begins with it.
fn refuse_exposed(path: &Path) -> Result<(), AuthorityError> {
    use std::os::unix::fs::PermissionsExt;
    match std::fs::metadata(path) {
        Ok(found) if found.permissions().mode() & 0o077 != 0 => Err(AuthorityError::Exposed {
            path: path.to_owned(),
        }),
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(failed("read", path)(error)),
    }
}

fn create_key(path: &Path) -> Result<KeyPair, AuthorityError> {
    let key = NewKey::generate()?;
    let pem = key.reveal_pem();
    write_secret(path, pem.as_bytes()).map_err(failed("write", path))?;
    key_from_pem(pem.as_bytes(), path)
}

fn key_from_pem(pem: &[u8], path: &Path) -> Result<KeyPair, AuthorityError> {
    let text = std::str::from_utf8(pem).map_err(|_| unusable(path, "is not a private key"))?;
    KeyPair::from_pem(text).map_err(|_| unusable(path, "is not a private key"))
}

fn self_sign(
    key: &KeyPair,
    domain: &TrustDomain,
    now: Timestamp,
) -> Result<CertificateDer<'static>, AuthorityError> {
    let end = now
        .saturating_add(AUTHORITY_VALIDITY)
        .unwrap_or(Timestamp::MAX);
    let mut params = blank(Serial::random()?, now, end);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
        .distinguished_name
        .push(DnType::CommonName, format!("Referral directory {domain}"));
    params.subject_alt_names = vec![SanType::URI(domain.uri().as_str().try_into()?)];
    Ok(params.self_signed(key)?.der().clone())
}

/// A certificate that says nothing yet but when it is valid.
fn blank(serial: Serial, now: Timestamp, end: Timestamp) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.serial_number = Some(SerialNumber::from_slice(serial.as_bytes()));
    params.distinguished_name = DistinguishedName::new();
    let begin = now
        .saturating_sub(CLOCK_TOLERANCE)
        .unwrap_or(Timestamp::UNIX_EPOCH);
    set_validity(&mut params, begin, end);
    params
}

fn server_name(name: &str) -> Result<SanType, rcgen::Error> {
    Ok(match name.parse::<IpAddr>() {
        Ok(address) => SanType::IpAddress(address),
        Err(_) => SanType::DnsName(name.try_into()?),
    })
}

fn names_domain(certificate: &X509Certificate<'_>, domain: &TrustDomain) -> bool {
    let Ok(Some(names)) = certificate.subject_alternative_name() else {
        return false;
    };
    let own = domain.uri();
    let mut names = names.value.general_names.iter();
    names.any(|name| matches!(name, GeneralName::URI(uri) if *uri == own))
}

/// Sets from when until when a certificate is valid.
fn set_validity(params: &mut CertificateParams, from: Timestamp, until: Timestamp) {
    let since_epoch = |moment: Timestamp| {
        Duration::from_secs(u64::try_from(moment.as_second()).unwrap_or_default())
    };
    params.not_before = date_time_ymd(1970, 1, 1) + since_epoch(from);
    params.not_after = date_time_ymd(1970, 1, 1) + since_epoch(until);
}

fn whole_seconds(moment: Timestamp) -> Timestamp {
    Timestamp::from_second(moment.as_second()).unwrap_or(moment)
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, AuthorityError> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed("read", path)(error)),
    }
}

fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> AuthorityError {
    let path = path.to_owned();
    move |source| AuthorityError::Io {
        action,
        path,
        source,
    }
}

fn unusable(path: &Path, what: &'static str) -> AuthorityError {
    AuthorityError::Unusable {
        path: path.to_owned(),
        what,
    }
}
