//! The end of accounts, and of what people wrote.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod common;

use common::{Chat, form, password};
use parlor_domain::{
    Actor, AdminError, Administrator, Authenticated, ConversationId, Denied, Entry, EntryKind, Event, Grant,
    GroupDescription, GroupError, GroupName, MemberRole, MessageFate, PostError, Role, SessionEnd,
    SessionKind, SignIn, SignInError, UserStatus, Visibility,
};

const OPERATOR: Administrator = Administrator::Operator;

impl Chat {
    /// One that somebody looks after.
    async fn with_admin() -> Self {
        let chat = Self::new().await;
        chat.accounts.create_admin(&form("root")).await.unwrap();
        chat
    }

    async fn group_of(&self, owner: &Actor, others: &[&Actor]) -> ConversationId {
        let people: Vec<_> = others.iter().map(|actor| actor.user).collect();
        let (name, about) = (GroupName::parse("Garden").unwrap(), GroupDescription::parse("").unwrap());
        self.groups.create(owner, name, about, Visibility::Private, &people).await.unwrap().id.into()
    }

    async fn direct_of(&self, one: &Actor, other: &Actor) -> ConversationId {
        self.conversations.open_direct(one, other.user).await.unwrap().0.conversation.id
    }

    async fn whole_log(&self, conversation: ConversationId) -> Vec<Entry> {
        self.store.entries(conversation, 0, 10_000).await.unwrap()
    }
}

/// How many messages of this person still say something.
fn readable(log: &[Entry], author: &Actor) -> usize {
    let theirs = log.iter().filter(|entry| entry.actor == Some(author.user));
    theirs.filter(|entry| entry.message().is_some_and(|message| !message.body.as_str().is_empty())).count()
}

fn assert_dense(log: &[Entry]) {
    assert!(log.iter().map(|entry| entry.seq).eq(1..=log.len() as u64), "the log has gaps");
}

#[tokio::test]
async fn an_account_that_is_deleted_is_closed_at_once_and_its_names_are_free() {
    let chat = Chat::with_admin().await;
    let (ana, ben) = (chat.person("ana").await, chat.person("ben").await);
    let direct = chat.direct_of(&ana, &ben).await;
    chat.post(&ben, direct, "hello").await.unwrap();
    let attempt = || SignIn {
        login: "ben".into(),
        password: password("ben"),
        new_password: None,
        totp: None,
        role: None,
        session: SessionKind::Token.into(),
    };
    let session = chat.accounts.sign_in(&attempt()).await.unwrap().session;
    chat.published.take();
    chat.administration.delete_account(&OPERATOR, ben.user, MessageFate::Keep).await.unwrap();

    let told = chat.published.take();
    let ended = told.iter().filter(|event| {
        matches!(event, Event::SessionEnded { user, reason: SessionEnd::Deleted, .. } if *user == ben.user)
    });
    assert_eq!(ended.count(), 2);
    let shell = chat.store.user(ben.user).await.unwrap().unwrap();
    assert!(told.contains(&Event::UserChanged(shell.clone().into())));
    assert_eq!((shell.status, shell.name.as_str()), (UserStatus::Deleted, "Deleted user"));
    assert_eq!(chat.accounts.by_session(session).await.unwrap(), None);
    assert!(matches!(chat.accounts.sign_in(&attempt()).await, Err(SignInError::WrongCredentials)));
    // What they wrote stays, and nobody writes to them any more.
    assert_eq!(readable(&chat.whole_log(direct).await, &ben), 1);
    let refused = chat.post(&ana, direct, "are you there?").await;
    assert!(matches!(refused, Err(PostError::Denied(Denied::Forbidden))), "{refused:?}");
    assert!(chat.store.viewer(ana.user).await.unwrap().is_ordinary());

    let again = chat.administration.delete_account(&OPERATOR, ben.user, MessageFate::Keep).await;
    assert!(matches!(again, Err(AdminError::NoSuchUser)), "{again:?}");
    let heir = chat.accounts.register(&form("ben"), &SessionKind::Token.into()).await.unwrap().user;
    assert_ne!((heir.id, heir.code), (shell.id, shell.code));
}

