//! When parts are made into one, and segments of words: often enough that searches see few of them, seldom
//! enough that no service is written more than a few times for each that came.

use std::sync::Arc;

use crate::generation::{PartId, View};
use crate::part::{Part, Sets, merged};

/// The smaller ones together are made one with the next greater one once they are so large a part of it.
const PART_OF: usize = 8;
/// Smaller ones wait until there are [`PART_OF`] of them.
const SMALL: usize = 2_048;
/// What has fewer than this many of ten offers or documents left is written anew.
const LEFT_OF_TEN: usize = 7;

/// The parts to make into one now, if any.
pub(crate) fn due(views: &[View]) -> Option<Vec<PartId>> {
    let sizes = views.iter().map(|view| Size {
        id: view.id,
        all: view.part.size(),
        left: view.alive.count(),
    });
    together(sizes.collect())
}

/// How large a part or a segment is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size<I> {
    /// Which one.
    pub(crate) id: I,
    /// With what was removed.
    pub(crate) all: usize,
    /// Without.
    pub(crate) left: usize,
}

/// Which of these to make into one now, if any.
pub(crate) fn together<I>(mut sizes: Vec<Size<I>>) -> Option<Vec<I>> {
    let worn = |size: &Size<I>| size.left * 10 < size.all * LEFT_OF_TEN;
    if let Some(at) = sizes.iter().position(worn) {
        return Some(vec![sizes.swap_remove(at).id]);
    }
    sizes.sort_unstable_by_key(|size| size.left);
    let (mut smaller, mut due) = (0, 0);
    for (at, size) in sizes.iter().enumerate() {
        let enough = smaller + size.left > SMALL || at + 1 >= PART_OF;
        if at > 0 && enough && smaller * PART_OF >= size.left {
            due = at + 1;
        }
        smaller += size.left;
    }
    sizes.truncate(due);
    (due > 0).then(|| sizes.into_iter().map(|size| size.id).collect())
}

/// One part of these.
pub(crate) fn folded(views: &[View], sets: &Sets) -> Part {
    let parts = views.iter();
    let parts = parts.map(|view| (Arc::clone(&view.part), Arc::clone(&view.alive)));
    merged(&parts.collect::<Vec<_>>(), sets)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(sizes: &[usize]) -> Option<Vec<usize>> {
        let sizes = sizes.iter().map(|&left| Size {
            id: left,
            all: left,
            left,
        });
        together(sizes.collect())
    }

    #[test]
    fn what_came_in_bulk_becomes_one() {
        assert_eq!(
            due(&[9_000, 10_000, 11_000]),
            Some(vec![9_000, 10_000, 11_000])
        );
    }

    #[test]
    fn a_great_one_waits_until_the_smaller_ones_are_worth_it() {
        assert_eq!(due(&[100_000, 12_000]), None);
        assert_eq!(due(&[100_000, 13_000]), Some(vec![13_000, 100_000]));
        assert_eq!(due(&[100_000, 3_000, 2_999]), Some(vec![2_999, 3_000]));
    }

    #[test]
    fn small_ones_wait_for_each_other() {
        assert_eq!(due(&[100_000, 1, 1, 1, 1, 1, 1, 1]), None);
        assert_eq!(due(&[100_000, 1, 1, 1, 1, 1, 1, 1, 1]), Some(vec![1; 8]));
    }

    #[test]
    fn what_has_lost_many_is_written_anew() {
        let worn = Size {
            id: 7,
            all: 10,
            left: 6,
        };
        let whole = Size {
            id: 8,
            all: 10,
            left: 10,
        };

        assert_eq!(together(vec![whole, worn]), Some(vec![7]));
        assert_eq!(together(vec![whole]), None);
    }

    #[test]
    fn making_one_of_them_ends() {
        for sizes in [
            vec![],
            vec![1],
            vec![5_000],
            vec![1; 7],
            vec![50_000, 1_000],
        ] {
            assert_eq!(due(&sizes), None, "{sizes:?}");
        }
    }
}
