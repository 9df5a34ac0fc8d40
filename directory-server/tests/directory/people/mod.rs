//! People: who they are, and what each of them gets to see.

mod audit;
mod backup;
mod commands;
mod holding;
mod looking;
mod operators;
mod pages;
mod provider;
mod scraping;
mod sensitive;
mod tiers;
mod tokens;

use directory_server::people::{Password, Secret, SignInName};
use jiff::SignedDuration;
use referral_core::id::AgencyId;
use referral_core::policy::{Role, Scope, Viewer};
use referral_proto::v1;
use referral_proto::v1::search_service_client::SearchServiceClient;
use tonic::{Request, Status};

use crate::support::House;

pub(crate) const PASSWORD: &str = "correct horse battery";

/// Somebody with an account.
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) sign_in: String,
    /// The session they have.
    pub(crate) session: Secret,
}

/// Invites somebody, who takes the invitation up.
pub(crate) async fn person(house: &House, sign_in: &str, role: Role) -> Person {
    let agency = (role == Role::AgencyStaff).then_some("harbor");
    person_of(house, sign_in, role, agency).await
}

/// Invites somebody of an agency, who takes the invitation up.
pub(crate) async fn person_of(
    house: &House,
    sign_in: &str,
    role: Role,
    agency: Option<&str>,
) -> Person {
    let name = SignInName::parse(sign_in).unwrap();
    let agency = agency.map(|agency| AgencyId::parse(agency).unwrap());
    let operator = Viewer::at_the_machine();
    let invited = house.directory.invite_person(&operator, name, role, agency);
    let (id, invitation) = invited.await.unwrap();
    let password = Password::new(PASSWORD, sign_in).unwrap();
    let invitation = invitation.reveal();
    let accepted = house.directory.accept_invitation(&invitation, password);
    Person {
        id,
        sign_in: sign_in.to_owned(),
        session: accepted.await.unwrap(),
    }
}

/// A token of somebody for an hour.
pub(crate) async fn token(house: &House, account: &str, scopes: &[Scope]) -> (String, String) {
    let operator = Viewer::at_the_machine();
    let hour = SignedDuration::from_hours(1);
    let made = house.directory.make_token(&operator, account, scopes, hour);
    let (id, secret) = made.await.unwrap();
    (id, secret.reveal())
}

/// Asks with a token over gRPC.
pub(crate) async fn ask_with(
    house: &House,
    token: &str,
    asked: v1::SearchRequest,
) -> Result<v1::SearchResponse, Status> {
    let mut client = SearchServiceClient::new(house.visit().await);
    let mut request = Request::new(asked);
    let header = format!("Bearer {token}").parse().unwrap();
    request.metadata_mut().insert("authorization", header);
    client
        .search(request)
        .await
        .map(tonic::Response::into_inner)
}
