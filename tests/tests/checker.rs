//! That the checker finds what it is there to find.

use std::collections::BTreeMap;

use parlor_tests::{Checker, Heard, Sent, new_id};
use serde_json::{Value, json};
use uuid::Uuid;

/// A conversation with so many messages, and what their sender was told.
fn conversation(count: u64) -> (Uuid, Vec<Value>, Vec<Sent>) {
    let (conversation, author) = (new_id(), new_id());
    let sent: Vec<Sent> = (1..=count)
        .map(|seq| Sent { conversation, client_id: new_id(), seq, message_id: new_id(), duplicate: false })
        .collect();
    let entry = |one: &Sent| {
        let message = json!({"id": one.message_id, "client_id": one.client_id, "body": "x"});
        json!({"conversation": conversation, "seq": one.seq, "kind": "message", "actor": author, "message": message})
    };
    let log = sent.iter().map(entry).collect();
    (conversation, log, sent)
}

fn checker(conversation: Uuid, log: Vec<Value>) -> Checker {
    Checker::of(BTreeMap::from([(conversation, log)]))
}

fn heard(sent: &[Sent]) -> Vec<Heard> {
    let heard =
        |one: &Sent| Heard { conversation: one.conversation, seq: one.seq, client_id: Some(one.client_id) };
    sent.iter().map(heard).collect()
}

#[test]
fn a_clean_log_passes() {
    let (conversation, log, sent) = conversation(5);
    let checker = checker(conversation, log);
    checker.stored(&sent);
    checker.heard(&heard(&sent[..3]));
    checker.heard_everything(&heard(&sent));
}

#[test]
#[should_panic(expected = "is not dense")]
fn a_gap_in_the_log_is_found() {
    let (conversation, mut log, _) = conversation(5);
    log.remove(2);
    checker(conversation, log);
}

#[test]
#[should_panic(expected = "is stored twice")]
fn a_message_that_is_stored_twice_is_found() {
    let (conversation, mut log, _) = conversation(5);
    log[4]["message"] = log[1]["message"].clone();
    checker(conversation, log);
}

#[test]
#[should_panic(expected = "was answered and is lost")]
fn a_message_that_was_answered_and_is_lost_is_found() {
    let (conversation, mut log, sent) = conversation(5);
    log.pop();
    checker(conversation, log).stored(&sent);
}

#[test]
#[should_panic(expected = "has another message's place")]
fn an_answer_with_another_place_is_found() {
    let (conversation, log, mut sent) = conversation(5);
    sent[1].seq = 4;
    checker(conversation, log).stored(&sent);
}

#[test]
#[should_panic(expected = "has another id")]
fn an_answer_with_another_id_is_found() {
    let (conversation, log, mut sent) = conversation(5);
    sent[1].message_id = new_id();
    checker(conversation, log).stored(&sent);
}

#[test]
#[should_panic(expected = "a gap or a repeat")]
fn a_gap_in_what_was_heard_is_found() {
    let (conversation, log, mut sent) = conversation(5);
    sent.remove(2);
    checker(conversation, log).heard(&heard(&sent));
}

#[test]
#[should_panic(expected = "a gap or a repeat")]
fn a_repeat_in_what_was_heard_is_found() {
    let (conversation, log, mut sent) = conversation(5);
    sent.insert(2, sent[1].clone());
    checker(conversation, log).heard(&heard(&sent));
}

#[test]
#[should_panic(expected = "was sent and is not stored")]
fn something_heard_that_is_not_stored_is_found() {
    let (conversation, mut log, sent) = conversation(5);
    log.pop();
    checker(conversation, log).heard(&heard(&sent));
}

#[test]
#[should_panic(expected = "did not get everything")]
fn a_listener_who_misses_the_end_is_found() {
    let (conversation, log, sent) = conversation(5);
    checker(conversation, log).heard_everything(&heard(&sent[..4]));
}
