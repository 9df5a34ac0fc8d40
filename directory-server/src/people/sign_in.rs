//! Invitations, signing in and out.

use std::net::IpAddr;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use referral_core::id::AgencyId;
use referral_core::policy::{AccountId, Role, Viewer};
use referral_runtime::accounts::{Counted, Purpose};

use super::account::{Account, Invitation, ProviderIdentity};
use super::{AccountView, Password, People, PeopleError, Secret, SignInName, random_id};

/// How long an invitation is good for.
const INVITATION: SignedDuration = SignedDuration::from_hours(72);

/// Why somebody was not let in. What is wrong is not said: that would tell which accounts there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignInRefused {
    /// Name or password is wrong, or the account is no more.
    #[error("name and password do not go together")]
    Wrong,
    /// Too many tries.
    #[error("too many tries: wait a little, then try again")]
    TooMany(Duration),
    /// The invitation is unknown, used or too old.
    #[error("this invitation is not good any more: ask for another one")]
    Invitation,
    /// The provider knows them and this directory does not.
    #[error("you are not known here: ask the operator for an invitation")]
    NotInvited,
    /// The machine failed.
    #[error("signing in failed: try again")]
    Failed,
}

impl SignInRefused {
    /// A stable name for this kind of refusal.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Wrong => "sign_in_wrong",
            Self::TooMany(_) => "sign_in_too_many",
            Self::Invitation => "invitation_refused",
            Self::NotInvited => "not_invited",
            Self::Failed => "sign_in_failed",
        }
    }
}

impl People {
    /// Makes an account for somebody, and the invitation they set their password with.
    pub(crate) fn invite(
        &self,
        sign_in: SignInName,
        role: Role,
        agency: Option<&AgencyId>,
        id: &AccountId,
    ) -> Result<Secret, PeopleError> {
        let now = self.clock.now();
        let mut book = self.book();
        if book.accounts().iter().any(|known| known.sign_in == sign_in) {
            return Err(PeopleError::NameTaken);
        }
        let secret = Secret::generate(Purpose::Invitation)?;
        book.add(Account {
            id: id.to_string(),
            sign_in,
            role: role.as_str().to_owned(),
            agency: agency.map(ToString::to_string),
            password: None,
            invitation: Some(invitation(&secret, now)),
            provider: None,
            revoked: false,
            since: now,
        })?;
        Ok(secret)
    }

    /// A new invitation for an account: whoever takes it up sets a new password. Ends every session.
    pub(crate) fn invite_again(&self, id: &str) -> Result<Secret, PeopleError> {
        let now = self.clock.now();
        let secret = Secret::generate(Purpose::Invitation)?;
        self.book().change(id, |account| {
            account.password = None;
            account.invitation = Some(invitation(&secret, now));
            account.revoked = false;
        })?;
        self.sessions().end_all_of(id);
        Ok(secret)
    }

    /// A new account's id.
    pub(crate) fn new_id() -> Result<AccountId, PeopleError> {
        Ok(AccountId::of(random_id()?))
    }

    /// The account an invitation is for; `None`: it is not good.
    #[must_use]
    pub fn invited(&self, text: &str) -> Option<(AccountId, SignInName)> {
        let hash = Secret::parse(Purpose::Invitation, text)?.hash().to_string();
        let now = self.clock.now();
        let book = self.book();
        let account = book.accounts().iter().find(|account| {
            let invitation = account.invitation.as_ref();
            let good = invitation.is_some_and(|one| one.hash == hash && one.expires_at > now);
            good && !account.revoked
        })?;
        let id = AccountId::parse(&account.id).ok()?;
        Some((id, account.sign_in.clone()))
    }

    /// Takes up an invitation: it is worthless from then on, and its account has this password.
    pub(crate) async fn accept(
        &self,
        text: &str,
        password: Password,
    ) -> Result<Secret, SignInRefused> {
        let hashed = self.hashing(move || password.hash()).await?;
        let hashed = hashed.ok_or(SignInRefused::Failed)?;
        // Looked at again: meanwhile somebody else may have taken it up.
        let Some((id, _)) = self.invited(text) else {
            return Err(SignInRefused::Invitation);
        };
        let hash = Secret::parse(Purpose::Invitation, text).map(|secret| secret.hash().to_string());
        let mut taken = false;
        let changed = self.book().change(id.as_str(), |account| {
            let own = account.invitation.as_ref().map(|one| &one.hash);
            taken = own.is_some() && own == hash.as_ref();
            if taken {
                account.invitation = None;
                account.password = Some(hashed);
            }
        });
        changed.map_err(|_| SignInRefused::Failed)?;
        if !taken {
            return Err(SignInRefused::Invitation);
        }
        self.sessions().end_all_of(id.as_str());
        self.begin(id.as_str())
    }

    /// Lets somebody in who knows their password. Takes the same time whatever is wrong.
    ///
    /// * `from` — where they are, where that is known.
    ///
    /// # Errors
    /// [`SignInRefused`].
    pub async fn sign_in(
        &self,
        name: &str,
        password: Password,
        from: Option<IpAddr>,
    ) -> Result<Secret, SignInRefused> {
        let name = SignInName::parse(name).map_err(|_| SignInRefused::Wrong)?;
        let counted = Counted::of(&name, from);
        let may = self.attempts().count(&counted, self.clock.elapsed());
        may.map_err(SignInRefused::TooMany)?;
        let known = {
            let book = self.book();
            let mut accounts = book.accounts().iter();
            let account = accounts.find(|account| account.sign_in == name && !account.revoked);
            account.map(|account| (account.id.clone(), account.password.clone()))
        };
        let (id, kept) = known.map_or((None, None), |(id, kept)| (Some(id), kept));
        let right = self.hashing(move || password.is(kept.as_deref())).await?;
        let id = id.filter(|_| right).ok_or(SignInRefused::Wrong)?;
        self.attempts().succeeded(&counted);
        self.begin(&id)
    }

