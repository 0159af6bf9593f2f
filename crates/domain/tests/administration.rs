//! What admins do, and what they cannot do.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod common;

use std::time::Duration;

use common::{Chat, form, password};
use parlor_domain::{
    Actor, AdminError, Administrator, AuditAction, AuditFilter, AuditTarget, Authenticated, BanReason, Grant,
    NotificationKind, PageSize, ProfileChange, RecoveryError, Role, SessionKind, SignIn, SignInError,
    SignedIn, User,
};

impl Chat {
    async fn admin(&self, username: &str) -> (Administrator, User) {
        self.accounts.create_admin(&form(username)).await.unwrap();
        let done = self.come_in(username).await.unwrap();
        let actor = Actor { user: done.user.id, role: done.user.role };
        let who = Authenticated { actor, session: done.session, grant: Grant::Everything };
        (Administrator::Person(who, Some([192, 0, 2, 1].into())), done.user)
    }

    async fn come_in(&self, username: &str) -> Result<SignedIn, SignInError> {
        let session = SessionKind::Token.into();
        let attempt = SignIn {
            login: username.into(),
            password: password(username),
            new_password: None,
            totp: None,
            role: None,
            session,
        };
        self.accounts.sign_in(&attempt).await
    }

    /// What was done last, the latest first.
    async fn done(&self) -> Vec<AuditAction> {
        let by = Administrator::Operator;
        let page = self.administration.audit(&by, &AuditFilter::default(), None, PageSize::default()).await;
        page.unwrap().items.iter().map(|entry| entry.action).collect()
    }
}

fn spam() -> BanReason {
    BanReason::parse("spam").unwrap()
}

#[tokio::test]
async fn a_ban_for_a_time_ends_by_itself_and_its_reason_is_told_after_the_right_password() {
    let chat = Chat::new().await;
    let (ana, _) = chat.admin("ana").await;
    let ben = chat.person("ben").await;
    let until = chat.administration.in_minutes(30);
    chat.administration.ban(&ana, ben.user, spam(), Some(until)).await.unwrap();
    let Err(SignInError::Banned(told)) = chat.come_in("ben").await else { panic!("they came in") };
    assert_eq!((told.reason.as_str(), told.until), ("spam", Some(until)));
    let wrong = SignIn {
        login: "ben".into(),
        password: "some wrong password".into(),
        new_password: None,
        totp: None,
        role: None,
        session: SessionKind::Token.into(),
    };
    assert!(matches!(chat.accounts.sign_in(&wrong).await, Err(SignInError::WrongCredentials)));
    chat.clock.pass(Duration::from_mins(30));
    chat.come_in("ben").await.unwrap();
}

#[tokio::test]
async fn t07_a_ban_ends_every_session_at_once() {
    let chat = Chat::new().await;
    let (ana, _) = chat.admin("ana").await;
    let ben = chat.accounts.register(&form("ben"), &SessionKind::Token.into()).await.unwrap();
    let other = chat.come_in("ben").await.unwrap();
    assert!(chat.accounts.by_session(other.session).await.unwrap().is_some());
    chat.administration.ban(&ana, ben.user.id, spam(), None).await.unwrap();
    for session in [ben.session, other.session] {
        assert_eq!(chat.accounts.by_session(session).await.unwrap(), None);
        assert_eq!(chat.store.session(session).await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_second_ban_takes_the_place_of_the_first_one() {
    let chat = Chat::new().await;
    let (ana, _) = chat.admin("ana").await;
    let ben = chat.person("ben").await;
    chat.administration.ban(&ana, ben.user, spam(), None).await.unwrap();
    let until = Some(chat.administration.in_minutes(5));
    let second = chat.administration.ban(&ana, ben.user, spam(), until).await.unwrap();
    assert_eq!(chat.store.bans_of(ben.user, None).await.unwrap(), [second]);
    chat.clock.pass(Duration::from_mins(5));
    chat.come_in("ben").await.unwrap();
}

#[tokio::test]
async fn one_whose_ban_is_lifted_is_told_unless_they_do_not_want_to_hear_it() {
    let chat = Chat::new().await;
    let (ana, admin) = chat.admin("ana").await;
    let ben = chat.person("ben").await;
    let ban = chat.administration.ban(&ana, ben.user, spam(), None).await.unwrap();
    chat.administration.lift_ban(&ana, ban.id).await.unwrap();
    let again = chat.administration.lift_ban(&ana, ban.id).await;
    assert!(matches!(again, Err(AdminError::NoSuchBan)));
    chat.come_in("ben").await.unwrap();
    let told = chat.notifications.list(&ben, None, PageSize::default()).await.unwrap().items;
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].kind, told[0].actor), (NotificationKind::BanLifted, Some(admin.id)));
}

