use parlor_domain::UniqueKey;
use sea_orm::{DbBackend, DbErr};

use crate::Index;

/// Where the databases' SQL differs.
pub trait Dialect: Index + Send + Sync + 'static {
    /// Which database it is.
    const BACKEND: DbBackend;

    /// The function that gives the greatest of its arguments.
    const GREATEST: &'static str;

    /// The function that gives the least of its arguments.
    const LEAST: &'static str;

    /// An expression for the present moment by the database's clock, in milliseconds since 1970.
    const NOW: &'static str;

    /// An expression for how many bytes the whole database takes on the disk, without what it
    /// wrote ahead.
    const SIZE: &'static str;

    /// What stands behind a `SELECT` that keeps the rows it finds for this unit of work until its
    /// end; nothing where there is one writer, who has all rows to itself.
    const LOCK: Option<&'static str>;

    /// A table expression, to stand after `FROM`, with a row for each element of the JSON array in
    /// the parameter `$number`. The element MUST be the column `value` of the alias `j`, and each
    /// field of the element, itself an array, MUST be read by `j.value ->> index` as text or number.
    fn each(number: usize) -> String;

    /// An expression that turns 32 hexadecimal digits into an id as columns hold it.
    fn id(digits: &str) -> String;

    /// An expression that turns an id into its hexadecimal digits, with or without hyphens.
    fn digits(id: &str) -> String;

    /// An expression for the text of a JSON array of these expressions.
    fn array(expressions: &[&str]) -> String;

    /// An expression that gathers these expressions of all rows into the text of a JSON array of
    /// arrays, in the order of the expression `order`; it may be null when there are no rows.
    fn gather(expressions: &[&str], order: &str) -> String;

    /// An expression that makes of a column a value that JSON has and both databases agree on: ids
    /// and bytes as lowercase hexadecimal digits without hyphens, truths as 0 and 1.
    fn plain(kind: Kind, column: &str) -> String;

    /// The reverse: an expression for a column of such a value, a text or a number.
    fn column(kind: Kind, value: &str) -> String;

    /// What an error means for the caller.
    fn trouble(error: &DbErr) -> Trouble;
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An id, where the database has a type for it.
    Id,
    /// Bytes.
    Bytes,
    /// Text.
    Text,
    /// True or false.
    Truth,
    /// A whole number.
    Number,
}

impl Kind {
    /// What a column of this type holds.
    pub(crate) fn of(declared: &str) -> Self {
        match declared {
            "uuid" => Self::Id,
            "blob" | "bytea" => Self::Bytes,
            "text" => Self::Text,
            "boolean" => Self::Truth,
            _ => Self::Number,
        }
    }
}

/// What an error means for the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Something that must be unique is there already.
    Conflict(UniqueKey),
    /// Another unit of work stood in the way; the same again may succeed at once.
    Clash,
    /// There is no room.
    Full,
    /// The database cannot be reached at the moment.
    Unavailable,
    /// Anything else.
    Other,
}
