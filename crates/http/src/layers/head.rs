//! Requests for nothing but the head of an answer.

use poem::http::{Method, header};
use poem::{Endpoint, Middleware, Request, Result};

/// That a request is for nothing but the head of the answer. The routes do not see it by its method: they
/// take a `HEAD` for a `GET`, and throw the body away.
#[derive(Debug, Clone, Copy)]
struct ForHead;

/// Whether a request is for nothing but the head of the answer.
pub(crate) fn is_for_head(request: &Request) -> bool {
    request.data::<ForHead>().is_some()
}

/// The layer that marks such requests. They are for all of it: `Range` belongs to `GET` alone (RFC 9110,
/// 14.2).
pub struct Head;

impl<E: Endpoint> Middleware<E> for Head {
    type Output = HeadEndpoint<E>;

    fn transform(&self, inner: E) -> Self::Output {
        HeadEndpoint { inner }
    }
}

/// See [`Head`].
pub struct HeadEndpoint<E> {
    inner: E,
}

impl<E: Endpoint> Endpoint for HeadEndpoint<E> {
    type Output = E::Output;

    async fn call(&self, mut request: Request) -> Result<E::Output> {
        if request.method() == Method::HEAD {
            request.headers_mut().remove(header::RANGE);
            request.set_data(ForHead);
        }
        self.inner.call(request).await
    }
}
