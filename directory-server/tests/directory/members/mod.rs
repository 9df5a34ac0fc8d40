//! What the directory decides about its members: certificates, standing, grants, names.

mod ageing;
mod apart;
mod budget;
mod granting;
mod naming;
mod quotas;
mod renewing;
mod standing;

use referral_core::id::AgencyId;

use crate::support::{Agency, House, Stream};

fn agency(id: &str) -> AgencyId {
    AgencyId::parse(id).unwrap()
}

/// An agency that may publish two services and has said nothing yet.
async fn with_two_services(house: &House) -> (Agency, Stream) {
    let harbor = Agency::join(house, "harbor").await;
    let set = house
        .directory
        .set_quota(&house.operator, agency("harbor"), 2);
    set.await.unwrap();
    let stream = harbor.stream(house).await;
    (harbor, stream)
}

/// The stable names of what a person has to look at.
pub(crate) fn alarms(house: &House, id: &str) -> Vec<String> {
    let overview = house.directory.agencies();
    let one = overview.into_iter().find(|one| one.agency.as_str() == id);
    let alarms = one.unwrap().alarms.into_iter();
    alarms.map(|alarm| alarm.code).collect()
}
