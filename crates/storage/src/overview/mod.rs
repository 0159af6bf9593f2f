//! How much there is, for the overview.

mod counting;

use std::collections::BTreeMap;

use async_trait::async_trait;
use parlor_domain::{
    Day, DayFigures, Figures, OverviewRepository, PeopleFigures, ReportState, Role, SessionFigures,
    SessionKind, SessionPolicy, StorageFigures, Timestamp, Uncounted, UserStatus,
};

use crate::codes::Code;
use crate::fields::Fields;
use crate::sessions::{IS_ALIVE, alive_at};
use crate::sql::Result;
use crate::{Connection, Dialect, Sql};

#[async_trait]
impl<C: Connection, D: Dialect> OverviewRepository for Sql<C, D> {
    async fn figures(&self, sessions: &SessionPolicy, now: Timestamp) -> Result<Figures> {
        let people = self.read_people(now).await?;
        let sessions = self.read_sessions(sessions, now).await?;
        let sql = format!(
            "SELECT {size}, count(*), CAST(coalesce(sum(length(small) + length(large)), 0) AS bigint),
                (SELECT CAST(coalesce(sum(messages), 0) AS bigint) FROM message_day),
                (SELECT count(*) FROM report WHERE state = {open}), (SELECT count(*) FROM mail)
            FROM picture",
            size = D::SIZE,
            open = ReportState::Open.code(),
        );
        let rest = self.first(sql, Vec::new(), |row| {
            let mut fields = Fields::of(row);
            Ok(Figures {
                people,
                sessions,
                storage: StorageFigures {
                    database_bytes: fields.count()?,
                    pictures: fields.count()?,
                    picture_bytes: fields.count()?,
                },
                messages: fields.count()?,
                open_reports: fields.count()?,
                waiting_mails: fields.count()?,
            })
        });
        Ok(rest.await?.unwrap_or_default())
    }

    async fn days_since(&self, first: Day) -> Result<Vec<DayFigures>> {
        let mut days = BTreeMap::new();
        let posted = "SELECT day, messages FROM message_day WHERE day >= $1";
        for (day, messages) in self.read_days(posted, first.number()).await? {
            days.insert(day, DayFigures { day, messages, new_people: 0 });
        }
        let came = format!(
            r#"SELECT created_at / {length}, count(*) FROM "user" WHERE created_at >= $1 AND NOT bot
            GROUP BY created_at / {length}"#,
            length = Day::MILLISECONDS,
        );
        for (day, new_people) in self.read_days(&came, first.begins(0).as_millis()).await? {
            let empty = DayFigures { day, messages: 0, new_people: 0 };
            days.entry(day).or_insert(empty).new_people = new_people;
        }
        Ok(days.into_values().collect())
    }

    async fn uncounted(&self, most: u64) -> Result<Vec<Uncounted>> {
        self.read_uncounted(most).await
    }

    async fn note_counted(&mut self, counted: &[Uncounted]) -> Result<bool> {
        self.write_counted(counted).await
    }
}

impl<C: Connection, D: Dialect> Sql<C, D> {
    async fn read_days(&self, sql: &str, since: i64) -> Result<Vec<(Day, u64)>> {
        self.all(sql.to_owned(), vec![since.into()], |row| {
            let mut fields = Fields::of(row);
            Ok((Day::from_number(fields.get()?), fields.count()?))
        })
        .await
    }

    async fn read_people(&self, now: Timestamp) -> Result<PeopleFigures> {
        let sql = r#"SELECT status, role, bot, count(*) FROM "user" GROUP BY status, role, bot"#;
        let kinds = self.all(sql.into(), Vec::new(), |row| {
            let mut fields = Fields::of(row);
            Ok((fields.word::<UserStatus>()?, fields.word::<Role>()?, fields.get::<bool>()?, fields.count()?))
        });
        let mut people = PeopleFigures::default();
        for (status, role, bot, count) in kinds.await? {
            let kind = match (status, role, bot) {
                (UserStatus::Deleted, ..) => &mut people.deleted,
                (UserStatus::Active, _, true) => &mut people.bots,
                (UserStatus::Active, Role::Admin, false) => &mut people.admins,
                (UserStatus::Active, Role::User, false) => &mut people.users,
            };
            *kind += count;
        }
        let sql = format!(
            r#"SELECT count(DISTINCT ban.user_id) FROM ban JOIN "user" ON "user".id = ban.user_id
            WHERE ban.group_id IS NULL AND ban.lifted_at IS NULL AND (ban.until IS NULL OR ban.until > $1)
                AND "user".status = {active}"#,
            active = UserStatus::Active.code(),
        );
        let banned = self.first(sql, vec![now.as_millis().into()], |row| Fields::of(row).count());
        people.banned = banned.await?.unwrap_or(0);
        Ok(people)
    }

    async fn read_sessions(&self, policy: &SessionPolicy, now: Timestamp) -> Result<SessionFigures> {
        let sql = format!(
            "SELECT session.kind, api_token.session_id IS NOT NULL, api_token.group_id IS NOT NULL, count(*)
            FROM session LEFT JOIN api_token ON api_token.session_id = session.id
            WHERE CASE WHEN api_token.session_id IS NULL THEN {IS_ALIVE}
                ELSE api_token.expires_at IS NULL OR api_token.expires_at > $4 END
            GROUP BY 1, 2, 3"
        );
        let mut values = alive_at(policy, now);
        values.push(now.as_millis().into());
        let kinds = self.all(sql, values, |row| {
            let mut fields = Fields::of(row);
            Ok((fields.word::<SessionKind>()?, fields.get::<bool>()?, fields.get::<bool>()?, fields.count()?))
        });
        let mut sessions = SessionFigures::default();
        for (kind, is_token, is_webhook, count) in kinds.await? {
            let kind = match (is_webhook, is_token, kind) {
                (true, ..) => &mut sessions.webhooks,
                (false, true, _) => &mut sessions.programs,
                (false, false, SessionKind::Cookie) => &mut sessions.browsers,
                (false, false, SessionKind::Token) => &mut sessions.clients,
            };
            *kind += count;
        }
        Ok(sessions)
    }
}
