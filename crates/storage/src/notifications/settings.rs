use parlor_domain::{NotificationSettings, QuietHours, UserId};
use sea_orm::QueryResult;

use super::listeners::kinds;
use crate::fields::{self, Fields};
use crate::sql::Result;
use crate::{Connection, Dialect, Sql};

fn read(row: &QueryResult) -> fields::Result<NotificationSettings> {
    let mut fields = Fields::of(row);
    Ok(NotificationSettings {
        off: kinds(fields.get()?),
        quiet: {
            let [from, to, days, offset] = [fields.get()?, fields.get()?, fields.get()?, fields.get()?];
            quiet_hours(from, to, days, offset)
        },
        sound: fields.get()?,
        badge: fields.get()?,
        preview: fields.get()?,
    })
}

/// Quiet hours from their columns, all of which are null when there are none.
fn quiet_hours(
    from: Option<i32>,
    to: Option<i32>,
    days: Option<i32>,
    offset: Option<i32>,
) -> Option<QuietHours> {
    let (from, to) = (from?.try_into().ok()?, to?.try_into().ok()?);
    QuietHours::new(from, to, days?.try_into().ok()?, offset?.try_into().ok()?)
}

impl<C: Connection, D: Dialect> Sql<C, D> {
    pub(super) async fn read_notification_settings(&self, user: UserId) -> Result<NotificationSettings> {
        let sql = "SELECT off, quiet_from, quiet_to, days, utc_offset, sound, badge, preview
            FROM notification_settings WHERE user_id = $1";
        Ok(self.first(sql.to_owned(), vec![user.as_uuid().into()], read).await?.unwrap_or_default())
    }

    pub(super) async fn write_notification_settings(
        &mut self,
        user: UserId,
        settings: &NotificationSettings,
    ) -> Result<()> {
        let sql = "INSERT INTO notification_settings
                (user_id, off, quiet_from, quiet_to, days, utc_offset, sound, badge, preview)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            ON CONFLICT (user_id) DO UPDATE SET off = excluded.off, quiet_from = excluded.quiet_from,
                quiet_to = excluded.quiet_to, days = excluded.days, utc_offset = excluded.utc_offset,
                sound = excluded.sound, badge = excluded.badge, preview = excluded.preview";
        let quiet = settings.quiet;
        let values = vec![
            user.as_uuid().into(),
            i32::from(settings.off.bits()).into(),
            quiet.map(|hours| i32::from(hours.from())).into(),
            quiet.map(|hours| i32::from(hours.to())).into(),
            quiet.map(|hours| i32::from(hours.days())).into(),
            quiet.map(|hours| i32::from(hours.utc_offset())).into(),
            settings.sound.into(),
            settings.badge.into(),
            settings.preview.into(),
        ];
        self.run(sql.to_owned(), values).await.map(drop)
    }
}
