//! How a message is read: field by field, every fault collected with its path.
//!
//! A [`Reading`] is handed down from message to part. What can be read is read even where something
//! else is wrong, so that the sender hears of all of it at once; the value only leaves
//! [`Reading::of`] when nothing was wrong.

use std::fmt;

use jiff::Timestamp;

use super::text::FromText;
use super::violations::{Violation, Violations};
use super::{limits, time};

/// Why one value was refused: a stable code and a sentence without the value.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(crate) code: &'static str,
    pub(crate) text: String,
}

/// A message of the wire that becomes `Self`.
pub(crate) trait FromWire: Sized {
    /// The message.
    type Wire;
    /// Reads `wire`. `None` only after a fault was noted in `at`.
    fn from_wire(wire: Self::Wire, at: &mut Reading) -> Option<Self>;
}

/// An enum of the wire said nothing where something must be said. The sender's to fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nothing was said here: choose one of the values")]
pub struct Unspecified;

impl Unspecified {
    /// A stable name for this failure.
    #[must_use]
    pub fn code(self) -> &'static str {
        "unspecified"
    }
}

/// One message being read: where in it, and what was wrong so far.
#[derive(Debug)]
pub(crate) struct Reading {
    path: Vec<Step>,
    found: Vec<Violation>,
}

/// A step of the path: a field, or one of its items. In words only where something is wrong: most records that are
/// read were accepted before.
#[derive(Clone, Copy, Debug)]
struct Step {
    field: &'static str,
    item: Option<usize>,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.field)?;
        self.item.map_or(Ok(()), |item| write!(f, "[{item}]"))
    }
}

impl Fault {
    pub(crate) fn new(code: &'static str, text: impl fmt::Display) -> Self {
        Self {
            code,
            text: text.to_string(),
        }
    }
}

impl From<Unspecified> for Fault {
    fn from(why: Unspecified) -> Self {
        Self::new(why.code(), why)
    }
}

impl Reading {
    /// What `read` makes of a message, or everything that is wrong with it.
    pub(crate) fn of<T>(read: impl FnOnce(&mut Self) -> Option<T>) -> Result<T, Violations> {
        let mut at = Self {
            path: Vec::new(),
            found: Vec::new(),
        };
        let value = read(&mut at);
        match (value, Violations::of(at.found)) {
            (_, Some(violations)) => Err(violations),
            (Some(value), None) => Ok(value),
            (None, None) => Err(Violations::one(
                "",
                "unreadable",
                "the message cannot be read",
            )),
        }
    }

    /// Reads within `field`: faults get its path.
    pub(crate) fn within<T>(
        &mut self,
        field: &'static str,
        read: impl FnOnce(&mut Self) -> T,
    ) -> T {
        self.stepped(Step { field, item: None }, read)
    }

    fn stepped<T>(&mut self, step: Step, read: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(step);
        let value = read(self);
        self.path.pop();
        value
    }

    /// Notes a fault of `field`, or of the whole part when `field` is empty.
    pub(crate) fn refuse(&mut self, field: &str, fault: Fault) {
        if self.found.len() < limits::VIOLATIONS {
            let field = self.path_of(field);
            let Fault { code, text } = fault;
            self.found.push(Violation { field, code, text });
        }
    }

    /// The value, or `None` with the fault noted for `field`.
    pub(crate) fn keep<T>(
        &mut self,
        field: &str,
        result: Result<T, impl Into<Fault>>,
    ) -> Option<T> {
        result.map_err(|why| self.refuse(field, why.into())).ok()
    }

    /// A string that must be there.
    pub(crate) fn required<T: FromText>(&mut self, field: &str, text: &str) -> Option<T> {
        self.keep(field, T::from_text(text))
    }

    /// A string that may be empty: not stated.
    pub(crate) fn optional<T: FromText>(&mut self, field: &str, text: &str) -> Option<T> {
        if text.is_empty() {
            None
        } else {
            self.required(field, text)
        }
    }

    /// Strings, none of them empty.
    pub(crate) fn texts<T: FromText>(
        &mut self,
        field: &'static str,
        texts: &[String],
        most: usize,
    ) -> Vec<T> {
        self.each(field, texts, most, |at, text| at.required("", text))
    }

    /// What must be given: a message, or one member of the `oneof` with this name.
    pub(crate) fn given<T>(&mut self, field: &str, wire: Option<T>) -> Option<T> {
        if wire.is_none() {
            self.refuse(field, Fault::new("missing", "this must be given"));
        }
        wire
    }

    /// A part that must be there.
    pub(crate) fn part<T: FromWire>(
        &mut self,
        field: &'static str,
        wire: Option<T::Wire>,
    ) -> Option<T> {
        let wire = self.given(field, wire)?;
        self.within(field, |at| T::from_wire(wire, at))
    }

    /// A part that may be absent.
    pub(crate) fn optional_part<T: FromWire>(
        &mut self,
        field: &'static str,
        wire: Option<T::Wire>,
    ) -> Option<T> {
        wire.and_then(|wire| self.within(field, |at| T::from_wire(wire, at)))
    }

    /// A part that may be absent; then it says nothing.
    pub(crate) fn part_or_default<T: FromWire + Default>(
        &mut self,
        field: &'static str,
        wire: Option<T::Wire>,
    ) -> T {
        self.optional_part(field, wire).unwrap_or_default()
    }

    /// Parts in their order, at most `most`.
    pub(crate) fn parts<T: FromWire>(
        &mut self,
        field: &'static str,
        wire: Vec<T::Wire>,
        most: usize,
    ) -> Vec<T> {
        self.each(field, wire, most, |at, wire| T::from_wire(wire, at))
    }

    /// The value of an enum's number. Numbers that this version does not know are refused.
    pub(crate) fn number<E: TryFrom<i32>>(&mut self, field: &str, number: i32) -> Option<E> {
        let unknown = |_| Fault::new("unknown_value", "this version does not know this value");
        self.keep(field, E::try_from(number).map_err(unknown))
    }

    /// A number that core keeps in 16 bits; 0: not stated.
    pub(crate) fn small(&mut self, field: &str, number: u32) -> Option<u16> {
        let fault = |_| Fault::new("number_too_large", "this number is at most 65,535");
        self.keep(field, u16::try_from(number).map_err(fault))
            .filter(|number| *number != 0)
    }

    /// An instant that may be absent.
    pub(crate) fn optional_instant(
        &mut self,
        field: &str,
        wire: Option<prost_types::Timestamp>,
    ) -> Option<Timestamp> {
        wire.and_then(|wire| self.keep(field, time::from_wire(wire)))
    }

    fn each<I: IntoIterator<IntoIter: ExactSizeIterator>, T>(
        &mut self,
        field: &'static str,
        items: I,
        most: usize,
        mut read: impl FnMut(&mut Self, I::Item) -> Option<T>,
    ) -> Vec<T> {
        let items = items.into_iter();
        if items.len() > most {
            let text = format!("at most {most} of these fit in one message: leave some out");
            self.refuse(field, Fault::new("too_many", text));
            return Vec::new();
        }
        let mut read_at = |(i, wire)| {
            let item = Some(i);
            self.stepped(Step { field, item }, |at| read(at, wire))
        };
        items.enumerate().filter_map(&mut read_at).collect()
    }

    fn path_of(&self, field: &str) -> String {
        let steps = self.path.iter().map(ToString::to_string);
        let field = (!field.is_empty()).then(|| field.to_owned());
        let steps: Vec<_> = steps.chain(field).collect();
        steps.join(".")
    }
}
