//! The table `held_message`.

use parlor_domain::{
    ClientId, ConversationId, FilterPhrase, Forward, HeldMessage, HeldMessageId, MessageBody, MessageId,
    ThreadAnswer, Timestamp, UserId,
};
use sea_orm::Value;

use crate::codes::Code;
use crate::fields::{self, Fields};

/// What a held message is read from, the table being called `h`; see [`read`].
pub(super) const COLUMNS: &str = "h.id, h.author_id, h.client_id, h.conversation_id, h.body, h.reply_to, h.thread, h.broadcast, \
    h.forward_author, h.forward_source, h.forward_public, h.phrase, h.written_at, h.state, h.handled_by, h.handled_at";

/// The same columns as they are written; see [`values`].
pub(super) const NAMES: &str = "id, author_id, client_id, conversation_id, body, reply_to, thread, broadcast, \
    forward_author, forward_source, forward_public, phrase, written_at, state, handled_by, handled_at";

/// The places of their values.
pub(super) const PLACES: &str = "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16";

pub(super) fn read(fields: &mut Fields<'_>) -> fields::Result<HeldMessage> {
    let id = fields.id(HeldMessageId::from_uuid)?;
    let author = fields.id(UserId::from_uuid)?;
    let client_id = fields.id(ClientId::from_uuid)?;
    let conversation = fields.id(ConversationId::from_uuid)?;
    let body = Some(fields.get::<String>()?).filter(|body| !body.is_empty()).map(MessageBody::from_stored);
    let reply_to = fields.optional_id(MessageId::from_uuid)?;
    let (root, broadcast) = (fields.optional_id(MessageId::from_uuid)?, fields.get()?);
    let author_of = fields.optional_id(UserId::from_uuid)?;
    let source = fields.optional_id(ConversationId::from_uuid)?;
    let is_public = fields.get()?;
    Ok(HeldMessage {
        id,
        author,
        client_id,
        conversation,
        body,
        reply_to,
        thread: root.map(|root| ThreadAnswer { root, broadcast }),
        forward: author_of.map(|author| Forward { author, source, is_public }),
        phrase: FilterPhrase::from_stored(fields.get()?),
        written_at: fields.moment()?,
        state: fields.word()?,
        handled_by: fields.optional_id(UserId::from_uuid)?,
        handled_at: fields.optional_moment()?,
    })
}

pub(super) fn values(message: &HeldMessage) -> Vec<Value> {
    let forward = message.forward;
    vec![
        message.id.as_uuid().into(),
        message.author.as_uuid().into(),
        message.client_id.as_uuid().into(),
        message.conversation.as_uuid().into(),
        message.body.as_ref().map_or("", MessageBody::as_str).into(),
        message.reply_to.map(MessageId::as_uuid).into(),
        message.thread.map(|thread| thread.root.as_uuid()).into(),
        message.thread.is_some_and(|thread| thread.broadcast).into(),
        forward.map(|forward| forward.author.as_uuid()).into(),
        forward.and_then(|forward| forward.source).map(ConversationId::as_uuid).into(),
        forward.is_some_and(|forward| forward.is_public).into(),
        message.phrase.as_str().into(),
        message.written_at.as_millis().into(),
        message.state.code().into(),
        message.handled_by.map(UserId::as_uuid).into(),
        message.handled_at.map(Timestamp::as_millis).into(),
    ]
}
