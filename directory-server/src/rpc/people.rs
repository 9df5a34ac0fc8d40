//! `referral.v1.PeopleAdminService`, on the local socket: who may open that is the operator.

use std::sync::Arc;

use jiff::SignedDuration;
use referral_core::id::AgencyId;
use referral_core::policy::{AccountId, Role, Scope, Viewer};
use referral_proto::convert;
use referral_proto::v1;
use referral_proto::v1::people_admin_service_server::PeopleAdminService;
use tokio::task::spawn_blocking;
use tonic::{Code, Request, Response, Status};

use super::status::{of_holding, of_people, status};
use crate::operations::Directory;
use crate::people::{AccountView, SignInName, TokenView};

/// Longest and shortest life of a token. Unit: seconds.
const GOOD_FOR: std::ops::RangeInclusive<i64> = 60..=366 * 86_400;

/// The operator's service for people over a directory.
#[derive(Clone, Debug)]
pub struct PeopleAdminRpc {
    directory: Arc<Directory>,
    address: Option<String>,
}

impl PeopleAdminRpc {
    /// The service over `directory`.
    ///
    /// * `address` — how people reach the pages, where that is known.
    #[must_use]
    pub fn new(directory: Arc<Directory>, address: Option<String>) -> Self {
        Self { directory, address }
    }
}

#[tonic::async_trait]
impl PeopleAdminService for PeopleAdminRpc {
    #[tracing::instrument(name = "referral.v1.PeopleAdminService/InvitePerson", skip_all)]
    async fn invite_person(
        &self,
        request: Request<v1::InvitePersonRequest>,
    ) -> Result<Response<v1::InvitePersonResponse>, Status> {
        let asked = request.into_inner();
        let operator = Viewer::at_the_machine();
        let invited = if asked.again.is_empty() {
            let name = SignInName::parse(&asked.sign_in_name);
            let name = name.map_err(|why| invalid("SIGN_IN_NAME_INVALID", why))?;
            let (role, agency) = (role(&asked.role)?, agency(&asked.agency_id)?);
            let invited = self.directory.invite_person(&operator, name, role, agency);
            invited.await
        } else {
            let account = account(&asked.again)?;
            let invited = self.directory.invite_person_again(&operator, &account);
            invited.await.map(|secret| (account, secret))
        };
        let (account_id, secret) = invited.map_err(|e| of_people(&e))?;
        let invitation = secret.reveal();
        let address = self.address.as_deref().unwrap_or_default();
        let link = format!(
            "{}/welcome?invitation={invitation}",
            address.trim_end_matches('/')
        );
        Ok(Response::new(v1::InvitePersonResponse {
            account_id,
            invitation,
            link,
        }))
    }

    #[tracing::instrument(name = "referral.v1.PeopleAdminService/ChangeRole", skip_all)]
    async fn change_role(
        &self,
        request: Request<v1::ChangeRoleRequest>,
    ) -> Result<Response<v1::ChangeRoleResponse>, Status> {
        let v1::ChangeRoleRequest {
            account_id,
            role: to,
        } = request.into_inner();
        let (account, role) = (account(&account_id)?, role(&to)?);
        let operator = Viewer::at_the_machine();
        let changed = self.directory.change_role(&operator, &account, role).await;
        changed.map_err(|e| of_people(&e))?;
        Ok(Response::new(v1::ChangeRoleResponse {}))
    }

    #[tracing::instrument(name = "referral.v1.PeopleAdminService/RevokePerson", skip_all)]
    async fn revoke_person(
        &self,
        request: Request<v1::RevokePersonRequest>,
    ) -> Result<Response<v1::RevokePersonResponse>, Status> {
        let account = account(&request.into_inner().account_id)?;
        let operator = Viewer::at_the_machine();
        let revoked = self.directory.revoke_person(&operator, &account).await;
        revoked.map_err(|e| of_people(&e))?;
        Ok(Response::new(v1::RevokePersonResponse {}))
    }

    #[tracing::instrument(name = "referral.v1.PeopleAdminService/ListPersons", skip_all)]
    async fn list_persons(
        &self,
        _request: Request<v1::ListPersonsRequest>,
    ) -> Result<Response<v1::ListPersonsResponse>, Status> {
        let persons = self.directory.persons(&Viewer::at_the_machine());
        let persons = persons.map_err(|e| of_people(&e))?;
        let persons = persons.into_iter().map(person).collect();
        Ok(Response::new(v1::ListPersonsResponse { persons }))
    }

