//! A year of capacity in the history: how big it is, and how long it takes to know a past moment.

use std::fs;
use std::path::Path;

use directory_server::history::{Capacity, Change, History, Subject};
use jiff::{SignedDuration, Timestamp};
use referral_core::capacity::{Stated, Ttl, Unit};
use referral_core::id::{AgencyId, LocalId};

use super::super::clock::measured;
use super::super::figures::milliseconds;
use super::super::lucene::size_of;
use super::{Costs, line};

/// Reports of each service: about one a week for a year.
const REPORTS: u32 = 50;
/// Publishers.
const AGENCIES: u32 = 450;
/// The beginning of the year: 2025-05-01.
const START: i64 = 1_746_057_600;
/// How long the year is. Unit: seconds.
const YEAR: i64 = 365 * 86_400;
/// Moments that are asked for.
const MOMENTS: i64 = 12;

/// Writes so many changes and reads past moments.
pub(super) fn measure(home: &Path, changes: u32, text: &mut String) -> anyhow::Result<()> {
    let folder = home.join("history");
    fs::create_dir_all(&folder)?;
    let services = changes / REPORTS;
    let mut history = History::open(&folder)?;
    let (written, cost) = measured(|| write(&mut history, changes, services));
    written?;
    let size = size_of(&folder)?;
    let mut costs = Costs::default();
    for moment in 1..=MOMENTS {
        let at = Timestamp::from_second(START + YEAR * moment / MOMENTS - 3_600)?;
        let (past, cost) = measured(|| history.as_of(at).map(|past| past.capacities().count()));
        past?;
        costs.add(cost.cpu);
    }
    line(
        text,
        &format!(
            "History: {changes} changes of capacity of {services} services over a year take {:.1} MiB on disk, {:.1} bytes a \
             change, and {:.1} s to write; what was free at a past moment is known after {} ms (median, most of {MOMENTS} \
             moments). What services said then is read beside it.\n",
            f64::from(u32::try_from(size >> 10)?) / 1024.0,
            f64::from(u32::try_from(size >> 10)?) * 1024.0 / f64::from(changes),
            milliseconds(cost.cpu) / 1_000.0,
            costs.told(),
        ),
    );
    Ok(())
}

fn write(history: &mut History, changes: u32, services: u32) -> anyhow::Result<()> {
    let agencies: Result<Vec<AgencyId>, _> = (0..AGENCIES)
        .map(|agency| AgencyId::parse(&format!("agency-{agency}")))
        .collect();
    let agencies = agencies?;
    // A state of a linear congruential generator: the same changes every time.
    let mut dice = 7_u64;
    for number in 0..changes {
        dice = dice
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let service = u32::try_from((dice >> 33) % u64::from(services))?;
        let agency = &agencies[(service % AGENCIES) as usize];
        let id = LocalId::parse(&format!("service-{service}"))?;
        let seconds = YEAR * i64::from(number) / i64::from(changes);
        let at = Timestamp::from_second(START + seconds)?;
        let any = [
            Stated::Open,
            Stated::Waitlist,
            Stated::Closed,
            Stated::Limited,
        ];
        let stated = any[(dice >> 20) as usize % any.len()];
        let available = (dice >> 24) % 40;
        let capacity = Capacity {
            stated,
            available: (available > 0 && stated == Stated::Open)
                .then_some((u32::try_from(available)?, Unit::Client)),
            observed_at: at - SignedDuration::from_mins(i64::try_from(dice >> 60)?),
            ttl: Ttl::clamped(14 * 86_400),
            changes_at: None,
            before_restore: false,
        };
        let subject = Subject::Capacity(agency.clone(), id, None);
        history.append(
            u64::from(number) + 1,
            at,
            &[(subject, Change::Reported(capacity))],
        )?;
    }
    history.sync()?;
    Ok(())
}
