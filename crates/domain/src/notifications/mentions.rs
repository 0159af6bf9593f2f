use crate::{MessageBody, UserId, Username};

/// Who a message is for in particular.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mentions {
    /// Everybody in the conversation.
    pub all: bool,
    /// These people, in the order in which the text names them.
    pub users: Vec<UserId>,
}

impl Mentions {
    /// Whether it is for nobody in particular.
    pub fn is_empty(&self) -> bool {
        !self.all && self.users.is_empty()
    }

    /// Whether this person is meant.
    pub fn includes(&self, user: UserId) -> bool {
        self.all || self.users.contains(&user)
    }
}

/// What a text names with `@`, before anybody knows who of them is there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    /// Whether it says `@all`.
    pub all: bool,
    /// For each name what it may be: as long as possible first, and then without the dots and dashes
    /// at its end, which may belong to the sentence.
    pub users: Vec<Vec<Username>>,
}

impl Named {
    /// The most people that one message names; further names are plain text.
    pub const MOST: usize = 50;

    /// What mentions everybody. Nobody can have it as a username.
    pub const ALL: &str = "all";

    /// Reads the names in a text. Code, e-mail addresses and the middle of words name nobody.
    pub fn of(body: &MessageBody) -> Self {
        let mut named = Self::default();
        // Most messages have none, and cost no more than this.
        if !body.as_str().contains('@') {
            return named;
        }
        let text = without_code(body.as_str());
        for (at, _) in text.match_indices('@') {
            let Some(word) = name_behind(&text, at) else { continue };
            let trimmed = word.trim_end_matches(['.', '-', '_']);
            if trimmed == Self::ALL {
                named.all = true;
                continue;
            }
            let lengths = (trimmed.len()..=word.len()).rev();
            let users: Vec<_> = lengths.filter_map(|end| Username::parse(&word[..end]).ok()).collect();
            if !users.is_empty() && !named.users.contains(&users) && named.users.len() < Self::MOST {
                named.users.push(users);
            }
        }
        named
    }
}

/// The name that stands behind the `@` at this place, in lower case, if it is one.
fn name_behind(text: &str, at: usize) -> Option<String> {
    let before = text[..at].chars().next_back();
    if before.is_some_and(|c| c.is_alphanumeric() || "_.-/@=&#%+\\".contains(c)) {
        return None;
    }
    let rest = &text[at + 1..];
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
    let goes_on = rest[end..].starts_with(|c: char| c == '@' || c.is_alphanumeric());
    (end > 0 && !goes_on).then(|| rest[..end].to_ascii_lowercase())
}

/// The text with blanks where code is, as Markdown has it: between fences, and between as many
/// backticks as it began with.
fn without_code(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut fence: Option<&str> = None;
    for line in text.split_inclusive('\n') {
        let own = fence_of(line);
        match (fence, own) {
            (None, Some(opened)) => fence = Some(opened),
            (Some(open), Some(closed)) if closed.starts_with(open) && line.trim().len() == closed.len() => {
                fence = None;
            }
            (Some(_), _) => {}
            (None, None) => {
                plain.push_str(line);
                continue;
            }
        }
        plain.push('\n');
    }
    without_spans(&plain)
}

/// The fence that a line begins with: three backticks or tildes at least.
fn fence_of(line: &str) -> Option<&str> {
    let inner = line.trim_start_matches(' ');
    let sign = inner.chars().next().filter(|sign| matches!(sign, '`' | '~'))?;
    let length = inner.len() - inner.trim_start_matches(sign).len();
    let info = &inner[length..];
    let opens = length >= 3 && line.len() - inner.len() < 4 && !(sign == '`' && info.contains('`'));
    opens.then(|| &inner[..length])
}

