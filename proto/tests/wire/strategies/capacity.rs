//! Capacity reports that can be true.

use jiff::Timestamp;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use referral_core::capacity::{Count, Draft, Report, Source, Stated, Ttl, Unit, WaitBand};

use super::words::{id, instant, some_day, some_text};

pub(crate) fn report() -> BoxedStrategy<Report> {
    let about = (
        id(),
        option::of(id()),
        select(Stated::ALL.to_vec()),
        counts(),
    );
    let waiting = (option::of(any::<u32>()), option::of(wait_band()));
    let times = (
        option::of(instant()),
        some_day(),
        instant(),
        option::of(60_u32..=2_592_000),
    );
    let said = (about, waiting, times, source(), some_text());
    said.prop_filter_map("a report", |(about, waiting, times, source, note)| {
        let draft = Draft {
            service: about.0,
            location: about.1,
            state: about.2,
            counts: about.3,
            waitlist_count: waiting.0,
            wait_band: waiting.1,
            opens_at: times.0,
            reopens_at: times.1,
            observed_at: times.2,
            ttl: times.3.map(Ttl::clamped),
            source,
            note,
        };
        Report::parse(draft, Timestamp::MAX).ok()
    })
    .boxed()
}

/// Each unit at most once, in any order, available within maximum.
fn counts() -> BoxedStrategy<Vec<Count>> {
    let number = option::of(0_u32..1000);
    let larger = option::of(1000_u32..);
    let units = subsequence(Unit::ALL.to_vec(), 0..=Unit::ALL.len()).prop_shuffle();
    (units, number, larger)
        .prop_map(|(units, available, maximum)| {
            let count = |unit| Count {
                unit,
                available,
                maximum,
            };
            units.into_iter().map(count).collect()
        })
        .boxed()
}

fn wait_band() -> BoxedStrategy<WaitBand> {
    select(vec![
        WaitBand::UnderTwoWeeks,
        WaitBand::TwoToSixWeeks,
        WaitBand::SixToTwelveWeeks,
        WaitBand::OverTwelveWeeks,
    ])
    .boxed()
}

fn source() -> BoxedStrategy<Source> {
    select(vec![
        Source::Person,
        Source::System,
        Source::PhoneCheck,
        Source::Derived,
    ])
    .boxed()
}
