//! How full the services of the real directories are taken to be. Nobody ever reported it: this is an
//! assumption, always the same, so that availability matters in judged searches.
//!
//! A service's state depends on its public id and its codes alone, so that adding or removing others
//! changes nothing. How many of each kind take people is the table of [`ServiceKind::situations`]; of
//! those that report, one in eight did so longer ago than is believed.

use jiff::{SignedDuration, Timestamp};
use rand::RngExt;
use referral_core::capacity::{Draft, Source, Stated, Ttl, ttl_for};
use referral_core::catalog::Listing;

use crate::network::{Dice, ServiceKind, Situation, seeded};

/// Changing it makes every judgement that rests on a state of capacity wrong.
const SEED: u64 = 0x0072_6566_6572_616c;
/// Reports that are older than their time to live.
const OUTDATED: f64 = 0.125;
/// Which kind of service a code makes; the first code of this list that a service has decides.
const KINDS: [(&str, ServiceKind); 11] = [
    ("dom:leg", ServiceKind::ImmigrationLegal),
    ("dom:oleg", ServiceKind::OtherLegal),
    ("dom:hou", ServiceKind::Housing),
    ("ho", ServiceKind::Housing),
    ("dom:mhp", ServiceKind::MentalHealth),
    ("mh", ServiceKind::MentalHealth),
    ("da", ServiceKind::BasicNeeds),
    ("dom:dir", ServiceKind::BasicNeeds),
    ("dom:med", ServiceKind::Health),
    ("vo", ServiceKind::Vocational),
    ("dom:voc", ServiceKind::Vocational),
];

/// What the service is taken to have reported by `now`; `None`: nothing, ever.
#[must_use]
pub(super) fn assumed(listing: &Listing, now: Timestamp) -> Option<Draft> {
    let id = listing.key().public_id().as_u128();
    #[expect(
        clippy::cast_possible_truncation,
        reason = "half of a public id is as good a seed as all of it"
    )]
    let mut dice = seeded(id as u64 ^ SEED);
    let state = stated(kind(listing), &mut dice)?;
    let codes = listing.service.attributes.iter();
    let believed = ttl_for(codes.map(|attribute| &attribute.code), None);
    Some(Draft {
        service: listing.service.id.clone(),
        location: None,
        state,
        counts: Vec::new(),
        waitlist_count: None,
        wait_band: None,
        opens_at: None,
        reopens_at: None,
        observed_at: now.saturating_sub(age(believed, &mut dice)).unwrap_or(now),
        ttl: None,
        source: Source::Person,
        note: None,
    })
}

fn stated(kind: ServiceKind, dice: &mut Dice) -> Option<Stated> {
    let mut left = dice.random_range(0.0..1.0);
    let situations = kind.situations().into_iter();
    let drawn = situations.into_iter().find(|(share, _)| {
        left -= share;
        left < 0.0
    });
    let mut rather = |share: f64, usual, other| {
        if dice.random_bool(share) {
            usual
        } else {
            other
        }
    };
    Some(match drawn?.1 {
        Situation::Accepting => rather(0.8, Stated::Open, Stated::Limited),
        Situation::Waitlist => rather(0.85, Stated::Waitlist, Stated::Assess),
        Situation::Closed => rather(0.6, Stated::Closed, Stated::Paused),
        Situation::Unknown => return None,
    })
}

fn kind(listing: &Listing) -> ServiceKind {
    let codes: Vec<&str> = {
        let attributes = listing.service.attributes.iter();
        attributes
            .map(|attribute| attribute.code.as_str())
            .collect()
    };
    let is = |code: &&str, wanted: &str| {
        *code == wanted
            || code
                .split_once(':')
                .is_some_and(|(class, _)| class == wanted)
    };
    let found = KINDS
        .iter()
        .find(|(wanted, _)| codes.iter().any(|code| is(code, wanted)));
    found.map_or(ServiceKind::Other, |(_, kind)| *kind)
}

/// How long ago the report was: anywhere in the first four fifths of the time it is believed, or up to
/// twice that time past its end.
fn age(believed: Ttl, dice: &mut Dice) -> SignedDuration {
    let percent: i64 = if dice.random_bool(OUTDATED) {
        dice.random_range(110..300)
    } else {
        dice.random_range(0..80)
    };
    SignedDuration::from_secs(i64::from(believed.seconds()) * percent / 100)
}
