use std::time::Duration;

use parlor_domain::{
    ConversationId, EntryKind, GroupId, MemberRole, Membership, OutgoingWebhook, OutgoingWebhookId,
    TokenName, User, WebhookAddress, WebhookAnswer, WebhookDelivery, WebhookDeliveryId, WebhookEvent,
    WebhookEvents, WebhookSeeds, WebhookState,
};

use crate::world::{NOW, Outcome, World, later, membership};

impl World {
    /// A webhook of a bot, that tells of these groups, or of all.
    async fn hook(&self, bot: &User, groups: Option<&[ConversationId]>) -> Outcome<OutgoingWebhook> {
        let webhook = OutgoingWebhook {
            id: OutgoingWebhookId::from_uuid(self.id()),
            bot: bot.id,
            name: TokenName::from_stored("tickets".to_owned()),
            address: WebhookAddress::from_stored("https://hooks.example/abc").ok_or("address")?,
            events: WebhookEvents::of(&WebhookEvent::ALL),
            groups: groups.map(|groups| groups.iter().map(|group| GroupId::from(*group)).collect()),
            seeds: WebhookSeeds { current: self.id(), previous: None },
            state: WebhookState::Active,
            tries: 0,
            failing_since: None,
            due_at: later(10),
            created_at: later(10),
        };
        let mut work = self.store.begin().await?;
        work.insert_outgoing_webhook(&webhook).await?;
        work.commit().await?;
        Ok(webhook)
    }

    async fn change_hook(&self, webhook: &OutgoingWebhook, millis: i64) -> Outcome {
        let mut work = self.store.begin().await?;
        work.update_outgoing_webhook(webhook, later(millis)).await?;
        Ok(work.commit().await?)
    }

    /// Takes a webhook for a second, and sets its cursors; whether nobody else had it.
    async fn take_hook(&self, webhook: &OutgoingWebhook, millis: i64) -> Outcome<bool> {
        let mut work = self.store.begin().await?;
        let taken = work.take_outgoing_webhook(webhook.id, later(millis), later(millis + 1_000)).await?;
        work.follow_groups(webhook.id).await?;
        work.commit().await?;
        Ok(taken)
    }

    async fn reach(&self, webhook: &OutgoingWebhook, conversation: ConversationId, seq: u64) -> Outcome {
        let mut work = self.store.begin().await?;
        work.move_webhook_cursor(webhook.id, conversation, seq, later(seq.try_into()?)).await?;
        Ok(work.commit().await?)
    }

    /// Somebody writes so many milliseconds later.
    async fn said(&self, conversation: ConversationId, author: &User, millis: i64) -> Outcome<u64> {
        let kind = EntryKind::Message(self.message("hello")?);
        Ok(self.write_at(later(millis), conversation, Some(author.id), kind).await?.seq)
    }

    async fn due_at(&self, millis: i64) -> Outcome<Vec<OutgoingWebhookId>> {
        Ok(self.store.due_outgoing_webhooks(later(millis)).await?)
    }

    async fn backlog(&self, webhook: &OutgoingWebhook) -> Outcome<Option<(ConversationId, u64)>> {
        Ok(self.store.webhook_backlog(webhook.id, later(5_000)).await?)
    }

    async fn joins(&self, conversation: ConversationId, user: &User, millis: i64) -> Outcome {
        let mut work = self.store.begin().await?;
        let joined = Membership { joined_at: later(millis), ..membership(conversation, user.id) };
        work.insert_members(&[joined]).await?;
        Ok(work.commit().await?)
    }

    async fn sent(
        &self,
        webhook: &OutgoingWebhook,
        millis: i64,
        status: Option<u16>,
    ) -> Outcome<WebhookDelivery> {
        let place = status.map(|status| (ConversationId::from_uuid(webhook.id.as_uuid()), u64::from(status)));
        let answer = WebhookAnswer {
            status,
            took: Duration::from_millis(12),
            error: status.is_none().then(|| "no \u{1F50C}".to_owned()),
            retry_after: None,
        };
        let id = WebhookDeliveryId::from_uuid(self.id());
        let event = status.map(|_| WebhookEvent::GroupChanged);
        let delivery =
            WebhookDelivery { id, webhook: webhook.id, at: later(millis), event, place, attempt: 3, answer };
        let mut work = self.store.begin().await?;
        work.insert_webhook_deliveries(std::slice::from_ref(&delivery)).await?;
        work.commit().await?;
        Ok(delivery)
    }
}

