use super::{File, FileError, FileKind, Files};
use crate::{
    Action, Actor, ConversationId, Denied, FileId, MessageId, Page, PageSize, Timestamp, UserId, authorize,
};

/// A file of a message that somebody may read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostedFile {
    /// The file.
    pub file: File,
    /// Its place among the files of the message.
    pub position: u32,
    /// The message.
    pub message: MessageId,
    /// The message's place in the log.
    pub seq: u64,
    /// The place of the message that its thread is about; `None` when it stands in the conversation
    /// itself.
    pub thread: Option<u64>,
    /// Who wrote the message.
    pub author: UserId,
    /// When they did.
    pub posted_at: Timestamp,
}

/// In which order somebody sees what they uploaded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum FileOrder {
    /// What was uploaded last comes first.
    #[default]
    Newest,
    /// What has the most bytes comes first.
    Largest,
}

/// A file, as the one who uploaded it sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnFile {
    /// The file.
    pub file: File,
    /// The conversations with messages that have it and that its owner sees.
    pub uses: Vec<FileUse>,
    /// How many messages have it that its owner does not see: others forwarded it there, or the owner
    /// left.
    pub elsewhere: u64,
}

/// Messages of one conversation that have a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileUse {
    /// The file.
    pub file: FileId,
    /// The conversation.
    pub conversation: ConversationId,
    /// How many of its messages have the file.
    pub messages: u64,
}

impl Files {
    /// The files of a conversation, those of the newest messages first: of the messages that the actor
    /// may read, and all of one kind if one is named. `before` is what a page before answered.
    pub async fn of_conversation(
        &self,
        actor: &Actor,
        conversation: ConversationId,
        kind: Option<FileKind>,
        before: Option<&str>,
        size: PageSize,
    ) -> Result<Page<PostedFile>, FileError> {
        let standing = self.store.standing(conversation, actor.user).await?.ok_or(Denied::NotFound)?;
        authorize(actor, Action::Read, &standing, self.clock.now())?;
        Ok(self.store.posted_files(conversation, actor.user, kind, before, size).await?)
    }

    /// The files that the actor uploaded, with where each is used.
    pub async fn own(
        &self,
        actor: &Actor,
        order: FileOrder,
        after: Option<&str>,
        size: PageSize,
    ) -> Result<Page<OwnFile>, FileError> {
        let Page { items, next } = self.store.own_files(actor.user, order, after, size).await?;
        let ids: Vec<FileId> = items.iter().map(|file| file.id).collect();
        let (seen, unseen) = self.store.file_uses(actor.user, &ids).await?;
        let items = items.into_iter().map(|file| OwnFile {
            uses: seen.iter().filter(|found| found.file == file.id).copied().collect(),
            elsewhere: unseen.iter().find(|(id, _)| *id == file.id).map_or(0, |(_, messages)| *messages),
            file,
        });
        Ok(Page { items: items.collect(), next })
    }

    /// How many bytes are free where files are kept; `None` where nobody knows.
    pub async fn free_bytes(&self) -> Result<Option<u64>, FileError> {
        Ok(self.objects.free_bytes().await?)
    }

    /// How many bytes the files have that the actor uploaded.
    pub async fn usage(&self, actor: &Actor) -> Result<u64, FileError> {
        Ok(self.store.file_usage(actor.user).await?)
    }
}
