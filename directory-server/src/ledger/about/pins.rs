//! Which certificates of an agency count: the one its node shows, and the one it was given to follow.
//!
//! A node that shows its newest certificate makes every older one worthless (as SPIRE pins serial numbers), so of two
//! copies of a node only one can go on. A certificate that is newer than all the directory remembers was
//! given in a life of the directory that was lost with its journal: it counts.

use jiff::Timestamp;
use referral_runtime::tls::{Leaf, Serial};

/// The certificates of an agency that count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pins {
    /// The one its node has shown; `None`: none is known.
    pub current: Option<Leaf>,
    /// The one it was given to follow, DER.
    pub next: Option<(Leaf, Vec<u8>)>,
    /// The serial number and end of the one that is about to be signed.
    pub issuing: Option<(Serial, Timestamp)>,
    /// True when the operator lets it renew once with a certificate that was replaced.
    pub forgiven: bool,
}

/// What a certificate is that a node shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// The one that counts.
    Current,
    /// A newer one: from now on that one counts.
    Newer,
    /// One that was replaced.
    Superseded,
}

/// Why a certificate is not renewed.
#[derive(Debug, thiserror::Error)]
pub enum RenewRefused {
    /// The agency, its keys or its certificate are not those of a member.
    #[error("this certificate is not (or no longer) the agency's: join the directory again")]
    NotMember,
    /// The agency may not publish.
    #[error("{0}")]
    Standing(&'static str),
    /// The certificate was replaced by a newer one.
    #[error(
        "this certificate was replaced by a newer one: was the data directory copied, or restored from a \
         backup? the directory's operator can let it in again (directory-server agency readmit)"
    )]
    Superseded,
    /// Another request came between.
    #[error("another renewal of this agency came between: ask again")]
    Again,
    /// Nothing was written.
    #[error(transparent)]
    NotWritten(#[from] crate::ledger::NotWritten),
}

impl Pins {
    /// The certificates of a node that has just joined with this one.
    #[must_use]
    pub fn joined(certificate: &[u8]) -> Self {
        Self {
            current: Leaf::of(certificate),
            ..Self::default()
        }
    }

    /// What this certificate is.
    #[must_use]
    pub fn look(&self, shown: &Leaf) -> Shown {
        match (&self.current, &self.next) {
            (Some(current), _) if current.serial == shown.serial => Shown::Current,
            (_, Some((next, _))) if next.serial == shown.serial => Shown::Newer,
            (Some(current), next) => {
                let newest = next.as_ref().map_or(current, |(next, _)| next);
                if shown.not_after > newest.not_after {
                    Shown::Newer
                } else {
                    Shown::Superseded
                }
            }
            (None, _) => Shown::Newer,
        }
    }

    /// The certificate to give again to a node that asks once more: fresh, and not yet shown.
    #[must_use]
    pub fn again(&self, now: Timestamp) -> Option<&[u8]> {
        let (next, certificate) = self.next.as_ref()?;
        (now < next.at_share(0.5)).then_some(certificate)
    }

    /// Until when the node has a certificate; `None`: not known.
    #[must_use]
    pub fn until(&self) -> Option<Timestamp> {
        let current = self.current.as_ref()?.not_after;
        let next = self.next.as_ref().map(|(next, _)| next.not_after);
        Some(next.map_or(current, |next| next.max(current)))
    }

    /// The node has shown this one.
    pub fn show(&mut self, shown: Leaf) {
        if self
            .next
            .as_ref()
            .is_some_and(|(next, _)| next.not_after <= shown.not_after)
        {
            self.next = None;
        }
        self.current = Some(shown);
    }

    /// This one was signed.
    pub fn renew(&mut self, certificate: &[u8]) {
        self.issuing = None;
        self.forgiven = false;
        self.next = Leaf::of(certificate).map(|leaf| (leaf, certificate.to_vec()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(serial: u8, hours: i64) -> Leaf {
        let at = |hours: i64| Timestamp::from_second(hours * 3_600).unwrap();
        Leaf {
            serial: Serial::from_bytes([serial; 16]),
            not_before: at(hours),
            not_after: at(hours + 24),
        }
    }

    fn pins() -> Pins {
        Pins {
            current: Some(leaf(1, 0)),
            next: Some((leaf(2, 12), vec![2])),
            ..Pins::default()
        }
    }

    #[test]
    fn the_current_and_the_next_certificate_count_and_no_other_of_their_time() {
        assert_eq!(pins().look(&leaf(1, 0)), Shown::Current);
        assert_eq!(pins().look(&leaf(2, 12)), Shown::Newer);
        assert_eq!(pins().look(&leaf(3, 11)), Shown::Superseded);
    }

    #[test]
    fn a_certificate_that_was_shown_makes_the_one_before_worthless() {
        let mut pins = pins();

        pins.show(leaf(2, 12));

        assert_eq!(pins.look(&leaf(1, 0)), Shown::Superseded);
        assert_eq!(pins.look(&leaf(2, 12)), Shown::Current);
    }

    #[test]
    fn a_certificate_newer_than_the_journal_is_from_a_life_that_was_lost() {
        assert_eq!(pins().look(&leaf(9, 13)), Shown::Newer);
        assert_eq!(Pins::default().look(&leaf(9, 0)), Shown::Newer);
    }

    #[test]
    fn the_same_certificate_is_given_again_for_as_long_as_it_is_fresh() {
        let at = |hours: i64| Timestamp::from_second(hours * 3_600).unwrap();

        assert_eq!(pins().again(at(23)), Some([2].as_slice()));
        assert_eq!(pins().again(at(25)), None);
    }
}
