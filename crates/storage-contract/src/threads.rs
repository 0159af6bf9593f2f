use parlor_domain::{
    Answer, Changes, Entry, EntryKind, InThread, MemberRole, MentionedInThread, MessageBody, MessageId,
    PageSize, Span, Target, ThreadState, User,
};

use crate::world::{NOW, Outcome, World, append_next, later};

fn id_of(entry: &Entry) -> Outcome<MessageId> {
    Ok(entry.message().ok_or("no message")?.id)
}

impl World {
    /// Answers in the thread about `root`, that many milliseconds later.
    async fn answer(&self, root: &Entry, author: &User, broadcast: bool, millis: i64) -> Outcome<Entry> {
        let thread = InThread { root: id_of(root)?, seq: root.seq, broadcast };
        let mut message = self.message("an answer")?;
        message.thread = Some(thread);
        let mut work = self.store.begin().await?;
        let kind = EntryKind::Message(message);
        let entry = append_next(&mut *work, root.conversation, Some(author.id), kind, later(millis)).await?;
        let answer = Answer {
            conversation: root.conversation,
            root_seq: root.seq,
            root_author: root.actor.ok_or("no author")?,
            author: author.id,
            seq: entry.seq,
        };
        work.note_answers(&[answer], later(millis)).await?;
        work.commit().await?;
        Ok(entry)
    }

    async fn delete_answer(&self, entry: &Entry) -> Outcome<Entry> {
        let mut message = entry.message().cloned().ok_or("no message")?;
        let thread = message.thread.ok_or("in no thread")?;
        let head = self.store.conversation(entry.conversation).await?.ok_or("no conversation")?.last_seq;
        message.body = MessageBody::from_stored(String::new());
        message.changes = Changes { seq: head + 1, deleted_at: Some(NOW), ..Changes::default() };
        let author = entry.actor.ok_or("no author")?;
        let mut work = self.store.begin().await?;
        work.update_message(entry.conversation, entry.seq, &message).await?;
        work.note_deleted_answer(entry.conversation, thread.seq, head + 1).await?;
        let target = Box::new(Target { seq: entry.seq, author, message });
        let kind = EntryKind::Deletion(target);
        let gone = append_next(&mut *work, entry.conversation, entry.actor, kind, NOW).await?;
        work.commit().await?;
        Ok(gone)
    }

    async fn state(&self, root: &Entry, user: &User) -> Outcome<ThreadState> {
        Ok(self.store.thread_state(root.conversation, root.seq, user.id).await?.ok_or("no state")?)
    }
}

pub(crate) async fn a_message_in_a_thread_is_read_back_and_counted_where_it_belongs(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let group = world.group_of(&ana, &ben).await?;
    let root = world.post(group, &ana, "about this").await?;
    let first = world.answer(&root, &ben, false, 1).await?;
    let second = world.answer(&root, &ana, true, 2).await?;
    let read = world.store.message(id_of(&root)?).await?.ok_or("no root")?;
    let replies = read.message().and_then(|message| message.replies.clone()).ok_or("no replies")?;
    assert_eq!((replies.count, replies.seq, replies.latest_at), (2, second.seq, later(2)));
    assert_eq!(replies.people, [ana.id, ben.id], "the latest first");
    let log = world.store.log(group, ben.id, Span::After(0), 10).await?.ok_or("no log")?.entries;
    assert_eq!(log.iter().map(|entry| (**entry).clone()).collect::<Vec<_>>(), [read, first.clone(), second]);
    let roots = world.store.thread_roots(&[id_of(&root)?, id_of(&first)?]).await?;
    let of = |entry: &Entry| roots.iter().find(|one| one.seq == entry.seq).copied();
    assert_eq!(of(&root).map(|root| (root.author, root.is_answer)), Some((ana.id, false)));
    assert_eq!(of(&first).map(|first| first.is_answer), Some(true));
    // An entry that changes it knows where it stands, too.
    let gone = world.delete_answer(&first).await?;
    let told = world.store.entries(group, gone.seq - 1, 1).await?;
    assert_eq!(told[0].target().ok_or("no target")?.message.thread, first.message().ok_or("none")?.thread);
    Ok(())
}

pub(crate) async fn a_message_in_a_thread_is_not_in_the_conversation_unless_it_is_shown_there(
    world: World,
) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let group = world.group_of(&ana, &ben).await?;
    let root = world.post(group, &ana, "about this").await?;
    world.answer(&root, &ana, false, 1).await?;
    assert_eq!(world.unread(group, &ben).await?, 1, "the root alone");
    let view = world.store.conversation_view(group, ben.id).await?.ok_or("no view")?;
    assert_eq!(view.last_message.map(|message| message.seq), Some(root.seq));
    let shown = world.answer(&root, &ana, true, 2).await?;
    assert_eq!(world.unread(group, &ben).await?, 2);
    let view = world.store.conversation_view(group, ben.id).await?.ok_or("no view")?;
    assert_eq!(view.last_message.map(|message| message.seq), Some(shown.seq));
    let entries = world.store.thread_entries(group, root.seq, 0, Span::Newest, 10).await?;
    assert_eq!(entries.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [2, 3]);
    let before = world.store.thread_entries(group, root.seq, 0, Span::Before(3), 10).await?;
    assert_eq!(before.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [2]);
    let after = world.store.thread_entries(group, root.seq, 2, Span::After(0), 10).await?;
    assert_eq!(after.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [3], "above the floor");
    Ok(())
}

