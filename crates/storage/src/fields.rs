//! Reading rows of hand-written queries, column after column.

use parlor_domain::Timestamp;
use sea_orm::{DbErr, QueryResult, TryGetable};
use uuid::Uuid;

use crate::codes::Code;

pub(crate) type Result<T> = std::result::Result<T, DbErr>;

/// A row's columns, from the first one on. By position rather than by name: a page of entries has
/// a thousand of them.
pub(crate) struct Fields<'a> {
    row: &'a QueryResult,
    next: usize,
}

impl<'a> Fields<'a> {
    pub(crate) fn of(row: &'a QueryResult) -> Self {
        Self { row, next: 0 }
    }

    /// The next column.
    pub(crate) fn get<T: TryGetable>(&mut self) -> Result<T> {
        let index = self.next;
        self.next += 1;
        self.row.try_get_by_index(index)
    }

    /// The next column, a UUID, as one of the domain's ids.
    pub(crate) fn id<T>(&mut self, make: impl Fn(Uuid) -> T) -> Result<T> {
        self.get().map(make)
    }

    /// The next column, a UUID or nothing.
    pub(crate) fn optional_id<T>(&mut self, make: impl Fn(Uuid) -> T) -> Result<Option<T>> {
        Ok(self.get::<Option<Uuid>>()?.map(make))
    }

    /// The next column, a place in a log or a number of things.
    pub(crate) fn count(&mut self) -> Result<u64> {
        self.get().map(count)
    }

    /// The next column, a moment.
    pub(crate) fn moment(&mut self) -> Result<Timestamp> {
        self.get().map(Timestamp::from_millis)
    }

    /// The next column, a moment or nothing.
    pub(crate) fn optional_moment(&mut self) -> Result<Option<Timestamp>> {
        Ok(self.get::<Option<i64>>()?.map(Timestamp::from_millis))
    }

    /// The next column, one of a few words.
    pub(crate) fn word<T: Code>(&mut self) -> Result<T> {
        word(self.get()?)
    }

    /// The next column, one of a few words or nothing.
    pub(crate) fn optional_word<T: Code>(&mut self) -> Result<Option<T>> {
        self.get::<Option<i16>>()?.map(word).transpose()
    }

    /// Leaves out columns that belong to something that is not there.
    pub(crate) fn skip(&mut self, columns: usize) {
        self.next += columns;
    }
}

/// A place or a count, as the domain has it. The schema's checks keep negative ones out.
pub(crate) fn count(number: i64) -> u64 {
    number.try_into().unwrap_or(0)
}

/// A place or a count, as columns have it.
pub(crate) fn column(number: u64) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}

/// The word that a column's number stands for.
pub(crate) fn word<T: Code>(code: i16) -> Result<T> {
    T::from_code(code).ok_or_else(|| DbErr::Type(format!("{code} stands for nothing")))
}
