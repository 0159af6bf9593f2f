//! Pictures of people and groups: made by the server from what is handed in, in the sizes that are shown.

mod of_groups;

use std::sync::Arc;

use async_trait::async_trait;
use thiserror::Error;

use crate::{Actor, Clock, Denied, Event, IdSource, PictureId, Store, StoreError, Timestamp, User, UserId};

/// In which size a picture is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PictureSize {
    /// 64 pixels on each side, for lists.
    Small,
    /// 256 pixels on each side, for cards.
    Large,
}

impl PictureSize {
    /// How many pixels each side has.
    pub const fn pixels(self) -> u32 {
        match self {
            Self::Small => 64,
            Self::Large => 256,
        }
    }
}

/// A picture in both sizes, as WebP, with nothing in it but the pixels.
#[derive(Clone, PartialEq, Eq)]
pub struct MadePicture {
    /// In [`PictureSize::Small`].
    pub small: Vec<u8>,
    /// In [`PictureSize::Large`].
    pub large: Vec<u8>,
}

impl std::fmt::Debug for MadePicture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MadePicture({} and {} bytes)", self.small.len(), self.large.len())
    }
}

/// A picture that is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PictureFile {
    /// Which picture it is.
    pub id: PictureId,
    /// The WebP file.
    pub bytes: Vec<u8>,
}

/// Why there is no picture of what was handed in.
#[derive(Debug, Error)]
pub enum PictureError {
    /// It is of no type that is read.
    #[error("this is no picture that can be read; send a JPEG, PNG, WebP or GIF")]
    NoPicture,
    /// It says what it is and is not whole, or not well formed.
    #[error("the picture is damaged; save it anew and try again")]
    Damaged,
    /// It would take too much memory to look at.
    #[error("the picture is too large; it may have 40 million pixels and 12,000 on each side")]
    TooManyPixels,
    /// Too many are waiting already; try again shortly.
    #[error("too many pictures are being made")]
    Busy,
    /// It took too long.
    #[error("the picture takes too long to read; save it anew and try again")]
    TooSlow,
    /// Not theirs to give or to see.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// There is nobody to have it.
    #[error("there is no such user")]
    NotFound,
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Making it broke.
    #[error("the picture could not be made")]
    Broken(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Makes pictures of what people hand in.
#[async_trait]
pub trait PictureMaker: Send + Sync {
    /// MUST read the pixels and write them anew: upright, the middle of them as a square, and
    /// nothing else that was in the file. MUST refuse by its header what would take too much
    /// memory, and MUST answer [`PictureError::Busy`] rather than queue without a bound.
    async fn make(&self, file: Vec<u8>) -> Result<MadePicture, PictureError>;
}

/// Giving people and groups a picture, and showing it.
pub struct Pictures {
    store: Arc<dyn Store>,
    maker: Arc<dyn PictureMaker>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
}

impl Pictures {
    /// Pictures kept in `store`.
    pub fn new(
        store: Arc<dyn Store>,
        maker: Arc<dyn PictureMaker>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
    ) -> Self {
        Self { store, maker, clock, ids }
    }

    /// Gives the actor a picture made of this file.
    pub async fn set_own(&self, actor: &Actor, file: Vec<u8>) -> Result<User, PictureError> {
        let made = self.make(file).await?;
        self.replace_own(actor, Some(made)).await
    }

    /// Takes the actor's picture away.
    pub async fn remove_own(&self, actor: &Actor) -> Result<User, PictureError> {
        self.replace_own(actor, None).await
    }

    /// The picture of a person; `None` when they have none. Everybody who is signed in may see it,
    /// as they see the person.
    pub async fn of_user(&self, _actor: &Actor, user: UserId) -> Result<Option<PictureId>, StoreError> {
        Ok(self.store.user(user).await?.filter(User::is_active).and_then(|user| user.picture))
    }

    /// A picture's file, for one who may see it.
    pub async fn file(&self, id: PictureId, size: PictureSize) -> Result<Option<PictureFile>, StoreError> {
        Ok(self.store.picture(id, size).await?.map(|bytes| PictureFile { id, bytes }))
    }

    async fn make(&self, file: Vec<u8>) -> Result<(PictureId, MadePicture, Timestamp), PictureError> {
        let made = self.maker.make(file).await?;
        Ok((PictureId::from_uuid(self.ids.next_id()), made, self.clock.now()))
    }

    async fn replace_own(
        &self,
        actor: &Actor,
        made: Option<(PictureId, MadePicture, Timestamp)>,
    ) -> Result<User, PictureError> {
        let mut work = self.store.begin().await?;
        work.lock_user(actor.user).await?;
        let mut user = work.user(actor.user).await?.ok_or(PictureError::NotFound)?;
        let before = user.picture;
        if before.is_none() && made.is_none() {
            return Ok(user);
        }
        if let Some((id, made, now)) = &made {
            work.insert_picture(*id, made, *now).await?;
        }
        user.picture = made.map(|(id, ..)| id);
        work.update_user(&user).await?;
        if let Some(before) = before {
            work.delete_picture(before).await?;
        }
        work.emit(Event::UserChanged(Arc::new(user.clone())));
        work.commit().await?;
        Ok(user)
    }
}
