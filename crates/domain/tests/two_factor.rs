//! Two-factor sign-in.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod common;

use std::sync::Arc;
use std::time::Duration;

use common::{Chat, POLICY, cheap_hasher, form, password};
use parlor_domain::{
    Accounts, Actor, AdminError, Administrator, AuditAction, AuditFilter, Authenticated, Clock, Denied,
    FactorError, Grant, MessageFate, PageSize, Recovery, Role, SessionKind, SignIn, SignInError, SignedIn,
    Totp, TotpError, TotpState,
};
use parlor_security::{SigningKey, Tokens};

const STEP: Duration = Duration::from_secs(30);
const NEW: &str = "another long password";

/// Somebody with an account and a session.
struct Someone {
    who: Authenticated,
    codes: Vec<String>,
    username: &'static str,
}

impl Someone {
    fn by(&self) -> Administrator {
        Administrator::Person(self.who.clone(), None)
    }
}

/// The app of somebody.
struct App(totp_rs::Totp);

impl App {
    /// The code that it shows so many steps from now.
    fn code(&self, chat: &Chat, steps: i64) -> String {
        let seconds = chat.clock.now().as_millis() / 1_000 + steps * 30;
        self.0.generate(u64::try_from(seconds).unwrap()).to_string()
    }
}

impl Chat {
    async fn someone(&self, username: &'static str) -> Someone {
        let done = self.accounts.register(&form(username), &SessionKind::Token.into()).await.unwrap();
        let codes = done.secrets.recovery_codes.iter().map(ToString::to_string).collect();
        Someone { who: authenticated(&done), codes, username }
    }

    async fn admin(&self, username: &'static str) -> Someone {
        let (_, secrets) = self.accounts.create_admin(&form(username)).await.unwrap();
        let done = self.try_in(username, &password(username), "").await.unwrap();
        let codes = secrets.recovery_codes.iter().map(ToString::to_string).collect();
        Someone { who: authenticated(&done), codes, username }
    }

    async fn try_in(&self, login: &str, password: &str, code: &str) -> Result<SignedIn, SignInError> {
        self.accounts.sign_in(&attempt(login, password, code)).await
    }

    async fn sign_in(&self, someone: &Someone, code: &str) -> Result<SignedIn, SignInError> {
        self.try_in(someone.username, &password(someone.username), code).await
    }

    /// Their app, which the server asks for from now on.
    async fn set_up(&self, someone: &Someone) -> App {
        let uri = self.accounts.begin_totp(&someone.who).await.unwrap();
        let app = App(totp_rs::Totp::from_url(uri).unwrap());
        self.accounts.enable_totp(&someone.who, &app.code(self, 0), None).await.unwrap();
        app
    }

    async fn totp_of(&self, someone: &Someone) -> Option<Totp> {
        self.store.totp(someone.who.actor.user).await.unwrap()
    }

    /// What was done last, the latest first.
    async fn done(&self) -> Vec<AuditAction> {
        let by = Administrator::Operator;
        let page = self.administration.audit(&by, &AuditFilter::default(), None, PageSize::default()).await;
        page.unwrap().items.iter().map(|entry| entry.action).collect()
    }
}

fn authenticated(done: &SignedIn) -> Authenticated {
    let actor = Actor { user: done.user.id, role: done.user.role };
    Authenticated { actor, session: done.session, grant: Grant::Everything }
}

fn attempt(login: &str, password: &str, code: &str) -> SignIn {
    SignIn {
        login: login.into(),
        password: password.into(),
        new_password: None,
        totp: Some(code.into()),
        role: None,
        session: SessionKind::Token.into(),
    }
}

fn is_wrong<T>(outcome: &Result<T, SignInError>) -> bool {
    matches!(outcome, Err(SignInError::Totp(FactorError::Wrong)))
}

