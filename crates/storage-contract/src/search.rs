use std::sync::Arc;

use parlor_domain::{
    Actor, Clock, Entry, EntryKind, Indexing, MessageBody, Page, PageSize, Progress, Rebuild, Role, Search,
    SearchError, SearchHit, SearchRequest, Target, Timestamp, User,
};

use crate::world::{NOW, Outcome, World, later, membership};

/// A clock that stands still.
struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        NOW
    }
}

impl World {
    /// Brings everything into the index.
    pub(crate) async fn index(&self) -> Outcome {
        let indexing = Indexing::new(Arc::clone(&self.store));
        while indexing.rebuild().await? != Progress::Done {}
        for conversation in indexing.behind(1_000).await? {
            while indexing.follow(conversation).await? != Progress::Done {}
        }
        assert_eq!(indexing.behind(1).await?, []);
        Ok(())
    }

    pub(crate) async fn search(
        &self,
        reader: &User,
        request: SearchRequest<'_>,
    ) -> Result<Page<SearchHit>, SearchError> {
        let actor = Actor { user: reader.id, role: Role::User };
        Search::new(Arc::clone(&self.store), Arc::new(Still)).find(&actor, &request).await
    }

    /// The texts that somebody finds.
    pub(crate) async fn hits(&self, reader: &User, query: &str) -> Outcome<Vec<String>> {
        let page = self.search(reader, request(query)).await.map_err(|error| format!("{query}: {error}"))?;
        assert_eq!(page.next, None, "{query}");
        Ok(texts(&page))
    }

    async fn edit(&self, entry: &Entry, text: &str) -> Outcome {
        self.rewrite(entry, text, |message| message.changes.edited_at = Some(later(1)), EntryKind::Edit).await
    }

    async fn rewrite(
        &self,
        entry: &Entry,
        text: &str,
        change: impl FnOnce(&mut parlor_domain::Message),
        kind: impl FnOnce(Box<Target>) -> EntryKind,
    ) -> Outcome {
        let mut message = entry.message().ok_or("no message")?.clone();
        message.body = MessageBody::from_stored(text.to_owned());
        change(&mut message);
        let author = entry.actor.ok_or("no author")?;
        let mut work = self.store.begin().await?;
        work.update_message(entry.conversation, entry.seq, &message).await?;
        if message.changes.deleted_at.is_some() {
            work.erase_document(entry.conversation, entry.seq).await?;
        }
        let target = Box::new(Target { seq: entry.seq, author, message });
        crate::world::append_next(&mut *work, entry.conversation, Some(author), kind(target), NOW).await?;
        Ok(work.commit().await?)
    }
}

fn request(text: &str) -> SearchRequest<'_> {
    SearchRequest { text, conversation: None, minutes_ahead: 0, after: None, size: PageSize::default() }
}

fn texts(page: &Page<SearchHit>) -> Vec<String> {
    let bodies = page.items.iter().filter_map(|hit| hit.entry.message());
    bodies.map(|message| message.body.as_str().to_owned()).collect()
}

pub(crate) async fn what_is_indexed_as_it_is_written_is_found_like_what_was_there_before(
    world: World,
) -> Outcome {
    world.index().await?;
    let [ana, ben, cleo] = world.chat().await?;
    assert_eq!(world.hits(&ana, "kitchen").await?, Vec::<String>::new(), "not indexed yet");
    world.index().await?;
    assert_eq!(world.hits(&ana, "kitchen").await?.len(), 6);
    assert_eq!(world.hits(&ben, "kitchen").await?.len(), 5, "not ana's notes");
    assert_eq!(world.hits(&cleo, "kitchen").await?, ["The kitchen is secret"]);
    // Once more changes nothing.
    world.index().await?;
    assert_eq!(world.hits(&ana, "kitchen").await?.len(), 6);
    Ok(())
}

pub(crate) async fn names_and_places_that_there_are_not_are_told(world: World) -> Outcome {
    let [ana, ..] = world.chat().await?;
    let error = world.search(&ana, request("from:nobody x")).await.err();
    assert!(matches!(error, Some(SearchError::NoSuchPerson(name)) if name == "nobody"));
    // That there is such a group is not for her to know.
    let error = world.search(&ana, request("in:secret x")).await.err();
    assert!(matches!(error, Some(SearchError::NoSuchConversation(name)) if name == "secret"));
    Ok(())
}

pub(crate) async fn hits_come_in_pages_the_newest_first(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let group = world.group_of(&ana, &ben).await?;
    for number in 0..25 {
        world.post(group, &ana, &format!("page turner {number}")).await?;
        world.post(group, &ben, &format!("turner of the page {number}")).await?;
    }
    world.index().await?;
    let size = PageSize::new(10).ok_or("a size")?;
    let (mut all, mut after): (Vec<String>, Option<String>) = (Vec::new(), None);
    for pages in 1.. {
        let ask = SearchRequest { after: after.as_deref(), size, ..request("\"page turner\"") };
        let page = world.search(&ana, ask).await?;
        all.extend(texts(&page));
        after = page.next;
        if after.is_none() {
            assert_eq!(pages, 3);
            break;
        }
    }
    let expected: Vec<String> = (0..25).rev().map(|number| format!("page turner {number}")).collect();
    assert_eq!(all, expected);
    Ok(())
}

