//! The reports of one service as bytes: there is one for nearly every service, and hardly any of them is ever shown.
//!
//! ```text
//! packed = public id, 16 bytes | reports: first that about the service as a whole, then by location
//! report = length | order: generation, number, cseq | ttl | location | the rest, which only [`One::held`] reads
//! ```
//!
//! Numbers are written in groups of 7 bits, the lowest first; one that may be missing is one more, and 0 where it is
//! missing. Before anything else that may be missing stands whether it is there. Nothing but this memory ever holds these
//! bytes.

use std::borrow::Borrow;
use std::hash::{Hash, Hasher};

use jiff::Timestamp;
use jiff::civil::Date;
use referral_core::capacity::{
    Count, Draft, Held, Order, Report, Source, Stated, Ttl, Unit, WaitBand,
};
use referral_core::federation::Epoch;
use referral_core::id::LocalId;
use referral_core::text::Text;

/// A public id, as the bytes begin with it.
pub(super) type Id = [u8; 16];

const SOURCES: [Source; 4] = [
    Source::Person,
    Source::System,
    Source::PhoneCheck,
    Source::Derived,
];
const WAIT_BANDS: [WaitBand; 4] = [
    WaitBand::UnderTwoWeeks,
    WaitBand::TwoToSixWeeks,
    WaitBand::SixToTwelveWeeks,
    WaitBand::OverTwelveWeeks,
];

/// The reports of one service. Equal to others of the same service, whatever they say.
#[derive(Debug)]
pub(crate) struct Packed(Box<[u8]>);

/// One report, of which only what tells it from others was read.
#[derive(Clone, Copy, Debug)]
pub(super) struct One<'a> {
    /// Its place in the agency's stream.
    pub(super) order: Order,
    /// How long it is believed.
    pub(super) ttl: Ttl,
    /// Its location; empty: the service as a whole.
    pub(super) location: &'a str,
    rest: Bytes<'a>,
    /// As it was written.
    pub(super) whole: &'a [u8],
}

impl Packed {
    /// The reports of a service, each as [`written`], that about the service as a whole first, then by location.
    pub(super) fn new<'a>(id: Id, reports: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut bytes = Vec::with_capacity(160);
        bytes.extend_from_slice(&id);
        for report in reports {
            write_bytes(report, &mut bytes);
        }
        Self(bytes.into())
    }

    /// Its reports, that about the service as a whole first, then by location.
    pub(super) fn all(&self) -> impl Iterator<Item = One<'_>> {
        let mut from = Bytes(self.0.get(size_of::<Id>()..).unwrap_or_default());
        std::iter::from_fn(move || One::read(from.bytes()?))
    }
}

impl Borrow<Id> for Packed {
    fn borrow(&self) -> &Id {
        const NONE: &Id = &[0; 16];
        self.0.first_chunk().unwrap_or(NONE)
    }
}

impl Hash for Packed {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Borrow::<Id>::borrow(self).hash(state);
    }
}

impl PartialEq for Packed {
    fn eq(&self, other: &Self) -> bool {
        Borrow::<Id>::borrow(self) == Borrow::<Id>::borrow(other)
    }
}

impl Eq for Packed {}

impl<'a> One<'a> {
    fn read(whole: &'a [u8]) -> Option<Self> {
        let mut from = Bytes(whole);
        let epoch = Epoch {
            generation: from.number()?,
            number: from.number()?,
        };
        let cseq = from.number()?;
        Some(Self {
            order: Order { epoch, cseq },
            ttl: from.ttl()?,
            location: from.text()?,
            rest: from,
            whole,
        })
    }

    /// All of it.
    pub(super) fn held(&self) -> Option<Held> {
        let mut from = self.rest;
        let [state, source] = from.next()?;
        let observed_at = from.time()?;
        let said_observed_at = from.time_since(observed_at)?;
        let service = from.text()?;
        let counts = from.number()?;
        let draft = Draft {
            service: LocalId::parse(service).ok()?,
            location: match self.location {
                "" => None,
                location => Some(LocalId::parse(location).ok()?),
            },
            state: *Stated::ALL.get(usize::from(state >> 1))?,
            counts: (0..counts).map(|_| from.count()).collect::<Option<_>>()?,
            waitlist_count: from.small().ok()?,
            wait_band: from.maybe(Bytes::wait_band).ok()?,
            opens_at: from.maybe(Bytes::time).ok()?,
            reopens_at: from.maybe(Bytes::day).ok()?,
            observed_at: said_observed_at,
            ttl: from.maybe(Bytes::ttl).ok()?,
            source: *SOURCES.get(usize::from(source))?,
            note: from.maybe(|from| Text::parse(from.text()?).ok()).ok()?,
        };
        Some(Held {
            // It was checked when it came in: only the time of that is not known any more.
            report: Report::parse(draft, Timestamp::MAX).ok()?,
            order: self.order,
            observed_at,
            ttl: self.ttl,
            before_restore: state & 1 != 0,
        })
    }
}