#[tokio::test]
async fn one_whose_ban_ended_by_itself_is_told_once() {
    let chat = Chat::new().await;
    let (ana, _) = chat.admin("ana").await;
    let ben = chat.person("ben").await;
    let until = chat.administration.in_minutes(5);
    chat.administration.ban(&ana, ben.user, spam(), Some(until)).await.unwrap();
    let housekeeping = chat.housekeeping();
    housekeeping.end_bans().await.unwrap();
    assert_eq!(chat.notifications.list(&ben, None, PageSize::default()).await.unwrap().items, []);
    chat.clock.pass(Duration::from_mins(6));
    for _ in 0..2 {
        housekeeping.end_bans().await.unwrap();
    }
    let told = chat.notifications.list(&ben, None, PageSize::default()).await.unwrap().items;
    assert_eq!(
        told.iter().map(|one| (one.kind, one.at)).collect::<Vec<_>>(),
        [(NotificationKind::BanLifted, until)]
    );
}

#[tokio::test]
async fn t25_nobody_shuts_out_themselves_and_the_last_admin_stays_one() {
    let chat = Chat::new().await;
    let (ana, admin) = chat.admin("ana").await;
    let own = chat.administration.ban(&ana, admin.id, spam(), None).await;
    assert!(matches!(own, Err(AdminError::Yourself)));
    let demoted = chat.administration.set_role(&ana, admin.id, Role::User).await;
    assert!(matches!(demoted, Err(AdminError::LastAdmin)));
    let by_operator = chat.administration.ban(&Administrator::Operator, admin.id, spam(), None).await;
    assert!(matches!(by_operator, Err(AdminError::LastAdmin)));
    // One who is shut out does not look after the server.
    let (_, other) = chat.admin("eve").await;
    chat.administration.ban(&ana, other.id, spam(), None).await.unwrap();
    let demoted = chat.administration.set_role(&ana, admin.id, Role::User).await;
    assert!(matches!(demoted, Err(AdminError::LastAdmin)));
    assert_eq!(chat.store.user(admin.id).await.unwrap().unwrap().role, Role::Admin);
}

#[tokio::test]
async fn t22_one_who_is_no_admin_any_more_does_nothing_more() {
    let chat = Chat::new().await;
    let (ana, admin) = chat.admin("ana").await;
    let (eve, _) = chat.admin("eve").await;
    let ben = chat.person("ben").await;
    chat.administration.set_role(&eve, admin.id, Role::User).await.unwrap();
    // What they were when they asked does not count.
    let banned = chat.administration.ban(&ana, ben.user, spam(), None).await;
    assert!(matches!(banned, Err(AdminError::Denied(_))));
    assert_eq!(chat.store.bans_of(ben.user, None).await.unwrap(), []);
}

#[tokio::test]
async fn roles_and_new_admins_need_the_password_once_more() {
    let chat = Chat::new().await;
    let (ana, _) = chat.admin("ana").await;
    let ben = chat.person("ben").await;
    chat.clock.pass(Duration::from_mins(11));
    let raised = chat.administration.set_role(&ana, ben.user, Role::Admin).await;
    assert!(matches!(raised, Err(AdminError::Unconfirmed)));
    let mut eve = form("eve");
    eve.role = Some(Role::Admin);
    let made = chat.administration.create_account(&ana, &eve).await;
    assert!(matches!(made, Err(AdminError::Unconfirmed)));
    chat.administration.create_account(&ana, &form("eve")).await.unwrap();
    let Administrator::Person(who, _) = &ana else { panic!("the operator has no password") };
    chat.accounts.confirm(who, &password("ana")).await.unwrap();
    chat.administration.set_role(&ana, ben.user, Role::Admin).await.unwrap();
}

#[tokio::test]
async fn t26_what_is_refused_is_not_written_down_and_what_is_done_is_once() {
    let chat = Chat::new().await;
    let (ana, admin) = chat.admin("ana").await;
    let ben = chat.person("ben").await;
    let before = chat.done().await.len();
    chat.administration.ban(&ana, admin.id, spam(), None).await.unwrap_err();
    let past = Some(chat.administration.in_minutes(0));
    let late = chat.administration.ban(&ana, ben.user, spam(), past).await;
    assert!(matches!(late, Err(AdminError::EndsInThePast)));
    assert_eq!(chat.done().await.len(), before);

    let change = ProfileChange { name: Some("Benjamin".into()), ..ProfileChange::default() };
    chat.administration.change_account(&ana, ben.user, &change).await.unwrap();
    let page = chat
        .administration
        .audit(&ana, &AuditFilter::default(), None, PageSize::new(1).unwrap())
        .await
        .unwrap();
    let written = &page.items[0];
    assert_eq!(written.action, AuditAction::UserChanged);
    assert_eq!((written.doer.user, written.target), (Some(admin.id), Some(AuditTarget::User(ben.user))));
    assert_eq!(written.doer.address, Some([192, 0, 2, 1].into()));
    assert_eq!(written.changes.len(), 1);
    assert_eq!(written.changes[0].field, "name");
    assert_eq!(chat.done().await.len(), before + 1);
}

