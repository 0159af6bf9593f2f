//! Threads: answering apart from the conversation, and following.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod common;

use parlor_domain::{
    Actor, ClientId, ConversationId, Denied, IdSource, MessageBody, MessageId, PageSize, Post, PostError,
    Posted, Span, ThreadAnswer, ThreadError, Threads,
};

use common::{Chat, post};

struct Talk {
    chat: Chat,
    threads: Threads,
    ana: Actor,
    ben: Actor,
    direct: ConversationId,
    root: MessageId,
}

impl Talk {
    async fn start() -> Self {
        let chat = Chat::new().await;
        let (ana, ben) = (chat.person("ana").await, chat.person("ben").await);
        let direct = chat.conversations.open_direct(&ana, ben.user).await.unwrap().0.conversation.id;
        let root = chat.post(&ana, direct, "about this").await.unwrap().message;
        let threads = Threads::new(chat.store.clone(), chat.clock.clone());
        Self { chat, threads, ana, ben, direct, root }
    }

    fn draft(&self, actor: &Actor, root: MessageId, broadcast: bool) -> Post {
        let client_id = ClientId::from_uuid(self.chat.ids.next_id());
        let thread = Some(ThreadAnswer { root, broadcast });
        Post { thread, ..post(actor, self.direct, client_id, "an answer") }
    }

    async fn answer(&self, actor: &Actor, root: MessageId) -> Result<Posted, PostError> {
        self.chat.messaging.post_all(vec![self.draft(actor, root, false)]).await.pop().unwrap()
    }
}

#[tokio::test]
async fn an_answer_is_an_entry_of_the_same_log() {
    let talk = Talk::start().await;
    let answer = talk.answer(&talk.ben, talk.root).await.unwrap();
    assert_eq!(answer.entry.seq, 2);
    assert_eq!(answer.entry.message().unwrap().thread.unwrap().seq, 1);
    // Twice, so that the second one comes from memory.
    for _ in 0..2 {
        let log = talk.chat.log(&talk.ana, talk.direct).await;
        let replies = log[0].message().unwrap().replies.as_deref().unwrap();
        assert_eq!((replies.count, replies.seq, replies.people.as_slice()), (1, 2, &[talk.ben.user][..]));
    }
    talk.answer(&talk.ana, talk.root).await.unwrap();
    talk.chat.messaging.delete(&talk.ben, answer.message).await.unwrap();
    let log = talk.chat.log(&talk.ana, talk.direct).await;
    let replies = log[0].message().unwrap().replies.as_deref().unwrap();
    assert_eq!((replies.count, replies.seq), (1, 4));
    assert_eq!(log[3].target().unwrap().message.thread.unwrap().root, talk.root);
}

#[tokio::test]
async fn a_thread_does_not_branch_and_stays_in_its_conversation() {
    let talk = Talk::start().await;
    let answer = talk.answer(&talk.ben, talk.root).await.unwrap();
    let nested = talk.answer(&talk.ana, answer.message).await;
    assert!(matches!(nested, Err(PostError::NestedThread)), "{nested:?}");
    let notes = talk.chat.conversations.open_direct(&talk.ana, talk.ana.user).await.unwrap().0;
    let secret = talk.chat.post(&talk.ana, notes.conversation.id, "mine").await.unwrap().message;
    let elsewhere = talk.answer(&talk.ana, secret).await;
    assert!(matches!(elsewhere, Err(PostError::NoSuchThread)), "{elsewhere:?}");
}

#[tokio::test]
async fn an_answer_that_is_sent_again_is_the_same_one() {
    let talk = Talk::start().await;
    let draft = talk.draft(&talk.ben, talk.root, true);
    let mut answers = talk.chat.messaging.post_all(vec![draft.clone(), draft.clone()]).await;
    assert!(answers.pop().unwrap().unwrap().duplicate);
    let again = talk.chat.messaging.post_all(vec![draft.clone()]).await.pop().unwrap().unwrap();
    assert!(again.duplicate);
    for other in [None, Some(ThreadAnswer { root: talk.root, broadcast: false })] {
        let other = Post { thread: other, ..draft.clone() };
        let refused = talk.chat.messaging.post_all(vec![other]).await.pop().unwrap();
        assert!(matches!(refused, Err(PostError::IdempotencyConflict)), "{refused:?}");
    }
    let thread = talk.threads.one(&talk.ana, talk.root).await.unwrap();
    assert_eq!((thread.state.unread, thread.root.message().unwrap().replies.as_ref().unwrap().count), (1, 1));
}