#[tokio::test]
async fn nothing_is_asked_for_before_an_app_showed_that_it_has_the_secret() {
    let chat = Chat::new().await;
    let ana = chat.someone("ana").await;
    let none = chat.accounts.enable_totp(&ana.who, "123456", None).await;
    assert!(matches!(none, Err(TotpError::NotBegun)));
    let first = chat.accounts.begin_totp(&ana.who).await.unwrap();
    let second = chat.accounts.begin_totp(&ana.who).await.unwrap();
    let [old, app] = [first, second].map(|uri| App(totp_rs::Totp::from_url(uri).unwrap()));
    chat.sign_in(&ana, "").await.unwrap();
    let wrong = chat.accounts.enable_totp(&ana.who, &old.code(&chat, 0), None).await;
    assert!(matches!(wrong, Err(TotpError::WrongCode)), "a secret that was replaced");
    chat.sign_in(&ana, "").await.unwrap();
    chat.accounts.enable_totp(&ana.who, &app.code(&chat, 0), None).await.unwrap();
    assert!(matches!(chat.sign_in(&ana, " ").await, Err(SignInError::TotpRequired)));
    assert!(matches!(chat.accounts.begin_totp(&ana.who).await, Err(TotpError::AlreadyEnabled)));
    let again = chat.accounts.enable_totp(&ana.who, &app.code(&chat, 1), None).await;
    assert!(matches!(again, Err(TotpError::AlreadyEnabled)));
    assert_eq!(chat.done().await[0], AuditAction::TotpEnabled);
}

#[tokio::test]
async fn a_code_signs_in_once_and_no_older_one_does() {
    let chat = Chat::new().await;
    let ana = chat.someone("ana").await;
    let app = chat.set_up(&ana).await;
    assert!(is_wrong(&chat.sign_in(&ana, &app.code(&chat, 0)).await), "it was used to turn it on");
    let next = app.code(&chat, 1);
    chat.sign_in(&ana, &next).await.unwrap();
    assert!(is_wrong(&chat.sign_in(&ana, &next).await));
    chat.clock.pass(STEP * 4);
    let late = app.code(&chat, -1);
    assert!(is_wrong(&chat.sign_in(&ana, &app.code(&chat, -2)).await));
    assert!(is_wrong(&chat.sign_in(&ana, &app.code(&chat, 2)).await));
    chat.sign_in(&ana, &late).await.unwrap();
    chat.sign_in(&ana, &app.code(&chat, 0)).await.unwrap();
    assert!(is_wrong(&chat.sign_in(&ana, &late).await), "older than the last one");
}

#[tokio::test]
async fn of_many_sign_ins_with_one_code_one_succeeds() {
    let chat = Arc::new(Chat::new().await);
    let ana = chat.someone("ana").await;
    let code = chat.set_up(&ana).await.code(&chat, 1);
    let tries: Vec<_> = (0..8)
        .map(|_| {
            let (chat, attempt) = (chat.clone(), attempt("ana", &password("ana"), &code));
            tokio::spawn(async move { chat.accounts.sign_in(&attempt).await.is_ok() })
        })
        .collect();
    let mut succeeded = 0;
    for one in tries {
        succeeded += u32::from(one.await.unwrap());
    }
    assert_eq!(succeeded, 1);
}

#[tokio::test]
async fn t06_who_does_not_know_the_password_learns_nothing_of_a_second_factor() {
    let chat = Chat::new().await;
    let ana = chat.someone("ana").await;
    let app = chat.set_up(&ana).await;
    for code in ["", "000000", &app.code(&chat, 1), &ana.codes[0]] {
        for login in ["ana", "nobody"] {
            let refused = chat.try_in(login, "not the password", code).await;
            assert!(matches!(refused, Err(SignInError::WrongCredentials)), "{login} {code}");
        }
    }
    assert_eq!(chat.totp_of(&ana).await.unwrap().failures, 0);
    chat.sign_in(&ana, &app.code(&chat, 1)).await.unwrap();
}

#[tokio::test]
async fn a_recovery_code_takes_the_place_of_the_app_once() {
    let chat = Chat::new().await;
    let (ana, ben) = (chat.someone("ana").await, chat.someone("ben").await);
    chat.set_up(&ana).await;
    assert!(is_wrong(&chat.sign_in(&ana, &ben.codes[0]).await), "somebody else's");
    chat.sign_in(&ana, &ana.codes[0].to_lowercase()).await.unwrap();
    assert!(is_wrong(&chat.sign_in(&ana, &ana.codes[0]).await));
    assert_eq!(chat.accounts.count_recovery_codes(ana.who.actor.user).await.unwrap(), 9);
}

