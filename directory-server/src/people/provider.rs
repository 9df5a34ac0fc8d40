//! Signing in at an OpenID provider: authorization code with PKCE (OpenID Connect Core 1.0, RFC 7636).
//!
//! The directory talks to the configured issuer and the endpoints it names, and to nobody else. It learns
//! who somebody is there, and asks for their e-mail address only to find the account they were invited to.

mod fetch;

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreProviderMetadata, CoreUserInfoClaims,
};
use openidconnect::{
    AccessTokenHash, AuthorizationCode, ClientId, ClientSecret, CsrfToken, IssuerUrl, Nonce,
    OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, TokenResponse,
};
use referral_runtime::clock::Clock;
use url::Url;

use crate::config::SignInConfig;
use fetch::Fetch;

/// For so long a way to the provider and back may take.
const LONGEST: Duration = Duration::from_mins(10);
/// Most ways at once; the oldest is forgotten.
const MOST: usize = 2_000;

/// An OpenID provider.
pub struct Provider {
    issuer: IssuerUrl,
    client: ClientId,
    secret: Option<ClientSecret>,
    back: RedirectUrl,
    fetch: Fetch,
    ways: Mutex<HashMap<String, Way>>,
    clock: Arc<dyn Clock>,
}

/// Somebody who went to the provider and is not back.
struct Way {
    nonce: Nonce,
    verifier: PkceCodeVerifier,
    since: Duration,
}

/// Who somebody is at the provider.
pub struct Identified {
    /// The provider.
    pub issuer: String,
    /// Who they are there.
    pub subject: String,
    /// Their address, where the provider has verified it.
    pub email: Option<String>,
}

/// Why a provider cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// The configuration.
    #[error("sign_in.{0} cannot be used: {1}")]
    Configuration(&'static str, &'static str),
    /// It does not answer, or not as a provider does.
    #[error("the OpenID provider does not answer as one")]
    Unreachable,
    /// The way back is not one that began here, or took too long.
    #[error("this sign-in did not begin here, or took too long")]
    Way,
    /// The provider refuses the code.
    #[error("the OpenID provider does not take the code")]
    Code,
    /// What it says about the person is not signed as it must be.
    #[error("the OpenID provider's answer cannot be believed")]
    Unbelieved,
}

impl ProviderError {
    /// A stable name for this kind of failure.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Configuration(..) => "provider_configuration",
            Self::Unreachable => "provider_unreachable",
            Self::Way => "provider_way",
            Self::Code => "provider_code",
            Self::Unbelieved => "provider_unbelieved",
        }
    }
}

impl Provider {
    /// The provider of the configuration; `None`: there is none.
    ///
    /// * `address` — how people reach the pages.
    ///
    /// # Errors
    /// [`ProviderError::Configuration`].
    pub fn of(
        config: &SignInConfig,
        address: &str,
        clock: Arc<dyn Clock>,
    ) -> Result<Option<Self>, ProviderError> {
        use ProviderError::Configuration;
        let Some(issuer) = &config.issuer else {
            return Ok(None);
        };
        let url = Url::parse(issuer).map_err(|_| Configuration("issuer", "it is no address"))?;
        if !fetch::may_be_asked(&url) {
            let why = "give an https address; http on this machine only";
            return Err(Configuration("issuer", why));
        }
        let client = config.client_id.clone();
        let client = client.ok_or(Configuration("client_id", "it is missing"))?;
        let secret = config.client_secret.as_deref().map(secret).transpose()?;
        let back = format!("{}/sign-in/back", address.trim_end_matches('/'));
        let back = RedirectUrl::new(back);
        let back = back.map_err(|_| Configuration("address", "it is no address"))?;
        let issuer = IssuerUrl::new(issuer.clone());
        Ok(Some(Self {
            issuer: issuer.map_err(|_| Configuration("issuer", "it is no address"))?,
            client: ClientId::new(client),
            secret,
            back,
            fetch: Fetch::new(config.authorities.as_deref())?,
            ways: Mutex::default(),
            clock,
        }))
    }

