//! Capacity reports. The states, units, bands and sources in them are in `capacity_words.rs`.

use jiff::Timestamp;
use referral_core::capacity::{Count, Draft, InvalidReport, Report, Stated, Ttl, Unit};

use super::reading::{Fault, FromWire, Reading};
use super::text::ToText;
use super::{Violations, limits, time};
use crate::v1;

impl From<&Report> for v1::CapacityReport {
    fn from(report: &Report) -> Self {
        report.said().into()
    }
}

impl From<&Draft> for v1::CapacityReport {
    fn from(draft: &Draft) -> Self {
        Self {
            service_id: draft.service.to_text(),
            location_id: draft.location.to_text(),
            state: v1::CapacityState::from(draft.state).into(),
            counts: draft.counts.iter().copied().map(Into::into).collect(),
            waitlist_count: draft.waitlist_count,
            wait_band: v1::WaitBand::from(draft.wait_band).into(),
            opens_at: draft.opens_at.map(time::to_wire),
            reopens_on: draft.reopens_at.to_text(),
            observed_at: Some(time::to_wire(draft.observed_at)),
            ttl_seconds: draft.ttl.map_or(0, Ttl::seconds),
            source: v1::CapacitySource::from(draft.source).into(),
            note: draft.note.to_text(),
        }
    }
}

/// The report that `wire` makes, checked at `now`: the reader's own time, and the time of
/// observation where the report states none.
///
/// # Errors
/// [`Violations`] for fields that cannot be read; when all can, for numbers that cannot be true
/// together.
pub fn report(wire: v1::CapacityReport, now: Timestamp) -> Result<Report, Violations> {
    let draft = draft(wire, now)?;
    let counts = draft.counts.clone();
    Report::parse(draft, now).map_err(|why| {
        let Fault { code, text } = why.into();
        Violations::one(&field_of(why, &counts), code, text)
    })
}

/// What `wire` says, each field read and none compared with another. `now` is the time of
/// observation where it states none.
///
/// # Errors
/// [`Violations`] for fields that cannot be read.
pub fn draft(wire: v1::CapacityReport, now: Timestamp) -> Result<Draft, Violations> {
    Reading::of(|at| read(wire, now, at))
}

/// As [`draft`], within a larger message.
pub(crate) fn read(wire: v1::CapacityReport, now: Timestamp, at: &mut Reading) -> Option<Draft> {
    let service = at.required("service_id", &wire.service_id);
    let state = at.number::<v1::CapacityState>("state", wire.state);
    let state = state.and_then(|state| at.keep("state", Stated::try_from(state)));
    let wait_band = at.number::<v1::WaitBand>("wait_band", wire.wait_band);
    let source = at.number::<v1::CapacitySource>("source", wire.source);
    Some(Draft {
        location: at.optional("location_id", &wire.location_id),
        counts: at.parts("counts", wire.counts, limits::COUNTS),
        waitlist_count: wire.waitlist_count,
        opens_at: at.optional_instant("opens_at", wire.opens_at),
        reopens_at: at.optional("reopens_on", &wire.reopens_on),
        observed_at: at
            .optional_instant("observed_at", wire.observed_at)
            .unwrap_or(now),
        ttl: ttl(wire.ttl_seconds, at),
        note: at.optional("note", &wire.note),
        service: service?,
        state: state?,
        wait_band: wait_band.map(Option::from)?,
        source: source?.into(),
    })
}

/// The range is the one of `CapacityReport.ttl_seconds`; 0: as long as the directory allows.
fn ttl(seconds: u32, at: &mut Reading) -> Option<Ttl> {
    let ttl = Ttl::clamped(seconds);
    if seconds != 0 && ttl.seconds() != seconds {
        let text = "a time to live is 60 seconds to 30 days; 0: as long as the directory allows";
        at.refuse("ttl_seconds", Fault::new("ttl_out_of_range", text));
    }
    (seconds != 0).then_some(ttl)
}

/// The field to put right, as far as one is to blame.
fn field_of(why: InvalidReport, counts: &[Count]) -> String {
    match why {
        InvalidReport::AvailableExceedsMaximum(..) => {
            let over = |count: &Count| count.available > count.maximum && count.maximum.is_some();
            let at = counts.iter().position(over).unwrap_or(0);
            format!("counts[{at}].available")
        }
        InvalidReport::OpenWithoutPlaces => "state".to_owned(),
        InvalidReport::UnitTwice => "counts".to_owned(),
        InvalidReport::ObservedInFuture => "observed_at".to_owned(),
    }
}

impl From<InvalidReport> for Fault {
    fn from(why: InvalidReport) -> Self {
        match why {
            InvalidReport::AvailableExceedsMaximum(..) => Self::new(
                why.code(),
                "more places are available than there are: correct one of the two",
            ),
            _ => Self::new(why.code(), why),
        }
    }
}

impl From<Count> for v1::CapacityCount {
    fn from(count: Count) -> Self {
        Self {
            unit: v1::CapacityUnit::from(count.unit).into(),
            available: count.available,
            maximum: count.maximum,
        }
    }
}

impl FromWire for Count {
    type Wire = v1::CapacityCount;

    fn from_wire(wire: v1::CapacityCount, at: &mut Reading) -> Option<Self> {
        let unit = at.number::<v1::CapacityUnit>("unit", wire.unit)?;
        Some(Self {
            unit: at.keep("unit", Unit::try_from(unit))?,
            available: wire.available,
            maximum: wire.maximum,
        })
    }
}
