//! Posts at a fixed rate, whatever the server does: one that falls behind has to show it in the
//! time its deliveries take, not in fewer questions.

use std::time::Duration;

use anyhow::Result;

use crate::stream::Socket;
use crate::stream::protocol::{self, Kind};

/// What became of the posts.
#[derive(Debug, Default)]
pub struct Sent {
    pub posts: u64,
    pub refused: u64,
    /// When the first was due.
    pub start: Duration,
}

/// Posts so many messages a second for some time, each marked with the moment it was due.
pub async fn post(socket: &mut Socket, conversation: &str, rate: f64, time: Duration) -> Result<Sent> {
    let mut sent = Sent { start: protocol::now(), ..Sent::default() };
    let interval = Duration::from_secs_f64(1.0 / rate);
    let mut frame = String::new();
    let mut due = sent.start;
    while due < sent.start + time {
        while due > protocol::now() {
            let pause = due.saturating_sub(protocol::now());
            let refused = &mut sent.refused;
            let answers = socket.receive(|text| *refused += u64::from(protocol::kind(text) == Kind::Error));
            tokio::select! {
                answered = answers => answered?,
                () = tokio::time::sleep(pause) => {}
            }
        }
        sent.posts += 1;
        protocol::post(&mut frame, sent.posts, conversation, due);
        socket.send(&frame)?;
        due += interval;
    }
    Ok(sent)
}
