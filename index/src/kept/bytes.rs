//! Values as bytes: fixed sizes, little-endian; texts and lists behind their length.

use jiff::civil::Date;
use referral_core::catalog::{Area, Effect, Field, Rule, ServiceArea, Values};
use referral_core::geo::{CountryCode, CountyFips, Kilometres, Point, StateCode, Zip};
use referral_core::text::{Name, Text};
use referral_core::vocabulary::Code;

/// What can be written, and read back as it was.
pub(super) trait Stored: Sized {
    /// Adds it to `out`.
    fn write(&self, out: &mut Vec<u8>);
    /// Takes it from the front; `None`: it is not there.
    fn read(from: &mut Bytes<'_>) -> Option<Self>;
}

/// What is left to be read.
#[derive(Debug)]
pub(super) struct Bytes<'a>(pub(super) &'a [u8]);

impl<'a> Bytes<'a> {
    /// The next so many bytes.
    pub(super) fn next<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (next, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*next)
    }

    /// The next text.
    pub(super) fn text(&mut self) -> Option<&'a str> {
        let length = usize::try_from(u32::read(self)?).ok()?;
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        std::str::from_utf8(text).ok()
    }
}

/// Adds a text to `out`.
pub(super) fn write_text(text: &str, out: &mut Vec<u8>) {
    write_length(text.len(), out);
    out.extend_from_slice(text.as_bytes());
}

/// Adds a list to `out`.
pub(super) fn write_all<T: Stored>(all: &[T], out: &mut Vec<u8>) {
    write_length(all.len(), out);
    for one in all {
        one.write(out);
    }
}

/// What does not fit is written as what no reader takes.
fn write_length(length: usize, out: &mut Vec<u8>) {
    u32::try_from(length).unwrap_or(u32::MAX).write(out);
}

impl<T: Stored> Stored for Vec<T> {
    fn write(&self, out: &mut Vec<u8>) {
        write_all(self, out);
    }

    fn read(from: &mut Bytes<'_>) -> Option<Self> {
        let length = u32::read(from)?;
        (0..length).map(|_| T::read(from)).collect()
    }
}

impl<T: Stored> Stored for Option<T> {
    fn write(&self, out: &mut Vec<u8>) {
        self.is_some().write(out);
        if let Some(one) = self {
            one.write(out);
        }
    }

    fn read(from: &mut Bytes<'_>) -> Option<Self> {
        if bool::read(from)? {
            T::read(from).map(Some)
        } else {
            Some(None)
        }
    }
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl Stored for $number {
            fn write(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_le_bytes());
            }

            fn read(from: &mut Bytes<'_>) -> Option<Self> {
                Some(Self::from_le_bytes(from.next()?))
            }
        }
    )*};
}

numbers!(u8, u16, u32, u64, u128, i16, f32, f64);

impl<T: Stored + Default + Copy, const N: usize> Stored for [T; N] {
    fn write(&self, out: &mut Vec<u8>) {
        for one in self {
            one.write(out);
        }
    }

    fn read(from: &mut Bytes<'_>) -> Option<Self> {
        let mut all = [T::default(); N];
        for one in &mut all {
            *one = T::read(from)?;
        }
        Some(all)
    }
}

impl Stored for bool {
    fn write(&self, out: &mut Vec<u8>) {
        u8::from(*self).write(out);
    }

