//! Which offers of a part are worth a look: all that can match, and few others.
//!
//! Boxes and bit sets decide, 64 offers at a time; rows have the last word. With near misses asked for, what
//! a change may relax narrows nothing here.

use referral_core::search::Access;

use crate::part::{
    Bits, Circle, Languages, Letters, Lies, Part, Property, Reader, SiteKind, UPPER, split,
};
use crate::search::asked::Asked;
use crate::search::placed::{Placed, PlacedReader};

/// Blocks of a part with the offers in them that are worth a look.
pub(crate) struct Candidates<'a> {
    part: &'a Part,
    circle: Option<&'a Circle>,
    placed: Option<PlacedReader<'a>>,
    /// Of each of these groups, one property.
    groups: Vec<Group<'a>>,
    never: Option<Reader<'a>>,
    /// The blocks that are read one by one, and whether all positions in them are inside the circle.
    listed: Vec<(u32, bool)>,
    /// The blocks from `dense_from` on, worked out for all of them at once.
    dense_from: usize,
    dense: Vec<u64>,
    dense_area: Option<Vec<u64>>,
}

/// A property of a group is enough.
struct Group<'a>(Vec<Reader<'a>>);

/// Offers of one block that are worth a look.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Word {
    pub(crate) block: usize,
    pub(crate) offers: u64,
    /// Those of them of which no area has to be looked at: it holds the place searched for sure.
    pub(crate) area: u64,
    /// All offers of the block that have a position are inside the circle.
    pub(crate) inside: bool,
}

impl<'a> Candidates<'a> {
    /// The candidates of a search in a part; `None`: there are none.
    pub(crate) fn of(asked: &'a Asked<'a>, part: &'a Part) -> Option<Self> {
        let mut wanted = Vec::new();
        for group in groups(asked) {
            let bits: Vec<&Bits> = group.iter().filter_map(|p| part.having(*p)).collect();
            if bits.is_empty() {
                return None;
            }
            wanted.push(bits);
        }
        wanted.sort_by_key(|bits| cost(bits));
        let in_person = asked.request.access == Access::InPerson && !asked.request.near_misses
            || asked.request.also.access == Access::InPerson;
        let never = part.having(Property::Site(SiteKind::Remote));
        let never = never.filter(|_| in_person);
        let placed = Placed::of(asked, part);
        let mut found = Self {
            part,
            circle: asked.circle.as_ref(),
            placed: placed.as_ref().map(Placed::reader),
            groups: wanted.iter().map(|bits| Group::of(bits)).collect(),
            never: never.map(Bits::reader),
            listed: Vec::new(),
            dense_from: part.blocks.len(),
            dense: Vec::new(),
            dense_area: None,
        };
        let blocks = part.blocks.len();
        let few = wanted.first().and_then(|bits| blocks_of(bits));
        match few.filter(|few| few.len() * 8 < blocks) {
            Some(few) => found.list(few, placed.as_ref()),
            None => found.spread(&wanted, never, placed.as_ref()),
        }
        Some(found)
    }

    /// Calls `each` for every block with candidates, in order, until it says false.
    pub(crate) fn each(mut self, mut each: impl FnMut(Word) -> bool) {
        for (block, inside) in std::mem::take(&mut self.listed) {
            let block = block as usize;
            let (offers, area) = self.read(block);
            let word = Word {
                block,
                offers,
                area,
                inside,
            };
            if offers != 0 && !each(word) {
                return;
            }
        }
        for (at, &offers) in self.dense.iter().enumerate() {
            let area = self.dense_area.as_ref();
            let word = Word {
                block: self.dense_from + at,
                offers,
                area: area.map_or(offers, |area| area[at] & offers),
                inside: false,
            };
            if offers != 0 && !each(word) {
                return;
            }
        }
    }

    /// The candidates of a block, and those of them whose areas are sure.
    fn read(&mut self, block: usize) -> (u64, u64) {
        let mut offers = u64::MAX;
        for group in &mut self.groups {
            offers &= group.word(block);
            if offers == 0 {
                return (0, 0);
            }
        }
        if let Some(never) = &mut self.never {
            offers &= !never.word(block);
        }
        let Some(placed) = &mut self.placed else {
            return (offers, offers);
        };
        let (possible, area) = placed.word(block);
        offers &= possible;
        (offers, offers & area)
    }

    /// Reads these blocks only, as far as the place leaves them.
    fn list(&mut self, blocks: Vec<u32>, placed: Option<&Placed<'a>>) {
        let Some(placed) = placed else {
            self.listed = blocks.into_iter().map(|block| (block, false)).collect();
            return;
        };
        let kept = blocks.into_iter().filter_map(|block| {
            let at = block as usize;
            if at >= placed.local_to() {
                return Some((block, false));
            }
            let cuboid = &self.part.blocks[at].cuboid;
            let lies = self.circle?.meets(cuboid);
            (lies != Lies::Outside).then_some((block, lies == Lies::Inside))
        });
        self.listed = kept.collect();
    }

