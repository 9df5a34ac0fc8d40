//! Names, texts, codes, days: what every record is made of.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use referral_core::catalog::{EmailAddress, LanguageTag, PhoneNumber, WebUrl};
use referral_core::geo::{CountryCode, CountyFips, Kilometres, Point, StateCode, Zip};
use referral_core::id::{Hash, LocalId};
use referral_core::text::{Name, Text};
use referral_core::vocabulary::Code;

pub(crate) fn name() -> impl Strategy<Value = Name> {
    "[\\PC&&[^\u{300}-\u{36F}]]{1,24}".prop_filter_map("a name", |text| Name::parse(&text).ok())
}

pub(crate) fn text() -> impl Strategy<Value = Text> {
    let line = "[ -~á-žа-яء-ي一-丏]{1,60}";
    vec(line, 1..3).prop_filter_map("a text", |lines| Text::parse(&lines.join("\n")).ok())
}

pub(crate) fn some_name() -> impl Strategy<Value = Option<Name>> {
    option::of(name())
}

pub(crate) fn some_text() -> impl Strategy<Value = Option<Text>> {
    option::of(text())
}

pub(crate) fn id() -> impl Strategy<Value = LocalId> {
    "[A-Za-z0-9._-]{1,64}".prop_filter_map("a local id", |text| LocalId::parse(&text).ok())
}

/// Codes of the vocabulary and codes nobody has heard of.
pub(crate) fn code() -> impl Strategy<Value = Code> {
    let known = select(vec!["lc:bond", "ho:es", "dom:leg", "cred:atty"]).prop_map(str::to_owned);
    let unheard = "[a-z][a-z0-9-]{0,9}:[A-Za-z0-9._-]{1,20}";
    let own = "x-[a-z0-9-]{2,40}:[a-z0-9-]{1,30}";
    prop_oneof![known, unheard, own].prop_filter_map("a code", |text| Code::parse(&text).ok())
}

/// Tags of languages that exist and of ones that do not.
pub(crate) fn tag() -> impl Strategy<Value = LanguageTag> {
    "[a-z]{2,3}(-[A-Za-z0-9]{1,8}){0,2}"
        .prop_filter_map("a language tag", |text| LanguageTag::parse(&text).ok())
}

pub(crate) fn number() -> impl Strategy<Value = PhoneNumber> {
    "(\\+1 )?\\([0-9]{3}\\) [0-9]{3}-[0-9]{4}( x[0-9]{1,4})?"
        .prop_filter_map("a number", |text| PhoneNumber::parse(&text).ok())
}

pub(crate) fn some_url() -> impl Strategy<Value = Option<WebUrl>> {
    let url = "https?://[a-z]{1,9}\\.(org|example)(/[a-z0-9%._~-]{0,9}){0,2}";
    option::of(url.prop_filter_map("a web address", |text| WebUrl::parse(&text).ok()))
}

pub(crate) fn some_email() -> impl Strategy<Value = Option<EmailAddress>> {
    let email = "[a-z.+]{1,9}@[a-z]{1,9}\\.org";
    option::of(email.prop_filter_map("an e-mail address", |text| EmailAddress::parse(&text).ok()))
}

pub(crate) fn some_day() -> impl Strategy<Value = Option<Date>> {
    let day = (1_i16..=9999, 1_i8..=12, 1_i8..=31);
    option::of(day.prop_filter_map("a day", |(year, month, day)| {
        Date::new(year, month, day).ok()
    }))
}

pub(crate) fn some_time() -> impl Strategy<Value = Option<Time>> {
    let minutes = (0_i8..24, 0_i8..60, Just(0), Just(0));
    let nanoseconds = (0_i8..24, 0_i8..60, 0_i8..60, 0_i32..1_000_000_000);
    let time = prop_oneof![minutes.boxed(), nanoseconds.boxed()];
    option::of(time.prop_filter_map("a time", |(h, m, s, ns)| Time::new(h, m, s, ns).ok()))
}

/// Any instant of the years 1 to 9999 that both sides can name.
pub(crate) fn instant() -> impl Strategy<Value = Timestamp> {
    let seconds = prop_oneof![
        -62_135_596_800_i64..=253_402_207_200,
        1_700_000_000_i64..1_800_000_000
    ];
    (seconds, 0_i32..1_000_000_000)
        .prop_filter_map("an instant", |(s, ns)| Timestamp::new(s, ns).ok())
}

pub(crate) fn hash() -> impl Strategy<Value = Hash> {
    any::<[u8; 32]>().prop_map(|bytes| Hash::of(&[&bytes]))
}

pub(crate) fn zip() -> impl Strategy<Value = Zip> {
    (0_u32..100_000).prop_filter_map("a ZIP", Zip::from_number)
}

pub(crate) fn county() -> impl Strategy<Value = CountyFips> {
    (1_001_u32..=78_999).prop_filter_map("a county", CountyFips::from_number)
}

pub(crate) fn state() -> impl Strategy<Value = StateCode> {
    "[A-Z]{2}".prop_filter_map("a state", |text| StateCode::parse(&text).ok())
}

pub(crate) fn country() -> impl Strategy<Value = CountryCode> {
    "[A-Z]{2}".prop_filter_map("a country", |text| CountryCode::parse(&text).ok())
}

pub(crate) fn point() -> impl Strategy<Value = Point> {
    (-90.0..=90.0, -180.0..=180.0)
        .prop_filter_map("a point", |(lat, lon)| Point::new(lat, lon).ok())
}

pub(crate) fn distance() -> impl Strategy<Value = Kilometres> {
    (0.0..=20_000.0).prop_filter_map("a distance", |km| Kilometres::new(km).ok())
}
