//! What people do at a node: edit, remove, report, choose between two versions.

use std::collections::BTreeMap;

use agency_node::catalog::Catalog;
use agency_node::operations::{Import, ImportError, take_import};
use agency_node::outbox::ReportKey;
use directory_server::ledger::{ActRefused, OperatorAct, Person, Standing, Submission};
use referral_core::catalog::Record;
use referral_core::id::{AgencyId, LocalId, RecordName};
use referral_proto::convert::time;
use referral_proto::v1;

use super::truth::{Broken, broken};
use super::world::{AGENCIES, SERVICES, Simulation, agency, content, record};

impl Simulation {
    /// A person changes something.
    pub(super) fn edit(&mut self, office: usize) -> Result<(), Broken> {
        let draw = self.chance.below(100);
        let poison = draw < 4;
        let removes = (4..20).contains(&draw);
        let number = self.chance.below(SERVICES + 1);
        self.change(office, number, (removes, true), poison)
    }

    /// A person changes this record.
    ///
    /// * `removes` — removes it; and whether that may be for good.
    pub(super) fn change(
        &mut self,
        office: usize,
        number: usize,
        (removes, perhaps_for_good): (bool, bool),
        poison: bool,
    ) -> Result<(), Broken> {
        let name = record(number);
        let at = self.tick();
        let node = &mut self.offices[office];
        let Some(ledger) = node.ledger() else {
            return Ok(());
        };
        let lives = |name: &RecordName| ledger.outbox().catalog().wanted(name).is_some();
        let organization = record(0);
        if number > 0 && !lives(&organization) {
            return Ok(());
        }
        let removes = removes && lives(&name);
        if removes && number == 0 {
            return Ok(());
        }
        let for_good = removes && perhaps_for_good && self.chance.in_thousand(300);
        let value = self.truth.wish(removes);
        let record = (!removes).then(|| content(&name, value, poison));
        let wishes = BTreeMap::from([(name.clone(), value)]);
        let wall = node.moment(at).wall;
        let alive = node.act(&mut self.truth, &wishes, |ledger| {
            let mut composer = ledger.compose(wall);
            if for_good {
                composer.delete(&name);
            } else {
                // What is written here is small.
                let _fits = composer.change(&name, record, "");
            }
            let set = composer.finish();
            ledger.queue(set, wall)
        });
        self.after(office, alive)
    }

    /// A person imports a file that holds some of the records, perhaps none: as they are, or changed. What is not in
    /// it stays (I20).
    pub(super) fn import_a_file(&mut self, office: usize) -> Result<(), Broken> {
        let at = self.tick();
        let Some(ledger) = self.offices[office].ledger() else {
            return Ok(());
        };
        let live = live(ledger.outbox().catalog());
        let (mut records, mut wishes) = (Vec::new(), BTreeMap::new());
        for name in (0..=SERVICES).map(record) {
            if !self.chance.in_thousand(400) {
                continue;
            }
            let as_it_is = live.get(&name).filter(|_| self.chance.in_thousand(700));
            let said = if let Some(record) = as_it_is {
                record.clone()
            } else {
                let value = self.truth.wish(false);
                wishes.insert(name.clone(), value);
                content(&name, value, false)
            };
            records.push(Record::try_from(said).map_err(|wrong| Broken(wrong.to_string()))?);
        }
        let import = Import {
            records,
            reports: Vec::new(),
            source: "file".to_owned(),
            dry_run: false,
        };
        self.told.imports += 1;
        let node = &mut self.offices[office];
        let wall = node.moment(at).wall;
        let alive = node.act(&mut self.truth, &wishes, |ledger| {
            match take_import(ledger, &import, wall) {
                Err(ImportError::NotQueued(error)) => Err(error),
                _ => Ok(()),
            }
        });
        if let Some(ledger) = node.ledger() {
            let after = self::live(ledger.outbox().catalog());
            if let Some(name) = live.keys().find(|name| !after.contains_key(*name)) {
                return broken(format!("I20: an import that lacks {name} removed it"));
            }
        }
        self.after(office, alive)
    }

    /// A person reports capacity.
    pub(super) fn report(&mut self, office: usize) -> Result<(), Broken> {
        let service = record(1 + self.chance.below(SERVICES)).id;
        self.report_on(office, &service)
    }