    /// Where somebody signs in at the provider, and the state that comes back with them.
    ///
    /// # Errors
    /// [`ProviderError::Unreachable`].
    pub async fn begin(&self) -> Result<(Url, String), ProviderError> {
        let metadata = self.metadata().await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let client = self.client(metadata);
        let (address, state, nonce) = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            .add_scope(Scope::new("email".to_owned()))
            .set_pkce_challenge(challenge)
            .url();
        let now = self.clock.elapsed();
        let way = Way {
            nonce,
            verifier,
            since: now,
        };
        let state = state.secret().clone();
        let mut ways = self.ways.lock().unwrap_or_else(PoisonError::into_inner);
        ways.retain(|_, way| now.saturating_sub(way.since) < LONGEST);
        if ways.len() >= MOST {
            let oldest = ways.iter().min_by_key(|(_, way)| way.since);
            if let Some(oldest) = oldest.map(|(state, _)| state.clone()) {
                ways.remove(&oldest);
            }
        }
        ways.insert(state.clone(), way);
        Ok((address, state))
    }

    /// Who came back with this code and state. A state is good once.
    ///
    /// # Errors
    /// [`ProviderError`].
    pub async fn end(&self, code: &str, state: &str) -> Result<Identified, ProviderError> {
        let way = {
            let mut ways = self.ways.lock().unwrap_or_else(PoisonError::into_inner);
            ways.remove(state)
        };
        let now = self.clock.elapsed();
        let way = way.filter(|way| now.saturating_sub(way.since) < LONGEST);
        let way = way.ok_or(ProviderError::Way)?;
        let client = self.client(self.metadata().await?);
        let tokens = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|_| ProviderError::Unreachable)?
            .set_pkce_verifier(way.verifier)
            .request_async(&self.fetch)
            .await
            .map_err(|_| ProviderError::Code)?;
        let id_token = tokens.id_token().ok_or(ProviderError::Unbelieved)?;
        let verifier = client.id_token_verifier();
        let claims = id_token
            .claims(&verifier, &way.nonce)
            .map_err(|_| ProviderError::Unbelieved)?;
        if let Some(expected) = claims.access_token_hash() {
            let algorithm = id_token.signing_alg();
            let key = id_token.signing_key(&verifier);
            let (Ok(algorithm), Ok(key)) = (algorithm, key) else {
                return Err(ProviderError::Unbelieved);
            };
            let actual = AccessTokenHash::from_token(tokens.access_token(), algorithm, key);
            if actual.ok().as_ref() != Some(expected) {
                return Err(ProviderError::Unbelieved);
            }
        }
        let subject = claims.subject().clone();
        let mut email = verified(claims.email_verified(), claims.email());
        if email.is_none()
            && let Ok(request) =
                client.user_info(tokens.access_token().clone(), Some(subject.clone()))
        {
            let more: Result<CoreUserInfoClaims, _> = request.request_async(&self.fetch).await;
            let more = more.map_err(|_| ProviderError::Unbelieved)?;
            email = verified(more.email_verified(), more.email());
        }
        Ok(Identified {
            issuer: claims.issuer().to_string(),
            subject: subject.to_string(),
            email,
        })
    }

    async fn metadata(&self) -> Result<CoreProviderMetadata, ProviderError> {
        let found = CoreProviderMetadata::discover_async(self.issuer.clone(), &self.fetch).await;
        found.map_err(|_| ProviderError::Unreachable)
    }

    fn client(&self, metadata: CoreProviderMetadata) -> Ready {
        CoreClient::from_provider_metadata(metadata, self.client.clone(), self.secret.clone())
            .set_redirect_uri(self.back.clone())
    }
}

/// A client with every endpoint that discovery gives.
type Ready = CoreClient<
    openidconnect::EndpointSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointMaybeSet,
    openidconnect::EndpointMaybeSet,
>;

fn verified(
    is_verified: Option<bool>,
    email: Option<&openidconnect::EndUserEmail>,
) -> Option<String> {
    let email = email.filter(|_| is_verified == Some(true))?;
    Some(email.as_str().to_owned())
}

fn secret(path: &Path) -> Result<ClientSecret, ProviderError> {
    let read = std::fs::read_to_string(path);
    let unread = ProviderError::Configuration("client_secret", "the file cannot be read");
    Ok(ClientSecret::new(
        read.map_err(|_| unread)?.trim().to_owned(),
    ))
}

impl std::fmt::Debug for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Provider(..)")
    }
}

impl std::fmt::Debug for Identified {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Identified(..)")
    }
}
