//! Invented names: of agencies, organizations and networks. No such organisation exists.
//!
//! Every name starts with a compound of two syllables that is no place and no word, e.g. "Osprenmere",
//! so that it reads like a name and is nobody's. A test compares them with real directories.

use rand::seq::SliceRandom;
use referral_core::geo::StateCode;
use referral_core::id::AgencyId;

use super::ServiceKind;
use super::dice::{Dice, one_of};

const FIRST: [&str; 40] = [
    "Ambren", "Birsel", "Bramwen", "Brisel", "Calden", "Corven", "Cressin", "Dunlin", "Elver",
    "Fenwin", "Galden", "Halven", "Heronel", "Ister", "Jorvel", "Kestren", "Larchen", "Lindrel",
    "Marlen", "Merlow", "Norrin", "Ochrel", "Orsel", "Osprin", "Peldon", "Plovern", "Quillan",
    "Ravel", "Roanel", "Samphel", "Sedgen", "Solven", "Sorrin", "Tamrel", "Tarnel", "Teasen",
    "Ulver", "Varlow", "Wrensel", "Yarven",
];
const SECOND: [&str; 36] = [
    "bank", "bell", "beck", "bridge", "brook", "combe", "crest", "dale", "fell", "fold", "gate",
    "glade", "grove", "haven", "hollow", "holt", "lea", "march", "mead", "mere", "moor", "reach",
    "rill", "rise", "shaw", "stead", "stone", "thorpe", "tor", "vale", "wath", "weir", "wick",
    "wold", "worth", "yard",
];

/// What the nine networks call themselves.
const LEAGUES: [&str; 9] = [
    "Welcome Network",
    "Refuge Alliance",
    "Fellowship",
    "Resettlement Council",
    "Newcomer Coalition",
    "Hospitality League",
    "Humanitarian Union",
    "Neighbors Network",
    "Relief Partnership",
];

/// Every compound once, in an order of the dice's own.
pub(crate) fn compounds(dice: &mut Dice) -> Vec<String> {
    let every = FIRST
        .iter()
        .flat_map(|first| SECOND.map(|second| format!("{first}{second}")));
    let mut compounds: Vec<String> = every.collect();
    compounds.shuffle(dice);
    compounds
}

/// A compound for an organization that need not be the only one of its name.
pub(crate) fn compound(dice: &mut Dice) -> String {
    format!("{}{}", one_of(dice, &FIRST), one_of(dice, &SECOND))
}

/// The name of the network with this number, from 0.
pub(crate) fn network(compound: &str, number: usize) -> String {
    format!("{compound} {}", LEAGUES[number % LEAGUES.len()])
}

/// The id of a publisher with this compound, at home in the state.
pub(crate) fn agency_id(compound: &str, state: StateCode) -> AgencyId {
    let id = format!("{compound}-{state}").to_lowercase();
    #[expect(
        clippy::expect_used,
        reason = "compounds are letters, states two of them"
    )]
    AgencyId::parse(&id).expect("a compound and a state are an agency id")
}

/// The name of an organization that mostly does this.
pub(crate) fn organization(compound: &str, kind: ServiceKind, dice: &mut Dice) -> String {
    let pattern = one_of(dice, patterns(kind));
    pattern.replace('*', compound)
}

fn patterns(kind: ServiceKind) -> &'static [&'static str] {
    match kind {
        ServiceKind::ImmigrationLegal => &[
            "* Immigrant Legal Center",
            "* Asylum Law Project",
            "* Immigrant Defenders",
            "* Immigration Law Clinic",
            "Centro Legal *",
        ],
        ServiceKind::OtherLegal => &[
            "* Legal Aid",
            "* Tenant Law Project",
            "* Civil Justice Desk",
        ],
        ServiceKind::MentalHealth => &[
            "* Counseling Center",
            "* Center for Survivors",
            "* Wellness Collaborative",
        ],
        ServiceKind::Housing => &[
            "* House",
            "* Housing Collaborative",
            "Casa *",
            "* Shelter Network",
        ],
        ServiceKind::Vocational => &[
            "* Workforce Center",
            "* Language and Work School",
            "* Learning Center",
        ],
        ServiceKind::Health => &["* Community Clinic", "* Health Center", "Clínica *"],
        ServiceKind::BasicNeeds => &["* Community Pantry", "* Neighbor Fund", "* Welcome Pantry"],
        ServiceKind::CaseManagement => &[
            "* Refugee Services",
            "* Welcome Center",
            "* Newcomer Services",
            "* Resettlement Office",
            "Kay *",
        ],
        ServiceKind::Reintegration => &["* Return Partners", "* Reintegration Desk"],
        ServiceKind::Other => &["* Community Center", "* Interpreters", "* Neighbors"],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invented::dice::seeded;
    use std::collections::BTreeSet;
    use std::path::Path;

    #[test]
    fn compounds_are_enough_for_the_largest_network() {
        let compounds: BTreeSet<String> = compounds(&mut seeded(1)).into_iter().collect();

        assert_eq!(compounds.len(), FIRST.len() * SECOND.len());
        assert!(compounds.len() > 1_200 + LEAGUES.len());
    }

    #[test]
    fn no_compound_is_part_of_a_real_organizations_name() {
        let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
        let files = ["baltimore-community", "florida-legal-aid"];
        let mut real = String::new();
        for set in files {
            let Ok(rows) = std::fs::read_to_string(data.join(set).join("organizations.csv")) else {
                eprintln!("SKIPPED: no real data in {}", data.display());
                return;
            };
            real.push_str(&rows.to_lowercase());
        }
        for compound in compounds(&mut seeded(1)) {
            assert!(!real.contains(&compound.to_lowercase()), "{compound}");
        }
    }
}
