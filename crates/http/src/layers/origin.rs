//! Web origins: scheme, host and port.

use std::fmt;
use std::str::FromStr;

use poem::http::Uri;

/// A web origin such as `https://chat.example.org`, in the form browsers send it: lower case,
/// without the scheme's own port, without a path.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin(String);

/// The text is not a web origin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an origin; write it like https://chat.example.org or http://192.168.1.5:8080")]
pub struct InvalidOrigin(String);

impl Origin {
    /// The text form.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether browsers reach it through TLS.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }

    /// The name or address of the machine, without brackets or a port.
    pub fn host(&self) -> &str {
        let authority = self.0.split_once("://").map_or("", |(_, authority)| authority);
        match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((address, _)) => address,
            None => authority.split(':').next().unwrap_or(authority),
        }
    }

    /// Whether it names this machine, where plain HTTP can be overheard by nobody else.
    pub fn is_loopback(&self) -> bool {
        ["localhost", "127.0.0.1", "::1"].contains(&self.host())
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for Origin {
    type Err = InvalidOrigin;

    fn from_str(text: &str) -> Result<Self, InvalidOrigin> {
        let invalid = || InvalidOrigin(text.to_owned());
        let lower = text.trim().trim_end_matches('/').to_ascii_lowercase();
        let uri: Uri = lower.parse().map_err(|_| invalid())?;
        let (Some(scheme @ ("http" | "https")), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(invalid());
        };
        let has_user = authority.as_str().contains('@');
        if has_user || authority.host().is_empty() || uri.path() != "/" || uri.query().is_some() {
            return Err(invalid());
        }
        let own_port = if scheme == "https" { 443 } else { 80 };
        let port = match authority.port_u16() {
            Some(port) if port != own_port => format!(":{port}"),
            Some(_) => String::new(),
            None if authority.as_str() == authority.host() => String::new(),
            None => return Err(invalid()),
        };
        Ok(Self(format!("{scheme}://{}{port}", authority.host())))
    }
}

impl<'de> serde::Deserialize<'de> for Origin {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl serde::Serialize for Origin {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_brought_into_the_form_browsers_send() {
        for (text, origin) in [
            ("https://Chat.Example.org/", "https://chat.example.org"),
            ("https://chat.example.org:443", "https://chat.example.org"),
            ("http://192.168.1.5:8080", "http://192.168.1.5:8080"),
            ("http://[::1]:8080", "http://[::1]:8080"),
        ] {
            assert_eq!(text.parse::<Origin>().unwrap().as_str(), origin);
        }
    }

    #[test]
    fn what_is_not_an_origin_is_refused() {
        for text in [
            "",
            "chat.example.org",
            "null",
            "*",
            "ftp://a",
            "https://a/b",
            "https://a?b",
            "https://u@a",
            "https://a:b",
        ] {
            assert!(text.parse::<Origin>().is_err(), "{text}");
        }
    }

    #[test]
    fn only_this_machine_is_loopback() {
        assert!("http://localhost:8080".parse::<Origin>().unwrap().is_loopback());
        assert!("http://[::1]".parse::<Origin>().unwrap().is_loopback());
        assert!(!"http://localhost.example.org".parse::<Origin>().unwrap().is_loopback());
    }
}
