use parlor_domain::{
    ClientId, FilterAction, FilterPhrase, FilterRule, FilterRuleId, Forward, GroupName, HeldMessage,
    HeldMessageId, HeldState, ListedHeldMessage, MemberRole, MessageBody, MessageId, ThreadAnswer,
};

use crate::world::{NOW, Outcome, World, later};

pub(crate) async fn rules_are_added_changed_and_taken_away(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    let rule = |phrase: &str, action| -> Outcome<FilterRule> {
        let id = FilterRuleId::from_uuid(world.id());
        let phrase = FilterPhrase::parse(phrase)?;
        Ok(FilterRule { id, phrase, action, created_by: Some(ana.id), created_at: NOW })
    };
    let (one, other) = (rule("Größe; \"x\"", FilterAction::Refuse)?, rule("赌场", FilterAction::Hold)?);
    let mut work = world.store.begin().await?;
    work.insert_filter_rule(&one).await?;
    work.insert_filter_rule(&FilterRule { created_by: None, ..other.clone() }).await?;
    work.commit().await?;
    let other = FilterRule { created_by: None, ..other };
    assert_eq!(world.store.filter_rules().await?, [one.clone(), other.clone()]);
    let mut work = world.store.begin().await?;
    let changed = FilterRule { action: FilterAction::Hold, ..one };
    work.update_filter_rule(&changed).await?;
    work.delete_filter_rule(other.id).await?;
    work.commit().await?;
    assert_eq!(world.store.filter_rules().await?, [changed]);
    Ok(())
}

pub(crate) async fn held_messages_are_read_back_listed_and_decided(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let group = world.group("Talk", &[(&ana, MemberRole::Owner), (&ben, MemberRole::Member)]).await?;
    let plain = HeldMessage {
        id: HeldMessageId::from_uuid(world.id()),
        author: ben.id,
        client_id: ClientId::from_uuid(world.id()),
        conversation: group,
        body: Some(MessageBody::parse("to the\n🎰")?),
        reply_to: None,
        thread: None,
        forward: None,
        phrase: FilterPhrase::parse("🎰")?,
        written_at: NOW,
        state: HeldState::Waiting,
        handled_by: None,
        handled_at: None,
    };
    let message = MessageId::from_uuid(world.id());
    let full = HeldMessage {
        id: HeldMessageId::from_uuid(world.id()),
        client_id: ClientId::from_uuid(world.id()),
        author: ana.id,
        conversation: parlor_domain::ConversationId::from_uuid(world.id()),
        reply_to: Some(message),
        thread: Some(ThreadAnswer { root: message, broadcast: true }),
        forward: Some(Forward { author: ben.id, source: Some(group), is_public: true }),
        ..plain.clone()
    };
    let mut work = world.store.begin().await?;
    work.hold_message(&plain).await?;
    work.hold_message(&full).await?;
    work.commit().await?;
    assert_eq!(world.store.held_message(full.id).await?, Some(full.clone()));
    assert_eq!(world.store.held_as(ben.id, plain.client_id).await?, Some(plain.clone()));
    assert_eq!(world.store.held_as(ana.id, plain.client_id).await?, None);
    assert_eq!(
        (world.store.count_waiting(None).await?, world.store.count_waiting(Some(ben.id)).await?),
        (2, 1)
    );
    let listed = |message: &HeldMessage, group| ListedHeldMessage { message: message.clone(), group };
    let all = [listed(&full, None), listed(&plain, Some(GroupName::parse("Talk")?))];
    assert_eq!(world.store.held_messages(None, None, 5).await?, all);
    assert_eq!(world.store.held_messages(None, Some(full.id), 5).await?, all[1..]);

    let mut work = world.store.begin().await?;
    work.close_held(full.id, HeldState::Rejected, Some(ben.id), later(1)).await?;
    work.commit().await?;
    let decided = HeldMessage {
        state: HeldState::Rejected,
        handled_by: Some(ben.id),
        handled_at: Some(later(1)),
        ..full
    };
    assert_eq!(world.store.held_message(decided.id).await?, Some(decided.clone()));
    assert_eq!(world.store.held_messages(Some(HeldState::Waiting), None, 5).await?, all[1..]);
    assert_eq!(
        world.store.held_messages(Some(HeldState::Rejected), None, 5).await?,
        [listed(&decided, None)]
    );
    assert_eq!(world.store.count_waiting(None).await?, 1);

    let mut work = world.store.begin().await?;
    work.close_held(plain.id, HeldState::Released, None, later(2)).await?;
    work.commit().await?;
    let posted = HeldMessage { body: None, state: HeldState::Released, handled_at: Some(later(2)), ..plain };
    assert_eq!(world.store.held_message(posted.id).await?, Some(posted));
    Ok(())
}
