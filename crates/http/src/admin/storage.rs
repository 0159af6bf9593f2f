//! How much room files take, and whose they are.

use std::sync::Arc;

use parlor_domain::{FileFigures, GroupStorage, UserStorage};
use poem::web::Data;
use poem_openapi::param::Query;
use poem_openapi::{Object, OpenApi};
use serde::Serialize;
use uuid::Uuid;

use crate::auth::Admin;
use crate::json::Json;
use crate::paging::{Listing, page_size};
use crate::services::Services;
use crate::{Result, Tag};

/// How much room files take, in bytes.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "FileStorage")]
struct FileStorageView {
    /// How many files people uploaded.
    files: u64,
    /// How many bytes these have, each counted for the one who uploaded it.
    bytes: u64,
    /// How many bytes are kept for them: the same ones once, and the small versions of pictures.
    kept_bytes: u64,
    /// How many no message has; these go a day after they were last used.
    unused_files: u64,
    /// How many bytes these have.
    unused_bytes: u64,
    /// How many bytes the files of one person may have.
    quota_bytes: u64,
    /// How many bytes are free where files are kept; null where nobody knows.
    free_bytes: Option<u64>,
}

/// How much somebody uploaded.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "UserStorage")]
struct UserStorageView {
    /// Who.
    user: Uuid,
    /// Their username.
    username: String,
    /// Their name.
    name: String,
    /// How many files they uploaded.
    files: u64,
    /// How many bytes these have.
    bytes: u64,
}

/// How much the messages of a group have.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "GroupStorage")]
struct GroupStorageView {
    /// Which group.
    group: Uuid,
    /// Its name.
    name: String,
    /// How many files its messages have; one that several have is counted once.
    files: u64,
    /// How many bytes these have.
    bytes: u64,
}

pub struct StorageApi;

#[OpenApi(prefix_path = "/admin/storage", tag = Tag::Administration)]
impl StorageApi {
    /// How much room files take
    #[oai(path = "/", method = "get", operation_id = "getStorage")]
    async fn get(&self, services: Data<&Arc<Services>>, admin: Admin) -> Result<Json<FileStorageView>> {
        let FileFigures { files, bytes, kept_bytes, unused_files, unused_bytes } =
            services.administration.storage(&admin.by).await?;
        Ok(Json(FileStorageView {
            files,
            bytes,
            kept_bytes,
            unused_files,
            unused_bytes,
            quota_bytes: services.files.policy().quota_bytes,
            free_bytes: services.files.free_bytes().await?,
        }))
    }

    /// Who uploaded how much, those with the most first
    ///
    /// What it is stays theirs: neither the files nor their names are told.
    #[oai(path = "/users", method = "get", operation_id = "listStorageByUser")]
    async fn by_user(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        /// How many, 1 to 100; 50 when nothing is said.
        limit: Query<Option<u32>>,
        /// `next` of the page before.
        after: Query<Option<String>>,
    ) -> Result<Json<Listing<UserStorageView>>> {
        let size = page_size(limit.0)?;
        let page = services.administration.storage_by_user(&admin.by, after.0.as_deref(), size).await?;
        Ok(Json(Listing::render(page, |one| one.into())))
    }

    /// How much the messages of each group have, those with the most first
    ///
    /// Direct conversations are not told of.
    #[oai(path = "/groups", method = "get", operation_id = "listStorageByGroup")]
    async fn by_group(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        /// How many, 1 to 100; 50 when nothing is said.
        limit: Query<Option<u32>>,
        /// `next` of the page before.
        after: Query<Option<String>>,
    ) -> Result<Json<Listing<GroupStorageView>>> {
        let size = page_size(limit.0)?;
        let page = services.administration.storage_by_group(&admin.by, after.0.as_deref(), size).await?;
        Ok(Json(Listing::render(page, |one| one.into())))
    }
}

impl From<&UserStorage> for UserStorageView {
    fn from(one: &UserStorage) -> Self {
        Self {
            user: one.user.as_uuid(),
            username: one.username.to_string(),
            name: one.name.to_string(),
            files: one.files,
            bytes: one.bytes,
        }
    }
}

impl From<&GroupStorage> for GroupStorageView {
    fn from(one: &GroupStorage) -> Self {
        Self { group: one.group.as_uuid(), name: one.name.to_string(), files: one.files, bytes: one.bytes }
    }
}
