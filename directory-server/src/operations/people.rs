//! Letting people in: what operators do with accounts and tokens, recorded before it is done.

use jiff::SignedDuration;
use referral_core::id::AgencyId;
use referral_core::policy::{Operation, Role, Scope, Viewer};
use tracing::info;

use super::Directory;
use crate::audit::{Act, Who};
use crate::people::provider::Provider;
use crate::people::{
    AccountView, Password, People, PeopleError, Secret, SignInName, SignInRefused, TokenView,
};

impl Directory {
    /// The people of this directory: who somebody is.
    #[must_use]
    pub fn people(&self) -> &People {
        &self.people
    }

    /// Invites somebody; gives their account's id and the secret of the invitation, good for 72 hours.
    ///
    /// # Errors
    /// [`PeopleError`].
    pub async fn invite_person(
        &self,
        viewer: &Viewer,
        sign_in: SignInName,
        role: Role,
        agency: Option<AgencyId>,
    ) -> Result<(String, Secret), PeopleError> {
        may_manage_people(viewer)?;
        let id = People::new_id()?;
        self.record(viewer, Act::PersonInvited, id.as_str(), role.as_str())
            .await?;
        let secret = self.people.invite(sign_in, role, agency.as_ref(), &id)?;
        info!(referral.account.id = %id, "account {id} was invited");
        Ok((id.to_string(), secret))
    }

    /// Invites somebody again who forgot their password; every session of theirs ends.
    ///
    /// # Errors
    /// [`PeopleError`].
    pub async fn invite_person_again(
        &self,
        viewer: &Viewer,
        account: &str,
    ) -> Result<Secret, PeopleError> {
        may_manage_people(viewer)?;
        self.known(account)?;
        self.record(viewer, Act::PersonInvited, account, "again")
            .await?;
        self.people.invite_again(account)
    }

    /// Gives somebody another role.
    ///
    /// # Errors
    /// [`PeopleError`].
    pub async fn change_role(
        &self,
        viewer: &Viewer,
        account: &str,
        role: Role,
    ) -> Result<(), PeopleError> {
        may_manage_people(viewer)?;
        self.known(account)?;
        self.record(viewer, Act::RoleChanged, account, role.as_str())
            .await?;
        self.people.change_role(account, role)
    }

    /// Ends an account at once, with its sessions and tokens.
    ///
    /// # Errors
    /// [`PeopleError`].
    pub async fn revoke_person(&self, viewer: &Viewer, account: &str) -> Result<(), PeopleError> {
        may_manage_people(viewer)?;
        self.known(account)?;
        self.record(viewer, Act::PersonRevoked, account, "").await?;
        self.people.revoke(account)?;
        info!(
            referral.account.id = account,
            "account {account} was revoked"
        );
        Ok(())
    }

    /// Every account.
    ///
    /// # Errors
    /// [`PeopleError::Denied`].
    pub fn persons(&self, viewer: &Viewer) -> Result<Vec<AccountView>, PeopleError> {
        may_manage_people(viewer)?;
        Ok(self.people.accounts())
    }

    /// What somebody signs in with; `None` for whoever has no account.
    #[must_use]
    pub fn signed_in_as(&self, viewer: &Viewer) -> Option<String> {
        let account = viewer.account.as_ref()?;
        let accounts = self.people.accounts();
        let of = accounts.iter().find(|known| known.id == account.as_str())?;
        Some(of.sign_in.as_str().to_owned())
    }

    /// Makes a token for an account; gives its id and its secret, which is shown this once.
    ///
    /// # Errors
    /// [`PeopleError`].
    pub async fn make_token(
        &self,
        viewer: &Viewer,
        account: &str,
        scopes: &[Scope],
        good_for: SignedDuration,
    ) -> Result<(String, Secret), PeopleError> {
        may_manage_people(viewer)?;
        self.known(account)?;
        let id = People::new_token_id()?;
        let names: Vec<&str> = scopes.iter().map(|scope| scope.as_str()).collect();
        let note = format!("for {account}: {}", names.join(", "));
        self.record(viewer, Act::TokenMade, &id, &note).await?;
        let secret = self.people.make_token(&id, account, scopes, good_for)?;
        Ok((id, secret))
    }

