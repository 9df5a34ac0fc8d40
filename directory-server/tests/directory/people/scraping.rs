//! Somebody with several accounts who wants everything that is for caseworkers gets a small part of it.
//!
//! `SCRAPER_LISTINGS=100000` makes as many listings as the aim says; what is got does not depend on how many there
//! are once there are more than the budgets of five accounts.

use std::collections::BTreeSet;
use std::time::Duration;

use directory_server::operations::LISTINGS_A_DAY;
use referral_core::catalog::{Record, Tier};
use referral_core::id::{AgencyId, Kind, RecordKey};
use referral_core::policy::{AccountId, Role, Scope, Viewer};
use referral_proto::v1;
use referral_proto::v1::catalog_service_client::CatalogServiceClient;
use referral_proto::v1::search_service_client::SearchServiceClient;
use tonic::Request;

use super::{ask_with, person, token};
use crate::support::records::{id, organization, plain_service, text};
use crate::support::{Agency, House, PATIENCE, until_within};

const BOTS: usize = 5;
/// Listings that have one word in common.
const GROUP: usize = 200;

struct Bot {
    bearer: String,
    viewer: Viewer,
    got: BTreeSet<String>,
}

#[expect(clippy::disallowed_methods, reason = "how large the test is")]
fn listings() -> usize {
    let asked = std::env::var("SCRAPER_LISTINGS").ok();
    asked.map_or(2_800, |number| number.parse().unwrap())
}

fn local(number: usize) -> String {
    format!("m{number}")
}

fn beds(number: usize) -> Record {
    let mut service = plain_service(&local(number), &format!("Beds {number}"));
    service.tier = Tier::Member;
    service.description = Some(text(&format!("grouped{}", number / GROUP)));
    Record::Service(Box::new(service))
}

async fn house_with(count: usize) -> (House, Agency) {
    let house = House::new().await;
    let mut harbor = Agency::join(&house, "harbor").await;
    let mut stream = harbor.stream(&house).await;
    stream.accepted(harbor.publish(organization("org"))).await;
    for from in (0..count).step_by(400) {
        let some = from..(from + 400).min(count);
        let batch: Vec<v1::Signed> = some.map(|number| harbor.publish(beds(number))).collect();
        assert_eq!(stream.operations(batch).await.rejections, []);
    }
    (house, harbor)
}

async fn bot(house: &House, number: usize) -> Bot {
    let who = person(house, &format!("bot{number}@example.org"), Role::Caseworker).await;
    let (_, bearer) = token(house, &who.id, &[Scope::Search, Scope::Feed]).await;
    Bot {
        bearer,
        viewer: Viewer {
            role: Role::Caseworker,
            account: Some(AccountId::parse(&who.id).unwrap()),
            ..Viewer::default()
        },
        got: BTreeSet::new(),
    }
}

/// Waits until all of so many listings are found: of 100,000 that takes longer than anything else here may.
async fn all_found(house: &House, bearer: &str, count: usize) {
    let last = (count - 1) / GROUP;
    let found = async || {
        let one = asked(&format!("grouped{last}"), 1);
        let answer = ask_with(house, bearer, one).await.unwrap();
        answer.total_size as usize == count - last * GROUP
    };
    let patience = PATIENCE * u32::try_from(1 + count / 5_000).unwrap();
    until_within(patience, "everything is found", found).await;
}

fn asked(words: &str, limit: u32) -> v1::SearchRequest {
    v1::SearchRequest {
        text: words.to_owned(),
        availability: v1::Availability::Any.into(),
        limit,
        near_misses: true,
        ..v1::SearchRequest::default()
    }
}

fn need(code: &str) -> v1::BundleNeed {
    v1::BundleNeed {
        need: vec![code.to_owned()],
    }
}

fn with<T>(bearer: &str, asked: T) -> Request<T> {
    let mut request = Request::new(asked);
    let header = format!("Bearer {bearer}").parse().unwrap();
    request.metadata_mut().insert("authorization", header);
    request
}

