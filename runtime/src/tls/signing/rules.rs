//! What the authority signs: an agency's or the directory's own certificate, and nothing else.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use referral_core::id::AgencyId;
use x509_parser::certificate::TbsCertificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer;

use super::super::{MEMBER_VALIDITY, TrustDomain};

/// How long the directory's own certificate may be good for: 31 days.
const SERVER_VALIDITY: Duration = Duration::from_hours(31 * 24);
/// How far the two processes' clocks, and the beginning of a certificate, may be apart.
const TOLERANCE: SignedDuration = SignedDuration::from_mins(10);

/// Why something was not signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSigned {
    /// It is no certificate.
    #[error("what was to be signed is no certificate")]
    NoCertificate,
    /// It would be an authority itself, or for another use.
    #[error("the certificate is for a use the authority does not sign")]
    Use,
    /// It is not said to be this authority's.
    #[error("the certificate names another authority")]
    Issuer,
    /// It names what is no agency of this directory.
    #[error("the certificate names what is no agency of this directory")]
    Name,
    /// It would live too long, or not begin now.
    #[error("the certificate would be good for too long, or from another time on")]
    Validity,
    /// The clock is behind what was signed before.
    #[error("the clock is behind what was signed before: set it, or wait")]
    ClockBack,
    /// What is about to be signed cannot be written down.
    #[error("what is about to be signed cannot be written down")]
    Unrecorded,
}

impl NotSigned {
    /// A stable name.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NoCertificate => "no_certificate",
            Self::Use => "use_refused",
            Self::Issuer => "issuer_refused",
            Self::Name => "name_refused",
            Self::Validity => "validity_refused",
            Self::ClockBack => "clock_back",
            Self::Unrecorded => "not_recorded",
        }
    }
}

/// What is about to be signed, in the words of the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Permitted {
    /// In hexadecimal.
    pub(super) serial: String,
    /// The agency; none: the directory's own.
    pub(super) agency: Option<AgencyId>,
    pub(super) until: Timestamp,
}

/// Whether the authority signs this.
///
/// * `said` — the `TBSCertificate` of RFC 5280, 4.1, in DER.
/// * `issuer` — the authority's own name, in DER.
pub(super) fn permit(
    said: &[u8],
    issuer: &[u8],
    domain: &TrustDomain,
    now: Timestamp,
) -> Result<Permitted, NotSigned> {
    let Ok((rest, said)) = TbsCertificate::from_der(said) else {
        return Err(NotSigned::NoCertificate);
    };
    if !rest.is_empty() {
        return Err(NotSigned::NoCertificate);
    }
    if said.issuer().as_raw() != issuer {
        return Err(NotSigned::Issuer);
    }
    let agency = match whose(&said)? {
        Use::Client => Some(agency(&said, domain)?),
        Use::Server => {
            hosts(&said)?;
            None
        }
    };
    let longest = if agency.is_some() {
        MEMBER_VALIDITY
    } else {
        SERVER_VALIDITY
    };
    Ok(Permitted {
        serial: said.raw_serial_as_string().replace(':', ""),
        agency,
        until: validity(&said, longest, now)?,
    })
}

enum Use {
    Client,
    Server,
}

fn whose(said: &TbsCertificate<'_>) -> Result<Use, NotSigned> {
    let constraints = said.basic_constraints().ok().flatten();
    if constraints.is_none_or(|found| found.value.ca) {
        return Err(NotSigned::Use);
    }
    let usage = said.key_usage().ok().flatten();
    // The first bit alone: digitalSignature.
    if usage.is_none_or(|found| found.value.flags != 1) {
        return Err(NotSigned::Use);
    }
    let extended = said.extended_key_usage().ok().flatten();
    let extended = extended.ok_or(NotSigned::Use)?.value;
    let more = extended.any
        || extended.code_signing
        || extended.email_protection
        || extended.time_stamping
        || extended.ocsp_signing
        || !extended.other.is_empty();
    match (extended.client_auth, extended.server_auth, more) {
        (true, false, false) => Ok(Use::Client),
        (false, true, false) => Ok(Use::Server),
        _ => Err(NotSigned::Use),
    }
}

fn agency(said: &TbsCertificate<'_>, domain: &TrustDomain) -> Result<AgencyId, NotSigned> {
    let names = said.subject_alternative_name().ok().flatten();
    let names = names.ok_or(NotSigned::Name)?;
    let [GeneralName::URI(uri)] = names.value.general_names.as_slice() else {
        return Err(NotSigned::Name);
    };
    let id = uri.rsplit('/').next().unwrap_or_default();
    let agency = AgencyId::parse(id).map_err(|_| NotSigned::Name)?;
    if domain.agency_uri(&agency) == *uri {
        Ok(agency)
    } else {
        Err(NotSigned::Name)
    }
}

/// The directory's own certificate says hosts and addresses, and never an agency.
fn hosts(said: &TbsCertificate<'_>) -> Result<(), NotSigned> {
    let names = said.subject_alternative_name().ok().flatten();
    let names = names.ok_or(NotSigned::Name)?;
    let is_host = |name: &GeneralName<'_>| {
        matches!(name, GeneralName::DNSName(_) | GeneralName::IPAddress(_))
    };
    if names.value.general_names.iter().all(is_host) {
        Ok(())
    } else {
        Err(NotSigned::Name)
    }
}

fn validity(
    said: &TbsCertificate<'_>,
    longest: Duration,
    now: Timestamp,
) -> Result<Timestamp, NotSigned> {
    let at = |seconds: i64| Timestamp::from_second(seconds).map_err(|_| NotSigned::Validity);
    let (from, until) = (
        at(said.validity().not_before.timestamp())?,
        at(said.validity().not_after.timestamp())?,
    );
    let longest = SignedDuration::try_from(longest).unwrap_or(SignedDuration::ZERO);
    let begins_now = from.duration_since(now).abs() <= TOLERANCE;
    if begins_now && until.duration_since(now) <= longest + TOLERANCE {
        Ok(until)
    } else {
        Err(NotSigned::Validity)
    }
}
