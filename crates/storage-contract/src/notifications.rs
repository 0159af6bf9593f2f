use parlor_domain::{
    ConversationId, Emoji, Entry, EntryKind, Kinds, Level, Listener, MemberRole, Mentions, NewNotification,
    Notification, NotificationKind, NotificationSettings, PageSize, Preferences, QuietHours, Timestamp, User,
    UserId, Username,
};

use crate::world::{NOW, Outcome, World, later};

const KEPT: u32 = 3;

impl World {
    /// Posts a message that mentions these people.
    async fn mention(
        &self,
        conversation: ConversationId,
        author: &User,
        mentions: Mentions,
    ) -> Outcome<Entry> {
        let message = parlor_domain::Message { mentions, ..self.message("look here")? };
        self.write(conversation, Some(author.id), EntryKind::Message(message)).await
    }

    async fn tell(&self, news: &[NewNotification]) -> Outcome<usize> {
        let mut work = self.store.begin().await?;
        let written = work.insert_notifications(news, KEPT).await?.len();
        work.commit().await?;
        Ok(written)
    }

    async fn told(&self, user: &User) -> Outcome<Vec<Notification>> {
        Ok(self.store.notifications(user.id, None, PageSize::default()).await?.items)
    }

    async fn news_of(&self, user: &User) -> Outcome<u64> {
        Ok(self.store.notification_summary(user.id).await?.unread)
    }

    pub(crate) async fn prefer(
        &self,
        conversation: ConversationId,
        user: &User,
        preferences: Preferences,
    ) -> Outcome {
        let mut work = self.store.begin().await?;
        work.set_preferences(conversation, user.id, &preferences).await?;
        Ok(work.commit().await?)
    }

    async fn treated(&self, conversation: ConversationId, user: &User) -> Outcome<(u64, Preferences)> {
        let view = self.store.conversation_view(conversation, user.id).await?.ok_or("not a member")?;
        Ok((view.unread_mentions, view.preferences))
    }
}

fn about(entry: &Entry, user: &User, kind: NotificationKind, at: Timestamp) -> NewNotification {
    let (conversation, seq) = (Some(entry.conversation), Some(entry.seq));
    NewNotification { user: user.id, kind, conversation, seq, actor: entry.actor, at }
}

fn of(users: &[&User]) -> Mentions {
    Mentions { all: false, users: users.iter().map(|user| user.id).collect() }
}

fn names(listeners: &[Listener]) -> Vec<&str> {
    let mut names: Vec<_> = listeners.iter().map(|listener| listener.username.as_str()).collect();
    names.sort_unstable();
    names
}

pub(crate) async fn whom_a_message_mentions_is_read_back(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let group = world.group_of(&ana, &ben).await?;
    for mentions in [of(&[&ana, &ben]), Mentions { all: true, users: Vec::new() }, Mentions::default()] {
        let entry = world.mention(group, &ana, mentions.clone()).await?;
        let read = world.store.entries(group, entry.seq - 1, 1).await?;
        assert_eq!(read, [entry], "{mentions:?}");
    }
    Ok(())
}

pub(crate) async fn unread_mentions_are_counted_exactly(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let group = world.group_of(&ana, &ben).await?;
    world.mention(group, &ana, of(&[&ben])).await?;
    let all = world.mention(group, &ana, Mentions { all: true, users: Vec::new() }).await?;
    world.mention(group, &ana, of(&[&ana])).await?;
    world.mention(group, &ben, Mentions { all: true, users: Vec::new() }).await?;
    world.post(group, &ana, "@ben without anybody having looked").await?;
    assert_eq!(world.treated(group, &ben).await?.0, 2);
    assert_eq!(world.treated(group, &ana).await?.0, 1, "one's own mention nobody");
    world.read_up_to(group, &ben, 1).await?;
    assert_eq!(world.treated(group, &ben).await?.0, 1);
    let mut message = all.message().ok_or("no message")?.clone();
    message.mentions = Mentions::default();
    message.changes.seq = 6;
    let mut work = world.store.begin().await?;
    work.update_message(group, all.seq, &message).await?;
    work.commit().await?;
    assert_eq!(world.treated(group, &ben).await?.0, 0);
    Ok(())
}

