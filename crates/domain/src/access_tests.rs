use super::*;
use crate::{ConversationId, SlowMode, StandingGroup};
use uuid::Uuid;

#[test]
fn only_admins_look_after_the_server() {
    assert_eq!(administrate(&USER), Err(Denied::Forbidden));
    assert_eq!(administrate(&ADMIN), Ok(()));
}

#[test]
fn who_looks_after_the_server_puts_groups_in_order_and_reads_none() {
    use Action::{Archive, Change, Clear, Delete, Discover, Remove, SetRole};
    let group = |lobby, archived_at| Group {
        id: crate::GroupId::from_uuid(Uuid::nil()),
        name: crate::GroupName::parse("Tea").unwrap(),
        description: crate::GroupDescription::parse("").unwrap(),
        visibility: Visibility::Private,
        lobby,
        read_only: false,
        slow_mode: SlowMode::default(),
        archived_at,
        freeze: None,
        picture: None,
        member_count: 1,
        created_by: None,
        created_at: NOW,
    };
    let may = |group: Group| ALL.into_iter().filter(move |action| oversee(*action, &group).is_ok());
    let member = MemberRole::Member;
    let (remove, set_role) = (Remove(member), SetRole(member, MemberRole::Moderator));
    let all = [Discover, Clear, remove, set_role, Change, Archive, Delete];
    assert_eq!(may(group(false, None)).collect::<Vec<_>>(), all);
    assert_eq!(may(group(true, None)).collect::<Vec<_>>(), [Discover, Clear, Change]);
    let archived = group(false, Some(NOW));
    assert_eq!(oversee(Change, &archived), Err(Denied::Archived));
    assert_eq!(may(archived).collect::<Vec<_>>(), [Discover, Clear, remove, set_role, Archive, Delete]);
}

const NOW: Timestamp = Timestamp::from_millis(1_000);
const USER: Actor = Actor { user: UserId::from_uuid(Uuid::nil()), role: Role::User };
const ADMIN: Actor = Actor { user: UserId::from_uuid(Uuid::nil()), role: Role::Admin };
const ALL: [Action; 20] = [
    Action::Discover,
    Action::Read,
    Action::Post,
    Action::Amend,
    Action::MentionAll,
    Action::React,
    Action::Moderate,
    Action::Clear,
    Action::Join,
    Action::Leave,
    Action::Invite,
    Action::Remove(MemberRole::Member),
    Action::SetRole(MemberRole::Member, MemberRole::Moderator),
    Action::StepDown,
    Action::Mute(MemberRole::Member),
    Action::Change,
    Action::SetRetention,
    Action::Archive,
    Action::Delete,
    Action::LearnWhyFrozen,
];

fn standing(group: Option<(Visibility, bool, bool)>, role: Option<MemberRole>) -> Standing {
    Standing {
        conversation: ConversationId::from_uuid(Uuid::nil()),
        user: USER.user,
        role,
        floor_seq: 0,
        last_seq: 0,
        group: group.map(|(visibility, lobby, read_only)| StandingGroup {
            visibility,
            lobby,
            read_only,
            slow_mode: SlowMode::default(),
            archived: false,
            frozen: false,
        }),
        banned_until: None,
        muted_until: None,
        server_muted_until: None,
        posted_at: None,
        blocked: None,
    }
}

fn allowed(actor: &Actor, standing: &Standing) -> Vec<Action> {
    ALL.into_iter().filter(|action| authorize(actor, *action, standing, NOW).is_ok()).collect()
}

#[test]
fn a_stranger_does_not_learn_that_a_private_conversation_exists() {
    for standing in [standing(None, None), standing(Some((Visibility::Private, false, false)), None)] {
        for actor in [USER, ADMIN] {
            for action in ALL {
                assert_eq!(authorize(&actor, action, &standing, NOW), Err(Denied::NotFound));
            }
        }
    }
}

#[test]
fn a_stranger_may_find_and_join_a_public_group_and_no_more() {
    let public = standing(Some((Visibility::Public, false, false)), None);
    assert_eq!(allowed(&USER, &public), [Action::Discover, Action::Join]);
}

#[test]
fn an_admin_manages_a_public_group_without_reading_it() {
    let public = standing(Some((Visibility::Public, false, false)), None);
    assert_eq!(authorize(&ADMIN, Action::Read, &public, NOW), Err(Denied::Forbidden));
    assert_eq!(authorize(&ADMIN, Action::Change, &public, NOW), Ok(()));
}

