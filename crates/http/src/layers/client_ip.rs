//! Whom a request comes from, as far as that can be believed.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use ipnet::IpNet;
use poem::http::HeaderMap;
use poem::{Endpoint, FromRequest, Middleware, Request, RequestBody, Result};

/// The client's address: what limits count by and what the audit records.
///
/// It is the peer of the connection, unless that is a trusted proxy; then it is the right-most
/// address in `X-Forwarded-For` that is not one. Everything left of it may be invented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientIp(pub IpAddr);

impl<'a> FromRequest<'a> for ClientIp {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> Result<Self> {
        Ok(Self::of(request))
    }
}

impl ClientIp {
    // Only a test makes a request without a connection.
    const UNKNOWN: Self = Self(IpAddr::V4(Ipv4Addr::UNSPECIFIED));

    /// The client of a request that went through [`ClientIps`].
    pub fn of(request: &Request) -> Self {
        request.data().copied().unwrap_or(Self::UNKNOWN)
    }

    fn find(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> Self {
        let mut client = peer.to_canonical();
        for hop in hops_from_the_right(headers) {
            if !trusted.iter().any(|network| network.contains(&client)) {
                break;
            }
            // A hop that is no address ends the chain: its sender is the last one known.
            let Some(address) = hop else { break };
            client = address;
        }
        Self(client)
    }
}

fn hops_from_the_right(headers: &HeaderMap) -> impl Iterator<Item = Option<IpAddr>> {
    let mut hops: Vec<Option<IpAddr>> = headers
        .get_all("x-forwarded-for")
        .into_iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .map(|hop| std::str::from_utf8(hop).ok().and_then(|hop| address(hop.trim())))
        .collect();
    hops.reverse();
    hops.into_iter()
}

/// Reads `1.2.3.4`, `1.2.3.4:5`, `2001:db8::1` and `[2001:db8::1]:5`.
fn address(text: &str) -> Option<IpAddr> {
    text.parse::<IpAddr>()
        .or_else(|_| text.parse::<SocketAddr>().map(|socket| socket.ip()))
        .ok()
        .map(|address| address.to_canonical())
}

/// The layer that finds the [`ClientIp`] of each request.
pub struct ClientIps {
    trusted: Arc<[IpNet]>,
}

impl ClientIps {
    /// Believes `X-Forwarded-For` only from these networks.
    pub fn new(trusted_proxies: impl IntoIterator<Item = IpNet>) -> Self {
        Self { trusted: trusted_proxies.into_iter().collect() }
    }
}

impl<E: Endpoint> Middleware<E> for ClientIps {
    type Output = ClientIpsEndpoint<E>;

    fn transform(&self, inner: E) -> Self::Output {
        ClientIpsEndpoint { inner, trusted: Arc::clone(&self.trusted) }
    }
}

/// See [`ClientIps`].
pub struct ClientIpsEndpoint<E> {
    inner: E,
    trusted: Arc<[IpNet]>,
}

impl<E: Endpoint> Endpoint for ClientIpsEndpoint<E> {
    type Output = E::Output;

    async fn call(&self, mut request: Request) -> Result<E::Output> {
        let client = match request.remote_addr().as_socket_addr() {
            Some(peer) => ClientIp::find(peer.ip(), request.headers(), &self.trusted),
            None => ClientIp::UNKNOWN,
        };
        request.extensions_mut().insert(client);
        self.inner.call(request).await
    }
}

#[cfg(test)]
mod tests {
    use poem::http::uri::Scheme;
    use poem::web::{LocalAddr, RemoteAddr};
    use poem::{Addr, Body, EndpointExt, RequestParts, handler};

    use super::*;

    #[handler]
    fn echo(client: ClientIp) -> String {
        client.0.to_string()
    }

    async fn client_seen(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let app = echo.with(ClientIps::new(trusted.iter().map(|network| network.parse().unwrap())));
        let mut head = poem::http::Request::builder();
        for value in forwarded {
            head = head.header("X-Forwarded-For", *value).header("X-Real-IP", "6.6.6.6");
        }
        let (parts, ()) = head.body(()).unwrap().into_parts();
        let peer = RemoteAddr(Addr::SocketAddr(SocketAddr::new(peer.parse().unwrap(), 40_000)));
        let parts = RequestParts::from((parts, LocalAddr::default(), peer, Scheme::HTTP));
        let mut response = app.call(Request::from_parts(parts, Body::empty())).await.unwrap();
        response.take_body().into_string().await.unwrap()
    }

    #[tokio::test]
    async fn a_stranger_cannot_choose_an_address() {
        assert_eq!(client_seen("9.9.9.9", &["6.6.6.6"], &["127.0.0.0/8"]).await, "9.9.9.9");
        assert_eq!(client_seen("9.9.9.9", &["6.6.6.6"], &[]).await, "9.9.9.9");
    }

    #[tokio::test]
    async fn behind_a_trusted_proxy_the_right_most_stranger_counts() {
        let trusted = ["127.0.0.0/8", "10.0.0.0/8"];
        assert_eq!(client_seen("127.0.0.1", &["6.6.6.6, 9.9.9.9, 10.0.0.2"], &trusted).await, "9.9.9.9");
        assert_eq!(client_seen("127.0.0.1", &["6.6.6.6", "9.9.9.9:1234"], &trusted).await, "9.9.9.9");
        assert_eq!(client_seen("127.0.0.1", &["[2001:db8::1]:7"], &trusted).await, "2001:db8::1");
    }

    #[tokio::test]
    async fn a_hop_that_is_no_address_ends_the_chain() {
        assert_eq!(client_seen("127.0.0.1", &["6.6.6.6, unknown"], &["127.0.0.0/8"]).await, "127.0.0.1");
    }

    #[tokio::test]
    async fn an_ipv4_address_written_as_ipv6_is_the_same_client() {
        assert_eq!(client_seen("::ffff:9.9.9.9", &[], &[]).await, "9.9.9.9");
    }
}
