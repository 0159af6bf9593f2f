//! Whether what people were told is what is stored.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use uuid::Uuid;

use crate::{Heard, Person, Sent, id_of};

/// The logs of some conversations, as HTTP tells them.
#[derive(Debug, Default)]
pub struct Checker {
    logs: BTreeMap<Uuid, Vec<Value>>,
}

impl Checker {
    /// Reads the logs of conversations that this person is in.
    pub async fn read(person: &Person, conversations: &[Uuid]) -> Self {
        let mut logs = BTreeMap::new();
        for conversation in conversations {
            logs.insert(*conversation, person.log_of(*conversation).await);
        }
        Self::of(logs)
    }

    /// Takes logs that were read already.
    pub fn of(logs: BTreeMap<Uuid, Vec<Value>>) -> Self {
        let checker = Self { logs };
        checker.logs_are_dense();
        checker
    }

    /// The newest place of each conversation.
    pub fn ends(&self) -> BTreeMap<Uuid, u64> {
        self.logs.iter().map(|(conversation, log)| (*conversation, log.len() as u64)).collect()
    }

    /// The client ids of a conversation's messages, in the log's order.
    pub fn order(&self, conversation: Uuid) -> Vec<Uuid> {
        self.logs[&conversation].iter().filter_map(client_id).collect()
    }

    /// places are dense from 1, and no client id is there twice.
    fn logs_are_dense(&self) {
        let mut seen = BTreeSet::new();
        for (conversation, log) in &self.logs {
            for (expected, entry) in (1_u64..).zip(log) {
                assert_eq!(entry["seq"], expected, "{conversation} is not dense");
                assert_eq!(entry["conversation"], conversation.to_string());
                let author = entry["actor"].as_str().map(str::to_owned);
                if let Some(client_id) = client_id(entry) {
                    assert!(seen.insert((author, client_id)), "{client_id} is stored twice");
                }
            }
        }
    }

    /// What was answered with "stored" is stored, where and as the answer said.
    pub fn stored(&self, sent: &[Sent]) {
        for one in sent {
            let log = &self.logs[&one.conversation];
            let entry = usize::try_from(one.seq).ok().and_then(|seq| log.get(seq - 1));
            let entry = entry.unwrap_or_else(|| panic!("{one:?} was answered and is lost"));
            assert_eq!(client_id(entry), Some(one.client_id), "{one:?} has another message's place");
            assert_eq!(id_of(&entry["message"]["id"]), one.message_id, "{one:?} has another id");
        }
    }

    /// Somebody who listened from the beginning heard each entry once, in order, without a gap,
    /// and nothing that is not in the log.
    pub fn heard(&self, heard: &[Heard]) {
        let mut cursors: BTreeMap<Uuid, u64> = BTreeMap::new();
        for one in heard {
            let cursor = cursors.entry(one.conversation).or_default();
            assert_eq!(one.seq, *cursor + 1, "a gap or a repeat in {}", one.conversation);
            *cursor = one.seq;
            let entry =
                usize::try_from(one.seq).ok().and_then(|seq| self.logs[&one.conversation].get(seq - 1));
            let entry = entry.unwrap_or_else(|| panic!("{one:?} was sent and is not stored"));
            assert_eq!(client_id(entry), one.client_id, "{one:?} is another message in the log");
        }
    }

    /// The same, and to the end of every conversation.
    pub fn heard_everything(&self, heard: &[Heard]) {
        self.heard(heard);
        let total: usize = self.logs.values().map(Vec::len).sum();
        assert_eq!(heard.len(), total, "a listener did not get everything");
    }
}

fn client_id(entry: &Value) -> Option<Uuid> {
    entry["message"].get("client_id").map(id_of)
}
