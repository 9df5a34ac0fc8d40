//! Small records to publish.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use agency_node::catalog::RecordName;
use agency_node::operations::{Awaited, Import, Node, Plan};
use agency_node::publisher::PublishConfig;
use agency_node::{Config, start};
use referral_core::capacity::{Count, Draft, Source, Stated, Unit};
use referral_core::catalog::Record;
use referral_core::id::{Kind, LocalId};
use referral_proto::v1;
use referral_runtime::clock::{Clock, SystemClock};
use referral_runtime::shutdown::Tasks;
use tokio::time::timeout;

/// Longer than anything in a test takes, however busy the machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

fn record(id: &str, record: v1::record::Record) -> Record {
    let wire = v1::Record {
        local_id: id.to_owned(),
        record: Some(record),
    };
    Record::try_from(wire).unwrap()
}

/// An organization.
pub(crate) fn organization(id: &str, name: &str) -> Record {
    let organization = v1::Organization {
        source_id: id.to_owned(),
        name: name.to_owned(),
        ..Default::default()
    };
    record(id, v1::record::Record::Organization(organization))
}

/// A location of an organization, in a county.
pub(crate) fn location(id: &str, organization: &str) -> Record {
    let at = v1::place::At::CountyFips("48029".to_owned());
    let location = v1::Location {
        source_id: id.to_owned(),
        organization_id: organization.to_owned(),
        place: Some(v1::Place { at: Some(at) }),
        ..Default::default()
    };
    record(id, v1::record::Record::Location(location))
}

/// A service of an organization at locations.
pub(crate) fn service(id: &str, name: &str, organization: &str, locations: &[&str]) -> Record {
    let offers = locations.iter().map(|location| v1::Offer {
        location_id: (*location).to_owned(),
        ..Default::default()
    });
    let service = v1::Service {
        source_id: id.to_owned(),
        organization_id: organization.to_owned(),
        name: name.to_owned(),
        offers: offers.collect(),
        attributes: vec![v1::Attribute {
            code: "ho:es".to_owned(),
            ..Default::default()
        }],
        ..Default::default()
    };
    record(id, v1::record::Record::Service(service))
}

/// A service of an organization that says more.
pub(crate) fn described(id: &str, organization: &str, description: &str) -> Record {
    let service = v1::Service {
        source_id: id.to_owned(),
        organization_id: organization.to_owned(),
        name: id.to_owned(),
        description: description.to_owned(),
        ..Default::default()
    };
    record(id, v1::record::Record::Service(service))
}

/// A service of an organization with a telephone, for those whom the tier says.
pub(crate) fn reachable(id: &str, organization: &str, number: &str, tier: v1::Tier) -> Record {
    let phone = v1::Phone {
        number: number.to_owned(),
        ..Default::default()
    };
    let service = v1::Service {
        source_id: id.to_owned(),
        organization_id: organization.to_owned(),
        name: id.to_owned(),
        phones: vec![phone],
        tier: tier.into(),
        ..Default::default()
    };
    record(id, v1::record::Record::Service(service))
}

/// One organization, one location and `services` services.
pub(crate) fn records(services: usize) -> Vec<Record> {
    let mut records = vec![organization("org", "Organization"), location("loc", "org")];
    records.extend(
        (0..services).map(|n| service(&format!("s{n}"), &format!("Service {n}"), "org", &["loc"])),
    );
    records
}

/// An import of records.
pub(crate) fn import(records: Vec<Record>) -> Import {
    Import {
        records,
        reports: vec![],
        source: "file.json".to_owned(),
        dry_run: false,
    }
}

/// A capacity report: open with so many beds.
pub(crate) fn beds(service: &str, available: u32) -> Draft {
    Draft {
        service: LocalId::parse(service).unwrap(),
        location: None,
        state: Stated::Open,
        counts: vec![Count {
            unit: Unit::Bed,
            available: Some(available),
            maximum: Some(99),
        }],
        waitlist_count: None,
        wait_band: None,
        opens_at: None,
        reopens_at: None,
        observed_at: SystemClock::new().now(),
        ttl: None,
        source: Source::Person,
        note: None,
    }
}

/// The name of a service.
pub(crate) fn service_name(id: &str) -> RecordName {
    RecordName {
        kind: Kind::Service,
        id: LocalId::parse(id).unwrap(),
    }
}

/// Opens a node that does not run.
pub(crate) fn open(data_dir: &Path) -> Node {
    Node::open(data_dir, Arc::new(SystemClock::new())).unwrap()
}

/// A node that runs in this process, quick to try again.
pub(crate) struct Running {
    /// The node.
    pub(crate) node: Arc<Node>,
    tasks: Tasks,
}

impl Running {
    /// Starts the node in a data directory.
    pub(crate) fn start(data_dir: &Path) -> Self {
        Self::with(data_dir, Duration::from_secs(20))
    }

    /// Starts it; it waits so long for an acknowledgement.
    pub(crate) fn with(data_dir: &Path, acknowledgement: Duration) -> Self {
        Self::configured(data_dir, |publish| {
            publish.acknowledgement = acknowledgement;
        })
    }

    /// Starts it with a change of how it publishes.
    pub(crate) fn configured(data_dir: &Path, change: impl FnOnce(&mut PublishConfig)) -> Self {
        let mut publish = PublishConfig {
            acknowledgement: Duration::from_secs(20),
            back_off: Duration::from_millis(20),
            back_off_limit: Duration::from_millis(100),
            ..PublishConfig::default()
        };
        change(&mut publish);
        let config = Config {
            publish,
            ..Config::default()
        };
        let tasks = Tasks::new();
        let clock = Arc::new(SystemClock::new());
        let node = start(&config, data_dir, clock, &tasks).unwrap();
        Self { node, tasks }
    }

    /// Imports records.
    pub(crate) fn import(&self, records: Vec<Record>) -> Plan {
        self.node.import(&import(records)).unwrap()
    }

    /// Waits until the directory has acknowledged everything.
    pub(crate) async fn acknowledged(&self) {
        let all = timeout(PATIENCE, self.node.acknowledged(Awaited::All)).await;
        assert!(all.is_ok(), "not acknowledged: {:?}", self.node.status());
    }

    /// Waits until the node's log is in the epoch with this number.
    pub(crate) async fn in_epoch(&self, number: u64) {
        let mut progress = self.node.progress();
        let begun = progress.wait_for(|progress| progress.epoch.number == number);
        let begun = timeout(PATIENCE, begun).await;
        assert!(
            begun.is_ok(),
            "not in epoch {number}: {:?}",
            self.node.status()
        );
    }

    /// Waits until the connection to the directory has a problem that says this.
    pub(crate) async fn problem(&self, says: &str) {
        let mut link = self.node.link().subscribe();
        let said = timeout(PATIENCE, link.wait_for(|link| link.problem.contains(says))).await;
        assert!(
            said.is_ok(),
            "no such problem: {:?}",
            self.node.status().link
        );
    }

    /// Stops it, as Ctrl-C does.
    pub(crate) async fn stop(self) {
        self.tasks.drain(PATIENCE).await.unwrap();
        assert_eq!(self.tasks.failure(), None);
    }
}
