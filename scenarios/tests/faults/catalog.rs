//! What an agency wishes to have shown, version by version, and what the directory must show of it.
//!
//! Every version carries its number in what is shown: a service in its name, a report in its free beds. So a
//! search tells exactly which one is there.

use std::collections::BTreeMap;

use referral_proto::v1;

/// What one search shows: (agency, service) to version and free beds.
pub(crate) type Shown = BTreeMap<(String, String), (u32, Option<u32>)>;

/// One service of an agency.
#[derive(Debug, Default)]
pub(crate) struct Service {
    /// The versions, oldest first, each with the sequence number it was queued under; `None`: withdrawn.
    pub(crate) versions: Vec<(u64, Option<u32>)>,
    /// The reports, oldest first.
    pub(crate) reports: Vec<u32>,
    /// How many of the versions are acknowledged.
    pub(crate) versions_acknowledged: usize,
    /// How many of the reports are.
    pub(crate) reports_acknowledged: usize,
}

/// A record of the one organization of an agency.
pub(crate) fn organization() -> v1::Record {
    let organization = v1::Organization {
        source_id: "house".to_owned(),
        name: "House".to_owned(),
        ..v1::Organization::default()
    };
    record("house", v1::record::Record::Organization(organization))
}

/// A version of a service.
pub(crate) fn service(id: &str, version: u32) -> v1::Record {
    let service = v1::Service {
        source_id: id.to_owned(),
        organization_id: "house".to_owned(),
        name: format!("Bed {version}"),
        ..v1::Service::default()
    };
    record(id, v1::record::Record::Service(service))
}

/// The version of a service.
pub(crate) fn version(record: &v1::Record) -> Option<u32> {
    let Some(v1::record::Record::Service(service)) = &record.record else {
        return None;
    };
    service.name.strip_prefix("Bed ")?.parse().ok()
}

/// A report of free beds.
pub(crate) fn report(id: &str, beds: u32, now: jiff::Timestamp) -> v1::CapacityReport {
    let count = v1::CapacityCount {
        unit: v1::CapacityUnit::Bed.into(),
        available: Some(beds),
        maximum: None,
    };
    v1::CapacityReport {
        service_id: id.to_owned(),
        state: v1::CapacityState::Open.into(),
        counts: vec![count],
        observed_at: Some(referral_proto::convert::time::to_wire(now)),
        source: v1::CapacitySource::System.into(),
        ..v1::CapacityReport::default()
    }
}

/// The free beds a report tells.
pub(crate) fn beds(counts: &[v1::CapacityCount]) -> Option<u32> {
    counts.first().and_then(|count| count.available)
}

/// What a search shows, and the total it tells, which may differ for a moment while listings change. Nothing
/// may be there twice.
pub(crate) fn shown(answer: v1::SearchResponse) -> (Shown, usize) {
    let mut shown = Shown::new();
    let total = answer.total_size as usize;
    for result in answer.results {
        let version = result.name.strip_prefix("Bed ").map(str::parse);
        let version = version.and_then(Result::ok).expect("a version");
        let beds = result.capacity.and_then(|capacity| beds(&capacity.counts));
        let key = (result.agency_id, result.service_id);
        let twice = shown.insert(key.clone(), (version, beds));
        assert_eq!(twice, None, "{key:?} is shown twice");
    }
    (shown, total)
}

impl Service {
    /// The versions and reports that may be shown: the last acknowledged one, or a later one.
    pub(crate) fn check_acknowledged(&self, name: &str, shown: Option<(u32, Option<u32>)>) {
        let from = self.versions_acknowledged.saturating_sub(1);
        let later = self.versions[from.min(self.versions.len())..].iter();
        let mut allowed: Vec<Option<u32>> = later.map(|(_, version)| *version).collect();
        if self.versions_acknowledged == 0 {
            allowed.push(None);
        }
        let version = shown.map(|(version, _)| version);
        assert!(
            allowed.contains(&version),
            "{name}: shown is {version:?}, acknowledged or later are {allowed:?}"
        );
        if let Some((_, beds)) = shown
            && self.reports_acknowledged > 0
        {
            let allowed = &self.reports[self.reports_acknowledged - 1..];
            assert!(
                beds.is_some_and(|beds| allowed.contains(&beds)),
                "{name}: shown are {beds:?} beds, acknowledged or later are {allowed:?}"
            );
        }
    }

    /// What must be shown once everything is published.
    pub(crate) fn last(&self) -> Option<(u32, Option<u32>)> {
        let (_, version) = self.versions.last()?;
        version.map(|version| (version, self.reports.last().copied()))
    }
}

fn record(id: &str, record: v1::record::Record) -> v1::Record {
    v1::Record {
        local_id: id.to_owned(),
        record: Some(record),
    }
}
