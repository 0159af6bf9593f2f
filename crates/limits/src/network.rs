use std::net::{IpAddr, Ipv6Addr};

/// Whom an address stands for: an IPv4 address is one customer, and an IPv6 customer has a whole
/// network of 64 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network(IpAddr);

impl Network {
    /// The network of an address.
    pub fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
            address @ IpAddr::V4(_) => address,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(text: &str) -> Network {
        Network::of(text.parse().unwrap())
    }

    #[test]
    fn t05_an_ipv6_customer_is_one_whatever_address_they_choose() {
        assert_eq!(network("2001:db8::1"), network("2001:db8::ffff:2"));
        assert_ne!(network("2001:db8::1"), network("2001:db8:0:1::1"));
        assert_ne!(network("9.9.9.9"), network("9.9.9.8"));
        assert_eq!(network("::ffff:9.9.9.9"), network("9.9.9.9"));
    }
}