pub(crate) async fn an_outgoing_webhook_is_read_back_and_changed(world: World) -> Outcome {
    let (ana, bot) = (world.user("ana").await?, world.user("bot").await?);
    let (one, other) = (world.group_of(&ana, &bot).await?, world.group_of(&ana, &bot).await?);
    let all = world.hook(&bot, None).await?;
    let mut some = world.hook(&bot, Some(&[one, other])).await?;
    assert_eq!(world.store.outgoing_webhook(all.id).await?, Some(all.clone()));
    assert_eq!(world.store.outgoing_webhooks().await?, [some.clone(), all.clone()]);
    some.name = TokenName::from_stored("other".to_owned());
    some.groups = Some(vec![other.into()]);
    some.events = WebhookEvents::of(&[WebhookEvent::MemberLeft]);
    some.seeds = WebhookSeeds { current: world.id(), previous: Some((some.seeds.current, later(7))) };
    (some.state, some.tries) = (WebhookState::Failed, 4);
    (some.failing_since, some.due_at) = (Some(later(8)), later(9));
    world.change_hook(&some, 20).await?;
    let mut work = world.store.begin().await?;
    assert_eq!(work.lock_outgoing_webhook(some.id).await?, Some(some.clone()));
    drop(work);
    some.groups = None;
    world.change_hook(&some, 30).await?;
    assert_eq!(world.store.outgoing_webhook(some.id).await?, Some(some.clone()));
    let mut work = world.store.begin().await?;
    work.delete_outgoing_webhook(some.id).await?;
    work.commit().await?;
    assert_eq!(world.store.outgoing_webhook(some.id).await?, None);
    assert_eq!(world.store.outgoing_webhooks().await?, [all]);
    Ok(())
}

pub(crate) async fn a_webhook_tells_of_its_groups_from_when_they_were_chosen(world: World) -> Outcome {
    let (ana, bot) = (world.user("ana").await?, world.user("bot").await?);
    let talk = world.group_of(&ana, &bot).await?;
    let direct = world.direct(&ana, &bot).await?;
    let foreign = world.group("Foreign", &[(&ana, MemberRole::Owner)]).await?;
    for conversation in [talk, direct, foreign] {
        world.said(conversation, &ana, 5).await?;
    }
    let mut hook = world.hook(&bot, Some(&[talk])).await?;
    assert!(world.take_hook(&hook, 11).await?);
    assert_eq!(world.backlog(&hook).await?, None, "what was before is not told");
    for conversation in [talk, direct, foreign] {
        world.said(conversation, &ana, 12).await?;
    }
    assert_eq!(world.backlog(&hook).await?, Some((talk, 1)));
    world.reach(&hook, talk, 2).await?;
    assert_eq!(world.backlog(&hook).await?, None, "no direct conversation, no group of others");

    // The bot comes into one more, and all are told of from then on.
    world.joins(foreign, &bot, 20).await?;
    hook.groups = None;
    world.change_hook(&hook, 30).await?;
    world.said(foreign, &ana, 25).await?;
    world.said(foreign, &ana, 31).await?;
    world.take_hook(&hook, 2_000).await?;
    assert_eq!(world.backlog(&hook).await?, Some((foreign, 3)), "from the later of both moments on");
    // One that is given up is followed anew when it is chosen again.
    hook.groups = Some(vec![talk.into()]);
    world.change_hook(&hook, 40).await?;
    world.take_hook(&hook, 4_000).await?;
    hook.groups = Some(vec![talk.into(), foreign.into()]);
    world.said(foreign, &ana, 4_100).await?;
    world.change_hook(&hook, 4_200).await?;
    world.take_hook(&hook, 6_000).await?;
    assert_eq!(world.backlog(&hook).await?, None);
    // Who is not in a group hears nothing of it.
    world.said(talk, &ana, 6_100).await?;
    world.leave(talk, &bot).await?;
    assert_eq!(world.backlog(&hook).await?, None);
    Ok(())
}

