//! Languages services work in: the supply side.
//!
//! How many languages a service has, and how often English and Spanish are among them, is measured
//! (Miami, 4,089 services): English 98.7 %, Spanish 78.7 %, Haitian Creole 34.3 %; one language 18 %,
//! two 43 %, three 32 %, four 6 %. Haitian Creole at that rate is Florida's; elsewhere the third and
//! further languages are drawn as they are spoken at home (Census ACS 2016), an assumption. Ten rare
//! languages of asylum seekers are added to 0.3 % of services each (assumption: 0.05 to 0.4 %).

use referral_core::catalog::{Language, LanguageMode};
use referral_core::geo::StateCode;

use super::dice::{Dice, chance, weighted};
use super::words::{name, tag};

/// Services with one, two, three, four and five languages. The last is the rest to a whole.
const COUNTS: [(f64, usize); 5] = [(0.18, 1), (0.43, 2), (0.32, 3), (0.06, 4), (0.01, 5)];
/// Services of one language whose language is Spanish, so that English comes to 98.7 %.
const ONLY_SPANISH: f64 = 0.072;
/// Services of several languages with Spanish among them, so that Spanish comes to 78.7 %.
const WITH_SPANISH: f64 = 0.944;
/// Florida's services of three or more languages with Haitian Creole, so that it comes to 34.3 %.
const WITH_CREOLE: f64 = 0.88;
/// Services with each of [`RARE`].
const WITH_RARE: f64 = 0.003;

/// Millions of people aged 5 or more who speak it at home. Source: ACS 2016.
const AT_HOME: [(f64, (&str, &str)); 28] = [
    (3.4, ("zh", "Chinese")),
    (1.7, ("tl", "Tagalog")),
    (1.5, ("vi", "Vietnamese")),
    (1.2, ("ar", "Arabic")),
    (1.2, ("fr", "French")),
    (1.1, ("ko", "Korean")),
    (0.91, ("ru", "Russian")),
    (0.91, ("de", "German")),
    (0.86, ("ht", "Haitian Creole")),
    (0.81, ("hi", "Hindi")),
    (0.77, ("pt", "Portuguese")),
    (0.58, ("it", "Italian")),
    (0.54, ("pl", "Polish")),
    (0.47, ("ur", "Urdu")),
    (0.46, ("ja", "Japanese")),
    (0.44, ("fa", "Persian")),
    (0.41, ("gu", "Gujarati")),
    (0.37, ("te", "Telugu")),
    (0.32, ("bn", "Bengali")),
    (0.31, ("th", "Thai")),
    (0.29, ("el", "Greek")),
    (0.29, ("pa", "Punjabi")),
    (0.27, ("ta", "Tamil")),
    (0.24, ("hy", "Armenian")),
    (0.24, ("sh", "Serbo-Croatian")),
    (0.23, ("he", "Hebrew")),
    (0.22, ("hmn", "Hmong")),
    (0.22, ("sw", "Swahili")),
];

/// Languages that few services have and some clients speak nothing else of.
pub(crate) const RARE: [(&str, &str); 10] = [
    ("mam", "Mam"),
    ("quc", "K'iche'"),
    ("kjb", "Q'anjob'al"),
    ("ti", "Tigrinya"),
    ("prs", "Dari"),
    ("ps", "Pashto"),
    ("wo", "Wolof"),
    ("ff", "Fulah"),
    ("rw", "Kinyarwanda"),
    ("rhg", "Rohingya"),
];

/// The languages of a service in the state.
pub(crate) fn spoken(state: Option<StateCode>, dice: &mut Dice) -> Vec<Language> {
    let count = *weighted(dice, &COUNTS);
    let mut tags: Vec<(&str, &str)> = Vec::new();
    if count == 1 && chance(dice, ONLY_SPANISH) {
        tags.push(("es", "Spanish"));
    } else {
        tags.push(("en", "English"));
    }
    if count > 1 && chance(dice, WITH_SPANISH) {
        tags.push(("es", "Spanish"));
    }
    if count > 2 && state.is_some_and(|state| state.as_str() == "FL") && chance(dice, WITH_CREOLE) {
        tags.push(("ht", "Haitian Creole"));
    }
    while tags.len() < count {
        let next = *weighted(dice, &AT_HOME);
        if !tags.contains(&next) {
            tags.push(next);
        }
    }
    let mut spoken: Vec<Language> = tags.iter().map(|which| by_staff(which, dice)).collect();
    let rare = RARE.iter().filter(|_| chance(dice, WITH_RARE));
    spoken.extend(rare.map(by_phone).collect::<Vec<_>>());
    spoken
}

/// What an interpreters' telephone line has: English, Spanish and the `rare` ones.
pub(crate) fn interpreted(rare: &[(&str, &str)]) -> Vec<Language> {
    let usual = [("en", "English"), ("es", "Spanish")];
    usual.iter().chain(rare).map(by_phone).collect()
}

/// The language of services abroad, by ISO country code where it is one of those above.
pub(crate) fn abroad(which: (&'static str, &'static str)) -> Vec<Language> {
    let english = ("en", "English");
    let mut tags = vec![which];
    tags.extend((which != english).then_some(english));
    let staff = |(tag_, name_): (&str, &str)| language(tag_, name_, LanguageMode::Staff);
    tags.into_iter().map(staff).collect()
}

/// Staff speak English and mostly the others; the rest is interpreted (assumption).
fn by_staff((tag, name): &(&str, &str), dice: &mut Dice) -> Language {
    let modes = [
        (0.70, LanguageMode::Staff),
        (0.15, LanguageMode::InterpreterByPhone),
        (0.10, LanguageMode::InterpreterOnSite),
        (0.05, LanguageMode::Unstated),
    ];
    let mode = if *tag == "en" {
        LanguageMode::Staff
    } else {
        *weighted(dice, &modes)
    };
    language(tag, name, mode)
}

fn by_phone((tag, name): &(&str, &str)) -> Language {
    language(tag, name, LanguageMode::InterpreterByPhone)
}

fn language(code: &str, called: &str, mode: LanguageMode) -> Language {
    Language {
        tag: tag(code),
        mode,
        name: Some(name(called)),
        note: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invented::dice::seeded;

    const DRAWS: usize = 20_000;

    fn shares(state: &str) -> impl Fn(&str) -> f64 {
        let mut dice = seeded(1);
        let state = StateCode::parse(state).ok();
        let drawn: Vec<Vec<Language>> = (0..DRAWS).map(|_| spoken(state, &mut dice)).collect();
        move |tag| {
            let has = |service: &&Vec<Language>| service.iter().any(|one| one.tag.as_str() == tag);
            let with = u32::try_from(drawn.iter().filter(has).count()).unwrap();
            f64::from(with) / f64::from(u32::try_from(DRAWS).unwrap())
        }
    }

    #[test]
    fn floridas_services_speak_what_miamis_were_measured_to() {
        let share = shares("FL");

        assert!((share("en") - 0.987).abs() < 0.005, "{}", share("en"));
        assert!((share("es") - 0.787).abs() < 0.015, "{}", share("es"));
        assert!((share("ht") - 0.343).abs() < 0.015, "{}", share("ht"));
    }

    #[test]
    fn rare_languages_are_rare_everywhere() {
        let share = shares("TX");

        for (tag, _) in RARE {
            assert!(
                (0.000_5..=0.005).contains(&share(tag)),
                "{tag}: {}",
                share(tag)
            );
        }
        assert!(share("ht") < 0.05);
    }
}
