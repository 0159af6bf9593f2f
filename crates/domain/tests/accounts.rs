//! Registration, sign-in and sessions, on a real store.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod common;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use common::{Chat, POLICY, cheap_hasher, form, password};
use mockall::mock;
use mockall::predicate::eq;
use parlor_domain::{
    AccountsPolicy, Ban, BanId, BanReason, Credentials, Event, HashError, IdSource, Password, PasswordHash,
    PasswordHasher, ProfileChange, RefreshError, RegisterError, Registration, RegistrationPolicy, Role,
    SessionEnd, SessionKind, SetupError, SignIn, SignInError, SignedIn, Tokens, Verdict,
};

mock! {
    Hasher {
        fn hash_now(&self) -> Result<PasswordHash, HashError>;
        fn verify_now(&self, exists: bool) -> Result<Verdict, HashError>;
    }
}

/// The mock speaks plainly about what matters here; this turns it into the port.
#[async_trait]
impl PasswordHasher for MockHasher {
    async fn hash(&self, _: &Password) -> Result<PasswordHash, HashError> {
        self.hash_now()
    }

    async fn verify(&self, _: &Password, hash: Option<&PasswordHash>) -> Result<Verdict, HashError> {
        self.verify_now(hash.is_some())
    }
}

fn attempt(login: &str, password: &str) -> SignIn {
    SignIn {
        login: login.into(),
        password: password.into(),
        new_password: None,
        totp: None,
        role: None,
        session: SessionKind::Token.into(),
    }
}

fn tokens(signed_in: &SignedIn) -> Tokens {
    match &signed_in.credentials {
        Credentials::Tokens(tokens) => tokens.clone(),
        Credentials::Cookie(_) => panic!("a token session was asked for"),
    }
}

#[tokio::test]
async fn the_first_admin_is_usr000001_and_there_is_only_one_first() {
    let chat = Chat::new().await;
    assert!(chat.accounts.needs_setup().await.unwrap());
    let admin = chat.accounts.set_up(&form("root"), &SessionKind::Token.into(), None).await.unwrap().user;
    assert_eq!((admin.code.to_string().as_str(), admin.role), ("USR000001", Role::Admin));
    let again = chat.accounts.set_up(&form("other"), &SessionKind::Token.into(), None).await;
    assert!(matches!(again, Err(SetupError::AlreadySetUp)));
}

#[tokio::test]
async fn every_problem_of_a_registration_is_told_at_once() {
    let chat = Chat::new().await;
    let wrong = Registration {
        username: "a".into(),
        name: " ".into(),
        password: Some("short".into()),
        email: Some("nowhere".into()),
        role: None,
        invite: None,
    };
    let Err(RegisterError::Invalid(problems)) =
        chat.accounts.register(&wrong, &SessionKind::Token.into()).await
    else {
        panic!("the registration was taken")
    };
    let fields: Vec<_> = problems.iter().map(|problem| problem.field).collect();
    assert_eq!(fields, ["username", "name", "email", "password"]);
}

#[tokio::test]
async fn t02_nobody_becomes_an_admin_by_asking_for_it() {
    let chat = Chat::new().await;
    let form = Registration { role: Some(Role::Admin), ..form("mallory") };
    let refused = chat.accounts.register(&form, &SessionKind::Token.into()).await;
    assert!(matches!(refused, Err(RegisterError::AdminInviteRequired)));
    assert!(matches!(
        chat.accounts.sign_in(&attempt("mallory", &password("mallory"))).await,
        Err(SignInError::WrongCredentials)
    ));
}

#[tokio::test]
async fn a_username_of_the_form_of_a_user_id_is_refused() {
    let chat = Chat::new().await;
    assert!(matches!(
        chat.accounts.register(&form("usr000001"), &SessionKind::Token.into()).await,
        Err(RegisterError::Invalid(_))
    ));
}

#[tokio::test]
async fn nobody_registers_where_registration_is_closed() {
    let policy = AccountsPolicy { registration: RegistrationPolicy::Closed, ..POLICY };
    let chat = Chat::with(policy, cheap_hasher()).await;
    assert!(matches!(
        chat.accounts.register(&form("ana"), &SessionKind::Token.into()).await,
        Err(RegisterError::Closed)
    ));
}

#[tokio::test]
async fn a_blank_password_is_replaced_by_a_good_one_that_is_told_once() {
    let chat = Chat::new().await;
    let blank = Registration { password: Some("  ".into()), ..form("ana") };
    let made =
        chat.accounts.register(&blank, &SessionKind::Token.into()).await.unwrap().secrets.password.unwrap();
    assert!(chat.accounts.sign_in(&attempt("ana", made.reveal())).await.unwrap().secrets.password.is_none());
}

