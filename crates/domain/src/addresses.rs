//! Addresses that people name and the server connects to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An address of the web, taken apart. Whether the server may connect to it is not said by that.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct WebAddress {
    text: String,
    secure: bool,
    host: String,
    port: u16,
}

impl WebAddress {
    /// Takes an address apart; `None` when it is none, or one that others could read otherwise.
    pub fn take_apart(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let secure = match scheme {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        // A fragment stays in the browser, and `\` is a `/` to some and not to others.
        let is_plain =
            |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'#' | b'\\' | b'"' | b'<' | b'>');
        if !path.bytes().all(is_plain) {
            return None;
        }
        let (host, port) = match authority.strip_prefix('[') {
            Some(inner) => {
                let (host, port) = inner.split_once(']')?;
                host.parse::<Ipv6Addr>().ok()?;
                (host, port)
            }
            None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
        };
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
        let is_host = !host.is_empty() && (host.contains(':') || host.bytes().all(is_name));
        let port = match port.strip_prefix(':') {
            Some(number) => number.parse().ok().filter(|port| *port > 0)?,
            None if port.is_empty() => {
                if secure {
                    443
                } else {
                    80
                }
            }
            None => return None,
        };
        is_host.then(|| Self { text: text.to_owned(), secure, host: host.to_ascii_lowercase(), port })
    }

    /// The whole address.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is reached by https.
    pub fn is_secure(&self) -> bool {
        self.secure
    }

    /// The machine's name or number, a number without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The address up to the path.
    pub fn origin(&self) -> &str {
        let start = self.text.find("://").map_or(0, |at| at + 3);
        let end = self.text[start..].find(['/', '?']).map_or(self.text.len(), |at| start + at);
        &self.text[..end]
    }

    /// The path and the query.
    pub fn path(&self) -> &str {
        match &self.text[self.origin().len()..] {
            "" => "/",
            path => path,
        }
    }

    /// The machine's name with the port, as requests name it.
    pub fn authority(&self) -> &str {
        self.origin().split_once("://").map_or("", |(_, authority)| authority)
    }

    /// The machine's number, if it is named by one.
    pub fn number(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }
}

/// Whether an address is one of the internet's at large. What is not known to be is not.
pub(crate) fn is_global(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_global_v4(address),
        IpAddr::V6(address) => is_global_v6(address),
    }
}

fn is_global_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let shared = a == 100 && b & 0xC0 == 64;
    let for_protocols = (a, b, c) == (192, 0, 0) || (a, b, c) == (192, 88, 99);
    let for_measuring = a == 198 && b & 0xFE == 18;
    !(a == 0
        || a >= 224
        || address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_documentation()
        || shared
        || for_protocols
        || for_measuring)
}

/// Of IPv6 only `2000::/3` is given out so far; and of that not what leads into an IPv4 network, is
/// for protocols, or stands in books. Where a network translates (`64:ff9b::/96`), the address behind
/// it counts.
fn is_global_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    if segments[..6] == [0x64, 0xFF9B, 0, 0, 0, 0] {
        let [.., high, low] = segments;
        return is_global_v4(Ipv4Addr::from(u32::from(high) << 16 | u32::from(low)));
    }
    let [first, second, ..] = segments;
    let for_protocols = first == 0x2001 && second < 0x200;
    let for_books = (first == 0x2001 && second == 0xDB8) || (first == 0x3FFF && second < 0x1000);
    first & 0xE000 == 0x2000 && first != 0x2002 && !for_protocols && !for_books
}
