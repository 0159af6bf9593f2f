//! What the frames say. Deliveries are not parsed but searched: quotes inside of texts are
//! escaped, so that a field's name with its quotes stands for nothing else.

use std::fmt::{Display, Write};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use memchr::memmem::Finder;

/// Digits of the time at the beginning of each message.
const STAMP: usize = 20;
/// What fills a message up to 120 bytes.
const FILLING: &str =
    " Shall we meet at the usual place tomorrow? I found the book you were looking for, both parts of it.";

static START: LazyLock<Instant> = LazyLock::new(Instant::now);
static NEXT_MESSAGE: AtomicU64 = AtomicU64::new(1);
static ENTRY: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(br#""type":"entry""#));
static OK: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(br#""type":"ok""#));
static READY: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(br#""type":"ready""#));
static ERROR: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(br#""type":"error""#));
static SEQ: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(br#""seq":"#));
static BODY: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(br#""body":""#));
static CONVERSATION: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(br#""conversation":""#));

/// What a frame is, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Entry,
    Ok,
    Ready,
    Error,
    Other,
}

/// What a frame is.
pub fn kind(text: &[u8]) -> Kind {
    // The server writes the kind first. Wherever it is, it is found, only later.
    let beginning = &text[..text.len().min(32)];
    let kinds = [(&*ENTRY, Kind::Entry), (&*OK, Kind::Ok), (&*READY, Kind::Ready), (&*ERROR, Kind::Error)];
    let within =
        |text: &[u8]| kinds.iter().find(|(finder, _)| finder.find(text).is_some()).map(|(_, kind)| *kind);
    within(beginning).or_else(|| within(text)).unwrap_or(Kind::Other)
}

/// An entry's place in its log.
pub fn seq(text: &[u8]) -> Option<u64> {
    let start = SEQ.find(text)? + SEQ.needle().len();
    let digits = text[start..].iter().take_while(|byte| byte.is_ascii_digit());
    Some(digits.fold(0, |number, digit| number * 10 + u64::from(digit - b'0')))
}

/// The id of the conversation an entry belongs to.
pub fn conversation(text: &[u8]) -> Option<&[u8]> {
    let start = CONVERSATION.find(text)? + CONVERSATION.needle().len();
    text.get(start..start + 36)
}

/// When a message was due, if it is one of ours; to be compared with [`now`].
pub fn stamp(text: &[u8]) -> Option<Duration> {
    let start = BODY.find(text)? + BODY.needle().len();
    let digits = std::str::from_utf8(text.get(start..start + STAMP)?).ok()?;
    digits.parse().ok().map(Duration::from_nanos)
}

/// The time since this process began to measure.
pub fn now() -> Duration {
    START.elapsed()
}

/// A post of 120 bytes, due at this moment.
pub fn post(frame: &mut String, re: u64, conversation: &str, due: Duration) {
    post_text(frame, re, conversation, format_args!("{:020}{FILLING}", due.as_nanos()));
}

/// A post of this text, which needs no escapes.
pub fn post_text(frame: &mut String, re: u64, conversation: &str, text: impl Display) {
    let number = NEXT_MESSAGE.fetch_add(1, Ordering::Relaxed);
    frame.clear();
    // Writing to a string cannot fail.
    _ = write!(
        frame,
        r#"{{"id":{re},"type":"message.send","conversation":"{conversation}","client_id":"{:08x}-0000-4000-8000-{:012x}","body":"{text}"}}"#,
        number >> 48,
        number & 0xffff_ffff_ffff,
    );
}

/// Everything up to these places was received.
pub fn ack<'a>(re: u64, cursors: impl IntoIterator<Item = (&'a str, u64)>) -> String {
    format!(r#"{{"id":{re},"type":"ack","cursors":[{}]}}"#, pairs(cursors))
}

/// Asks for the snapshot, and the stream from these places on.
pub fn hello<'a>(cursors: impl IntoIterator<Item = (&'a str, u64)>, epoch: Option<&str>) -> String {
    let epoch = epoch.map(|epoch| format!(r#""epoch":"{epoch}","#)).unwrap_or_default();
    format!(r#"{{"id":1,"type":"hello",{epoch}"cursors":[{}]}}"#, pairs(cursors))
}

fn pairs<'a>(cursors: impl IntoIterator<Item = (&'a str, u64)>) -> String {
    let pairs: Vec<String> = cursors.into_iter().map(|(id, seq)| format!(r#"["{id}",{seq}]"#)).collect();
    pairs.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "01936c3e-7a00-7000-8000-000000000001";

    #[test]
    fn an_entry_is_recognised_without_parsing() {
        let text = format!(
            r#"{{"type":"entry","conversation":"{ID}","seq":4711,"kind":"message","message":{{"body":"{:020} \"seq\":9"}}}}"#,
            1_500
        );
        let bytes = text.as_bytes();
        assert_eq!(kind(bytes), Kind::Entry);
        assert_eq!(seq(bytes), Some(4_711));
        assert_eq!(conversation(bytes), Some(ID.as_bytes()));
        assert_eq!(stamp(bytes), Some(Duration::from_nanos(1_500)));
    }

    #[test]
    fn the_kind_may_stand_anywhere() {
        let text = format!(r#"{{"conversation":"{ID}","seq":1,"type":"entry"}}"#);
        assert_eq!(kind(text.as_bytes()), Kind::Entry);
        assert_eq!(kind(br#"{"re":3,"type":"ok"}"#), Kind::Ok);
        assert_eq!(kind(br#"{"type":"presence","users":[]}"#), Kind::Other);
    }

    #[test]
    fn a_post_has_120_bytes_and_an_id_of_its_own() {
        let (mut first, mut second) = (String::new(), String::new());
        post(&mut first, 1, ID, Duration::from_secs(1));
        post(&mut second, 1, ID, Duration::from_secs(1));
        assert_ne!(first, second);
        let frame: serde_json::Value = serde_json::from_str(&first).unwrap();
        assert_eq!(frame["body"].as_str().unwrap().len(), 120);
        assert_eq!(frame["client_id"].as_str().unwrap().len(), 36);
        assert_eq!(stamp(first.as_bytes()), Some(Duration::from_secs(1)));
    }
}
