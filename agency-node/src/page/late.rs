//! What somebody tapped or typed of one service when their session had ended: kept through signing in, and shown where
//! it belongs. It is never done by itself.

use referral_core::id::LocalId;
use referral_runtime::web::Fields;

use super::{say, tell};
use crate::outbox::ReportKey;

/// Longest number that is kept as it was typed. Unit: characters.
const TYPED: usize = 20;
/// What can be tapped, with the key of its words.
const TAPS: [(&str, &str); 6] = [
    ("open", "tap-open"),
    ("waitlist", "tap-waitlist"),
    ("full", "tap-full"),
    ("more", "tap-more"),
    ("less", "tap-less"),
    ("same", "tap-same"),
];

/// A change that came too late.
pub(super) struct Late {
    pub(super) about: ReportKey,
    tap: String,
    places: String,
}

impl Late {
    /// Reads it from the form that was sent, from an address or from the form for signing in; `None`: there is none.
    pub(super) fn read(fields: &Fields) -> Option<Self> {
        let location = match fields.value("location") {
            "" => None,
            id => Some(LocalId::parse(id).ok()?),
        };
        let tap = fields.value("tap");
        let known = tap == "places" || TAPS.iter().any(|(name, _)| *name == tap);
        let about = ReportKey {
            service: LocalId::parse(fields.value("service")).ok()?,
            location,
        };
        known.then(|| Self {
            about,
            tap: tap.to_owned(),
            places: fields.value("places").trim().chars().take(TYPED).collect(),
        })
    }

    /// As fields of a form.
    pub(super) fn fields(&self) -> [(&'static str, String); 4] {
        let location = self.about.location.as_ref();
        [
            ("service", self.about.service.to_string()),
            (
                "location",
                location.map_or_else(String::new, ToString::to_string),
            ),
            ("tap", self.tap.clone()),
            ("places", self.places.clone()),
        ]
    }

    /// As part of an address.
    pub(super) fn query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.fields());
        query.finish()
    }

    /// The number, where one was typed.
    pub(super) fn number(&self) -> Option<&str> {
        (self.tap == "places").then_some(&*self.places)
    }

    /// What to do, in words.
    pub(super) fn words(&self) -> String {
        let tap = TAPS.iter().find(|(name, _)| *name == self.tap);
        match tap {
            Some((_, words)) => tell("late-tap", &[("tap", say(words).into())]),
            None => say("late-number"),
        }
    }
}