#[tokio::test]
async fn one_signs_in_with_username_user_id_or_address_in_any_case() {
    let chat = Chat::new().await;
    let with_email = Registration { email: Some("Ana@Example.org".into()), ..form("ana") };
    chat.accounts.register(&with_email, &SessionKind::Token.into()).await.unwrap();
    for login in ["ANA", "usr000001", "ana@EXAMPLE.org"] {
        assert!(
            chat.accounts.sign_in(&attempt(login, &password("ana"))).await.is_ok(),
            "{login} was refused"
        );
    }
}

#[tokio::test]
async fn t06_an_unknown_login_costs_a_comparison_too() {
    let mut hasher = MockHasher::new();
    hasher.expect_verify_now().with(eq(false)).times(1).returning(|_| Ok(Verdict::Mismatch));
    let chat = Chat::with(POLICY, Arc::new(hasher)).await;
    let refused = chat.accounts.sign_in(&attempt("nobody", "any password")).await;
    assert!(matches!(refused, Err(SignInError::WrongCredentials)));
}

#[tokio::test]
async fn a_flooded_hasher_is_told_as_busy_and_makes_no_account() {
    let mut hasher = MockHasher::new();
    hasher.expect_hash_now().returning(|| Err(HashError::Busy));
    let chat = Chat::with(POLICY, Arc::new(hasher)).await;
    let refused = chat.accounts.register(&form("ana"), &SessionKind::Token.into()).await;
    assert!(matches!(refused, Err(RegisterError::Hash(HashError::Busy))));
    assert!(chat.published.take().is_empty());
}

#[tokio::test]
async fn a_ban_is_told_only_to_one_who_knows_the_password() {
    let chat = Chat::new().await;
    let (ana, admin) = (chat.person("ana").await, chat.person("admin").await);
    let until = parlor_domain::Clock::now(&*chat.clock).plus(Duration::from_hours(2));
    let ban = Ban {
        id: BanId::from_uuid(chat.ids.next_id()),
        user: ana.user,
        group: None,
        reason: BanReason::parse("spam").unwrap(),
        issued_by: Some(admin.user),
        issued_at: parlor_domain::Clock::now(&*chat.clock),
        until: Some(until),
        lifted_at: None,
    };
    let mut work = chat.store.begin().await.unwrap();
    work.insert_ban(&ban).await.unwrap();
    work.commit().await.unwrap();

    let guess = chat.accounts.sign_in(&attempt("ana", "a wrong password")).await;
    assert!(matches!(guess, Err(SignInError::WrongCredentials)));
    let known = chat.accounts.sign_in(&attempt("ana", &password("ana"))).await;
    assert!(matches!(known, Err(SignInError::Banned(told)) if *told == ban));
    chat.clock.pass(Duration::from_hours(2));
    assert!(chat.accounts.sign_in(&attempt("ana", &password("ana"))).await.is_ok());
}

#[tokio::test]
async fn a_session_lives_while_it_is_used_and_dies_of_idleness() {
    let chat = Chat::new().await;
    let signed_in = chat.accounts.register(&form("ana"), &SessionKind::Token.into()).await.unwrap();
    for _ in 0..4 {
        chat.clock.pass(Duration::from_mins(20));
        assert!(chat.accounts.by_session(signed_in.session).await.unwrap().is_some());
    }
    chat.clock.pass(Duration::from_mins(30));
    assert!(chat.accounts.by_session(signed_in.session).await.unwrap().is_none());
}

#[tokio::test]
async fn a_session_that_is_over_is_forgotten_a_day_later() {
    let chat = Chat::new().await;
    let over = chat.accounts.register(&form("ana"), &SessionKind::Token.into()).await.unwrap();
    let used = chat.accounts.register(&form("ben"), &SessionKind::Token.into()).await.unwrap();
    let housekeeping = chat.housekeeping();
    for _ in 0..4 * 24 {
        chat.clock.pass(Duration::from_mins(15));
        assert!(chat.accounts.by_session(used.session).await.unwrap().is_some());
    }
    chat.accounts.note_sessions(true).await.unwrap();
    chat.clock.pass(Duration::from_mins(29));
    housekeeping.forget_sessions().await.unwrap();
    assert!(chat.store.session(over.session).await.unwrap().is_some());
    chat.clock.pass(Duration::from_mins(1));
    assert!(!housekeeping.forget_sessions().await.unwrap(), "there are no more");
    assert!(chat.store.session(over.session).await.unwrap().is_none());
    assert!(chat.store.session(used.session).await.unwrap().is_some());
}

