use parlor_domain::{
    ConversationId, Device, EntryKind, Grant, Level, MemberRole, NotificationSettings, Preferences, Presence,
    PushEndpoint, PushKeys, PushReach, PushSubscription, Session, SessionId, SessionKind, User, UserId,
    Visibility,
};

use crate::world::{NOW, Outcome, World, later};

impl World {
    /// A new session of somebody, with a subscription that was made so many milliseconds later.
    async fn subscribed(&self, user: &User, address: &str, millis: i64) -> Outcome<PushSubscription> {
        let session = Session {
            id: SessionId::from_uuid(self.id()),
            user: user.id,
            kind: SessionKind::Token,
            secret: None,
            grant: Grant::Everything,
            remember: true,
            created_at: NOW,
            last_used_at: later(5),
            confirmed_at: NOW,
            device: Device::default(),
        };
        let mut work = self.store.begin().await?;
        work.insert_session(&session).await?;
        work.commit().await?;
        let subscription = PushSubscription {
            session: session.id,
            user: user.id,
            endpoint: PushEndpoint::parse(&format!("https://push.example/{address}"), PushReach::World)?,
            keys: PushKeys::new(&[4; 65], &[7; 16]).ok_or("keys")?,
            created_at: later(millis),
        };
        self.subscribe(&subscription, 20).await?;
        Ok(subscription)
    }

    async fn subscribe(&self, subscription: &PushSubscription, kept: u32) -> Outcome {
        let mut work = self.store.begin().await?;
        work.put_push_subscription(subscription, kept).await?;
        Ok(work.commit().await?)
    }

    /// The addresses that somebody is told at.
    async fn addresses(&self, user: &User) -> Outcome<Vec<String>> {
        let targets = self.store.push_targets(&[user.id]).await?;
        Ok(targets.iter().map(|target| target.subscription.endpoint.path().to_owned()).collect())
    }
}