    /// A person reports capacity of this service, whether or not it is there.
    pub(super) fn report_on(&mut self, office: usize, service: &LocalId) -> Result<(), Broken> {
        let at = self.tick();
        let node = &mut self.offices[office];
        let about = ReportKey {
            service: service.clone(),
            location: None,
        };
        let before = node.ledger().and_then(|ledger| {
            let current = ledger.outbox().reports().get(&about)?.report()?;
            current.counts.first()?.available
        });
        let available = self.truth.report(before);
        let wall = node.moment(at).wall;
        self.told.reports += 1;
        let report = v1::CapacityReport {
            service_id: service.to_string(),
            state: v1::CapacityState::Open.into(),
            counts: vec![v1::CapacityCount {
                unit: v1::CapacityUnit::Client.into(),
                available: Some(available),
                maximum: None,
            }],
            observed_at: Some(time::to_wire(wall)),
            ..v1::CapacityReport::default()
        };
        let alive = node.act(&mut self.truth, &BTreeMap::new(), |ledger| {
            let mut composer = ledger.compose(wall);
            composer.report(report, None);
            let set = composer.finish();
            ledger.queue(set, wall)
        });
        self.after(office, alive)
    }

    /// A person looks at two versions of a record and takes one.
    pub(super) fn decide_a_conflict(&mut self, office: usize) -> Result<(), Broken> {
        let node = &mut self.offices[office];
        let Some(ledger) = node.ledger() else {
            return Ok(());
        };
        let conflict = ledger.outbox().conflicts().iter().next();
        let Some((number, name, ours)) =
            conflict.map(|(number, conflict)| (*number, conflict.name.clone(), conflict.ours))
        else {
            return Ok(());
        };
        // Theirs would throw ours away, which is a person's right and no loss; nothing could be checked then.
        let wishes = self
            .truth
            .value(&ours)
            .map(|value| BTreeMap::from([(name, value)]));
        let wall = node.moment(self.now).wall;
        let alive = node.act(&mut self.truth, &wishes.unwrap_or_default(), |ledger| {
            ledger.decide(number, true, wall).map(|_| ())
        });
        self.after(office, alive)
    }

    /// A process that died of what it did is started again, after a while.
    pub(super) fn after(&mut self, office: usize, alive: bool) -> Result<(), Broken> {
        if alive {
            return Ok(());
        }
        let crash = self.draw_crash();
        self.offices[office].die(crash);
        self.told.crashes += 1;
        self.boot(office)
    }

    /// The operator stops an agency, or lets it publish again.
    pub(super) fn change_standing(&mut self) -> Result<(), Broken> {
        let agency = agency(self.chance.below(AGENCIES));
        let standing = if !self.truth.is_stopped(&agency) && self.chance.in_thousand(300) {
            Standing::Suspended
        } else {
            Standing::Active
        };
        let by = Person::parse("Ana Ruiz").map_err(|error| Broken(error.to_string()))?;
        let act = OperatorAct::SetStanding(agency, standing, by, "drawn".to_owned());
        let now = self.tick();
        let done = self
            .house
            .submit::<_, ActRefused>(|answer| Submission::Operator(act, answer), now);
        if done.is_none() {
            self.kill_directory()?;
        }
        // Where it died of it, that may be durable or not.
        self.note_standings();
        Ok(())
    }

    /// From now on the agencies are stopped that the directory says are.
    pub(super) fn note_standings(&mut self) {
        let is_stopped = |agency: &AgencyId| {
            let stopped = self.house.heads(|heads| {
                let head = heads.agency(agency);
                head.is_some_and(|head| head.member.refuses().is_some())
            });
            stopped == Some(true)
        };
        let stopped = (0..AGENCIES).map(agency).filter(is_stopped).collect();
        self.truth.are_stopped(stopped);
    }
}

/// The records that are to be published, as they are.
fn live(catalog: &Catalog) -> BTreeMap<RecordName, v1::Record> {
    let records = catalog.iter();
    let live = records.filter_map(|(name, listed)| Some((name.clone(), listed.record()?)));
    live.collect()
}