pub(crate) async fn how_a_conversation_is_treated_is_read_back(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let group = world.group_of(&ana, &ben).await?;
    assert_eq!(world.treated(group, &ana).await?.1, Preferences::default());
    world.post(group, &ben, "one").await?;
    let chosen = Preferences {
        level: Some(Level::Nothing),
        silent_until: Some(later(5)),
        favourite: true,
        hidden: true,
    };
    world.prefer(group, &ana, chosen).await?;
    assert_eq!(world.treated(group, &ana).await?.1, chosen);
    assert_eq!(world.treated(group, &ben).await?.1, Preferences::default(), "nobody else's matter");
    world.write(group, Some(ben.id), EntryKind::Archive).await?;
    assert!(world.treated(group, &ana).await?.1.hidden, "only messages bring it back");
    world.post(group, &ben, "two").await?;
    assert_eq!(world.treated(group, &ana).await?.1, Preferences { hidden: false, ..chosen });
    Ok(())
}

pub(crate) async fn listeners_are_active_members_with_what_they_want(world: World) -> Outcome {
    let [ana, ben, cleo] = [world.user("ana").await?, world.user("ben").await?, world.user("cleo").await?];
    let group = world.group_of(&ana, &ben).await?;
    let post = world.post(group, &ana, "one").await?;
    world.prefer(group, &ana, Preferences { level: Some(Level::Mentions), ..Preferences::default() }).await?;
    let off: Kinds = [NotificationKind::Reply].into_iter().collect();
    let mut work = world.store.begin().await?;
    let settings = NotificationSettings { off, ..NotificationSettings::default() };
    work.set_notification_settings(ana.id, &settings).await?;
    work.commit().await?;

    let wanted = ["ana", "cleo", "nobody"].map(|name| (group, Username::from_stored(name.into())));
    let named = world.store.listeners_named(&wanted).await?;
    let expected = Listener {
        conversation: group,
        user: ana.id,
        username: ana.username.clone(),
        level: Some(Level::Mentions),
        silent_until: None,
        off,
    };
    assert_eq!(named, std::slice::from_ref(&expected));
    assert_eq!(names(&world.store.listeners_in(group).await?), ["ana", "ben"]);
    let id = post.message().ok_or("no message")?.id;
    assert_eq!(world.store.listeners_answered(&[id]).await?, [(id, expected)]);
    assert_eq!(names(&world.store.listeners(group, &[ben.id, cleo.id]).await?), ["ben", "cleo"]);
    world.leave(group, &ana).await?;
    assert_eq!(world.store.listeners_answered(&[id]).await?, []);
    assert_eq!(names(&world.store.listeners_in(group).await?), ["ben"]);
    Ok(())
}

pub(crate) async fn notifications_come_the_latest_first_page_by_page(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let group = world.group_of(&ana, &ben).await?;
    for millis in 1..=3 {
        let entry = world.mention(group, &ben, of(&[&ana])).await?;
        assert_eq!(world.tell(&[about(&entry, &ana, NotificationKind::Mention, later(millis))]).await?, 1);
    }
    let one = PageSize::new(1).ok_or("one fits")?;
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = world.store.notifications(ana.id, after.as_deref(), one).await?;
        seen.extend(page.items.iter().map(|told| told.entry.as_ref().map_or(0, |entry| entry.seq)));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen, [3, 2, 1]);
    assert!(world.told(&ben).await?.is_empty());
    let told = world.store.notifications_about(group, 2, NotificationKind::Mention).await?;
    assert!(told.len() == 1 && told[0].user == ana.id && told[0].actor == Some(ben.id) && !told[0].read);
    Ok(())
}

