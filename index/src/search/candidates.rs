//! Which offers of a part are worth a look: all that can match, and few others.
//!
//! Boxes and bit sets decide, 64 offers at a time; rows have the last word. With near misses asked for, what
//! a change may relax narrows nothing here.

use referral_core::geo::{CountryCode, Locality, LocalityKind};
use referral_core::search::Access;

use crate::part::{
    BLOCK, Bits, Circle, Languages, Letters, Lies, Part, Property, Reader, SiteKind, UPPER, split,
};
use crate::search::asked::{Asked, is_region};

/// Blocks of a part with the offers in them that are worth a look.
pub(crate) struct Candidates<'a> {
    part: &'a Part,
    circle: Option<&'a Circle>,
    /// Offers that the place leaves, a word for each block from `marked_from` on.
    marked: Option<Vec<u64>>,
    marked_from: usize,
    /// Of each of these groups, one property.
    groups: Vec<Group<'a>>,
    never: Option<Reader<'a>>,
    blocks: Blocks,
}

/// A property of a group is enough.
struct Group<'a>(Vec<Reader<'a>>);

/// Which blocks are looked at.
enum Blocks {
    /// These, and whether all positions in them are inside the circle.
    Listed(Vec<(u32, bool)>),
    /// All.
    All,
}

/// Offers of one block that are worth a look.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Word {
    pub(crate) block: usize,
    pub(crate) offers: u64,
    /// All offers of the block that have a position are inside the circle.
    pub(crate) inside: bool,
}

impl<'a> Candidates<'a> {
    /// The candidates of a search in a part; `None`: there are none.
    pub(crate) fn of(asked: &'a Asked<'a>, part: &'a Part) -> Option<Self> {
        let mut found = Self {
            part,
            circle: asked.circle.as_ref(),
            marked: None,
            marked_from: 0,
            groups: Vec::new(),
            never: None,
            blocks: Blocks::All,
        };
        let mut shortest: Option<Vec<&Bits>> = None;
        for group in groups(asked) {
            let bits: Vec<&Bits> = group.iter().filter_map(|p| part.having(*p)).collect();
            if bits.is_empty() {
                return None;
            }
            if shortest
                .as_ref()
                .is_none_or(|shortest| cost(&bits) < cost(shortest))
            {
                shortest = Some(bits.clone());
            }
            found
                .groups
                .push(Group(bits.into_iter().map(Bits::reader).collect()));
        }
        if asked.request.access == Access::InPerson && !asked.request.near_misses
            || asked.request.also.access == Access::InPerson
        {
            found.never = part
                .having(Property::Site(SiteKind::Remote))
                .map(Bits::reader);
        }
        found.place(asked);
        found.listed(shortest.as_deref());
        Some(found)
    }

    /// Calls `each` for every block with candidates, in order, until it says false.
    pub(crate) fn each(mut self, mut each: impl FnMut(Word) -> bool) {
        let blocks = std::mem::replace(&mut self.blocks, Blocks::All);
        match blocks {
            Blocks::All => {
                for block in 0..self.part.blocks.len() {
                    if !self.visit(block, None, &mut each) {
                        return;
                    }
                }
            }
            Blocks::Listed(blocks) => {
                for (block, inside) in blocks {
                    if !self.visit(block as usize, Some(inside), &mut each) {
                        return;
                    }
                }
            }
        }
    }

    fn visit(
        &mut self,
        block: usize,
        inside: Option<bool>,
        each: &mut impl FnMut(Word) -> bool,
    ) -> bool {
        let mut offers = match &self.marked {
            Some(marked) if block >= self.marked_from => marked[block - self.marked_from],
            _ => u64::MAX,
        };
        if self.circle.is_some() && block == self.marked_from {
            // Where offers with and without a position meet.
            offers |= (1 << (self.part.placed % BLOCK)) - 1;
        }
        for group in &mut self.groups {
            if offers == 0 {
                return true;
            }
            offers &= group.word(block);
        }
        if let Some(never) = &mut self.never {
            offers &= !never.word(block);
        }
        if offers == 0 {
            return true;
        }
        let inside = inside.unwrap_or(false);
        each(Word {
            block,
            offers,
            inside,
        })
    }

    /// Marks the offers that the place searched leaves.
    fn place(&mut self, asked: &Asked<'_>) {
        let request = asked.request;
        let blocks = self.part.blocks.len();
        let region = request.near.as_ref().filter(|near| is_region(&near.place));
        match (&request.near, &request.serves) {
            (Some(near), _) => {
                self.marked_from = if region.is_some() {
                    0
                } else {
                    self.part.placed / BLOCK
                };
                let mut marked = Marked::new(self.part, self.marked_from);
                marked.serving(asked, &near.place, &request.beside.near);
                marked.add_near(&near.place);
                self.marked = Some(marked.words);
            }
            (None, Some(place)) => {
                let mut marked = Marked::new(self.part, 0);
                marked.serving(asked, place, &request.beside.serves);
                marked.around(place);
                self.marked = Some(marked.words);
            }
            (None, None) => {}
        }
        debug_assert!(self.marked_from <= blocks);
    }

