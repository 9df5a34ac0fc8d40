//! How far apart two spellings are, and how far they may be.

/// Most letters that may be wrong in a name key: one from five on, two from eight. Shorter names are too
/// close together.
pub(crate) fn forgiven(key: &str) -> Option<usize> {
    match key.len() {
        0..=4 => None,
        5..=7 => Some(1),
        _ => Some(2),
    }
}

/// No name key is longer. Unit: bytes.
const LONGEST: usize = 64;

/// Single-character changes (insert, drop, replace, swap neighbours) that turn `a` into `b`, when they
/// are at most `limit` (and both at most 64 bytes). Optimal string alignment distance: Boytsov 2011,
/// <https://doi.org/10.1145/1963190.1963191>; only the cells within `limit` of the diagonal can matter.
pub(crate) fn distance(a: &str, b: &str, limit: usize) -> Option<usize> {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len().abs_diff(b.len()) > limit || a.len().max(b.len()) > LONGEST {
        return None;
    }
    let too_far = limit + 1;
    let mut before_last = [too_far; LONGEST + 1];
    let mut last = [too_far; LONGEST + 1];
    for (changes, cell) in last.iter_mut().enumerate().take(too_far) {
        *cell = changes;
    }
    for i in 0..a.len() {
        let mut row = [too_far; LONGEST + 1];
        row[0] = i + 1;
        let mut smallest = row[0];
        for j in i.saturating_sub(limit)..b.len().min(i + too_far) {
            let replaced = last[j] + usize::from(a[i] != b[j]);
            let mut changes = replaced.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] {
                changes = changes.min(before_last[j - 1] + 1);
            }
            row[j + 1] = changes;
            smallest = smallest.min(changes);
        }
        if smallest > limit {
            return None;
        }
        before_last = last;
        last = row;
    }
    Some(last[b.len()]).filter(|&changes| changes <= limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_counted() {
        for (a, b, changes) in [
            ("dilley", "dilley", Some(0)),
            ("dily", "dilley", Some(2)),
            ("batlimore", "baltimore", Some(1)),
            ("", "ab", Some(2)),
            ("rome", "baltimore", None),
            ("abcd", "wxyz", None),
        ] {
            assert_eq!(distance(a, b, 2), changes, "{a} {b}");
        }
    }

    /// The whole table, cell by cell.
    fn by_the_book(a: &[u8], b: &[u8]) -> usize {
        let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
        for i in 0..=a.len() {
            for j in 0..=b.len() {
                let mut least = i.max(j);
                if i > 0 && j > 0 {
                    least = table[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                    least = least.min(table[i - 1][j] + 1).min(table[i][j - 1] + 1);
                }
                if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    least = least.min(table[i - 2][j - 2] + 1);
                }
                table[i][j] = least;
            }
        }
        table[a.len()][b.len()]
    }

    proptest::proptest! {
        #[test]
        fn near_the_diagonal_nothing_is_missed(a in "[ab ]{0,12}", b in "[ab ]{0,12}", limit in 0_usize..4) {
            let whole = by_the_book(a.as_bytes(), b.as_bytes());
            let expected = Some(whole).filter(|changes| *changes <= limit);
            proptest::prop_assert_eq!(distance(&a, &b, limit), expected);
        }
    }

    #[test]
    fn no_text_is_too_long_to_be_compared() {
        let long = "x".repeat(200);

        assert_eq!(distance(&long, &long, 2), None);
        assert_eq!(distance(&long[..64], &long[..63], 2), Some(1));
    }
}