/// The location a report is about; empty: the service as a whole.
pub(super) fn location_of(held: &Held) -> &str {
    let location = held.report.said().location.as_ref();
    location.map_or("", LocalId::as_str)
}

fn write_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    write_number(u64::try_from(bytes.len()).unwrap_or(u64::MAX), out);
    out.extend_from_slice(bytes);
}

/// A report as bytes.
pub(super) fn written(held: &Held) -> Vec<u8> {
    // Named one by one: a field that is added has to be thought of here.
    let Held {
        report,
        order,
        observed_at,
        ttl,
        before_restore,
    } = held;
    let Draft {
        service,
        location: _,
        state,
        counts,
        waitlist_count,
        wait_band,
        opens_at,
        reopens_at,
        observed_at: said_observed_at,
        ttl: said_ttl,
        source,
        note,
    } = report.said();
    let mut bytes = Vec::with_capacity(96);
    let out = &mut bytes;
    write_number(order.epoch.generation, out);
    write_number(order.epoch.number, out);
    write_number(order.cseq, out);
    write_number(ttl.seconds().into(), out);
    write_bytes(location_of(held).as_bytes(), out);
    let state = place(&Stated::ALL, state) << 1 | u8::from(*before_restore);
    out.extend_from_slice(&[state, place(&SOURCES, source)]);
    write_time(*observed_at, 0, out);
    write_time(*said_observed_at, observed_at.as_second(), out);
    write_bytes(service.as_str().as_bytes(), out);
    write_number(u64::try_from(counts.len()).unwrap_or(u64::MAX), out);
    for count in counts {
        out.push(place(&Unit::ALL, &count.unit));
        write_small(count.available, out);
        write_small(count.maximum, out);
    }
    write_small(*waitlist_count, out);
    write_maybe(*wait_band, out, |band, out| {
        out.push(place(&WAIT_BANDS, &band));
    });
    write_maybe(*opens_at, out, |at, out| write_time(at, 0, out));
    write_maybe(*reopens_at, out, write_day);
    write_maybe(*said_ttl, out, |ttl, out| {
        write_number(ttl.seconds().into(), out);
    });
    write_maybe(note.as_ref(), out, |note, out| {
        write_bytes(note.as_str().as_bytes(), out);
    });
    bytes
}

fn place<T: PartialEq>(all: &[T], one: &T) -> u8 {
    let place = all.iter().position(|other| other == one);
    place
        .and_then(|at| u8::try_from(at).ok())
        .unwrap_or(u8::MAX)
}

fn write_number(mut number: u64, out: &mut Vec<u8>) {
    while number > 0x7f {
        out.push(0x80 | low(number));
        number >>= 7;
    }
    out.push(low(number));
}

fn low(number: u64) -> u8 {
    u8::try_from(number & 0x7f).unwrap_or(0)
}

/// Small on both sides of 0.
fn write_signed(number: i64, out: &mut Vec<u8>) {
    let doubled = number.cast_unsigned() << 1;
    write_number(if number < 0 { !doubled } else { doubled }, out);
}

fn write_small(number: Option<u32>, out: &mut Vec<u8>) {
    write_number(number.map_or(0, |number| u64::from(number) + 1), out);
}

/// * `since` — seconds since 1970.
fn write_time(time: Timestamp, since: i64, out: &mut Vec<u8>) {
    write_signed(time.as_second() - since, out);
    write_signed(time.subsec_nanosecond().into(), out);
}

fn write_day(day: Date, out: &mut Vec<u8>) {
    write_signed(day.year().into(), out);
    // A month and a day are above 0.
    out.extend_from_slice(&[day.month().unsigned_abs(), day.day().unsigned_abs()]);
}

fn write_maybe<T>(one: Option<T>, out: &mut Vec<u8>, write: impl Fn(T, &mut Vec<u8>)) {
    out.push(one.is_some().into());
    if let Some(one) = one {
        write(one, out);
    }
}

/// The bytes are not what was written.
#[derive(Clone, Copy, Debug)]
struct Torn;

