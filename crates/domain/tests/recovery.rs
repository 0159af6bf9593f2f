//! Passwords that are changed or lost, and where somebody is signed in.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod common;

use std::time::Duration;

use common::{Chat, form, password};
use parlor_domain::{
    Actor, Authenticated, Credentials, Event, Grant, PasswordError, Recovery, RecoveryError, SessionEnd,
    SessionKind, SignIn, SignedIn,
};

const NEW: &str = "another long password";

fn sign_in(login: &str, password: &str, kind: SessionKind) -> SignIn {
    SignIn {
        login: login.into(),
        password: password.into(),
        new_password: None,
        totp: None,
        role: None,
        session: kind.into(),
    }
}

fn recovery(login: &str, code: &str) -> Recovery {
    Recovery { login: login.into(), code: code.into(), new_password: NEW.into(), address: None }
}

fn authenticated(signed_in: &SignedIn) -> Authenticated {
    let actor = Actor { user: signed_in.user.id, role: signed_in.user.role };
    Authenticated { actor, session: signed_in.session, grant: Grant::Everything }
}

fn secret(credentials: &Credentials) -> String {
    match credentials {
        Credentials::Cookie(secret) => secret.clone(),
        Credentials::Tokens(tokens) => tokens.refresh.clone(),
    }
}

async fn ana(chat: &Chat, kind: SessionKind) -> SignedIn {
    chat.accounts.register(&form("ana"), &kind.into()).await.unwrap()
}

#[tokio::test]
async fn t03_a_recovery_code_gives_the_account_back_once_and_ends_every_session() {
    let chat = Chat::new().await;
    let ana = ana(&chat, SessionKind::Token).await;
    let codes = &ana.secrets.recovery_codes;
    assert_eq!(codes.len(), 10);
    let code = codes[3].to_string().to_lowercase();
    chat.published.take();
    let user = chat.accounts.recover(&recovery(&ana.user.code.to_string(), &code)).await.unwrap();
    assert_eq!(user.username.as_str(), "ana");
    assert!(chat.accounts.by_session(ana.session).await.unwrap().is_none());
    let ended = Event::SessionEnded { session: ana.session, user: user.id, reason: SessionEnd::SignedOut };
    assert_eq!(chat.published.take(), [ended]);
    assert!(chat.accounts.sign_in(&sign_in("ana", &password("ana"), SessionKind::Token)).await.is_err());
    chat.accounts.sign_in(&sign_in("ana", NEW, SessionKind::Token)).await.unwrap();
    let again = chat.accounts.recover(&recovery("ana", &code)).await;
    assert!(matches!(again, Err(RecoveryError::Failed)));
    assert_eq!(chat.accounts.count_recovery_codes(user.id).await.unwrap(), 9);
}

#[tokio::test]
async fn t03_nobody_gets_an_account_back_without_a_code_of_its_own() {
    let chat = Chat::new().await;
    let ana = ana(&chat, SessionKind::Token).await;
    let ben = chat.accounts.register(&form("ben"), &SessionKind::Token.into()).await.unwrap();
    let bens = ben.secrets.recovery_codes[0].to_string();
    for (login, code) in [("ana", &*bens), ("ana", ""), ("nobody", &bens), ("", &bens), ("ana", "USR000001")]
    {
        let refused = chat.accounts.recover(&recovery(login, code)).await;
        assert!(matches!(refused, Err(RecoveryError::Failed)), "{login} {code}");
    }
    let short = Recovery { new_password: "short".into(), ..recovery("ben", &bens) };
    let refused = chat.accounts.recover(&short).await;
    assert!(matches!(refused, Err(RecoveryError::Invalid(problem)) if problem.field == "new_password"));
    assert!(chat.accounts.by_session(ana.session).await.unwrap().is_some());
    chat.accounts.recover(&recovery("ben", &bens)).await.unwrap();
}