#[test]
fn a_member_reads_posts_and_leaves() {
    let private = standing(Some((Visibility::Private, false, false)), Some(MemberRole::Member));
    assert_eq!(
        allowed(&USER, &private),
        [
            Action::Discover,
            Action::Read,
            Action::Post,
            Action::Amend,
            Action::React,
            Action::Leave,
            Action::StepDown
        ]
    );
}

#[test]
fn a_moderator_removes_members_and_an_owner_everybody() {
    let group = Some((Visibility::Private, false, false));
    let moderator = standing(group, Some(MemberRole::Moderator));
    assert!(authorize(&USER, Action::Remove(MemberRole::Member), &moderator, NOW).is_ok());
    assert!(authorize(&USER, Action::Remove(MemberRole::Moderator), &moderator, NOW).is_err());
    let owner = standing(group, Some(MemberRole::Owner));
    assert!(authorize(&USER, Action::Remove(MemberRole::Owner), &owner, NOW).is_ok());
}

#[test]
fn only_moderators_of_a_group_delete_what_others_wrote() {
    let group = Some((Visibility::Private, false, false));
    for (role, expected) in [(MemberRole::Member, Err(Denied::Forbidden)), (MemberRole::Moderator, Ok(()))] {
        assert_eq!(authorize(&USER, Action::Moderate, &standing(group, Some(role)), NOW), expected);
    }
    let direct = standing(None, Some(MemberRole::Member));
    assert_eq!(authorize(&ADMIN, Action::Moderate, &direct, NOW), Err(Denied::Forbidden));
}

#[test]
fn who_leads_a_group_clears_it_and_nobody_clears_a_direct_conversation() {
    let private = Some((Visibility::Private, false, false));
    for (role, expected) in [(MemberRole::Member, Err(Denied::Forbidden)), (MemberRole::Moderator, Ok(()))] {
        assert_eq!(authorize(&USER, Action::Clear, &standing(private, Some(role)), NOW), expected);
    }
    let lobby = standing(Some((Visibility::Public, true, false)), Some(MemberRole::Member));
    assert_eq!(authorize(&ADMIN, Action::Clear, &lobby, NOW), Ok(()));
    let direct = standing(None, Some(MemberRole::Member));
    assert_eq!(authorize(&ADMIN, Action::Clear, &direct, NOW), Err(Denied::Forbidden));
}

#[test]
fn nobody_leaves_the_lobby_or_is_put_out_of_it() {
    let lobby = standing(Some((Visibility::Public, true, false)), Some(MemberRole::Member));
    for action in [Action::Leave, Action::Invite, Action::Remove(MemberRole::Member), Action::Delete] {
        assert_eq!(authorize(&ADMIN, action, &lobby, NOW), Err(Denied::Forbidden), "{action:?}");
    }
    let rest = [Action::Discover, Action::Read, Action::Post, Action::Amend, Action::React, Action::StepDown];
    assert_eq!(allowed(&USER, &lobby), rest);
}

#[test]
fn a_moderator_makes_moderators_of_members_and_an_owner_anything_of_anybody() {
    use MemberRole::{Member, Moderator, Owner};
    let group = Some((Visibility::Private, false, false));
    let [member, moderator, owner] = [Member, Moderator, Owner].map(|role| standing(group, Some(role)));
    for from in [Member, Moderator, Owner] {
        for to in [Member, Moderator, Owner] {
            let may = |standing| authorize(&USER, Action::SetRole(from, to), standing, NOW).is_ok();
            assert!(may(&owner) && !may(&member));
            assert_eq!(may(&moderator), from == Member && to != Owner, "{from:?} to {to:?}");
        }
    }
}

#[test]
fn one_who_is_muted_reads_and_does_not_write_until_it_ends() {
    let mut muted = standing(Some((Visibility::Public, false, false)), Some(MemberRole::Moderator));
    let end = Timestamp::from_millis(1_001);
    muted.muted_until = Some(end);
    for action in [Action::Post, Action::Amend, Action::React] {
        assert_eq!(authorize(&USER, action, &muted, NOW), Err(Denied::Muted(end)));
        assert_eq!(authorize(&USER, action, &muted, end), Ok(()));
    }
    assert_eq!(authorize(&USER, Action::Read, &muted, NOW), Ok(()));
    assert_eq!(authorize(&USER, Action::Mute(MemberRole::Moderator), &muted, NOW), Err(Denied::Forbidden));
}

