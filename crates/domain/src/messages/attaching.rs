use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::{Entry, Post};
use crate::{ConversationId, File, FileId, InvalidText, MessageBody, StoreError, TextProblem, UnitOfWork};

impl Post {
    /// Takes what somebody writes, with the files that are to belong to it: with some the text may be
    /// empty.
    pub fn content(text: &str, files: Option<&[Uuid]>) -> Result<(MessageBody, Vec<FileId>), InvalidText> {
        let invalid = |problem| InvalidText { field: "files", problem };
        let files = files.unwrap_or_default();
        if files.len() > File::MOST {
            return Err(invalid(TextProblem::TooMany { max: File::MOST }));
        }
        if files.iter().collect::<HashSet<_>>().len() < files.len() {
            return Err(invalid(TextProblem::Repeated));
        }
        let parse = if files.is_empty() { MessageBody::parse } else { MessageBody::parse_caption };
        Ok((parse(text)?, files.iter().copied().map(FileId::from_uuid).collect()))
    }
}

/// The files that belong to the posts of a batch, none of which goes meanwhile.
pub(super) struct Attachable(HashMap<FileId, File>);

impl Attachable {
    /// Asks nothing when no post has files, as most have not.
    pub(super) async fn look_up(work: &mut dyn UnitOfWork, posts: &[Post]) -> Result<Self, StoreError> {
        let mut ids: Vec<FileId> = posts.iter().flat_map(|post| post.files.iter().copied()).collect();
        if ids.is_empty() {
            return Ok(Self(HashMap::new()));
        }
        // Always in the same order, so that two nodes never wait for each other's rows in a circle.
        ids.sort_unstable();
        ids.dedup();
        let files = work.lock_files(&ids).await?;
        Ok(Self(files.into_iter().map(|file| (file.id, file)).collect()))
    }

    /// Whether the author may post all files of a post: their own, or those of a message that they
    /// see and forward.
    pub(super) fn has_all(&self, post: &Post) -> bool {
        post.files.iter().all(|id| {
            self.0.get(id).is_some_and(|file| file.owner == post.actor.user || post.forward.is_some())
        })
    }

    /// The files of a post, in their order.
    pub(super) fn of(&self, post: &Post) -> Vec<File> {
        post.files.iter().filter_map(|id| self.0.get(id).cloned()).collect()
    }
}

/// The entries of messages with files, by place, with their files.
pub(super) fn attachments_of(entries: &[Entry]) -> Vec<(ConversationId, u64, Vec<FileId>)> {
    let with_files = entries.iter().filter_map(|entry| Some((entry, &entry.message()?.files)));
    with_files
        .filter(|(_, files)| !files.is_empty())
        .map(|(entry, files)| (entry.conversation, entry.seq, files.iter().map(|file| file.id).collect()))
        .collect()
}
