//! A k-d tree of positions: what is near is found without looking at what is far.

use std::ops::Range;

use super::sphere::Vector;

/// Positions that are looked at one by one.
const LEAF: usize = 16;

/// Something at a position.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<T> {
    pub(super) at: Vector,
    /// What a visitor may leave whole branches out by: see [`Visitor::wants`].
    pub(super) bits: u32,
    pub(super) item: T,
}

/// A tree of entries. Which shape it has changes no answer.
#[derive(Clone, Debug)]
pub(super) struct Tree<T> {
    entries: Vec<Entry<T>>,
    nodes: Vec<Node>,
}

/// A box around the entries `start..end`. Its left child is the next node.
#[derive(Clone, Copy, Debug)]
struct Node {
    low: [f64; 3],
    high: [f64; 3],
    start: u32,
    end: u32,
    /// The right child; 0 for a leaf.
    right: u32,
    /// Bits of all of its entries.
    bits: u32,
}

/// Somebody who looks for entries.
pub(super) trait Visitor<T> {
    /// How far to look: the squared chord, which may shrink on the way.
    fn bound(&self) -> f64;
    /// Whether entries with some of these bits are worth looking at.
    fn wants(&self, _bits: u32) -> bool {
        true
    }
    /// Takes an entry within the bound.
    fn take(&mut self, entry: &Entry<T>, chord2: f64);
}

impl<T> Tree<T> {
    pub(super) fn new(entries: Vec<Entry<T>>) -> Self {
        let mut tree = Self {
            nodes: Vec::with_capacity(entries.len() / LEAF * 4 + 1),
            entries,
        };
        if !tree.entries.is_empty() {
            tree.divide(0, tree.entries.len());
        }
        tree
    }

    /// All entries, those that are near each other together.
    pub(super) fn entries(&self) -> &[Entry<T>] {
        &self.entries
    }

    /// Calls `each` with every run of [`Tree::entries`] that may be within the squared chord `bound` of `from`, the near
    /// ones first as far as boxes tell.
    pub(super) fn runs(&self, from: Vector, bound: f64, each: &mut impl FnMut(Range<usize>)) {
        if let Some(root) = self.nodes.first()
            && root.chord2(from) <= bound
        {
            self.descend_runs(0, from, bound, each);
        }
    }

    fn descend_runs(
        &self,
        at: usize,
        from: Vector,
        bound: f64,
        each: &mut impl FnMut(Range<usize>),
    ) {
        let node = &self.nodes[at];
        if node.right == 0 {
            each(node.start as usize..node.end as usize);
            return;
        }
        for (child, chord2) in self.children(at, from) {
            if chord2 <= bound {
                self.descend_runs(child, from, bound, each);
            }
        }
    }

    /// The children of a node that is no leaf, with how far they are at least: the near one first.
    fn children(&self, at: usize, from: Vector) -> [(usize, f64); 2] {
        let (left, right) = (at + 1, self.nodes[at].right as usize);
        let (to_left, to_right) = (
            self.nodes[left].chord2(from),
            self.nodes[right].chord2(from),
        );
        if to_left <= to_right {
            [(left, to_left), (right, to_right)]
        } else {
            [(right, to_right), (left, to_left)]
        }
    }

    /// Shows `visitor` every entry that may be within its bound of `from`, the near ones first as far as
    /// boxes tell.
    pub(super) fn visit(&self, from: Vector, visitor: &mut impl Visitor<T>) {
        if let Some(root) = self.nodes.first()
            && root.chord2(from) <= visitor.bound()
        {
            self.descend(0, from, visitor);
        }
    }

    fn descend(&self, at: usize, from: Vector, visitor: &mut impl Visitor<T>) {
        let node = &self.nodes[at];
        if !visitor.wants(node.bits) {
            return;
        }
        if node.right == 0 {
            for entry in &self.entries[node.start as usize..node.end as usize] {
                let chord2 = entry.at.chord2(from);
                if chord2 <= visitor.bound() {
                    visitor.take(entry, chord2);
                }
            }
            return;
        }
        for (child, chord2) in self.children(at, from) {
            if chord2 <= visitor.bound() {
                self.descend(child, from, visitor);
            }
        }
    }

    /// Makes the node of `start..end` and those below it.
    fn divide(&mut self, start: usize, end: usize) {
        let at = self.nodes.len();
        let (node, widest) = Node::around(&self.entries[start..end], start, end);
        self.nodes.push(node);
        if end - start <= LEAF {
            return;
        }
        let middle = (end - start) / 2;
        self.entries[start..end]
            .select_nth_unstable_by(middle, |a, b| a.at.0[widest].total_cmp(&b.at.0[widest]));
        self.divide(start, start + middle);
        self.nodes[at].right = number(self.nodes.len());
        self.divide(start + middle, end);
    }
}

impl Node {
    /// A leaf around entries, and the axis along which they lie farthest apart.
    fn around<T>(entries: &[Entry<T>], start: usize, end: usize) -> (Self, usize) {
        let mut node = Self {
            low: [f64::INFINITY; 3],
            high: [f64::NEG_INFINITY; 3],
            start: number(start),
            end: number(end),
            right: 0,
            bits: 0,
        };
        for entry in entries {
            node.bits |= entry.bits;
            for axis in 0..3 {
                node.low[axis] = node.low[axis].min(entry.at.0[axis]);
                node.high[axis] = node.high[axis].max(entry.at.0[axis]);
            }
        }
        let width = |axis: &usize| node.high[*axis] - node.low[*axis];
        let widest = (0..3).max_by(|a, b| width(a).total_cmp(&width(b)));
        (node, widest.unwrap_or(0))
    }

    /// The squared chord to the nearest corner, edge or face; zero inside. Never more than to an entry inside:
    /// each step of the sum is at most that of the entry.
    fn chord2(&self, from: Vector) -> f64 {
        let off = |axis: usize| {
            let at = from.0[axis];
            let nearest = at.clamp(self.low[axis], self.high[axis]);
            (at - nearest) * (at - nearest)
        };
        off(0) + off(1) + off(2)
    }
}

fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or_else(|_| unreachable!("fewer than 4 billion positions"))
}