#[test]
fn one_who_is_muted_on_the_server_reads_and_writes_nowhere_until_it_ends() {
    let end = Timestamp::from_millis(1_001);
    let direct = Standing { server_muted_until: Some(end), ..standing(None, Some(MemberRole::Member)) };
    let group = standing(Some((Visibility::Public, false, false)), Some(MemberRole::Owner));
    let group = Standing { server_muted_until: Some(end), ..group };
    for action in [Action::Post, Action::Amend, Action::React] {
        assert_eq!(authorize(&USER, action, &direct, NOW), Err(Denied::Muted(end)));
        assert_eq!(authorize(&USER, action, &group, NOW), Err(Denied::Muted(end)));
        assert_eq!(authorize(&USER, action, &direct, end), Ok(()));
    }
    for action in [Action::Change, Action::SetRetention] {
        assert_eq!(authorize(&USER, action, &group, NOW), Err(Denied::Muted(end)));
    }
    for action in [Action::Read, Action::Leave, Action::Moderate] {
        assert_eq!(authorize(&USER, action, &group, NOW), Ok(()));
    }
}

#[test]
fn the_mute_that_ends_last_counts() {
    let [sooner, later] = [1_001, 1_002].map(Timestamp::from_millis);
    let member = standing(Some((Visibility::Public, false, false)), Some(MemberRole::Member));
    for (muted_until, server_muted_until) in [(Some(sooner), Some(later)), (Some(later), Some(sooner))] {
        let muted = Standing { muted_until, server_muted_until, ..member };
        assert_eq!(authorize(&USER, Action::Post, &muted, NOW), Err(Denied::Muted(later)));
    }
}

#[test]
fn only_those_who_manage_a_read_only_group_write_in_it() {
    let read_only = standing(Some((Visibility::Public, true, true)), Some(MemberRole::Member));
    assert_eq!(authorize(&USER, Action::Post, &read_only, NOW), Err(Denied::Forbidden));
    assert_eq!(authorize(&USER, Action::React, &read_only, NOW), Ok(()));
    assert_eq!(authorize(&ADMIN, Action::Post, &read_only, NOW), Ok(()));
}

#[test]
fn in_slow_mode_members_wait_between_two_messages_and_moderators_do_not() {
    let mut member = standing(Some((Visibility::Public, false, false)), Some(MemberRole::Member));
    let slow_mode = SlowMode::new(30).unwrap();
    member.group = member.group.map(|group| StandingGroup { slow_mode, ..group });
    assert_eq!(authorize(&USER, Action::Post, &member, NOW), Ok(()), "the first one");
    member.posted_at = Some(NOW);
    let after = |millis| NOW.plus(Duration::from_millis(millis));
    let wait = Denied::SlowMode(Duration::from_secs(29));
    assert_eq!(authorize(&USER, Action::Post, &member, after(1_000)), Err(wait));
    assert_eq!(authorize(&USER, Action::Post, &member, after(30_000)), Ok(()));
    for action in [Action::Amend, Action::React] {
        assert_eq!(authorize(&USER, action, &member, NOW), Ok(()), "{action:?}");
    }
    let moderator = Standing { role: Some(MemberRole::Moderator), ..member };
    assert_eq!(authorize(&USER, Action::Post, &moderator, NOW), Ok(()));
    assert_eq!(authorize(&ADMIN, Action::Post, &member, NOW), Ok(()));
}

#[test]
fn in_an_archived_group_nobody_writes_or_comes_in_and_its_owner_brings_it_back() {
    let mut owner = standing(Some((Visibility::Public, false, false)), Some(MemberRole::Owner));
    owner.group = owner.group.map(|group| StandingGroup { archived: true, ..group });
    for action in
        [Action::Post, Action::Amend, Action::React, Action::Invite, Action::Change, Action::SetRetention]
    {
        assert_eq!(authorize(&USER, action, &owner, NOW), Err(Denied::Archived), "{action:?}");
    }
    let stranger = Standing { role: None, ..owner };
    assert_eq!(authorize(&USER, Action::Join, &stranger, NOW), Err(Denied::Archived));
    let member = Standing { role: Some(MemberRole::Member), ..owner };
    assert_eq!(authorize(&USER, Action::Archive, &member, NOW), Err(Denied::Forbidden));
    for action in [Action::Read, Action::Leave, Action::Moderate, Action::Archive, Action::Delete] {
        assert_eq!(authorize(&USER, action, &owner, NOW), Ok(()), "{action:?}");
    }
}

