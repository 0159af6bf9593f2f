//! The JSON array that carries any number of rows into one prepared statement, or out of it.

use sea_orm::{DbErr, Value};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::Uuid;

/// A UUID as 32 hexadecimal digits: what SQLite's `unhex` and PostgreSQL's `uuid` both read.
pub(crate) struct Digits(pub(crate) Uuid);

impl Serialize for Digits {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.simple().encode_lower(&mut Uuid::encode_buffer()))
    }
}

impl<'de> Deserialize<'de> for Digits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let digits = <&str>::deserialize(deserializer)?;
        Uuid::try_parse(digits).map(Self).map_err(de::Error::custom)
    }
}

/// The rows as a parameter; each row is a tuple, read by position.
pub(crate) fn rows<T: Serialize>(rows: impl IntoIterator<Item = T>) -> Result<Value, DbErr> {
    let rows: Vec<T> = rows.into_iter().collect();
    serde_json::to_string(&rows).map(Value::from).map_err(|error| DbErr::Json(error.to_string()))
}

/// Each of these once, so that a query answers each once.
pub(crate) fn distinct<T: Ord + Copy>(asked: &[T]) -> Vec<T> {
    let mut asked = asked.to_vec();
    asked.sort_unstable();
    asked.dedup();
    asked
}
