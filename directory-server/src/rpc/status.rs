//! Errors of operations as gRPC statuses: one table.

use std::time::Duration;

use referral_proto::convert::Violations;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

use crate::backup::BackupError;
use crate::demand::DemandError;
use crate::ledger::{ActRefused, GrantRefused, JoinRefused, RenewRefused};
use crate::operations::{
    CoverageError, DecisionRefused, EnrolError, FeedbackRefused, HoldingError, SearchError,
    SignedError, TablesError, WatchError,
};
use crate::people::PeopleError;

/// The domain of every `google.rpc.ErrorInfo`.
const DOMAIN: &str = "referral-directory";

/// When to come again to a directory that has too much to do.
const RETRY: Duration = Duration::from_secs(2);

/// A status with a stable reason.
pub(super) fn status(code: Code, reason: &str, text: impl Into<String>) -> Status {
    let details = ErrorDetails::with_error_info(reason, DOMAIN, []);
    Status::with_error_details(code, text, details)
}

pub(super) fn invalid(violations: &Violations) -> Status {
    violations.to_status()
}

pub(super) fn of_search(error: SearchError) -> Status {
    match error {
        error @ SearchError::Denied => {
            status(Code::PermissionDenied, "SCOPE_MISSING", error.to_string())
        }
        SearchError::Refused(refused) => Violations::from_refused(refused).to_status(),
        SearchError::Index(error) => {
            tracing::error!(error.type = "index", "a search failed: {error}");
            status(
                Code::Internal,
                "INDEX_FAILED",
                "the search index failed: try again",
            )
        }
        SearchError::Store(error) => {
            tracing::error!(error.type = "store", "a search failed: {error}");
            status(
                Code::Internal,
                "STORE_FAILED",
                "the directory's store failed: try again",
            )
        }
        error @ SearchError::Busy => {
            let mut details = ErrorDetails::with_error_info("BUSY", DOMAIN, []);
            details.set_retry_info(Some(RETRY));
            Status::with_error_details(Code::Unavailable, error.to_string(), details)
        }
        error @ SearchError::Late => {
            status(Code::DeadlineExceeded, "SEARCH_LATE", error.to_string())
        }
        error @ SearchError::Abandoned => {
            status(Code::Cancelled, "SEARCH_ABANDONED", error.to_string())
        }
        error @ SearchError::Failed => status(Code::Internal, "SEARCH_FAILED", error.to_string()),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
pub(super) fn of_coverage(error: CoverageError) -> Status {
    let reason = error.code().to_ascii_uppercase();
    let code = match &error {
        CoverageError::Refused(refused) => {
            let refused = refused.clone();
            let path = referral_proto::convert::coverage::path;
            return Violations::from_refused_at(refused, path).to_status();
        }
        CoverageError::Demand(error) => return of_demand(error),
        CoverageError::Denied => Code::PermissionDenied,
        CoverageError::Busy | CoverageError::NoHistory => Code::Unavailable,
        CoverageError::Index(_)
        | CoverageError::Store(_)
        | CoverageError::History(_)
        | CoverageError::Failed => {
            tracing::error!(error.type = error.code(), "a report failed: {}", chain(&error));
            Code::Internal
        }
    };
    status(code, &reason, error.to_string())
}

pub(super) fn of_demand(error: &DemandError) -> Status {
    let code = match error {
        DemandError::Unknown => Code::NotFound,
        DemandError::Residents | DemandError::TooMany => Code::FailedPrecondition,
        DemandError::Rows(_)
        | DemandError::Table(_)
        | DemandError::Description { .. }
        | DemandError::Date => Code::InvalidArgument,
        DemandError::Io(_) | DemandError::Damaged { .. } => {
            tracing::error!(error.type = error.code(), "a table of demand: {}", chain(error));
            Code::Internal
        }
    };
    status(code, &error.code().to_ascii_uppercase(), chain(error))
}

pub(super) fn of_act(refused: &ActRefused) -> Status {
    let (code, reason) = match refused {
        ActRefused::Unknown => (Code::NotFound, "AGENCY_UNKNOWN"),
        ActRefused::NotWritten(_) => (Code::Unavailable, "STORAGE"),
        ActRefused::Audit(_) => (Code::Unavailable, "AUDIT_FAILED"),
    };
    status(code, reason, refused.to_string())
}

pub(super) fn of_decision(refused: &DecisionRefused) -> Status {
    let (code, reason) = match refused {
        DecisionRefused::Act(refused) => return of_act(refused),
        DecisionRefused::Denied => (Code::PermissionDenied, "DENIED"),
        DecisionRefused::Person(_) => (Code::InvalidArgument, "PERSON_INVALID"),
        DecisionRefused::Reason(_) => (Code::InvalidArgument, "REASON_INVALID"),
        DecisionRefused::Evidence(_) => (Code::InvalidArgument, "EVIDENCE_INVALID"),
        DecisionRefused::Grant(GrantRefused::Unknown) => (Code::NotFound, "AGENCY_UNKNOWN"),
        DecisionRefused::Grant(GrantRefused::Expiry) => {
            (Code::InvalidArgument, "GRANT_END_INVALID")
        }
        DecisionRefused::Grant(GrantRefused::SamePerson) => {
            (Code::PermissionDenied, "SECOND_PERSON_NEEDED")
        }
        DecisionRefused::Grant(GrantRefused::Differs) => {
            (Code::FailedPrecondition, "GRANT_DIFFERS")
        }
        DecisionRefused::Grant(GrantRefused::Nothing) => (Code::NotFound, "GRANT_UNKNOWN"),
        DecisionRefused::Grant(GrantRefused::NotWritten(_)) => (Code::Unavailable, "STORAGE"),
    };
    status(code, reason, refused.to_string())
}

pub(super) fn of_enrol(error: &EnrolError) -> Status {
    let (code, reason) = match error {
        EnrolError::Denied => (Code::PermissionDenied, "DENIED"),
        EnrolError::Agency(_) => (Code::InvalidArgument, "AGENCY_ID_INVALID"),
        EnrolError::Name(_) => (Code::InvalidArgument, "AGENCY_NAME_INVALID"),
        EnrolError::SuspiciousName => (Code::FailedPrecondition, "AGENCY_NAME_SUSPICIOUS"),
        EnrolError::NameLikeAnother(_) => (Code::FailedPrecondition, "AGENCY_NAME_LIKE_ANOTHER"),
        EnrolError::Request(_) => (Code::InvalidArgument, "CERTIFICATE_REQUEST_INVALID"),
        EnrolError::Proof => (Code::InvalidArgument, "LISTING_KEY_PROOF_INVALID"),
        EnrolError::Refused(JoinRefused::AlreadyJoined) => (Code::AlreadyExists, "ALREADY_JOINED"),
        EnrolError::Refused(JoinRefused::NotJoined) => (Code::FailedPrecondition, "NOT_JOINED"),
        EnrolError::Refused(JoinRefused::Banned) => (Code::FailedPrecondition, "AGENCY_BANNED"),
        EnrolError::Challenge => (Code::Aborted, "CHALLENGE_EXPIRED"),
        EnrolError::Renewal(RenewRefused::NotMember) => (Code::PermissionDenied, "NOT_A_MEMBER"),
        EnrolError::Renewal(RenewRefused::Standing(_)) => {
            (Code::PermissionDenied, "AGENCY_MAY_NOT_PUBLISH")
        }
        EnrolError::Renewal(RenewRefused::Superseded) => {
            (Code::PermissionDenied, "CERTIFICATE_SUPERSEDED")
        }
        EnrolError::Renewal(RenewRefused::Again) => (Code::Aborted, "RENEWED_MEANWHILE"),
        EnrolError::Refused(JoinRefused::Token | JoinRefused::TokenUsed) => {
            (Code::PermissionDenied, "TOKEN_REFUSED")
        }
        EnrolError::Refused(JoinRefused::KeyInUse) => (Code::InvalidArgument, "KEY_IN_USE"),
        EnrolError::Act(_)
        | EnrolError::Renewal(RenewRefused::NotWritten(_))
        | EnrolError::Refused(JoinRefused::NotWritten(_)) => (Code::Unavailable, "STORAGE"),
        EnrolError::ClockSuspect => (Code::Unavailable, "CLOCK_SUSPECT"),
        EnrolError::Audit(_) => (Code::Unavailable, "AUDIT_FAILED"),
        EnrolError::Authority(_) | EnrolError::Randomness(_) => {
            (Code::Internal, "AUTHORITY_FAILED")
        }
    };
    status(code, reason, error.to_string())
}

pub(super) fn of_watch(error: &WatchError) -> Status {
    let (code, reason) = match error {
        WatchError::GenerationAhead { .. } => (Code::FailedPrecondition, "GENERATION_AHEAD"),
        WatchError::BookmarkAhead { .. } => (Code::FailedPrecondition, "BOOKMARK_AHEAD"),
        WatchError::Denied => (Code::PermissionDenied, "SCOPE_MISSING"),
        WatchError::TooMany => (Code::ResourceExhausted, "TOO_MANY_WATCHERS"),
        WatchError::Journal(_) | WatchError::Fact(_) => (Code::Internal, "JOURNAL_FAILED"),
        WatchError::Store(_) => (Code::Internal, "STORE_FAILED"),
    };
    if code == Code::Internal {
        tracing::error!(error.type = reason, "the change feed failed: {}", chain(error));
    }
    status(code, reason, error.to_string())
}

pub(super) fn of_signed(error: &SignedError) -> Status {
    match error {
        SignedError::Denied => status(Code::PermissionDenied, "SCOPE_MISSING", error.to_string()),
        SignedError::Unknown => status(Code::NotFound, "AGENCY_UNKNOWN", error.to_string()),
        SignedError::Store(failed) => {
            tracing::error!(error.type = "store", "signed records cannot be read: {failed}");
            status(Code::Internal, "STORE_FAILED", error.to_string())
        }
    }
}

/// The operator reads this on the machine itself: the whole chain of causes.
pub(super) fn of_backup(error: &BackupError) -> Status {
    let (code, reason) = match error {
        BackupError::Occupied { .. } => (Code::AlreadyExists, "BACKUP_OCCUPIED"),
        _ => (Code::Internal, "BACKUP_FAILED"),
    };
    status(code, reason, chain(error))
}

pub(super) fn of_people(error: &PeopleError) -> Status {
    let (code, reason) = match error {
        PeopleError::NameTaken => (Code::AlreadyExists, "NAME_TAKEN"),
        PeopleError::Unknown => (Code::NotFound, "ACCOUNT_UNKNOWN"),
        PeopleError::Full => (Code::ResourceExhausted, "PEOPLE_FULL"),
        PeopleError::Denied => (Code::PermissionDenied, "PEOPLE_DENIED"),
        PeopleError::Audit(_) => (Code::Unavailable, "AUDIT_FAILED"),
        PeopleError::Io(_) | PeopleError::Damaged => (Code::Unavailable, "STORAGE"),
        PeopleError::Randomness(_) => (Code::Internal, "NO_RANDOMNESS"),
    };
    status(code, reason, chain(error))
}

pub(super) fn of_holding(error: &HoldingError) -> Status {
    let (code, reason) = match error {
        HoldingError::Denied => (Code::PermissionDenied, "HOLDING_DENIED"),
        HoldingError::TooShort => (Code::InvalidArgument, "ABOUT_TOO_SHORT"),
        _ => (Code::Internal, "HOLDING_FAILED"),
    };
    status(code, reason, chain(error))
}

pub(super) fn of_feedback(refused: FeedbackRefused) -> Status {
    let (code, reason) = match &refused {
        FeedbackRefused::Denied => (Code::PermissionDenied, "OUTCOME_DENIED"),
        FeedbackRefused::Nothing => (Code::NotFound, "SERVICE_UNKNOWN"),
        FeedbackRefused::NotOpen => (Code::FailedPrecondition, "SERVICE_NOT_SHOWN_OPEN"),
        FeedbackRefused::TooMany => (Code::ResourceExhausted, "TOO_MANY_OUTCOMES"),
        FeedbackRefused::Unwritten(_) => (Code::Unavailable, "STORAGE"),
        FeedbackRefused::Past(_) => (Code::Unavailable, "PAST_NOT_READ"),
        FeedbackRefused::Search(_) => match refused {
            FeedbackRefused::Search(error) => return of_search(error),
            _ => (Code::Internal, "SEARCH_FAILED"),
        },
    };
    status(code, reason, refused.to_string())
}

pub(super) fn of_outcome_tables(error: &TablesError) -> Status {
    tracing::error!(error.type = "outcomes", "tables of outcomes are not told: {}", chain(error));
    status(Code::Internal, "OUTCOMES_NOT_READ", error.to_string())
}

pub(super) fn of_disk(error: &std::io::Error) -> Status {
    status(Code::Unavailable, "STORAGE", error.to_string())
}

fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
