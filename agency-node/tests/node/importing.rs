//! Importing into a node: a plan first, whole or not at all, and nothing twice.

use std::sync::Arc;

use crate::fake::Fake;
use crate::sample::{self, Running, beds, import, organization, records, service, service_name};
use agency_node::control::Handle;
use agency_node::operations::{
    CapacityRefused, Change, Import, ImportError, ImportedReport, Node, Status,
};
use jiff::SignedDuration;
use referral_core::capacity::Draft;
use referral_core::catalog::Record;
use referral_proto::v1;
use referral_proto::v1::record::Record as Content;
use referral_runtime::clock::{Clock, SystemClock};
use tempfile::TempDir;

async fn node() -> (TempDir, Node) {
    let fake = Fake::start().await;
    let data = fake.join().await;
    let node = Node::open(data.path(), Arc::new(SystemClock::new())).unwrap();
    (data, node)
}

fn with_reports(records: Vec<Record>, reports: Vec<(Draft, bool)>) -> Import {
    let reports = reports
        .into_iter()
        .map(|(draft, dated)| ImportedReport { draft, dated });
    Import {
        reports: reports.collect(),
        ..import(records)
    }
}

fn changes(node: &Node, import: &Import) -> [usize; 4] {
    let plan = node.import(import).unwrap();
    [
        Change::Added,
        Change::Changed,
        Change::Unchanged,
        Change::Missing,
    ]
    .map(|c| plan.count(c))
}

#[tokio::test]
async fn importing_the_same_again_queues_nothing() {
    let (_data, node) = node().await;
    let import = with_reports(
        records(20),
        vec![(beds("s3", 2), false), (beds("s4", 2), true)],
    );
    assert_eq!(changes(&node, &import), [22, 0, 0, 0]);
    let before = *node.progress().borrow();

    let mut again = import.clone();
    // A file that does not say when it knew its numbers is imported later each time.
    again.reports[0].draft.observed_at += SignedDuration::from_mins(1);

    assert_eq!(changes(&node, &again), [0, 0, 22, 0]);
    assert_eq!(*node.progress().borrow(), before);
}

#[tokio::test]
async fn only_what_differs_is_queued() {
    let (_data, node) = node().await;
    node.import(&import(records(3))).unwrap();
    let mut changed = records(4);
    changed[2] = service("s0", "Another name", "org", &["loc"]);

    assert_eq!(changes(&node, &import(changed)), [1, 1, 4, 0]);

    assert_eq!(node.progress().borrow().queued, 7);
}

#[tokio::test]
async fn a_dry_run_queues_nothing() {
    let (_data, node) = node().await;

    let plan = node
        .import(&Import {
            dry_run: true,
            ..import(records(3))
        })
        .unwrap();

    assert_eq!((plan.count(Change::Added), plan.applied), (5, false));
    assert_eq!(node.progress().borrow().queued, 0);
}

#[tokio::test]
async fn a_smaller_file_deletes_nothing_and_says_what_is_missing() {
    let (_data, node) = node().await;
    node.import(&import(records(5))).unwrap();
    let other = Import {
        source: "other.json".to_owned(),
        ..import(vec![organization("x", "X")])
    };
    node.import(&other).unwrap();

    assert_eq!(changes(&node, &import(records(2))), [0, 0, 4, 3]);
    assert_eq!(changes(&node, &import(vec![])), [0, 0, 0, 7]);
    assert_eq!(node.progress().borrow().queued, 8);
}

/// An export with a date in its name, of which every record names the file.
fn exported(name: &str, records: &[Record]) -> Import {
    let provenance = Some(v1::Provenance {
        source: name.to_owned(),
        ..v1::Provenance::default()
    });
    let named = records.iter().map(|record| {
        let mut wire = v1::Record::from(record);
        match wire.record.as_mut().unwrap() {
            Content::Organization(one) => one.provenance.clone_from(&provenance),
            Content::Location(one) => one.provenance.clone_from(&provenance),
            Content::Service(one) => one.provenance.clone_from(&provenance),
        }
        Record::try_from(wire).unwrap()
    });
    Import {
        records: named.collect(),
        source: name.to_owned(),
        ..import(vec![])
    }
}