impl Bot {
    fn keep<'a>(&mut self, names: impl IntoIterator<Item = &'a str>) {
        let names = names.into_iter().filter(|name| name.starts_with("Beds "));
        let ids = names.map(|name| format!("m{}", &name["Beds ".len()..]));
        self.got.extend(ids);
    }

    /// Searches one word after the other, several at once too.
    async fn search(&mut self, house: &House, groups: usize) {
        for group in 0..groups {
            let words = format!("grouped{group}");
            let answer = ask_with(house, &self.bearer, asked(&words, 200))
                .await
                .unwrap();
            self.keep(answer.results.iter().map(|found| found.name.as_str()));
        }
        let bundle = v1::SearchBundleRequest {
            shared: Some(v1::SearchRequest {
                need: Vec::new(),
                ..asked("grouped1", 200)
            }),
            needs: vec![need("dom:hou"), need("dom:leg")],
        };
        let mut client = SearchServiceClient::new(house.visit().await);
        if let Ok(answer) = client.search_bundle(with(&self.bearer, bundle)).await {
            let answers = answer.into_inner().answers;
            let answers = answers.iter().filter_map(|one| one.answer.as_ref());
            let results = answers.flat_map(|answer| &answer.results);
            self.keep(results.map(|found| found.name.as_str()));
        }
    }

    /// Asks for the signed records of services.
    async fn get_signed(
        &self,
        house: &House,
        ids: impl IntoIterator<Item = String>,
    ) -> v1::GetSignedResponse {
        let names = ids.into_iter().map(|local_id| v1::RecordName {
            kind: v1::RecordKind::Service.into(),
            local_id,
        });
        let asked = v1::GetSignedRequest {
            agency_id: "harbor".to_owned(),
            records: names.collect(),
        };
        let mut client = CatalogServiceClient::new(house.visit().await);
        let answer = client.get_signed(with(&self.bearer, asked)).await;
        answer.unwrap().into_inner()
    }

    /// Asks for signed records by ids it knows from elsewhere.
    async fn signed(&mut self, house: &House, count: usize) {
        for from in (0..count).step_by(500) {
            let some = (from..(from + 500).min(count)).map(local);
            let records = self.get_signed(house, some).await.records.into_iter();
            let given = records.filter(|record| record.operation.is_some());
            self.got
                .extend(given.map(|record| record.name.unwrap().local_id));
        }
    }

    /// Opens the pages of services, one by one.
    async fn pages(&mut self, house: &House, count: usize) {
        for number in (0..count).step_by(29) {
            let key = RecordKey {
                agency: AgencyId::parse("harbor").unwrap(),
                kind: Kind::Service,
                id: id(&local(number)),
            };
            let viewed = house.directory.service(&self.viewer, key, false).await;
            if viewed.unwrap().is_some() {
                self.got.insert(local(number));
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn five_accounts_get_less_than_a_twentieth_of_what_is_for_caseworkers_in_a_day() {
    let count = listings();
    let (house, _harbor) = house_with(count).await;
    let probe = bot(&house, 9).await;
    all_found(&house, &probe.bearer, count).await;
    let mut all = BTreeSet::new();

    for number in 0..BOTS {
        let mut bot = bot(&house, number).await;
        // Each begins at another door.
        match number {
            0 => bot.search(&house, count / GROUP).await,
            1 => bot.signed(&house, count).await,
            2 => bot.pages(&house, count).await,
            _ => {}
        }
        bot.search(&house, count / GROUP).await;
        bot.signed(&house, count).await;
        bot.pages(&house, count).await;

        assert_eq!(bot.got.len(), LISTINGS_A_DAY, "bot {number}");
        let told = ask_with(&house, &bot.bearer, asked("grouped0", 20))
            .await
            .unwrap();
        assert!(
            told.notices
                .iter()
                .any(|notice| notice.code == "budget_spent")
        );
        assert!(house.directory.has_spent_its_budget(&bot.viewer));
        all.extend(bot.got);
    }

    assert!(all.len() * 20 < 100_000, "{} listings", all.len());
    println!("5 accounts got {} of {count} listings", all.len());
    let anybody = house.ask(asked("grouped0", 200)).await.unwrap();
    assert_eq!(anybody.total_size, 0);
}

/// Of each record: whether it is given, and why it is not.
fn given(answer: &v1::GetSignedResponse) -> Vec<(bool, &str)> {
    let records = answer.records.iter();
    records
        .map(|record| (record.operation.is_some(), record.withheld.as_str()))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn signed_records_over_the_budget_are_withheld_until_midnight_which_is_said() {
    let (house, mut harbor) = house_with(LISTINGS_A_DAY + 1).await;
    let mut stream = harbor.stream(&house).await;
    let public = plain_service("open", "Open Doors");
    stream
        .accepted(harbor.publish(Record::Service(Box::new(public))))
        .await;
    house.until_found("Open Doors").await;
    let mut ana = bot(&house, 0).await;
    let before = ana.get_signed(&house, [local(0)]).await;
    assert_eq!(
        (given(&before), before.notices.len()),
        (vec![(true, "")], 0)
    );
    ana.signed(&house, LISTINGS_A_DAY).await;

    let asked = [local(LISTINGS_A_DAY), local(0), "open".to_owned()];
    let over = ana.get_signed(&house, asked.clone()).await;

    let today = [(false, "budget_spent"), (true, ""), (true, "")];
    assert_eq!(given(&over), today, "new, seen today, for everybody");
    let [notice] = over.notices.as_slice() else {
        panic!("not one notice: {:?}", over.notices);
    };
    assert_eq!(notice.code, "budget_spent");
    assert!(
        notice.text.contains("Until midnight (UTC)"),
        "{}",
        notice.text
    );

    house.clock.advance(Duration::from_hours(12));
    let account = ana.viewer.account.as_ref().unwrap().to_string();
    ana.bearer = token(&house, &account, &[Scope::Feed]).await.1;
    let tomorrow = ana.get_signed(&house, asked).await;

    assert_eq!(given(&tomorrow), [(true, ""); 3]);
    assert!(
        tomorrow
            .notices
            .iter()
            .all(|one| one.code != "budget_spent")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_of_ordinary_work_is_never_cut_short_and_the_next_day_begins_anew() {
    let (house, _harbor) = house_with(3 * GROUP).await;
    let mut ana = bot(&house, 0).await;
    all_found(&house, &ana.bearer, 3 * GROUP).await;
    // Twenty searches with the first page of each, most of which show the same again.
    for search in 0..20 {
        let words = format!("grouped{}", search % 3);
        let answer = ask_with(&house, &ana.bearer, asked(&words, 20))
            .await
            .unwrap();
        assert_eq!(answer.results.len(), 20);
    }
    assert!(!house.directory.has_spent_its_budget(&ana.viewer));

    ana.search(&house, 3).await;
    assert!(house.directory.has_spent_its_budget(&ana.viewer));
    house.clock.advance(Duration::from_hours(24));

    assert!(!house.directory.has_spent_its_budget(&ana.viewer));
    let answer = ask_with(&house, &ana.bearer, asked("grouped2", 20)).await;
    // A token lives an hour: what she signs in with tomorrow is another one.
    assert!(answer.is_err());
    ana.got.clear();
    ana.pages(&house, GROUP).await;
    assert!(!ana.got.is_empty());
}
