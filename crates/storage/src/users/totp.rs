use async_trait::async_trait;
use parlor_domain::{Totp, TotpRepository, TotpSecret, UserId};

use crate::fields::{self, Fields};
use crate::sql::Result;
use crate::{Connection, Dialect, Sql};

#[async_trait]
impl<C: Connection, D: Dialect> TotpRepository for Sql<C, D> {
    async fn totp(&self, user: UserId) -> Result<Option<Totp>> {
        let sql = "SELECT secret, confirmed, last_step, failures FROM totp WHERE user_id = $1".to_owned();
        self.first(sql, vec![user.as_uuid().into()], |row| read(&mut Fields::of(row))).await
    }

    async fn put_totp(&mut self, user: UserId, totp: &Totp) -> Result<()> {
        let sql = "INSERT INTO totp (user_id, secret, confirmed, last_step, failures)
            VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret, confirmed = excluded.confirmed,
                last_step = excluded.last_step, failures = excluded.failures";
        let values = vec![
            user.as_uuid().into(),
            totp.secret.as_sealed().to_vec().into(),
            totp.confirmed.into(),
            fields::column(totp.last_step).into(),
            fields::column(u64::from(totp.failures)).into(),
        ];
        self.run(sql.to_owned(), values).await.map(drop)
    }

    async fn delete_totp(&mut self, user: UserId) -> Result<bool> {
        let sql = "DELETE FROM totp WHERE user_id = $1".to_owned();
        Ok(self.run(sql, vec![user.as_uuid().into()]).await? > 0)
    }
}

fn read(fields: &mut Fields<'_>) -> fields::Result<Totp> {
    Ok(Totp {
        secret: TotpSecret::from_sealed(fields.get()?),
        confirmed: fields.get()?,
        last_step: fields.count()?,
        failures: u32::try_from(fields.count()?).unwrap_or(u32::MAX),
    })
}
