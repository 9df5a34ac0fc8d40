//! Who speaks on a connection: read from the verified client certificate, never from a message.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use rcgen::CustomExtension;
use referral_core::federation::PublicKey;
use referral_core::id::{AgencyId, Hash, hex};
use rustls::pki_types::CertificateDer;
use tonic::Extensions;
use tonic::transport::server::{TcpConnectInfo, TlsConnectInfo};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::oid_registry::Oid;
use x509_parser::prelude::FromDer;

/// The extension of an agency's certificate that holds its listing key, as an OCTET STRING of 32 bytes. Not
/// critical: only the directory reads it. The last arc was drawn at random under 2.25, where anybody may; an
/// arc of all 128 bits of a UUID is more than the libraries write.
const LISTING_KEY: [u64; 3] = [2, 25, 3_870_812_995_643_943_447];
/// How DER begins an OCTET STRING of 32 bytes.
const OCTETS_32: [u8; 2] = [0x04, 32];

/// The name under which one directory's agencies are known: the host part of their SPIFFE ids.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TrustDomain(String);

/// A certificate's serial number, as its authority chose it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Serial([u8; 16]);

/// Which certificate it is, and when it is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// Its serial number.
    pub serial: Serial,
    /// Good from then on.
    pub not_before: Timestamp,
    /// Good until then.
    pub not_after: Timestamp,
}

/// An agency at the other end of a connection, proved by its certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// The agency.
    pub agency: AgencyId,
    /// Its certificate's serial number.
    pub serial: Serial,
    /// The SHA-256 of its public key (the `SubjectPublicKeyInfo` in DER form).
    pub key_hash: Hash,
    /// The name people know the agency by; `None` in certificates from before it was in them.
    pub name: Option<String>,
    /// The key that signs its listings; `None` in certificates from before it was in them.
    pub listing_key: Option<PublicKey>,
    /// The whole certificate, DER.
    pub certificate: Vec<u8>,
    /// The certificate is good until then.
    pub not_after: Timestamp,
}

/// Why nobody is known to speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPeer {
    /// The connection has no client certificate.
    #[error("this needs the agency's client certificate; join the directory first")]
    NoCertificate,
    /// The certificate names no agency of this directory.
    #[error("the client certificate names no agency of this directory; join it again")]
    NotAnAgency,
    /// The text is no trust domain.
    #[error("a trust domain is 1 to 255 lower-case letters, digits, dots, hyphens and underscores")]
    TrustDomain,
}

impl InvalidPeer {
    /// A stable name for this kind of failure.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NoCertificate => "client_certificate_required",
            Self::NotAnAgency => "not_an_agency",
            Self::TrustDomain => "invalid_trust_domain",
        }
    }
}

impl Peer {
    /// Who speaks on the connection that a gRPC request came by.
    ///
    /// # Errors
    /// [`InvalidPeer`].
    pub fn of(extensions: &Extensions, domain: &TrustDomain) -> Result<Self, InvalidPeer> {
        let certificates = extensions
            .get::<TlsConnectInfo<TcpConnectInfo>>()
            .and_then(TlsConnectInfo::peer_certs)
            .ok_or(InvalidPeer::NoCertificate)?;
        let leaf = certificates.first().ok_or(InvalidPeer::NoCertificate)?;
        Self::in_certificate(leaf, domain)
    }

