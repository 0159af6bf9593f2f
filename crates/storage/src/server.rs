use async_trait::async_trait;
use parlor_domain::{RegistrationPolicy, ServerRepository, Timestamp};
use sea_orm::DbErr;
use uuid::Uuid;

use crate::codes::Code;
use crate::fields::Fields;
use crate::sql::{Result, failure};
use crate::{Connection, Dialect, Sql, maintenance};

#[async_trait]
impl<C: Connection, D: Dialect> ServerRepository for Sql<C, D> {
    async fn epoch(&self) -> Result<Uuid> {
        let epoch =
            self.first("SELECT epoch FROM server".into(), Vec::new(), |row| Fields::of(row).get()).await?;
        epoch.ok_or_else(|| failure::<D>(DbErr::RecordNotFound("the server's own row".into())))
    }

    async fn maintenance(&self) -> Result<Option<String>> {
        maintenance::get(&self.connection).await.map_err(failure::<D>)
    }

    async fn registration(&self) -> Result<Option<RegistrationPolicy>> {
        let sql = "SELECT registration FROM server".to_owned();
        Ok(self.first(sql, Vec::new(), |row| Fields::of(row).optional_word()).await?.flatten())
    }

    async fn admins_need_totp(&self) -> Result<bool> {
        let sql = "SELECT admins_need_totp FROM server".to_owned();
        Ok(self.first(sql, Vec::new(), |row| Fields::of(row).get()).await?.unwrap_or(false))
    }

    async fn set_admins_need_totp(&mut self, needed: bool) -> Result<()> {
        self.run("UPDATE server SET admins_need_totp = $1".to_owned(), vec![needed.into()]).await.map(drop)
    }

    async fn agreed_signing_key(&self) -> Result<Option<Vec<u8>>> {
        let sql = "SELECT signing_key FROM server";
        Ok(self.first(sql.into(), Vec::new(), |row| Fields::of(row).get()).await?.flatten())
    }

    async fn now(&self) -> Result<Timestamp> {
        let now = self.first(format!("SELECT {}", D::NOW), Vec::new(), |row| Fields::of(row).get()).await?;
        now.map(Timestamp::from_millis)
            .ok_or_else(|| failure::<D>(DbErr::RecordNotFound("the present moment".into())))
    }

    async fn ping(&self) -> Result<()> {
        self.run("SELECT 1".into(), Vec::new()).await.map(drop)
    }

    async fn set_registration(&mut self, policy: RegistrationPolicy) -> Result<()> {
        let sql = "UPDATE server SET registration = $1".to_owned();
        self.run(sql, vec![policy.code().into()]).await.map(drop)
    }

    async fn signing_key(&mut self, own: &[u8; 32]) -> Result<Vec<u8>> {
        let sql = "UPDATE server SET signing_key = coalesce(signing_key, $1) RETURNING signing_key";
        let stored = self.first(sql.into(), vec![own.to_vec().into()], |row| Fields::of(row).get()).await?;
        stored.ok_or_else(|| failure::<D>(DbErr::RecordNotFound("the server's own row".into())))
    }
}
