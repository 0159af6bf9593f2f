use std::fmt;
use std::net::IpAddr;

use crate::addresses::is_global;
use crate::{InvalidText, TextProblem, WebAddress};

/// Which addresses the server may push to. Anybody who is signed in names one, so that without this
/// they could make the server talk to its own network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PushReach {
    /// Those of the whole internet, by https.
    World,
    /// This machine, too, and there by http as well: for tests.
    WorldAndHere,
}

impl PushReach {
    /// Whether the server may connect to this address.
    pub fn allows(self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        is_global(address) || self == Self::WorldAndHere && address.is_loopback()
    }
}

/// Where a browser's maker takes pushes for one browser.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PushEndpoint(WebAddress);

impl PushEndpoint {
    /// The most bytes of one. Those of the browsers have a few hundred.
    pub const MAX_BYTES: usize = 1_000;

    /// Reads an address. A name in it is looked at when something is sent; a number is now.
    pub fn parse(text: &str, reach: PushReach) -> Result<Self, InvalidText> {
        let refuse = |problem| InvalidText { field: "endpoint", problem };
        if text.len() > Self::MAX_BYTES {
            return Err(refuse(TextProblem::TooLong { max: Self::MAX_BYTES }));
        }
        let form = || refuse(TextProblem::Form { example: "https://push.example.org/abc" });
        let endpoint = WebAddress::take_apart(text).ok_or_else(form)?;
        let number = endpoint.number();
        let is_here = number.is_some_and(|address| address.to_canonical().is_loopback());
        let allowed = endpoint.is_secure() || reach == PushReach::WorldAndHere && is_here;
        if !allowed || number.is_some_and(|address| !reach.allows(address)) {
            return Err(form());
        }
        Ok(Self(endpoint))
    }

    /// One that was stored, which was parsed before; `None` when that cannot be.
    pub fn from_stored(text: &str) -> Option<Self> {
        WebAddress::take_apart(text).map(Self)
    }

    /// The address.
    pub fn web(&self) -> &WebAddress {
        &self.0
    }

    /// The whole address.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether it is reached by https.
    pub fn is_secure(&self) -> bool {
        self.0.is_secure()
    }

    /// The machine's name or number, a number without brackets.
    pub fn host(&self) -> &str {
        self.0.host()
    }

    /// The address up to the path: what a push is signed for.
    pub fn origin(&self) -> &str {
        self.0.origin()
    }

    /// The path and the query.
    pub fn path(&self) -> &str {
        self.0.path()
    }
}

impl fmt::Debug for PushEndpoint {
    /// The path is what lets one push: it is left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PushEndpoint({}/…)", self.origin())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn world(text: &str) -> Option<PushEndpoint> {
        PushEndpoint::parse(text, PushReach::World).ok()
    }

    #[test]
    fn an_endpoint_is_taken_apart() {
        let endpoint = world("https://Push.Example.org:8443/send/abc?x=1").unwrap();
        assert_eq!((endpoint.host(), endpoint.web().port()), ("push.example.org", 8443));
        assert_eq!(endpoint.origin(), "https://Push.Example.org:8443");
        assert_eq!(endpoint.path(), "/send/abc?x=1");
        let bare = world("https://push.example.org").unwrap();
        assert_eq!((bare.web().port(), bare.path()), (443, "/"));
        let number = world("https://[2606:4700::1111]/x").unwrap();
        assert_eq!(number.web().number(), Some("2606:4700::1111".parse().unwrap()));
        assert!(!format!("{endpoint:?}").contains("abc"), "the path is a secret");
    }

    #[test]
    fn t21_what_is_no_https_address_of_the_internet_is_refused() {
        for text in [
            "",
            "push.example.org/x",
            "http://push.example.org/x",
            "ftp://push.example.org/x",
            "HTTPS://push.example.org/x",
            "https:///x",
            "https://user@push.example.org/x",
            "https://user:word@push.example.org/x",
            "https://push.example.org:0/x",
            "https://push.example.org:99999/x",
            "https://push.example.org:/x",
            "https://push.example.org\\@evil.example/x",
            "https://push.example.org#/x",
            "https://push.example.org/x y",
            "https://push.example.org/\r\nHost: other",
            "https://push.example.org/ș",
            "https://pușh.example.org/",
            "https://[::1]/x",
            "https://[fe80::1]/x",
            "https://[::ffff:10.0.0.1]/x",
            "https://127.0.0.1/x",
            "https://10.1.2.3/x",
            "https://169.254.169.254/latest/meta-data",
            "https://[push.example.org]/x",
        ] {
            assert_eq!(world(text), None, "{text:?}");
        }
        assert!(world(&format!("https://push.example.org/{}", "x".repeat(1_000))).is_none());
    }

    #[test]
    fn t21_only_addresses_of_the_internet_are_connected_to() {
        for refused in [
            "0.0.0.0",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.8.8.8",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "::10.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:a00:1::",
            "3fff::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            let address: IpAddr = refused.parse().unwrap();
            assert!(!PushReach::World.allows(address), "{refused}");
        }
        for allowed in [
            "1.1.1.1",
            "100.63.0.1",
            "172.32.0.1",
            "198.20.0.1",
            "2606:4700::1111",
            "::ffff:1.1.1.1",
            "64:ff9b::1.1.1.1",
        ] {
            assert!(PushReach::World.allows(allowed.parse().unwrap()), "{allowed}");
        }
    }

    #[test]
    fn for_tests_this_machine_is_reached_and_nothing_else_inside() {
        let here = |text: &str| PushEndpoint::parse(text, PushReach::WorldAndHere).is_ok();
        assert!(here("http://127.0.0.1:8080/x") && here("https://[::1]:8080/x"));
        assert!(!here("http://10.0.0.1/x") && !here("https://10.0.0.1/x") && !here("http://push.example/x"));
        assert!(PushReach::WorldAndHere.allows("127.0.0.1".parse().unwrap()));
        assert!(!PushReach::WorldAndHere.allows("10.0.0.1".parse().unwrap()));
    }
}
