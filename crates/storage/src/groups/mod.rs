mod deletion;
mod entity;
mod invite_links;
mod managed;
mod members;

use async_trait::async_trait;
use parlor_domain::{
    BanReason, ConversationId, Freeze, Group, GroupDescription, GroupFilter, GroupId, GroupListing,
    GroupName, GroupRepository, InviteLink, InviteLinkId, ManagedGroup, ManagedGroupFilter, Member,
    MemberRole, NewGroup, Page, PageSize, PictureId, SlowMode, Timestamp, TokenHash, UserId, Visibility,
};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, Value};

use self::entity::{ActiveModel, Column, Entity};
pub(crate) use self::members::{end_of_mute, latest_post};
use crate::codes::Code;
use crate::fields::{self, Fields};
use crate::patterns::{comparable, folded, pattern};
use crate::sql::{Result, failure};
use crate::{Connection, Dialect, Sql};

/// What a group is read from in hand-written queries, the table being called `g`; see [`read`].
pub(crate) const COLUMNS: &str = "g.id, g.name, g.description, g.visibility, g.lobby, g.read_only, g.slow_mode, g.archived_at, g.frozen_at, g.freeze_reason, \
    g.picture_id, g.member_count, g.created_by, g.created_at";

/// A group, or nothing when all columns are null, from [`COLUMNS`].
pub(crate) fn read(fields: &mut Fields<'_>) -> fields::Result<Option<Group>> {
    let Some(id) = fields.optional_id(GroupId::from_uuid)? else {
        fields.skip(13);
        return Ok(None);
    };
    Ok(Some(Group {
        id,
        name: fields.get().map(GroupName::from_stored)?,
        description: fields.get().map(GroupDescription::from_stored)?,
        visibility: fields.word()?,
        lobby: fields.get()?,
        read_only: fields.get()?,
        slow_mode: fields.get().map(slow_mode)?,
        archived_at: fields.optional_moment()?,
        freeze: freeze(fields.optional_moment()?, fields.get()?),
        picture: fields.optional_id(PictureId::from_uuid)?,
        member_count: fields.count()?,
        created_by: fields.optional_id(UserId::from_uuid)?,
        created_at: fields.moment()?,
    }))
}

/// What keeps everybody from writing, from its two columns.
fn freeze(at: Option<Timestamp>, reason: Option<String>) -> Option<Freeze> {
    at.map(|at| Freeze { at, reason: BanReason::from_stored(reason.unwrap_or_default()) })
}

/// A column's wait. The schema keeps it from being negative, and the domain from being too long.
pub(crate) fn slow_mode(seconds: i32) -> SlowMode {
    u32::try_from(seconds).ok().and_then(SlowMode::new).unwrap_or_default()
}

#[async_trait]
impl<C: Connection, D: Dialect> GroupRepository for Sql<C, D> {
    async fn group(&self, id: GroupId) -> Result<Option<Group>> {
        let found = Entity::find_by_id(id.as_uuid()).one(&self.connection).await;
        found.and_then(|row| row.map(Group::try_from).transpose()).map_err(failure::<D>)
    }

    async fn lobby(&self) -> Result<Option<Group>> {
        let found = Entity::find().filter(Column::Lobby.eq(true)).one(&self.connection).await;
        found.and_then(|row| row.map(Group::try_from).transpose()).map_err(failure::<D>)
    }

    async fn list_groups(
        &self,
        viewer: UserId,
        filter: &GroupFilter,
        after: Option<&str>,
        size: PageSize,
    ) -> Result<Page<GroupListing>> {
        let mut values: Vec<Value> = vec![viewer.as_uuid().into(), (i64::from(size.get()) + 1).into()];
        let (mut behind, mut matching) = (String::new(), String::new());
        if let Some((name, id)) = after.and_then(read_place) {
            values.extend([name.into(), id.into()]);
            behind = " AND (g.sort_name, g.id) > ($3, $4)".into();
        }
        if let Some(typed) = &filter.search {
            values.push(pattern(typed).into());
            matching = format!(r" AND g.search LIKE ${} ESCAPE '\'", values.len());
        }
        let sql = format!(
            r#"SELECT {COLUMNS}, EXISTS (SELECT 1 FROM member AS m WHERE m.conversation_id = g.id AND m.user_id = $1)
            FROM "group" AS g WHERE g.visibility = {public} AND g.archived_at IS {archived}{behind}{matching}
            ORDER BY g.sort_name, g.id LIMIT $2"#,
            public = Visibility::Public.code(),
            archived = if filter.archived { "NOT NULL" } else { "NULL" },
        );
        let found = self.all(sql, values, |row| {
            let mut fields = Fields::of(row);
            let group = read(&mut fields)?;
            let joined = fields.get()?;
            Ok(group.map(|group| GroupListing { group, joined }))
        });
        let listed = found.await?.into_iter().flatten().collect();
        Ok(Page::from_overfetched(listed, size, |listing| place(&listing.group)))
    }