pub(crate) async fn only_what_one_may_read_is_found(world: World) -> Outcome {
    let (ana, ben, cleo) = (world.user("ana").await?, world.user("ben").await?, world.user("cleo").await?);
    let group = world.group_of(&ana, &ben).await?;
    world.post(group, &ana, "needle one").await?;
    let second = world.post(group, &ana, "needle two").await?;
    let mut work = world.store.begin().await?;
    let late = parlor_domain::Membership { floor_seq: second.seq, ..membership(group, cleo.id) };
    work.insert_members(&[late]).await?;
    work.commit().await?;
    world.post(group, &ben, "needle three").await?;
    world.index().await?;
    assert_eq!(world.hits(&ben, "needle").await?, ["needle three", "needle two", "needle one"]);
    assert_eq!(world.hits(&cleo, "needle").await?, ["needle three"], "nothing up to the floor");
    world.leave(group, &ben).await?;
    assert_eq!(world.hits(&ben, "needle").await?, Vec::<String>::new());
    let there = SearchRequest { conversation: Some(group), ..request("needle") };
    assert!(matches!(world.search(&ben, there).await, Err(SearchError::Denied(_))));
    assert_eq!(texts(&world.search(&ana, there).await?).len(), 3);
    Ok(())
}

pub(crate) async fn one_who_is_banned_from_a_group_finds_nothing_in_it(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let group = world.group_of(&ana, &ben).await?;
    world.post(group, &ana, "needle").await?;
    world.index().await?;
    let mut ban = parlor_domain::Ban {
        id: parlor_domain::BanId::from_uuid(world.id()),
        user: ben.id,
        group: Some(parlor_domain::GroupId::from(group)),
        reason: parlor_domain::BanReason::parse("spam")?,
        issued_by: Some(ana.id),
        issued_at: NOW,
        until: Some(NOW),
        lifted_at: None,
    };
    let insert = async |ban: &parlor_domain::Ban| -> Outcome {
        let mut work = world.store.begin().await?;
        work.insert_ban(ban).await?;
        Ok(work.commit().await?)
    };
    insert(&ban).await?;
    assert_eq!(world.hits(&ben, "needle").await?, ["needle"], "it has ended");
    ban.id = parlor_domain::BanId::from_uuid(world.id());
    ban.until = None;
    insert(&ban).await?;
    assert_eq!(world.hits(&ben, "needle").await?, Vec::<String>::new());
    Ok(())
}

pub(crate) async fn a_changed_message_is_found_as_it_is_now(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let group = world.group_of(&ana, &ben).await?;
    let first = world.post(group, &ana, "before the change").await?;
    let second = world.post(group, &ana, "another change").await?;
    world.index().await?;
    world.edit(&first, "afterwards https://example.org").await?;
    // The index is behind, and the text that is gone is found no more.
    assert_eq!(world.hits(&ben, "before").await?, Vec::<String>::new());
    world.index().await?;
    assert_eq!(world.hits(&ben, "before").await?, Vec::<String>::new());
    assert_eq!(world.hits(&ben, "afterwards has:link").await?, ["afterwards https://example.org"]);
    assert_eq!(world.hits(&ben, "ward change").await?, Vec::<String>::new());

    let delete = |message: &mut parlor_domain::Message| message.changes.deleted_at = Some(later(2));
    world.rewrite(&second, "", delete, EntryKind::Deletion).await?;
    assert_eq!(world.hits(&ben, "another").await?, Vec::<String>::new());
    world.index().await?;
    assert_eq!(world.hits(&ben, "another").await?, Vec::<String>::new());
    assert_eq!(world.hits(&ben, "from:ana").await?, ["afterwards https://example.org"]);
    Ok(())
}

pub(crate) async fn what_was_there_before_the_index_is_brought_in_by_one_at_a_time(world: World) -> Outcome {
    let [ana, ..] = world.chat().await?;
    assert_eq!(world.store.rebuild_state().await?, Rebuild::NotBegun);
    let mut work = world.store.begin().await?;
    assert_eq!(work.claim_rebuild().await?, Some(Rebuild::NotBegun));
    work.begin_rebuild().await?;
    work.commit().await?;
    assert_eq!(world.store.rebuild_state().await?, Rebuild::UpTo(Rebuild::NOTHING));
    if !world.one_writer {
        let mut work = world.store.begin().await?;
        assert_eq!(work.claim_rebuild().await?, Some(Rebuild::UpTo(Rebuild::NOTHING)));
        let indexing = Indexing::new(Arc::clone(&world.store));
        assert_eq!(indexing.rebuild().await?, Progress::Elsewhere);
        drop(work);
    }
    world.index().await?;
    assert_eq!(world.store.rebuild_state().await?, Rebuild::Done);
    assert_eq!(world.hits(&ana, "kitchen").await?.len(), 6);
    Ok(())
}

pub(crate) async fn somebody_in_few_of_many_conversations_finds_all_of_theirs(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let own = world.direct(&ben, &ben).await?;
    let other = world.direct(&ana, &ana).await?;
    for number in 0..60 {
        world.post(other, &ana, &format!("needle {number}")).await?;
    }
    world.post(own, &ben, "needle of ben").await?;
    for number in 60..80 {
        world.post(other, &ana, &format!("needle {number}")).await?;
    }
    world.index().await?;
    assert_eq!(world.hits(&ben, "needle").await?, ["needle of ben"]);
    assert_eq!(world.hits(&ben, "before:2030-01-01").await?, ["needle of ben"]);
    Ok(())
}