#[tokio::test]
async fn a_followed_thread_counts_what_is_unread_and_the_conversation_does_not() {
    let talk = Talk::start().await;
    for _ in 0..3 {
        talk.answer(&talk.ben, talk.root).await.unwrap();
    }
    assert_eq!(talk.chat.conversations.one(&talk.ana, talk.direct).await.unwrap().unread, 0);
    let state = talk.threads.one(&talk.ana, talk.root).await.unwrap().state;
    assert_eq!((state.following, state.unread), (true, 3));
    let state = talk.threads.read(&talk.ana, talk.root, 3).await.unwrap().state;
    assert_eq!(state.unread, 1);
    assert_eq!(talk.threads.read(&talk.ana, talk.root, 2).await.unwrap().state.read_seq, 3);
    assert_eq!(talk.threads.read(&talk.ana, talk.root, u64::MAX).await.unwrap().state.read_seq, 4);
    let state = talk.threads.follow(&talk.ana, talk.root, false).await.unwrap().state;
    assert!(!state.following);
    talk.answer(&talk.ben, talk.root).await.unwrap();
    assert_eq!(talk.threads.one(&talk.ana, talk.root).await.unwrap().state.unread, 0);
    assert!(talk.threads.followed(&talk.ana, None, PageSize::default()).await.unwrap().items.is_empty());
    talk.answer(&talk.ana, talk.root).await.unwrap();
    assert_eq!(talk.threads.followed(&talk.ana, None, PageSize::default()).await.unwrap().items.len(), 1);
}

#[tokio::test]
async fn who_is_mentioned_in_a_thread_follows_it_from_there_on() {
    let talk = Talk::start().await;
    // Ana wrote what it is about, and says no as soon as there is something to follow.
    talk.answer(&talk.ben, talk.root).await.unwrap();
    talk.threads.follow(&talk.ana, talk.root, false).await.unwrap();
    let root = talk.chat.post(&talk.ana, talk.direct, "another one").await.unwrap().message;
    let say = |actor, root, text: &str| {
        let body = MessageBody::parse(text).unwrap();
        talk.chat.messaging.post_all(vec![Post { body, ..talk.draft(actor, root, false) }])
    };
    talk.answer(&talk.ana, root).await.unwrap();
    let state = talk.threads.one(&talk.ben, root).await.unwrap().state;
    assert!(!state.following, "nobody asked for him");
    let seq = say(&talk.ana, root, "what do you say, @ben?").await.pop().unwrap().unwrap().entry.seq;
    let state = talk.threads.one(&talk.ben, root).await.unwrap().state;
    assert_eq!((state.following, state.unread, state.read_seq), (true, 1, seq - 1));
    say(&talk.ben, talk.root, "@ana?").await.pop().unwrap().unwrap();
    assert!(!talk.threads.one(&talk.ana, talk.root).await.unwrap().state.following, "she said no");
}

#[tokio::test]
async fn who_is_mentioned_by_a_changed_answer_follows_its_thread() {
    let talk = Talk::start().await;
    let root = talk.chat.post(&talk.ana, talk.direct, "mine").await.unwrap().message;
    let answer = talk.answer(&talk.ana, root).await.unwrap();
    let body = MessageBody::parse("or you, @ben").unwrap();
    talk.chat.messaging.edit(&talk.ana, answer.message, body).await.unwrap();
    let state = talk.threads.one(&talk.ben, root).await.unwrap().state;
    assert_eq!((state.following, state.unread), (true, 1));
}

#[tokio::test]
async fn a_thread_comes_in_pages_and_outlives_what_it_is_about() {
    let talk = Talk::start().await;
    let mut last = talk.root;
    for _ in 0..3 {
        last = talk.answer(&talk.ben, talk.root).await.unwrap().message;
    }
    talk.chat.messaging.delete(&talk.ana, talk.root).await.unwrap();
    let size = PageSize::new(2).unwrap();
    // By any message in it.
    let newest = talk.threads.replies(&talk.ana, last, Span::Newest, size).await.unwrap();
    let seqs = |page: &parlor_domain::ThreadPage| page.entries.iter().map(|one| one.seq).collect::<Vec<_>>();
    assert_eq!((seqs(&newest), newest.has_older, newest.has_newer), (vec![3, 4], true, false));
    let older = talk.threads.replies(&talk.ana, talk.root, Span::Before(3), size).await.unwrap();
    assert_eq!((seqs(&older), older.has_older, older.has_newer), (vec![2], false, true));
    let first = talk.threads.replies(&talk.ana, talk.root, Span::After(1), size).await.unwrap();
    assert_eq!((seqs(&first), first.has_older, first.has_newer), (vec![2, 3], false, true));
    let thread = talk.threads.one(&talk.ana, last).await.unwrap();
    assert!(thread.root.message().unwrap().changes.deleted_at.is_some());
    talk.answer(&talk.ana, talk.root).await.unwrap();
}

#[tokio::test]
async fn whoever_may_not_read_a_conversation_knows_nothing_of_its_threads() {
    let talk = Talk::start().await;
    let eve = talk.chat.person("eve").await;
    talk.answer(&talk.ben, talk.root).await.unwrap();
    let denied = |result: Result<(), ThreadError>| {
        assert!(matches!(result, Err(ThreadError::Denied(Denied::NotFound))), "{result:?}");
    };
    denied(talk.threads.one(&eve, talk.root).await.map(drop));
    denied(talk.threads.replies(&eve, talk.root, Span::Newest, PageSize::default()).await.map(drop));
    denied(talk.threads.follow(&eve, talk.root, true).await.map(drop));
    denied(talk.threads.read(&eve, talk.root, 9).await.map(drop));
    let refused = talk.answer(&eve, talk.root).await;
    assert!(matches!(refused, Err(PostError::Denied(Denied::NotFound))), "{refused:?}");
}
