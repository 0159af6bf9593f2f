//! Under which name a browser saves a file (RFC 6266).

use std::fmt::Write;

/// The value of `Content-Disposition`: `inline` for what may be shown in its place, with the name as it
/// was given (RFC 8187) and, for clients that do not read that, as far as it is plain ASCII.
pub(super) fn disposition(name: &str, is_shown: bool) -> String {
    let kind = if is_shown { "inline" } else { "attachment" };
    format!("{kind}; filename=\"{}\"; filename*=UTF-8''{}", plain(name), encoded(name))
}

/// The name without anything that a header's quoted text or a file system might read in another way, and
/// of a long one the end only, which says what the file is.
fn plain(name: &str) -> String {
    const MOST: usize = 255;
    let skipped = name.chars().count().saturating_sub(MOST);
    name.chars()
        .skip(skipped)
        .map(|character| match character {
            '"' | '\\' | '/' | ':' | '*' | '?' | '<' | '>' | '|' | '%' => '_',
            ' '..='~' => character,
            _ => '_',
        })
        .collect()
}

/// All but RFC 8187's `attr-char` as `%` and two digits.
fn encoded(name: &str) -> String {
    name.bytes().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            text.push(byte.into());
        } else {
            // Writing to a string cannot fail.
            _ = write!(text, "%{byte:02X}");
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use poem::http::HeaderValue;

    use super::*;

    #[test]
    fn a_plain_name_stands_there_twice() {
        assert_eq!(
            disposition("soup at seven.txt", false),
            "attachment; filename=\"soup at seven.txt\"; filename*=UTF-8''soup%20at%20seven.txt"
        );
    }

    #[test]
    fn t14_no_name_breaks_out_of_the_header() {
        for name in [
            "a\"; filename=\"evil.html",
            "a\r\nSet-Cookie: x=1",
            "\0",
            "%22",
            "..\\..\\x",
            "Übung\u{202E}gpj.exe",
        ] {
            let value = disposition(name, true);
            assert!(HeaderValue::from_str(&value).is_ok(), "{value:?}");
            assert_eq!(value.matches('"').count(), 2, "{value}");
            assert!(value.starts_with("inline; filename=\""), "{value}");
        }
        let long = format!("{}.pdf", "n".repeat(4_092));
        let value = disposition(&long, false);
        assert!(
            value.contains(&format!("filename=\"{}.pdf\"", "n".repeat(251)))
                && value.ends_with(&format!("''{long}"))
        );
        assert_eq!(disposition("Ü/1", true), "inline; filename=\"__1\"; filename*=UTF-8''%C3%9C%2F1");
    }
}
