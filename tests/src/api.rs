//! The HTTP API, as a program uses it.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::Value;

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as text.
    pub text: String,
    /// The body as JSON; null when it is none.
    pub body: Value,
}

impl Answer {
    /// The body, when the status is the one that was expected.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.body
    }

    /// The problem, when it is the one that was expected and has the form that all have.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Value {
        let problem = self.problem();
        assert_eq!(
            (problem["status"].as_u64(), problem["code"].as_str()),
            (Some(status.into()), Some(code)),
            "{problem}"
        );
        problem
    }

    /// The problem, whichever it is, after a look at its form.
    #[track_caller]
    pub fn problem(self) -> Value {
        let Self { status, headers, text, body } = self;
        assert!(status >= 400, "{status} is no error: {text}");
        let kind = headers.get("content-type").and_then(|value| value.to_str().ok());
        assert_eq!(kind, Some("application/problem+json"), "{status} {text}");
        assert_eq!(body["status"], status, "{text}");
        for field in ["type", "title", "code", "detail", "request_id"] {
            assert!(body[field].as_str().is_some_and(|value| !value.is_empty()), "no {field} in {text}");
        }
        let code = body["code"].as_str().unwrap();
        assert!(
            code.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '_')),
            "{code} is not a stable word"
        );
        assert_eq!(
            headers.get("x-request-id").and_then(|id| id.to_str().ok()),
            body["request_id"].as_str(),
            "{text}"
        );
        for error in body["errors"].as_array().into_iter().flatten() {
            let complete = ["field", "code", "message"].iter().all(|key| error[key].is_string());
            assert!(complete, "{error} has no field, code or message");
        }
        body
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The problem's fields at fault, sorted.
    pub fn fields(problem: &Value) -> Vec<String> {
        let errors = problem["errors"].as_array().into_iter().flatten();
        let mut fields: Vec<String> =
            errors.filter_map(|error| error["field"].as_str()).map(str::to_owned).collect();
        fields.sort_unstable();
        fields
    }
}

/// A way to the server's HTTP API, with the headers that every request gets.
#[derive(Debug, Clone)]
pub struct Api {
    http: reqwest::Client,
    address: SocketAddr,
    headers: Vec<(String, String)>,
}

impl Api {
    /// The API of the server at this address, for somebody who is not signed in.
    pub fn at(address: SocketAddr) -> Self {
        Self { http: client(None), address, headers: Vec::new() }
    }

    /// The same requests from another address of this machine.
    #[must_use]
    pub fn from(&self, local: IpAddr) -> Self {
        Self { http: client(Some(local)), ..self.clone() }
    }

    /// The same requests to another address.
    #[must_use]
    pub fn to(&self, address: SocketAddr) -> Self {
        Self { address, ..self.clone() }
    }

    /// The same with one more header.
    #[must_use]
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut other = self.clone();
        other.headers.push((name.to_owned(), value.to_owned()));
        other
    }

    /// The same with an access token.
    #[must_use]
    pub fn bearer(&self, token: &str) -> Self {
        self.with("authorization", &format!("Bearer {token}"))
    }

    /// Where the requests go.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Reads something of the API.
    pub async fn get(&self, path: &str) -> Answer {
        self.call("GET", &format!("/api/v1{path}"), None).await
    }

    /// Posts to the API.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.call("POST", &format!("/api/v1{path}"), Some(body)).await
    }

    /// Puts something to its place in the API.
    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.call("PUT", &format!("/api/v1{path}"), Some(body)).await
    }

    /// Changes something of the API.
    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.call("PATCH", &format!("/api/v1{path}"), Some(body)).await
    }

    /// Deletes something of the API.
    pub async fn delete(&self, path: &str) -> Answer {
        self.call("DELETE", &format!("/api/v1{path}"), None).await
    }

    /// Any request; the path is the whole one. A null body is none.
    pub async fn call(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        self.try_call(method, path, body).await.unwrap_or_else(|error| panic!("{method} {path}: {error:?}"))
    }

    /// Puts a file to its place in the API.
    pub async fn upload(&self, path: &str, kind: &str, file: impl Into<reqwest::Body>) -> Answer {
        self.upload_by("PUT", path, kind, file).await
    }

    /// The same by a method of the test's own.
    pub async fn upload_by(
        &self,
        method: &str,
        path: &str,
        kind: &str,
        file: impl Into<reqwest::Body>,
    ) -> Answer {
        self.try_upload(method, path, kind, file).await.unwrap()
    }

    /// The same, where the connection may be lost.
    pub async fn try_upload(
        &self,
        method: &str,
        path: &str,
        kind: &str,
        file: impl Into<reqwest::Body>,
    ) -> Result<Answer, reqwest::Error> {
        let request = self.request(method, path).header("content-type", kind).body(file);
        read(request.send().await?).await
    }

    /// Downloads a file; the answer and its bytes.
    pub async fn download(&self, path: &str) -> (u16, HeaderMap, Vec<u8>) {
        let response = self.request("GET", path).send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        (status, headers, response.bytes().await.unwrap().to_vec())
    }

    /// Downloads a part of a file; the answer and its bytes.
    pub async fn download_range(&self, path: &str, range: &str) -> (u16, HeaderMap, Vec<u8>) {
        let response = self.request("GET", path).header("range", range).send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        (status, headers, response.bytes().await.unwrap().to_vec())
    }

    fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let url = format!("http://{}{path}", self.address);
        let request = self.http.request(Method::from_bytes(method.as_bytes()).unwrap(), url);
        self.headers.iter().fold(request, |request, (name, value)| request.header(name, value))
    }

    /// The same, where the connection may be lost.
    pub async fn try_call(
        &self,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> Result<Answer, reqwest::Error> {
        let mut request = self.request(method, path);
        if let Some(body) = body.filter(|body| !body.is_null()) {
            request = request.json(&body);
        }
        read(request.send().await?).await
    }

    /// Every item of a list, page by page; `limit` small makes many pages.
    pub async fn all(&self, path: &str, limit: u32) -> Vec<Value> {
        let (mut items, mut after) = (Vec::new(), String::new());
        let separator = if path.contains('?') { '&' } else { '?' };
        loop {
            let mut page = self.get(&format!("{path}{separator}limit={limit}{after}")).await.expect(200);
            let found = page["items"].as_array_mut().map(std::mem::take).unwrap();
            assert!(found.len() <= limit as usize, "a page of {limit} has {}", found.len());
            items.extend(found);
            assert!(items.len() < 100_000, "the pages of {path} do not end");
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => return items,
            }
        }
    }
}

/// A client whose connections come from this address.
fn client(local: Option<IpAddr>) -> reqwest::Client {
    reqwest::Client::builder()
        .timeout(crate::BOUND)
        // The server closes what is idle for ten seconds; a request must not meet that moment.
        .pool_idle_timeout(Duration::from_secs(5))
        .local_address(local)
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap()
}

async fn read(response: reqwest::Response) -> Result<Answer, reqwest::Error> {
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = response.text().await?;
    let body = serde_json::from_str(&text).unwrap_or_default();
    Ok(Answer { status, headers, text, body })
}