pub(crate) async fn a_subscription_is_read_back_with_what_its_owner_wants(world: World) -> Outcome {
    assert!(!world.store.has_push_subscriptions().await?);
    let (mut ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let kept = world.subscribed(&ana, "ana", 7).await?;
    assert!(world.store.has_push_subscriptions().await?);
    assert_eq!(world.store.push_subscription(kept.session).await?, Some(kept.clone()));
    let targets = world.store.push_targets(&[ana.id, ben.id, ana.id]).await?;
    let [target] = targets.as_slice() else { return Err("one device".into()) };
    assert_eq!(target.subscription, kept);
    assert_eq!((target.remember, target.signed_in_at, target.last_used_at), (true, NOW, later(5)));
    assert_eq!((target.presence, &target.settings), (Presence::Online, &NotificationSettings::default()));

    let settings = NotificationSettings { preview: false, ..NotificationSettings::default() };
    ana.presence = Presence::DoNotDisturb;
    let mut work = world.store.begin().await?;
    work.update_user(&ana).await?;
    work.set_notification_settings(ana.id, &settings).await?;
    work.commit().await?;
    let targets = world.store.push_targets(&[ana.id]).await?;
    assert_eq!((targets[0].presence, &targets[0].settings), (Presence::DoNotDisturb, &settings));
    Ok(())
}

pub(crate) async fn a_subscription_goes_with_its_session(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    let (one, other) = (world.subscribed(&ana, "one", 1).await?, world.subscribed(&ana, "other", 2).await?);
    let mut work = world.store.begin().await?;
    work.delete_sessions(&[one.session]).await?;
    work.commit().await?;
    assert_eq!(world.addresses(&ana).await?, ["/other"]);
    // What was at another address has changed since.
    for (endpoint, left) in [(Some(&one.endpoint), 1), (Some(&other.endpoint), 0), (None, 0)] {
        let mut work = world.store.begin().await?;
        work.delete_push_subscription(other.session, endpoint).await?;
        work.commit().await?;
        assert_eq!(world.addresses(&ana).await?.len(), left);
    }
    Ok(())
}

pub(crate) async fn an_address_is_one_sessions_and_the_oldest_subscriptions_go(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let mut first = world.subscribed(&ana, "first", 1).await?;
    let second = world.subscribed(&ana, "second", 2).await?;
    let theirs = world.subscribed(&ben, "theirs", 3).await?;
    // The same browser is Ana's now.
    first.endpoint = theirs.endpoint;
    first.created_at = later(4);
    world.subscribe(&first, 20).await?;
    assert_eq!(world.store.push_subscription(first.session).await?, Some(first.clone()));
    assert!(world.addresses(&ben).await?.is_empty());
    let third = world.subscribed(&ana, "third", 5).await?;
    world.subscribe(&third, 2).await?;
    assert_eq!(world.store.push_subscription(second.session).await?, None, "the oldest one went");
    assert_eq!(world.addresses(&ana).await?, ["/theirs", "/third"]);
    world.subscribe(&first, 1).await?;
    assert_eq!(world.addresses(&ana).await?, ["/theirs"], "the one that is kept stays");
    Ok(())
}

pub(crate) async fn messages_are_pushed_to_those_who_hear_of_every_message(world: World) -> Outcome {
    let (ana, ben, cleo) = (world.user("ana").await?, world.user("ben").await?, world.user("cleo").await?);
    for person in [&ana, &ben, &cleo] {
        world.subscribed(person, person.username.as_str(), 1).await?;
    }
    let (direct, public) = (world.direct(&ana, &ben).await?, world.group_of(&ana, &ben).await?);
    let members = [&ana, &ben, &cleo].map(|user| (user, MemberRole::Member));
    let private = world.make_group(&world.new_group("Private", Visibility::Private)?, &members).await?;
    let mut places = Vec::new();
    for conversation in [direct, public, private] {
        places.push((conversation, world.post(conversation, &ana, "hello").await?.seq));
    }
    let audience = async || -> Outcome<Vec<(ConversationId, UserId)>> {
        let mut found = world.store.push_audience(&places, later(10)).await?;
        found.sort_unstable();
        Ok(found)
    };
    assert_eq!(audience().await?, [(direct, ben.id), (private, ben.id), (private, cleo.id)]);

    let want = |level| Preferences { level: Some(level), ..Preferences::default() };
    world.prefer(public, &ben, want(Level::All)).await?;
    world.prefer(private, &ben, want(Level::Mentions)).await?;
    let silent = |millis| Preferences { silent_until: Some(later(millis)), ..Preferences::default() };
    world.prefer(private, &cleo, silent(11)).await?;
    assert_eq!(audience().await?, [(direct, ben.id), (public, ben.id)]);
    world.prefer(private, &cleo, silent(10)).await?;
    assert_eq!(audience().await?.len(), 3, "silence ends by itself");

    world.read_up_to(direct, &ben, 1).await?;
    let mut work = world.store.begin().await?;
    work.insert_block(cleo.id, ana.id, NOW).await?;
    work.commit().await?;
    assert_eq!(audience().await?, [(public, ben.id)], "it was read, and its author is blocked");
    world.leave(public, &ben).await?;
    assert!(audience().await?.is_empty());
    Ok(())
}

pub(crate) async fn only_those_who_can_be_told_and_may_read_are_in_the_audience(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let direct = world.direct(&ana, &ben).await?;
    let mut entry = world.post(direct, &ana, "hello").await?;
    assert!(world.store.push_audience(&[(direct, entry.seq)], NOW).await?.is_empty(), "no device");
    world.subscribed(&ben, "ben", 1).await?;
    assert_eq!(world.store.push_audience(&[(direct, entry.seq)], NOW).await?, [(direct, ben.id)]);
    assert!(world.store.push_audience(&[(direct, entry.seq + 1)], NOW).await?.is_empty());
    world.ban(&ben, &ana, None, Some(later(5))).await?;
    assert!(world.store.push_audience(&[(direct, entry.seq)], NOW).await?.is_empty(), "he is banned");
    assert_eq!(world.store.push_audience(&[(direct, entry.seq)], later(5)).await?.len(), 1);
    let EntryKind::Message(message) = &mut entry.kind else { return Err("a message".into()) };
    message.changes.deleted_at = Some(NOW);
    let mut work = world.store.begin().await?;
    work.update_message(direct, entry.seq, message).await?;
    work.commit().await?;
    assert!(world.store.push_audience(&[(direct, entry.seq)], NOW).await?.is_empty(), "it was deleted");
    Ok(())
}
