//! When parts are made into one: often enough that searches see few of them, seldom enough that no service
//! is written more than a few times.

use std::sync::Arc;

use crate::generation::{PartId, View};
use crate::part::{Part, Sets, merged};

/// Parts of about one size that are made into one.
const TOGETHER: usize = 8;
/// Offers of the smallest size.
const SMALLEST: usize = 2_048;
/// A part with fewer than this many of ten offers left is written anew.
const LEFT_OF_TEN: usize = 7;

/// The parts to make into one now, if any.
pub(crate) fn due(views: &[View]) -> Option<Vec<PartId>> {
    let mut sizes: Vec<(u32, PartId)> = Vec::with_capacity(views.len());
    for view in views {
        let (all, left) = (view.part.offers.len(), view.alive.count());
        if left * 10 < all * LEFT_OF_TEN {
            return Some(vec![view.id]);
        }
        sizes.push((size(all), view.id));
    }
    sizes.sort_unstable();
    let due = sizes.chunk_by(|(a, _), (b, _)| a == b);
    let mut due = due.filter(|same| same.len() >= TOGETHER);
    due.next()
        .map(|same| same.iter().map(|(_, id)| *id).collect())
}

/// One part of these.
pub(crate) fn folded(views: &[View], sets: &Sets) -> Part {
    let parts = views.iter();
    let parts = parts.map(|view| (Arc::clone(&view.part), Arc::clone(&view.alive)));
    merged(&parts.collect::<Vec<_>>(), sets)
}

/// How often a part of the smallest size has grown by the number of parts made into one.
fn size(offers: usize) -> u32 {
    (offers / SMALLEST)
        .checked_ilog(TOGETHER)
        .map_or(0, |size| size + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_grow_by_the_number_of_parts_made_into_one() {
        let sizes = [0, 2_047, 2_048, 8 * 2_048, 64 * 2_048].map(size);

        assert_eq!(sizes, [0, 0, 1, 2, 3]);
    }
}
