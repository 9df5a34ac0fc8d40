//! What outcomes do once their week is over: order, the agency, the task force, backups.

use std::fs;
use std::time::Duration;

use directory_server::backup::{Restore, restore};
use referral_core::catalog::{Place, Record};
use referral_core::feedback::Outcome;
use referral_core::geo::StateCode;
use referral_core::policy::Viewer;
use referral_core::search::Query;
use referral_proto::v1;
use referral_proto::v1::feedback_service_client::FeedbackServiceClient;
use tempfile::TempDir;

use super::{caseworker, filled, key, pass, reported, say, say_as};
use crate::commands::run;
use crate::support::house::Stopped;
use crate::support::http::{get, post};
use crate::support::records::{attribute, location, offered, open, organization};
use crate::support::{Agency, House, copy, until};

const WEEK: Duration = Duration::from_hours(7 * 24);

/// The names of what is open, best first, with the reasons that stand by them.
fn found(house: &House) -> Vec<(String, Vec<&'static str>)> {
    let query = Query {
        near: "78017".to_owned(),
        ..Query::default()
    };
    let answer = house.directory.search(&Viewer::anybody(), &query).unwrap();
    let results = answer.results.into_iter().map(|found| {
        let name = found.listing.service.name.to_string();
        let reasons = found.reasons.iter().map(|(code, _)| *code);
        let reasons = reasons.filter(|code| code.contains("taken") || code.contains("turned"));
        (name, reasons.collect())
    });
    results.collect()
}

fn in_texas() -> Record {
    let Record::Location(mut office) = location("office", "Dilley", 28.667, -99.17) else {
        panic!("no location");
    };
    let Place::Exact { address, .. } = &mut office.place else {
        panic!("no address");
    };
    address.state = StateCode::parse("TX").ok();
    Record::Location(office)
}

#[tokio::test]
async fn who_turns_people_away_while_shown_open_sinks_when_the_week_is_over_and_is_told() {
    let (house, mut agency, stream) = filled().await;
    say(&house, &key("harbor", "clinic"), 20, Outcome::Full).await;
    say(&house, &key("harbor", "pantry"), 20, Outcome::Accepted).await;
    assert_eq!(
        house.directory.outcome_figure(&key("harbor", "clinic")),
        None
    );
    assert!(found(&house).iter().all(|(_, reasons)| reasons.is_empty()));

    drop(stream);
    // Until Sunday 10 in the evening; then the week ends while the node listens.
    pass(&house, &mut agency, 154).await;
    let mut stream = agency.stream(&house).await;
    reported(&house, &mut agency, &mut stream).await;
    house.clock.advance(Duration::from_hours(3));
    house.directory.keep_up();
    let mut told = [stream.notice().await, stream.notice().await];
    told.sort_by(|a, b| a.local_id.cmp(&b.local_id));

    let expected = [
        ("Pantry".to_owned(), vec!["referrals_taken"]),
        ("Clinic".to_owned(), vec!["often_turned_away"]),
    ];
    until("both are open again", async || found(&house).len() == 2).await;
    assert_eq!(found(&house), expected);
    assert_eq!(
        (told[0].code.as_str(), told[0].local_id.as_str()),
        ("outcomes", "clinic")
    );
    assert!(
        told[0].text.contains("about 0 in 10 were taken"),
        "{}",
        told[0].text
    );
    let page = get(house.public, "/service/harbor/pantry").await;
    assert!(
        page.text().contains("nearly all were taken"),
        "{}",
        page.text()
    );

    // A directory that starts anew, with an index that is made anew, ranks the same and tells again.
    drop(stream);
    let stopped = house.stop().await;
    fs::remove_dir_all(stopped.data.path().join("index")).unwrap();
    let house = stopped.start().await.unwrap();
    until("both are found", async || found(&house).len() == 2).await;
    assert_eq!(found(&house), expected);
    let mut stream = agency.stream(&house).await;
    assert_eq!(stream.notice().await.code, "outcomes");
}

#[tokio::test]
async fn one_organization_moves_nothing_however_often_it_reports() {
    let (house, mut agency, mut stream) = filled().await;
    for week in 0..3 {
        for number in 0..30 {
            let mut one_of_many = caseworker(number);
            one_of_many.agency = caseworker(0).agency;
            let clinic = key("harbor", "clinic");
            say_as(&house, &one_of_many, &clinic, Outcome::Full)
                .await
                .unwrap();
        }
        drop(stream);
        pass(&house, &mut agency, 168).await;
        house.directory.keep_up();
        stream = agency.stream(&house).await;
        reported(&house, &mut agency, &mut stream).await;
        let figure = house.directory.outcome_figure(&key("harbor", "clinic"));
        assert_eq!(figure, None, "week {week}");
    }
}