pub(crate) async fn a_thread_is_unread_for_those_who_follow_it(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let group = world.group_of(&ana, &ben).await?;
    let root = world.post(group, &ana, "about this").await?;
    assert!(!world.state(&root, &ana).await?.following, "there is nothing to follow yet");
    let first = world.answer(&root, &ben, false, 1).await?;
    // Whoever wrote the message follows from the first answer on; whoever answers has read so far.
    let state = world.state(&root, &ana).await?;
    assert_eq!((state.following, state.unread, state.as_of), (true, 1, first.seq));
    let state = world.state(&root, &ben).await?;
    assert_eq!((state.following, state.unread, state.read_seq), (true, 0, first.seq));
    let mut work = world.store.begin().await?;
    work.read_thread(group, root.seq, ana.id, first.seq).await?;
    work.read_thread(group, root.seq, ana.id, 1).await?;
    work.commit().await?;
    let state = world.state(&root, &ana).await?;
    assert_eq!((state.unread, state.read_seq), (0, first.seq), "it does not move back");
    // Whoever said no is not asked again.
    let mut work = world.store.begin().await?;
    work.follow_thread(group, root.seq, ana.id, false).await?;
    work.commit().await?;
    let second = world.answer(&root, &ben, false, 2).await?;
    let state = world.state(&root, &ana).await?;
    assert_eq!((state.following, state.unread), (false, 0));
    let mut work = world.store.begin().await?;
    work.follow_thread(group, root.seq, ana.id, true).await?;
    work.commit().await?;
    let state = world.state(&root, &ana).await?;
    assert_eq!((state.following, state.unread, state.read_seq), (true, 0, second.seq));
    Ok(())
}

pub(crate) async fn who_is_mentioned_in_a_thread_follows_it_unless_they_said_no(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let (cleo, dan) = (world.user("cleo").await?, world.user("dan").await?);
    let everybody = [&ana, &ben, &cleo, &dan].map(|user| (user, MemberRole::Member));
    let group = world.group("Talk", &everybody).await?;
    let root = world.post(group, &ana, "about this").await?;
    let first = world.answer(&root, &ben, false, 1).await?;
    let mut work = world.store.begin().await?;
    work.follow_thread(group, root.seq, dan.id, false).await?;
    work.commit().await?;
    let second = world.answer(&root, &ben, false, 2).await?;
    let third = world.answer(&root, &ben, false, 3).await?;
    let mention =
        |user: &User, seq| MentionedInThread { conversation: group, root_seq: root.seq, user: user.id, seq };
    let mentions = [mention(&cleo, third.seq), mention(&cleo, second.seq), mention(&dan, third.seq)];
    for _ in 0..2 {
        let mut work = world.store.begin().await?;
        work.follow_mentioned(&mentions).await?;
        work.commit().await?;
    }
    let state = world.state(&root, &cleo).await?;
    assert_eq!((state.following, state.unread, state.read_seq), (true, 2, first.seq));
    assert!(!world.state(&root, &dan).await?.following);
    Ok(())
}

pub(crate) async fn a_deleted_answer_is_not_counted(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let group = world.group_of(&ana, &ben).await?;
    let root = world.post(group, &ana, "about this").await?;
    world.answer(&root, &ben, false, 1).await?;
    let second = world.answer(&root, &ben, false, 2).await?;
    let gone = world.delete_answer(&second).await?;
    let read = world.store.message(id_of(&root)?).await?.ok_or("no root")?;
    let replies = read.message().and_then(|message| message.replies.clone()).ok_or("no replies")?;
    assert_eq!((replies.count, replies.seq, replies.latest_at), (1, gone.seq, later(1)));
    let state = world.state(&root, &ana).await?;
    assert_eq!((state.unread, state.as_of), (1, gone.seq));
    Ok(())
}

pub(crate) async fn threads_are_listed_with_something_unread_first(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let group = world.group_of(&ana, &ben).await?;
    let mut roots = Vec::new();
    for number in 0..4 {
        let root = world.post(group, &ana, &format!("about {number}")).await?;
        let answer = world.answer(&root, &ben, false, number).await?;
        roots.push((root, answer));
    }
    world.post(group, &ana, "nobody answers").await?;
    // Of the older two there is nothing left to read.
    let mut work = world.store.begin().await?;
    for (root, answer) in &roots[2..] {
        work.read_thread(group, root.seq, ana.id, answer.seq).await?;
    }
    work.commit().await?;
    let expected: Vec<u64> = [1, 0, 3, 2].iter().map(|place: &usize| roots[*place].0.seq).collect();
    let size = PageSize::new(1).ok_or("a size")?;
    let (mut listed, mut after) = (Vec::new(), None);
    loop {
        let page = world.store.followed_threads(ana.id, after.as_deref(), size).await?;
        listed.extend(page.items.iter().map(|thread| (thread.root.seq, thread.state.unread)));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(listed.iter().map(|(seq, _)| *seq).collect::<Vec<_>>(), expected);
    assert_eq!(listed.iter().map(|(_, unread)| *unread).collect::<Vec<_>>(), [1, 1, 0, 0]);
    Ok(())
}

pub(crate) async fn one_who_left_sees_no_thread(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let group = world.group_of(&ana, &ben).await?;
    let root = world.post(group, &ben, "about this").await?;
    world.answer(&root, &ana, false, 1).await?;
    assert_eq!(world.store.followed_threads(ben.id, None, PageSize::default()).await?.items.len(), 1);
    world.leave(group, &ben).await?;
    assert!(world.store.followed_threads(ben.id, None, PageSize::default()).await?.items.is_empty());
    assert_eq!(world.store.thread_state(group, root.seq, ben.id).await?, None);
    Ok(())
}
