//! Which parts an export has, and what is in each.

use std::io;
use std::sync::Arc;

use parlor_domain::{
    ApiToken, Block, ConversationView, Draft, Export, ExportPlace, MessageId, SavedMessage, ScheduledMessage,
    Scope, SessionId, StoreError, Timestamp,
};
use parlor_wire::{Account, Entry, MemberRole, Notification, NotificationSettings, Time};
use serde_json::{Value, json};
use uuid::Uuid;

use super::archive::Archive;
use super::shared::{Shared, read_failed};
use crate::services::Services;
use crate::sessions::sessions;

/// What is written next.
#[derive(Clone, Copy)]
enum Part {
    Account,
    Conversations,
    Access,
    Notifications,
    Personal,
    Messages(ExportPlace),
    Uploads,
    Files,
    End,
}

/// An archive that is being written.
pub(super) struct Writing {
    services: Arc<Services>,
    export: Export,
    archive: Archive,
    part: Part,
    shared: Shared,
}

impl Writing {
    pub(super) fn new(services: Arc<Services>, export: Export) -> Self {
        Self { services, export, archive: Archive::new(), part: Part::Account, shared: Shared::default() }
    }

    /// The next bytes, and what goes on with it; nothing once it is whole.
    pub(super) async fn next(mut self) -> io::Result<(Vec<u8>, Option<Self>)> {
        loop {
            if matches!(self.part, Part::End) {
                return Ok((self.archive.finish()?, None));
            }
            self.part = self.write().await?;
            let bytes = self.archive.take();
            if !bytes.is_empty() {
                return Ok((bytes, Some(self)));
            }
        }
    }

    /// Writes one part; which one is next.
    async fn write(&mut self) -> io::Result<Part> {
        let Self { services, export, archive, part, shared } = self;
        Ok(match *part {
            Part::Account => {
                archive.json("about.json", &about(&services.server.name, export))?;
                archive.json("account.json", &Account::from(export.user()))?;
                if let Some(picture) = export.picture().await.map_err(failed)? {
                    archive.file("picture.webp", &picture)?;
                }
                Part::Conversations
            }
            Part::Conversations => {
                let found = export.conversations().await.map_err(failed)?;
                archive.list("conversations.json", found.iter().map(conversation))?;
                Part::Access
            }
            Part::Access => {
                let found = export.sessions().await.map_err(failed)?;
                archive.json("sessions.json", &sessions(found, SessionId::from_uuid(Uuid::nil())))?;
                let tokens = export.tokens().await.map_err(failed)?;
                archive.list("tokens.json", tokens.iter().map(token))?;
                Part::Notifications
            }
            Part::Notifications => {
                let settings = export.settings().await.map_err(failed)?;
                archive.json("notification_settings.json", &NotificationSettings::from(&settings))?;
                let mut found = export.notifications().await.map_err(failed)?;
                // What they were told of somebody else's words is that, and not the words.
                for one in &mut found {
                    one.entry = None;
                }
                archive.list("notifications.json", found.iter().map(Notification::from))?;
                if export.is_own() { Part::Personal } else { begin_messages(archive)? }
            }
            Part::Personal => {
                let blocks = export.blocks().await.map_err(failed)?;
                archive.list("blocked.json", blocks.iter().map(block))?;
                archive.list("drafts.json", export.drafts().await.map_err(failed)?.iter().map(draft))?;
                let scheduled = export.scheduled().await.map_err(failed)?;
                archive.list("scheduled.json", scheduled.iter().map(scheduled_message))?;
                let saved = export.saved().await.map_err(failed)?;
                archive.list("saved.json", saved.iter().map(saved_message))?;
                begin_messages(archive)?
            }
            Part::Messages(mut place) => {
                if let Some(entries) = export.messages(&mut place).await.map_err(failed)? {
                    archive.items(entries.iter().map(Entry::from))?;
                    shared.add(
                        entries.iter().filter_map(parlor_domain::Entry::message).flat_map(|one| &one.files),
                    );
                    Part::Messages(place)
                } else {
                    archive.end_list()?;
                    Part::Uploads
                }
            }
            Part::Uploads => {
                let mut found = export.uploads(None).await.map_err(failed)?;
                while let Some(last) = found.last().cloned() {
                    shared.add(&found);
                    found = export.uploads(Some(&last)).await.map_err(failed)?;
                }
                Part::Files
            }
            Part::Files => {
                let more = shared.write(&services.files, archive).await.map_err(read_failed)?;
                if more {
                    Part::Files
                } else {
                    archive.list("files.json", shared.list())?;
                    Part::End
                }
            }
            Part::End => Part::End,
        })
    }
}

fn begin_messages(archive: &mut Archive) -> io::Result<Part> {
    archive.begin_list("messages.json")?;
    Ok(Part::Messages(ExportPlace::start()))
}

fn failed(error: StoreError) -> io::Error {
    tracing::warn!(%error, "an export was broken off");
    io::Error::other(error)
}

fn text(at: Timestamp) -> String {
    Time(at).text()
}

fn about(server: &str, export: &Export) -> Value {
    let left_out = if export.is_own() {
        json!(["what others wrote"])
    } else {
        json!([
            "what others wrote",
            "direct conversations and private groups that the admin is not in",
            "drafts, scheduled and saved messages, files that were not sent, and whom they blocked"
        ])
    };
    json!({
        "server": server,
        "user": export.user().username.as_str(),
        "made_at": text(export.at()),
        "made_by": if export.is_own() { "the person" } else { "an admin" },
        "left_out": left_out,
    })
}

fn conversation(view: &ConversationView) -> Value {
    let peer = view.peer.as_ref().map(|peer| &peer.user);
    json!({
        "id": view.conversation.id.as_uuid(),
        "group": view.group.as_ref().map(|group| group.name.as_str()),
        "with": peer.map(|user| json!({"id": user.id.as_uuid(), "username": user.username.as_str()})),
        "role": MemberRole::from(view.membership.role),
        "joined_at": text(view.membership.joined_at),
        "read_seq": view.membership.cursor.read_seq,
        "favourite": view.preferences.favourite,
        "hidden": view.preferences.hidden,
        "silent_until": view.preferences.silent_until.map(text),
    })
}

fn token(token: &ApiToken) -> Value {
    json!({
        "id": token.id.as_uuid(),
        "name": token.name.as_str(),
        "scopes": token.scopes.iter().map(Scope::word).collect::<Vec<_>>(),
        "created_at": text(token.created_at),
        "last_used_at": token.last_used_at.map(text),
        "expires_at": token.expires_at.map(text),
    })
}

fn block(block: &Block) -> Value {
    json!({"user": block.user.id.as_uuid(), "since": text(block.since)})
}

/// Where it stands; what it says is its author's.
fn saved_message(saved: &SavedMessage) -> Value {
    let parlor_domain::Entry { conversation, seq, .. } = &saved.entry;
    json!({"conversation": conversation.as_uuid(), "seq": seq, "saved_at": text(saved.saved_at)})
}

fn draft(draft: &Draft) -> Value {
    json!({
        "conversation": draft.conversation.as_uuid(),
        "thread": draft.thread.map(MessageId::as_uuid),
        "body": draft.body.as_str(),
        "updated_at": text(draft.updated_at),
    })
}

fn scheduled_message(message: &ScheduledMessage) -> Value {
    json!({
        "conversation": message.conversation.as_uuid(),
        "body": message.body.as_str(),
        "at": text(message.at),
    })
}
