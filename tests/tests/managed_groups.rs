//! Groups, as admins look after them over HTTP.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use parlor_tests::{Server, eventually, new_id};
use serde_json::{Value, json};

fn names(listed: &Value) -> Vec<&str> {
    listed["items"].as_array().unwrap().iter().map(|group| group["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn every_group_is_listed_with_its_owner_and_how_much_is_written_but_not_what() {
    let server = Server::start().await;
    let admin = server.admin();
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let secret = ana.create_group("Secret garden", "private", &[&ben]).await;
    ana.create_group("Allotment", "public", &[]).await;
    for _ in 0..3 {
        ben.say(secret, "canary").await;
    }
    let path = format!("/admin/groups/{secret}");
    let counted = eventually("the messages are counted", async || {
        let group = admin.get(&path).await.expect(200);
        (group["messages"] == 3).then_some(group)
    })
    .await;
    assert_eq!(
        (&counted["owner"], &counted["owners"], &counted["member_count"]),
        (&json!(ana.id), &json!(1), &json!(2))
    );
    let listed = admin.get("/admin/groups").await.expect(200);
    assert_eq!(names(&listed), ["Allotment", "lobby", "Secret garden"]);
    assert_eq!(listed["items"][2], counted);
    assert!(!listed.to_string().contains("canary"));
    let most = admin.get("/admin/groups?order=messages&descending=true&limit=1").await.expect(200);
    assert_eq!(names(&most), ["Secret garden"]);
    assert_eq!(names(&admin.get("/admin/groups?visibility=private").await.expect(200)), ["Secret garden"]);
    assert_eq!(names(&admin.get("/admin/groups?search=ALLOT").await.expect(200)), ["Allotment"]);
    assert_eq!(names(&admin.get("/admin/groups?ownerless=true").await.expect(200)), [""; 0]);
    // Direct conversations are no groups, and what is written stays with its members.
    let direct = ana.direct_with(&ben).await;
    assert_eq!(admin.get(&format!("/admin/groups/{direct}")).await.status, 404);
    assert_eq!(admin.get(&format!("/conversations/{secret}/log")).await.status, 404);
}

#[tokio::test]
async fn a_group_is_put_in_order_by_one_who_is_not_in_it() {
    let server = Server::start().await;
    let admin = server.admin();
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let group = ana.create_group("Tea", "private", &[&ben]).await;
    let path = format!("/admin/groups/{group}");
    let socket = ben.connect().await;
    let form = json!({"name": "Coffee", "visibility": "public", "archived": true});
    let changed = admin.patch(&path, form).await.expect(200);
    assert_eq!((&changed["name"], &changed["visibility"]), (&json!("Coffee"), &json!("public")));
    assert!(changed["archived_at"].is_string());
    socket.wait("the new name", |frame| frame["kind"] == "rename" && frame["name"] == "Coffee").await;
    admin.patch(&path, json!({"name": "Tea"})).await.refused(403, "archived");
    admin.patch(&path, json!({"archived": false})).await.expect(200);
    admin.patch(&path, json!({"name": ""})).await.refused(422, "invalid_fields");

    let members = admin.get(&format!("{path}/members")).await.expect(200);
    let roles: Vec<_> = members["items"].as_array().unwrap().iter().map(|member| &member["role"]).collect();
    assert_eq!(roles, ["owner", "member"]);
    admin.delete(&format!("{path}/members/{}", ana.id)).await.refused(409, "last_owner");
    admin.put(&format!("{path}/owner"), json!({"user": new_id()})).await.refused(404, "not_found");
    let handed = admin.put(&format!("{path}/owner"), json!({"user": ben.id})).await.expect(200);
    assert_eq!(handed["owner"], json!(ben.id));
    let left = admin.delete(&format!("{path}/members/{}", ana.id)).await.expect(200);
    assert_eq!(left["member_count"], 1);
    ben.patch(&format!("/groups/{group}"), json!({"name": "Ours"})).await.expect(200);
    // It is public now, so that she knows of it and reads it no more.
    assert_eq!(ana.get(&format!("/conversations/{group}")).await.status, 403);
}

#[tokio::test]
async fn a_group_is_cleared_and_deleted_by_one_who_is_not_in_it() {
    let server = Server::start().await;
    let (admin, ana) = (server.admin(), server.person("ana").await);
    let group = ana.create_group("Tea", "private", &[]).await;
    let path = format!("/admin/groups/{group}");
    ana.say(group, "canary").await;
    admin.delete(&format!("{path}/messages")).await.expect(202);
    eventually("what was written is erased", async || {
        let log = ana.log_of(group).await;
        (!json!(log).to_string().contains("canary")).then_some(())
    })
    .await;
    admin.delete(&path).await.expect(204);
    assert_eq!(ana.get(&format!("/conversations/{group}")).await.status, 404);
    assert_eq!(admin.get(&path).await.status, 404);
    assert_eq!(admin.delete(&path).await.status, 404);
    let lobby = admin.lobby().await;
    admin.delete(&format!("/admin/groups/{lobby}")).await.refused(403, "forbidden");
}
