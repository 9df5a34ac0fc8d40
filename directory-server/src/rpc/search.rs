//! `referral.v1.SearchService`.

use std::sync::Arc;

use referral_core::capacity::Held;
use referral_core::catalog::{LanguageTag, Phone, Place};
use referral_proto::convert;
use referral_proto::v1;
use referral_proto::v1::search_service_server::SearchService;
use tonic::{Request, Response, Status};

use super::status::{invalid, of_search};
use super::viewer::viewer_of;
use crate::operations::{
    Answer, Bundle, BundleAnswer, Covering, Directory, Facet, FacetValue, Found, FoundPlace, Help,
    Notice, field_of,
};

/// Most characters of a description in a result.
const SUMMARY_CHARS: usize = 300;

/// The search service over a directory.
#[derive(Clone, Debug)]
pub struct SearchRpc {
    directory: Arc<Directory>,
}

impl SearchRpc {
    /// The service over `directory`.
    #[must_use]
    pub fn new(directory: Arc<Directory>) -> Self {
        Self { directory }
    }
}

#[tonic::async_trait]
impl SearchService for SearchRpc {
    #[tracing::instrument(name = "referral.v1.SearchService/Search", skip_all)]
    async fn search(
        &self,
        request: Request<v1::SearchRequest>,
    ) -> Result<Response<v1::SearchResponse>, Status> {
        let viewer = viewer_of(&request);
        let query = convert::search::query(request.into_inner()).map_err(|v| invalid(&v))?;
        let need = query.need.clone();
        let answer = self
            .directory
            .find(viewer, query)
            .await
            .map_err(of_search)?;
        Ok(Response::new(answer_to_wire(answer, &need)))
    }

    #[tracing::instrument(name = "referral.v1.SearchService/SearchBundle", skip_all)]
    async fn search_bundle(
        &self,
        request: Request<v1::SearchBundleRequest>,
    ) -> Result<Response<v1::SearchBundleResponse>, Status> {
        let viewer = viewer_of(&request);
        let (shared, needs) =
            convert::search::bundle(request.into_inner()).map_err(|v| invalid(&v))?;
        let bundle = Bundle {
            shared,
            needs: needs.clone(),
        };
        let found = self.directory.find_bundle(viewer, bundle).await;
        Ok(Response::new(bundle_to_wire(
            found.map_err(of_search)?,
            &needs,
        )))
    }
}

fn bundle_to_wire(found: BundleAnswer, needs: &[String]) -> v1::SearchBundleResponse {
    let answers = needs.iter().zip(found.answers);
    let answers = answers.map(|(need, answer)| v1::BundleAnswer {
        need: convert::search::codes(need),
        answer: Some(answer_to_wire(answer, need)),
    });
    v1::SearchBundleResponse {
        answers: answers.collect(),
        organizations: found.organizations.into_iter().map(covering).collect(),
        as_of: Some(convert::time::to_wire(found.as_of)),
    }
}

fn covering(covering: Covering) -> v1::BundleOrganization {
    let needs = covering.needs.into_iter();
    v1::BundleOrganization {
        agency_id: covering.key.agency.to_string(),
        organization_id: covering.key.id.to_string(),
        name: covering.name,
        needs: needs.filter_map(|need| u32::try_from(need).ok()).collect(),
    }
}

/// `need`: the codes asked for, which a near miss may leave one out of.
fn answer_to_wire(answer: Answer, need: &str) -> v1::SearchResponse {
    let as_of = answer.as_of;
    let near_misses = answer.near_misses.into_iter();
    v1::SearchResponse {
        total_size: count(answer.total),
        open_size: count(answer.open),
        results: answer
            .results
            .into_iter()
            .map(|found| result(found, as_of))
            .collect(),
        near_label: answer.near.unwrap_or_default(),
        serves_label: answer.serves.unwrap_or_default(),
        as_of: Some(convert::time::to_wire(as_of)),
        facets: answer.facets.into_iter().map(facet).collect(),
        near_misses: near_misses.map(|help| near_miss(help, need)).collect(),
        next_page_token: answer.next.unwrap_or_default(),
        notices: answer.notices.into_iter().map(notice).collect(),
    }
}

