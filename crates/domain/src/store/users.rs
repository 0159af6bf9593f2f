use async_trait::async_trait;

use super::Result;
use crate::{
    Account, AccountFilter, Login, NewUser, Page, PageSize, StoredPassword, Timestamp, User, UserFilter,
    UserId,
};
#[cfg(doc)]
use crate::{StoreError, UniqueKey};

/// Accounts.
#[async_trait]
pub trait UserRepository: Send + Sync {
    /// The user with this id, deleted ones too.
    async fn user(&self, id: UserId) -> Result<Option<User>>;

    /// The active user whom this login names, with the password.
    async fn user_by_login(&self, login: &Login) -> Result<Option<(User, StoredPassword)>>;

    /// Those of these users that exist, deleted ones too, in no particular order.
    async fn users(&self, ids: &[UserId]) -> Result<Vec<User>>;

    /// Active users by username, from behind the username `after`.
    /// `search` MUST match parts of username, name and code in any case, `%` and `_` literally.
    async fn list_users(
        &self,
        filter: &UserFilter,
        after: Option<&str>,
        size: PageSize,
    ) -> Result<Page<User>>;

    /// How many active admins there are.
    async fn count_admins(&self) -> Result<u64>;

    /// How many active admins there are whom no ban of the server keeps out at `now`.
    async fn count_acting_admins(&self, now: Timestamp) -> Result<u64>;

    /// Accounts as admins see them at `now`, in the filter's order, from behind the place `after`.
    async fn list_accounts(
        &self,
        filter: &AccountFilter,
        now: Timestamp,
        after: Option<&str>,
        size: PageSize,
    ) -> Result<Page<Account>>;

    /// Whom a mute keeps from writing on the whole server at `now`, the latest account first, from
    /// behind this user.
    async fn muted_users(&self, now: Timestamp, after: Option<UserId>, limit: u32) -> Result<Vec<User>>;

    /// Has the question of who is an admin to itself: from now until the commit nobody else who
    /// asks for it goes on.
    async fn lock_admins(&mut self) -> Result<()>;

    /// Has a user to itself: from now until the commit nobody else changes them. What is read of
    /// them afterwards stays so.
    async fn lock_user(&mut self, id: UserId) -> Result<()>;

    /// Makes the account with the next number. MUST answer [`StoreError::Conflict`] with
    /// [`UniqueKey::Username`] or [`UniqueKey::Email`] when one of them is taken, and MUST NOT use
    /// up a number then.
    async fn insert_user(&mut self, user: &NewUser) -> Result<User>;

    /// Writes everything but the id, code, username, password and when they were last seen. MUST
    /// answer [`StoreError::Conflict`] with [`UniqueKey::Email`] when the address is taken.
    async fn update_user(&mut self, user: &User) -> Result<()>;

    /// The password; `None` when there is no such active user.
    async fn password(&self, user: UserId) -> Result<Option<StoredPassword>>;

    /// Replaces the password.
    async fn set_password(&mut self, user: UserId, password: &StoredPassword) -> Result<()>;

    /// Notes when these people were last connected. MUST NOT move any of them back.
    async fn set_last_seen(&mut self, seen: &[(UserId, Timestamp)]) -> Result<()>;
}
