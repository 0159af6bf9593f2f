use std::sync::Arc;

use async_trait::async_trait;
use parlor_domain::{Event, EventPublisher, Store, StoreError, UnitOfWork};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement};

use crate::sql::failure;
use crate::{Dialect, Sql, maintenance};

/// A database that can be read by many and that knows how to begin a unit of work.
#[async_trait]
pub trait Database: ConnectionTrait + Send + Sync + 'static {
    /// What a unit of work writes through.
    type Turn: Turn;

    /// Begins a transaction. Where there is one writer, waits for its turn.
    async fn begin(&self) -> Result<Self::Turn, DbErr>;

    /// Begins a transaction and asks one thing in it, which has no parameters. Where a question
    /// costs a journey, both SHOULD be one.
    async fn begin_asking(&self, sql: &'static str) -> Result<(Self::Turn, Option<QueryResult>), DbErr> {
        let turn = self.begin().await?;
        let row = turn.query_one_raw(Statement::from_string(self.get_database_backend(), sql)).await?;
        Ok((turn, row))
    }

    /// Who wants to know what was committed.
    fn publisher(&self) -> Arc<dyn EventPublisher>;
}

/// An open transaction. Dropping it MUST undo it before anybody else's turn begins.
#[async_trait]
pub trait Turn: ConnectionTrait + Send + Sync + 'static {
    /// Makes it durable, then calls `then`, once, before it answers; where there is one writer,
    /// before anybody whose commit comes later calls theirs. On an error `then` MUST NOT be called.
    async fn commit(self, then: Box<dyn FnOnce() + Send>) -> Result<(), DbErr>;
}

/// A turn, and what is to be told once it is committed.
pub struct Writing<T> {
    turn: T,
    events: Vec<Event>,
    publisher: Arc<dyn EventPublisher>,
}

#[async_trait]
impl<B: Database, D: Dialect> Store for Sql<B, D> {
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        // Here and nowhere else: whoever writes comes by.
        let begun = self.connection.begin_asking(maintenance::QUESTION).await;
        let (turn, row) = begun.map_err(failure::<D>)?;
        if let Some(message) = maintenance::read(row.as_ref()).map_err(failure::<D>)? {
            return Err(StoreError::ReadOnly(message));
        }
        let writing = Writing { turn, events: Vec::new(), publisher: self.connection.publisher() };
        Ok(Box::new(Sql::<_, D>::new(writing)))
    }

    async fn set_maintenance(&self, message: Option<&str>) -> Result<(), StoreError> {
        let turn = Database::begin(&self.connection).await.map_err(failure::<D>)?;
        maintenance::set(&turn, message).await.map_err(failure::<D>)?;
        turn.commit(Box::new(|| ())).await.map_err(failure::<D>)
    }
}

#[async_trait]
impl<T: Turn, D: Dialect> UnitOfWork for Sql<Writing<T>, D> {
    fn emit(&mut self, event: Event) {
        self.connection.events.push(event);
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        let Writing { turn, events, publisher } = self.connection;
        let publish = move || {
            if !events.is_empty() {
                publisher.publish(events);
            }
        };
        turn.commit(Box::new(publish)).await.map_err(failure::<D>)
    }
}

#[async_trait]
impl<T: Turn> ConnectionTrait for Writing<T> {
    fn get_database_backend(&self) -> DbBackend {
        self.turn.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.turn.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.turn.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.turn.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.turn.query_all_raw(statement).await
    }
}
