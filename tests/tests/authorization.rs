//! T-11: every operation and every command of the stream, as everybody, against `authz.toml`.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use parlor_tests::{
    Api, Document, FILM, Opening, Operation, PICTURE, Person, Server, Socket, good_body, good_path, new_id,
    with_bytes, with_headers,
};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

/// What is expected of one case, by person.
type Row<T> = BTreeMap<String, T>;
/// The cases of one kind of conversation, by operation and case.
type Table<T> = BTreeMap<String, Row<T>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    general: Table<u16>,
    private: Table<u16>,
    public: Table<u16>,
    lobby: Table<u16>,
    direct: Table<u16>,
    stream: BTreeMap<String, Table<String>>,
}

const PEOPLE: [&str; 6] = ["anonymous", "stranger", "former", "member", "owner", "admin"];
/// What is done with somebody who is in the group.
const MANAGING: [&str; 5] = ["removeMember", "setRole", "muteMember", "unmuteMember", "banFromGroup"];
const KINDS: [&str; 4] = ["private", "public", "lobby", "direct"];

fn expected() -> Expected {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("authz.toml");
    toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

impl Expected {
    fn of(&self, kind: &str) -> &Table<u16> {
        match kind {
            "general" => &self.general,
            "private" => &self.private,
            "public" => &self.public,
            "lobby" => &self.lobby,
            _ => &self.direct,
        }
    }
}

struct World {
    server: Server,
    people: BTreeMap<&'static str, Person>,
    /// Somebody who is put into groups and taken out of them.
    guest: Person,
    lobby: Uuid,
    direct: Uuid,
}

impl World {
    async fn start() -> Self {
        let server = Server::start().await;
        let mut people = BTreeMap::from([("admin", server.admin().clone())]);
        for name in ["stranger", "former", "member", "owner"] {
            people.insert(name, server.person(name).await);
        }
        let guest = server.person("guest").await;
        guest.upload("/api/v1/users/me/picture", "image/png", PICTURE).await.expect(200);
        let (lobby, direct) = (guest.lobby().await, people["owner"].direct_with(&people["member"]).await);
        people["owner"].say(direct, "hi").await;
        Self { server, people, guest, lobby, direct }
    }

    fn api(&self, person: &str) -> Api {
        self.people.get(person).map_or_else(|| self.server.api(), |person| (**person).clone())
    }

    /// A conversation as the case needs it; groups are made anew, because cases change them.
    async fn conversation(&self, kind: &str, with_guest: bool) -> Uuid {
        let [owner, former, member] = ["owner", "former", "member"].map(|name| &self.people[name]);
        match kind {
            "lobby" => self.lobby,
            "direct" => self.direct,
            visibility => {
                let mut people = vec![former, member];
                people.extend(with_guest.then_some(&self.guest));
                let group = owner.create_group("Matrix", visibility, &people).await;
                assert_eq!(owner.delete(&format!("/groups/{group}/members/{}", former.id)).await.status, 204);
                group
            }
        }
    }

    /// Tries one case as one person; answers the status.
    async fn attempt(&self, operation: &Operation, case: &str, kind: &str, person: &str) -> u16 {
        let conversation = match kind {
            "general" => Uuid::nil(),
            kind => self.conversation(kind, MANAGING.contains(&case)).await,
        };
        if operation.id == "getGroupPicture" && kind != "direct" {
            let giver = if kind == "lobby" { "admin" } else { "owner" };
            let path = format!("/api/v1/groups/{conversation}/picture");
            self.people[giver].upload(&path, "image/png", PICTURE).await.expect(200);
        }
        let own_id = self.people.get(person).unwrap_or(&self.guest).id;
        let user = if operation.path.contains("/admin/users/{user}") {
            // What admins do to somebody is not done to those who are still needed.
            self.server.person(&format!("p{}", &new_id().simple().to_string()[..20])).await.id
        } else if case.split_once('.').is_some_and(|(_, which)| which == "self") {
            own_id
        } else {
            self.guest.id
        };
        let id = match operation.id.as_str() {
            "getUser" | "getPicture" | "blockUser" | "unblockUser" => self.guest.id,
            _ if operation.path.contains("/messages/{id}") => {
                self.people["member"].say_something(conversation).await
            }
            // Of a film that was not sent, which is nobody else's yet.
            "setPoster" => self.people["owner"].share("film.mp4", "video/mp4", FILM).await,
            _ if operation.path.contains("/files/{id}") => {
                // Of the one who made the group or wrote there first, so that others see it by the message.
                let file = self.people["owner"].share("garden.png", "image/png", PICTURE).await;
                self.people["owner"].say_with(conversation, "", &[file]).await;
                file
            }
            _ => conversation,
        };
        let mut path = good_path(operation, id, user);
        if operation.path.contains("{upload}") {
            // One has only so many at a time.
            self.server.sql("DELETE FROM upload_part; DELETE FROM upload;");
            path = self.people["owner"].announced("a.txt", "text/plain", 1_000).await;
        }
        let mut api = with_headers(operation, &self.api(person));
        if operation.id == "signOut" && person != "anonymous" {
            // A session of its own, so that the person stays signed in.
            api = (*self.people[person].another_device().await).clone();
        }
        if operation.takes_picture {
            return api.upload_by(&operation.method, &path, "image/png", PICTURE).await.status;
        }
        if let Some(answer) = with_bytes(operation, &api, &path).await {
            return answer.status;
        }
        let body = good_body(operation, &self.server, self.people.get(person).unwrap_or(&self.guest)).await;
        api.call(&operation.method, &path, body).await.status
    }
}

fn compare<T: PartialEq + Debug>(differences: &mut Vec<String>, what: &str, expected: Option<&T>, found: &T) {
    if expected != Some(found) {
        differences.push(format!("{what}: {expected:?} is expected, {found:?} was found"));
    }
}

async fn matrix(kind: &str) {
    let (world, expected) = (World::start().await, expected());
    let operations = Document::of(&world.server.api()).await.operations();
    let table = expected.of(kind);
    let mut differences = Vec::new();
    for operation in operations.iter().filter(|operation| is_about(operation) == (kind != "general")) {
        let cases: Vec<&String> =
            table.keys().filter(|case| case.split('.').next() == Some(&operation.id)).collect();
        assert!(!cases.is_empty(), "authz.toml does not say who may {} in [{kind}]", operation.id);
        for case in cases {
            for person in PEOPLE {
                let found = world.attempt(operation, case, kind, person).await;
                compare(
                    &mut differences,
                    &format!("{kind} {case} {person}"),
                    table[case].get(person),
                    &found,
                );
            }
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// Whether an operation is about one conversation or group.
fn is_about(operation: &Operation) -> bool {
    operation.path.contains("{id}") && !operation.path.contains("/users/{id}")
}

#[tokio::test]
async fn t11_what_is_about_no_conversation_is_open_to_everybody_who_is_known() {
    matrix("general").await;
}

#[tokio::test]
async fn t11_a_private_group_is_for_its_members() {
    matrix("private").await;
}

#[tokio::test]
async fn t11_a_public_group_is_known_to_all_and_read_by_its_members() {
    matrix("public").await;
}

#[tokio::test]
async fn t11_the_lobby_is_for_everybody() {
    matrix("lobby").await;
}

#[tokio::test]
async fn t11_a_direct_conversation_is_for_its_two_people() {
    matrix("direct").await;
}

#[tokio::test]
async fn t11_the_table_has_nothing_that_is_not_there() {
    let (server, expected) = (Server::start().await, expected());
    let operations: BTreeSet<String> =
        Document::of(&server.api()).await.operations().into_iter().map(|operation| operation.id).collect();
    for kind in ["general"].into_iter().chain(KINDS) {
        for case in expected.of(kind).keys() {
            let operation = case.split('.').next().unwrap();
            assert!(operations.contains(operation), "[{kind}] has {case}, which is no operation");
        }
    }
    assert_eq!(expected.stream.keys().map(String::as_str).collect::<BTreeSet<_>>(), KINDS.into());
}

#[tokio::test]
async fn t11_every_command_of_the_stream_is_for_those_who_may() {
    let (world, expected) = (World::start().await, expected());
    let commands = [
        "authenticate",
        "hello",
        "message.send",
        "message.edit",
        "message.delete",
        "reaction.set",
        "ack",
        "read",
        "typing",
        "presence",
    ];
    let mut differences = Vec::new();
    for (kind, table) in &expected.stream {
        assert_eq!(
            table.keys().map(String::as_str).collect::<BTreeSet<_>>(),
            commands.into(),
            "[stream.{kind}]"
        );
        for person in PEOPLE {
            let conversation = world.conversation(kind, false).await;
            for (command, row) in table {
                let found = command_as(&world, command, conversation, person).await;
                compare(&mut differences, &format!("{kind} {command} {person}"), row.get(person), &found);
            }
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// What a person gets for a command; each on a connection of its own.
async fn command_as(world: &World, command: &str, conversation: Uuid, person: &str) -> String {
    // Of somebody else, except for "member".
    let message = world.people["member"].say_something(conversation).await;
    let socket = match world.people.get(person) {
        Some(person) => person.connect().await,
        None => Socket::open(world.server.address(), &Opening::anonymous()).await,
    };
    let fields = match command {
        "authenticate" => json!({"access_token": world.guest.access_token}),
        "hello" => json!({"cursors": [[conversation, 0]]}),
        "message.send" => json!({"conversation": conversation, "client_id": new_id(), "body": "x"}),
        "message.edit" => json!({"message": message, "body": "x"}),
        "message.delete" => json!({"message": message}),
        "reaction.set" => json!({"message": message, "emoji": "🎈", "set": true}),
        "ack" => json!({"cursors": [[conversation, 1]]}),
        "read" => json!({"conversation": conversation, "seq": 1}),
        "typing" => json!({"conversation": conversation}),
        _ => json!({"state": "online"}),
    };
    let answer = socket.request(command, fields).await;
    // Whatever was answered: who may not read hears nothing of the log.
    if person != "anonymous"
        && world.api(person).get(&format!("/conversations/{conversation}")).await.status != 200
    {
        socket.settle().await;
        let heard = socket.frames_of("entry");
        assert!(
            heard.iter().all(|entry| entry["conversation"] != conversation.to_string()),
            "{person}: {heard:?}"
        );
    }
    answer["code"].as_str().unwrap_or("ok").to_owned()
}
