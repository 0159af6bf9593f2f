use std::fmt;
use std::net::IpAddr;

use crate::addresses::is_global;
use crate::{InvalidText, TextProblem, WebAddress};

/// Which addresses the server may send webhooks to: those of the whole internet by https, and what
/// its operator names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WebhookReach {
    /// Names and numbers of machines inside, which may be reached without encryption, too.
    inside: Vec<String>,
}

impl WebhookReach {
    /// The internet, and these machines inside.
    pub fn with_inside(inside: impl IntoIterator<Item = String>) -> Self {
        let plain = |host: String| host.trim_matches(['[', ']']).to_ascii_lowercase();
        Self { inside: inside.into_iter().map(plain).collect() }
    }

    /// Whether the server may connect to this number to reach that machine.
    pub fn allows(&self, host: &str, number: IpAddr) -> bool {
        is_global(number.to_canonical()) || self.is_inside(host)
    }

    /// Whether it may send without encryption.
    pub fn allows_plain(&self, host: &str) -> bool {
        self.is_inside(host)
    }

    fn is_inside(&self, host: &str) -> bool {
        self.inside.iter().any(|known| known == host)
    }
}

/// Where an outgoing webhook is received.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct WebhookAddress(WebAddress);

impl WebhookAddress {
    /// The most bytes of one.
    pub const MAX_BYTES: usize = 1_000;

    /// Reads an address. A name in it is looked at when something is sent; a number is now.
    pub fn parse(text: &str, reach: &WebhookReach) -> Result<Self, InvalidText> {
        let refuse = |problem| InvalidText { field: "url", problem };
        let text = text.trim();
        if text.is_empty() {
            return Err(refuse(TextProblem::Empty));
        }
        if text.len() > Self::MAX_BYTES {
            return Err(refuse(TextProblem::TooLong { max: Self::MAX_BYTES }));
        }
        let form = || refuse(TextProblem::Form { example: "https://hooks.example.org/abc, on the internet" });
        let address = WebAddress::take_apart(text).ok_or_else(form)?;
        let is_encrypted = address.is_secure() || reach.allows_plain(address.host());
        if !is_encrypted || address.number().is_some_and(|number| !reach.allows(address.host(), number)) {
            return Err(form());
        }
        Ok(Self(address))
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
}

impl fmt::Debug for WebhookAddress {
    /// The path may be what lets one write there: it is left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WebhookAddress({}/…)", self.0.origin())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t21_a_receiver_is_on_the_internet_and_reached_by_https() {
        let world = WebhookReach::default();
        let parse = |text: &str| WebhookAddress::parse(text, &world);
        assert_eq!(parse(" https://Hooks.example.org/x?y=1 ").unwrap().web().host(), "hooks.example.org");
        for text in [
            "",
            "hooks.example.org",
            "http://hooks.example.org/x",
            "https://127.0.0.1/x",
            "https://10.0.0.1/x",
            "https://[::1]/x",
            "https://169.254.169.254/latest/meta-data",
            "https://user@hooks.example.org/x",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse(&format!("https://hooks.example.org/{}", "x".repeat(1_000))).is_err());
        assert!(!world.allows("hooks.example.org", "10.0.0.1".parse().unwrap()), "a name that leads inside");
        assert!(!world.allows("hooks.example.org", "::ffff:127.0.0.1".parse().unwrap()));
    }

    #[test]
    fn what_the_operator_names_is_reached_inside_and_nothing_else() {
        let reach = WebhookReach::with_inside([
            "Bots.internal".to_owned(),
            "10.0.0.7".to_owned(),
            "[::1]".to_owned(),
        ]);
        let number = "10.0.0.7".parse().unwrap();
        assert!(WebhookAddress::parse("http://bots.internal:9000/x", &reach).is_ok());
        assert!(WebhookAddress::parse("http://10.0.0.7/x", &reach).is_ok());
        assert!(WebhookAddress::parse("http://[::1]:9000/x", &reach).is_ok());
        assert!(reach.allows("bots.internal", number) && reach.allows("10.0.0.7", number));
        assert!(WebhookAddress::parse("http://10.0.0.8/x", &reach).is_err());
        assert!(!reach.allows("other.internal", number));
    }
}
