//! A query takes the parameters that the description knows, once, and nothing else.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use parlor_tests::{Answer, Document, Operation, Person, Server};
use serde_json::{Value, json};

/// Every operation, with an address at which it can be asked.
async fn operations(server: &Server, ana: &Person) -> Vec<(Operation, String)> {
    let id = ana.lobby().await.to_string();
    let address = |operation: &Operation| {
        operation.path.replace("{id}", &id).replace("{user}", &ana.id.to_string()).replace("{client_id}", &id)
    };
    let operations = Document::of(&server.api()).await.operations();
    // Answers without a body are looked at with those of the same address that have one.
    let operations = operations.into_iter().filter(|operation| operation.method != "HEAD");
    operations.map(|operation| (operation.clone(), address(&operation))).collect()
}

/// The problem, when it is about these parameters for this reason.
#[track_caller]
fn names(answer: Answer, fields: &[&str], code: &str, what: &str) -> Value {
    let problem = answer.refused(400, "invalid_request");
    assert_eq!(Answer::fields(&problem), fields, "{what}");
    let errors = problem["errors"].as_array().unwrap();
    assert!(errors.iter().all(|error| error["code"] == code), "{what}: {problem}");
    problem
}

#[tokio::test]
async fn t02_no_operation_takes_a_parameter_that_it_does_not_know() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    for (operation, address) in operations(&server, &ana).await {
        let path = format!("{address}?unknown=1");
        let problem =
            names(ana.call(&operation.method, &path, None).await, &["unknown"], "unknown", &operation.id);
        let message = problem["errors"][0]["message"].as_str().unwrap();
        for known in &operation.query {
            assert!(message.contains(known.as_str()), "{} does not tell of {known}: {message}", operation.id);
        }
        if operation.method == "GET" {
            assert_eq!(ana.call("HEAD", &path, None).await.status, 400, "{}", operation.id);
        }
    }
}

#[tokio::test]
async fn t02_a_parameter_that_is_there_twice_is_refused() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    let mut tried = 0;
    for (operation, address) in operations(&server, &ana).await {
        for name in &operation.query {
            let path = format!("{address}?{name}=1&{name}=2");
            let answer = ana.call(&operation.method, &path, None).await;
            names(answer, &[name.as_str()], "repeated", &operation.id);
            tried += 1;
        }
    }
    assert!(tried > 10, "the description has hardly any parameter");
}

#[tokio::test]
async fn a_misspelt_parameter_is_told_what_it_may_have_been() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    let lobby = ana.lobby().await;
    let answer = ana.get(&format!("/conversations/{lobby}/messages?befor=5&limit=1")).await;
    let problem = names(answer, &["befor"], "unknown", "history");
    assert!(problem["detail"].as_str().unwrap().contains("did you mean `before`?"), "{problem}");
}

#[tokio::test]
async fn addresses_that_are_no_operation_may_carry_anything() {
    let server = Server::start().await;
    for path in ["/?utm_source=x", "/sign-in?next=a&next=b", "/healthz?now=1"] {
        assert_eq!(server.api().call("GET", path, None).await.status, 200, "{path}");
    }
    let nowhere = server.api().call("GET", "/api/v1/nowhere?x=1", None).await;
    assert_eq!(nowhere.refused(404, "not_found")["errors"], json!(null));
}
