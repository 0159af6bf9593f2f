//! Posts at a fixed rate, whatever the server does: one that falls behind has to show it in the
//! time its deliveries take, not in fewer questions.

use std::time::Duration;

use anyhow::Result;

use crate::stream::Socket;
use crate::stream::protocol::{self, Kind};

/// How long the last answers may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// What became of the posts.
#[derive(Debug, Default)]
pub struct Sent {
    pub posts: u64,
    pub refused: u64,
    /// When the first was due.
    pub start: Duration,
    answered: u64,
}

/// Posts so many messages a second for some time, each marked with the moment it was due, and
/// waits until they are answered.
pub async fn post(socket: &mut Socket, conversation: &str, rate: f64, time: Duration) -> Result<Sent> {
    let mut sent = Sent { start: protocol::now(), ..Sent::default() };
    let end = sent.start + time;
    let interval = Duration::from_secs_f64(1.0 / rate);
    let mut frame = String::new();
    let mut due = sent.start;
    loop {
        while due < end && due <= protocol::now() {
            sent.posts += 1;
            protocol::post(&mut frame, sent.posts, conversation, due);
            socket.send(&frame)?;
            due += interval;
        }
        if due >= end && (sent.answered >= sent.posts || protocol::now() > end + PATIENCE) {
            return Ok(sent);
        }
        let next = if due < end { due } else { end + PATIENCE };
        let pause = next.saturating_sub(protocol::now());
        let answers = socket.receive(|text| match protocol::kind(text) {
            Kind::Ok => sent.answered += 1,
            Kind::Error => (sent.answered, sent.refused) = (sent.answered + 1, sent.refused + 1),
            Kind::Entry | Kind::Ready | Kind::Other => {}
        });
        // Reading goes on however late it is: a server whose answers nobody takes hangs up.
        tokio::select! {
            biased;
            answered = answers => answered?,
            () = tokio::time::sleep(pause) => {}
        }
    }
}
