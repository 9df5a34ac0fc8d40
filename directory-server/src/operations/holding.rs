//! Everything the directory holds about an agency or a name: for whoever asks, and for a lawyer.

use prost::Message;
use referral_core::id::{AgencyId, Kind};
use referral_core::policy::{Operation, Viewer};
use referral_journal::JournalError;

use super::Directory;
use crate::audit::{self, AuditError};
use crate::store::StoreError;

/// Fewest characters of a name: fewer are in everything.
const SHORTEST: usize = 3;

/// One thing that is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Where: `agency`, `account`, `token`, `outcome`, `record`, `report`, `journal` or `audit`.
    pub place: &'static str,
    /// What, in words.
    pub what: String,
}

/// Why it is not told.
#[derive(Debug, thiserror::Error)]
pub enum HoldingError {
    /// They may not ask.
    #[error("this is for operators who signed in a moment ago")]
    Denied,
    /// Too short.
    #[error("give an agency's id, or at least {SHORTEST} characters of a name")]
    TooShort,
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The journal.
    #[error("the directory's journal cannot be read")]
    Journal(#[from] JournalError),
    /// The audit log.
    #[error(transparent)]
    Audit(#[from] AuditError),
}

impl Directory {
    /// Everything held about an agency (by its id) or a name (of a person, a place, anything: wherever these
    /// words occur, whatever their case). Reads everything: not for an async thread.
    ///
    /// There is nothing about searches: none of them is kept.
    ///
    /// # Errors
    /// [`HoldingError`].
    pub fn what_we_hold(&self, viewer: &Viewer, about: &str) -> Result<Vec<Held>, HoldingError> {
        if !viewer.may(Operation::ManagePeople) {
            return Err(HoldingError::Denied);
        }
        let about = about.trim();
        if about.chars().count() < SHORTEST {
            return Err(HoldingError::TooShort);
        }
        let agency = AgencyId::parse(about).ok();
        let agency = agency.filter(|id| self.ledger.heads().agency(id).is_some());
        let asked = Asked {
            agency: agency.as_ref(),
            words: about.to_lowercase(),
        };
        let mut held = self.held_of_agency(agency.as_ref());
        held.extend(self.held_of_people(&asked));
        held.extend(
            agency
                .as_ref()
                .and_then(|agency| self.held_of_outcomes(agency)),
        );
        self.held_in_store(&asked, &mut held)?;
        self.held_in_journal(&asked, &mut held)?;
        for entry in audit::read(&self.life.data)? {
            let texts = [&entry.who, &entry.about, &entry.note];
            if texts.iter().any(|text| asked.is_in(text)) {
                let what = format!("{} {} {}", entry.at, entry.act, entry.about);
                held.push(Held::of("audit", what));
            }
        }
        Ok(held)
    }

    fn held_of_agency(&self, agency: Option<&AgencyId>) -> Vec<Held> {
        let overview = self.agencies().into_iter();
        let mut overview = overview.filter(|one| Some(&one.agency) == agency);
        let Some(one) = overview.next() else {
            return Vec::new();
        };
        let heard = one
            .last_heard
            .map_or("never".to_owned(), |at| at.to_string());
        let what = format!(
            "{} ({}): joined {}, {} records, {} refused, last heard {heard}",
            one.agency, one.name, one.joined, one.records, one.refused
        );
        let mut held = vec![Held::of("agency", what)];
        let heads = self.ledger.heads();
        let membership = heads
            .agency(&one.agency)
            .and_then(|head| head.membership.as_ref());
        held.extend(membership.map(|membership| {
            let until = membership.expires_at;
            Held::of(
                "agency",
                format!("a listing key and a certificate, good until {until}"),
            )
        }));
        held
    }

    fn held_of_people(&self, asked: &Asked<'_>) -> Vec<Held> {
        let mut held = Vec::new();
        let accounts = self.people.accounts();
        let of_agency = |agency: &Option<String>| {
            asked
                .agency
                .is_some_and(|id| agency.as_deref() == Some(id.as_str()))
        };
        let accounts = accounts.iter().filter(|account| {
            asked.is_in(account.sign_in.as_str())
                || asked.is(&account.id)
                || of_agency(&account.agency)
        });
        for account in accounts {
            let what = format!(
                "{}: signs in as {}, {}, {}, since {}, {} sessions",
                account.id,
                account.sign_in.as_str(),
                account.role,
                account.state,
                account.since,
                account.sessions
            );
            held.push(Held::of("account", what));
            let tokens = self.people.tokens().into_iter();
            for token in tokens.filter(|token| token.account == account.id) {
                let what = format!("{} of {}, until {}", token.id, account.id, token.expires_at);
                held.push(Held::of("token", what));
            }
        }
        held
    }

    fn held_of_outcomes(&self, agency: &AgencyId) -> Option<Held> {
        let (services, lines) = self.outcomes_held(agency);
        let what = format!(
            "{lines} lines on how referrals to {services} services went, by day and week, nobody named"
        );
        (lines > 0).then(|| Held::of("outcome", what))
    }

    fn held_in_store(&self, asked: &Asked<'_>, held: &mut Vec<Held>) -> Result<(), StoreError> {
        for kind in [Kind::Organization, Kind::Location, Kind::Service] {
            for entry in self.store.records_of(kind) {
                let (key, stored) = entry?;
                if asked.agency == Some(&key.agency) || asked.is_in_bytes(&stored.signed.bytes) {
                    let state = if stored.record.is_some() {
                        "published"
                    } else {
                        "withdrawn"
                    };
                    let what = format!("{key}, {state}, received {}", stored.received_at);
                    held.push(Held::of("record", what));
                }
            }
        }
        for report in self.store.reports() {
            let report = report?;
            if asked.agency == Some(&report.agency) || asked.is_in_bytes(&report.signed.bytes) {
                let service = &report.held.report.said().service;
                let what = format!(
                    "{}/{service}, received {}",
                    report.agency, report.received_at
                );
                held.push(Held::of("report", what));
            }
        }
        Ok(())
    }

    /// The journal keeps what was accepted as it came, earlier versions too.
    fn held_in_journal(&self, asked: &Asked<'_>, held: &mut Vec<Held>) -> Result<(), JournalError> {
        let archive = self.ledger.journal();
        let (mut records, mut first) = (0_u64, None);
        for record in archive.read_from(archive.first_index())? {
            let record = record?;
            let of_agency = asked
                .agency
                .is_some_and(|agency| is_of(agency, &record.bytes));
            if of_agency || asked.is_in_bytes(&record.bytes) {
                records += 1;
                first = first.or(Some(record.received_at_us));
            }
        }
        if let Some(first) = first.and_then(|at| jiff::Timestamp::from_microsecond(at).ok()) {
            let what = format!("{records} records as they came, the oldest of {first}");
            held.push(Held::of("journal", what));
        }
        Ok(())
    }
}

/// What is asked about.
struct Asked<'a> {
    agency: Option<&'a AgencyId>,
    /// In lower case.
    words: String,
}

impl Asked<'_> {
    fn is(&self, text: &str) -> bool {
        text.to_lowercase() == self.words
    }

    fn is_in(&self, text: &str) -> bool {
        text.to_lowercase().contains(&self.words)
    }

    /// Texts stand in encoded messages as they are.
    fn is_in_bytes(&self, bytes: &[u8]) -> bool {
        self.is_in(&String::from_utf8_lossy(bytes))
    }
}

/// Whether a journal record is an agency's: its id is a field of its own in every kind.
fn is_of(agency: &AgencyId, bytes: &[u8]) -> bool {
    let id = agency.as_str().to_owned().encode_to_vec();
    // A field of the same text: tag, length, text. The tag differs between kinds, the rest does not.
    let field = id.get(1..).unwrap_or_default();
    !field.is_empty() && bytes.windows(field.len()).any(|part| part == field)
}

impl Held {
    fn of(place: &'static str, what: String) -> Self {
        Self { place, what }
    }
}