fn without_spans(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('`') {
        let (before, from) = rest.split_at(start);
        plain.push_str(before);
        let ticks = from.len() - from.trim_start_matches('`').len();
        let (opening, behind) = from.split_at(ticks);
        // A span ends within its paragraph.
        let paragraph = behind.find("\n\n").map_or(behind, |end| &behind[..end]);
        if let Some(end) = closing(paragraph, ticks) {
            plain.push(' ');
            rest = &behind[end..];
        } else {
            plain.push_str(opening);
            rest = behind;
        }
    }
    plain.push_str(rest);
    plain
}

/// Where the first run of exactly so many backticks ends.
fn closing(text: &str, ticks: usize) -> Option<usize> {
    let mut at = 0;
    while let Some(start) = text[at..].find('`') {
        let run = &text[at + start..];
        let length = run.len() - run.trim_start_matches('`').len();
        at += start + length;
        if length == ticks {
            return Some(at);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names in a text, each as long as it may be.
    fn names(text: &str) -> Vec<String> {
        let named = Named::of(&MessageBody::parse(text).unwrap());
        named.users.iter().map(|names| names[0].to_string()).collect()
    }

    #[test]
    fn a_name_behind_an_at_sign_is_a_mention() {
        assert_eq!(names("@ana, @Ben.Pop and (@cleo)!"), ["ana", "ben.pop", "cleo"]);
        assert_eq!(names("**@ana** \"@ben\" >@cleo"), ["ana", "ben", "cleo"]);
        assert_eq!(names("@ana @ana"), ["ana"], "once is enough");
        assert_eq!(names("no names here"), [""; 0]);
    }

    #[test]
    fn what_is_no_mention_names_nobody() {
        for text in [
            "ana@example.org",
            "mail ana.pop@ana",
            "https://example.org/@ana",
            "https://example.org/?q=@ana",
            "@ana@example.org",
            "word@ana",
            "@anaș",
            "ș@ana",
            "@@ana",
            "@",
            "@ab",
            "@ ana",
            r"\@ana",
            &format!("@{}", "a".repeat(33)),
        ] {
            assert_eq!(names(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn code_mentions_nobody() {
        assert_eq!(names("`@ana` @ben ``a ` @ana`` @cleo"), ["ben", "cleo"]);
        assert_eq!(names("```\n@ana\n```\n@ben"), ["ben"]);
        assert_eq!(names("~~~text\n@ana\n~~\n@ana\n~~~\n@ben"), ["ben"]);
        assert_eq!(names("```\n@ana never closed"), [""; 0]);
        assert_eq!(names("one ` tick and @ana"), ["ana"]);
        assert_eq!(names("one ` tick\n\n@ana ` another"), ["ana"], "a span ends with its paragraph");
    }

    #[test]
    fn what_ends_a_sentence_may_belong_to_the_name() {
        let named = Named::of(&MessageBody::parse("Ask @ana.-").unwrap());
        let found: Vec<_> = named.users[0].iter().map(ToString::to_string).collect();
        assert_eq!(found, ["ana.-", "ana.", "ana"]);
    }

    #[test]
    fn all_is_everybody() {
        for text in ["@all", "hello @All!", "@all."] {
            let named = Named::of(&MessageBody::parse(text).unwrap());
            assert!(named.all && named.users.is_empty(), "{text}");
        }
        assert!(!Named::of(&MessageBody::parse("`@all` x@all @allan").unwrap()).all);
    }

    #[test]
    fn so_many_names_and_no_more_are_mentions() {
        let text = (100..160).map(|number| format!("@user{number}")).collect::<Vec<_>>().join(" ");
        assert_eq!(names(&text).len(), Named::MOST);
    }

    proptest::proptest! {
        #[test]
        fn any_text_can_be_read(text in "[@`~a\n .*ș]{1,60}") {
            if let Ok(body) = MessageBody::parse(&text) {
                let named = Named::of(&body);
                proptest::prop_assert!(named.users.iter().all(|names| !names.is_empty()));
            }
        }
    }
}
