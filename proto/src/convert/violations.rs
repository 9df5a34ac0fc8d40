//! What is wrong with a message: every fault with the path of its field, never with its value.

use std::fmt;

use referral_core::search::Refused;
use tonic_types::{ErrorDetails, FieldViolation, StatusExt};

/// The `domain` of every `google.rpc.ErrorInfo` of this project.
pub const ERROR_DOMAIN: &str = "referral-directory";

/// Most faults one message is told about in a status: its trailers must fit what clients accept.
const MOST_TOLD: usize = 20;

/// One thing wrong with a message. The sender's to fix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The field at fault, as a path from the message, e.g. `service.phones[0].number`; empty: the
    /// message as a whole.
    pub field: String,
    /// A stable name for the reason, e.g. `phone_invalid`.
    pub code: &'static str,
    /// One plain sentence: what is wrong and what to do. Never the value.
    pub text: String,
}

/// What is wrong with a message: one or more violations, in the order of reading, at most
/// [`limits::VIOLATIONS`](super::limits::VIOLATIONS).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violations {
    first: Violation,
    rest: Vec<Violation>,
}

impl Violations {
    /// These violations; `None` when there are none.
    #[must_use]
    pub fn of(violations: Vec<Violation>) -> Option<Self> {
        let mut violations = violations.into_iter();
        let first = violations.next()?;
        Some(Self {
            first,
            rest: violations.collect(),
        })
    }

    /// One violation.
    #[must_use]
    pub fn one(field: &str, code: &'static str, text: impl fmt::Display) -> Self {
        let first = Violation {
            field: field.to_owned(),
            code,
            text: text.to_string(),
        };
        Self {
            first,
            rest: Vec::new(),
        }
    }

    /// What a search was refused for, as violations of its request. A search refused without any
    /// reason is refused all the same.
    #[must_use]
    pub fn from_refused(refused: Vec<Refused>) -> Self {
        Self::from_refused_at(refused, |field| super::search::path(field).to_owned())
    }

    /// The same, with `path` as the path of each field.
    #[must_use]
    pub fn from_refused_at(refused: Vec<Refused>, path: impl Fn(&'static str) -> String) -> Self {
        let violation = |refused: Refused| Violation {
            field: path(refused.field),
            code: refused.code,
            text: refused.text,
        };
        Self::of(refused.into_iter().map(violation).collect())
            .unwrap_or_else(|| Self::one("", "request_refused", "the request was refused"))
    }

    /// The first violation: the one to act on, and the one that names the failure.
    #[must_use]
    pub fn first(&self) -> &Violation {
        &self.first
    }

    /// Every violation.
    pub fn iter(&self) -> impl Iterator<Item = &Violation> {
        std::iter::once(&self.first).chain(&self.rest)
    }

    /// The gRPC answer: `INVALID_ARGUMENT` with `google.rpc.BadRequest` (the first 20 violations,
    /// each with its code in capitals as reason) and `google.rpc.ErrorInfo` (the first one's code).
    #[must_use]
    pub fn to_status(&self) -> tonic::Status {
        let told = self.iter().take(MOST_TOLD).map(|violation| FieldViolation {
            field: violation.field.clone(),
            description: violation.text.clone(),
            reason: violation.code.to_ascii_uppercase(),
            localized_message: None,
        });
        let mut details = ErrorDetails::with_bad_request(told.collect::<Vec<_>>());
        details.set_error_info(self.first.code.to_ascii_uppercase(), ERROR_DOMAIN, []);
        tonic::Status::with_error_details(tonic::Code::InvalidArgument, self.to_string(), details)
    }
}

/// The first violation, and how many more there are.
impl fmt::Display for Violations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.first.field.is_empty() {
            write!(f, "{}: ", self.first.field)?;
        }
        f.write_str(&self.first.text)?;
        match self.rest.len() {
            0 => Ok(()),
            more => write!(f, " (and {more} more)"),
        }
    }
}

impl std::error::Error for Violations {}

#[cfg(test)]
mod tests {
    use super::*;

    fn many(count: usize) -> Violations {
        let violation = |at: usize| Violation {
            field: format!("service.phones[{at}].number"),
            code: "phone_invalid",
            text: "a phone number has 3 to 20 digits and no words".to_owned(),
        };
        Violations::of((0..count).map(violation).collect()).unwrap()
    }

    #[test]
    fn a_status_names_every_field_and_the_reason() {
        let status = many(2).to_status();

        let details = status.get_error_details();
        let info = details.error_info().unwrap();
        let fields = &details.bad_request().unwrap().field_violations;
        assert_eq!(status.code(), tonic::Code::InvalidArgument);
        assert_eq!(
            (info.reason.as_str(), info.domain.as_str()),
            ("PHONE_INVALID", "referral-directory")
        );
        assert_eq!(fields.len(), 2);
        assert_eq!(fields[1].field, "service.phones[1].number");
        assert_eq!(fields[1].reason, "PHONE_INVALID");
        assert!(status.message().ends_with("(and 1 more)"), "{status}");
    }

    #[test]
    fn a_status_stays_within_what_clients_take_as_trailers() {
        let status = many(100).to_status();

        assert_eq!(
            status
                .get_error_details()
                .bad_request()
                .unwrap()
                .field_violations
                .len(),
            MOST_TOLD
        );
        assert!(
            status.details().len() * 4 / 3 < 6 * 1024,
            "{}",
            status.details().len()
        );
    }

    #[test]
    fn a_refused_search_becomes_violations_of_its_fields() {
        let refused = Refused {
            field: "near",
            code: "place_unknown",
            text: "no such place".to_owned(),
            named: Vec::new(),
        };

        let violations = Violations::from_refused(vec![refused]);

        assert_eq!(violations.first().field, "near");
        assert_eq!(violations.to_string(), "near: no such place");
        assert_eq!(
            Violations::from_refused(vec![]).first().code,
            "request_refused"
        );
    }
}
