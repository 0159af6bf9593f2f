use std::time::Duration;

use parlor_domain::{Cursor, CursorMove, CursorQueue, PostError};
use parlor_realtime::Settings;

use crate::{Person, Server};

#[tokio::test]
async fn posts_beyond_what_may_wait_are_answered_at_once() {
    let server = Server::with(Settings { posts_waiting: 2, ..Settings::default() }).await;
    let ana = server.person("ana").await;
    // Nothing else runs between these calls.
    let tries: Vec<_> = (0..3)
        .map(|number| server.posts.submit(server.draft(&ana, server.lobby(), &format!("{number}"))))
        .collect();
    assert!(matches!(tries[2], Err(PostError::Busy)));
    for waiting in tries.into_iter().take(2) {
        assert!(waiting.unwrap().await.unwrap().is_ok());
    }
}

#[tokio::test]
async fn posts_that_wait_are_stored_before_the_queue_closes() {
    let server = Server::new().await;
    let ana = server.person("ana").await;
    let waiting: Vec<_> = (0..100)
        .map(|number| server.posts.submit(server.draft(&ana, server.lobby(), &format!("{number}"))).unwrap())
        .collect();
    server.posts.close().await;
    let mut last = 0;
    for answer in waiting {
        let seq = answer.await.unwrap().unwrap().entry.seq;
        assert!(seq > last, "out of order");
        last = seq;
    }
    let late = server.posts.submit(server.draft(&ana, server.lobby(), "late"));
    assert!(matches!(late, Err(PostError::Busy)));
}

async fn stored(server: &Server, person: &Person) -> Cursor {
    server.store.conversation_view(server.lobby(), person.user.id).await.unwrap().unwrap().membership.cursor
}

fn step(server: &Server, person: &Person, delivered_seq: u64, read_seq: u64) -> CursorMove {
    CursorMove {
        conversation: server.lobby(),
        user: person.user.id,
        cursor: Cursor { delivered_seq, read_seq },
    }
}

#[tokio::test]
async fn r21_moves_are_merged_and_settled_when_somebody_counts() {
    let server =
        Server::with(Settings { cursors_every: Duration::from_mins(1), ..Settings::default() }).await;
    let ana = server.person("ana").await;
    for number in 0..5 {
        server.post(&ana, server.lobby(), &format!("{number}")).await;
    }
    for (delivered, read) in [(3, 1), (2, 2), (4, 0)] {
        server.cursors.push(step(&server, &ana, delivered, read));
    }
    server.cursors.settle(ana.user.id).await;
    assert_eq!(stored(&server, &ana).await, Cursor { delivered_seq: 4, read_seq: 2 });
    server.cursors.push(step(&server, &ana, 1, 1));
    server.cursors.close().await;
    assert_eq!(stored(&server, &ana).await, Cursor { delivered_seq: 4, read_seq: 2 }, "never back");
}

#[tokio::test]
async fn moves_are_not_lost_with_somebody_who_waited_for_them_and_went_away() {
    let server =
        Server::with(Settings { cursors_every: Duration::from_mins(1), ..Settings::default() }).await;
    let ana = server.person("ana").await;
    let seq = server.post(&ana, server.lobby(), "Hi").await.entry.seq;
    server.cursors.push(step(&server, &ana, seq, seq));
    let mut settling = server.cursors.settle(ana.user.id);
    assert!(futures_util::poll!(settling.as_mut()).is_pending());
    drop(settling);
    server.cursors.settle(ana.user.id).await;
    assert_eq!(stored(&server, &ana).await.read_seq, seq);
}

#[tokio::test]
async fn moves_are_written_by_themselves_shortly_after() {
    let server =
        Server::with(Settings { cursors_every: Duration::from_millis(20), ..Settings::default() }).await;
    let ana = server.person("ana").await;
    let seq = server.post(&ana, server.lobby(), "Hi").await.entry.seq;
    server.cursors.push(step(&server, &ana, seq, seq));
    let written = async {
        while stored(&server, &ana).await.read_seq < seq {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(1), written).await.expect("it was never written");
}
