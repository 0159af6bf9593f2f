//! The shape in which programs send messages to Slack, as far as it has text.

use serde::Deserialize;

/// What is sent. Fields that are about looks are passed over.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Message {
    text: String,
    blocks: Vec<Block>,
    attachments: Vec<Attachment>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Block {
    text: Option<Text>,
    fields: Vec<Text>,
    elements: Vec<Element>,
}

/// A text by itself, or in an object.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Text {
    Plain(String),
    Object { text: String },
}

/// Part of a line of small print; pictures and buttons have no text of their own.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Element {
    text: Option<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Attachment {
    pretext: String,
    title: String,
    title_link: String,
    text: String,
    fallback: String,
    fields: Vec<Field>,
    blocks: Vec<Block>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Field {
    title: String,
    value: String,
}

impl Message {
    /// The message in Markdown: the blocks, or the text when there are none, and the attachments.
    pub(super) fn text(&self) -> String {
        let mut lines: Vec<String> = self.blocks.iter().flat_map(Block::lines).collect();
        if lines.is_empty() {
            lines.push(markdown(&self.text));
        }
        lines.extend(self.attachments.iter().flat_map(Attachment::lines));
        lines.retain(|line| !line.trim().is_empty());
        lines.join("\n")
    }
}

impl Block {
    fn lines(&self) -> Vec<String> {
        let small: Vec<String> =
            self.elements.iter().filter_map(|one| one.text.as_ref()).map(Text::markdown).collect();
        let texts = self.text.iter().chain(&self.fields).map(Text::markdown);
        texts.chain([small.join(" ")]).collect()
    }
}

impl Text {
    fn markdown(&self) -> String {
        match self {
            Self::Plain(text) | Self::Object { text } => markdown(text),
        }
    }
}

impl Attachment {
    fn lines(&self) -> Vec<String> {
        let title = match (self.title.is_empty(), self.title_link.is_empty()) {
            (true, _) => String::new(),
            (false, true) => format!("**{}**", markdown(&self.title)),
            (false, false) => format!("[{}]({})", markdown(&self.title), self.title_link),
        };
        let fields = self.fields.iter().map(|field| {
            let value = markdown(&field.value);
            if field.title.is_empty() { value } else { format!("{}: {value}", markdown(&field.title)) }
        });
        let mut lines = vec![markdown(&self.pretext), title, markdown(&self.text)];
        lines.extend(fields.chain(self.blocks.iter().flat_map(Block::lines)));
        if lines.iter().all(|line| line.trim().is_empty()) {
            lines.push(markdown(&self.fallback));
        }
        lines
    }
}

/// Slack's marks as Markdown: `<address|words>`, `*bold*`, `~struck~` and three escaped signs.
fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        out += &emphasis(before);
        match after.split_once('>') {
            Some((link, after)) if !link.contains('\n') => {
                out += &reference(link);
                rest = after;
            }
            _ => {
                out.push('<');
                rest = after;
            }
        }
    }
    out += &emphasis(rest);
    out
}

/// What stands between angle brackets: a link, or somebody who is mentioned in Slack.
fn reference(link: &str) -> String {
    let (target, words) = link.split_once('|').map_or((link, None), |(target, words)| (target, Some(words)));
    match (target.chars().next(), words) {
        // Nobody here has Slack's ids, and a program mentions nobody by accident.
        (Some('!' | '@' | '#'), words) => unescaped(words.unwrap_or(&target[1..])),
        (_, Some(words)) => format!("[{}]({target})", unescaped(words)),
        (_, None) => target.to_owned(),
    }
}

/// Doubles the signs that Markdown has twice, where a word begins or ends with them.
fn emphasis(text: &str) -> String {
    let signs: Vec<char> = text.chars().collect();
    let is_word = |place: Option<usize>| {
        place.and_then(|place| signs.get(place)).is_some_and(|sign| sign.is_alphanumeric())
    };
    let is_space = |place: Option<usize>| {
        place.and_then(|place| signs.get(place)).is_none_or(|sign| sign.is_whitespace())
    };
    let mut out = String::with_capacity(text.len());
    for (place, &sign) in signs.iter().enumerate() {
        out.push(sign);
        let (before, after) = (place.checked_sub(1), Some(place + 1));
        let opens = !is_word(before) && !is_space(after);
        let closes = !is_space(before) && !is_word(after);
        if matches!(sign, '*' | '~') && opens != closes {
            out.push(sign);
        }
    }
    unescaped(&out)
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(json: serde_json::Value) -> String {
        serde_json::from_value::<Message>(json).unwrap().text()
    }

    #[test]
    fn marks_become_markdown() {
        assert_eq!(
            markdown("*Build* <https://ci.example.org/7|#7> ~failed~"),
            "**Build** [#7](https://ci.example.org/7) ~~failed~~"
        );
        assert_eq!(
            markdown("<https://example.org> 2 &lt; 3 &amp;&amp; a * b"),
            "https://example.org 2 < 3 && a * b"
        );
        assert_eq!(markdown("<!here> <@U1|ana> a < b"), "here ana a < b");
    }

    #[test]
    fn blocks_stand_for_the_text_and_attachments_come_behind() {
        let message = serde_json::json!({
            "text": "fallback", "username": "ci", "icon_emoji": ":robot_face:",
            "blocks": [
                {"type": "header", "text": {"type": "plain_text", "text": "Deployed"}},
                {"type": "divider"},
                {"type": "section", "text": {"type": "mrkdwn", "text": "*v2* is out"}, "fields": [{"type": "mrkdwn", "text": "host: a"}]},
                {"type": "context", "elements": [{"type": "image", "image_url": "x"}, {"type": "mrkdwn", "text": "by ci"}]},
            ],
            "attachments": [{"color": "#f00", "title": "Log", "title_link": "https://e.org/l", "fields": [{"title": "Took", "value": "3 s", "short": true}]}],
        });
        assert_eq!(
            said(message),
            "Deployed\n**v2** is out\nhost: a\nby ci\n[Log](https://e.org/l)\nTook: 3 s"
        );
    }

    #[test]
    fn a_text_by_itself_is_the_message_and_a_fallback_better_than_nothing() {
        assert_eq!(said(serde_json::json!({"text": "Hello\nthere"})), "Hello\nthere");
        assert_eq!(said(serde_json::json!({"attachments": [{"fallback": "It broke"}]})), "It broke");
        assert_eq!(said(serde_json::json!({})), "");
    }
}
