//! API tokens: for programs that act for an account.

use jiff::SignedDuration;
use referral_core::policy::{Scope, Viewer};
use referral_runtime::accounts::Purpose;

use super::account::Token;
use super::{People, PeopleError, Secret, TokenView, random_id};

impl People {
    /// Makes a token for an account; the secret is shown this once.
    pub(crate) fn make_token(
        &self,
        id: &str,
        account: &str,
        scopes: &[Scope],
        good_for: SignedDuration,
    ) -> Result<Secret, PeopleError> {
        let now = self.clock.now();
        let mut book = self.book();
        let known = book.account(account).filter(|account| !account.revoked);
        let account = known.ok_or(PeopleError::Unknown)?.id.clone();
        let secret = Secret::generate(Purpose::Token)?;
        book.add_token(Token {
            id: id.to_owned(),
            account,
            hash: secret.hash().to_string(),
            scopes: scopes.iter().map(|s| s.as_str().to_owned()).collect(),
            expires_at: now.saturating_add(good_for).unwrap_or(now),
            revoked: false,
        })?;
        Ok(secret)
    }

    /// A new token's id.
    pub(crate) fn new_token_id() -> Result<String, PeopleError> {
        Ok(format!("t-{:016x}", random_id()?))
    }

    /// Who a program with this token acts for; `None`: the token is not good.
    #[must_use]
    pub fn of_token(&self, text: &str) -> Option<Viewer> {
        let hash = Secret::parse(Purpose::Token, text)?.hash().to_string();
        let now = self.clock.now();
        let (account, scopes) = {
            let book = self.book();
            let mut tokens = book.tokens().iter();
            let token = tokens.find(|token| token.hash == hash)?;
            if token.revoked || token.expires_at <= now {
                return None;
            }
            (token.account.clone(), token.scopes())
        };
        let viewer = self.viewer(&account)?;
        Some(Viewer {
            scopes: Some(scopes),
            ..viewer
        })
    }

    /// Every token.
    pub(crate) fn tokens(&self) -> Vec<TokenView> {
        let book = self.book();
        let view = |token: &Token| TokenView {
            id: token.id.clone(),
            account: token.account.clone(),
            scopes: token.scopes.clone(),
            expires_at: token.expires_at,
            revoked: token.revoked,
        };
        book.tokens().iter().map(view).collect()
    }

    /// Ends a token.
    pub(crate) fn revoke_token(&self, id: &str) -> Result<(), PeopleError> {
        let mut book = self.book();
        if !book.tokens().iter().any(|token| token.id == id) {
            return Err(PeopleError::Unknown);
        }
        book.revoke_tokens(id)
    }
}
