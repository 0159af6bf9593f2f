use parlor_domain::{NotificationSettings, QuietHours, UserId};

use super::listeners::kinds;
use crate::fields::{self, Fields};
use crate::sql::Result;
use crate::{Connection, Dialect, Sql};

/// What somebody's settings are read from, the table being called `s`; also when there is no row,
/// because they have changed nothing.
pub(crate) const SETTINGS: &str = "coalesce(s.off, 0), s.quiet_from, s.quiet_to, s.days, s.utc_offset, \
    coalesce(s.sound, true), coalesce(s.badge, true), coalesce(s.preview, true)";

/// Settings, from [`SETTINGS`].
pub(crate) fn read_settings(fields: &mut Fields<'_>) -> fields::Result<NotificationSettings> {
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
        let sql = format!("SELECT {SETTINGS} FROM notification_settings AS s WHERE s.user_id = $1");
        let values = vec![user.as_uuid().into()];
        let found = self.first(sql, values, |row| read_settings(&mut Fields::of(row))).await?;
        Ok(found.unwrap_or_default())
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