#[tokio::test]
async fn the_task_force_gets_one_table_a_week_of_what_many_said_of_many() {
    let house = House::new().await;
    let agencies = ["anchor", "harbor", "hope"];
    for name in agencies {
        let mut agency = Agency::join(&house, name).await;
        let mut stream = agency.stream(&house).await;
        let Record::Service(mut legal) = offered("legal", name, &["office"]) else {
            panic!("no service");
        };
        legal.attributes = vec![attribute("lc:ead-asy")];
        let batch = vec![
            agency.publish(organization("org")),
            agency.publish(in_texas()),
            agency.publish(Record::Service(legal)),
        ];
        stream.operations(batch).await;
        stream.reports(vec![agency.report(open("legal", 4))]).await;
        house.until_found(name).await;
    }
    for name in agencies {
        say(&house, &key(name, "legal"), 4, Outcome::Accepted).await;
        for number in 4..7 {
            let legal = key(name, "legal");
            say_as(&house, &caseworker(number), &legal, Outcome::Full)
                .await
                .unwrap();
        }
    }
    assert!(house.directory.outcome_tables().unwrap().is_empty());

    house.clock.advance(WEEK);
    house.directory.keep_up();

    let tables = house.directory.outcome_tables().unwrap();
    let (week, table) = tables.first_key_value().unwrap();
    let cells: Vec<_> = table.cells.iter().collect();
    let (place, numbers) = cells[0];
    assert_eq!(
        (cells.len(), place.topic.to_string().as_str()),
        (1, "dom:leg")
    );
    assert_eq!(place.state.unwrap().to_string(), "TX");
    // 12 accepted are told, 9 full are not.
    assert_eq!(numbers, &[Some(12), None, None, None]);
    let page = get(house.public, "/coverage/outcomes").await;
    assert!(page.text().contains("Texas") && page.text().contains(">12</td>"));
    let csv = get(house.public, "/coverage/outcomes.csv").await;
    assert!(
        csv.text().contains(&format!("{week},dom:leg,TX,12,,,")),
        "{}",
        csv.text()
    );
    let mut client = FeedbackServiceClient::new(house.visit().await);
    let request = v1::ListOutcomeTablesRequest { weeks: 1 };
    let told = client.list_outcome_tables(request).await.unwrap();
    let [table] = told.get_ref().tables.as_slice() else {
        panic!("{told:?}");
    };
    assert_eq!((&*table.week, table.cells.len()), (&*week.to_string(), 1));
    assert_eq!(
        (table.cells[0].accepted, table.cells[0].full),
        (Some(12), None)
    );
    let stopped = house.stop().await;
    let folder = stopped.data.path().to_str().unwrap();
    let json = run(&["outcomes", "--data", folder, "--json"]).stdout;
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(json["outcomes"][0]["accepted"], 12);
}

#[tokio::test]
async fn outcomes_and_problems_come_with_a_backup_and_their_keys_do_not() {
    let (house, ..) = filled().await;
    say(&house, &key("harbor", "clinic"), 20, Outcome::Full).await;
    let problem = post(
        house.public,
        "/service/harbor/clinic/problem",
        "problem=moved",
    );
    assert_eq!(problem.await.status, 303);
    house.clock.advance(WEEK);
    house.directory.keep_up();
    let figure = house.directory.outcome_figure(&key("harbor", "clinic"));
    let place = TempDir::new().unwrap();
    let backup = place.path().join("backup");

    let manifest = house.directory.backup(backup.clone()).await.unwrap();

    let paths: Vec<&str> = manifest
        .files
        .iter()
        .map(|file| file.path.as_str())
        .collect();
    for path in [
        "feedback/outcomes",
        "feedback/problems",
        "feedback/2026-W23.json",
    ] {
        assert!(paths.contains(&path), "{path}: {paths:?}");
    }
    assert!(house.folder("feedback-keys").exists());
    assert!(!paths.iter().any(|path| path.contains("keys")), "{paths:?}");
    let data = TempDir::new().unwrap();
    copy(&house.folder("ca"), &data.path().join("ca"));
    let order = Restore {
        from: &backup,
        data: data.path(),
        replace: false,
        let_back_in: false,
    };
    restore(&order, house.directory.now()).unwrap();
    let again = Stopped::new(data).start().await.unwrap();
    assert!(figure.is_some());
    assert_eq!(
        again.directory.outcome_figure(&key("harbor", "clinic")),
        figure
    );
    let harbor = key("harbor", "clinic").agency;
    assert_eq!(again.directory.problems_of(&harbor).len(), 1);
}

#[test]
fn the_command_says_that_nothing_is_published() {
    let data = TempDir::new().unwrap();
    let folder = data.path().to_str().unwrap();

    assert_eq!(
        run(&["outcomes", "--data", folder]).stdout,
        b"no outcomes are published\n"
    );
    let csv = run(&["outcomes", "--data", folder, "--csv"]).stdout;
    assert!(String::from_utf8(csv).unwrap().contains("#date+week"));
}
