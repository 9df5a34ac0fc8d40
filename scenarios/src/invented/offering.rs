//! What can be offered: a catalogue of services that could exist, each with codes that fit together.

use std::sync::OnceLock;

use rand::seq::IndexedRandom;
use referral_core::capacity::Unit;
use referral_core::vocabulary::Code;

use super::ServiceKind;
use super::dice::Dice;

/// A service somebody could offer.
#[derive(Clone, Debug)]
pub(crate) struct Offering {
    pub(crate) kind: ServiceKind,
    /// What its places are counted in.
    pub(crate) unit: Unit,
    pub(crate) setting: Setting,
    pub(crate) title: &'static str,
    /// What it is and on what terms; service areas, fees and access are added.
    pub(crate) codes: Vec<Code>,
}

/// Where a service is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Setting {
    /// At an office.
    Office,
    /// By phone, video or message only.
    Remote,
    /// At an office, and for whom it suits without coming.
    Either,
    /// At a place of which only the county may be known.
    Confidential,
    /// In a country of origin.
    Abroad,
}

impl Offering {
    /// Whether it has this code.
    pub(crate) fn has(&self, code: &str) -> bool {
        self.codes.iter().any(|own| own.as_str() == code)
    }
}

/// An offering of the kind, of those not in `taken` while there are any.
pub(crate) fn draw(kind: ServiceKind, taken: &[&Offering], dice: &mut Dice) -> &'static Offering {
    let of_kind = || offerings().iter().filter(|offering| offering.kind == kind);
    let fresh = of_kind().filter(|one| taken.iter().all(|other| other.title != one.title));
    let fresh: Vec<&Offering> = fresh.collect();
    let all: Vec<&Offering> = of_kind().collect();
    let drawn = fresh.choose(dice).or_else(|| all.choose(dice));
    drawn.copied().unwrap_or(&offerings()[0])
}

/// The interpreters' telephone line that every network's national office runs.
pub(crate) fn interpreters() -> &'static Offering {
    let line = |offering: &&Offering| offering.has("dom:int") && offering.has("acc:line");
    offerings().iter().find(line).unwrap_or(&offerings()[0])
}

/// Every offering, in the order of `offerings.tsv`.
pub(crate) fn offerings() -> &'static [Offering] {
    static OFFERINGS: OnceLock<Vec<Offering>> = OnceLock::new();
    OFFERINGS.get_or_init(|| read_all(include_str!("offerings.tsv")))
}

/// The offerings of a table: a line of headings, then one offering a line.
pub(crate) fn read_all(table: &'static str) -> Vec<Offering> {
    table.lines().skip(1).filter_map(read).collect()
}

fn read(line: &'static str) -> Option<Offering> {
    let mut columns = line.split('\t');
    let kind = ServiceKind::parse(columns.next()?)?;
    let unit = Unit::parse(columns.next()?)?;
    let setting = match columns.next()? {
        "office" => Setting::Office,
        "remote" => Setting::Remote,
        "either" => Setting::Either,
        "confidential" => Setting::Confidential,
        "abroad" => Setting::Abroad,
        _ => return None,
    };
    let title = columns.next()?;
    let codes = columns.next()?.split(' ').map(Code::parse);
    Some(Offering {
        kind,
        unit,
        setting,
        title,
        codes: codes.collect::<Result<_, _>>().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use referral_core::vocabulary::entry;

    #[test]
    fn every_line_is_an_offering_with_codes_of_the_vocabulary() {
        assert_eq!(
            offerings().len(),
            include_str!("offerings.tsv").lines().count() - 1
        );
        for offering in offerings() {
            assert!(
                offering.codes.iter().any(Code::is_need),
                "{}",
                offering.title
            );
            for code in &offering.codes {
                assert!(entry(code).is_some(), "{}: {code}", offering.title);
            }
        }
    }

    #[test]
    fn every_kind_has_offerings_and_shelters_of_survivors_are_confidential() {
        for kind in ServiceKind::ALL {
            let of_kind = offerings().iter().filter(|offering| offering.kind == kind);
            assert!(of_kind.count() > 3, "{kind:?}");
        }
        for offering in offerings() {
            let hidden = offering.setting == Setting::Confidential;
            assert_eq!(offering.has("ho:conf"), hidden, "{}", offering.title);
        }
    }
}