pub(super) fn notice(notice: Notice) -> v1::SearchNotice {
    v1::SearchNotice {
        code: notice.code.to_owned(),
        text: notice.text,
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn facet(facet: Facet) -> v1::Facet {
    let value = |value: FacetValue| v1::FacetValue {
        field: field_of(&value.filter).to_owned(),
        value: value.filter.to_string(),
        label: value.label,
        count: count(value.count),
    };
    v1::Facet {
        name: facet.name.to_owned(),
        values: facet.values.into_iter().map(value).collect(),
    }
}

fn near_miss(help: Help, need: &str) -> v1::NearMiss {
    let best = help.best;
    v1::NearMiss {
        code: help.change.code().to_owned(),
        change: Some(convert::search::change(&help.change, need)),
        text: help.text,
        note: help.note.unwrap_or_default(),
        count: count(help.count),
        best: Some(v1::NearMissBest {
            id: best.id.to_string(),
            name: best.name,
            organization: best.organization,
            state: v1::CapacityState::from(best.state).into(),
            wait_band: v1::WaitBand::from(best.wait_band).into(),
            capacity_text: best.capacity.to_string(),
            distance_miles: best.distance.map(referral_core::geo::Kilometres::miles),
        }),
    }
}

fn result(found: Found, now: jiff::Timestamp) -> v1::SearchResult {
    let capacity = capacity(&found, now);
    let service = &found.listing.service;
    let organization = &found.listing.organization;
    let text = |text: Option<&referral_core::text::Text>| {
        text.map(ToString::to_string).unwrap_or_default()
    };
    let mut languages: Vec<&LanguageTag> = service.languages.iter().map(|l| &l.tag).collect();
    languages.sort();
    languages.dedup();
    let url = service.url.as_ref().or(organization.website.as_ref());
    v1::SearchResult {
        id: found.id.to_string(),
        agency_id: found.key.agency.to_string(),
        service_id: found.key.id.to_string(),
        source_id: service.source_id.to_string(),
        name: service.name.to_string(),
        organization: organization.name.to_string(),
        summary: service
            .description
            .as_ref()
            .map(|d| summary(d.as_str()))
            .unwrap_or_default(),
        capacity: Some(capacity),
        distance_miles: found.distance.map(referral_core::geo::Kilometres::miles),
        reasons: found
            .reasons
            .iter()
            .map(|(code, text)| v1::ResultReason {
                code: (*code).to_owned(),
                text: text.clone(),
            })
            .collect(),
        languages: languages.into_iter().map(ToString::to_string).collect(),
        attributes: service.attributes.iter().map(v1::Attribute::from).collect(),
        phones: phones(&found),
        url: url.map(|url| url.as_str().to_owned()).unwrap_or_default(),
        application_process: text(service.application_process.as_ref()),
        fees_description: text(service.fees_description.as_ref()),
        eligibility_description: text(service.eligibility_description.as_ref()),
        offer_count: u32::try_from(found.offers).unwrap_or(u32::MAX),
        assured_date: service
            .provenance
            .assured_date
            .map(|d| d.to_string())
            .unwrap_or_default(),
        score: found.score,
        agency_silent_since: found
            .silence
            .map(|silence| convert::time::to_wire(silence.since)),
        time_zone: found
            .place
            .as_ref()
            .and_then(|p| p.time_zone)
            .unwrap_or_default()
            .to_owned(),
        location: found.place.map(location),
    }
}

fn capacity(found: &Found, now: jiff::Timestamp) -> v1::ResultCapacity {
    let mut capacity = found
        .held
        .as_ref()
        .map(|held| reported(held, now))
        .unwrap_or_default();
    if found.is_uncounted() {
        // Some or none, never how many: the text says it.
        capacity.counts.clear();
        capacity.waitlist_count = None;
    }
    capacity.state = v1::CapacityState::from(found.state).into();
    capacity.text = found.capacity.to_string();
    capacity
}

fn reported(held: &Held, now: jiff::Timestamp) -> v1::ResultCapacity {
    let said = v1::CapacityReport::from(&held.report);
    let age = now.duration_since(held.observed_at).as_secs();
    v1::ResultCapacity {
        counts: said.counts,
        observed_at: Some(convert::time::to_wire(held.observed_at)),
        age_seconds: Some(u64::try_from(age).unwrap_or(0)),
        stale_at: held.expires_at().map(convert::time::to_wire),
        waitlist_count: said.waitlist_count,
        wait_band: said.wait_band,
        reopens_on: said.reopens_on,
        opens_at: said.opens_at,
        note: said.note,
        before_restore: held.before_restore,
        ..v1::ResultCapacity::default()
    }
}

fn location(place: FoundPlace) -> v1::ResultLocation {
    let confidential = place.confidential();
    let FoundPlace { location, area, .. } = place;
    v1::ResultLocation {
        location_id: location.id.to_string(),
        name: location
            .name
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        address: location.place.address().map(v1::Address::from),
        point: location.place.point().map(v1::LatLon::from),
        approximate: matches!(location.place, Place::Approximate { .. }),
        area,
        confidential,
    }
}

/// Voice lines of the service, of the place and of the organization, each number once.
fn phones(found: &Found) -> Vec<String> {
    let at_place = found.place.iter().flat_map(|place| &place.location.phones);
    let service = &found.listing.service;
    let all = service
        .phones
        .iter()
        .chain(at_place)
        .chain(&found.listing.organization.phones);
    let mut numbers: Vec<String> = Vec::new();
    for phone in all.filter(|phone| is_voice(phone)) {
        let number = phone.number.as_str().to_owned();
        if !numbers.contains(&number) {
            numbers.push(number);
        }
    }
    numbers
}

fn is_voice(phone: &Phone) -> bool {
    !phone
        .kind
        .as_ref()
        .is_some_and(|kind| kind.as_str().eq_ignore_ascii_case("fax"))
}

/// The beginning of a text, cut between words.
pub(crate) fn summary(text: &str) -> String {
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if one_line.chars().count() <= SUMMARY_CHARS {
        return one_line;
    }
    let cut: String = one_line.chars().take(SUMMARY_CHARS).collect();
    let end = cut.rfind(' ').unwrap_or(cut.len());
    format!("{}…", &cut[..end])
}
