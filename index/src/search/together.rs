//! Reading the capacity of several offers of a service at one moment.

use crate::live::{Moment, Seen};
use crate::part::Part;
use crate::search::driving::WorthALook;

/// What was read of several offers; its memory is used again.
#[derive(Default)]
pub(crate) struct Together {
    seen: Vec<Seen>,
    stamps: Vec<u64>,
}

impl Together {
    /// Reads the cells of `offers`. Where a report comes in meanwhile, all of them are read again, so that
    /// a search never sees one office before the report and another after it.
    pub(crate) fn read(&mut self, part: &Part, offers: &[WorthALook], now: Moment) {
        let cell = |offer: &WorthALook| part.cell(offer.ordinal);
        loop {
            self.seen.clear();
            self.stamps.clear();
            for offer in offers {
                self.stamps.push(cell(offer).stamp());
                self.seen.push(cell(offer).read(now));
            }
            if offers.len() == 1
                || offers
                    .iter()
                    .zip(&self.stamps)
                    .all(|(offer, stamp)| cell(offer).stamp() == *stamp)
            {
                return;
            }
        }
    }

    /// What was read, in the order of the offers.
    pub(crate) fn seen(&self) -> &[Seen] {
        &self.seen
    }
}
