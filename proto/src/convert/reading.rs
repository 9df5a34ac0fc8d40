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
    path: String,
    found: Vec<Violation>,
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
            path: String::new(),
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
    pub(crate) fn within<T>(&mut self, field: &str, read: impl FnOnce(&mut Self) -> T) -> T {
        let outer = self.path.len();
        self.path = self.path_of(field);
        let value = read(self);
        self.path.truncate(outer);
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
        field: &str,
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
    pub(crate) fn part<T: FromWire>(&mut self, field: &str, wire: Option<T::Wire>) -> Option<T> {
        let wire = self.given(field, wire)?;
        self.within(field, |at| T::from_wire(wire, at))
    }

    /// A part that may be absent.
    pub(crate) fn optional_part<T: FromWire>(
        &mut self,
        field: &str,
        wire: Option<T::Wire>,
    ) -> Option<T> {
        wire.and_then(|wire| self.within(field, |at| T::from_wire(wire, at)))
    }

    /// A part that may be absent; then it says nothing.
    pub(crate) fn part_or_default<T: FromWire + Default>(
        &mut self,
        field: &str,
        wire: Option<T::Wire>,
    ) -> T {
        self.optional_part(field, wire).unwrap_or_default()
    }

    /// Parts in their order, at most `most`.
    pub(crate) fn parts<T: FromWire>(
        &mut self,
        field: &str,
        wire: Vec<T::Wire>,
        most: usize,
    ) -> Vec<T> {
        self.each(field, wire, most, |at, wire| T::from_wire(wire, at))
    }

    /// The value of an enum's number. Numbers that this version does not know are refused.
    pub(crate) fn number<E: TryFrom<i32>>(&mut self, field: &str, number: i32) -> Option<E> {
        let unknown = Fault::new("unknown_value", "this version does not know this value");
        self.keep(field, E::try_from(number).map_err(|_| unknown))
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
        field: &str,
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
        let items = items.enumerate();
        let read = items
            .filter_map(|(i, item)| self.within(&format!("{field}[{i}]"), |at| read(at, item)));
        read.collect()
    }

    fn path_of(&self, field: &str) -> String {
        match (self.path.as_str(), field) {
            ("", field) => field.to_owned(),
            (path, "") => path.to_owned(),
            (path, field) => format!("{path}.{field}"),
        }
    }
}
