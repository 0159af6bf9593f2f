//! Lost and changed passwords, and the list of sessions.

use parlor_tests::{Answer, PASSWORD, Server};
use serde_json::json;

const NEW: &str = "eight green lanterns";

#[tokio::test]
async fn t03_a_recovery_code_gives_the_account_back_and_closes_every_socket() {
    let server = Server::start().await;
    let form = json!({"username": "ana", "name": "Ana", "password": PASSWORD});
    let made = server.api().post("/auth/register", form).await.expect(201);
    let codes = made["recovery_codes"].as_array().unwrap();
    assert_eq!(codes.len(), 10);
    let ana = parlor_tests::Person::signed_in(&server.api(), &made);
    let socket = ana.connect().await;
    let body = json!({"login": made["user"]["user_code"], "recovery_code": codes[0], "new_password": NEW});
    let recovered = server.api().post("/auth/recovery", body.clone()).await.expect(200);
    assert_eq!(recovered, json!({"username": "ana"}));
    assert_eq!(socket.closed().await, 4501);
    ana.get("/users/me").await.refused(401, "unauthenticated");
    server.api().post("/auth/login", json!({"login": "ana", "password": NEW})).await.expect(200);
    let again = server.api().post("/auth/recovery", body).await;
    let nobody = json!({"login": "nobody", "recovery_code": codes[1], "new_password": NEW});
    let nobody = server.api().post("/auth/recovery", nobody).await;
    let told = |answer: Answer| {
        let problem = answer.refused(403, "recovery_failed");
        (problem["detail"].clone(), problem["title"].clone())
    };
    assert_eq!(told(again), told(nobody), "nobody learns whether there is such an account");
}

#[tokio::test]
async fn t24_a_changed_password_ends_other_sessions_and_their_sockets() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    let there = ana.another_device().await;
    let (here_socket, there_socket) = (ana.connect().await, there.connect().await);
    let wrong = json!({"password": "not the password", "new_password": NEW});
    let problem = ana.put("/users/me/password", wrong).await.refused(403, "wrong_password");
    assert_eq!(Answer::fields(&problem), ["password"]);
    let short = json!({"password": PASSWORD, "new_password": "short"});
    let problem = ana.put("/users/me/password", short).await.refused(422, "invalid_fields");
    assert_eq!(Answer::fields(&problem), ["new_password"]);
    let body = json!({"password": PASSWORD, "new_password": NEW});
    let renewed = ana.put("/users/me/password", body).await.expect(200);
    assert_eq!(there_socket.closed().await, 4501);
    there.get("/users/me").await.refused(401, "unauthenticated");
    here_socket.settle().await;
    server.api().bearer(renewed["access_token"].as_str().unwrap()).get("/users/me").await.expect(200);
    server
        .api()
        .post("/auth/login", json!({"login": "ana", "password": PASSWORD}))
        .await
        .refused(401, "wrong_credentials");
}

#[tokio::test]
async fn t24_one_sees_where_one_is_signed_in_and_signs_out_there() {
    let server = Server::start().await;
    let (ana, bob) = (server.person("ana").await, server.person("bob").await);
    let form = json!({"login": "ana", "password": PASSWORD});
    let browser = server.api().with("User-Agent", "Browser/7").post("/auth/login", form).await.expect(200);
    let browser = parlor_tests::Person::signed_in(&server.api(), &browser);
    let listed = ana.get("/users/me/sessions").await.expect(200);
    let sessions = listed["items"].as_array().unwrap();
    assert_eq!(sessions.len(), 2);
    let other = sessions.iter().find(|session| session["current"] == false).unwrap();
    assert_eq!((&other["user_agent"], &other["address"]), (&json!("Browser/7"), &json!("127.0.0.1")));
    let path = format!("/users/me/sessions/{}", other["id"].as_str().unwrap());
    bob.delete(&path).await.refused(404, "not_found");
    let socket = browser.connect().await;
    assert_eq!(ana.delete(&path).await.status, 204);
    assert_eq!(socket.closed().await, 4501);
    let third = ana.another_device().await;
    assert_eq!(ana.delete("/users/me/sessions").await.status, 204);
    third.get("/users/me").await.refused(401, "unauthenticated");
    ana.get("/users/me").await.expect(200);
}