#[tokio::test]
async fn the_same_list_under_another_name_is_the_same_and_queues_nothing() {
    let (_data, node) = node().await;
    node.import(&exported("svc-nov.json", &records(3))).unwrap();
    let before = *node.progress().borrow();

    let december = exported("svc-dec.json", &records(3));

    assert_eq!(changes(&node, &december), [0, 0, 5, 0]);
    assert_eq!(*node.progress().borrow(), before);
}

#[tokio::test]
async fn an_export_under_another_name_finds_what_is_missing_and_so_does_every_one_after_it() {
    let (data, node) = node().await;
    node.import(&exported("svc-nov.json", &records(3))).unwrap();

    let december = exported("svc-dec.json", &records(2));
    assert_eq!(changes(&node, &december), [0, 0, 4, 1]);

    drop(node);
    let node = sample::open(data.path());
    let mut january = records(2);
    january.remove(2);
    let january = exported("svc-jan.json", &january);
    assert_eq!(
        changes(&node, &january),
        [0, 0, 3, 2],
        "s0, and s2 as before"
    );
}

#[tokio::test]
async fn of_two_files_of_one_organization_neither_misses_what_is_in_the_other() {
    let (_data, node) = node().await;
    let legal = |name: &str| {
        let of = [
            organization("org", "Organization"),
            service("law", "Law", "org", &[]),
        ];
        exported(name, &of)
    };
    node.import(&exported("beds.json", &records(2))).unwrap();

    assert_eq!(changes(&node, &legal("legal.json")), [1, 0, 1, 0]);
    assert_eq!(
        changes(&node, &exported("beds.json", &records(2))),
        [0, 0, 4, 0]
    );
    assert_eq!(changes(&node, &legal("legal-2.json")), [0, 0, 2, 0]);
}

#[tokio::test]
async fn a_service_that_moved_to_the_other_file_is_missing_from_neither() {
    let (_data, node) = node().await;
    let law = || service("law", "Law", "org", &[]);
    node.import(&exported("beds.json", &records(2))).unwrap();
    node.import(&exported("legal.json", &[law()])).unwrap();
    let moved = records(2).pop().unwrap();

    let legal = exported("legal.json", &[law(), moved]);

    assert_eq!(changes(&node, &legal), [0, 0, 2, 0]);
    assert_eq!(
        changes(&node, &exported("beds.json", &records(1))),
        [0, 0, 3, 0]
    );
}

#[tokio::test]
async fn a_plan_says_which_fields_of_a_record_change() {
    let (_data, node) = node().await;
    node.import(&exported("nov.json", &records(1))).unwrap();
    let mut changed = records(1);
    changed[2] = service("s0", "Another name", "org", &[]);

    let plan = node.import(&exported("dec.json", &changed)).unwrap();

    let of = plan
        .records
        .iter()
        .find(|one| one.name == service_name("s0"));
    let of = of.unwrap();
    assert_eq!((of.change, of.more_fields), (Change::Changed, 0));
    assert_eq!(of.fields, ["name", "offers"]);
}

#[tokio::test]
async fn an_import_with_a_record_twice_is_refused_whole() {
    let (_data, node) = node().await;
    let mut twice = records(3);
    twice.push(organization("org", "Organization again"));

    let refused = node.import(&import(twice)).unwrap_err();

    assert!(matches!(refused, ImportError::Twice(_)), "{refused}");
    assert_eq!(node.progress().borrow().queued, 0);
}

#[tokio::test]
async fn a_file_never_replaces_a_report_that_somebody_observed_later() {
    let (_data, node) = node().await;
    node.import(&import(records(1))).unwrap();
    node.set_capacity(vec![beds("s0", 9)]).unwrap();
    let mut old = beds("s0", 1);
    old.observed_at -= SignedDuration::from_hours(48);

    node.import(&with_reports(records(1), vec![(old, true)]))
        .unwrap();

    assert_eq!(node.status().capacity[0].counts[0].available, Some(9));
}