#[tokio::test]
async fn t05_after_a_hundred_wrong_codes_only_a_recovery_code_helps() {
    let chat = Chat::new().await;
    let ana = chat.someone("ana").await;
    let app = chat.set_up(&ana).await;
    for _ in 0..Totp::MOST_FAILURES {
        assert!(is_wrong(&chat.sign_in(&ana, &app.code(&chat, 0)).await));
    }
    for code in [app.code(&chat, 1), app.code(&chat, 0)] {
        let refused = chat.sign_in(&ana, &code).await;
        assert!(matches!(refused, Err(SignInError::Totp(FactorError::Unusable))));
    }
    assert_eq!(chat.done().await[0], AuditAction::SignInFailed);
    chat.sign_in(&ana, &ana.codes[0]).await.unwrap();
    assert_eq!(chat.totp_of(&ana).await.unwrap().failures, 0);
    chat.sign_in(&ana, &app.code(&chat, 1)).await.unwrap();
}

#[tokio::test]
async fn t03_getting_an_account_back_leaves_the_second_factor_as_it_is() {
    let chat = Chat::new().await;
    let (root, ana) = (chat.admin("root").await, chat.someone("ana").await);
    let app = chat.set_up(&ana).await;
    let by = root.by();
    let link = chat.administration.reset_link(&by, ana.who.actor.user).await.unwrap();
    chat.accounts.recover_by_link(&link.secret, NEW, None).await.unwrap();
    assert!(matches!(chat.try_in("ana", NEW, "").await, Err(SignInError::TotpRequired)));
    let code = ana.codes[0].clone();
    let recovery =
        Recovery { login: "ana".into(), code, new_password: "yet another one".into(), address: None };
    chat.accounts.recover(&recovery).await.unwrap();
    let password = "yet another one";
    assert!(matches!(chat.try_in("ana", password, "").await, Err(SignInError::TotpRequired)));
    assert!(is_wrong(&chat.try_in("ana", password, &ana.codes[0]).await), "it was used for the password");
    let given = chat.administration.set_temporary_password(&by, ana.who.actor.user, None).await.unwrap();
    let given = given.made.unwrap();
    let mut attempt = attempt("ana", given.reveal(), "");
    attempt.new_password = Some(NEW.into());
    assert!(matches!(chat.accounts.sign_in(&attempt).await, Err(SignInError::TotpRequired)));
    attempt.totp = Some(app.code(&chat, 1));
    chat.accounts.sign_in(&attempt).await.unwrap();
}

#[tokio::test]
async fn turning_it_on_or_off_takes_the_password_and_off_a_code() {
    let chat = Chat::new().await;
    let ana = chat.someone("ana").await;
    chat.clock.pass(Duration::from_mins(10));
    assert!(matches!(chat.accounts.begin_totp(&ana.who).await, Err(TotpError::Unconfirmed)));
    chat.accounts.confirm(&ana.who, &password("ana")).await.unwrap();
    let none = chat.accounts.disable_totp(&ana.who, "123456", None).await;
    assert!(matches!(none, Err(TotpError::NotEnabled)));
    let app = chat.set_up(&ana).await;
    for wrong in ["", "000000", &app.code(&chat, 0)] {
        let refused = chat.accounts.disable_totp(&ana.who, wrong, None).await;
        assert!(matches!(refused, Err(TotpError::Factor(FactorError::Wrong))), "{wrong}");
    }
    assert_eq!(chat.totp_of(&ana).await.unwrap().failures, 3);
    chat.clock.pass(Duration::from_mins(10));
    let refused = chat.accounts.disable_totp(&ana.who, &app.code(&chat, 0), None).await;
    assert!(matches!(refused, Err(TotpError::Unconfirmed)));
    chat.accounts.confirm(&ana.who, &password("ana")).await.unwrap();
    chat.accounts.disable_totp(&ana.who, &app.code(&chat, 0), None).await.unwrap();
    assert_eq!(chat.done().await[0], AuditAction::TotpDisabled);
    chat.sign_in(&ana, "").await.unwrap();
}

