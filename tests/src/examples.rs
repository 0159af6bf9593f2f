//! Bodies that are accepted, for tests that go through all operations.

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use uuid::Uuid;

use crate::{Operation, PASSWORD, Person, Server, new_id, setup_body};

/// An operation's path about this conversation, group or message, and this person. What else is in
/// it is new each time.
pub fn good_path(operation: &Operation, id: Uuid, user: Uuid) -> String {
    let path = operation.path.replace("{id}", &id.to_string()).replace("{user}", &user.to_string());
    let path = path
        .replace("{client_id}", &new_id().to_string())
        .replace("{link}", &new_id().to_string())
        .replace("{invite}", &new_id().to_string())
        .replace("{session}", &new_id().to_string())
        .replace("{token}", &new_id().to_string())
        .replace("{bot}", &new_id().to_string())
        .replace("{webhook}", &new_id().to_string())
        .replace("{delivery}", &new_id().to_string())
        .replace("{group}", &new_id().to_string())
        .replace("{filter}", &new_id().to_string())
        .replace("{held}", &new_id().to_string())
        .replace("{upload}", &new_id().to_string())
        .replace("{emoji}", "%F0%9F%91%8D");
    let path = path.replace("{report}", &new_id().to_string()).replace("{ban}", &new_id().to_string());
    match operation.id.as_str() {
        "search" => path + "?q=something",
        "uploadFile" => path + "?name=picture.png",
        "exportAudit" => path + "?format=json",
        "deleteAccount" => path + "?messages=erase",
        _ => path,
    }
}

/// The file of a picture: a PNG of one grey pixel.
pub const PICTURE: &[u8] =
    b"\x89PNG\x0d\x0a\x1a\x0a\x00\x00\x00\x0dIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00:~\x9bU\
    \x00\x00\x00\x0aIDATx\x9cch\x00\x00\x00\x82\x00\x81w\xcdr\xb6\x00\x00\x00\x00IEND\xaeB`\x82";

