//! What can be offered nationwide: the immigrant-serving network's catalogue, and beside it what a
//! national platform lists for everybody (`offerings.tsv` of this module).

use std::sync::OnceLock;

use crate::invented::ServiceKind;
use crate::invented::dice::{Dice, chance, pick};
use crate::invented::offering::{Offering, offerings, read_all};

/// Offerings that only a broad platform lists, among those of a kind that has some, at breadth 1
/// (assumption).
const FOR_EVERYBODY: f64 = 0.6;

/// An offering of the kind; the broader the network, the more are for everybody.
pub(super) fn draw(kind: ServiceKind, breadth: f64, dice: &mut Dice) -> &'static Offering {
    let [newcomers, everybody] = of_kind(kind);
    if !everybody.is_empty() && chance(dice, FOR_EVERYBODY * breadth) {
        pick(dice, everybody)
    } else {
        pick(dice, newcomers)
    }
}

/// Those of a kind: the network's, and those for everybody.
fn of_kind(kind: ServiceKind) -> [&'static [&'static Offering]; 2] {
    type Catalogue = [[Vec<&'static Offering>; 2]; ServiceKind::ALL.len()];
    static BY_KIND: OnceLock<Catalogue> = OnceLock::new();
    let by_kind = BY_KIND.get_or_init(|| {
        let of = |kind, all: &'static [Offering]| {
            let of_kind = all.iter().filter(|offering| offering.kind == kind);
            of_kind.collect()
        };
        ServiceKind::ALL.map(|kind| [of(kind, offerings()), of(kind, for_everybody())])
    });
    let at = ServiceKind::ALL.iter().position(|one| *one == kind);
    let [newcomers, everybody] = &by_kind[at.unwrap_or_default()];
    [newcomers, everybody]
}

fn for_everybody() -> &'static [Offering] {
    static OFFERINGS: OnceLock<Vec<Offering>> = OnceLock::new();
    OFFERINGS.get_or_init(|| read_all(include_str!("offerings.tsv")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use referral_core::vocabulary::{Code, entry};

    #[test]
    fn every_line_is_an_offering_with_codes_of_the_vocabulary() {
        let lines = include_str!("offerings.tsv").lines().count() - 1;

        assert_eq!(for_everybody().len(), lines);
        for offering in for_everybody() {
            assert!(offering.codes.iter().any(Code::is_need));
            for code in &offering.codes {
                assert!(entry(code).is_some(), "{}: {code}", offering.title);
            }
        }
    }
}
