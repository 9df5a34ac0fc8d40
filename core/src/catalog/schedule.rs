//! When a service or place is open.

use jiff::civil::{Date, Time};

use crate::catalog::WebUrl;
use crate::text::{Name, Text};

/// How often a schedule repeats (HSDS `freq`, RFC 5545).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Frequency {
    /// By weekday.
    Weekly,
    /// By day of the month.
    Monthly,
}

/// Opening hours (HSDS schedule). Times are local to the place where the service is offered unless
/// `time_zone` names an IANA zone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Schedule {
    /// First day it applies.
    pub valid_from: Option<Date>,
    /// Last day it applies.
    pub valid_to: Option<Date>,
    /// Day the repetition counts from.
    pub dtstart: Option<Date>,
    /// IANA zone name; none: the place's own.
    pub time_zone: Option<Name>,
    /// How often it repeats.
    pub frequency: Option<Frequency>,
    /// Every how many weeks or months; 1 or more.
    pub interval: Option<u16>,
    /// Weekdays in RFC 5545 form, e.g. `MO,TU` or `1MO`.
    pub byday: Option<Name>,
    /// Days of the month in RFC 5545 form, e.g. `1,15`.
    pub bymonthday: Option<Name>,
    /// Opening time.
    pub opens_at: Option<Time>,
    /// Closing time.
    pub closes_at: Option<Time>,
    /// The hours in the publisher's words.
    pub description: Option<Text>,
    /// A note, e.g. holidays.
    pub notes: Option<Text>,
    /// A page with the hours.
    pub link: Option<WebUrl>,
}