#[tokio::test]
async fn new_recovery_codes_replace_the_old_ones_and_take_the_password() {
    let chat = Chat::new().await;
    let ana = ana(&chat, SessionKind::Cookie).await;
    let who = authenticated(&ana);
    chat.clock.pass(Duration::from_mins(10));
    let refused = chat.accounts.renew_recovery_codes(&who, None).await;
    assert!(matches!(refused, Err(RecoveryError::Unconfirmed)));
    let wrong = chat.accounts.confirm(&who, "not the password").await;
    assert!(matches!(wrong, Err(PasswordError::Wrong)));
    chat.accounts.confirm(&who, &password("ana")).await.unwrap();
    let codes = chat.accounts.renew_recovery_codes(&who, None).await.unwrap();
    let old = ana.secrets.recovery_codes[0].to_string();
    assert!(matches!(chat.accounts.recover(&recovery("ana", &old)).await, Err(RecoveryError::Failed)));
    chat.accounts.recover(&recovery("ana", &codes[0].to_string())).await.unwrap();
}

#[tokio::test]
async fn t24_a_password_that_is_given_again_or_changed_makes_a_new_cookie() {
    let chat = Chat::new().await;
    let ana = ana(&chat, SessionKind::Cookie).await;
    let who = authenticated(&ana);
    let first = secret(&ana.credentials);
    let second = secret(&chat.accounts.confirm(&who, &password("ana")).await.unwrap().credentials);
    let changed = chat.accounts.change_password(&who, Some(&password("ana")), NEW, None).await.unwrap();
    let third = secret(&changed.credentials);
    for (cookie, is_good) in [(&first, false), (&second, false), (&third, true)] {
        assert_eq!(chat.accounts.by_cookie(cookie).await.unwrap().is_some(), is_good);
    }
}

#[tokio::test]
async fn a_changed_password_ends_the_other_sessions_and_not_this_one() {
    let chat = Chat::new().await;
    let here = ana(&chat, SessionKind::Token).await;
    let attempt = sign_in("ana", &password("ana"), SessionKind::Token);
    let there = chat.accounts.sign_in(&attempt).await.unwrap();
    let who = authenticated(&here);
    let wrong = chat.accounts.change_password(&who, Some("not the password"), NEW, None).await;
    assert!(matches!(wrong, Err(PasswordError::Wrong)));
    let short = chat.accounts.change_password(&who, Some(&password("ana")), "short", None).await;
    assert!(matches!(short, Err(PasswordError::Invalid(problem)) if problem.field == "new_password"));
    let renewed = chat.accounts.change_password(&who, Some(&password("ana")), NEW, None).await.unwrap();
    assert!(chat.accounts.by_session(here.session).await.unwrap().is_some());
    assert!(chat.accounts.by_session(there.session).await.unwrap().is_none());
    assert!(chat.accounts.sign_in(&attempt).await.is_err());
    assert!(chat.accounts.refresh(&secret(&here.credentials)).await.is_err());
    chat.accounts.refresh(&secret(&renewed.credentials)).await.unwrap();
}

#[tokio::test]
async fn t24_one_sees_ones_sessions_and_ends_them() {
    let chat = Chat::new().await;
    let here = ana(&chat, SessionKind::Cookie).await;
    let attempt = sign_in("ana", &password("ana"), SessionKind::Cookie);
    let [there, elsewhere] =
        [chat.accounts.sign_in(&attempt).await.unwrap(), chat.accounts.sign_in(&attempt).await.unwrap()];
    let ben = chat.person("ben").await;
    let (who, bens) = (authenticated(&here), chat.store.sessions_of(ben.user).await.unwrap()[0].id);
    chat.clock.pass(Duration::from_mins(1));
    chat.accounts.by_session(there.session).await.unwrap();
    let ids = async || -> Vec<_> {
        chat.accounts.sessions(&who).await.unwrap().iter().map(|session| session.id).collect()
    };
    assert_eq!(ids().await[0], there.session, "the one used last comes first");
    assert_eq!(ids().await.len(), 3);
    assert!(!chat.accounts.end_session(&who, bens).await.unwrap());
    assert!(chat.accounts.end_session(&who, there.session).await.unwrap());
    assert!(chat.accounts.by_session(there.session).await.unwrap().is_none());
    chat.accounts.end_other_sessions(&who).await.unwrap();
    assert_eq!(ids().await, [here.session]);
    assert!(chat.accounts.by_session(elsewhere.session).await.unwrap().is_none());
    assert!(chat.accounts.by_session(bens).await.unwrap().is_some());
    chat.clock.pass(Duration::from_mins(30));
    assert_eq!(ids().await, []);
}
