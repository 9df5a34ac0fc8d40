//! What the places of a search leave of the offers of a part, by what offers are listed by.
//!
//! Offers with a position lie in the circle or not; the others match a search near a place by their areas or
//! by what they do not state. Whether the areas of an offer hold the place is mostly told from the lists alone;
//! offers with conditions and circles are looked at.

use referral_core::geo::{CountryCode, Locality, LocalityKind, Point};

use crate::part::{BLOCK, Bits, Letters, Part, Property, Reader, SiteKind, UPPER};
use crate::search::asked::{Asked, is_region};
use crate::search::candidates::add;

/// The lists that tell what the places of a search leave.
pub(crate) struct Placed<'a> {
    part: &'a Part,
    /// How many offers, the first ones, are told by their position.
    local: usize,
    /// One of their areas holds the place, conditions aside.
    serving: Vec<&'a Bits>,
    /// What else could match without lying in the circle.
    further: Vec<&'a Bits>,
    /// No area is stated, which excludes nobody.
    open: Vec<&'a Bits>,
    /// An area has a condition or is a circle.
    doubtful: Option<&'a Bits>,
    /// Offers that serve some distance around themselves, and the place that they may reach.
    around: Option<(&'a Bits, Point)>,
    /// Whether these lists tell anything for sure.
    certain: bool,
    /// Whether what fails by its areas is to be looked at all the same.
    lenient: bool,
}

/// Reads [`Placed`] block by block, forwards.
pub(crate) struct PlacedReader<'a> {
    part: &'a Part,
    local: usize,
    serving: Vec<Reader<'a>>,
    further: Vec<Reader<'a>>,
    open: Vec<Reader<'a>>,
    doubtful: Option<Reader<'a>>,
    around: Option<(Reader<'a>, Point)>,
    certain: bool,
    lenient: bool,
}

impl<'a> Placed<'a> {
    /// What the places of a search leave of a part; `None` where it names none.
    pub(crate) fn of(asked: &Asked<'_>, part: &'a Part) -> Option<Self> {
        let request = asked.request;
        let (place, beside) = match (&request.near, &request.serves) {
            (Some(near), _) => (&near.place, &request.beside.near),
            (None, Some(place)) => (place, &request.beside.serves),
            (None, None) => return None,
        };
        let near = request.near.is_some();
        let region = is_region(place);
        let mut placed = Self {
            part,
            local: if near && !region { part.placed } else { 0 },
            serving: Vec::new(),
            further: Vec::new(),
            open: Vec::new(),
            doubtful: part.having(Property::Doubtful),
            around: None,
            certain: request.near.is_none() || request.serves.is_none(),
            lenient: request.near_misses,
        };
        placed.serving(place);
        for county in beside {
            let bits = part.having(Property::ServesCounty(county.number()));
            if request.neighbours {
                placed.serving.extend(bits);
            } else if request.near_misses {
                placed.further.extend(bits);
            }
        }
        if near {
            placed.near(place);
        } else {
            let around = part.having(Property::ServesAround);
            placed.around = around.zip(place.point);
        }
        // Circles and ZIPs of offers in the region searched are parts of it.
        if region {
            placed.region(place);
        }
        Some(placed)
    }

    /// The first block that is not told by positions alone.
    pub(crate) fn local_to(&self) -> usize {
        self.local / BLOCK
    }

    /// The first block in which no offer is told by its position.
    pub(crate) fn far_from(&self) -> usize {
        self.local.div_ceil(BLOCK)
    }

    /// Reads from the first block on.
    pub(crate) fn reader(&self) -> PlacedReader<'a> {
        let readers = |all: &[&'a Bits]| all.iter().map(|bits| bits.reader()).collect();
        PlacedReader {
            part: self.part,
            local: self.local,
            serving: readers(&self.serving),
            further: readers(&self.further),
            open: readers(&self.open),
            doubtful: self.doubtful.map(Bits::reader),
            around: self.around.map(|(bits, point)| (bits.reader(), point)),
            certain: self.certain,
            lenient: self.lenient,
        }
    }

