//! Secrets do not travel in addresses.

use poem::{Endpoint, Middleware, Request, Result};

use crate::problem::Problem;

/// Names under which clients of other servers send secrets, in lower case without `-` and `_`.
const SECRET_NAMES: [&str; 11] = [
    "token",
    "accesstoken",
    "refreshtoken",
    "authtoken",
    "apikey",
    "password",
    "secret",
    "session",
    "sessionid",
    "authorization",
    "jwt",
];

/// The layer that refuses a query with a secret in it.
///
/// An address ends in logs, histories and `Referer` headers. Refusing it at once lets a
/// developer notice before the secret is in all three.
pub struct NoQuerySecrets;

impl<E: Endpoint> Middleware<E> for NoQuerySecrets {
    type Output = NoQuerySecretsEndpoint<E>;

    fn transform(&self, inner: E) -> Self::Output {
        NoQuerySecretsEndpoint { inner }
    }
}

/// See [`NoQuerySecrets`].
pub struct NoQuerySecretsEndpoint<E> {
    inner: E,
}

impl<E: Endpoint> Endpoint for NoQuerySecretsEndpoint<E> {
    type Output = E::Output;

    async fn call(&self, request: Request) -> Result<E::Output> {
        if request.uri().query().is_some_and(has_secret) {
            return Err(Problem::invalid_request(
                "Secrets do not belong in the address. Send the token in the Authorization header \
                 or in the stream's first frame, and replace it, because addresses are logged.",
            )
            .into());
        }
        self.inner.call(request).await
    }
}

fn has_secret(query: &str) -> bool {
    query.split('&').filter_map(|pair| pair.split('=').next()).any(|name| {
        let plain: String = name.chars().filter(|c| !matches!(c, '-' | '_')).collect();
        SECRET_NAMES.contains(&plain.to_ascii_lowercase().as_str())
    })
}

#[cfg(test)]
mod tests {
    use poem::http::StatusCode;
    use poem::test::TestClient;
    use poem::{EndpointExt, handler};

    use super::*;

    #[handler]
    fn hello() -> &'static str {
        "hello"
    }

    #[tokio::test]
    async fn a_token_in_the_query_is_refused() {
        let client = TestClient::new(hello.with(NoQuerySecrets));
        for query in ["token=x", "a=1&access_token=x", "api-key=x", "Api_Key=x", "token"] {
            client.get(format!("/?{query}")).send().await.assert_status(StatusCode::BAD_REQUEST);
        }
    }

    #[tokio::test]
    async fn other_queries_pass() {
        let client = TestClient::new(hello.with(NoQuerySecrets));
        for query in ["search=token", "limit=5&after=abc", ""] {
            client.get(format!("/?{query}")).send().await.assert_status_is_ok();
        }
    }
}
