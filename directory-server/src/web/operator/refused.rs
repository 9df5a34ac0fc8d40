//! Why a decision was not taken, beside which field, in words of the file of texts.

use referral_core::text::InvalidText;

use super::act::Fault;
use crate::audit::AuditError;
use crate::ledger::{ActRefused, GrantRefused, JoinRefused, NotWritten};
use crate::operations::{DecisionRefused, EnrolError};
use crate::{say, tell};

/// A decision about an agency.
pub(super) fn of_decision(refused: &DecisionRefused) -> Fault {
    match refused {
        DecisionRefused::Denied => Fault::typed("", say("operator-not-fresh")),
        DecisionRefused::Person(_) => Fault::typed("", say("operator-old-form")),
        DecisionRefused::Reason(invalid) => Fault::typed("reason", of_text(*invalid)),
        DecisionRefused::Evidence(invalid) => Fault::typed("evidence", of_text(*invalid)),
        DecisionRefused::Act(refused) => of_act(refused),
        DecisionRefused::Grant(refused) => of_grant(refused),
    }
}

/// Letting an agency in.
pub(super) fn of_enrolment(refused: &EnrolError) -> Fault {
    match refused {
        EnrolError::Denied => Fault::typed("", say("operator-not-fresh")),
        EnrolError::Agency(_) => Fault::typed("agency", say("operator-id-wrong")),
        EnrolError::Name(invalid) => Fault::typed("name", of_text(*invalid)),
        EnrolError::SuspiciousName => Fault::typed("name", say("operator-name-suspicious")),
        EnrolError::NameLikeAnother(other) => {
            let values = [("other", other.as_str().into())];
            Fault::typed("name", tell("operator-name-like", &values))
        }
        EnrolError::Act(refused) => of_act(refused),
        EnrolError::Refused(refused) => of_join(refused),
        EnrolError::ClockSuspect => Fault::typed("", say("operator-clock")),
        EnrolError::Audit(refused) => of_audit(refused),
        // What only a node that joins can meet, and what the machine is at fault for.
        EnrolError::Request(_)
        | EnrolError::Proof
        | EnrolError::Challenge
        | EnrolError::Renewal(_)
        | EnrolError::Authority(_)
        | EnrolError::Randomness(_) => failed(refused),
    }
}

fn of_act(refused: &ActRefused) -> Fault {
    match refused {
        ActRefused::Unknown => Fault::typed("", say("operator-unknown-agency")),
        ActRefused::NotWritten(refused) => of_journal(refused),
        ActRefused::Audit(refused) => of_audit(refused),
    }
}

fn of_grant(refused: &GrantRefused) -> Fault {
    match refused {
        GrantRefused::Unknown => Fault::typed("", say("operator-unknown-agency")),
        GrantRefused::Expiry => Fault::typed("expires", say("operator-expiry-wrong")),
        GrantRefused::SamePerson => Fault::typed("", say("operator-same-person")),
        GrantRefused::Differs => Fault::typed("", say("operator-grant-differs")),
        GrantRefused::Nothing => Fault::typed("", say("operator-nothing-granted")),
        GrantRefused::NotWritten(refused) => of_journal(refused),
    }
}

fn of_join(refused: &JoinRefused) -> Fault {
    match refused {
        JoinRefused::AlreadyJoined => Fault::typed("agency", say("operator-already-joined")),
        JoinRefused::NotJoined => Fault::typed("", say("operator-not-joined")),
        JoinRefused::Banned => Fault::typed("", say("operator-is-banned")),
        JoinRefused::NotWritten(refused) => of_journal(refused),
        JoinRefused::TokenUsed | JoinRefused::Token | JoinRefused::KeyInUse => failed(refused),
    }
}

fn of_journal(refused: &NotWritten) -> Fault {
    match refused {
        NotWritten::Full => Fault::typed("", say("operator-disk-full")),
        NotWritten::Stopped => Fault::typed("", say("operator-stopping")),
        NotWritten::Journal(_) => failed(refused),
    }
}

fn of_audit(refused: &AuditError) -> Fault {
    match refused {
        AuditError::Full => Fault::typed("", say("operator-disk-full")),
        AuditError::Io(_) | AuditError::Damaged(_) | AuditError::Failed => failed(refused),
    }
}

/// Something typed that is no short text.
fn of_text(invalid: InvalidText) -> String {
    match invalid {
        InvalidText::Empty => say("operator-text-empty"),
        InvalidText::TooLong => say("operator-text-too-long"),
        InvalidText::ManyLines => say("operator-text-many-lines"),
        InvalidText::Control | InvalidText::Hidden | InvalidText::Defaced => {
            say("operator-text-signs")
        }
    }
}

/// Nobody who reads the page can put it right: the log says what it was.
fn failed(error: &dyn std::error::Error) -> Fault {
    tracing::error!(error.type = "decision", "a decision of an operator failed: {error}");
    Fault::typed("", say("operator-failed"))
}
