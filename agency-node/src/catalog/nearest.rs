//! What somebody could have meant by an id that does not exist.

use referral_core::id::LocalId;

/// How alike two ids must be to be offered: 0 is nothing in common, 1 the same.
const ALIKE: f64 = 0.6;

/// The ids most like `wrong`, best first, at most `most`. Case does not count; an id that contains
/// `wrong` or is contained in it is always offered.
#[must_use]
pub fn nearest<'a>(
    wrong: &str,
    ids: impl Iterator<Item = &'a LocalId>,
    most: usize,
) -> Vec<&'a LocalId> {
    let wrong = wrong.to_lowercase();
    let mut found: Vec<(f64, &LocalId)> = ids
        .map(|id| (likeness(&wrong, &id.as_str().to_lowercase()), id))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .collect();
    found.sort_by(|(a, one), (b, other)| b.total_cmp(a).then_with(|| one.cmp(other)));
    found.into_iter().take(most).map(|(_, id)| id).collect()
}

fn likeness(wrong: &str, id: &str) -> f64 {
    let alike = strsim::normalized_damerau_levenshtein(wrong, id);
    let contained = wrong.len() >= 3 && (id.contains(wrong) || wrong.contains(id) && id.len() >= 3);
    if contained { alike.max(ALIKE) } else { alike }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered(wrong: &str, ids: &[&str]) -> Vec<String> {
        let ids: Vec<LocalId> = ids.iter().map(|id| LocalId::parse(id).unwrap()).collect();
        nearest(wrong, ids.iter(), 3)
            .into_iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn a_mistyped_id_finds_the_one_that_was_meant() {
        let ids = ["work-permit-clinic", "food-pantry", "work-permit-help"];

        assert_eq!(
            offered("work-permitt-clinic", &ids)[0],
            "work-permit-clinic"
        );
        assert_eq!(offered("Permit", &ids).len(), 2);
    }

    #[test]
    fn what_is_like_nothing_finds_nothing() {
        assert!(offered("zzz", &["work-permit-clinic"]).is_empty());
    }
}