    async fn list_managed_groups(
        &self,
        filter: &ManagedGroupFilter,
        after: Option<&str>,
        size: PageSize,
    ) -> Result<Page<ManagedGroup>> {
        self.read_managed_groups(filter, after, size).await
    }

    async fn managed_group(&self, id: GroupId) -> Result<Option<ManagedGroup>> {
        self.read_managed_group(id).await
    }

    async fn owners(&self, group: GroupId) -> Result<Vec<UserId>> {
        self.read_owners(group).await
    }

    async fn member(&self, group: GroupId, user: UserId) -> Result<Option<Member>> {
        self.read_one_member(group, user).await
    }

    async fn list_members(
        &self,
        group: GroupId,
        after: Option<&str>,
        size: PageSize,
    ) -> Result<Page<Member>> {
        self.read_members(group, after, size).await
    }

    async fn count_members(&self, group: GroupId, role: MemberRole) -> Result<u64> {
        let sql = "SELECT count(*) FROM member WHERE conversation_id = $1 AND role = $2".to_owned();
        let count = self
            .first(sql, vec![group.as_uuid().into(), role.code().into()], |row| Fields::of(row).count())
            .await?;
        Ok(count.unwrap_or(0))
    }

    async fn set_role(&mut self, group: GroupId, user: UserId, role: MemberRole) -> Result<()> {
        self.write_role(group, user, role).await
    }

    async fn set_mute(&mut self, group: GroupId, user: UserId, until: Option<Timestamp>) -> Result<()> {
        self.write_mute(group, user, until).await
    }

    async fn note_posts(&mut self, posts: &[(ConversationId, UserId)], at: Timestamp) -> Result<()> {
        self.write_posts(posts, at).await
    }

    async fn insert_group(&mut self, group: &NewGroup) -> Result<()> {
        let row = ActiveModel {
            id: Set(group.id.as_uuid()),
            lobby: Set(group.lobby),
            member_count: Set(0),
            created_by: Set(group.created_by.map(UserId::as_uuid)),
            created_at: Set(group.created_at.as_millis()),
            visibility: Set(group.visibility.code()),
            read_only: Set(false),
            ..described(&group.name, &group.description)
        };
        Entity::insert(row).exec_without_returning(&self.connection).await.map(drop).map_err(failure::<D>)
    }

    async fn update_group(&mut self, group: &Group) -> Result<()> {
        let row = ActiveModel {
            visibility: Set(group.visibility.code()),
            read_only: Set(group.read_only),
            slow_mode: Set(i32::try_from(group.slow_mode.seconds()).unwrap_or(i32::MAX)),
            archived_at: Set(group.archived_at.map(Timestamp::as_millis)),
            frozen_at: Set(group.freeze.as_ref().map(|freeze| freeze.at.as_millis())),
            freeze_reason: Set(group.freeze.as_ref().map(|freeze| freeze.reason.to_string())),
            picture_id: Set(group.picture.map(PictureId::as_uuid)),
            ..described(&group.name, &group.description)
        };
        let update = Entity::update_many().set(row).filter(Column::Id.eq(group.id.as_uuid()));
        update.exec(&self.connection).await.map(drop).map_err(failure::<D>)
    }

    async fn invite_links(&self, group: GroupId) -> Result<Vec<InviteLink>> {
        self.links_to(group).await
    }

    async fn invite_link(&self, secret: &TokenHash) -> Result<Option<InviteLink>> {
        self.link_with(secret).await
    }

    async fn insert_invite_link(&mut self, link: &InviteLink) -> Result<()> {
        self.add_link(link).await
    }

    async fn count_use(&mut self, link: InviteLinkId) -> Result<()> {
        self.add_use(link).await
    }

    async fn delete_invite_link(&mut self, link: InviteLinkId) -> Result<()> {
        self.remove_link(link).await
    }

    async fn delete_group(&mut self, group: GroupId, at: Timestamp) -> Result<()> {
        self.retire_group(group, at).await
    }

    async fn deleted_groups(&self, limit: u32) -> Result<Vec<(GroupId, Timestamp)>> {
        self.read_deleted_groups(limit).await
    }
}

/// A group's name and description, and what follows from them.
fn described(name: &GroupName, description: &GroupDescription) -> ActiveModel {
    ActiveModel {
        name: Set(name.as_str().to_owned()),
        description: Set(description.as_str().to_owned()),
        sort_name: Set(folded(name.as_str())),
        search: Set(folded(&format!("{name}\n{description}"))),
        ..Default::default()
    }
}

/// A group's place in the list: its id, which has 32 digits, and the name that it is sorted by.
fn place(group: &Group) -> String {
    format!("{}{}", group.id.as_uuid().simple(), folded(group.name.as_str()))
}

/// Takes a place apart. One that was not made here means the beginning.
fn read_place(place: &str) -> Option<(String, Uuid)> {
    let (id, name) = place.split_at_checked(32)?;
    Some((comparable(name), Uuid::try_parse(id).ok()?))
}
