use std::sync::Arc;

use parlor_domain::UserId;
use parlor_wire::Account;
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::{Header, Path, Query};
use uuid::Uuid;

use super::{PictureAnswer, PictureBody, Size, show};
use crate::auth::Member;
use crate::json::Json;
use crate::services::Services;
use crate::{Result, Tag};

pub struct PicturesApi;

#[OpenApi(tag = Tag::Users)]
impl PicturesApi {
    /// Give yourself a picture
    ///
    /// The body is the file of a JPEG, PNG, WebP or GIF. The server makes a square of its middle,
    /// upright and without anything else that was in the file.
    #[oai(path = "/users/me/picture", method = "put", operation_id = "setMyPicture")]
    async fn set_mine(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        file: PictureBody,
    ) -> Result<Json<Account>> {
        let user = services.pictures.set_own(&member.actor, file.0).await?;
        Ok(Json((&user).into()))
    }

    /// Take your picture away
    #[oai(path = "/users/me/picture", method = "delete", operation_id = "removeMyPicture")]
    async fn remove_mine(&self, services: Data<&Arc<Services>>, member: Member) -> Result<Json<Account>> {
        let user = services.pictures.remove_own(&member.actor).await?;
        Ok(Json((&user).into()))
    }

    /// The picture of a person
    ///
    /// With `v`, the picture's id, the answer may be kept for ever: another picture has another id.
    #[oai(path = "/users/:id/picture", method = "get", operation_id = "getPicture")]
    async fn get(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        id: Path<Uuid>,
        /// `small` has 64 pixels on each side, `large` 256; `large` when nothing is said.
        size: Query<Option<Size>>,
        /// The picture's id, as the person has it; it only says how long the answer may be kept.
        v: Query<Option<Uuid>>,
        #[oai(name = "If-None-Match")] known: Header<Option<String>>,
    ) -> Result<PictureAnswer> {
        let picture = services.pictures.of_user(&member.actor, UserId::from_uuid(id.0)).await?;
        show(&services, picture, size.0, v.0, known.0.as_deref()).await
    }
}
