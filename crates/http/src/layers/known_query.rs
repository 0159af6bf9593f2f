//! A query holds what the operation knows, once, and nothing else.

use std::collections::BTreeSet;
use std::sync::Arc;

use poem::http::Method;
use poem::{Endpoint, Middleware, Request, Result};
use serde_json::Value;

use crate::problem::Problem;

/// How many parameters at fault are listed: a whole address full of them would make an answer
/// many times its size.
const LISTED: usize = 8;

/// A longer name than this is not compared with the known ones, which takes the product of both
/// lengths.
const COMPARED: usize = 32;

/// The layer that refuses parameters of the query that an operation does not know, or that are
/// there twice: a misspelt `befor` that is ignored answers another question than was asked.
///
/// What each operation knows is read from the API's description. A request without a query is
/// not looked at, nor is one to an address that the description does not have.
pub struct KnownQuery {
    operations: Arc<[Operation]>,
}

impl KnownQuery {
    /// Knows the operations of an OpenAPI document.
    pub fn of(document: &str) -> Self {
        // The document is made by code; one that is no JSON would be seen by every test.
        let document: Value = serde_json::from_str(document).unwrap_or_default();
        let mut operations = Vec::new();
        for (path, methods) in document["paths"].as_object().into_iter().flatten() {
            for (method, operation) in methods.as_object().into_iter().flatten() {
                operations.extend(Operation::of(path, method, operation));
            }
        }
        // A word in a pattern is stronger than a parameter: `/users/me` is nobody's id.
        operations.sort_by_key(Operation::parameters);
        Self { operations: operations.into() }
    }
}

impl<E: Endpoint> Middleware<E> for KnownQuery {
    type Output = KnownQueryEndpoint<E>;

    fn transform(&self, inner: E) -> Self::Output {
        KnownQueryEndpoint { inner, operations: Arc::clone(&self.operations) }
    }
}

/// See [`KnownQuery`].
pub struct KnownQueryEndpoint<E> {
    inner: E,
    operations: Arc<[Operation]>,
}

impl<E: Endpoint> Endpoint for KnownQueryEndpoint<E> {
    type Output = E::Output;

    async fn call(&self, request: Request) -> Result<E::Output> {
        if request.uri().query().is_some_and(|query| !query.is_empty()) {
            let path = request.uri().path();
            if let Some(operation) = self.operations.iter().find(|one| one.serves(request.method(), path)) {
                operation.check(&request.params::<Vec<(String, String)>>()?)?;
            }
        }
        self.inner.call(request).await
    }
}

/// One operation, and the parameters that its query may have.
struct Operation {
    method: Method,
    /// The path's parts; `None` is a parameter.
    path: Vec<Option<String>>,
    query: Vec<String>,
}

impl Operation {
    fn of(path: &str, method: &str, operation: &Value) -> Option<Self> {
        let method = Method::from_bytes(method.to_ascii_uppercase().as_bytes()).ok()?;
        let part = |part: &str| (!part.starts_with('{')).then(|| part.to_owned());
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let query = parameters.filter(|parameter| parameter["in"] == "query");
        let query = query.filter_map(|parameter| parameter["name"].as_str()).map(str::to_owned).collect();
        Some(Self { method, path: path.split('/').map(part).collect(), query })
    }

    fn parameters(&self) -> usize {
        self.path.iter().filter(|part| part.is_none()).count()
    }

    fn serves(&self, method: &Method, path: &str) -> bool {
        // What can be got can also be asked for without its body.
        let method = if method == Method::HEAD { &Method::GET } else { method };
        let parts = path.split('/');
        self.method == *method
            && parts.clone().count() == self.path.len()
            && self
                .path
                .iter()
                .zip(parts)
                .all(|(known, part)| known.as_deref().is_none_or(|known| known == part))
    }

    fn check(&self, pairs: &[(String, String)]) -> Result<(), Problem> {
        let (mut seen, mut told) = (BTreeSet::new(), BTreeSet::new());
        let mut problem: Option<Problem> = None;
        for (name, _) in pairs {
            let is_first = seen.insert(name);
            let (code, message) = match (self.query.contains(name), is_first) {
                (true, true) => continue,
                (true, false) => ("repeated", format!("Give `{name}` once.")),
                (false, _) => {
                    ("unknown", format!("There is no parameter `{name}` here; {}", self.hint(name)))
                }
            };
            if told.len() < LISTED && told.insert(name) {
                let refusal = problem.unwrap_or_else(|| Problem::invalid_request(message.clone()));
                problem = Some(refusal.with_field(name, code, message));
            }
        }
        problem.map_or(Ok(()), Err)
    }

