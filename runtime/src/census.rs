//! How many connections are open, in all and from each network, and who is let in beyond that.
//!
//! A network is what one party usually has: an IPv4 address block of 256, an IPv6 /56. Connections from this machine
//! are not counted by network, so that a proxy on it, which all come through, is not shut out; they count in
//! all.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How many connections may be open at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crowd {
    /// In all. Default: three quarters of the files the process may have open.
    pub most: usize,
    /// From one network. Default: 512.
    pub from_one_network: usize,
    /// Whether those of this machine are counted by network, too. Default: false.
    pub count_loopback: bool,
}

impl Default for Crowd {
    fn default() -> Self {
        let files = crate::open_files::limit();
        Self {
            most: usize::try_from(files / 4 * 3).unwrap_or(usize::MAX),
            from_one_network: 512,
            count_loopback: false,
        }
    }
}

/// The connections that are open.
#[derive(Clone, Debug)]
pub struct Census {
    crowd: Crowd,
    open: Arc<Mutex<Open>>,
}

#[derive(Debug, Default)]
struct Open {
    all: usize,
    networks: HashMap<Network, usize>,
}

/// The first bits of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Network {
    V4([u8; 3]),
    V6(u128),
}

/// A place that is held for as long as a connection is open.
#[derive(Debug)]
pub struct Seat {
    network: Option<Network>,
    open: Arc<Mutex<Open>>,
}

impl Census {
    /// Nobody yet.
    #[must_use]
    pub fn new(crowd: Crowd) -> Self {
        Self {
            crowd,
            open: Arc::default(),
        }
    }

    /// A place for a connection from this address; `None` when there is none left.
    #[must_use]
    pub fn admit(&self, from: IpAddr) -> Option<Seat> {
        let network = network_of(from, self.crowd.count_loopback);
        let mut open = lock(&self.open);
        if open.all >= self.crowd.most {
            return None;
        }
        if let Some(network) = network {
            let there = open.networks.entry(network).or_default();
            if *there >= self.crowd.from_one_network {
                return None;
            }
            *there += 1;
        }
        open.all += 1;
        Some(Seat {
            network,
            open: Arc::clone(&self.open),
        })
    }

    /// How many connections are open.
    #[must_use]
    pub fn open(&self) -> usize {
        lock(&self.open).all
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut open = lock(&self.open);
        open.all -= 1;
        if let Some(network) = self.network
            && let Some(there) = open.networks.get_mut(&network)
        {
            *there -= 1;
            if *there == 0 {
                open.networks.remove(&network);
            }
        }
    }
}

fn network_of(address: IpAddr, count_loopback: bool) -> Option<Network> {
    let address = address.to_canonical();
    if address.is_loopback() && !count_loopback {
        return None;
    }
    Some(match address {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            Network::V4([a, b, c])
        }
        IpAddr::V6(v6) => {
            // The last 72 of its 128 bits are one party's own.
            Network::V6(u128::from(v6) >> 72)
        }
    })
}

fn lock(open: &Mutex<Open>) -> MutexGuard<'_, Open> {
    open.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn census() -> Census {
        Census::new(Crowd {
            most: 3,
            from_one_network: 2,
            count_loopback: false,
        })
    }

    fn from(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn one_network_does_not_take_every_place() {
        let census = census();
        let _first = census.admit(from("198.51.100.1")).unwrap();
        let second = census.admit(from("198.51.100.200")).unwrap();

        assert!(census.admit(from("198.51.100.7")).is_none());
        assert!(census.admit(from("::ffff:198.51.100.7")).is_none());
        assert!(census.admit(from("203.0.113.1")).is_some());
        drop(second);
        assert!(census.admit(from("198.51.100.7")).is_some());
    }

    #[test]
    fn there_are_so_many_places_in_all() {
        let census = census();
        let seats: Vec<_> = (1..=3)
            .map(|n| census.admit(from(&format!("10.0.{n}.1"))).unwrap())
            .collect();

        assert!(census.admit(from("10.0.9.1")).is_none());
        assert_eq!(census.open(), 3);
        drop(seats);
        assert_eq!(census.open(), 0);
        assert!(lock(&census.open).networks.is_empty());
    }

    #[test]
    fn neighbours_of_one_ipv6_network_are_one_party() {
        let census = census();
        let _first = census.admit(from("2001:db8:0:11::1")).unwrap();
        let _second = census.admit(from("2001:db8:0:22::1")).unwrap();

        assert!(census.admit(from("2001:db8:0:33::1")).is_none());
        assert!(census.admit(from("2001:db8:1:33::1")).is_some());
    }

    #[test]
    fn a_proxy_on_this_machine_is_not_shut_out() {
        let census = census();

        let seats: Vec<_> = (0..3).map(|_| census.admit(from("127.0.0.1"))).collect();

        assert!(seats.iter().all(Option::is_some));
    }
}
