//! How many reports are taken: from one network, in all, and of the same thing.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use referral_core::id::{Hash, RecordKey};

use super::Problem;

/// Reports at once from one network, and how soon another one is given back.
const OF_NETWORK: (u32, Duration) = (20, Duration::from_mins(3));
/// The same in all.
const OF_ALL: (u32, Duration) = (500, Duration::from_secs(2));
/// The same problem of the same service from the same network counts once in this time.
const ONCE: Duration = Duration::from_hours(12);
/// Most that is remembered.
const MOST: usize = 50_000;

/// Whether a report counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counts {
    /// It does.
    Yes,
    /// The same was reported from there a short while ago.
    Again,
    /// There were too many.
    TooMany,
}

/// What was reported lately.
#[derive(Debug, Default)]
pub(super) struct Pace {
    /// When what each has spent will have been given back; for the same report again: until when it is one.
    until: HashMap<Hash, Duration>,
}

impl Pace {
    /// Counts a report.
    ///
    /// * `now` — time since the start.
    pub(super) fn count(
        &mut self,
        from: Option<IpAddr>,
        service: &RecordKey,
        problem: Problem,
        now: Duration,
    ) -> Counts {
        if self.until.len() + 3 > MOST {
            self.until.retain(|_, until| *until > now);
        }
        let network = network(from);
        let same = same(&network, service, problem);
        if self.until.get(&same).is_some_and(|until| *until > now) {
            return Counts::Again;
        }
        let counted = [
            (Hash::of(&[b"network", &network]), OF_NETWORK),
            (Hash::of(&[b"all"]), OF_ALL),
        ];
        let full = self.until.len() + 3 > MOST;
        let none_left = counted.iter().any(|(who, (most, each))| {
            self.spent(who, now).saturating_sub(now) > *each * (most - 1)
        });
        if full || none_left {
            return Counts::TooMany;
        }
        for (who, (_, each)) in counted {
            let until = self.spent(&who, now) + each;
            self.until.insert(who, until);
        }
        self.until.insert(same, now + ONCE);
        Counts::Yes
    }

    /// What was counted came to nothing: the same report counts when it comes again.
    pub(super) fn take_back(
        &mut self,
        from: Option<IpAddr>,
        service: &RecordKey,
        problem: Problem,
    ) {
        self.until.remove(&same(&network(from), service, problem));
    }

    fn spent(&self, who: &Hash, now: Duration) -> Duration {
        self.until.get(who).copied().unwrap_or(now).max(now)
    }
}

/// What the same report from the same network is known by.
fn same(network: &[u8], service: &RecordKey, problem: Problem) -> Hash {
    let service = service.to_string();
    let parts = [network, service.as_bytes(), problem.as_str().as_bytes()];
    Hash::of(&[&parts.join(&b'\n')])
}

/// The first 24 bits of an address, or 56 of IPv6.
fn network(from: Option<IpAddr>) -> Vec<u8> {
    match from.map(|from| from.to_canonical()) {
        None => Vec::new(),
        Some(IpAddr::V4(address)) => address.octets()[..3].to_vec(),
        Some(IpAddr::V6(address)) => address.octets()[..7].to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use referral_core::id::{AgencyId, Kind, LocalId};

    use super::*;

    const NOW: Duration = Duration::from_secs(1_000);

    fn service(number: u32) -> RecordKey {
        RecordKey {
            agency: AgencyId::parse("harbor").unwrap(),
            kind: Kind::Service,
            id: LocalId::parse(&format!("s{number}")).unwrap(),
        }
    }

    fn from(third: u8) -> Option<IpAddr> {
        Some([10, 0, third, 1].into())
    }

    #[test]
    fn the_same_report_from_the_same_network_counts_once() {
        let mut pace = Pace::default();
        let mut report = |third, problem| pace.count(from(third), &service(1), problem, NOW);

        assert_eq!(report(1, Problem::Moved), Counts::Yes);
        assert_eq!(report(1, Problem::Moved), Counts::Again);
        assert_eq!(report(1, Problem::Other), Counts::Yes);
        assert_eq!(report(2, Problem::Moved), Counts::Yes);
    }

    #[test]
    fn a_network_that_reports_much_waits_and_others_do_not() {
        let mut pace = Pace::default();
        let mut taken = 0;
        for number in 0..100 {
            let counts = pace.count(from(1), &service(number), Problem::Moved, NOW);
            taken += u32::from(counts == Counts::Yes);
        }
        let other = pace.count(from(2), &service(1), Problem::Moved, NOW);
        let later = NOW + OF_NETWORK.1;
        let again = pace.count(from(1), &service(99), Problem::Moved, later);

        assert_eq!(taken, OF_NETWORK.0);
        assert_eq!((other, again), (Counts::Yes, Counts::Yes));
    }
}