#[tokio::test]
async fn an_admin_takes_it_away_from_others_and_a_deleted_account_has_none() {
    let chat = Chat::new().await;
    let (root, ana, ben) = (chat.admin("root").await, chat.someone("ana").await, chat.someone("ben").await);
    let (by, anas) = (root.by(), ana.who.actor.user);
    chat.accounts.begin_totp(&ana.who).await.unwrap();
    let none = chat.administration.remove_totp(&by, anas).await;
    assert!(matches!(none, Err(AdminError::NoTotp)), "it was only begun");
    let app = chat.set_up(&ana).await;
    assert!(chat.administration.account(&by, anas).await.unwrap().totp);
    let theirs = ben.by();
    let denied = chat.administration.remove_totp(&theirs, anas).await;
    assert!(matches!(denied, Err(AdminError::Denied(Denied::Forbidden))));
    let own = chat.administration.remove_totp(&by, root.who.actor.user).await;
    assert!(matches!(own, Err(AdminError::Yourself)));
    chat.clock.pass(Duration::from_mins(10));
    let unconfirmed = chat.administration.remove_totp(&by, anas).await;
    assert!(matches!(unconfirmed, Err(AdminError::Unconfirmed)));
    chat.sign_in(&ana, &app.code(&chat, 0)).await.unwrap();
    chat.accounts.confirm(&root.who, &password("root")).await.unwrap();
    chat.administration.remove_totp(&by, anas).await.unwrap();
    assert_eq!(chat.done().await[0], AuditAction::TotpRemoved);
    chat.sign_in(&ana, "").await.unwrap();

    chat.accounts.confirm(&ana.who, &password("ana")).await.unwrap();
    chat.set_up(&ana).await;
    chat.administration.delete_account(&by, anas, MessageFate::Keep).await.unwrap();
    assert_eq!(chat.totp_of(&ana).await, None);
}

#[tokio::test]
async fn where_admins_need_it_one_without_it_is_a_user_until_they_set_it_up() {
    let chat = Chat::new().await;
    let (root, ben) = (chat.admin("root").await, chat.admin("ben").await);
    let by = root.by();
    let first = chat.administration.set_admins_need_totp(&by, true).await;
    assert!(matches!(first, Err(AdminError::TotpFirst)));
    chat.set_up(&root).await;
    let role = async |someone: &Someone| {
        chat.accounts.by_session(someone.who.session).await.unwrap().unwrap().actor.role
    };
    assert_eq!(role(&ben).await, Role::Admin);
    chat.administration.set_admins_need_totp(&by, true).await.unwrap();
    assert_eq!((role(&root).await, role(&ben).await), (Role::Admin, Role::User));
    let state = chat.accounts.totp_state(ben.who.actor.user).await.unwrap();
    assert_eq!(state, TotpState { enabled: false, required: true });
    // Not even one who was looked up before.
    let late = chat.administration.end_sessions(&ben.by(), root.who.actor.user).await;
    assert!(matches!(late, Err(AdminError::Denied(Denied::Forbidden))));
    let app = chat.set_up(&ben).await;
    assert_eq!(role(&ben).await, Role::Admin);
    chat.accounts.disable_totp(&ben.who, &app.code(&chat, 1), None).await.unwrap();
    assert_eq!(role(&ben).await, Role::User);
    chat.administration.set_admins_need_totp(&by, false).await.unwrap();
    assert_eq!(role(&ben).await, Role::Admin);
    assert_eq!(chat.done().await[0], AuditAction::SettingsChanged);
    let eve = chat.someone("eve").await;
    let state = chat.accounts.totp_state(eve.who.actor.user).await.unwrap();
    assert_eq!(state, TotpState { enabled: false, required: false });
}

#[tokio::test]
async fn t34_with_another_key_the_app_is_unknown_and_a_recovery_code_helps() {
    let chat = Chat::new().await;
    let ana = chat.someone("ana").await;
    let app = chat.set_up(&ana).await;
    let tokens = Arc::new(Tokens::new(&SigningKey::generate(), "test", Duration::from_mins(5)));
    let (clock, ids) = (chat.clock.clone(), chat.ids.clone());
    let restored = Accounts::new(chat.store.clone(), cheap_hasher(), tokens, clock, ids, POLICY);
    let refused = restored.sign_in(&attempt("ana", &password("ana"), &app.code(&chat, 1))).await;
    assert!(matches!(refused, Err(SignInError::Totp(FactorError::Unusable))));
    let done = restored.sign_in(&attempt("ana", &password("ana"), &ana.codes[0])).await.unwrap();
    let who = authenticated(&done);
    restored.disable_totp(&who, &ana.codes[1], None).await.unwrap();
    restored.begin_totp(&who).await.unwrap();
}
