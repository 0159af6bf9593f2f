use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::accounts::registering::parse_username;
use crate::{Email, OidcProfile, Username};

/// The most characters of a username.
const MOST: usize = 32;

/// Numbers that are tried behind a username that is taken.
const NUMBERS: std::ops::RangeInclusive<u32> = 2..=99;

/// Usernames for somebody who comes from a provider: the first of what they are called there that can
/// be made one, then the same with numbers.
pub(super) fn usernames(profile: &OidcProfile) -> impl Iterator<Item = Username> + use<> {
    let email = profile.email.as_ref().map(Email::as_str);
    let names = [profile.username.as_deref(), email, profile.name.as_deref(), Some("user")];
    let base = names.into_iter().flatten().find_map(made_valid);
    base.into_iter().flat_map(|base| {
        let numbered = base.clone();
        let numbers = NUMBERS.filter_map(move |number| with_number(&numbered, number));
        std::iter::once(base).chain(numbers)
    })
}

/// What somebody is called, as a username: without marks over letters, in lower case, with `.` for what
/// is no letter, and of an address what stands before the `@`. Nothing when too little is left.
fn made_valid(name: &str) -> Option<Username> {
    let before = name.split('@').next().unwrap_or_default();
    let letters = before.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase);
    let mut text = String::new();
    for letter in letters {
        match letter {
            'a'..='z' | '0'..='9' | '_' | '-' => text.push(letter),
            _ if text.ends_with('.') => {}
            _ => text.push('.'),
        }
    }
    let text: String = text.trim_matches('.').chars().take(MOST).collect();
    parse_username(text.trim_end_matches('.')).ok()
}

fn with_number(base: &Username, number: u32) -> Option<Username> {
    let number = number.to_string();
    let kept: String = base.as_str().chars().take(MOST - number.len()).collect();
    parse_username(&format!("{kept}{number}")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Identity;

    fn first(username: Option<&str>, email: Option<&str>, name: Option<&str>) -> Vec<String> {
        let profile = OidcProfile {
            identity: Identity { issuer: String::new(), subject: "1".into() },
            username: username.map(str::to_owned),
            name: name.map(str::to_owned),
            email: email.and_then(|email| Email::parse(email).ok()),
            email_verified: false,
            authenticated_at: None,
            admin: None,
        };
        usernames(&profile).take(2).map(|name| name.to_string()).collect()
    }

    #[test]
    fn a_username_is_made_of_what_the_provider_calls_somebody() {
        assert_eq!(first(Some("Ana_Pop"), None, None), ["ana_pop", "ana_pop2"]);
        assert_eq!(first(Some("Ștefan Ionescu"), None, None), ["stefan.ionescu", "stefan.ionescu2"]);
        assert_eq!(first(Some("ana@example.org"), None, None), ["ana", "ana2"]);
        assert_eq!(first(None, Some("ana.pop@example.org"), None), ["ana.pop", "ana.pop2"]);
        assert_eq!(first(Some("李"), None, Some("Li Wei")), ["li.wei", "li.wei2"]);
        assert_eq!(first(Some("李"), None, None), ["user", "user2"]);
    }

    #[test]
    fn it_is_never_one_that_means_something_else_or_is_too_long() {
        assert_eq!(first(Some("USR000001"), None, Some("Ana")), ["ana", "ana2"]);
        assert_eq!(first(Some("all"), None, None), ["user", "user2"]);
        let long = first(Some(&"x".repeat(50)), None, None);
        assert_eq!((long[0].len(), long[1].len()), (32, 32));
        assert!(long[1].ends_with("x2"));
    }
}