    /// Lists the blocks to look at, from whatever gives fewest.
    fn listed(&mut self, shortest: Option<&[&Bits]>) {
        let blocks = self.part.blocks.len();
        let listed = shortest.and_then(blocks_of);
        let in_circle = |block: usize| match self.circle {
            Some(circle) if block < self.marked_from => {
                circle.meets(&self.part.blocks[block].cuboid)
            }
            _ => Lies::Across,
        };
        let near = self.marked.is_some() && self.marked_from > 0;
        if let Some(listed) = listed.filter(|listed| listed.len() * 4 < blocks) {
            let kept = listed.into_iter().filter_map(|block| {
                let lies = if near {
                    in_circle(block as usize)
                } else {
                    Lies::Across
                };
                let outside = lies == Lies::Outside
                    || (near && self.circle.is_none() && (block as usize) < self.marked_from);
                (!outside).then_some((block, lies == Lies::Inside))
            });
            self.blocks = Blocks::Listed(kept.collect());
            return;
        }
        if !near {
            return;
        }
        let mut kept = Vec::new();
        if let Some(circle) = self.circle {
            within(self.part, circle, self.marked_from, &mut kept);
        }
        if let Some(marked) = &self.marked {
            let far = (self.marked_from..).zip(marked);
            let mixed = !self.part.placed.is_multiple_of(BLOCK);
            let far = far.filter(|(block, word)| {
                **word != 0 || (mixed && *block == self.marked_from && self.circle.is_some())
            });
            kept.extend(far.map(|(block, _)| (u32::try_from(block).unwrap_or(u32::MAX), false)));
        }
        self.blocks = Blocks::Listed(kept);
    }
}

impl Group<'_> {
    fn word(&mut self, block: usize) -> u64 {
        self.0
            .iter_mut()
            .fold(0, |word, reader| word | reader.word(block))
    }
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

/// Offers by what they serve and where they are, from a block on.
struct Marked<'a> {
    part: &'a Part,
    from: usize,
    words: Vec<u64>,
}

impl<'a> Marked<'a> {
    fn new(part: &'a Part, from: usize) -> Self {
        Self {
            part,
            from,
            words: vec![0; part.blocks.len().saturating_sub(from)],
        }
    }

    fn add(&mut self, property: Property) {
        match self.part.having(property) {
            None => {}
            Some(Bits::Many(words)) => {
                let from = words.iter().skip(self.from);
                self.words
                    .iter_mut()
                    .zip(from)
                    .for_each(|(all, word)| *all |= word);
            }
            Some(Bits::Few(ordinals)) => {
                let first = ordinals.partition_point(|&ordinal| split(ordinal).0 < self.from);
                for &ordinal in &ordinals[first..] {
                    let (block, bit) = split(ordinal);
                    self.words[block - self.from] |= 1 << bit;
                }
            }
        }
    }

    /// Offers with an area that could hold the place, conditions aside.
    fn serving(
        &mut self,
        asked: &Asked<'_>,
        place: &Locality,
        beside: &[referral_core::geo::CountyFips],
    ) {
        if let Some(zip) = place.zip {
            self.add(Property::ServesZip(zip.number()));
        }
        for (county, _) in &place.counties {
            self.add(Property::ServesCounty(county.number()));
        }
        if asked.request.neighbours || asked.request.near_misses {
            for county in beside {
                self.add(Property::ServesCounty(county.number()));
            }
        }
        if let Some(state) = place.state {
            self.add(Property::ServesState(state));
        }
        self.add(Property::ServesCountry(place.country));
        // Circles and ZIPs of offers in the region searched are parts of it.
        if is_region(place) {
            self.add_region(place);
        }
    }

    /// What may match near a place beside those with an area that holds it.
    fn add_near(&mut self, place: &Locality) {
        for (county, _) in &place.counties {
            self.add(Property::InCounty(county.number()));
        }
        for site in [SiteKind::Remote, SiteKind::NotStated] {
            self.add(Property::NoArea(site));
        }
        if is_region(place) {
            self.add_region(place);
        }
    }

    fn add_region(&mut self, place: &Locality) {
        match place.kind {
            LocalityKind::State => self.add(Property::AtIn(Letters::of_state(place.state))),
            _ => self.add(Property::AtInCountry(Letters::of_country(place.country))),
        }
        self.add(Property::Site(SiteKind::Unplaced));
        if place.kind == LocalityKind::State || place.country == CountryCode::US {
            self.add(Property::Site(SiteKind::County));
        }
    }

    /// Offers that serve some distance around themselves and lie near enough for that.
    fn around(&mut self, place: &Locality) {
        let (Some(point), Some(around)) = (place.point, self.part.having(Property::ServesAround))
        else {
            return;
        };
        let mut reader = around.reader();
        for (upper, above) in self.part.upper.iter().enumerate() {
            if !above.serves(point) {
                continue;
            }
            let blocks = upper * UPPER..((upper + 1) * UPPER).min(self.part.blocks.len());
            for block in blocks {
                if self.part.blocks[block].serves(point) {
                    self.words[block - self.from] |= reader.word(block);
                }
            }
        }
    }
}
