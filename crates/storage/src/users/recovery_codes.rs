use async_trait::async_trait;
use parlor_domain::{RecoveryRepository, Timestamp, TokenHash, UserId};
use sea_orm::Value;

use crate::fields::Fields;
use crate::sql::Result;
use crate::{Connection, Dialect, Sql};

#[async_trait]
impl<C: Connection, D: Dialect> RecoveryRepository for Sql<C, D> {
    async fn has_recovery_code(&self, user: UserId, code: &TokenHash) -> Result<bool> {
        let sql = "SELECT 1 FROM recovery_code WHERE user_id = $1 AND hash = $2".to_owned();
        Ok(self.first(sql, key(user, code), |_| Ok(())).await?.is_some())
    }

    async fn count_recovery_codes(&self, user: UserId) -> Result<u64> {
        let sql = "SELECT count(*) FROM recovery_code WHERE user_id = $1".to_owned();
        let count = self.first(sql, vec![user.as_uuid().into()], |row| Fields::of(row).count()).await?;
        Ok(count.unwrap_or(0))
    }

    async fn replace_recovery_codes(&mut self, user: UserId, codes: &[TokenHash]) -> Result<()> {
        self.run("DELETE FROM recovery_code WHERE user_id = $1".into(), vec![user.as_uuid().into()]).await?;
        for code in codes {
            let sql = "INSERT INTO recovery_code (user_id, hash) VALUES ($1, $2)".to_owned();
            self.run(sql, key(user, code)).await?;
        }
        Ok(())
    }

    async fn recovery_link(&self, link: &TokenHash, now: Timestamp) -> Result<Option<UserId>> {
        let sql = "SELECT user_id FROM recovery_link WHERE hash = $1 AND until > $2".to_owned();
        let values = vec![link.as_bytes().to_vec().into(), now.as_millis().into()];
        self.first(sql, values, |row| Fields::of(row).id(UserId::from_uuid)).await
    }

    async fn replace_recovery_link(
        &mut self,
        user: UserId,
        link: &TokenHash,
        until: Timestamp,
    ) -> Result<()> {
        let sql = "INSERT INTO recovery_link (user_id, hash, until) VALUES ($1, $2, $3)
            ON CONFLICT (user_id) DO UPDATE SET hash = excluded.hash, until = excluded.until";
        let mut values = key(user, link);
        values.push(until.as_millis().into());
        self.run(sql.to_owned(), values).await.map(drop)
    }

    async fn use_recovery_link(&mut self, user: UserId, link: &TokenHash) -> Result<bool> {
        let sql = "DELETE FROM recovery_link WHERE user_id = $1 AND hash = $2".to_owned();
        Ok(self.run(sql, key(user, link)).await? > 0)
    }

    async fn use_recovery_code(&mut self, user: UserId, code: &TokenHash) -> Result<bool> {
        let sql = "DELETE FROM recovery_code WHERE user_id = $1 AND hash = $2".to_owned();
        Ok(self.run(sql, key(user, code)).await? > 0)
    }
}

fn key(user: UserId, code: &TokenHash) -> Vec<Value> {
    vec![user.as_uuid().into(), code.as_bytes().to_vec().into()]
}
