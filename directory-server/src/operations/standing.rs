//! What the operator decides about an agency: how it stands, and which categories of services it may offer.
//!
//! Every decision names who made it and is in the journal before it has an effect. Open streams of an agency that
//! may not publish any more are ended at once.

use jiff::Timestamp;
use referral_core::catalog::Category;
use referral_core::id::AgencyId;
use referral_core::policy::{Operation, Viewer};
use referral_core::text::{InvalidText, Text};

use super::Directory;
use super::publish::Session;
use crate::audit::Act;
use crate::ledger::{
    ActRefused, FenceCause, GrantRefused, NotWritten, OperatorAct, Person, Proposal, SessionEnd,
    Standing, Submission,
};

/// Most characters of a reason or a reference.
const LONGEST: usize = 1_000;

/// Why a decision was not recorded.
#[derive(Debug, thiserror::Error)]
pub enum DecisionRefused {
    /// They may not decide this, or not until they sign in again.
    #[error("this is for operators who signed in lately")]
    Denied,
    /// The name of the person.
    #[error("the name of the person who decides {0}")]
    Person(InvalidText),
    /// The reason.
    #[error("the reason {0}")]
    Reason(InvalidText),
    /// The reference to the evidence.
    #[error("the reference to the evidence {0}")]
    Evidence(InvalidText),
    /// The ledger refused.
    #[error(transparent)]
    Act(#[from] ActRefused),
    /// The grant was refused.
    #[error(transparent)]
    Grant(#[from] GrantRefused),
}

impl Directory {
    /// Changes how an agency stands. From the next operation on it counts, and its open stream is ended.
    ///
    /// * `by`, `why` — who decided it, and the reason.
    ///
    /// # Errors
    /// [`DecisionRefused`].
    pub async fn set_standing(
        &self,
        viewer: &Viewer,
        agency: AgencyId,
        standing: Standing,
        by: &str,
        why: &str,
    ) -> Result<(), DecisionRefused> {
        let by = Person::parse(by).map_err(DecisionRefused::Person)?;
        let why = words(why).map_err(DecisionRefused::Reason)?;
        let note = format!("{}, said {by}", standing.as_str());
        self.record_decision(viewer, Act::AgencyChanged, &agency, &note)
            .await?;
        let act = OperatorAct::SetStanding(agency.clone(), standing, by, why);
        self.ledger
            .submit::<(), ActRefused>(|answer| Submission::Operator(act, answer))
            .await?;
        if standing != Standing::Active {
            self.sessions.end(&agency);
        }
        Ok(())
    }

    /// One person says that the evidence for a category is good. True: it was the second, and the category
    /// is granted until `expires_at`.
    ///
    /// # Errors
    /// [`DecisionRefused`] when it is the same person, when the two mean different things, and for an end
    /// that is over or more than twelve months away.
    pub async fn grant(
        &self,
        viewer: &Viewer,
        agency: AgencyId,
        category: Category,
        evidence: &str,
        expires_at: Timestamp,
        by: &str,
    ) -> Result<bool, DecisionRefused> {
        let proposal = Proposal {
            evidence: words(evidence).map_err(DecisionRefused::Evidence)?,
            expires_at,
            by: Person::parse(by).map_err(DecisionRefused::Person)?,
        };
        let note = format!("{category} until {expires_at:.0}, said {}", proposal.by);
        self.record_decision(viewer, Act::AgencyChanged, &agency, &note)
            .await?;
        let granted = self
            .ledger
            .submit::<_, GrantRefused>(|answer| {
                Submission::Grant(agency, category, proposal, answer)
            })
            .await?;
        Ok(granted)
    }

    /// Takes a grant back, or turns a proposal down: at once.
    ///
    /// # Errors
    /// [`DecisionRefused`].
    pub async fn revoke(
        &self,
        viewer: &Viewer,
        agency: AgencyId,
        category: Category,
        by: &str,
        why: &str,
    ) -> Result<(), DecisionRefused> {
        let by = Person::parse(by).map_err(DecisionRefused::Person)?;
        let why = words(why).map_err(DecisionRefused::Reason)?;
        let note = format!("{category} revoked, said {by}");
        self.record_decision(viewer, Act::AgencyChanged, &agency, &note)
            .await?;
        self.ledger
            .submit::<(), GrantRefused>(|answer| {
                Submission::Revoke(agency, category, by, why, answer)
            })
            .await?;
        Ok(())
    }

    /// Lets names stand that look like another agency's: a person looked at them.
    ///
    /// # Errors
    /// [`DecisionRefused`].
    pub async fn clear_name(
        &self,
        viewer: &Viewer,
        agency: AgencyId,
        name: &str,
        by: &str,
    ) -> Result<(), DecisionRefused> {
        let by = Person::parse(by).map_err(DecisionRefused::Person)?;
        let skeleton = referral_core::lookalike::skeleton(name);
        let note = format!("a name stands, said {by}");
        self.record_decision(viewer, Act::Moderated, &agency, &note)
            .await?;
        let act = OperatorAct::ClearName(agency, skeleton, by);
        self.ledger
            .submit::<(), ActRefused>(|answer| Submission::Operator(act, answer))
            .await?;
        Ok(())
    }

    /// Says how many services an agency may publish.
    ///
    /// # Errors
    /// [`DecisionRefused`].
    pub async fn set_quota(
        &self,
        viewer: &Viewer,
        agency: AgencyId,
        services: u32,
    ) -> Result<(), DecisionRefused> {
        let note = format!("at most {services} services");
        self.record_decision(viewer, Act::AgencyChanged, &agency, &note)
            .await?;
        let act = OperatorAct::SetQuota(agency, services);
        self.ledger
            .submit::<(), ActRefused>(|answer| Submission::Operator(act, answer))
            .await?;
        Ok(())
    }

    /// Records which grants have come to their end, so that what they let be found is held again, which services were
    /// not said again for too long, and which reports waited in vain for what they are about.
    ///
    /// # Errors
    /// [`NotWritten`]; it is tried again.
    pub async fn lapse(&self) -> Result<(), NotWritten> {
        let now = self.now();
        let any = {
            let heads = self.ledger.heads();
            let mut agencies = heads.agencies();
            agencies.any(|(_, head)| head.member.grants.lapsed(now).next().is_some())
                || !heads.overdue_reports(now, 1).is_empty()
                || self.ages.is_due(&heads, now)
        };
        if !any {
            return Ok(());
        }
        self.ledger.submit(Submission::Lapse).await
    }

    /// Records in the audit log what is about to be decided, if they may decide it. At the machine people are named
    /// as they name themselves: the account is that of whoever has the machine.
    pub(super) async fn record_decision(
        &self,
        viewer: &Viewer,
        act: Act,
        agency: &AgencyId,
        note: &str,
    ) -> Result<(), DecisionRefused> {
        may_decide(viewer, act)?;
        let recorded = self.record(viewer, act, agency.as_str(), note);
        Ok(recorded.await.map_err(ActRefused::from)?)
    }

    /// Why a session was ended from here.
    #[must_use]
    pub fn why_ended(&self, session: &Session) -> SessionEnd {
        let heads = self.ledger.heads();
        let head = heads.agency(&session.agency);
        match head.and_then(|head| head.member.refuses()) {
            Some(text) => SessionEnd {
                cause: FenceCause::Suspended,
                text,
            },
            None => SessionEnd::of(FenceCause::Superseded),
        }
    }
}

/// Whether somebody may do this to an agency.
///
/// # Errors
/// [`DecisionRefused::Denied`].
fn may_decide(viewer: &Viewer, act: Act) -> Result<(), DecisionRefused> {
    let operation = match act {
        Act::Moderated => Operation::Moderate,
        _ => Operation::ManageAgencies,
    };
    if viewer.may(operation) {
        Ok(())
    } else {
        Err(DecisionRefused::Denied)
    }
}

fn words(text: &str) -> Result<String, InvalidText> {
    let text = Text::parse(text)?;
    if text.as_str().chars().count() > LONGEST {
        return Err(InvalidText::TooLong);
    }
    Ok(text.as_str().to_owned())
}
