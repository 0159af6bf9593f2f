//! A query, cut at spaces and quotes.

/// One word, phrase or filter of a query.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Token<'a> {
    /// Whether messages that have it are left out.
    pub(super) excluded: bool,
    /// What stands before a colon, when it looks like a filter.
    name: Option<&'a str>,
    /// The word, the phrase without its quotes, or the filter's value.
    pub(super) text: &'a str,
    /// Whether it stood in quotes.
    pub(super) quoted: bool,
}

impl<'a> Token<'a> {
    /// Name and value, when it is a filter.
    pub(super) fn filter(&self) -> Option<(&'a str, &'a str)> {
        self.name.map(|name| (name, self.text))
    }
}

const QUOTES: [char; 4] = ['"', '“', '”', '„'];

/// The tokens of a query. A quote that is not closed goes on to the end.
pub(super) fn tokens(query: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = query.trim_start();
    while !rest.is_empty() {
        let (token, behind) = next(rest);
        tokens.push(token);
        rest = behind.trim_start();
    }
    tokens
}

fn next(query: &str) -> (Token<'_>, &str) {
    let (excluded, query) = match query.strip_prefix('-') {
        Some(behind) if !behind.starts_with(char::is_whitespace) => (true, behind),
        _ => (false, query),
    };
    let (name, query) = match name(query) {
        Some((name, behind)) => (Some(name), behind),
        None => (None, query),
    };
    if let Some(phrase) = query.strip_prefix(QUOTES) {
        let (text, behind) = phrase.split_once(QUOTES).unwrap_or((phrase, ""));
        return (Token { excluded, name, text, quoted: true }, behind);
    }
    // A quote in the middle of a word begins a phrase of its own.
    let end = query.find(|one: char| one.is_whitespace() || QUOTES.contains(&one)).unwrap_or(query.len());
    let (text, behind) = query.split_at(end);
    (Token { excluded, name, text, quoted: false }, behind)
}

/// The name of a filter, and what stands behind the colon. The beginning of an address is none.
fn name(query: &str) -> Option<(&str, &str)> {
    let (name, behind) = query.split_once(':')?;
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphabetic());
    (is_name && !behind.starts_with("//")).then_some((name, behind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_cut_at_spaces_and_quotes() {
        let cut = |query: &str| -> Vec<String> {
            let show = |token: &Token<'_>| {
                let sign = if token.excluded { "-" } else { "" };
                let name = token.name.map(|name| format!("{name}=")).unwrap_or_default();
                let quote = if token.quoted { "'" } else { "" };
                format!("{sign}{name}{quote}{}{quote}", token.text)
            };
            tokens(query).iter().map(show).collect()
        };
        assert_eq!(cut(" one  two\n-three"), ["one", "two", "-three"]);
        assert_eq!(cut("\"a b\"c -\"d e"), ["'a b'", "c", "-'d e'"]);
        assert_eq!(cut("in:\"my group\" from:ana"), ["in='my group'", "from=ana"]);
        assert_eq!(cut("https://a.b 12:30 - x"), ["https://a.b", "12:30", "-", "x"]);
    }
}