    /// Which parameters there are, and which of them may have been meant.
    fn hint(&self, name: &str) -> String {
        if self.query.is_empty() {
            return "this operation takes none in its address.".to_owned();
        }
        let known = format!("known are {}.", self.query.join(", "));
        if name.len() > COMPARED {
            return known;
        }
        let distance = |known: &str| strsim::damerau_levenshtein(known, name);
        let nearest = self.query.iter().min_by_key(|known| distance(known));
        match nearest.filter(|nearest| distance(nearest) <= 2 && distance(nearest) < nearest.len()) {
            Some(nearest) => format!("did you mean `{nearest}`? Otherwise, {known}"),
            None => known,
        }
    }
}

#[cfg(test)]
mod tests {
    use poem::http::StatusCode;
    use poem::test::TestClient;
    use poem::{EndpointExt, Route, handler};

    use super::*;

    const DOCUMENT: &str = r#"{"paths": {
        "/api/v1/users/{id}": {
            "get": {"parameters": [{"name": "id", "in": "path"}, {"name": "fields", "in": "query"}]},
            "delete": {"parameters": [{"name": "id", "in": "path"}]}
        },
        "/api/v1/users/me": {"get": {}},
        "/api/v1/users": {"get": {"parameters": [
            {"name": "search", "in": "query"}, {"name": "limit", "in": "query"}, {"name": "X-Id", "in": "header"}
        ]}}
    }}"#;

    #[handler]
    fn hello() -> &'static str {
        "hello"
    }

    fn client() -> TestClient<impl Endpoint> {
        let everything = Route::new().at("/*any", poem::get(hello).delete(hello));
        TestClient::new(Route::new().nest("/", everything.with(KnownQuery::of(DOCUMENT))))
    }

    /// The fields at fault with their codes, and all that is said about them.
    async fn refused(path: &str) -> (Vec<(String, String)>, String) {
        let response = client().get(path).send().await;
        response.assert_status(StatusCode::BAD_REQUEST);
        let body: Value = response.0.into_body().into_json().await.unwrap();
        assert_eq!(body["code"], "invalid_request");
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let errors = body["errors"].as_array().unwrap().iter();
        (errors.map(|error| (text(&error["field"]), text(&error["code"]))).collect(), body.to_string())
    }

    #[tokio::test]
    async fn what_an_operation_knows_passes() {
        for path in [
            "/api/v1/users",
            "/api/v1/users?",
            "/api/v1/users?search=a%20b&limit=5",
            "/api/v1/users?lim%69t=5",
            "/api/v1/users/7?fields=all",
        ] {
            client().get(path).send().await.assert_status_is_ok();
        }
    }

    #[tokio::test]
    async fn an_unknown_parameter_is_named_with_those_that_are_known() {
        let (errors, text) = refused("/api/v1/users?limits=5").await;
        assert_eq!(errors, [("limits".into(), "unknown".into())]);
        assert!(text.contains("did you mean `limit`?") && text.contains("search, limit"), "{text}");
        let (errors, text) = refused("/api/v1/users?colour=red&X-Id=1&limit=1").await;
        assert_eq!(errors.len(), 2, "{text}");
        assert!(!text.contains("did you mean"), "{text}");
        let (_, text) = refused("/api/v1/users/me?fields=all").await;
        assert!(text.contains("takes none"), "{text}");
    }

    #[tokio::test]
    async fn a_parameter_that_is_there_twice_is_refused() {
        let (errors, _) = refused("/api/v1/users?limit=5&search=a&limit=5&limit=6").await;
        assert_eq!(errors, [("limit".into(), "repeated".into())]);
    }

    #[tokio::test]
    async fn each_method_knows_its_own_and_head_is_like_get() {
        let client = client();
        client.delete("/api/v1/users/7?fields=all").send().await.assert_status(StatusCode::BAD_REQUEST);
        client.head("/api/v1/users/7?fields=all").send().await.assert_status_is_ok();
        client.head("/api/v1/users/7?field=all").send().await.assert_status(StatusCode::BAD_REQUEST);
    }

    #[tokio::test]
    async fn what_is_not_described_is_left_alone() {
        for path in ["/?utm=1", "/sign-in?next=x&next=y", "/api/v1/nowhere?x=1", "/api/v1/users/7/8?x=1"] {
            client().get(path).send().await.assert_status_is_ok();
        }
    }

    #[tokio::test]
    async fn an_address_full_of_parameters_makes_a_short_answer() {
        let query = (0..5_000).map(|number| format!("a{number}")).collect::<Vec<_>>().join("&");
        let (errors, _) = refused(&format!("/api/v1/users?{query}")).await;
        assert_eq!(errors.len(), LISTED);
    }

    #[test]
    fn the_description_of_the_api_says_what_its_lists_take() {
        let known = KnownQuery::of(&crate::openapi());
        let path = format!("/api/v1/conversations/{}/messages", uuid::Uuid::nil());
        let messages = known.operations.iter().find(|one| one.serves(&Method::GET, &path)).unwrap();
        assert_eq!(messages.query, ["before", "after", "around", "limit"]);
    }
}
