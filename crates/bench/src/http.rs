//! A small HTTP/1.1 client: what it saves is left for the server.

use std::net::SocketAddr;
use std::ops::Range;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The most headers of an answer.
const MAX_HEADERS: usize = 64;

/// One connection, kept alive.
pub struct Client {
    stream: TcpStream,
    address: SocketAddr,
    buffer: Vec<u8>,
}

/// What the server answered.
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

impl Client {
    /// Connects.
    pub async fn connect(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, address, buffer: Vec::with_capacity(64 * 1024) })
    }

    /// Asks for something and waits for the answer.
    pub async fn call(
        &mut self,
        method: &str,
        path: &str,
        token: Option<&str>,
        body: Option<&Value>,
    ) -> Result<Answer> {
        let request = request(self.address, method, path, token, body);
        let (status, body) = self.exchange(&request).await?;
        // A text or nothing is as good as null to those who look into bodies.
        Ok(Answer { status, body: serde_json::from_slice(&self.buffer[body]).unwrap_or(Value::Null) })
    }

    /// Hands in a file and waits for the answer.
    pub async fn upload(&mut self, path: &str, token: &str, file: &[u8]) -> Result<Value> {
        let described =
            format!("content-type: application/octet-stream\r\ncontent-length: {}\r\n", file.len());
        let head = request_head(self.address, "POST", path, Some(token), &described);
        self.stream.write_all(head.as_bytes()).await?;
        let (status, body) = self.exchange(file).await?;
        let body = serde_json::from_slice(&self.buffer[body]).unwrap_or(Value::Null);
        Answer { status, body }.success()
    }

    /// Fetches a file without keeping it; how many bytes it has.
    pub async fn download(&mut self, path: &str, token: &str) -> Result<u64> {
        let request = request(self.address, "GET", path, Some(token), None);
        self.stream.write_all(&request).await?;
        self.buffer.clear();
        let (status, body) = loop {
            let read = self.stream.read_buf(&mut self.buffer).await?;
            ensure!(read > 0, "the server closed the connection");
            if let Some(found) = head(&self.buffer)? {
                break found;
            }
        };
        ensure!(status == 200, "the server answered {status} instead of the file");
        let mut missing = body.end.saturating_sub(self.buffer.len());
        while missing > 0 {
            self.buffer.clear();
            let read = (&mut self.stream).take(missing as u64).read_buf(&mut self.buffer).await?;
            ensure!(read > 0, "the server closed the connection in a file");
            missing -= read;
        }
        Ok(body.len() as u64)
    }

    /// Sends a request made before and reads the answer: its status, and where its body is
    /// in the buffer.
    pub async fn exchange(&mut self, request: &[u8]) -> Result<(u16, Range<usize>)> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        loop {
            let read = self.stream.read_buf(&mut self.buffer).await?;
            ensure!(read > 0, "the server closed the connection");
            if let Some((status, body)) = head(&self.buffer)? {
                while self.buffer.len() < body.end {
                    let read = self.stream.read_buf(&mut self.buffer).await?;
                    ensure!(read > 0, "the server closed the connection in an answer");
                }
                return Ok((status, body));
            }
        }
    }
}

impl Answer {
    /// The body, when the status is one of success.
    pub fn success(self) -> Result<Value> {
        ensure!((200..300).contains(&self.status), "the server answered {}: {}", self.status, self.body);
        Ok(self.body)
    }
}

/// A request, ready to be sent many times.
pub fn request(
    address: SocketAddr,
    method: &str,
    path: &str,
    token: Option<&str>,
    body: Option<&Value>,
) -> Vec<u8> {
    let content = body.map(ToString::to_string).unwrap_or_default();
    let described =
        body.map(|_| format!("content-type: application/json\r\ncontent-length: {}\r\n", content.len()));
    let mut request = request_head(address, method, path, token, &described.unwrap_or_default());
    request.push_str(&content);
    request.into_bytes()
}

fn request_head(
    address: SocketAddr,
    method: &str,
    path: &str,
    token: Option<&str>,
    described: &str,
) -> String {
    let authorization = token.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
    format!("{method} {path} HTTP/1.1\r\nhost: {address}\r\n{authorization}{described}\r\n")
}

/// The status, and where the body is, once the head is complete.
fn head(bytes: &[u8]) -> Result<Option<(u16, Range<usize>)>> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(start) = response.parse(bytes)? else { return Ok(None) };
    let status = response.code.context("an answer without a status")?;
    let length = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-length"));
    let length: usize = match length {
        Some(length) => std::str::from_utf8(length.value)?.parse()?,
        None if status == 204 => 0,
        None => bail!("the answer does not say how long it is"),
    };
    Ok(Some((status, start..start + length)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_says_where_the_body_is() {
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc";
        assert_eq!(head(answer).unwrap(), Some((200, 38..41)));
        assert_eq!(head(&answer[..30]).unwrap(), None);
    }

    #[test]
    fn an_answer_without_content_has_no_length() {
        assert_eq!(head(b"HTTP/1.1 204 No Content\r\n\r\n").unwrap(), Some((204, 27..27)));
    }
}
