//! Where asylum seekers come from, and where reintegration partners work.

use referral_core::geo::CountryCode;

use super::dice::{Dice, weighted};

/// A country of origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    /// ISO 3166-1 alpha-2.
    code: &'static str,
    /// A city partners work in.
    pub(crate) city: &'static str,
    /// The language partners work in: tag and name.
    pub(crate) language: (&'static str, &'static str),
}

const SPANISH: (&str, &str) = ("es", "Spanish");
const FRENCH: (&str, &str) = ("fr", "French");
const PORTUGUESE: (&str, &str) = ("pt", "Portuguese");

/// Weights are assumptions, in the order of CRS R48249 and TRAC's reports; the last four share the
/// weight of all other countries.
const ORIGINS: [(f64, Origin); 30] = [
    (14.0, origin("VE", "Caracas", SPANISH)),
    (12.0, origin("GT", "Quetzaltenango", SPANISH)),
    (11.0, origin("HN", "San Pedro Sula", SPANISH)),
    (10.0, origin("MX", "Tapachula", SPANISH)),
    (9.0, origin("CU", "Havana", SPANISH)),
    (8.0, origin("CO", "Cali", SPANISH)),
    (6.0, origin("SV", "San Salvador", SPANISH)),
    (6.0, origin("NI", "Managua", SPANISH)),
    (6.0, origin("HT", "Cap-Haïtien", ("ht", "Haitian Creole"))),
    (5.0, origin("EC", "Guayaquil", SPANISH)),
    (3.0, origin("PE", "Lima", SPANISH)),
    (3.0, origin("BR", "Governador Valadares", PORTUGUESE)),
    (2.0, origin("IN", "Ahmedabad", ("gu", "Gujarati"))),
    (1.5, origin("CN", "Fuzhou", ("zh", "Chinese"))),
    (1.0, origin("DO", "Santo Domingo", SPANISH)),
    (0.8, origin("RU", "Moscow", ("ru", "Russian"))),
    (0.6, origin("TR", "Istanbul", ("tr", "Turkish"))),
    (0.5, origin("SN", "Dakar", FRENCH)),
    (0.4, origin("MR", "Nouakchott", FRENCH)),
    (0.4, origin("AF", "Kabul", ("prs", "Dari"))),
    (0.3, origin("UA", "Lviv", ("uk", "Ukrainian"))),
    (0.3, origin("CM", "Douala", FRENCH)),
    (0.3, origin("UZ", "Tashkent", ("uz", "Uzbek"))),
    (0.3, origin("GN", "Conakry", FRENCH)),
    (0.2, origin("AO", "Luanda", PORTUGUESE)),
    (0.2, origin("CD", "Kinshasa", FRENCH)),
    (0.55, origin("ET", "Addis Ababa", ("am", "Amharic"))),
    (0.55, origin("GH", "Accra", ("en", "English"))),
    (0.55, origin("NP", "Kathmandu", ("ne", "Nepali"))),
    (0.55, origin("JM", "Kingston", ("en", "English"))),
];

const fn origin(
    code: &'static str,
    city: &'static str,
    language: (&'static str, &'static str),
) -> Origin {
    Origin {
        code,
        city,
        language,
    }
}

impl Origin {
    /// The country's code.
    pub(crate) fn country(self) -> CountryCode {
        #[expect(
            clippy::expect_used,
            reason = "the table holds codes; a test reads them all"
        )]
        CountryCode::parse(self.code).expect("the table holds country codes")
    }
}

/// A country of origin, drawn by how many come from it.
pub(crate) fn draw(dice: &mut Dice) -> Origin {
    *weighted(dice, &ORIGINS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use referral_gazetteer::gazetteer;

    #[test]
    fn every_country_of_origin_is_on_the_map() {
        for (_, origin) in ORIGINS {
            assert!(
                gazetteer().country(origin.country()).is_some(),
                "{}",
                origin.code
            );
        }
    }
}