#[tokio::test]
async fn what_a_deleted_user_wrote_is_erased_bit_by_bit_and_goes_on_after_a_restart() {
    let chat = Chat::with_admin().await;
    let (ana, ben) = (chat.person("ana").await, chat.person("ben").await);
    let garden = chat.group_of(&ana, &[&ben]).await;
    let left = chat.group_of(&ana, &[&ben]).await;
    for number in 0..250 {
        chat.post(&ben, garden, &format!("flower {number}")).await.unwrap();
    }
    chat.post(&ana, garden, "mine").await.unwrap();
    chat.post(&ben, left, "gone already").await.unwrap();
    chat.groups.remove(&ben, left.into(), ben.user).await.unwrap();
    let preview = chat.administration.preview_deletion(&OPERATOR, ben.user).await.unwrap();
    assert_eq!((preview.messages, preview.groups_passed_on, preview.groups_left_empty), (251, 0, 0));
    chat.administration.delete_account(&OPERATOR, ben.user, MessageFate::Erase).await.unwrap();
    assert!(chat.administration.account(&OPERATOR, ben.user).await.unwrap().erasing);

    chat.published.take();
    assert!(chat.housekeeping().erase().await.unwrap());
    let told = chat.published.take_entries();
    assert!(told.iter().all(|entry| matches!(entry.kind, EntryKind::Deletion(_)) && entry.actor.is_none()));
    let rest = |garden: &[Entry], left: &[Entry]| readable(garden, &ben) + readable(left, &ben);
    assert_eq!(rest(&chat.whole_log(garden).await, &chat.whole_log(left).await), 251 - told.len());
    assert!(told.len() <= 25);

    // Another run of the server goes on where the first one was.
    let after = chat.housekeeping();
    while after.erase().await.unwrap() {}
    let (garden, left) = (chat.whole_log(garden).await, chat.whole_log(left).await);
    assert_eq!(rest(&garden, &left), 0);
    assert_eq!(readable(&garden, &ana), 1);
    assert_dense(&garden);
    assert_dense(&left);
    assert_eq!(garden.iter().filter(|entry| matches!(entry.kind, EntryKind::Deletion(_))).count(), 250);
    assert!(!chat.administration.account(&OPERATOR, ben.user).await.unwrap().erasing);
}

#[tokio::test]
async fn groups_pass_on_and_notes_are_nobodys() {
    let chat = Chat::with_admin().await;
    let (ana, ben) = (chat.person("ana").await, chat.person("ben").await);
    let garden = chat.group_of(&ben, &[&ana]).await;
    let alone = chat.group_of(&ben, &[]).await;
    let notes = chat.direct_of(&ben, &ben).await;
    chat.post(&ben, notes, "my secrets").await.unwrap();
    let preview = chat.administration.preview_deletion(&OPERATOR, ben.user).await.unwrap();
    assert_eq!((preview.groups_passed_on, preview.groups_left_empty), (1, 1));
    chat.administration.delete_account(&OPERATOR, ben.user, MessageFate::Keep).await.unwrap();

    let heir = chat.store.member(garden.into(), ana.user).await.unwrap().unwrap();
    assert_eq!(heir.role, MemberRole::Owner);
    let kinds: Vec<_> = chat.whole_log(garden).await.into_iter().map(|entry| entry.kind).collect();
    let expected = [EntryKind::Role(ana.user, MemberRole::Owner), EntryKind::Leave(ben.user)];
    assert_eq!(kinds[kinds.len() - 2..], expected);
    assert_eq!(chat.store.group(alone.into()).await.unwrap().unwrap().member_count, 0);
    assert_eq!(chat.store.belongings(ben.user).await.unwrap(), []);
    let housekeeping = chat.housekeeping();
    while housekeeping.erase().await.unwrap() {}
    assert_eq!(readable(&chat.whole_log(notes).await, &ben), 0);
}