    /// The agency that a verified certificate names: by its only SAN URI,
    /// `spiffe://<trust-domain>/agency/<id>`. Every other name in it is ignored.
    ///
    /// # Errors
    /// [`InvalidPeer::NotAnAgency`].
    pub fn in_certificate(
        certificate: &CertificateDer<'_>,
        domain: &TrustDomain,
    ) -> Result<Self, InvalidPeer> {
        let read = || {
            let whole = certificate.to_vec();
            let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
            let names = certificate.subject_alternative_name().ok()??;
            let mut uris = names.value.general_names.iter().filter_map(uri);
            let (uri, more) = (uris.next()?, uris.next());
            let id = uri.strip_prefix(&domain.agency_prefix())?;
            Some(Self {
                agency: AgencyId::parse(id).ok().filter(|_| more.is_none())?,
                serial: Serial::from_der(certificate.raw_serial())?,
                key_hash: Hash::of(&[certificate.public_key().raw]),
                name: name(&certificate),
                listing_key: listing_key(&certificate),
                certificate: whole,
                not_after: Timestamp::from_second(certificate.validity().not_after.timestamp())
                    .ok()?,
            })
        };
        read().ok_or(InvalidPeer::NotAnAgency)
    }
}

impl Leaf {
    /// Reads a certificate in DER form; `None` when it is none of ours.
    #[must_use]
    pub fn of(certificate: &[u8]) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
        let at = |time: i64| Timestamp::from_second(time).ok();
        let validity = certificate.validity();
        Some(Self {
            serial: Serial::from_der(certificate.raw_serial())?,
            not_before: at(validity.not_before.timestamp())?,
            not_after: at(validity.not_after.timestamp())?,
        })
    }

    /// The moment at which `share` of its time has passed.
    ///
    /// * `share` — 0.0 to 1.0.
    #[must_use]
    pub fn at_share(&self, share: f64) -> Timestamp {
        let whole = self.not_after.duration_since(self.not_before);
        let part = whole.as_secs_f64() * share.clamp(0.0, 1.0);
        let part = SignedDuration::try_from_secs_f64(part).unwrap_or(whole);
        self.not_before
            .saturating_add(part)
            .unwrap_or(self.not_after)
    }
}

impl TrustDomain {
    /// Reads a trust domain.
    ///
    /// Source of the rule: SPIFFE-ID, section 2.1.
    ///
    /// # Errors
    /// [`InvalidPeer::TrustDomain`].
    pub fn parse(text: &str) -> Result<Self, InvalidPeer> {
        let allowed =
            |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'_');
        if (1..=255).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidPeer::TrustDomain)
        }
    }

    /// The domain as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The SPIFFE id of the domain itself.
    pub(super) fn uri(&self) -> String {
        format!("spiffe://{}", self.0)
    }

    pub(super) fn agency_uri(&self, agency: &AgencyId) -> String {
        format!("{}{agency}", self.agency_prefix())
    }

    fn agency_prefix(&self) -> String {
        format!("spiffe://{}/agency/", self.0)
    }
}

impl fmt::Display for TrustDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serial {
    /// A serial number nobody can foresee.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn random() -> Result<Self, super::NoRandomness> {
        let mut bytes: [u8; 16] = super::random()?;
        // DER integers are signed and as short as can be: keep it positive and 16 bytes long.
        bytes[0] = bytes[0] & 0x7f | 0x40;
        Ok(Self(bytes))
    }

    /// The serial number with these bytes, as [`Serial::as_bytes`] gave them.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The 16 bytes, most significant first.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    fn from_der(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The extension that binds a listing key to a certificate.
pub(super) fn listing_key_extension(key: &PublicKey) -> CustomExtension {
    let content = [OCTETS_32.as_slice(), key.as_bytes()].concat();
    CustomExtension::from_oid_content(&LISTING_KEY, content)
}

fn listing_key(certificate: &X509Certificate<'_>) -> Option<PublicKey> {
    let oid = Oid::from(&LISTING_KEY).ok()?;
    let extension = certificate.get_extension_unique(&oid).ok()??;
    let key = extension.value.strip_prefix(OCTETS_32.as_slice())?;
    PublicKey::try_from(key).ok()
}

fn name(certificate: &X509Certificate<'_>) -> Option<String> {
    let mut names = certificate.subject().iter_organization();
    Some(names.next()?.as_str().ok()?.to_owned())
}

fn uri<'a>(name: &GeneralName<'a>) -> Option<&'a str> {
    match name {
        GeneralName::URI(uri) => Some(uri),
        _ => None,
    }
}
