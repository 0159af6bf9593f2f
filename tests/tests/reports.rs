//! Messages that people report, and what admins do about them.

use parlor_tests::{Person, Server, id_of};
use serde_json::{Value, json};
use uuid::Uuid;

async fn said(person: &Person, conversation: Uuid, text: &str) -> Uuid {
    id_of(&person.say(conversation, text).await["message_id"])
}

async fn open(server: &Server) -> Vec<Value> {
    server.admin().all("/admin/reports?state=open", 100).await
}

#[tokio::test]
async fn a_reported_message_is_seen_by_admins_as_it_was_and_deleted_for_everybody() {
    let server = Server::start().await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let direct = ana.direct_with(&ben).await;
    ana.say(direct, "hello").await;
    let message = said(&ben, direct, "you fool").await;
    let report = format!("/messages/{message}/reports");
    let body = json!({"reason": "abuse", "note": "  they are rude "});
    ana.post(&report, body.clone()).await.expect(204);
    assert_eq!(ana.post(&report, body.clone()).await.body["code"], "already_reported");
    assert_eq!(ben.post(&report, body.clone()).await.body["code"], "own_message");
    assert_eq!(server.admin().post(&report, body).await.status, 404, "they are not in it");
    assert_eq!(ana.post(&report, json!({"reason": "because"})).await.status, 400);
    ben.patch(&format!("/messages/{message}"), json!({"body": "you friend"})).await.expect(200);

    let found = open(&server).await;
    let told = &found[0];
    let expected = json!(["you fool", "abuse", "they are rude", "open", ana.id, ben.id, null, false]);
    let fields = ["body", "reason", "note", "state", "reporter", "author", "group", "is_deleted"];
    assert_eq!(json!(fields.map(|field| told[field].clone())), expected);
    assert_eq!((&told["before"][0]["body"], &told["after"]), (&json!("hello"), &json!([])));
    assert_eq!(server.admin().get("/admin/reports/count").await.expect(200), json!({"open": 1, "held": 0}));

    let socket = ana.connect().await;
    let theirs = ben.connect().await;
    let path = format!("/admin/reports/{}", told["id"].as_str().unwrap());
    let verdict = json!({"outcome": "resolved", "delete_message": true});
    server.admin().patch(&path, verdict.clone()).await.expect(204);
    assert_eq!(server.admin().patch(&path, verdict).await.status, 404);
    theirs.wait("the deletion", |frame| frame["kind"] == "deletion" && frame["actor"] == Value::Null).await;
    let told = socket.wait("that it was looked at", |frame| frame["type"] == "notification").await;
    assert_eq!(told["notification"]["kind"], "report_handled");
    let notifications = ana.get("/notifications").await.expect(200);
    assert_eq!(notifications["items"][0]["kind"], "report_handled");
    assert!(open(&server).await.is_empty());
    let resolved = server.admin().all("/admin/reports?state=resolved", 100).await;
    assert_eq!((&resolved[0]["is_deleted"], &resolved[0]["body"]), (&json!(true), &json!("you fool")));
    assert_eq!((&resolved[0]["before"], &resolved[0]["handled_by"]), (&json!([]), &json!(server.admin().id)));
    let audit = server.admin().get("/admin/audit?action=report_handled").await.expect(200);
    let changes = json!([
        {"field": "report", "before": "open", "after": "resolved"},
        {"field": "message", "before": message, "after": null},
    ]);
    assert_eq!(
        (&audit["items"][0]["changes"], &audit["items"][0]["target"]["id"]),
        (&changes, &json!(ben.id))
    );
}

#[tokio::test]
async fn of_several_reports_about_a_message_all_are_decided_at_once() {
    let server = Server::start().await;
    let [ana, ben, eve] =
        [server.person("ana").await, server.person("ben").await, server.person("eve").await];
    let lobby = ana.lobby().await;
    let message = said(&ana, lobby, "cheap shoes").await;
    for person in [&ben, &eve] {
        person.post(&format!("/messages/{message}/reports"), json!({"reason": "spam"})).await.expect(204);
    }
    let found = open(&server).await;
    assert_eq!((found.len(), &found[0]["group"]), (2, &json!("lobby")));
    let path = format!("/admin/reports/{}", found[1]["id"].as_str().unwrap());
    server.admin().patch(&path, json!({"outcome": "dismissed"})).await.expect(204);
    assert!(open(&server).await.is_empty());
    assert_eq!(server.admin().all("/admin/reports?state=dismissed", 1).await.len(), 2);
    let kept = ana.get(&format!("/conversations/{lobby}/messages")).await.expect(200);
    let bodies: Vec<&Value> =
        kept["items"].as_array().unwrap().iter().map(|one| &one["message"]["body"]).collect();
    assert!(bodies.contains(&&json!("cheap shoes")));
    // It may be reported again.
    ben.post(&format!("/messages/{message}/reports"), json!({"reason": "spam"})).await.expect(204);
}