    /// Every token.
    ///
    /// # Errors
    /// [`PeopleError::Denied`].
    pub fn tokens(&self, viewer: &Viewer) -> Result<Vec<TokenView>, PeopleError> {
        may_manage_people(viewer)?;
        Ok(self.people.tokens())
    }

    /// Ends a token at once.
    ///
    /// # Errors
    /// [`PeopleError`].
    pub async fn revoke_token(&self, viewer: &Viewer, token: &str) -> Result<(), PeopleError> {
        may_manage_people(viewer)?;
        if self.people.tokens().iter().all(|known| known.id != token) {
            return Err(PeopleError::Unknown);
        }
        self.record(viewer, Act::TokenRevoked, token, "").await?;
        self.people.revoke_token(token)
    }

    /// Takes up an invitation with a new password, and signs in.
    ///
    /// # Errors
    /// [`SignInRefused`].
    pub async fn accept_invitation(
        &self,
        invitation: &str,
        password: Password,
    ) -> Result<Secret, SignInRefused> {
        let invited = self.people.invited(invitation);
        let (id, _) = invited.ok_or(SignInRefused::Invitation)?;
        let who = Viewer {
            account: Some(id.clone()),
            ..Viewer::default()
        };
        let recorded = self.record(&who, Act::PersonJoined, id.as_str(), "").await;
        recorded.map_err(|_| SignInRefused::Failed)?;
        self.people.accept(invitation, password).await
    }

    /// The OpenID provider at which people sign in, where there is one.
    #[must_use]
    pub fn provider(&self) -> Option<&Provider> {
        self.provider.get()
    }

    /// How people reach the pages, such as `https://directory.example`; empty before it is known.
    #[must_use]
    pub fn address(&self) -> &str {
        self.address.get().map_or("", String::as_str)
    }

    /// Says how people reach the pages. Once; a second time is ignored.
    pub fn set_address(&self, address: &str) {
        let _first_stays = self.address.set(address.trim_end_matches('/').to_owned());
    }

    /// Sets the OpenID provider. Once; a second one is ignored.
    pub fn set_provider(&self, provider: Provider) {
        let _first_stays = self.provider.set(provider);
    }

    /// Lets somebody in who comes back from the provider.
    ///
    /// # Errors
    /// [`SignInRefused`].
    pub async fn sign_in_with_provider(
        &self,
        code: &str,
        state: &str,
    ) -> Result<Secret, SignInRefused> {
        let provider = self.provider().ok_or(SignInRefused::Failed)?;
        let found = provider.end(code, state).await.map_err(|error| {
            tracing::warn!(error.type = error.code(), "a sign-in at the provider failed: {error}");
            SignInRefused::Failed
        })?;
        let email = found.email.as_deref();
        self.people
            .sign_in_with_provider(&found.issuer, &found.subject, email)
    }

    /// Records what is about to be done.
    pub(super) async fn record(
        &self,
        viewer: &Viewer,
        act: Act,
        about: &str,
        note: &str,
    ) -> Result<(), crate::audit::AuditError> {
        let who = Who::from(viewer);
        let recorded = self
            .audit
            .before(who, act, about.to_owned(), note.to_owned(), self.now());
        recorded.await.map(|_| ())
    }

    /// Before anything is recorded: that there is the account.
    fn known(&self, account: &str) -> Result<(), PeopleError> {
        let known = self.people.accounts();
        if known.iter().any(|known| known.id == account) {
            Ok(())
        } else {
            Err(PeopleError::Unknown)
        }
    }
}

fn may_manage_people(viewer: &Viewer) -> Result<(), PeopleError> {
    if viewer.may(Operation::ManagePeople) {
        Ok(())
    } else {
        Err(PeopleError::Denied)
    }
}
