use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

use ipnet::IpNet;

use super::Limits;

/// Who has how many connections.
#[derive(Debug, Clone)]
pub struct Permits {
    counts: Arc<Mutex<Counts>>,
    most: usize,
    most_per_ip: usize,
    uncounted: Arc<[IpNet]>,
}

#[derive(Debug, Default)]
struct Counts {
    all: usize,
    by_ip: HashMap<IpAddr, usize>,
}

/// One connection's place; dropping it gives the place back.
#[derive(Debug)]
pub struct Permit {
    counts: Arc<Mutex<Counts>>,
    ip: Option<IpAddr>,
}

impl Permits {
    /// Nobody is connected yet.
    pub fn new(limits: &Limits) -> Self {
        Self {
            counts: Arc::default(),
            most: limits.connections,
            most_per_ip: limits.connections_per_ip,
            uncounted: limits.uncounted.clone().into(),
        }
    }

    /// A place for a connection from this address, unless all of them, or all of the address,
    /// are taken.
    pub fn take(&self, peer: IpAddr) -> Option<Permit> {
        let ip = self.counted(peer.to_canonical());
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.all >= self.most {
            return None;
        }
        if let Some(ip) = ip {
            let count = counts.by_ip.entry(ip).or_default();
            if *count >= self.most_per_ip {
                return None;
            }
            *count += 1;
        }
        counts.all += 1;
        Some(Permit { counts: Arc::clone(&self.counts), ip })
    }

    /// What an address is counted as: an IPv6 customer has a whole network of 64 bits. Proxies
    /// speak for many clients, and this machine has no reason to exhaust itself.
    fn counted(&self, peer: IpAddr) -> Option<IpAddr> {
        if peer.is_loopback() || self.uncounted.iter().any(|network| network.contains(&peer)) {
            return None;
        }
        Some(match peer {
            IpAddr::V4(_) => peer,
            IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
        })
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.all -= 1;
        if let Some(ip) = self.ip
            && let Some(count) = counts.by_ip.get_mut(&ip)
        {
            *count -= 1;
            if *count == 0 {
                counts.by_ip.remove(&ip);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn permits(connections: usize, connections_per_ip: usize) -> Permits {
        Permits::new(&Limits {
            connections,
            connections_per_ip,
            uncounted: vec!["10.0.0.0/8".parse().unwrap()],
            header_timeout: Duration::ZERO,
            shutdown_timeout: Duration::ZERO,
        })
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn one_address_cannot_take_every_place() {
        let permits = permits(10, 2);
        let _held: Vec<_> = (0..2).map(|_| permits.take(ip("9.9.9.9")).unwrap()).collect();
        assert!(permits.take(ip("9.9.9.9")).is_none());
        assert!(permits.take(ip("::ffff:9.9.9.9")).is_none());
        assert!(permits.take(ip("8.8.8.8")).is_some());
    }

    #[test]
    fn an_ipv6_network_counts_as_one_address() {
        let permits = permits(10, 1);
        let _held = permits.take(ip("2001:db8::1")).unwrap();
        assert!(permits.take(ip("2001:db8::ffff:2")).is_none());
        assert!(permits.take(ip("2001:db8:0:1::1")).is_some());
    }

    #[test]
    fn a_closed_connection_gives_its_place_back() {
        let permits = permits(1, 1);
        let first = permits.take(ip("9.9.9.9")).unwrap();
        assert!(permits.take(ip("8.8.8.8")).is_none());
        drop(first);
        assert!(permits.take(ip("9.9.9.9")).is_some());
        assert!(permits.counts.lock().unwrap().by_ip.is_empty());
    }

    #[test]
    fn proxies_and_this_machine_are_not_counted_by_address() {
        let permits = permits(10, 1);
        let _held: Vec<_> = ["10.1.2.3", "10.1.2.3", "127.0.0.1", "127.0.0.1"]
            .map(|peer| permits.take(ip(peer)).unwrap())
            .into();
    }
}
