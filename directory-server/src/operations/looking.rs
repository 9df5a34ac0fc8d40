//! Looking at a part of a listing that is shown only to some, or only after a recorded request.

use referral_core::catalog::{Contact, Listing, Part, Phone, Tier};
use referral_core::id::{Kind, RecordKey};
use referral_core::policy::{Decision, Viewer, What, policy};

use super::Directory;
use super::words::CapacityWords;
use crate::audit::{Act, AuditError};
use crate::store::StoreError;

/// Fewest and most characters of a reason.
const REASON: std::ops::RangeInclusive<usize> = 10..=300;

/// Why nothing is shown.
#[derive(Debug, thiserror::Error)]
pub enum LookError {
    /// There is no such listing or part, or they may not see it: which of these is not said.
    #[error("there is nothing here that you may see")]
    Nothing,
    /// They have to say why.
    #[error("say in 10 to 300 characters why you need it; no names of clients: it is recorded")]
    Reason,
    /// It could not be recorded.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A part of a listing that may be asked for.
#[derive(Debug)]
pub struct Askable {
    /// The service's name.
    pub service: String,
    /// Whether they have to say why, and that is recorded.
    pub recorded: bool,
    lines: Vec<String>,
}

impl Directory {
    /// A part of a service that this viewer may ask for.
    ///
    /// # Errors
    /// [`LookError::Nothing`], whatever the cause.
    pub fn askable(
        &self,
        viewer: &Viewer,
        service: &RecordKey,
        part: Part,
    ) -> Result<Askable, LookError> {
        if service.kind != Kind::Service {
            return Err(LookError::Nothing);
        }
        let listing = self.store.listing(service)?.ok_or(LookError::Nothing)?;
        let held = self
            .ledger
            .settled()
            .hold(&service.agency, &listing.service);
        if held.is_some() {
            return Err(LookError::Nothing);
        }
        let tier = listing.service.tiers.tier_of(part);
        let known = viewer.clearance().sees(listing.service.tier);
        let decision = policy(viewer, What::Tier(tier, Some(&service.agency)));
        let recorded = match decision {
            Decision::Allow => false,
            Decision::AllowRecorded => true,
            Decision::SignInAgain | Decision::Deny => return Err(LookError::Nothing),
        };
        if !known || tier == Tier::Public || !self.may_take(viewer, service) {
            return Err(LookError::Nothing);
        }
        Ok(Askable {
            service: listing.service.name.to_string(),
            recorded,
            lines: self.lines(&listing, part),
        })
    }

    /// What a part says, after the reason is in the audit log where it has to be.
    ///
    /// # Errors
    /// [`LookError`].
    pub async fn reveal(
        &self,
        viewer: &Viewer,
        service: &RecordKey,
        part: Part,
        reason: &str,
    ) -> Result<Vec<String>, LookError> {
        let askable = self.askable(viewer, service, part)?;
        if askable.recorded {
            let reason = reason.trim();
            if !REASON.contains(&reason.chars().count()) {
                return Err(LookError::Reason);
            }
            let about = format!("{service} {}", part.as_str());
            self.record(viewer, Act::Looked, &about, reason).await?;
        }
        Ok(askable.lines)
    }

    fn lines(&self, listing: &Listing, part: Part) -> Vec<String> {
        if part != Part::Capacity {
            return lines(listing, part);
        }
        let (now, service) = (self.now(), &listing.service.id);
        let offers = listing
            .service
            .offers
            .iter()
            .map(|offer| Some(&offer.location));
        let index = self
            .searchable
            .index_for(referral_core::policy::Clearance::Public);
        let held = offers
            .chain([None])
            .find_map(|at| index.capacity_of(&listing.agency, service, at));
        let words = held.map(|held| {
            let state = held.state_at(now);
            CapacityWords::of(state, Some(&held), false, None, now).to_string()
        });
        words.into_iter().collect()
    }
}

/// What a part of a listing says, a line each.
fn lines(listing: &Listing, part: Part) -> Vec<String> {
    let (service, locations) = (&listing.service, &listing.locations);
    let texts = |texts: &[&Option<referral_core::text::Text>]| -> Vec<String> {
        let texts = texts.iter().filter_map(|text| text.as_ref());
        texts.map(ToString::to_string).collect()
    };
    match part {
        Part::Description => texts(&[&service.description, &service.alert]),
        Part::Phones => {
            let offers = service.offers.iter().flat_map(|offer| &offer.phones);
            let places = locations.iter().flat_map(|place| &place.phones);
            let all = service.phones.iter().chain(offers).chain(places);
            all.map(phone).collect()
        }
        Part::Contacts => {
            let places = locations.iter().flat_map(|place| &place.contacts);
            service.contacts.iter().chain(places).map(contact).collect()
        }
        Part::Web => {
            let url = service.url.iter().map(|url| url.as_str().to_owned());
            let email = service.email.iter().map(|email| email.as_str().to_owned());
            url.chain(email).collect()
        }
        Part::Hours => {
            let offers = service.offers.iter().flat_map(|offer| &offer.schedules);
            let all = service.schedules.iter().chain(offers);
            all.filter_map(|one| one.description.as_ref().map(ToString::to_string))
                .collect()
        }
        Part::Intake => texts(&[
            &service.eligibility_description,
            &service.application_process,
            &service.fees_description,
            &service.wait_time,
        ]),
        Part::Capacity => Vec::new(),
    }
}

fn phone(phone: &Phone) -> String {
    let about = phone.description.as_ref().map(|text| format!(" ({text})"));
    format!("{}{}", phone.number.as_str(), about.unwrap_or_default())
}

fn contact(contact: &Contact) -> String {
    let names = [&contact.name, &contact.title, &contact.department];
    let mut parts: Vec<String> = names
        .into_iter()
        .flatten()
        .map(ToString::to_string)
        .collect();
    parts.extend(contact.email.iter().map(|email| email.as_str().to_owned()));
    parts.extend(contact.phones.iter().map(phone));
    parts.join(", ")
}
