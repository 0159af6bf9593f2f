//! Users and groups, made through the API like everybody else's.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::net::SocketAddr;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::http::Client;

/// Registrations at the same time: enough to keep the cores busy with hashing.
const AT_ONCE: usize = 8;
/// The server hashes few passwords at a time and says when it is full.
const RETRY: Duration = Duration::from_millis(20);
/// The password of everybody.
pub const PASSWORD: &str = "bench-password-7351";
/// How often a registration is tried again.
const TRIES: usize = 500;

/// Tells the users of one run from those of another in the same database.
static RUN: LazyLock<u64> = LazyLock::new(|| RandomState::new().build_hasher().finish() & 0xffff_ffff);
static NEXT: AtomicU64 = AtomicU64::new(0);

/// A user, signed in.
#[derive(Debug, Clone)]
pub struct Person {
    pub id: String,
    pub username: String,
    pub token: String,
    refresh_token: String,
}

/// Makes so many users.
pub async fn register(address: SocketAddr, count: usize) -> Result<Vec<Person>> {
    let mut tasks = JoinSet::new();
    for worker in 0..AT_ONCE {
        let share = count / AT_ONCE + usize::from(worker < count % AT_ONCE);
        tasks.spawn(async move {
            let mut client = Client::connect(address).await?;
            let mut made = Vec::with_capacity(share);
            for _ in 0..share {
                made.push(register_one(&mut client).await?);
            }
            anyhow::Ok(made)
        });
    }
    let mut people = Vec::with_capacity(count);
    while let Some(made) = tasks.join_next().await {
        people.extend(made??);
    }
    Ok(people)
}

/// Gives these people new tokens: a server that was restarted does not take the old ones.
pub async fn refresh(address: SocketAddr, people: &mut [Person]) -> Result<()> {
    let mut client = Client::connect(address).await?;
    for person in people {
        let form = json!({ "refresh_token": person.refresh_token });
        let answer = client.call("POST", "/api/v1/auth/refresh", None, Some(&form)).await?;
        let fresh = answer.success().context("cannot refresh a token")?;
        person.token = text(&fresh["access_token"])?;
        person.refresh_token = text(&fresh["refresh_token"])?;
    }
    Ok(())
}

async fn register_one(client: &mut Client) -> Result<Person> {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let username = format!("b{:x}-{number}", *RUN);
    let form = json!({ "username": username, "name": format!("Person {number}"), "password": PASSWORD });
    let mut answer = client.call("POST", "/api/v1/auth/register", None, Some(&form)).await?;
    for _ in 0..TRIES {
        if ![429, 503].contains(&answer.status) {
            break;
        }
        tokio::time::sleep(RETRY).await;
        answer = client.call("POST", "/api/v1/auth/register", None, Some(&form)).await?;
    }
    let made = answer.success().context("cannot register")?;
    Ok(Person {
        username,
        id: text(&made["user"]["id"])?,
        token: text(&made["access_token"])?,
        refresh_token: text(&made["refresh_token"])?,
    })
}

/// Makes a private group of these people and answers its conversation's id.
pub async fn group(address: SocketAddr, owner: &Person, others: &[Person]) -> Result<String> {
    let members: Vec<&str> = others.iter().map(|person| person.id.as_str()).collect();
    let form = json!({ "name": "Bench", "visibility": "private", "members": members });
    let mut client = Client::connect(address).await?;
    let made = client.call("POST", "/api/v1/groups", Some(&owner.token), Some(&form)).await?.success();
    text(&made.context("cannot make a group")?["id"])
}

fn text(value: &Value) -> Result<String> {
    Ok(value.as_str().context("the answer has another form than expected")?.to_owned())
}