/// What is left to be read.
#[derive(Clone, Copy, Debug)]
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn next<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (next, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*next)
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let [group] = self.next()?;
            number |= u64::from(group & 0x7f) << shift;
            if group & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn signed(&mut self) -> Option<i64> {
        let doubled = self.number()?;
        let half = doubled >> 1;
        let number = if doubled & 1 == 0 { half } else { !half };
        Some(number.cast_signed())
    }

    fn small(&mut self) -> Result<Option<u32>, Torn> {
        let more = self.number().ok_or(Torn)?.checked_sub(1);
        more.map(u32::try_from).transpose().or(Err(Torn))
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }

    fn text(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.bytes()?).ok()
    }

    fn ttl(&mut self) -> Option<Ttl> {
        let seconds = u32::try_from(self.number()?).ok()?;
        Some(Ttl::clamped(seconds))
    }

    fn time(&mut self) -> Option<Timestamp> {
        self.time_since(Timestamp::UNIX_EPOCH)
    }

    fn time_since(&mut self, since: Timestamp) -> Option<Timestamp> {
        let seconds = since.as_second().checked_add(self.signed()?)?;
        let nanoseconds = i32::try_from(self.signed()?).ok()?;
        Timestamp::new(seconds, nanoseconds).ok()
    }

    fn day(&mut self) -> Option<Date> {
        let year = i16::try_from(self.signed()?).ok()?;
        let [month, day] = self.next()?;
        let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
        Date::new(year, month, day).ok()
    }

    fn count(&mut self) -> Option<Count> {
        let [unit] = self.next()?;
        Some(Count {
            unit: *Unit::ALL.get(usize::from(unit))?,
            available: self.small().ok()?,
            maximum: self.small().ok()?,
        })
    }

    fn wait_band(&mut self) -> Option<WaitBand> {
        let [band] = self.next()?;
        WAIT_BANDS.get(usize::from(band)).copied()
    }

    fn maybe<T>(&mut self, read: impl Fn(&mut Self) -> Option<T>) -> Result<Option<T>, Torn> {
        let [is_there] = self.next().ok_or(Torn)?;
        let read = (is_there != 0).then(|| read(self).ok_or(Torn));
        read.transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::option;
    use proptest::prelude::*;
    use proptest::sample::{select, subsequence};

    fn time() -> impl Strategy<Value = Timestamp> {
        let all = Timestamp::MIN.as_nanosecond()..=Timestamp::MAX.as_nanosecond();
        let of_today = 1_780_000_000_000_000_000..1_790_000_000_000_000_000_i128;
        let nanoseconds = prop_oneof![
            1 => all,
            3 => of_today,
            1 => Just(Timestamp::MIN.as_nanosecond()),
            1 => Just(Timestamp::MAX.as_nanosecond()),
        ];
        nanoseconds.prop_map(|at| Timestamp::from_nanosecond(at).unwrap())
    }

    fn day() -> impl Strategy<Value = Date> {
        time().prop_map(|at| at.to_zoned(jiff::tz::TimeZone::UTC).date())
    }

    fn id() -> impl Strategy<Value = LocalId> {
        "[A-Za-z0-9._-]{1,64}".prop_map(|id| LocalId::parse(&id).unwrap())
    }

    fn counts() -> impl Strategy<Value = Vec<Count>> {
        let units = subsequence(Unit::ALL.to_vec(), 0..=Unit::ALL.len()).prop_shuffle();
        let places = || option::of(prop_oneof![0..40_u32, any::<u32>()]);
        (units, vec((places(), places()), Unit::ALL.len())).prop_map(|(units, places)| {
            let counts = units.into_iter().zip(places);
            let count = |(unit, (a, b)): (Unit, (Option<u32>, Option<u32>))| Count {
                unit,
                available: a.map(|a| a.min(b.unwrap_or(a))),
                maximum: b,
            };
            counts.map(count).collect()
        })
    }

    prop_compose! {
        fn draft()(
            (service, location, state) in (id(), option::of(id()), select(&Stated::ALL[..])),
            mut counts in counts(),
            waitlist_count in option::of(any::<u32>()),
            wait_band in option::of(select(&WAIT_BANDS[..])),
            (opens_at, reopens_at, observed_at) in (option::of(time()), option::of(day()), time()),
            ttl in option::of(any::<u32>()),
            source in select(&SOURCES[..]),
            note in option::of(any::<String>()),
        ) -> Draft {
            if matches!(state, Stated::Open | Stated::Limited)
                && let Some(Count { available: Some(0), .. }) = counts.first()
            {
                counts[0].available = None;
            }
            Draft {
                service, location, state, counts, waitlist_count, wait_band, opens_at, reopens_at, observed_at,
                ttl: ttl.map(Ttl::clamped),
                source,
                note: note.and_then(|note| Text::parse(&note).ok()),
            }
        }
    }

    prop_compose! {
        fn held()(
            draft in draft(), generation in any::<u64>(), number in 0..300_u64, cseq in any::<u64>(),
            observed_at in time(), ttl in any::<u32>(), before_restore in any::<bool>(),
        ) -> Held {
            Held {
                report: Report::parse(draft, Timestamp::MAX).unwrap(),
                order: Order { epoch: Epoch { generation, number }, cseq },
                observed_at,
                ttl: Ttl::clamped(ttl),
                before_restore,
            }
        }
    }

    proptest! {
        /// Reports come back as they were, one after another.
        #[test]
        fn what_is_packed_is_unpacked_as_it_was(all in vec(held(), 0..4), number in any::<[u8; 16]>()) {
            let written: Vec<_> = all.iter().map(written).collect();

            let packed = Packed::new(number, written.iter().map(Vec::as_slice));

            let again: Vec<_> = packed.all().map(|one| one.held()).collect();
            prop_assert_eq!(again, all.iter().cloned().map(Some).collect::<Vec<_>>());
            let told = packed.all().map(|one| (one.order, one.ttl, one.location.to_owned()));
            let known = all.iter().map(|held| (held.order, held.ttl, location_of(held).to_owned()));
            prop_assert!(told.eq(known));
            prop_assert_eq!(Borrow::<Id>::borrow(&packed), &number);
        }
    }
}