    /// Lets somebody in whom an OpenID provider knows.
    ///
    /// * `email` — their address, where the provider has verified it: the first sign-in there of somebody who
    ///   was invited by it.
    pub(crate) fn sign_in_with_provider(
        &self,
        issuer: &str,
        subject: &str,
        email: Option<&str>,
    ) -> Result<Secret, SignInRefused> {
        let identity = ProviderIdentity {
            issuer: issuer.to_owned(),
            subject: subject.to_owned(),
        };
        let id = {
            let mut book = self.book();
            let known = book.accounts().iter();
            let mut known = known.filter(|account| account.provider.as_ref() == Some(&identity));
            if let Some(account) = known.next() {
                if account.revoked {
                    return Err(SignInRefused::NotInvited);
                }
                account.id.clone()
            } else {
                let name = email.and_then(|email| SignInName::parse(email).ok());
                let mut invited = book.accounts().iter().filter(|account| {
                    Some(&account.sign_in) == name.as_ref()
                        && account.provider.is_none()
                        && account.password.is_none()
                        && !account.revoked
                });
                let id = invited.next().map(|account| account.id.clone());
                let id = id.ok_or(SignInRefused::NotInvited)?;
                let changed = book.change(&id, |account| {
                    account.provider = Some(identity);
                    account.invitation = None;
                });
                changed.map_err(|_| SignInRefused::Failed)?;
                id
            }
        };
        self.begin(&id)
    }

    /// Who somebody with this session is; `None`: the session is over.
    #[must_use]
    pub fn of_session(&self, text: &str) -> Option<(Viewer, Secret)> {
        let secret = Secret::parse(Purpose::Session, text)?;
        let (account, fresh) = self.sessions().seen(&secret.hash(), self.clock.elapsed())?;
        let viewer = self.viewer(&account)?;
        Some((Viewer { fresh, ..viewer }, secret))
    }

    /// Who a session is of, asked by a page by itself: that keeps no session alive. Never fresh.
    #[must_use]
    pub fn of_session_unseen(&self, text: &str) -> Option<(Viewer, Secret)> {
        let secret = Secret::parse(Purpose::Session, text)?;
        let account = self
            .sessions()
            .unseen(&secret.hash(), self.clock.elapsed())?;
        Some((self.viewer(&account)?, secret))
    }

    /// Ends a session.
    pub fn sign_out(&self, text: &str) {
        if let Some(secret) = Secret::parse(Purpose::Session, text) {
            self.sessions().end(&secret.hash());
        }
    }

    /// Ends every session of an account; says how many there were.
    pub fn sign_out_everywhere(&self, account: &AccountId) -> usize {
        self.sessions().end_all_of(account.as_str())
    }

    /// Every account, in the order in which they were made.
    pub(crate) fn accounts(&self) -> Vec<AccountView> {
        let now = self.clock.elapsed();
        let (book, sessions) = (self.book(), self.sessions());
        let view = |account: &Account| AccountView {
            id: account.id.clone(),
            sign_in: account.sign_in.clone(),
            role: account.role.clone(),
            agency: account.agency.clone(),
            state: match account {
                Account { revoked: true, .. } => "revoked",
                Account {
                    password: None,
                    provider: None,
                    ..
                } => "invited",
                _ => "active",
            },
            since: account.since,
            sessions: sessions.count_of(&account.id, now),
        };
        book.accounts().iter().map(view).collect()
    }

    /// Gives an account another role. Its sessions go on with it.
    pub(crate) fn change_role(&self, id: &str, role: Role) -> Result<(), PeopleError> {
        self.book()
            .change(id, |account| role.as_str().clone_into(&mut account.role))
    }

    /// Ends an account with its sessions and tokens.
    pub(crate) fn revoke(&self, id: &str) -> Result<(), PeopleError> {
        {
            let mut book = self.book();
            book.change(id, |account| {
                account.revoked = true;
                account.password = None;
                account.invitation = None;
            })?;
            book.revoke_tokens(id)?;
        }
        self.sessions().end_all_of(id);
        Ok(())
    }

    /// Who an account is; `None`: it is no more.
    pub(super) fn viewer(&self, account: &str) -> Option<Viewer> {
        let book = self.book();
        let account = book.account(account).filter(|account| !account.revoked)?;
        let agency = account.agency.as_deref();
        Some(Viewer {
            role: account.role()?,
            account: Some(AccountId::parse(&account.id).ok()?),
            agency: agency.and_then(|agency| AgencyId::parse(agency).ok()),
            scopes: None,
            fresh: false,
        })
    }

    fn begin(&self, account: &str) -> Result<Secret, SignInRefused> {
        let secret = Secret::generate(Purpose::Session).map_err(|_| SignInRefused::Failed)?;
        let now = self.clock.elapsed();
        self.sessions().begin(secret.hash(), account, now);
        Ok(secret)
    }

    /// Does what takes a processor and much memory in its turn, off the async threads.
    async fn hashing<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, SignInRefused> {
        self.hashing.run(work).await.ok_or(SignInRefused::Failed)
    }
}

fn invitation(secret: &Secret, now: Timestamp) -> Invitation {
    Invitation {
        hash: secret.hash().to_string(),
        expires_at: now.saturating_add(INVITATION).unwrap_or(Timestamp::MAX),
    }
}