#[tokio::test]
async fn what_was_noted_of_a_session_outlives_the_cache() {
    let chat = Chat::new().await;
    let signed_in = chat.accounts.register(&form("ana"), &SessionKind::Token.into()).await.unwrap();
    chat.clock.pass(Duration::from_mins(20));
    assert!(chat.accounts.by_session(signed_in.session).await.unwrap().is_some());
    chat.accounts.note_sessions(true).await.unwrap();
    chat.accounts.forget(signed_in.session);
    chat.clock.pass(Duration::from_mins(20));
    assert!(chat.accounts.by_session(signed_in.session).await.unwrap().is_some());
}

#[tokio::test]
async fn signing_out_ends_the_session_at_once() {
    let chat = Chat::new().await;
    let signed_in = chat.accounts.register(&form("ana"), &SessionKind::Token.into()).await.unwrap();
    let access = tokens(&signed_in).access.token;
    let who = chat.accounts.by_access_token(&access).await.unwrap().unwrap();
    chat.published.take();
    chat.accounts.sign_out(&who).await.unwrap();
    assert_eq!(chat.accounts.by_access_token(&access).await.unwrap(), None);
    let ended =
        Event::SessionEnded { session: who.session, user: who.actor.user, reason: SessionEnd::SignedOut };
    assert_eq!(chat.published.take(), [ended]);
}

#[tokio::test]
async fn a_cookie_proves_its_session_and_nothing_else_does() {
    let chat = Chat::new().await;
    let signed_in = chat.accounts.register(&form("ana"), &SessionKind::Cookie.into()).await.unwrap();
    let Credentials::Cookie(secret) = &signed_in.credentials else {
        panic!("a cookie session was asked for")
    };
    let found = chat.accounts.by_cookie(secret).await.unwrap().unwrap();
    assert_eq!(found.session, signed_in.session);
    assert_eq!(chat.accounts.by_cookie(secret).await.unwrap(), Some(found));
    assert_eq!(chat.accounts.by_cookie("another secret").await.unwrap(), None);
}

#[tokio::test]
async fn t23_a_refresh_token_may_be_presented_again_when_the_answer_was_lost() {
    let chat = Chat::new().await;
    let first =
        tokens(&chat.accounts.register(&form("ana"), &SessionKind::Token.into()).await.unwrap()).refresh;
    let lost = chat.accounts.refresh(&first).await.unwrap().tokens.refresh;
    let second = chat.accounts.refresh(&first).await.unwrap().tokens.refresh;
    // The answer that was lost is worthless, and whoever found it ends the session.
    assert!(matches!(chat.accounts.refresh(&lost).await, Err(RefreshError::Invalid)));
    assert!(matches!(chat.accounts.refresh(&second).await, Err(RefreshError::Invalid)));
}

#[tokio::test]
async fn t23_a_refresh_token_used_after_its_successor_ends_the_session() {
    let chat = Chat::new().await;
    let signed_in = chat.accounts.register(&form("ana"), &SessionKind::Token.into()).await.unwrap();
    let first = tokens(&signed_in).refresh;
    let second = chat.accounts.refresh(&first).await.unwrap().tokens;
    let third = chat.accounts.refresh(&second.refresh).await.unwrap().tokens;
    assert!(matches!(chat.accounts.refresh(&first).await, Err(RefreshError::Invalid)));
    assert!(matches!(chat.accounts.refresh(&third.refresh).await, Err(RefreshError::Invalid)));
    assert_eq!(chat.accounts.by_access_token(&third.access.token).await.unwrap(), None);
}

#[tokio::test]
async fn a_profile_change_is_told_and_checked_as_a_whole() {
    let chat = Chat::new().await;
    let ana = chat.person("ana").await;
    chat.published.take();
    let change = ProfileChange {
        name: Some("Ana Pop".into()),
        email: Some("not an address".into()),
        ..ProfileChange::default()
    };
    assert!(chat.accounts.change_profile(&ana, &change).await.is_err());
    assert_eq!(chat.accounts.me(&ana).await.unwrap().name.as_str(), "ana");
    let change = ProfileChange { email: Some("ana@example.org".into()), ..change };
    let changed = chat.accounts.change_profile(&ana, &change).await.unwrap();
    assert_eq!(changed.name.as_str(), "Ana Pop");
    assert_eq!(chat.published.take(), [Event::UserChanged(Arc::new(changed))]);
}
