//! How admins look after groups that they are not in.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod common;

use std::time::Duration;

use common::{Chat, form};
use parlor_domain::{
    Action, Actor, AdminError, Administrator, AuditAction, AuditFilter, Authenticated, Denied, EntryKind,
    Grant, GroupChange, GroupDescription, GroupError, GroupId, GroupName, MemberRole, NotificationKind,
    Overview, PageSize, Role, SessionKind, Visibility, oversee,
};

struct World {
    chat: Chat,
    root: Administrator,
    admin: Actor,
    ana: Actor,
    ben: Actor,
    group: GroupId,
}

impl World {
    /// A private group of two, and an admin who is not in it.
    async fn new() -> Self {
        let chat = Chat::new().await;
        chat.accounts.create_admin(&form("root")).await.unwrap();
        let attempt = parlor_domain::SignIn {
            login: "root".into(),
            password: common::password("root"),
            new_password: None,
            totp: None,
            role: None,
            session: SessionKind::Token.into(),
        };
        let done = chat.accounts.sign_in(&attempt).await.unwrap();
        let admin = Actor { user: done.user.id, role: Role::Admin };
        let who = Authenticated { actor: admin, session: done.session, grant: Grant::Everything };
        let (ana, ben) = (chat.person("ana").await, chat.person("ben").await);
        let (name, about) = (GroupName::parse("Garden").unwrap(), GroupDescription::parse("").unwrap());
        let made = chat.groups.create(&ana, name, about, Visibility::Private, &[ben.user]).await.unwrap();
        Self { chat, root: Administrator::Person(who, None), admin, ana, ben, group: made.id }
    }

    /// What the group's log tells of what the admin did.
    async fn told(&self) -> Vec<EntryKind> {
        let log = self.chat.store.entries(self.group.into(), 0, 100).await.unwrap();
        log.into_iter().filter(|entry| entry.actor == Some(self.admin.user)).map(|entry| entry.kind).collect()
    }

    async fn last_audit(&self) -> (AuditAction, Vec<(String, bool, bool)>) {
        let page = self
            .chat
            .administration
            .audit(&self.root, &AuditFilter::default(), None, PageSize::default())
            .await
            .unwrap();
        let entry = &page.items[0];
        let fields = entry.changes.iter();
        let fields = fields.map(|one| (one.field.clone(), one.before.is_some(), one.after.is_some()));
        (entry.action, fields.collect())
    }
}

