//! Does what an operator's form asks, and says what came of it.

use axum::http::StatusCode;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use referral_core::catalog::Category;
use referral_core::id::AgencyId;
use referral_runtime::web::Fields;

use super::refused::{of_decision, of_enrolment};
use crate::ledger::Standing;
use crate::operations::Directory;
use crate::web::visitor::Visitor;

/// What a form did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Done {
    Proposed,
    Granted,
    Revoked,
    Suspended,
    Evicted,
    Banned,
    Readmitted,
    Quota,
    DeletionsAllowed,
    NameCleared,
}

impl Done {
    const ALL: [Self; 10] = [
        Self::Proposed,
        Self::Granted,
        Self::Revoked,
        Self::Suspended,
        Self::Evicted,
        Self::Banned,
        Self::Readmitted,
        Self::Quota,
        Self::DeletionsAllowed,
        Self::NameCleared,
    ];

    /// Its name in an address.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Granted => "granted",
            Self::Revoked => "revoked",
            Self::Suspended => "suspended",
            Self::Evicted => "evicted",
            Self::Banned => "banned",
            Self::Readmitted => "readmitted",
            Self::Quota => "quota",
            Self::DeletionsAllowed => "deletions-allowed",
            Self::NameCleared => "name-cleared",
        }
    }

    pub(super) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|done| done.as_str() == name)
    }
}

/// What came of a form.
pub(super) enum Outcome {
    Done(Done),
    /// A join token, to be shown this once.
    Invited(String),
}

/// Why a form did nothing: what to say, beside which field.
pub(super) struct Fault {
    /// The field; empty: none.
    pub(super) field: &'static str,
    pub(super) text: String,
    pub(super) status: StatusCode,
}

impl Fault {
    pub(super) fn typed(field: &'static str, text: impl Into<String>) -> Self {
        Self {
            field,
            text: text.into(),
            status: StatusCode::BAD_REQUEST,
        }
    }
}

/// The form was made for another session.
pub(super) fn old_form() -> Fault {
    Fault::typed("", crate::say("operator-old-form"))
}

/// Lets an agency in; gives its join token.
pub(super) async fn enrol(
    directory: &Directory,
    visitor: &Visitor,
    typed: &Fields,
) -> Result<String, Fault> {
    let (id, name) = (typed.value("agency"), typed.value("name"));
    let token = if typed.value("reviewed") == "yes" {
        let by = person(directory, visitor)?;
        let enrolled = directory.enrol_reviewed(&visitor.viewer, id, name, &by);
        enrolled.await
    } else {
        directory.enrol(&visitor.viewer, id, name).await
    };
    Ok(token.map_err(|refused| of_enrolment(&refused))?.reveal())
}

/// Does what a form on an agency's page asks.
pub(super) async fn decide(
    directory: &Directory,
    visitor: &Visitor,
    agency: AgencyId,
    typed: &Fields,
) -> Result<Outcome, Fault> {
    let viewer = &visitor.viewer;
    let decided = match typed.value("act") {
        "again" => {
            let token = directory.enrol_again(viewer, agency.as_str()).await;
            return Ok(Outcome::Invited(
                token.map_err(|refused| of_enrolment(&refused))?.reveal(),
            ));
        }
        "grant" => {
            let (category, end) = (category(typed)?, end(typed)?);
            let (by, evidence) = (person(directory, visitor)?, typed.value("evidence"));
            let granted = directory.grant(viewer, agency, category, evidence, end, &by);
            let said = |granted| {
                if granted {
                    Done::Granted
                } else {
                    Done::Proposed
                }
            };
            granted.await.map(said)
        }
        "revoke" => {
            let (category, by) = (category(typed)?, person(directory, visitor)?);
            let revoked = directory.revoke(viewer, agency, category, &by, typed.value("reason"));
            revoked.await.map(|()| Done::Revoked)
        }
        "standing" => {
            let (standing, done) = standing(typed)?;
            let (by, why) = (person(directory, visitor)?, typed.value("reason"));
            let set = directory.set_standing(viewer, agency, standing, &by, why);
            set.await.map(|()| done)
        }
        "readmit" => {
            let readmitted = directory.readmit(viewer, agency).await;
            readmitted.map(|()| Done::Readmitted)
        }
        "quota" => {
            let services = number(typed, "services")?;
            let set = directory.set_quota(viewer, agency, services).await;
            set.map(|()| Done::Quota)
        }
        "deletions" => {
            let more = number(typed, "more")?;
            let allowed = directory.allow_deletions(viewer, agency, more.into());
            allowed.await.map(|()| Done::DeletionsAllowed)
        }
        "clear" => {
            let by = person(directory, visitor)?;
            let cleared = directory.clear_name(viewer, agency, typed.value("name"), &by);
            cleared.await.map(|()| Done::NameCleared)
        }
        _ => return Err(old_form()),
    };
    decided
        .map(Outcome::Done)
        .map_err(|refused| of_decision(&refused))
}

/// Who decides: what they sign in with, so that two decisions are those of two people.
pub(super) fn person(directory: &Directory, visitor: &Visitor) -> Result<String, Fault> {
    let name = directory.signed_in_as(&visitor.viewer);
    name.ok_or_else(old_form)
}

fn category(typed: &Fields) -> Result<Category, Fault> {
    Category::parse(typed.value("category"))
        .map_err(|_| Fault::typed("category", crate::say("operator-category-wrong")))
}

/// The grant ends with the day that was typed, UTC.
fn end(typed: &Fields) -> Result<Timestamp, Fault> {
    let day: Option<Date> = typed.value("expires").trim().parse().ok();
    let end = day.and_then(|day| day.to_zoned(TimeZone::UTC).ok());
    end.map(|end| end.timestamp())
        .ok_or_else(|| Fault::typed("expires", crate::say("operator-day-wrong")))
}

fn standing(typed: &Fields) -> Result<(Standing, Done), Fault> {
    Ok(match typed.value("standing") {
        "suspended" => (Standing::Suspended, Done::Suspended),
        "evicted" => (Standing::Evicted, Done::Evicted),
        "banned" => (Standing::Banned, Done::Banned),
        _ => {
            return Err(Fault::typed(
                "standing",
                crate::say("operator-standing-wrong"),
            ));
        }
    })
}

/// 1 to 1,000,000, as the commands have it.
fn number(typed: &Fields, field: &'static str) -> Result<u32, Fault> {
    let number = typed.value(field).trim().parse().ok();
    number
        .filter(|number| (1..=1_000_000).contains(number))
        .ok_or_else(|| Fault::typed(field, crate::say("operator-number-wrong")))
}
