//! Posting and reading, on a real store.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod common;

use common::{Chat, post};
use parlor_domain::{ClientId, Denied, IdSource, MessageId, PageSize, Post, PostError, ReadError, Span};

#[tokio::test]
async fn a_batch_is_posted_in_its_order_and_a_refused_post_disturbs_no_other() {
    let chat = Chat::new().await;
    let (ana, ben, eve) = (chat.person("ana").await, chat.person("ben").await, chat.person("eve").await);
    let direct = chat.conversations.open_direct(&ana, ben.user).await.unwrap().0.conversation.id;
    let ids: Vec<_> = (0..4).map(|_| ClientId::from_uuid(chat.ids.next_id())).collect();
    let answers = chat
        .messaging
        .post_all(vec![
            post(&ana, direct, ids[0], "one"),
            post(&eve, direct, ids[1], "let me in"),
            post(&ben, direct, ids[2], "two"),
            post(&ana, direct, ids[3], "three"),
        ])
        .await;
    assert!(matches!(&answers[1], Err(PostError::Denied(Denied::NotFound))));
    let seqs: Vec<_> = answers.iter().flatten().map(|posted| posted.entry.seq).collect();
    assert_eq!(seqs, [1, 2, 3]);
    let bodies: Vec<_> =
        chat.log(&ben, direct).await.iter().map(|entry| entry.message().unwrap().body.to_string()).collect();
    assert_eq!(bodies, ["one", "two", "three"]);
}

#[tokio::test]
async fn r03_a_repeat_gets_the_first_answer_and_posts_nothing() {
    let chat = Chat::new().await;
    let ana = chat.person("ana").await;
    let notes = chat.conversations.open_direct(&ana, ana.user).await.unwrap().0.conversation.id;
    let client_id = ClientId::from_uuid(chat.ids.next_id());
    let try_once =
        || async { chat.messaging.post_all(vec![post(&ana, notes, client_id, "once")]).await.pop().unwrap() };
    let (first, again) = (try_once().await.unwrap(), try_once().await.unwrap());
    assert!(!first.duplicate && again.duplicate);
    assert_eq!((first.message, &first.entry), (again.message, &again.entry));
    assert_eq!(chat.log(&ana, notes).await.len(), 1);
}

#[tokio::test]
async fn a_repeat_within_one_batch_posts_once() {
    let chat = Chat::new().await;
    let ana = chat.person("ana").await;
    let notes = chat.conversations.open_direct(&ana, ana.user).await.unwrap().0.conversation.id;
    let client_id = ClientId::from_uuid(chat.ids.next_id());
    let batch = vec![
        post(&ana, notes, client_id, "once"),
        post(&ana, notes, client_id, "once"),
        post(&ana, notes, client_id, "another text"),
    ];
    let answers = chat.messaging.post_all(batch).await;
    assert!(matches!(&answers[..], [Ok(first), Ok(again), Err(PostError::IdempotencyConflict)]
        if !first.duplicate && again.duplicate && first.entry == again.entry));
}

#[tokio::test]
async fn other_content_under_a_used_client_id_is_a_conflict() {
    let chat = Chat::new().await;
    let ana = chat.person("ana").await;
    let notes = chat.conversations.open_direct(&ana, ana.user).await.unwrap().0.conversation.id;
    let client_id = ClientId::from_uuid(chat.ids.next_id());
    chat.messaging.post_all(vec![post(&ana, notes, client_id, "one")]).await.pop().unwrap().unwrap();
    let other = chat.messaging.post_all(vec![post(&ana, notes, client_id, "two")]).await.pop().unwrap();
    assert!(matches!(other, Err(PostError::IdempotencyConflict)));
}

#[tokio::test]
async fn a_reply_stays_within_its_conversation() {
    let chat = Chat::new().await;
    let (ana, ben) = (chat.person("ana").await, chat.person("ben").await);
    let notes = chat.conversations.open_direct(&ana, ana.user).await.unwrap().0.conversation.id;
    let direct = chat.conversations.open_direct(&ana, ben.user).await.unwrap().0.conversation.id;
    let secret = chat.post(&ana, notes, "a note to myself").await.unwrap().message;
    let reply = |conversation, reply_to: MessageId| {
        let client_id = ClientId::from_uuid(chat.ids.next_id());
        chat.messaging.post_all(vec![Post {
            reply_to: Some(reply_to),
            ..post(&ana, conversation, client_id, "as I said")
        }])
    };
    assert!(matches!(reply(direct, secret).await.pop().unwrap(), Err(PostError::NoSuchReply)));
    assert!(reply(notes, secret).await.pop().unwrap().is_ok());
}

#[tokio::test]
async fn a_stranger_reads_nothing() {
    let chat = Chat::new().await;
    let (ana, eve) = (chat.person("ana").await, chat.person("eve").await);
    let notes = chat.conversations.open_direct(&ana, ana.user).await.unwrap().0.conversation.id;
    chat.post(&ana, notes, "mine alone").await.unwrap();
    let read = chat.messaging.read(&eve, notes, Span::Newest, PageSize::default()).await;
    assert!(matches!(read, Err(ReadError::Denied(Denied::NotFound))));
}

#[tokio::test]
async fn two_who_open_a_direct_conversation_get_the_same_one() {
    let chat = Chat::new().await;
    let (ana, ben) = (chat.person("ana").await, chat.person("ben").await);
    let (one, made) = chat.conversations.open_direct(&ana, ben.user).await.unwrap();
    let (other, made_again) = chat.conversations.open_direct(&ben, ana.user).await.unwrap();
    assert_eq!((one.conversation.id, made, made_again), (other.conversation.id, true, false));
    assert_eq!(other.peer.unwrap().user.id, ana.user);
}

#[tokio::test]
async fn unread_counts_the_messages_of_others_behind_the_read_cursor() {
    let chat = Chat::new().await;
    let (ana, ben) = (chat.person("ana").await, chat.person("ben").await);
    let direct = chat.conversations.open_direct(&ana, ben.user).await.unwrap().0.conversation.id;
    for body in ["one", "two", "three"] {
        chat.post(&ana, direct, body).await.unwrap();
    }
    chat.post(&ben, direct, "my own does not count").await.unwrap();
    assert_eq!(chat.conversations.one(&ben, direct).await.unwrap().unread, 3);
    let view = chat.receipts.read(&ben, direct, 2, &*chat.cursors).await.unwrap();
    assert_eq!((view.unread, view.membership.cursor.read_seq), (1, 2));
    let view = chat.receipts.read(&ben, direct, 1, &*chat.cursors).await.unwrap();
    assert_eq!((view.unread, view.membership.cursor.read_seq), (1, 2), "a cursor never moves back");
    let view = chat.receipts.read(&ben, direct, u64::MAX, &*chat.cursors).await.unwrap();
    assert_eq!((view.unread, view.membership.cursor.read_seq), (0, 4), "beyond the end is the end");
}
