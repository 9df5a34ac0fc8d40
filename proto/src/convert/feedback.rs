//! Outcomes of referrals over the wire.

use referral_core::feedback::{Outcome, Place, Table};
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

/// A published table.
impl From<&Table> for v1::OutcomeTable {
    fn from(table: &Table) -> Self {
        Self {
            week: table.week.to_string(),
            cells: table.cells.iter().map(cell).collect(),
        }
    }
}

fn cell((place, numbers): (&Place, &[Option<u64>; 4])) -> v1::OutcomeCell {
    // In the order of `Outcome::ALL`.
    let [accepted, full, not_eligible, no_answer] = *numbers;
    v1::OutcomeCell {
        need: place.topic.to_string(),
        state: place
            .state
            .map(|state| state.to_string())
            .unwrap_or_default(),
        accepted,
        full,
        not_eligible,
        no_answer,
    }
}

#[cfg(test)]
mod tests {
    use referral_core::geo::StateCode;
    use referral_core::tally::{Topic, Week};

    use super::*;

    fn request(outcome: i32) -> v1::RecordOutcomeRequest {
        v1::RecordOutcomeRequest {
            agency_id: "harbor".to_owned(),
            service_id: "clinic".to_owned(),
            outcome,
        }
    }

    #[test]
    fn a_table_keeps_what_is_not_told_apart_from_none() {
        let place = Place {
            topic: Topic::parse("dom:leg").unwrap(),
            state: StateCode::parse("TX").ok(),
        };
        let table = Table {
            week: Week::parse("2026-W47").unwrap(),
            cells: [(place, [Some(12), None, Some(40), None])].into(),
        };

        let wire = v1::OutcomeTable::from(&table);

        assert_eq!(wire.week, "2026-W47");
        let cell = &wire.cells[0];
        assert_eq!((&*cell.need, &*cell.state), ("dom:leg", "TX"));
        assert_eq!((cell.accepted, cell.full), (Some(12), None));
        assert_eq!((cell.not_eligible, cell.no_answer), (Some(40), None));
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