#[test]
fn in_a_frozen_group_nobody_writes_and_nobody_but_an_admin_undoes_what_was_written() {
    let mut owner = standing(Some((Visibility::Public, false, false)), Some(MemberRole::Owner));
    owner.group = owner.group.map(|group| StandingGroup { frozen: true, ..group });
    for action in [Action::Post, Action::Amend, Action::React] {
        assert_eq!(authorize(&USER, action, &owner, NOW), Err(Denied::Frozen), "{action:?}");
        assert_eq!(authorize(&ADMIN, action, &owner, NOW), Err(Denied::Frozen), "{action:?}");
    }
    for action in [Action::Change, Action::SetRetention, Action::Clear, Action::Archive, Action::Delete] {
        assert_eq!(authorize(&USER, action, &owner, NOW), Err(Denied::Frozen), "{action:?}");
        assert_eq!(authorize(&ADMIN, action, &owner, NOW), Ok(()), "{action:?}");
    }
    let remove = Action::Remove(MemberRole::Member);
    for action in
        [Action::Read, Action::Leave, Action::Moderate, remove, Action::Invite, Action::LearnWhyFrozen]
    {
        assert_eq!(authorize(&USER, action, &owner, NOW), Ok(()), "{action:?}");
    }
    let member = Standing { role: Some(MemberRole::Member), ..owner };
    assert_eq!(authorize(&USER, Action::LearnWhyFrozen, &member, NOW), Err(Denied::Forbidden));
}

#[test]
fn two_people_talk_and_do_nothing_else_with_their_conversation() {
    let direct = standing(None, Some(MemberRole::Member));
    assert_eq!(
        allowed(&USER, &direct),
        [Action::Discover, Action::Read, Action::Post, Action::Amend, Action::React, Action::SetRetention]
    );
}

#[test]
fn who_owns_a_group_says_how_long_messages_are_kept_and_in_the_lobby_an_admin() {
    use MemberRole::{Member, Moderator, Owner};
    let group = Some((Visibility::Private, false, false));
    for (role, expected) in
        [(Member, Err(Denied::Forbidden)), (Moderator, Err(Denied::Forbidden)), (Owner, Ok(()))]
    {
        assert_eq!(authorize(&USER, Action::SetRetention, &standing(group, Some(role)), NOW), expected);
    }
    let lobby = |role| standing(Some((Visibility::Public, true, false)), Some(role));
    assert_eq!(authorize(&USER, Action::SetRetention, &lobby(Owner), NOW), Err(Denied::Forbidden));
    assert_eq!(authorize(&ADMIN, Action::SetRetention, &lobby(Member), NOW), Ok(()));
    let public = standing(Some((Visibility::Public, false, false)), None);
    assert_eq!(authorize(&ADMIN, Action::SetRetention, &public, NOW), Ok(()));
    assert_eq!(authorize(&USER, Action::SetRetention, &public, NOW), Err(Denied::Forbidden));
}

#[test]
fn a_ban_shuts_out_until_it_ends() {
    let mut member = standing(Some((Visibility::Public, false, false)), Some(MemberRole::Member));
    member.banned_until = Some(Timestamp::from_millis(1_001));
    assert_eq!(authorize(&USER, Action::Read, &member, NOW), Err(Denied::Forbidden));
    assert_eq!(authorize(&USER, Action::Read, &member, Timestamp::from_millis(1_001)), Ok(()));
}
#[test]
fn nobody_writes_past_a_block_and_only_who_blocked_is_told() {
    for (blocked, told) in [(Blocked::ByThemselves, Denied::Blocked), (Blocked::ByOther, Denied::Forbidden)] {
        let mut direct = standing(None, Some(MemberRole::Member));
        direct.blocked = Some(blocked);
        for action in [Action::Post, Action::Amend, Action::React, Action::SetRetention] {
            assert_eq!(authorize(&USER, action, &direct, NOW), Err(told));
        }
        assert_eq!(authorize(&USER, Action::Read, &direct, NOW), Ok(()));
    }
}