pub(crate) async fn one_is_told_once_and_of_reactions_anew(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let group = world.group_of(&ana, &ben).await?;
    let entry = world.mention(group, &ben, of(&[&ana])).await?;
    let mention = about(&entry, &ana, NotificationKind::Mention, later(1));
    let mention = std::slice::from_ref(&mention);
    assert_eq!((world.tell(mention).await?, world.tell(mention).await?), (1, 0));

    let own = world.post(group, &ana, "mine").await?;
    let mut work = world.store.begin().await?;
    work.insert_reaction(group, own.seq, &Emoji::parse("🎈")?, ben.id, NOW).await?;
    work.commit().await?;
    let reaction = |millis| NewNotification {
        actor: Some(ben.id),
        ..about(&own, &ana, NotificationKind::Reaction, later(millis))
    };
    assert_eq!(world.tell(&[reaction(2)]).await?, 1);
    let first = world.told(&ana).await?[0].id;
    let mut work = world.store.begin().await?;
    assert!(work.mark_notifications_read(ana.id, Some(&[first]), NOW).await?);
    assert!(!work.mark_notifications_read(ana.id, Some(&[first]), NOW).await?, "it was");
    work.commit().await?;
    assert_eq!(world.tell(&[reaction(3)]).await?, 1);
    let told = world.told(&ana).await?;
    assert!(told[0].id == first && !told[0].read && told[0].at == later(3) && told.len() == 2);
    Ok(())
}

pub(crate) async fn what_one_may_not_read_any_more_is_not_told(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let group = world.group_of(&ana, &ben).await?;
    let mention = world.mention(group, &ben, of(&[&ana])).await?;
    let reply = world.post(group, &ben, "a reply").await?;
    let own = world.post(group, &ana, "mine").await?;
    world
        .tell(&[
            about(&mention, &ana, NotificationKind::Mention, later(1)),
            about(&reply, &ana, NotificationKind::Reply, later(2)),
            about(&own, &ana, NotificationKind::Reaction, later(3)),
        ])
        .await?;
    assert_eq!(world.told(&ana).await?.len(), 2, "there is no reaction any more");
    let rewrite = async |entry: &Entry, change: &dyn Fn(&mut parlor_domain::Message)| -> Outcome {
        let mut message = entry.message().ok_or("no message")?.clone();
        change(&mut message);
        let mut work = world.store.begin().await?;
        work.update_message(group, entry.seq, &message).await?;
        Ok(work.commit().await?)
    };
    rewrite(&reply, &|message| message.changes.deleted_at = Some(NOW)).await?;
    assert_eq!((world.told(&ana).await?.len(), world.news_of(&ana).await?), (1, 1));
    rewrite(&mention, &|message| message.mentions = Mentions::default()).await?;
    assert_eq!((world.told(&ana).await?.len(), world.news_of(&ana).await?), (0, 0));
    rewrite(&mention, &|message| message.mentions.users = vec![ana.id]).await?;
    assert_eq!(world.told(&ana).await?.len(), 1);
    world.leave(group, &ana).await?;
    assert_eq!((world.told(&ana).await?.len(), world.news_of(&ana).await?), (0, 0));
    Ok(())
}

