//! How far apart two spellings are.

/// Single-character changes (insert, drop, replace, swap neighbours) that turn `a` into `b`, when they
/// are at most `limit`. Optimal string alignment distance: Boytsov 2011,
/// <https://doi.org/10.1145/1963190.1963191>.
pub(crate) fn distance(a: &str, b: &str, limit: usize) -> Option<usize> {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len().abs_diff(b.len()) > limit {
        return None;
    }
    let mut before_last = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 0..a.len() {
        let mut row = vec![i + 1; b.len() + 1];
        for j in 0..b.len() {
            let replaced = last[j] + usize::from(a[i] != b[j]);
            row[j + 1] = replaced.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] {
                row[j + 1] = row[j + 1].min(before_last[j - 1] + 1);
            }
        }
        if row.iter().all(|&changes| changes > limit) {
            return None;
        }
        before_last = std::mem::replace(&mut last, row);
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
}
