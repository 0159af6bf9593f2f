//! What a message is found by: its text, and behind it what its files are called.

use std::borrow::Cow;
use std::iter;
use std::ops::Range;

use super::Snippet;
use crate::Message;

/// The text of a message, and below it the name of each of its files on a line of its own.
pub(super) fn words_of(message: &Message) -> Cow<'_, str> {
    let text = message.body.as_str();
    if message.files.is_empty() {
        return text.into();
    }
    let names = message.files.iter().map(|file| file.name.shown());
    iter::once(text.to_owned()).chain(names).collect::<Vec<_>>().join("\n").into()
}

/// What is shown of a message that was found by its words at these places: a part of its text, or of
/// the name of a file when the text has nothing of it.
pub(super) fn snippet_of(message: &Message, words: &str, found: &[Range<usize>]) -> Snippet {
    let part = part_of(message.body.as_str().len(), words, found);
    let there = found.iter().filter(|place| part.contains(&place.start));
    let there: Vec<_> =
        there.map(|place| place.start - part.start..place.end.min(part.end) - part.start).collect();
    Snippet::of(&words[part], &there)
}

/// The bytes of the text, which is so long, or of one of the names behind it.
fn part_of(text: usize, words: &str, found: &[Range<usize>]) -> Range<usize> {
    let first = found.first().map_or(0, |place| place.start);
    if first < text || text == words.len() {
        return 0..text;
    }
    // The line break behind the text is not part of what was found.
    let first = first.max(text + 1);
    let start = words[..first].rfind('\n').map_or(0, |line_break| line_break + 1);
    let end = words[first..].find('\n').map_or(words.len(), |line_break| first + line_break);
    start..end
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::super::SearchQuery;
    use super::*;
    use crate::{
        Blob, Changes, ClientId, ContentHash, File, FileId, FileName, MediaFacts, MediaType, Mentions,
        MessageBody, MessageId, ObjectId, Timestamp, UserId,
    };

    fn file(name: &str) -> File {
        let nil = Uuid::nil();
        File {
            id: FileId::from_uuid(nil),
            owner: UserId::from_uuid(nil),
            name: FileName::parse(name).unwrap(),
            media_type: MediaType::from_stored("application/pdf".into()),
            blob: Blob {
                object: ObjectId::from_uuid(nil),
                hash: ContentHash([0; 32]),
                bytes: 1,
                pixels: None,
                placeholder: None,
                thumbnails: None,
            },
            media: MediaFacts::default(),
            poster: None,
            created_at: Timestamp::from_millis(0),
        }
    }

    fn snippet(query: &str, text: &str, names: &[&str]) -> Option<(String, Vec<Range<usize>>)> {
        let message = Message {
            id: MessageId::from_uuid(Uuid::nil()),
            client_id: ClientId::from_uuid(Uuid::nil()),
            body: MessageBody::from_stored(text.into()),
            files: names.iter().copied().map(file).collect(),
            reply_to: None,
            forwarded: None,
            thread: None,
            replies: None,
            mentions: Mentions::default(),
            changes: Changes::default(),
        };
        let words = words_of(&message);
        let found = SearchQuery::parse(query).unwrap().matches(&words)?;
        let Snippet { text, highlights } = snippet_of(&message, &words, &found);
        Some((text, highlights))
    }

    #[test]
    fn a_message_is_found_by_its_text_and_by_the_names_of_its_files() {
        let names = ["Plan-2026.pdf", "garden.jpg"];
        let shown = |query| snippet(query, "Look at this", &names).unwrap().0;
        assert_eq!(shown("look"), "Look at this");
        assert_eq!(shown("look garden"), "Look at this");
        assert_eq!(shown("garden"), "garden.jpg");
        assert_eq!(shown("2026 pdf"), "Plan-2026.pdf");
        assert_eq!(shown("garden plan"), "Plan-2026.pdf");
        assert_eq!(shown("has:file"), "Look at this");
        assert_eq!(snippet("-garden look", "Look at this", &names), None);
        assert_eq!(snippet("forest", "Look at this", &names), None);
    }

    #[test]
    fn of_a_message_without_text_a_name_is_shown() {
        assert_eq!(snippet("has:file", "", &["a.pdf", "b.pdf"]), Some(("a.pdf".into(), vec![])));
        let found = snippet("pdf", "", &["a b.pdf", "c.pdf"]);
        assert_eq!(found, Some(("a b.pdf".into(), iter::once(4..7).collect())));
    }

    #[test]
    fn what_was_found_is_marked_where_it_is_shown() {
        let found = snippet("\"this garden\" at", "Look at this", &["garden.jpg"]);
        assert_eq!(found, Some(("Look at this".into(), vec![5..7, 8..12])));
        let found = snippet("tür", "größer", &["größe der Tür.pdf"]);
        assert_eq!(found, Some(("größe der Tür.pdf".into(), iter::once(10..13).collect())));
    }
}