/// A body that is accepted from whoever may do this, where there is one; none for an operation
/// that takes none. An operation that is new and takes one fails here.
pub async fn good_body(operation: &Operation, server: &Server, person: &Person) -> Option<Value> {
    let name = format!("p{}", &new_id().simple().to_string()[..20]);
    Some(match operation.id.as_str() {
        "setUp" => setup_body("0123456789"),
        "register" => json!({"username": name, "name": name, "password": PASSWORD}),
        "signIn" => json!({"login": person.username, "password": PASSWORD}),
        "refresh" => json!({"refresh_token": person.another_device().await.refresh_token}),
        "setMyStatus" => json!({"text": name}),
        "confirmPassword" => json!({"password": PASSWORD}),
        "changePassword" => json!({"password": PASSWORD, "new_password": PASSWORD}),
        "recoverByLink" => json!({"link": name, "new_password": PASSWORD}),
        "recover" => recovery(server, &name).await,
        "signInByOidc" | "linkOidc" | "confirmByOidc" => json!({"code": name, "state": name}),
        "beginOwnOidc" => json!({"purpose": "link"}),
        "requestRecovery" => json!({"login": name}),
        "changeTwoFactor" => json!({"enabled": true, "code": "nothing"}),
        "verifyEmail" => json!({"link": name}),
        "changeMe" => json!({"about": name}),
        "createAccount" | "createBot" => json!({"username": name, "name": name}),
        "makeWebhook" => json!({"name": name, "group": new_id()}),
        "makeOutgoingWebhook" | "changeOutgoingWebhook" => {
            json!({"name": name, "url": "https://hooks.invalid/x", "events": ["message.posted"]})
        }
        "makeToken" | "makeBotToken" => json!({"name": name, "scopes": ["read"]}),
        "setAccountRole" | "createInvite" => json!({"role": "user"}),
        "reportMessage" => json!({"reason": "spam", "note": name}),
        "handleReport" => json!({"outcome": "dismissed"}),
        "banFromGroup" | "freezeGroup" => json!({"reason": name}),
        "addFilterRule" => json!({"phrase": name, "action": "hold"}),
        "changeFilterRule" => json!({"action": "refuse"}),
        "decideHeldMessage" => json!({"outcome": "released"}),
        "banUser" | "muteUser" => json!({"reason": name, "minutes": 5}),
        "openDirectConversation" => json!({"user": server.person(&name).await.id}),
        "createGroup" => json!({"name": name, "visibility": "private"}),
        "changeGroup" | "changeAccount" | "changeManagedGroup" => json!({"name": name}),
        "setGroupOwner" => json!({"user": new_id()}),
        "createInviteLink" | "setTemporaryPassword" => json!({}),
        "changeSettings" => json!({"registration": "open"}),
        "lookUpInvite" => json!({"invite": invite(server).await}),
        "lookUpInviteLink" | "redeemInviteLink" => json!({"secret": secret(person).await}),
        "setRole" => json!({"role": "moderator"}),
        "muteMember" => json!({"until": "2999-01-01T00:00:00Z"}),
        "setPreferences" => json!({"level": "mentions", "favourite": true, "hidden": false}),
        "setRetention" => json!({"days": 30, "what": "messages_and_files"}),
        "markNotificationsRead" => json!({"ids": [new_id()]}),
        "setNotificationSettings" => {
            json!({"off": ["reaction"], "sound": true, "badge": true, "preview": true})
        }
        "subscribePush" => subscription(&name),
        "forwardMessage" => {
            let notes = person.direct_with(person).await;
            json!({"message": person.say_something(notes).await})
        }
        "scheduleMessage" => json!({"body": name, "at": soon()}),
        "changeScheduled" => json!({"at": soon()}),
        "markRead" | "markUnread" | "readThread" => json!({"seq": 1}),
        "sendMessage" | "editMessage" | "keepDraft" => json!({"body": name}),
        other => {
            assert!(operation.body.is_none(), "say here what a good body of {other} is");
            return None;
        }
    })
}

/// A browser at an address of the internet that is nobody's.
fn subscription(name: &str) -> Value {
    // The example of RFC 8291.
    let p256dh = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    let keys = json!({"p256dh": p256dh, "auth": "BTBZMqHH6r4Tts7J_aSIgg"});
    json!({"endpoint": format!("https://push.invalid/{name}"), "keys": keys})
}

/// A moment tomorrow.
fn soon() -> String {
    in_a_while(Duration::from_hours(24))
}

/// The moment this long from now, as the API takes it.
#[expect(clippy::disallowed_methods, reason = "the server under test goes by the machine's clock")]
pub fn in_a_while(time: Duration) -> String {
    OffsetDateTime::from(SystemTime::now() + time).format(&Rfc3339).unwrap()
}

/// The token of an invitation to the server.
async fn invite(server: &Server) -> String {
    let made = server.admin().post("/admin/invites", json!({})).await.expect(201);
    made["url"]
        .as_str()
        .and_then(|url| url.split_once("#invite="))
        .map(|(_, token)| token.to_owned())
        .unwrap()
}

/// The secret of a link into a new group of this person's.
async fn secret(person: &Person) -> String {
    let group = person.create_group("Linked", "private", &[]).await;
    let made = person.post(&format!("/groups/{group}/invite-links"), json!({})).await.expect(201);
    made["url"]
        .as_str()
        .and_then(|url| url.split_once('#'))
        .map(|(_, secret)| secret.to_owned())
        .unwrap_or_default()
}

/// A recovery of somebody new, by one of their codes.
async fn recovery(server: &Server, username: &str) -> Value {
    let form = json!({"username": username, "name": username, "password": PASSWORD});
    let made = server.api().post("/auth/register", form).await.expect(201);
    json!({"login": username, "recovery_code": made["recovery_codes"][0], "new_password": PASSWORD})
}
