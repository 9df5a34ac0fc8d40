//! When two spellings name the same place: case, accents, signs and common short forms do not count.

use unicode_normalization::UnicodeNormalization;

/// Long words and the short form the postal service (or a hurried hand) writes for them.
const SHORT: &[(&str, &str)] = &[
    ("saint", "st"),
    ("sainte", "ste"),
    ("fort", "ft"),
    ("mount", "mt"),
    ("mountain", "mtn"),
    ("north", "n"),
    ("south", "s"),
    ("east", "e"),
    ("west", "w"),
    ("northeast", "n e"),
    ("northwest", "n w"),
    ("southeast", "s e"),
    ("southwest", "s w"),
    ("city", "cty"),
    ("township", "twp"),
    ("heights", "hts"),
    ("center", "ctr"),
    ("centre", "ctr"),
    ("cntr", "ctr"),
    ("valley", "vly"),
    ("station", "sta"),
    ("springs", "spgs"),
    ("spring", "spgs"),
    ("village", "vlg"),
    ("beach", "bch"),
    ("junction", "jct"),
    ("point", "pt"),
    ("park", "pk"),
];

/// `text` reduced to what two spellings of one name share: lower-case ASCII words with single blanks,
/// the words of [`SHORT`] cut. `"St. Louis"` and `"SAINT  LOUIS"` are both `"st louis"`.
pub(crate) fn key(text: &str) -> String {
    let plain: String = text.nfkd().filter_map(plain).collect();
    let mut words: Vec<&str> = Vec::new();
    let mut key = String::with_capacity(plain.len());
    let initials = |word: &str| word.len() == 1;
    for word in plain.split_ascii_whitespace() {
        let after_initial = words.last().is_some_and(|before| initials(before)) && initials(word);
        if !(key.is_empty() || after_initial) {
            key.push(' ');
        }
        key.push_str(short(word));
        words.push(word);
    }
    key
}

/// The character as a key holds it; signs become blanks, apostrophes and accents vanish.
fn plain(c: char) -> Option<char> {
    match c {
        '\'' | '\u{2019}' | '\u{2bb}' | '\u{2bc}' => None,
        c if c.is_ascii_alphanumeric() => Some(c.to_ascii_lowercase()),
        c if unicode_normalization::char::is_combining_mark(c) => None,
        _ => Some(' '),
    }
}

fn short(word: &str) -> &str {
    let cut = SHORT.iter().find(|(long, _)| *long == word);
    cut.map_or(word, |(_, short)| short)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_share_a_key() {
        for (one, other) in [
            ("St. Louis", "SAINT  LOUIS"),
            ("Mayagüez", "mayaguez"),
            ("Fort Worth", "Ft Worth"),
            ("Mount Airy", "Mt. Airy"),
            ("North Miami Beach", "N. Miami Bch"),
            ("Salt Lake City", "SALT LAKE CTY"),
            ("D.C.", "DC"),
            ("Northeast", "North East"),
            ("Coeur d'Alene", "Coeur d\u{2019}Alene"),
            ("Winston-Salem", "Winston Salem"),
        ] {
            assert_eq!(key(one), key(other));
        }
    }

    #[test]
    fn a_name_in_another_script_has_an_empty_key() {
        assert_eq!(key("Тегусигальпа"), "");
    }
}
