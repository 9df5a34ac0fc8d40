//! Outcomes of referrals over the wire.

use referral_core::feedback::Outcome;
use referral_core::id::{AgencyId, Kind, LocalId, RecordKey};

use super::Violations;
use crate::v1;

/// The service and the outcome that `wire` records.
///
/// # Errors
/// [`Violations`] for the first field that cannot be read.
pub fn record(wire: &v1::RecordOutcomeRequest) -> Result<(RecordKey, Outcome), Violations> {
    let service = service(&wire.agency_id, &wire.service_id)?;
    let outcome = v1::Outcome::try_from(wire.outcome).unwrap_or_default();
    let outcome = match outcome {
        v1::Outcome::Unspecified => {
            let text = "say accepted, full, not eligible or no answer";
            return Err(Violations::one("outcome", "missing", text));
        }
        v1::Outcome::Accepted => Outcome::Accepted,
        v1::Outcome::Full => Outcome::Full,
        v1::Outcome::NotEligible => Outcome::NotEligible,
        v1::Outcome::NoAnswer => Outcome::NoAnswer,
    };
    Ok((service, outcome))
}

/// The service of which `wire` takes back what was said.
///
/// # Errors
/// [`Violations`] for the first field that cannot be read.
pub fn take_back(wire: &v1::TakeBackOutcomeRequest) -> Result<RecordKey, Violations> {
    service(&wire.agency_id, &wire.service_id)
}

fn service(agency: &str, id: &str) -> Result<RecordKey, Violations> {
    let agency = AgencyId::parse(agency)
        .map_err(|_| Violations::one("agency_id", "invalid", "this is no agency's id"))?;
    let id = LocalId::parse(id)
        .map_err(|_| Violations::one("service_id", "invalid", "this is no service's id"))?;
    Ok(RecordKey {
        agency,
        kind: Kind::Service,
        id,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(outcome: i32) -> v1::RecordOutcomeRequest {
        v1::RecordOutcomeRequest {
            agency_id: "harbor".to_owned(),
            service_id: "clinic".to_owned(),
            outcome,
        }
    }

    #[test]
    fn every_outcome_is_read() {
        for (number, outcome) in (1..).zip(Outcome::ALL) {
            assert_eq!(record(&request(number)).unwrap().1, outcome);
        }
    }

    #[test]
    fn no_outcome_one_of_a_later_version_and_bad_ids_are_refused() {
        assert!(record(&request(0)).is_err());
        assert!(record(&request(5)).is_err());
        for field in ["agency_id", "service_id"] {
            let mut wrong = request(1);
            match field {
                "agency_id" => wrong.agency_id = "Harbor House".to_owned(),
                _ => wrong.service_id = String::new(),
            }
            let refused = record(&wrong).unwrap_err().to_status();
            assert_eq!(refused.code(), tonic::Code::InvalidArgument, "{field}");
        }
    }
}
