use std::time::Duration;

use parlor_domain::{
    ConversationId, Day, DayFigures, EntryKind, Errand, Login, MailId, NewUser, PeopleFigures, PictureId,
    Role, Session, SessionFigures, SessionPolicy, StoreError, TokenHash, Uncounted, User, UserStatus,
    WaitingMail,
};

use crate::pictures::made;
use crate::world::{NOW, Outcome, World, later};

/// A day, in milliseconds.
const DAY: i64 = 86_400_000;

const POLICY: SessionPolicy = SessionPolicy {
    idle: Duration::from_mins(30),
    remember: Duration::from_hours(240),
    absolute: Duration::from_hours(2_400),
};

impl World {
    /// Counts all that is not counted, so many entries at a time.
    async fn count_all(&self, most: u64) -> Outcome {
        loop {
            let uncounted = self.store.uncounted(most).await?;
            if uncounted.is_empty() {
                return Ok(());
            }
            assert!(uncounted.iter().map(|part| part.until - part.since).sum::<u64>() <= most);
            assert!(self.note(&uncounted).await?);
        }
    }

    async fn note(&self, counted: &[Uncounted]) -> Result<bool, StoreError> {
        let mut work = self.store.begin().await?;
        let noted = work.note_counted(counted).await?;
        if noted {
            work.commit().await?;
        }
        Ok(noted)
    }

    async fn say_at(&self, days: i64, conversation: ConversationId, author: &User) -> Outcome {
        let kind = EntryKind::Message(self.message("hello")?);
        self.write_at(later(days * DAY), conversation, Some(author.id), kind).await.map(drop)
    }

    /// How many messages are counted on each day since [`NOW`], and altogether.
    async fn counted(&self) -> Outcome<(Vec<(i64, u64)>, u64)> {
        let today = Day::of(NOW).number();
        let days = self.store.days_since(Day::of(NOW)).await?;
        let days = days.iter().filter(|figures| figures.messages > 0);
        let days = days.map(|figures| (figures.day.number() - today, figures.messages)).collect();
        Ok((days, self.store.figures(&POLICY, NOW).await?.messages))
    }
}

pub(crate) async fn messages_are_counted_once_on_the_day_they_were_posted(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let (one, other) = (world.group_of(&ana, &ben).await?, world.direct(&ana, &ben).await?);
    world.count_all(100).await?;
    assert_eq!(world.counted().await?, (Vec::new(), 0));
    for days in [0, 0, 1, 3] {
        world.say_at(days, one, &ana).await?;
        // What is no message is not counted, whoever wrote it.
        world.write_at(later(days * DAY), one, Some(ben.id), EntryKind::Join(ben.id)).await?;
    }
    world.say_at(1, other, &ben).await?;
    for most in [1, 3, 100] {
        world.count_all(most).await?;
        assert_eq!(world.counted().await?, (vec![(0, 2), (1, 2), (3, 1)], 5));
    }
    world.say_at(3, one, &ana).await?;
    world.count_all(100).await?;
    assert_eq!(world.counted().await?, (vec![(0, 2), (1, 2), (3, 2)], 6));
    // What is deleted later was posted all the same.
    let mut work = world.store.begin().await?;
    work.erase_conversation(one, NOW).await?;
    work.commit().await?;
    world.count_all(100).await?;
    assert_eq!(world.counted().await?, (vec![(0, 2), (1, 2), (3, 2)], 6));
    Ok(())
}

pub(crate) async fn of_two_who_count_the_same_one_is_refused(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let group = world.group_of(&ana, &ben).await?;
    for round in 1..=2 {
        world.say_at(0, group, &ana).await?;
        let uncounted = world.store.uncounted(100).await?;
        let messages = vec![(Day::of(NOW), 1)];
        let expected = Uncounted { conversation: group, since: round - 1, until: round, messages };
        assert_eq!(uncounted, [expected]);
        assert!(world.note(&uncounted).await?);
        assert!(!world.note(&uncounted).await?, "round {round} was counted twice");
        assert_eq!(world.counted().await?, (vec![(0, round)], round));
    }
    Ok(())
}

pub(crate) async fn a_log_that_is_gone_is_not_counted_and_holds_nobody_up(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let group = world.group_of(&ana, &ben).await?;
    world.say_at(0, group, &ana).await?;
    let uncounted = world.store.uncounted(100).await?;
    let mut work = world.store.begin().await?;
    work.erase_conversation(group, NOW).await?;
    work.commit().await?;
    assert!(!world.note(&uncounted).await?);
    assert_eq!(world.store.uncounted(100).await?, []);
    Ok(())
}