    fn read(from: &mut Bytes<'_>) -> Option<Self> {
        match u8::read(from)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

macro_rules! texts {
    ($($text:ty),*) => {$(
        impl Stored for $text {
            fn write(&self, out: &mut Vec<u8>) {
                write_text(self.as_str(), out);
            }

            fn read(from: &mut Bytes<'_>) -> Option<Self> {
                Self::parse(from.text()?).ok()
            }
        }
    )*};
}

texts!(Code, Name, Text, StateCode, CountryCode);

impl Stored for String {
    fn write(&self, out: &mut Vec<u8>) {
        write_text(self, out);
    }

    fn read(from: &mut Bytes<'_>) -> Option<Self> {
        from.text().map(str::to_owned)
    }
}

impl Stored for Point {
    fn write(&self, out: &mut Vec<u8>) {
        self.lat().write(out);
        self.lon().write(out);
    }

    fn read(from: &mut Bytes<'_>) -> Option<Self> {
        Self::new(f64::read(from)?, f64::read(from)?).ok()
    }
}

impl Stored for Date {
    fn write(&self, out: &mut Vec<u8>) {
        self.year().write(out);
        // A month and a day are above 0.
        self.month().unsigned_abs().write(out);
        self.day().unsigned_abs().write(out);
    }

    fn read(from: &mut Bytes<'_>) -> Option<Self> {
        let year = i16::read(from)?;
        let month = i8::try_from(u8::read(from)?).ok()?;
        let day = i8::try_from(u8::read(from)?).ok()?;
        Self::new(year, month, day).ok()
    }
}

impl Stored for Field {
    fn write(&self, out: &mut Vec<u8>) {
        let number: u8 = match self {
            Self::Age => 0,
            Self::Nationality => 1,
            Self::Immigration => 2,
            Self::Custody => 3,
            Self::WorkPermit => 4,
            Self::Income => 5,
            Self::MonthsSinceArrival => 6,
            Self::Gender => 7,
            Self::Other(_) => 8,
        };
        number.write(out);
        if let Self::Other(code) = self {
            code.write(out);
        }
    }

    fn read(from: &mut Bytes<'_>) -> Option<Self> {
        Some(match u8::read(from)? {
            0 => Self::Age,
            1 => Self::Nationality,
            2 => Self::Immigration,
            3 => Self::Custody,
            4 => Self::WorkPermit,
            5 => Self::Income,
            6 => Self::MonthsSinceArrival,
            7 => Self::Gender,
            8 => Self::Other(Code::read(from)?),
            _ => return None,
        })
    }
}

impl Stored for Values {
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Range { minimum, maximum } => {
                0u8.write(out);
                minimum.write(out);
                maximum.write(out);
            }
            Self::AnyOf(names) => {
                1u8.write(out);
                names.write(out);
            }
            Self::Words(words) => {
                2u8.write(out);
                words.write(out);
            }
        }
    }

    fn read(from: &mut Bytes<'_>) -> Option<Self> {
        Some(match u8::read(from)? {
            0 => Self::Range {
                minimum: Option::read(from)?,
                maximum: Option::read(from)?,
            },
            1 => Self::AnyOf(Vec::read(from)?),
            2 => Self::Words(Text::read(from)?),
            _ => return None,
        })
    }
}

impl Stored for Rule {
    fn write(&self, out: &mut Vec<u8>) {
        self.field.write(out);
        (self.effect == Effect::Deny).write(out);
        self.values.write(out);
        self.discretionary.write(out);
    }

    fn read(from: &mut Bytes<'_>) -> Option<Self> {
        let field = Field::read(from)?;
        let denies = bool::read(from)?;
        Some(Self {
            field,
            effect: if denies { Effect::Deny } else { Effect::Allow },
            values: Values::read(from)?,
            discretionary: bool::read(from)?,
        })
    }
}

impl Stored for Area {
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Zip(zip) => (0u8, zip.number()).write(out),
            Self::County(county) => (1u8, county.number()).write(out),
            Self::State(state) => (2u8, *state).write(out),
            Self::Country(country) => (3u8, *country).write(out),
            Self::Nation => 4u8.write(out),
            Self::Radius(radius) => (5u8, radius.get()).write(out),
            Self::Court(court) => {
                6u8.write(out);
                court.write(out);
            }
        }
    }

    fn read(from: &mut Bytes<'_>) -> Option<Self> {
        Some(match u8::read(from)? {
            0 => Self::Zip(Zip::from_number(u32::read(from)?)?),
            1 => Self::County(CountyFips::from_number(u32::read(from)?)?),
            2 => Self::State(StateCode::read(from)?),
            3 => Self::Country(CountryCode::read(from)?),
            4 => Self::Nation,
            5 => Self::Radius(Kilometres::new(f64::read(from)?).ok()?),
            6 => Self::Court(Name::read(from)?),
            _ => return None,
        })
    }
}

impl<A: Stored, B: Stored> Stored for (A, B) {
    fn write(&self, out: &mut Vec<u8>) {
        self.0.write(out);
        self.1.write(out);
    }

    fn read(from: &mut Bytes<'_>) -> Option<Self> {
        Some((A::read(from)?, B::read(from)?))
    }
}

impl Stored for ServiceArea {
    fn write(&self, out: &mut Vec<u8>) {
        self.area.write(out);
        self.condition.write(out);
        self.name.write(out);
    }

    fn read(from: &mut Bytes<'_>) -> Option<Self> {
        Some(Self {
            area: Area::read(from)?,
            condition: Option::read(from)?,
            name: Option::read(from)?,
        })
    }
}