    /// Reads the blocks that the circle meets, and works all others out at once.
    fn spread(
        &mut self,
        wanted: &[Vec<&'a Bits>],
        never: Option<&'a Bits>,
        placed: Option<&Placed<'a>>,
    ) {
        let blocks = self.part.blocks.len();
        self.dense_from = 0;
        if let Some(placed) = placed {
            if let Some(circle) = self.circle {
                within(self.part, circle, placed.local_to(), &mut self.listed);
            }
            self.dense_from = placed.far_from();
            if self.dense_from > placed.local_to() {
                // Where offers with and without a position meet.
                let mixed = u32::try_from(placed.local_to()).unwrap_or(u32::MAX);
                self.listed.push((mixed, false));
            }
            let (possible, area) = placed.dense();
            self.dense = possible;
            self.dense_area = Some(area);
        } else {
            self.dense = vec![u64::MAX; blocks];
        }
        for bits in wanted {
            narrow(&mut self.dense, bits, self.dense_from);
        }
        if let Some(never) = never {
            let mut words = vec![0; self.dense.len()];
            add(&mut words, never, self.dense_from);
            let pairs = self.dense.iter_mut().zip(words);
            pairs.for_each(|(word, never)| *word &= !never);
        }
    }
}

impl<'a> Group<'a> {
    fn of(bits: &[&'a Bits]) -> Self {
        Self(bits.iter().map(|bits| bits.reader()).collect())
    }

    fn word(&mut self, block: usize) -> u64 {
        self.0
            .iter_mut()
            .fold(0, |word, reader| word | reader.word(block))
    }
}

/// Adds offers with a property to words that begin at a block.
pub(crate) fn add(words: &mut [u64], bits: &Bits, from: usize) {
    match bits {
        Bits::Many(all) => {
            let all = all.iter().skip(from);
            words
                .iter_mut()
                .zip(all)
                .for_each(|(word, more)| *word |= more);
        }
        Bits::Few(ordinals) => {
            let first = ordinals.partition_point(|&ordinal| split(ordinal).0 < from);
            for &ordinal in &ordinals[first..] {
                let (block, bit) = split(ordinal);
                words[block - from] |= 1 << bit;
            }
        }
    }
}

/// Leaves offers that have one of these properties.
fn narrow(words: &mut [u64], any: &[&Bits], from: usize) {
    if let [Bits::Many(all)] = any {
        let all = all.iter().skip(from);
        words
            .iter_mut()
            .zip(all)
            .for_each(|(word, has)| *word &= has);
        return;
    }
    let mut union = vec![0; words.len()];
    for bits in any {
        add(&mut union, bits, from);
    }
    words
        .iter_mut()
        .zip(union)
        .for_each(|(word, has)| *word &= has);
}

/// The blocks before `end` that a circle meets, and whether they are inside.
pub(crate) fn within(part: &Part, circle: &Circle, end: usize, kept: &mut Vec<(u32, bool)>) {
    for (upper, above) in part.upper.iter().enumerate() {
        let lies = circle.meets(&above.cuboid);
        let blocks = upper * UPPER..((upper + 1) * UPPER).min(end);
        if lies == Lies::Outside {
            continue;
        }
        for block in blocks {
            let lies = if lies == Lies::Inside {
                lies
            } else {
                circle.meets(&part.blocks[block].cuboid)
            };
            if lies != Lies::Outside {
                kept.push((
                    u32::try_from(block).unwrap_or(u32::MAX),
                    lies == Lies::Inside,
                ));
            }
        }
    }
}

fn cost(bits: &[&Bits]) -> usize {
    bits.iter().map(|bits| bits.cost()).sum()
}

/// The blocks of these offers, in order, each once; `None` where there are many.
fn blocks_of(bits: &[&Bits]) -> Option<Vec<u32>> {
    let mut blocks = Vec::new();
    for bits in bits {
        let Bits::Few(ordinals) = bits else {
            return None;
        };
        let each = ordinals.iter().map(|&ordinal| split(ordinal).0);
        blocks.extend(each.filter_map(|block| u32::try_from(block).ok()));
    }
    blocks.sort_unstable();
    blocks.dedup();
    Some(blocks)
}

/// Groups of properties: every match has one property of each.
fn groups(asked: &Asked<'_>) -> Vec<Vec<Property>> {
    let request = asked.request;
    let mut groups = Vec::new();
    if !asked.any_of.is_empty() {
        groups.push(asked.any_of.properties().collect());
    }
    groups.extend(
        asked
            .also
            .iter()
            .map(|code| code.property().into_iter().collect()),
    );
    let chosen = asked.also_languages.iter();
    groups.extend(chosen.map(|language| bits(language).map(Property::Spoken).collect()));
    if let Some(state) = request.also.in_state {
        groups.push(vec![
            Property::AtIn(Letters::of_state(Some(state))),
            Property::Site(SiteKind::County),
            Property::Site(SiteKind::Unplaced),
        ]);
    }
    let remote = || vec![Property::Site(SiteKind::Remote)];
    if request.also.access == Access::Remote {
        groups.push(remote());
    }
    if request.near_misses {
        return groups;
    }
    if request.access == Access::Remote {
        groups.push(remote());
    }
    let terms = asked.all_of.iter();
    groups.extend(terms.map(|(term, _)| term.property().into_iter().collect()));
    if request.fee.is_some() {
        groups.push(asked.fee.properties().collect());
    }
    if !request.languages.is_empty() {
        let mut group: Vec<Property> = bits(&asked.languages).map(Property::Spoken).collect();
        if request.interpreter {
            group.extend(bits(&asked.languages).map(Property::Phone));
            group.push(Property::AnyByPhone);
        }
        groups.push(group);
    }
    groups
}

fn bits(languages: &Languages) -> impl Iterator<Item = u32> {
    let words = (0..).step_by(64).zip(*languages);
    words.flat_map(|(start, word)| crate::part::ones(word).map(move |bit| start + bit))
}
