use parlor_domain::{ConversationId, UserId};
use sea_orm::Value;
use uuid::Uuid;

use super::Bulk;

/// What a database's own index for searching asks for.
///
/// A document has a text, of which every piece of three signs is found, and scopes, each of which is
/// found as a whole. What the index answers may be too much, and never too little.
pub trait Index {
    /// How many documents are deleted at once, where that is another way than one by one.
    const BULK: Option<Bulk> = None;

    /// The scopes of a document as text, for [`Index::scope_column`].
    fn scopes(scopes: &[Scope]) -> String;

    /// An expression for what the column `scope` holds, of such a text.
    fn scope_column(value: &str) -> String;

    /// How to look for documents, one way after the other: the first one that fills a page is
    /// enough, and the last one MUST find everything. Statements have their own parameters up to
    /// `$4`, of which `$3` is the number that documents must be below.
    fn lookups(wanted: &Wanted) -> Vec<Lookup>;
}

/// What is known of a message besides its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// It is in this conversation.
    Conversation(ConversationId),
    /// This person wrote it.
    Author(UserId),
    /// It has a link.
    Link,
    /// It has a file.
    File,
    /// It has a picture.
    Image,
}

impl Scope {
    /// A number that most others do not have: two that share one are told apart by whoever asks.
    pub fn number(self) -> u64 {
        // The last digits of ids are random.
        let of = |id: Uuid| id.as_u64_pair().1;
        match self {
            Self::Conversation(id) => of(id.as_uuid()),
            Self::Author(id) => of(id.as_uuid()),
            Self::Link => 1,
            Self::File => 2,
            Self::Image => 3,
        }
    }
}

/// What documents are looked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// Parts of the text, of three signs at least, of `a-z`, `0-9` and space.
    pub codes: Vec<String>,
    /// Of each of these one at least.
    pub scopes: Vec<Vec<Scope>>,
    /// The only conversation, when there is one only.
    pub conversation: Option<ConversationId>,
}

/// One way to look for documents.
#[derive(Debug, Clone, PartialEq)]
pub struct Lookup {
    /// What comes before the statement, when something does.
    pub with: String,
    /// Tables, among which is `d` with the columns of `search_document` but `scope` and `text`.
    pub tables: String,
    /// An expression for the document's number by which the tables can be read backwards.
    pub number: &'static str,
    /// A condition.
    pub condition: String,
    /// The parameters from `$5` on.
    pub values: Vec<Value>,
}