#[tokio::test]
async fn t26_sign_ins_and_failed_ones_are_written_down() {
    let chat = Chat::new().await;
    chat.person("ben").await;
    chat.come_in("ben").await.unwrap();
    for login in ["ben", "nobody"] {
        let session = SessionKind::Token.into();
        let attempt = SignIn {
            login: login.into(),
            password: "wrong password".into(),
            new_password: None,
            totp: None,
            role: None,
            session,
        };
        chat.accounts.sign_in(&attempt).await.unwrap_err();
    }
    let [failed, signed_in] = [AuditAction::SignInFailed, AuditAction::SignedIn];
    assert_eq!(chat.done().await, [failed, failed, signed_in, signed_in, AuditAction::UserCreated]);
}

#[tokio::test]
async fn t03_a_link_for_a_lost_password_works_once_and_for_a_day() {
    let chat = Chat::new().await;
    let (ana, _) = chat.admin("ana").await;
    let ben = chat.person("ben").await;
    let late = chat.administration.reset_link(&ana, ben.user).await.unwrap();
    chat.clock.pass(Duration::from_hours(24));
    let failed = chat.accounts.recover_by_link(&late.secret, "a wholly new one", None).await;
    assert!(matches!(failed, Err(RecoveryError::Failed)));
    let unconfirmed = chat.administration.reset_link(&ana, ben.user).await;
    assert!(matches!(unconfirmed, Err(AdminError::Unconfirmed)));
    let link = chat.administration.reset_link(&Administrator::Operator, ben.user).await.unwrap();
    chat.accounts.recover_by_link(&link.secret, "a wholly new one", None).await.unwrap();
    let again = chat.accounts.recover_by_link(&link.secret, "a wholly new one", None).await;
    assert!(matches!(again, Err(RecoveryError::Failed)));
    assert!(matches!(chat.come_in("ben").await, Err(SignInError::WrongCredentials)));
}

#[tokio::test]
async fn t03_a_temporary_password_is_good_for_a_day_and_ends_what_was_begun_before() {
    let chat = Chat::new().await;
    let (ana, _) = chat.admin("ana").await;
    let ben = chat.accounts.register(&form("ben"), &SessionKind::Token.into()).await.unwrap();
    let give = async |chosen| chat.administration.set_temporary_password(&ana, ben.user.id, chosen).await;
    let given = give(Some("nine yellow bicycles")).await.unwrap();
    assert_eq!(given.made, None);
    assert_eq!(chat.accounts.by_session(ben.session).await.unwrap(), None);
    assert_eq!(chat.done().await[0], AuditAction::TemporaryPasswordSet);
    let attempt = |password: &str, new: Option<&str>| SignIn {
        login: "ben".into(),
        password: password.into(),
        new_password: new.map(Into::into),
        totp: None,
        role: None,
        session: SessionKind::Token.into(),
    };
    let without = chat.accounts.sign_in(&attempt("nine yellow bicycles", None)).await;
    assert!(matches!(without, Err(SignInError::NewPasswordRequired)));
    chat.clock.pass(Duration::from_hours(24));
    let late = chat.accounts.sign_in(&attempt("nine yellow bicycles", Some("a wholly new one"))).await;
    assert!(matches!(late, Err(SignInError::PasswordOver)));

    let unconfirmed = give(None).await;
    assert!(matches!(unconfirmed, Err(AdminError::Unconfirmed)));
    let operator = Administrator::Operator;
    let given = chat.administration.set_temporary_password(&operator, ben.user.id, None).await.unwrap();
    let made = given.made.unwrap();
    chat.accounts.sign_in(&attempt(made.reveal(), Some("a wholly new one"))).await.unwrap();
    assert_eq!(chat.done().await[..2], [AuditAction::SignedIn, AuditAction::PasswordChanged]);
    let own = chat.accounts.sign_in(&attempt("a wholly new one", Some("another new one"))).await;
    assert!(matches!(own, Err(SignInError::Invalid(_))), "it is no temporary one any more");
    chat.accounts.sign_in(&attempt("a wholly new one", None)).await.unwrap();
}
