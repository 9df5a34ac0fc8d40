//! A year of capacity at a directory: how big its history is, and how long a report of a past moment takes.

use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use referral_core::capacity::{Count, Draft, Stated, Unit};
use referral_core::id::AgencyId;

use super::super::clock::measured;
use super::super::directory::{Data, draft};
use super::super::figures::milliseconds;
use super::super::lucene::size_of;
use super::again::{ask_past, serving};
use super::{Costs, NEEDS, Options, line, say};
use crate::national::National;

/// Reports of each service: about one a week for a year.
const REPORTS: u32 = 50;
/// The beginning of the year: 2025-05-01.
const START: i64 = 1_746_057_600;
/// How long the year is. Unit: seconds.
const YEAR: i64 = 365 * 86_400;
/// Moments that are asked for, each with every need.
const MOMENTS: i64 = 12;

/// Fills a directory with a year of changes, and asks for reports of past moments.
pub(super) fn measure(home: &Path, options: &Options, text: &mut String) -> anyhow::Result<()> {
    let changes = options.changes;
    let begun = Timestamp::from_second(START)?;
    let national = National::at(changes / REPORTS, options.seed, begun);
    let folder = home.join("year");
    std::fs::create_dir(&folder)?;
    say("a year of changes");
    let folder = filled(&folder, &national, changes)?;
    say("a directory takes them in");
    let now = begun + SignedDuration::from_secs(YEAR) + SignedDuration::from_hours(1);
    let (done, all) = measured(|| {
        serving(&folder, now, async |server| {
            for need in NEEDS {
                let (mut costs, mut walls) = (Costs::default(), Costs::default());
                for moment in 1..=MOMENTS {
                    let until = SignedDuration::from_secs(YEAR * moment / MOMENTS - 3_600);
                    let asked = ask_past(server, need, begun + until).await?;
                    costs.add(asked.cost.cpu);
                    walls.add(asked.cost.wall);
                }
                line(
                    text,
                    &format!(
                        "A report of a past moment with all of it ({need}, by ZIP): {} ms of processor time, {} ms on the wall (median, \
                         most of {MOMENTS} moments).\n",
                        costs.told(),
                        walls.told(),
                    ),
                );
            }
            Ok(())
        })
    });
    done?;
    let size = f64::from(u32::try_from(size_of(&folder.join("history"))? >> 10)?);
    line(
        text,
        &format!(
            "History: {} services and {changes} changes of their capacity over a year take {:.1} MiB on disk. A directory that had \
             nothing but their journal took them in and answered all of the above in {:.1} s.\n",
            national.size(),
            size / 1_024.0,
            milliseconds(all.wall) / 1_000.0,
        ),
    );
    Ok(())
}

/// The data of a directory to which everything was published when the year began, and reported on since.
fn filled(folder: &Path, national: &National, changes: u32) -> anyhow::Result<PathBuf> {
    let mut data = Data::new(folder, national.now())?;
    let mut drafts: Vec<(AgencyId, Draft)> = Vec::new();
    for one in national.services() {
        data.put(&one)?;
        let agency = &one.listing.agency;
        drafts.extend(one.held.iter().map(|held| (agency.clone(), draft(held))));
    }
    // A state of a linear congruential generator: the same changes every time.
    let mut dice = 7_u64;
    for number in 0..changes {
        dice = dice
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let (agency, before) = &drafts[usize::try_from(dice >> 33)? % drafts.len()];
        let seconds = YEAR * i64::from(number) / i64::from(changes);
        let at = national.now() + SignedDuration::from_secs(seconds);
        data.report(agency, changed(before, dice, at)?, number, at)?;
    }
    data.finish()
}

/// Another report about the same.
fn changed(before: &Draft, dice: u64, at: Timestamp) -> anyhow::Result<Draft> {
    let any = [
        Stated::Open,
        Stated::Waitlist,
        Stated::Closed,
        Stated::Limited,
    ];
    let state = any[(dice >> 20) as usize % any.len()];
    let unit = before
        .counts
        .first()
        .map_or(Unit::Client, |count| count.unit);
    let free = matches!(state, Stated::Open | Stated::Limited);
    let available = u32::try_from((dice >> 24) % 40)? + 1;
    let count = Count {
        unit,
        available: Some(if free { available } else { 0 }),
        maximum: None,
    };
    Ok(Draft {
        state,
        counts: vec![count],
        waitlist_count: None,
        wait_band: None,
        opens_at: None,
        reopens_at: None,
        observed_at: at - SignedDuration::from_mins(i64::try_from(dice >> 60)?),
        ..before.clone()
    })
}