    /// From [`Placed::far_from`] on, the offers that are left, and those whose areas are sure.
    pub(crate) fn dense(&self) -> (Vec<u64>, Vec<u64>) {
        let from = self.far_from();
        let none = || vec![0; self.part.blocks.len().saturating_sub(from)];
        let (mut possible, mut area) = (none(), none());
        for bits in &self.serving {
            add(&mut area, bits, from);
        }
        possible.copy_from_slice(&area);
        for bits in &self.further {
            add(&mut possible, bits, from);
        }
        self.around(&mut possible, from);
        if let Some(doubtful) = self.doubtful {
            let mut words = none();
            add(&mut words, doubtful, from);
            let pairs = area.iter_mut().zip(words);
            pairs.for_each(|(word, doubtful)| *word &= !doubtful);
        }
        for bits in &self.open {
            add(&mut area, bits, from);
        }
        if !self.certain {
            area.fill(0);
        }
        (possible, area)
    }

    fn serving(&mut self, place: &Locality) {
        let part = self.part;
        let mut serving = |property| self.serving.extend(part.having(property));
        if let Some(zip) = place.zip {
            serving(Property::ServesZip(zip.number()));
        }
        for (county, share) in &place.counties {
            if *share > 0.0 {
                serving(Property::ServesCounty(county.number()));
            }
        }
        if let Some(state) = place.state {
            serving(Property::ServesState(state));
        }
        serving(Property::ServesCountry(place.country));
    }

    /// What may match near a place beside offers with an area that holds it.
    fn near(&mut self, place: &Locality) {
        let part = self.part;
        for (county, _) in &place.counties {
            self.further
                .extend(part.having(Property::InCounty(county.number())));
        }
        for site in [SiteKind::Remote, SiteKind::NotStated] {
            self.further.extend(part.having(Property::NoArea(site)));
        }
        for site in [
            SiteKind::At,
            SiteKind::County,
            SiteKind::Unplaced,
            SiteKind::NotStated,
        ] {
            self.open.extend(part.having(Property::NoArea(site)));
        }
    }

    fn region(&mut self, place: &Locality) {
        let part = self.part;
        let mut further = |property| self.further.extend(part.having(property));
        match place.kind {
            LocalityKind::State => further(Property::AtIn(Letters::of_state(place.state))),
            _ => further(Property::AtInCountry(Letters::of_country(place.country))),
        }
        further(Property::Site(SiteKind::Unplaced));
        if place.kind == LocalityKind::State || place.country == CountryCode::US {
            further(Property::Site(SiteKind::County));
        }
    }

    /// Offers that serve some distance around themselves and lie near enough for that.
    fn around(&self, words: &mut [u64], from: usize) {
        let Some((around, point)) = self.around else {
            return;
        };
        let mut reader = around.reader();
        for (upper, above) in self.part.upper.iter().enumerate() {
            if !above.serves(point) {
                continue;
            }
            let blocks = upper * UPPER..((upper + 1) * UPPER).min(self.part.blocks.len());
            for block in blocks.filter(|block| *block >= from) {
                if self.part.blocks[block].serves(point) {
                    words[block - from] |= reader.word(block);
                }
            }
        }
    }
}

impl PlacedReader<'_> {
    /// The offers of a block that are left, the circle aside, and those whose areas are sure.
    pub(crate) fn word(&mut self, block: usize) -> (u64, u64) {
        let serving = union(&mut self.serving, block);
        let doubtful = self
            .doubtful
            .as_mut()
            .map_or(0, |reader| reader.word(block));
        let area = if self.certain {
            (serving & !doubtful) | union(&mut self.open, block)
        } else {
            0
        };
        let local = match block.cmp(&(self.local / BLOCK)) {
            std::cmp::Ordering::Less => u64::MAX,
            std::cmp::Ordering::Equal => (1 << (self.local % BLOCK)) - 1,
            std::cmp::Ordering::Greater => 0,
        };
        let at = if self.lenient || !self.certain {
            u64::MAX
        } else {
            area | doubtful
        };
        let far = if local == u64::MAX {
            0
        } else {
            serving | union(&mut self.further, block) | self.around(block)
        };
        ((at & local) | (far & !local), area)
    }

    fn around(&mut self, block: usize) -> u64 {
        match &mut self.around {
            Some((reader, point)) if self.part.blocks[block].serves(*point) => reader.word(block),
            _ => 0,
        }
    }
}

fn union(readers: &mut [Reader<'_>], block: usize) -> u64 {
    readers
        .iter_mut()
        .fold(0, |word, reader| word | reader.word(block))
}