#[tokio::test]
async fn a_thread_counts_no_answers_that_were_erased() {
    let chat = Chat::new().await;
    let (ana, ben) = (chat.person("ana").await, chat.person("ben").await);
    let garden = chat.group_of(&ana, &[&ben]).await;
    let root = chat.post(&ana, garden, "what grows?").await.unwrap().entry;
    let root = root.message().unwrap().id;
    for (who, text) in [(&ben, "beans"), (&ana, "peas"), (&ben, "more beans")] {
        let client_id = parlor_domain::ClientId::from_uuid(parlor_domain::IdSource::next_id(&*chat.ids));
        let thread = Some(parlor_domain::ThreadAnswer { root, broadcast: false });
        let post = parlor_domain::Post { thread, ..common::post(who, garden, client_id, text) };
        chat.messaging.post_all(vec![post]).await.pop().unwrap().unwrap();
    }
    chat.administration.erase_messages(&OPERATOR, ben.user).await.unwrap();
    let housekeeping = chat.housekeeping();
    while housekeeping.erase().await.unwrap() {}
    let root = chat.store.message(root).await.unwrap().unwrap();
    assert_eq!(root.message().unwrap().replies.as_ref().unwrap().count, 1);
    // They still have their account, and what they write from now on stays.
    chat.post(&ben, garden, "new beans").await.unwrap();
    assert!(!housekeeping.erase().await.unwrap());
    assert_eq!(readable(&chat.whole_log(garden).await, &ben), 1);
}

#[tokio::test]
async fn a_cleared_group_has_only_what_was_written_since() {
    let chat = Chat::new().await;
    let (ana, ben) = (chat.person("ana").await, chat.person("ben").await);
    let garden = chat.group_of(&ana, &[&ben]).await;
    for number in 0..150 {
        chat.post(if number % 2 == 0 { &ana } else { &ben }, garden, "weeds").await.unwrap();
    }
    let refused = chat.groups.clear(&ben, None, garden.into()).await;
    assert!(matches!(refused, Err(GroupError::Denied(Denied::Forbidden))), "{refused:?}");
    chat.groups.clear(&ana, None, garden.into()).await.unwrap();
    chat.post(&ben, garden, "roses").await.unwrap();
    let housekeeping = chat.housekeeping();
    while housekeeping.erase().await.unwrap() {}
    let log = chat.whole_log(garden).await;
    assert_eq!((readable(&log, &ana), readable(&log, &ben)), (0, 1));
    assert!(log.iter().any(|entry| entry.kind == EntryKind::Clear && entry.actor == Some(ana.user)));
    assert_dense(&log);
}

#[tokio::test]
async fn t25_nobody_deletes_themselves_or_the_last_admin() {
    let chat = Chat::new().await;
    let made = chat.accounts.create_admin(&form("ana")).await.unwrap().0;
    let session = SessionKind::Token.into();
    let password = password("ana");
    let attempt =
        SignIn { login: "ana".into(), password, new_password: None, totp: None, role: None, session };
    let session = chat.accounts.sign_in(&attempt).await.unwrap().session;
    let who = Authenticated {
        actor: Actor { user: made.id, role: Role::Admin },
        session,
        grant: Grant::Everything,
    };
    let ana = Administrator::Person(who, None);
    let refused = chat.administration.delete_account(&ana, made.id, MessageFate::Erase).await;
    assert!(matches!(refused, Err(AdminError::Yourself)), "{refused:?}");
    let refused = chat.administration.delete_account(&OPERATOR, made.id, MessageFate::Erase).await;
    assert!(matches!(refused, Err(AdminError::LastAdmin)), "{refused:?}");
    assert!(chat.store.user(made.id).await.unwrap().unwrap().is_active());
}