#[tokio::test]
async fn a_report_that_a_file_repeats_does_not_undo_what_a_person_said_since() {
    let (_data, node) = node().await;
    let file = with_reports(records(1), vec![(beds("s0", 1), false)]);
    node.import(&file).unwrap();
    node.set_capacity(vec![beds("s0", 9)]).unwrap();
    let mut again = file;
    again.reports[0].draft.observed_at = SystemClock::new().now();

    node.import(&again).unwrap();

    assert_eq!(node.status().capacity[0].counts[0].available, Some(9));
}

#[tokio::test]
async fn capacity_of_an_unknown_service_names_the_nearest_ids() {
    let (_data, node) = node().await;
    let names = ["work-permit-clinic", "food-pantry"];
    let mut some = records(0);
    some.extend(names.map(|name| service(name, name, "org", &["loc"])));
    node.import(&import(some)).unwrap();

    let answers = node.set_capacity(vec![beds("work-permit-clinc", 1), beds("food-pantry", 1)]);

    let answers = answers.unwrap();
    let refused = answers[0].as_ref().unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("did you mean work-permit-clinic?"),
        "{refused}"
    );
    assert_eq!(answers[1].as_ref().unwrap().cseq, 1);
}

#[tokio::test]
async fn capacity_at_a_location_the_service_is_not_offered_at_names_where_it_is() {
    let (_data, node) = node().await;
    node.import(&import(records(1))).unwrap();
    let elsewhere = Draft {
        location: Some(service_name("moon").id),
        ..beds("s0", 1)
    };

    let answers = node.set_capacity(vec![elsewhere]).unwrap();

    let refused = answers[0].as_ref().unwrap_err();
    assert!(matches!(refused, CapacityRefused::UnknownLocation { .. }));
    assert!(
        refused.to_string().contains("it is offered at loc"),
        "{refused}"
    );
}

#[tokio::test]
async fn a_withdrawal_is_refused_while_something_refers_to_the_record() {
    let (_data, node) = node().await;
    node.import(&import(records(1))).unwrap();
    let mut name = service_name("org");
    name.kind = referral_core::id::Kind::Organization;

    let refused = node.withdraw(&name).unwrap_err();

    assert_eq!(refused.code(), "still_referenced");
    assert!(node.withdraw(&service_name("nothing")).is_err());
    assert_eq!(node.withdraw(&service_name("s0")).unwrap(), 4);
    assert_eq!(
        node.withdraw(&service_name("s0")).unwrap(),
        4,
        "twice is once"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_node_answers_as_its_directory_would() {
    let fake = Fake::start().await;
    let data = fake.join().await;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let running = Running::start(data.path());
    let handle = Handle::open(data.path(), &clock).await.unwrap();
    assert!(handle.is_running());

    let file = with_reports(records(3_000), vec![(beds("s1", 5), false)]);
    let plan = handle.import(file.clone()).await.unwrap();
    let outcomes = handle
        .set_capacity(vec![beds("s0", 3), beds("no", 1)], true)
        .await
        .unwrap();
    let withdrawn = handle.withdraw(service_name("s2"), true).await.unwrap();
    let again = handle.import(file).await.unwrap();

    assert_eq!((plan.count(Change::Added), plan.applied), (3_002, true));
    assert_eq!(
        (again.count(Change::Unchanged), again.count(Change::Added)),
        (3_001, 1)
    );
    assert!(outcomes[0].acknowledged, "{outcomes:?}");
    assert_eq!(
        outcomes[1].refusal.as_ref().unwrap().code,
        "service_unknown"
    );
    assert!(withdrawn);
    running.acknowledged().await;
    // The directory may say something between the two looks.
    let timeless = |mut status: Status| {
        status.link.last_heard = None;
        status
    };
    assert_eq!(
        timeless(handle.status().await.unwrap()),
        timeless(running.node.status())
    );
    running.stop().await;
}