pub(crate) async fn a_webhook_is_due_while_something_waits_and_taken_by_one(world: World) -> Outcome {
    let (ana, bot) = (world.user("ana").await?, world.user("bot").await?);
    let (one, other) = (world.group_of(&ana, &bot).await?, world.group_of(&ana, &bot).await?);
    let mut hook = world.hook(&bot, None).await?;
    assert_eq!(world.due_at(10).await?, [], "nothing was ever written");
    world.said(one, &ana, 20).await?;
    world.said(other, &ana, 20).await?;
    assert_eq!(world.due_at(9).await?, [], "it is not time");
    assert_eq!(world.due_at(21).await?, [hook.id]);
    assert!(world.take_hook(&hook, 100).await?);
    assert!(!world.take_hook(&hook, 1_099).await?, "somebody has it");
    assert_eq!(world.due_at(1_099).await?, []);
    assert_eq!(world.due_at(1_100).await?, [hook.id], "the one who had it is gone");
    let mut work = world.store.begin().await?;
    assert!(work.hold_outgoing_webhook(hook.id, later(1_100), later(1_500)).await?);
    assert!(!work.hold_outgoing_webhook(hook.id, later(1_100), later(1_600)).await?);
    assert!(work.hold_outgoing_webhook(hook.id, later(1_500), later(200)).await?);
    work.commit().await?;
    assert_eq!(world.due_at(200).await?, [hook.id], "it was let go of");

    // The group that waits longest comes first.
    world.reach(&hook, one, 1).await?;
    world.said(one, &ana, 30).await?;
    assert_eq!(world.backlog(&hook).await?, Some((other, 0)));
    world.reach(&hook, other, 1).await?;
    assert_eq!(world.backlog(&hook).await?, Some((one, 1)));
    world.reach(&hook, one, 2).await?;
    world.reach(&hook, one, 1).await?;
    assert_eq!((world.backlog(&hook).await?, world.due_at(3_000).await?), (None, vec![]), "never back");

    world.said(one, &ana, 40).await?;
    hook.state = WebhookState::Paused;
    world.change_hook(&hook, 50).await?;
    assert_eq!(world.due_at(3_000).await?, []);
    assert!(!world.take_hook(&hook, 3_000).await?);
    let mut work = world.store.begin().await?;
    work.skip_webhook_backlog(hook.id).await?;
    work.commit().await?;
    hook.state = WebhookState::Active;
    world.change_hook(&hook, 60).await?;
    assert_eq!(world.due_at(3_000).await?, [], "what waited is left out");
    Ok(())
}

pub(crate) async fn what_a_webhook_sent_is_listed_and_forgotten(world: World) -> Outcome {
    let bot = world.user("bot").await?;
    let (hook, other) = (world.hook(&bot, None).await?, world.hook(&bot, None).await?);
    let test = world.sent(&hook, 1, None).await?;
    let taken = world.sent(&hook, 2, Some(204)).await?;
    world.sent(&other, 2, Some(200)).await?;
    let refused = world.sent(&hook, 3, Some(500)).await?;
    let listed = world.store.webhook_deliveries(hook.id, None, 2).await?;
    assert_eq!(listed, [refused.clone(), taken.clone()]);
    let rest = world.store.webhook_deliveries(hook.id, Some(taken.id), 2).await?;
    assert_eq!(rest, std::slice::from_ref(&test));
    assert_eq!(world.store.webhook_delivery(test.id).await?, Some(test));
    for (before, kept, left) in [(2, 9, vec![refused.clone(), taken]), (0, 1, vec![refused]), (9, 9, vec![])]
    {
        let mut work = world.store.begin().await?;
        work.prune_webhook_deliveries(hook.id, later(before), kept).await?;
        work.commit().await?;
        assert_eq!(world.store.webhook_deliveries(hook.id, None, 9).await?, left);
    }
    assert_eq!(world.store.webhook_deliveries(other.id, None, 9).await?.len(), 1);
    Ok(())
}

pub(crate) async fn a_webhook_ends_with_its_bot_and_leaves_groups_that_are_gone(world: World) -> Outcome {
    let (ana, bot) = (world.user("ana").await?, world.user("bot").await?);
    let (one, other) = (world.group_of(&ana, &bot).await?, world.group_of(&ana, &bot).await?);
    let hook = world.hook(&bot, Some(&[one, other])).await?;
    world.take_hook(&hook, 100).await?;
    world.sent(&hook, 1, Some(200)).await?;
    let mut work = world.store.begin().await?;
    work.erase_conversation(one, NOW).await?;
    work.commit().await?;
    let left = world.store.outgoing_webhook(hook.id).await?.and_then(|hook| hook.groups);
    assert_eq!(left, Some(vec![other.into()]));
    world.said(other, &ana, 200).await?;
    assert_eq!(world.due_at(2_000).await?, [hook.id]);
    let mut work = world.store.begin().await?;
    work.close_account(&bot, NOW).await?;
    work.commit().await?;
    assert_eq!(world.store.outgoing_webhooks().await?, []);
    assert_eq!(world.store.webhook_deliveries(hook.id, None, 9).await?, []);
    Ok(())
}
