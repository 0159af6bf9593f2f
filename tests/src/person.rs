//! Somebody with an account.

use std::ops::Deref;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::{Api, Link, Opening, Socket, id_of, new_id};

/// The password of everybody who has no reason for another one.
pub const PASSWORD: &str = "seven purple kettles";

/// A person with an account and a session; dereferences to their API.
#[derive(Debug, Clone)]
pub struct Person {
    api: Api,
    /// Their id.
    pub id: Uuid,
    /// Their handle.
    pub username: String,
    /// Their account, as it was when they signed in.
    pub account: Value,
    /// The access token of this session.
    pub access_token: String,
    /// The refresh token that came with it.
    pub refresh_token: String,
}

impl Deref for Person {
    type Target = Api;

    fn deref(&self) -> &Api {
        &self.api
    }
}

impl Person {
    /// From the answer of a setup, a registration or a login by `api`.
    pub fn signed_in(api: &Api, answer: &Value) -> Self {
        let text =
            |value: &Value| value.as_str().unwrap_or_else(|| panic!("not signed in: {answer}")).to_owned();
        let access_token = text(&answer["access_token"]);
        Self {
            api: api.bearer(&access_token),
            id: id_of(&answer["user"]["id"]),
            username: text(&answer["user"]["username"]),
            account: answer["user"].clone(),
            access_token,
            refresh_token: text(&answer["refresh_token"]),
        }
    }

    /// Makes an account with this handle.
    pub async fn register(api: &Api, username: &str) -> Self {
        let body = json!({"username": username, "name": username, "password": PASSWORD});
        Self::signed_in(api, &api.post("/auth/register", body).await.expect(201))
    }

    /// Signs in once more, on another device.
    pub async fn another_device(&self) -> Self {
        let api = Api::at(self.api.address());
        let body = json!({"login": self.username, "password": PASSWORD});
        Self::signed_in(&api, &api.post("/auth/login", body).await.expect(200))
    }

    /// The same session by another way, such as a proxy's.
    #[must_use]
    pub fn through(&self, address: std::net::SocketAddr) -> Self {
        Self { api: self.api.to(address), ..self.clone() }
    }

    /// Makes a group with these people in it; answers its id.
    pub async fn create_group(&self, name: &str, visibility: &str, people: &[&Self]) -> Uuid {
        let members: Vec<Uuid> = people.iter().map(|person| person.id).collect();
        let body = json!({"name": name, "visibility": visibility, "members": members});
        id_of(&self.post("/groups", body).await.expect(201)["id"])
    }

    /// The direct conversation with somebody.
    pub async fn direct_with(&self, other: &Self) -> Uuid {
        let answer = self.post("/conversations/direct", json!({"user": other.id})).await;
        assert!(matches!(answer.status, 200 | 201), "{}", answer.text);
        id_of(&answer.body["id"])
    }

    /// The lobby's id.
    pub async fn lobby(&self) -> Uuid {
        let groups = self.all("/groups", 100).await;
        id_of(&groups.iter().find(|group| group["lobby"] == true).unwrap()["id"])
    }

    /// Posts a message by HTTP; answers the receipt.
    pub async fn say(&self, conversation: Uuid, body: &str) -> Value {
        self.post_message(conversation, new_id(), body).await.expect(201)
    }

    /// Posts any message; its id.
    pub async fn say_something(&self, conversation: Uuid) -> Uuid {
        self.say(conversation, "something").await["message_id"].as_str().unwrap().parse().unwrap()
    }

    /// Posts a message with a certain client id.
    pub async fn post_message(&self, conversation: Uuid, client_id: Uuid, body: &str) -> crate::Answer {
        self.put(&format!("/conversations/{conversation}/messages/{client_id}"), json!({"body": body})).await
    }

    /// A conversation's whole log.
    pub async fn log_of(&self, conversation: Uuid) -> Vec<Value> {
        let (mut entries, mut after) = (Vec::<Value>::new(), 0);
        loop {
            let page = self
                .get(&format!("/conversations/{conversation}/log?after={after}&limit=100"))
                .await
                .expect(200);
            entries.extend(page["items"].as_array().unwrap().iter().cloned());
            if page["more"] == false {
                return entries;
            }
            let last = entries.last().map(|entry| entry["seq"].as_u64().unwrap()).unwrap();
            assert!(last > after, "the log of {conversation} has more, but does not go on after {after}");
            after = last;
        }
    }

    /// One conversation, as this person sees it.
    pub async fn conversation(&self, id: Uuid) -> Value {
        self.get(&format!("/conversations/{id}")).await.expect(200)
    }

    /// Opens the stream with the access token, without a `hello`.
    pub async fn open_stream(&self) -> Socket {
        Socket::open(self.api.address(), &Opening::bearer(&self.access_token)).await
    }

    /// Opens the stream and says hello, without cursors.
    pub async fn connect(&self) -> Socket {
        let socket = self.open_stream().await;
        socket.hello(json!({})).await;
        socket
    }

    /// What a [`crate::Sender`] or a [`crate::Listener`] needs to connect again and again.
    pub fn link(&self) -> Link {
        Link { address: self.api.address(), access_token: self.access_token.clone() }
    }
}