pub(crate) async fn people_are_counted_by_what_they_are_and_on_the_day_they_came(world: World) -> Outcome {
    let before = world.store.figures(&POLICY, NOW).await?.people;
    assert_eq!(before, PeopleFigures::default());
    for (name, bot, days) in
        [("ana", false, 0), ("ben", false, 0), ("eve", false, 2), ("gone", false, 2), ("robot", true, 2)]
    {
        let new = NewUser { bot, created_at: later(days * DAY), ..world.new_user(name)? };
        let user = world.insert(&new).await?;
        let change = |role, status| User { role, status, ..user.clone() };
        let mut work = world.store.begin().await?;
        match name {
            "ana" => work.update_user(&change(Role::Admin, UserStatus::Active)).await?,
            "gone" => work.update_user(&change(Role::User, UserStatus::Deleted)).await?,
            _ => {}
        }
        work.commit().await?;
        if name == "ben" || name == "gone" {
            for end in [Some(5), None] {
                world.shut_out(&user, end).await?;
            }
        } else if name == "eve" {
            world.shut_out(&user, Some(-1)).await?;
        }
    }
    let people = world.store.figures(&POLICY, NOW).await?.people;
    assert_eq!(people, PeopleFigures { users: 2, admins: 1, bots: 1, banned: 1, deleted: 1 });
    let today = Day::of(NOW);
    let came = |days, new_people| DayFigures {
        day: Day::from_number(today.number() + days),
        messages: 0,
        new_people,
    };
    assert_eq!(world.store.days_since(today).await?, [came(0, 2), came(2, 2)]);
    assert_eq!(world.store.days_since(Day::from_number(today.number() + 1)).await?, [came(2, 2)]);
    Ok(())
}

pub(crate) async fn sessions_are_counted_by_what_they_are_while_they_are_good(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    let minutes = |minutes: i64| later(minutes * 60_000);
    let secret = |number| Some(TokenHash::from_bytes([number; 32]));
    let remembered = world.session(&ana, secret(1));
    let client = world.session(&ana, None);
    let idle = Session { last_used_at: minutes(-30), ..world.session(&ana, None) };
    let old = Session { created_at: minutes(-2_400 * 60), ..world.session(&ana, secret(2)) };
    let lasting = Session { last_used_at: minutes(-239 * 60), ..world.session(&ana, secret(3)) };
    let mut work = world.store.begin().await?;
    for session in [&remembered, &client, &idle, &old, &lasting] {
        work.insert_session(session).await?;
    }
    work.commit().await?;
    for (name, end) in [("lasting", None), ("ending", Some(later(5))), ("over", Some(NOW))] {
        world.give_token(&ana, name, end).await?;
    }
    let sessions = world.store.figures(&POLICY, NOW).await?.sessions;
    assert_eq!(sessions, SessionFigures { browsers: 2, clients: 1, programs: 2, webhooks: 0 });
    let sessions = world.store.figures(&POLICY, later(5)).await?.sessions;
    assert_eq!(sessions.programs, 1);
    Ok(())
}

pub(crate) async fn what_is_stored_and_what_waits_is_counted(world: World) -> Outcome {
    let before = world.store.figures(&POLICY, NOW).await?;
    assert!(before.storage.database_bytes > 10_000, "{before:?}");
    assert_eq!((before.storage.pictures, before.storage.picture_bytes), (0, 0));
    let id = MailId::from_uuid(world.id());
    let errand = Errand::RecoveryLink(Login::parse("USR000007").ok_or("login")?);
    let mut work = world.store.begin().await?;
    for _ in 0..2 {
        work.insert_picture(PictureId::from_uuid(world.id()), &made(), NOW).await?;
    }
    work.insert_mail(&WaitingMail { id, errand, created_at: NOW, due_at: NOW, tries: 0 }).await?;
    work.commit().await?;
    let after = world.store.figures(&POLICY, NOW).await?;
    let bytes = 2 * (made().small.len() + made().large.len()) as u64;
    assert_eq!((after.storage.pictures, after.storage.picture_bytes), (2, bytes));
    assert_eq!((after.waiting_mails, after.open_reports), (1, 0));
    Ok(())
}
