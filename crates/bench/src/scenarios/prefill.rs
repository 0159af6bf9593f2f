//! Fills a conversation as fast as the server takes it.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::task::JoinSet;

use crate::people::Person;
use crate::stream::Socket;
use crate::stream::protocol::{self, Kind};

/// Posts of one sender that wait for their answers.
const IN_FLIGHT: u64 = 16;
/// How long the server may take for an answer.
const PATIENCE: Duration = Duration::from_mins(1);

/// Posts so many messages, shared among these members.
pub async fn fill(address: SocketAddr, members: &[Person], conversation: &str, messages: u64) -> Result<()> {
    let post = |_| {
        |frame: &mut String, re: u64, conversation: &str| {
            protocol::post(frame, re, conversation, protocol::now());
        }
    };
    fill_with(address, members, &[conversation.to_owned()], messages, post).await
}

/// Posts so many messages, shared among these members and conversations. Each member, known by a
/// number, gets something that makes their posts: the frame, its number, and the conversation.
pub async fn fill_with<P: FnMut(&mut String, u64, &str) + Send + 'static>(
    address: SocketAddr,
    members: &[Person],
    conversations: &[String],
    messages: u64,
    post: impl Fn(u64) -> P,
) -> Result<()> {
    let each = messages.div_ceil(members.len() as u64);
    let mut tasks = JoinSet::new();
    for ((number, member), conversation) in (0..).zip(members).zip(conversations.iter().cycle()) {
        tasks.spawn(fill_some(address, member.clone(), conversation.clone(), each, post(number)));
    }
    while let Some(filled) = tasks.join_next().await {
        filled??;
    }
    Ok(())
}

async fn fill_some(
    address: SocketAddr,
    member: Person,
    conversation: String,
    messages: u64,
    mut post: impl FnMut(&mut String, u64, &str),
) -> Result<()> {
    let mut socket = Socket::open(address, &member.token).await?;
    let (mut sent, mut answered, mut refusal) = (0, 0, None);
    let mut frame = String::new();
    while answered < messages {
        while sent < messages && sent - answered < IN_FLIGHT {
            sent += 1;
            post(&mut frame, sent, &conversation);
            socket.send(&frame)?;
        }
        let answers = socket.receive(|text| match protocol::kind(text) {
            Kind::Ok => answered += 1,
            Kind::Error => refusal = Some(String::from_utf8_lossy(text).into_owned()),
            _ => {}
        });
        tokio::time::timeout(PATIENCE, answers).await.context("the server does not answer")??;
        if let Some(refusal) = refusal {
            bail!("the server refused a message: {refusal}");
        }
    }
    Ok(())
}
