//! How often may be tried to sign in: per name, and per address of whoever tries.
//!
//! Both are kept as hashes in memory, for as long as they matter and no longer.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use referral_core::id::Hash;

use super::SignInName;

/// Tries that fail in a row for one name, and how soon another one is given back.
const OF_NAME: (u32, Duration) = (5, Duration::from_secs(30));
/// The same for one address.
const OF_ADDRESS: (u32, Duration) = (30, Duration::from_secs(4));
/// Most names and addresses remembered.
const MOST: usize = 20_000;

/// Tries that failed lately.
#[derive(Debug, Default)]
pub struct Attempts {
    /// When all tries of each will have been given back.
    spent: HashMap<Hash, Duration>,
}

/// Whom a try is counted for.
#[derive(Clone, Debug)]
pub struct Counted(Vec<(Hash, u32, Duration)>);

impl Counted {
    /// A try with this name, from this address where it is known.
    #[must_use]
    pub fn of(name: &SignInName, from: Option<IpAddr>) -> Self {
        let name = Hash::of(&[b"name", name.as_str().as_bytes()]);
        let mut counted = vec![(name, OF_NAME.0, OF_NAME.1)];
        counted.extend(from.map(|from| (prefix(from), OF_ADDRESS.0, OF_ADDRESS.1)));
        Self(counted)
    }
}

impl Attempts {
    /// Counts a try.
    ///
    /// * `now` — time since the start.
    ///
    /// # Errors
    /// How long to wait.
    pub fn count(&mut self, counted: &Counted, now: Duration) -> Result<(), Duration> {
        if self.spent.len() >= MOST {
            self.spent.retain(|_, until| *until > now);
        }
        for (who, most, each) in &counted.0 {
            let until = self.spent.get(who).copied().unwrap_or(now).max(now);
            let room = *each * (most - 1);
            let wait = until.saturating_sub(now).saturating_sub(room);
            // With no room left to remember, nobody new is let try.
            let full = self.spent.len() >= MOST && !self.spent.contains_key(who);
            if full || !wait.is_zero() {
                return Err(wait.max(*each));
            }
        }
        for (who, _, each) in &counted.0 {
            let until = self.spent.entry(*who).or_insert(now);
            *until = (*until).max(now) + *each;
        }
        Ok(())
    }

    /// A try that succeeded is no try to guess.
    pub fn succeeded(&mut self, counted: &Counted) {
        for (who, _, each) in &counted.0 {
            if let Some(until) = self.spent.get_mut(who) {
                *until = until.saturating_sub(*each);
            }
        }
    }
}

/// What an address is counted by: its first 24 bits, or 56 of IPv6.
fn prefix(address: IpAddr) -> Hash {
    match address.to_canonical() {
        IpAddr::V4(address) => Hash::of(&[b"v4", &address.octets()[..3]]),
        IpAddr::V6(address) => Hash::of(&[b"v6", &address.octets()[..7]]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::from_secs(1_000);

    fn counted(name: &str, from: [u8; 4]) -> Counted {
        Counted::of(&SignInName::parse(name).unwrap(), Some(from.into()))
    }

    #[test]
    fn after_five_wrong_passwords_a_name_waits_wherever_they_come_from() {
        let mut attempts = Attempts::default();
        for from in 0..5 {
            let counted = counted("ana", [10, 0, from, 1]);
            assert!(attempts.count(&counted, NOW).is_ok());
        }
        let next = counted("ana", [10, 0, 9, 1]);

        assert!(attempts.count(&next, NOW).is_err());
        assert!(attempts.count(&counted("ben", [10, 0, 9, 1]), NOW).is_ok());
        let later = NOW + Duration::from_secs(31);
        assert!(attempts.count(&next, later).is_ok());
        assert!(attempts.count(&next, later).is_err(), "one was given back");
    }

    #[test]
    fn after_thirty_wrong_passwords_a_neighbourhood_waits_whatever_the_names() {
        let mut attempts = Attempts::default();
        let from = |number: u8| counted(&format!("name-{number}"), [10, 0, 0, number]);
        for number in 0..30 {
            assert!(attempts.count(&from(number), NOW).is_ok());
        }

        assert!(attempts.count(&from(31), NOW).is_err());
    }

    #[test]
    fn who_signs_in_was_not_guessing() {
        let mut attempts = Attempts::default();
        let ana = counted("ana", [10, 0, 0, 1]);
        for _ in 0..100 {
            assert!(attempts.count(&ana, NOW).is_ok());
            attempts.succeeded(&ana);
        }
    }
}