    #[tracing::instrument(name = "referral.v1.PeopleAdminService/MakeToken", skip_all)]
    async fn make_token(
        &self,
        request: Request<v1::MakeTokenRequest>,
    ) -> Result<Response<v1::MakeTokenResponse>, Status> {
        let asked = request.into_inner();
        let account = account(&asked.account_id)?;
        let scopes = asked.scopes.iter().map(|name| Scope::parse(name));
        let scopes = scopes
            .collect::<Option<Vec<Scope>>>()
            .filter(|s| !s.is_empty());
        let scopes = scopes.ok_or_else(|| {
            let text = "say what the token is good for: search, feed, coverage, feedback";
            status(Code::InvalidArgument, "SCOPES_INVALID", text)
        })?;
        let seconds = asked.good_for.map_or(0, |good_for| good_for.seconds);
        if !GOOD_FOR.contains(&seconds) {
            let text = "a token is good for 1 minute to 366 days";
            return Err(status(Code::InvalidArgument, "GOOD_FOR_INVALID", text));
        }
        let good_for = SignedDuration::from_secs(seconds);
        let operator = Viewer::at_the_machine();
        let made = self
            .directory
            .make_token(&operator, &account, &scopes, good_for);
        let (token_id, secret) = made.await.map_err(|e| of_people(&e))?;
        Ok(Response::new(v1::MakeTokenResponse {
            token_id,
            token: secret.reveal(),
        }))
    }

    #[tracing::instrument(name = "referral.v1.PeopleAdminService/RevokeToken", skip_all)]
    async fn revoke_token(
        &self,
        request: Request<v1::RevokeTokenRequest>,
    ) -> Result<Response<v1::RevokeTokenResponse>, Status> {
        let token = request.into_inner().token_id;
        let operator = Viewer::at_the_machine();
        let revoked = self.directory.revoke_token(&operator, &token).await;
        revoked.map_err(|e| of_people(&e))?;
        Ok(Response::new(v1::RevokeTokenResponse {}))
    }

    #[tracing::instrument(name = "referral.v1.PeopleAdminService/ListTokens", skip_all)]
    async fn list_tokens(
        &self,
        _request: Request<v1::ListTokensRequest>,
    ) -> Result<Response<v1::ListTokensResponse>, Status> {
        let tokens = self.directory.tokens(&Viewer::at_the_machine());
        let tokens = tokens.map_err(|e| of_people(&e))?;
        let tokens = tokens.into_iter().map(api_token).collect();
        Ok(Response::new(v1::ListTokensResponse { tokens }))
    }

    #[tracing::instrument(name = "referral.v1.PeopleAdminService/WhatWeHold", skip_all)]
    async fn what_we_hold(
        &self,
        request: Request<v1::WhatWeHoldRequest>,
    ) -> Result<Response<v1::WhatWeHoldResponse>, Status> {
        let about = request.into_inner().about;
        let directory = Arc::clone(&self.directory);
        let operator = Viewer::at_the_machine();
        let held = spawn_blocking(move || directory.what_we_hold(&operator, &about)).await;
        let held = held.map_err(|_| Status::internal("what is held cannot be read"))?;
        let things = held.map_err(|e| of_holding(&e))?.into_iter();
        let things = things.map(|held| v1::HeldThing {
            place: held.place.to_owned(),
            what: held.what,
        });
        Ok(Response::new(v1::WhatWeHoldResponse {
            things: things.collect(),
        }))
    }
}

fn invalid(reason: &str, why: impl std::fmt::Display) -> Status {
    status(Code::InvalidArgument, reason, why.to_string())
}

fn account(id: &str) -> Result<String, Status> {
    let id = AccountId::parse(id).map_err(|why| invalid("ACCOUNT_ID_INVALID", why))?;
    Ok(id.to_string())
}

fn role(name: &str) -> Result<Role, Status> {
    Role::of_account(name).ok_or_else(|| {
        let text = "a role is caseworker, specialist, task-force, agency-staff or operator";
        status(Code::InvalidArgument, "ROLE_INVALID", text)
    })
}

fn agency(id: &str) -> Result<Option<AgencyId>, Status> {
    if id.is_empty() {
        return Ok(None);
    }
    let agency = AgencyId::parse(id);
    agency
        .map(Some)
        .map_err(|why| invalid("AGENCY_ID_INVALID", why))
}

fn person(account: AccountView) -> v1::Person {
    v1::Person {
        account_id: account.id,
        sign_in_name: account.sign_in.as_str().to_owned(),
        role: account.role,
        agency_id: account.agency.unwrap_or_default(),
        state: account.state.to_owned(),
        since: Some(convert::time::to_wire(account.since)),
        sessions: u32::try_from(account.sessions).unwrap_or(u32::MAX),
    }
}

fn api_token(token: TokenView) -> v1::ApiToken {
    v1::ApiToken {
        token_id: token.id,
        account_id: token.account,
        scopes: token.scopes,
        expires_at: Some(convert::time::to_wire(token.expires_at)),
        revoked: token.revoked,
    }
}
