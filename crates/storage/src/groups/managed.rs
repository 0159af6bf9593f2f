//! Groups as admins see them.

use parlor_domain::{
    Group, GroupId, ManagedGroup, ManagedGroupFilter, ManagedGroupOrder, MemberRole, Page, PageSize, UserId,
};
use sea_orm::Value;
use uuid::Uuid;

use super::{COLUMNS, read};
use crate::codes::Code;
use crate::fields::{self, Fields, column};
use crate::patterns::{comparable, folded, pattern};
use crate::sql::Result;
use crate::{Connection, Dialect, Sql};

/// Those who own the group `g`.
fn owners(of: &str) -> String {
    format!(
        "FROM member AS m WHERE m.conversation_id = {of} AND m.role = {owner}",
        owner = MemberRole::Owner.code(),
    )
}

/// The beginning of what a group is read from, up to its conditions.
fn select() -> String {
    let owners = owners("g.id");
    format!(
        r#"SELECT {COLUMNS}, (SELECT m.user_id {owners} ORDER BY m.joined_at, m.user_id LIMIT 1),
            (SELECT count(*) {owners}), coalesce(t.messages, 0), c.active_at
        FROM "group" AS g JOIN conversation AS c ON c.id = g.id LEFT JOIN tally AS t ON t.conversation_id = g.id"#
    )
}

fn managed(fields: &mut Fields<'_>) -> fields::Result<Option<ManagedGroup>> {
    let group = read(fields)?;
    let owner = fields.optional_id(UserId::from_uuid)?;
    let (owners, messages, active_at) = (fields.count()?, fields.count()?, fields.moment()?);
    Ok(group.map(|group| ManagedGroup { group, owner, owners, messages, active_at }))
}

impl<C: Connection, D: Dialect> Sql<C, D> {
    pub(super) async fn read_managed_group(&self, id: GroupId) -> Result<Option<ManagedGroup>> {
        let sql = format!("{} WHERE g.id = $1 AND g.deleted_at IS NULL", select());
        let found = self.first(sql, vec![id.as_uuid().into()], |row| managed(&mut Fields::of(row))).await?;
        Ok(found.flatten())
    }

    pub(super) async fn read_owners(&self, group: GroupId) -> Result<Vec<UserId>> {
        let sql = format!("SELECT m.user_id {} ORDER BY m.joined_at, m.user_id", owners("$1"));
        self.all(sql, vec![group.as_uuid().into()], |row| Fields::of(row).id(UserId::from_uuid)).await
    }

    /// Groups in the order of the filter. The place behind which a page begins is what the last one
    /// is sorted by, and its id.
    pub(super) async fn read_managed_groups(
        &self,
        filter: &ManagedGroupFilter,
        after: Option<&str>,
        size: PageSize,
    ) -> Result<Page<ManagedGroup>> {
        let order = match filter.order {
            ManagedGroupOrder::Name => "g.sort_name",
            ManagedGroupOrder::Created => "g.created_at",
            ManagedGroupOrder::Active => "c.active_at",
            ManagedGroupOrder::Members => "g.member_count",
            ManagedGroupOrder::Messages => "coalesce(t.messages, 0)",
        };
        let (than, direction) = if filter.descending { ("<", "DESC") } else { (">", "ASC") };
        let mut values: Vec<Value> = vec![i64::from(size.get() + 1).into()];
        let mut conditions = vec!["g.deleted_at IS NULL".to_owned()];
        if let Some(visibility) = filter.visibility {
            values.push(visibility.code().into());
            conditions.push(format!("g.visibility = ${}", values.len()));
        }
        if let Some(archived) = filter.archived {
            conditions.push(format!("g.archived_at IS {}", if archived { "NOT NULL" } else { "NULL" }));
        }
        if let Some(frozen) = filter.frozen {
            conditions.push(format!("g.frozen_at IS {}", if frozen { "NOT NULL" } else { "NULL" }));
        }
        match filter.ownerless {
            Some(true) => {
                conditions.push(format!("NOT g.lobby AND NOT EXISTS (SELECT 1 {})", owners("g.id")));
            }
            Some(false) => conditions.push(format!("EXISTS (SELECT 1 {})", owners("g.id"))),
            None => {}
        }
        if let Some(typed) = &filter.search {
            values.push(pattern(typed).into());
            conditions.push(format!(r"g.search LIKE ${} ESCAPE '\'", values.len()));
        }
        if let Some((key, id)) = after.and_then(|after| place(filter.order, after)) {
            values.extend([key, id.into()]);
            let last = values.len();
            conditions.push(format!("({order}, g.id) {than} (${}, ${last})", last - 1));
        }
        let sql = format!(
            "{select} WHERE {conditions} ORDER BY {order} {direction}, g.id {direction} LIMIT $1",
            select = select(),
            conditions = conditions.join(" AND "),
        );
        let found = self.all(sql, values, |row| managed(&mut Fields::of(row))).await?;
        let found = found.into_iter().flatten().collect();
        Ok(Page::from_overfetched(found, size, |group| place_of(filter.order, group)))
    }
}

/// Where the next page begins behind this group: its id, which has 32 digits, and what it is sorted by.
fn place_of(
    order: ManagedGroupOrder,
    ManagedGroup { group, messages, active_at, .. }: &ManagedGroup,
) -> String {
    let Group { id, name, member_count, created_at, .. } = group;
    let key = match order {
        ManagedGroupOrder::Name => folded(name.as_str()),
        ManagedGroupOrder::Created => created_at.as_millis().to_string(),
        ManagedGroupOrder::Active => active_at.as_millis().to_string(),
        ManagedGroupOrder::Members => column(*member_count).to_string(),
        ManagedGroupOrder::Messages => column(*messages).to_string(),
    };
    format!("{}{key}", id.as_uuid().simple())
}

/// The place that a text names; nothing when it names none, and the list begins at its beginning.
fn place(order: ManagedGroupOrder, text: &str) -> Option<(Value, Uuid)> {
    let (id, key) = text.split_at_checked(32)?;
    let key = match order {
        ManagedGroupOrder::Name => comparable(key).into(),
        _ => key.parse::<i64>().ok()?.into(),
    };
    Some((key, Uuid::try_parse(id).ok()?))
}
