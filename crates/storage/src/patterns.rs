//! Searching parts of texts, in any case.

/// What columns for searching hold of a text: databases fold the case of ASCII only, or by a
/// locale, so it is folded before.
pub(crate) fn folded(text: &str) -> String {
    text.to_lowercase()
}

/// What somebody typed or made up, without what no stored text has and PostgreSQL does not take.
pub(crate) fn comparable(text: &str) -> String {
    text.replace('\0', "")
}

/// The pattern for `LIKE … ESCAPE '\'` that finds what was typed, as it is: `%` and `_` mean
/// themselves.
pub(crate) fn pattern(typed: &str) -> String {
    let mut pattern = String::with_capacity(typed.len() + 2);
    pattern.push('%');
    for character in folded(comparable(typed).trim()).chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}
