//! What admins can ask for, about things that there are.

use serde_json::{Value, json};

use crate::{Authenticator, Operation, Person, Server, good_body, good_path, id_of, new_id};

/// The path and the body of an operation for admins that succeeds: it is about this person, or
/// about something made for it.
pub async fn admin_request(operation: &Operation, server: &Server, user: &Person) -> (String, Option<Value>) {
    let admin = server.admin();
    let mut path = good_path(operation, new_id(), user.id);
    if operation.id == "liftBan" {
        let ban = admin.post(&format!("/admin/users/{}/bans", user.id), json!({"reason": "spam"})).await;
        path = operation.path.replace("{ban}", ban.expect(201)["id"].as_str().unwrap());
    }
    if operation.path.contains("{filter}") {
        let rule = a_rule(admin, &new_id().simple().to_string()).await;
        path = operation.path.replace("{filter}", rule["id"].as_str().unwrap());
    }
    if operation.id == "decideHeldMessage" {
        path = operation.path.replace("{held}", &a_held_message(admin, user).await);
    }
    if operation.id == "unmuteUser" {
        let mute = json!({"reason": "spam", "minutes": 5});
        admin.put(&format!("/admin/users/{}/mute", user.id), mute).await.expect(200);
    }
    if operation.id == "handleReport" {
        let message = user.say_something(user.lobby().await).await;
        let report = json!({"reason": "spam"});
        admin.post(&format!("/messages/{message}/reports"), report).await.expect(204);
        let reports = admin.get("/admin/reports").await.expect(200);
        path = operation.path.replace("{report}", reports["items"][0]["id"].as_str().unwrap());
    }
    if operation.id == "revokeInvite" {
        let invite = admin.post("/admin/invites", json!({})).await.expect(201);
        path = operation.path.replace("{invite}", invite["id"].as_str().unwrap());
    }
    if operation.path.contains("{bot}") {
        let name = format!("b{}", &new_id().simple().to_string()[..20]);
        let bot = admin.post("/admin/bots", json!({"username": name, "name": name})).await.expect(201);
        path = operation.path.replace("{bot}", bot["id"].as_str().unwrap());
    }
    if operation.path.contains("{webhook}") {
        path = a_webhook(admin, operation).await;
    }
    if operation.id == "revokeAnyToken" {
        let token = json!({"name": "script", "scopes": ["read"]});
        let token = user.post("/users/me/tokens", token).await.expect(201);
        path = operation.path.replace("{token}", token["id"].as_str().unwrap());
    }
    if operation.id == "endAccountSession" {
        let listed = admin.get(&format!("/admin/users/{}/sessions", user.id)).await.expect(200);
        path = path.rsplit_once('/').map(|(before, _)| before.to_owned()).unwrap();
        path = format!("{path}/{}", listed["items"][0]["id"].as_str().unwrap());
    }
    let mut body = good_body(operation, server, admin).await;
    if operation.path.contains("{group}") {
        let owner = server.person(&format!("o{}", &new_id().simple().to_string()[..20])).await;
        let group = owner.create_group("Tea", "private", &[user]).await;
        path = operation.path.replace("{group}", &group.to_string());
        path = path.replace("{user}", &user.id.to_string());
        if operation.id == "unfreezeGroup" {
            admin.put(&format!("/admin/groups/{group}/freeze"), json!({"reason": "spam"})).await.expect(200);
        }
        if operation.id == "setGroupOwner" {
            body = Some(json!({"user": user.id}));
        }
    }
    if operation.id == "makeWebhook" {
        body = Some(json!({"name": "alarms", "group": admin.lobby().await}));
    }
    if operation.id == "removeTwoFactor" {
        Authenticator::set_up(user).await;
    }
    (path, body)
}

/// A rule that holds what has this phrase in it.
async fn a_rule(admin: &Person, phrase: &str) -> Value {
    admin.post("/admin/filters", json!({"phrase": phrase, "action": "hold"})).await.expect(201)
}

/// The id of a message of somebody that waits for a decision.
async fn a_held_message(admin: &Person, user: &Person) -> String {
    let phrase = new_id().simple().to_string();
    a_rule(admin, &phrase).await;
    user.post_message(user.lobby().await, new_id(), &phrase).await.expect(202);
    let held = admin.get("/admin/held-messages").await.expect(200);
    held["items"][0]["id"].as_str().unwrap().to_owned()
}

/// The operation's path about a webhook that sent something.
async fn a_webhook(admin: &Person, operation: &Operation) -> String {
    let name = format!("b{}", &new_id().simple().to_string()[..20]);
    let bot = json!({"username": name, "name": name});
    let bot = id_of(&admin.post("/admin/bots", bot).await.expect(201)["id"]);
    let form = json!({"name": name, "url": "https://hooks.invalid/x", "events": ["message.posted"]});
    let made = admin.post(&format!("/admin/bots/{bot}/outgoing-webhooks"), form).await.expect(201);
    let webhook = id_of(&made["webhook"]["id"]).to_string();
    let tested = admin.post(&format!("/admin/outgoing-webhooks/{webhook}/test"), Value::Null).await;
    let delivery = id_of(&tested.expect(200)["id"]).to_string();
    operation.path.replace("{webhook}", &webhook).replace("{delivery}", &delivery)
}
