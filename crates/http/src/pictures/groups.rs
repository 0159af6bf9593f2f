use std::sync::Arc;

use parlor_domain::GroupId;
use parlor_wire::Group;
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::{Header, Path, Query};
use uuid::Uuid;

use super::{PictureAnswer, PictureBody, Size, show};
use crate::auth::Member;
use crate::json::Json;
use crate::services::Services;
use crate::{Result, Tag};

pub struct GroupPicturesApi;

#[OpenApi(prefix_path = "/groups", tag = Tag::Groups)]
impl GroupPicturesApi {
    /// Give a group a picture
    ///
    /// For owners and moderators. The body is the file of a JPEG, PNG, WebP or GIF. The server makes a
    /// square of its middle, upright and without anything else that was in the file.
    #[oai(path = "/:id/picture", method = "put", operation_id = "setGroupPicture")]
    async fn set(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        id: Path<Uuid>,
        file: PictureBody,
    ) -> Result<Json<Group>> {
        let group = GroupId::from_uuid(id.0);
        let group = services.pictures.set_for_group(&member.actor, group, file.0).await?;
        Ok(Json((&group).into()))
    }

    /// Take a group's picture away
    ///
    /// For owners and moderators.
    #[oai(path = "/:id/picture", method = "delete", operation_id = "removeGroupPicture")]
    async fn remove(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        id: Path<Uuid>,
    ) -> Result<Json<Group>> {
        let group = services.pictures.remove_for_group(&member.actor, GroupId::from_uuid(id.0)).await?;
        Ok(Json((&group).into()))
    }

    /// The picture of a group
    ///
    /// For whoever may know of the group. With `v`, the picture's id, the answer may be kept for ever:
    /// another picture has another id.
    #[oai(path = "/:id/picture", method = "get", operation_id = "getGroupPicture")]
    async fn get(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        id: Path<Uuid>,
        /// `small` has 64 pixels on each side, `large` 256; `large` when nothing is said.
        size: Query<Option<Size>>,
        /// The picture's id, as the group has it; it only says how long the answer may be kept.
        v: Query<Option<Uuid>>,
        #[oai(name = "If-None-Match")] known: Header<Option<String>>,
    ) -> Result<PictureAnswer> {
        let picture = services.pictures.of_group(&member.actor, GroupId::from_uuid(id.0)).await?;
        show(&services, picture, size.0, v.0, known.0.as_deref()).await
    }
}
