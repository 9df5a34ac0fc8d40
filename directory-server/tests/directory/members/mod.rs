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

use crate::support::House;

fn agency(id: &str) -> AgencyId {
    AgencyId::parse(id).unwrap()
}

/// The stable names of what a person has to look at.
pub(crate) fn alarms(house: &House, id: &str) -> Vec<String> {
    let overview = house.directory.agencies();
    let one = overview.into_iter().find(|one| one.agency.as_str() == id);
    let alarms = one.unwrap().alarms.into_iter();
    alarms.map(|alarm| alarm.code).collect()
}