pub(crate) async fn what_was_read_in_its_conversation_is_no_news(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let group = world.group("Talk", &[(&ana, MemberRole::Member), (&ben, MemberRole::Owner)]).await?;
    let mention = world.mention(group, &ben, of(&[&ana])).await?;
    let role = world.write(group, Some(ben.id), EntryKind::Role(ana.id, MemberRole::Moderator)).await?;
    let ban = NewNotification {
        user: ana.id,
        kind: NotificationKind::BanLifted,
        conversation: None,
        seq: None,
        actor: None,
        at: later(3),
    };
    world
        .tell(&[
            about(&mention, &ana, NotificationKind::Mention, later(1)),
            about(&role, &ana, NotificationKind::Role, later(2)),
            ban,
        ])
        .await?;
    assert_eq!(world.news_of(&ana).await?, 3);
    world.read_up_to(group, &ana, 2).await?;
    assert_eq!(world.news_of(&ana).await?, 2, "the message was read, of the others one is told");
    let mut work = world.store.begin().await?;
    work.mark_notifications_read(ana.id, None, NOW).await?;
    work.commit().await?;
    assert_eq!(world.news_of(&ana).await?, 0);
    assert!(world.told(&ana).await?.iter().all(|told| told.read));
    Ok(())
}

pub(crate) async fn the_oldest_notifications_go(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let group = world.group_of(&ana, &ben).await?;
    let mut news = Vec::new();
    for millis in 1..=4 {
        let entry = world.mention(group, &ben, of(&[&ana])).await?;
        news.push(about(&entry, &ana, NotificationKind::Mention, later(millis)));
    }
    let other = world.mention(group, &ana, of(&[&ben])).await?;
    world.tell(&[about(&other, &ben, NotificationKind::Mention, NOW)]).await?;
    for one in news {
        world.tell(&[one]).await?;
    }
    let at: Vec<_> = world.told(&ana).await?.iter().map(|told| told.at).collect();
    assert_eq!(at, [later(4), later(3), later(2)]);
    assert_eq!(world.told(&ben).await?.len(), 1, "each has as many");
    Ok(())
}

pub(crate) async fn what_one_wants_to_be_told_is_read_back(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    assert_eq!(world.store.notification_summary(ana.id).await?.settings, NotificationSettings::default());
    let settings = NotificationSettings {
        off: NotificationKind::ALL.into_iter().collect(),
        quiet: QuietHours::new(22 * 60, 7 * 60, 0x1f, -300),
        sound: false,
        badge: false,
        preview: false,
    };
    for chosen in [settings, NotificationSettings::default()] {
        let mut work = world.store.begin().await?;
        work.set_notification_settings(ana.id, &chosen).await?;
        work.commit().await?;
        assert_eq!(world.store.notification_summary(ana.id).await?.settings, chosen);
    }
    Ok(())
}

pub(crate) async fn one_who_is_nobody_was_told_nothing(world: World) -> Outcome {
    let nobody = UserId::from_uuid(world.id());
    assert_eq!(world.store.notification_summary(nobody).await?.unread, 0);
    assert!(world.store.notifications(nobody, None, PageSize::default()).await?.items.is_empty());
    Ok(())
}

pub(crate) async fn what_a_blocked_person_does_is_not_told(world: World) -> Outcome {
    let (ana, ben, cleo) = (world.user("ana").await?, world.user("ben").await?, world.user("cleo").await?);
    let group = world.group("Talk", &[&ana, &ben, &cleo].map(|user| (user, MemberRole::Member))).await?;
    let mut work = world.store.begin().await?;
    work.insert_block(ana.id, ben.id, NOW).await?;
    work.commit().await?;
    let bens = world.mention(group, &ben, of(&[&ana, &cleo])).await?;
    let cleos = world.mention(group, &cleo, of(&[&ana])).await?;
    let news = [
        NewNotification { actor: Some(ben.id), ..about(&bens, &ana, NotificationKind::Mention, later(1)) },
        NewNotification { actor: Some(ben.id), ..about(&bens, &cleo, NotificationKind::Mention, later(1)) },
        NewNotification { actor: Some(cleo.id), ..about(&cleos, &ana, NotificationKind::Mention, later(2)) },
    ];
    assert_eq!(world.tell(&news).await?, 2);
    let actors: Vec<_> = world.told(&ana).await?.iter().map(|told| told.actor).collect();
    assert_eq!(actors, [Some(cleo.id)]);
    Ok(())
}
