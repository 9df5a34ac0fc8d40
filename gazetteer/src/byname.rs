//! What places are called beside their English name: in other languages, and by people who live there.
//!
//! A byname is read as the name it stands for and then resolved like that name: *Nueva York* is as
//! ambiguous as *New York*. None is here that a place of the gazetteer is called itself.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::name;

/// English names, and what else they are called: Spanish, French, Portuguese, Haitian Creole, American.
const BYNAMES: &[(&str, &[&str])] = &[
    (
        "New York, NY",
        &["NYC", "New York City", "Ciudad de Nueva York"],
    ),
    (
        "New York",
        &[
            "Nueva York",
            "Nova York",
            "Nova Iorque",
            "Nouyòk",
            "Nyouyòk",
        ],
    ),
    ("Philadelphia, PA", &["Philly"]),
    ("Philadelphia", &["Filadelfia", "Philadelphie", "Filadèlfi"]),
    ("New Orleans, LA", &["NOLA"]),
    (
        "New Orleans",
        &[
            "Nueva Orleans",
            "Nouvelle-Orléans",
            "La Nouvelle-Orléans",
            "Nova Orleans",
        ],
    ),
    ("California", &["Californie"]),
    ("District of Columbia", &["Distrito de Columbia"]),
    ("Florida", &["Floride", "Florid"]),
    ("Louisiana", &["Luisiana", "Louisiane"]),
    ("Mississippi", &["Misisipi"]),
    ("Missouri", &["Misuri"]),
    ("New Hampshire", &["Nuevo Hampshire", "Nueva Hampshire"]),
    (
        "New Jersey",
        &["Nueva Jersey", "Nova Jersey", "Nova Jérsei"],
    ),
    (
        "New Mexico",
        &["Nuevo México", "Nouveau-Mexique", "Novo México"],
    ),
    (
        "North Carolina",
        &[
            "Carolina del Norte",
            "Caroline du Nord",
            "Carolina do Norte",
        ],
    ),
    (
        "North Dakota",
        &["Dakota del Norte", "Dakota du Nord", "Dakota do Norte"],
    ),
    ("Pennsylvania", &["Pensilvania", "Pennsylvanie"]),
    (
        "South Carolina",
        &["Carolina del Sur", "Caroline du Sud", "Carolina do Sul"],
    ),
    (
        "South Dakota",
        &["Dakota del Sur", "Dakota du Sud", "Dakota do Sul"],
    ),
    ("Texas", &["Tejas"]),
    ("Virginia", &["Virginie"]),
    (
        "West Virginia",
        &[
            "Virginia Occidental",
            "Virginie-Occidentale",
            "Virgínia Ocidental",
        ],
    ),
    ("Brazil", &["Brasil", "Brésil"]),
    ("Haiti", &["Ayiti"]),
    ("United States", &["Etazini", "États-Unis"]),
];

/// The English name that a name key stands for, perhaps with its state.
pub(crate) fn english(key: &str) -> Option<&'static str> {
    static ENGLISH: OnceLock<HashMap<String, &'static str>> = OnceLock::new();
    let english = ENGLISH.get_or_init(|| {
        let each = |(english, others): &(&'static str, &'static [&str])| {
            let english = *english;
            others.iter().map(move |other| (name::key(other), english))
        };
        BYNAMES.iter().flat_map(each).collect()
    });
    english.get(key).copied()
}

/// As [`english`], without the state.
pub(crate) fn name_alone(key: &str) -> Option<&'static str> {
    let english = english(key)?;
    Some(english.split_once(',').map_or(english, |(name, _)| name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gazetteer::gazetteer;
    use crate::unresolved::Unresolved;

    fn each() -> impl Iterator<Item = (&'static str, &'static str)> {
        let one = |(english, others): &(&'static str, &'static [&'static str])| {
            let english = *english;
            others.iter().map(move |other| (english, *other))
        };
        BYNAMES.iter().flat_map(one)
    }

    #[test]
    fn a_byname_means_what_its_english_name_means() {
        for (english, byname) in each() {
            let meant = gazetteer().resolve(english);
            let known = matches!(&meant, Ok(_) | Err(Unresolved::Ambiguous(_)));
            assert!(known, "{english}: {meant:?}");
            assert_eq!(gazetteer().resolve(byname), meant, "{byname}");
        }
    }

    #[test]
    fn no_place_is_called_by_a_byname() {
        for (_, byname) in each() {
            let rows = gazetteer().rows_named(&name::key(byname));
            assert!(
                rows.is_empty(),
                "{byname}: {}",
                gazetteer().name_label(rows[0])
            );
        }
    }
}