fn denied<T: std::fmt::Debug>(result: Result<T, AdminError>) -> Denied {
    match result {
        Err(AdminError::Denied(denied) | AdminError::Group(GroupError::Denied(denied))) => denied,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_admin_changes_a_private_group_that_they_are_not_in_and_reads_nothing_of_it() {
    let world = World::new().await;
    let administration = &world.chat.administration;
    let name = GroupName::parse("Orchard").unwrap();
    let change = GroupChange { name: Some(name.clone()), ..GroupChange::default() };
    let changed = administration.change_group(&world.root, world.group, change).await.unwrap();
    assert_eq!((&changed.group.name, changed.owner), (&name, Some(world.ana.user)));
    assert_eq!(world.told().await, [EntryKind::Rename(name)]);
    let field = ("name".to_owned(), true, true);
    assert_eq!(world.last_audit().await, (AuditAction::GroupChanged, vec![field]));
    let members = administration.group_members(&world.root, world.group, None, PageSize::default()).await;
    assert_eq!(members.unwrap().items.len(), 2);
    // As anybody else who is not in it.
    assert!(matches!(
        world.chat.groups.one(&world.admin, world.group).await,
        Err(GroupError::Denied(Denied::NotFound))
    ));
    assert_eq!(oversee(Action::Read, &changed.group), Err(Denied::Forbidden));
}

#[tokio::test]
async fn an_archived_group_is_brought_back_and_not_renamed_before() {
    let world = World::new().await;
    let administration = &world.chat.administration;
    let archive = |archived| GroupChange { archived: Some(archived), ..GroupChange::default() };
    administration.change_group(&world.root, world.group, archive(true)).await.unwrap();
    let rename = GroupChange { name: GroupName::parse("X").ok(), ..GroupChange::default() };
    let refused = administration.change_group(&world.root, world.group, rename).await;
    assert_eq!(denied(refused), Denied::Archived);
    // It may need somebody who brings it back.
    administration.set_owner(&world.root, world.group, world.ben.user).await.unwrap();
    administration.change_group(&world.root, world.group, archive(false)).await.unwrap();
    let field = ("archived_at".to_owned(), true, false);
    assert_eq!(world.last_audit().await, (AuditAction::GroupChanged, vec![field]));
}

#[tokio::test]
async fn a_group_is_handed_over_to_a_member_and_its_owners_become_moderators() {
    let world = World::new().await;
    let administration = &world.chat.administration;
    let stranger = world.chat.person("eve").await;
    let refused = administration.set_owner(&world.root, world.group, stranger.user).await;
    assert!(matches!(refused, Err(AdminError::NotInGroup)));
    let handed = administration.set_owner(&world.root, world.group, world.ben.user).await.unwrap();
    assert_eq!((handed.owner, handed.owners), (Some(world.ben.user), 1));
    assert_eq!(
        world.told().await,
        [
            EntryKind::Role(world.ben.user, MemberRole::Owner),
            EntryKind::Role(world.ana.user, MemberRole::Moderator)
        ]
    );
    let told = world.chat.notifications.list(&world.ben, None, PageSize::default()).await.unwrap();
    assert!(told.items.iter().any(|one| one.kind == NotificationKind::Role));
    // Once more changes nothing, and is written down.
    administration.set_owner(&world.root, world.group, world.ben.user).await.unwrap();
    assert_eq!(world.told().await.len(), 2);
    assert_eq!(world.last_audit().await.0, AuditAction::GroupChanged);
}

#[tokio::test]
async fn somebody_is_taken_out_but_the_last_owner_only_after_handing_over() {
    let world = World::new().await;
    let administration = &world.chat.administration;
    let refused = administration.remove_from_group(&world.root, world.group, world.ana.user).await;
    assert!(matches!(refused, Err(AdminError::Group(GroupError::LastOwner))));
    administration.set_owner(&world.root, world.group, world.ben.user).await.unwrap();
    let left = administration.remove_from_group(&world.root, world.group, world.ana.user).await.unwrap();
    assert_eq!(left.group.member_count, 1);
    assert_eq!(world.told().await.last(), Some(&EntryKind::Removal(world.ana.user)));
    assert_eq!(world.last_audit().await.0, AuditAction::MemberRemoved);
}

#[tokio::test]
async fn clearing_and_deleting_need_the_password_once_more() {
    let world = World::new().await;
    let administration = &world.chat.administration;
    world.chat.clock.pass(Duration::from_mins(11));
    for refused in [
        administration.clear_group(&world.root, world.group).await,
        administration.delete_group(&world.root, world.group).await,
    ] {
        assert!(matches!(refused, Err(AdminError::Unconfirmed)), "{refused:?}");
    }
    let operator = Administrator::Operator;
    administration.clear_group(&operator, world.group).await.unwrap();
    assert_eq!(world.last_audit().await.0, AuditAction::HistoryCleared);
    administration.delete_group(&operator, world.group).await.unwrap();
    let field = ("name".to_owned(), true, false);
    assert_eq!(world.last_audit().await, (AuditAction::GroupDeleted, vec![field]));
    assert_eq!(denied(administration.group(&world.root, world.group).await), Denied::NotFound);
    assert_eq!(denied(administration.delete_group(&operator, world.group).await), Denied::NotFound);
}

#[tokio::test]
async fn the_lobby_keeps_its_people_and_stays() {
    let world = World::new().await;
    let administration = &world.chat.administration;
    let lobby = world.chat.store.lobby().await.unwrap().unwrap().id;
    let root = &world.root;
    assert_eq!(denied(administration.delete_group(root, lobby).await), Denied::Forbidden);
    assert_eq!(denied(administration.set_owner(root, lobby, world.ana.user).await), Denied::Forbidden);
    let refused = administration.remove_from_group(root, lobby, world.ana.user).await;
    assert_eq!(denied(refused), Denied::Forbidden);
    let hide = GroupChange { visibility: Some(Visibility::Private), ..GroupChange::default() };
    let refused = administration.change_group(root, lobby, hide).await;
    assert!(matches!(refused, Err(AdminError::Group(GroupError::LobbyIsPublic))));
}

#[tokio::test]
async fn the_overview_counts_what_was_posted_also_in_groups_that_are_gone() {
    let world = World::new().await;
    let chat = &world.chat;
    for text in ["one", "two"] {
        chat.post(&world.ana, world.group.into(), text).await.unwrap();
    }
    let housekeeping = chat.housekeeping();
    chat.administration.delete_group(&world.root, world.group).await.unwrap();
    // Erasing counts first.
    while housekeeping.erase().await.unwrap() {}
    let seen = chat.administration.overview(&world.root).await.unwrap();
    assert_eq!(seen.figures.messages, 2);
    assert_eq!(seen.days.len(), usize::try_from(Overview::DAYS).unwrap());
    let today = seen.days.last().unwrap();
    assert_eq!((today.messages, today.new_people), (2, 3));
    assert!(!housekeeping.count().await.unwrap());
    let ben = Authenticated { actor: world.ben, ..who(&world.root) };
    let refused = chat.administration.overview(&Administrator::Person(ben, None)).await;
    assert_eq!(denied(refused), Denied::Forbidden);
}

fn who(by: &Administrator) -> Authenticated {
    match by {
        Administrator::Person(who, _) => who.clone(),
        Administrator::Operator => panic!("nobody"),
    }
}
