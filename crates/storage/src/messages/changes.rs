//! What was done with messages: reading it as one column, and writing it.

use std::borrow::Cow;

use parlor_domain::{
    Changes, ClientId, ConversationId, Emoji, File, Forward, Forwarded, InThread, Mentions, Message,
    MessageBody, MessageId, Reaction, Replies, Revision, Target, Timestamp, UserId,
};
use sea_orm::DbErr;
use serde::Deserialize;

use super::mentions;
use crate::codes::entry::MESSAGE;
use crate::codes::mark::FORWARDED;
use crate::fields::{self, Fields, column};
use crate::files;
use crate::parameter::Digits;
use crate::sql::Result;
use crate::{Connection, Dialect, Sql};

/// An expression for everything about an entry, the table being called `e`, that most entries do
/// not have: what was done with a message, and what a change was made to. Null for most; see
/// [`Extra::read`].
pub(super) fn column_of<D: Dialect>() -> String {
    let [actor, message, client, reply_to] =
        ["t.actor_id", "t.message_id", "t.client_id", "t.reply_to"].map(D::digits);
    let target = D::array(&[
        &actor,
        &message,
        &client,
        "t.body",
        &reply_to,
        &state::<D>("t"),
        &thread::<D>("t"),
        "t.mentions",
        &files::of_message::<D>("t"),
    ]);
    let target = format!(
        "CASE WHEN e.kind <> {MESSAGE} THEN
            (SELECT {target} FROM entry AS t WHERE t.conversation_id = e.conversation_id AND t.seq = e.target_seq) END"
    );
    let (thread, replies) = (thread::<D>("e"), replies::<D>());
    let all = D::array(&[
        "e.emoji",
        "e.target_seq",
        &target,
        &state::<D>("e"),
        "e.number",
        &thread,
        &replies,
        &forwarded::<D>(),
        "e.mentions",
        &files::of_message::<D>("e"),
    ]);
    format!(
        "CASE WHEN e.changed_seq IS NOT NULL OR e.target_seq IS NOT NULL OR e.number IS NOT NULL \
        OR e.replies IS NOT NULL OR e.mentions IS NOT NULL OR e.files IS NOT NULL THEN {all} END"
    )
}

/// The thread that a message was written in.
fn thread<D: Dialect>(entry: &str) -> String {
    let thread = D::array(&[&D::digits("o.message_id"), "o.seq", &format!("coalesce({entry}.number, 0)")]);
    format!(
        "CASE WHEN {entry}.kind = {MESSAGE} AND {entry}.target_seq IS NOT NULL THEN (SELECT {thread} FROM entry AS o
            WHERE o.conversation_id = {entry}.conversation_id AND o.seq = {entry}.target_seq) END"
    )
}

/// Whose words a forwarded message has, and where they come from if that is a public group now.
fn forwarded<D: Dialect>() -> String {
    let source = D::digits("f.source_id");
    let source =
        format!(r#"(SELECT {source} FROM "group" AS h WHERE h.id = f.source_id AND h.visibility = 1)"#);
    let forwarded = D::array(&[&D::digits("f.author_id"), &source]);
    format!(
        "CASE WHEN e.kind = {MESSAGE} AND e.number = {FORWARDED} THEN (SELECT {forwarded} FROM forward AS f
            WHERE f.conversation_id = e.conversation_id AND f.seq = e.seq) END"
    )
}

/// What a message tells of the thread about it.
fn replies<D: Dialect>() -> String {
    let people = D::gather(&[&D::digits("w.user_id")], "w.replied_seq DESC");
    let people = format!(
        "(SELECT {people} || '' FROM (SELECT p.user_id, p.replied_seq FROM thread_member AS p
            WHERE p.conversation_id = e.conversation_id AND p.root_seq = e.seq AND p.replied_seq IS NOT NULL
            ORDER BY p.replied_seq DESC LIMIT {}) AS w)",
        Replies::PEOPLE
    );
    let replies = D::array(&["e.replies", "e.replied_seq", "e.replied_at", &people]);
    format!("CASE WHEN e.replies IS NOT NULL THEN {replies} END")
}

fn state<D: Dialect>(entry: &str) -> String {
    let reactions = D::gather(&["r.emoji", &D::digits("r.user_id")], "r.created_at, r.user_id");
    let reactions = format!(
        "(SELECT {reactions} || '' FROM reaction AS r
        WHERE r.conversation_id = {entry}.conversation_id AND r.seq = {entry}.seq)"
    );
    let [changed, edited, deleted, pinned] =
        ["changed_seq", "edited_at", "deleted_at", "pinned_at"].map(|name| format!("{entry}.{name}"));
    D::array(&[&changed, &edited, &deleted, &pinned, &reactions])
}

/// What most entries do not have.
#[derive(Default)]
pub(super) struct Extra {
    /// With what somebody reacted.
    pub(super) emoji: Option<Emoji>,
    /// The message that was changed.
    pub(super) target: Option<Box<Target>>,
    /// What the entry says in a number.
    pub(super) number: Option<i64>,
    /// Whose words the message which the entry is has.
    pub(super) forwarded: Option<Box<Forwarded>>,
    /// The thread that the message which the entry is was written in.
    pub(super) thread: Option<InThread>,
    /// What that message tells of the thread about it.
    pub(super) replies: Option<Box<Replies>>,
    /// Whom the message that the entry is mentions.
    pub(super) mentions: Mentions,
    /// The files of the message that the entry is.
    pub(super) files: Vec<File>,
    /// What was done with the message that the entry is.
    pub(super) changes: Changes,
}

/// The arrays that [`column_of`] makes, one in the other as texts.
#[derive(Deserialize)]
struct All<'a>(
    Option<String>,
    Option<u64>,
    #[serde(borrow)] Option<Cow<'a, str>>,
    #[serde(borrow)] Cow<'a, str>,
    Option<i64>,
    #[serde(borrow)] Option<Cow<'a, str>>,
    #[serde(borrow)] Option<Cow<'a, str>>,
    #[serde(borrow)] Option<Cow<'a, str>>,
    Option<String>,
    #[serde(borrow)] Option<Cow<'a, str>>,
);

#[derive(Deserialize)]
struct Of(
    Digits,
    Digits,
    Digits,
    String,
    Option<Digits>,
    String,
    Option<String>,
    Option<String>,
    Option<String>,
);

#[derive(Deserialize)]
struct Thread(Digits, u64, i64);

#[derive(Deserialize)]
struct About(u64, u64, i64, Option<String>);

#[derive(Deserialize)]
struct State(Option<u64>, Option<i64>, Option<i64>, Option<i64>, Option<String>);

impl Extra {
    /// Reads what [`column_of`] made.
    pub(super) fn read(text: Option<&str>) -> fields::Result<Self> {
        let Some(text) = text else { return Ok(Self::default()) };
        let All(emoji, seq, of, state, number, in_thread, about, from, mentions, files) = parse(text)?;
        let target = match seq.zip(of) {
            Some((seq, of)) => Some(target(seq, &of)?),
            None => None,
        };
        Ok(Self {
            emoji: emoji.map(Emoji::from_stored),
            target,
            number,
            forwarded: from.as_deref().map(read_forwarded).transpose()?.map(Box::new),
            thread: in_thread.as_deref().map(read_thread).transpose()?,
            replies: about.as_deref().map(read_replies).transpose()?,
            mentions: mentions::read(mentions.as_deref()),
            files: files::read_files(files.as_deref())?,
            changes: changes(&state)?,
        })
    }
}

fn parse<'a, T: Deserialize<'a>>(text: &'a str) -> fields::Result<T> {
    serde_json::from_str(text).map_err(|error| DbErr::Json(error.to_string()))
}

fn target(seq: u64, text: &str) -> fields::Result<Box<Target>> {
    let Of(author, id, client, body, reply_to, state, in_thread, mentions, files) = parse(text)?;
    let message = Message {
        id: MessageId::from_uuid(id.0),
        client_id: ClientId::from_uuid(client.0),
        body: MessageBody::from_stored(body),
        files: files::read_files(files.as_deref())?,
        reply_to: reply_to.map(|Digits(id)| MessageId::from_uuid(id)),
        forwarded: None,
        thread: in_thread.as_deref().map(read_thread).transpose()?,
        replies: None,
        mentions: mentions::read(mentions.as_deref()),
        changes: changes(&state)?,
    };
    Ok(Box::new(Target { seq, author: UserId::from_uuid(author.0), message }))
}

fn read_thread(text: &str) -> fields::Result<InThread> {
    let Thread(Digits(root), seq, broadcast) = parse(text)?;
    Ok(InThread { root: MessageId::from_uuid(root), seq, broadcast: broadcast == 1 })
}

fn read_forwarded(text: &str) -> fields::Result<Forwarded> {
    let (Digits(author), source): (Digits, Option<Digits>) = parse(text)?;
    let source = source.map(|Digits(source)| ConversationId::from_uuid(source));
    Ok(Forwarded { author: UserId::from_uuid(author), source })
}

fn read_replies(text: &str) -> fields::Result<Box<Replies>> {
    let About(count, seq, latest_at, people) = parse(text)?;
    let people: Vec<[Digits; 1]> = parse(people.as_deref().unwrap_or("[]"))?;
    let people = people.into_iter().map(|[Digits(user)]| UserId::from_uuid(user)).collect();
    Ok(Box::new(Replies { count, seq, latest_at: Timestamp::from_millis(latest_at), people }))
}

fn changes(text: &str) -> fields::Result<Changes> {
    let State(seq, edited, deleted, pinned, reactions) = parse(text)?;
    let mut changes = Changes {
        seq: seq.unwrap_or(0),
        edited_at: edited.map(Timestamp::from_millis),
        deleted_at: deleted.map(Timestamp::from_millis),
        pinned_at: pinned.map(Timestamp::from_millis),
        reactions: Vec::new(),
    };
    let reactions: Vec<(String, Digits)> = parse(reactions.as_deref().unwrap_or("[]"))?;
    for (emoji, Digits(user)) in reactions {
        let user = UserId::from_uuid(user);
        match changes.reactions.iter_mut().find(|reaction| reaction.emoji.as_str() == emoji) {
            Some(reaction) => reaction.users.push(user),
            None => {
                changes.reactions.push(Reaction { emoji: Emoji::from_stored(emoji), users: vec![user] });
            }
        }
    }
    Ok(changes)
}

impl<C: Connection, D: Dialect> Sql<C, D> {
    pub(super) async fn write_changes(
        &mut self,
        conversation: ConversationId,
        seq: u64,
        message: &Message,
    ) -> Result<()> {
        let changes = &message.changes;
        let millis = |at: Option<Timestamp>| at.map(Timestamp::as_millis);
        let sql =
            "UPDATE entry SET body = $3, changed_seq = $4, edited_at = $5, deleted_at = $6, pinned_at = $7, mentions = $8
            WHERE conversation_id = $1 AND seq = $2";
        let values = vec![
            conversation.as_uuid().into(),
            column(seq).into(),
            message.body.as_str().into(),
            column(changes.seq).into(),
            millis(changes.edited_at).into(),
            millis(changes.deleted_at).into(),
            millis(changes.pinned_at).into(),
            mentions::write(&message.mentions).into(),
        ];
        self.run(sql.to_owned(), values).await.map(drop)
    }

    pub(super) async fn write_forwards(&mut self, forwards: &[(ConversationId, u64, Forward)]) -> Result<()> {
        for (conversation, seq, forward) in forwards {
            let sql =
                "INSERT INTO forward (conversation_id, seq, author_id, source_id) VALUES ($1, $2, $3, $4)";
            let mut values = place(*conversation, *seq);
            let source = forward.source.map(ConversationId::as_uuid);
            values.extend([forward.author.as_uuid().into(), source.into()]);
            self.run(sql.to_owned(), values).await?;
        }
        Ok(())
    }

    pub(super) async fn write_reaction(
        &mut self,
        conversation: ConversationId,
        seq: u64,
        emoji: &Emoji,
        user: UserId,
        at: Timestamp,
    ) -> Result<()> {
        let sql = "INSERT INTO reaction (conversation_id, seq, emoji, user_id, created_at)
            VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
        let mut values = place(conversation, seq);
        values.extend([emoji.as_str().into(), user.as_uuid().into(), at.as_millis().into()]);
        self.run(sql.to_owned(), values).await.map(drop)
    }

    pub(super) async fn erase_reaction(
        &mut self,
        conversation: ConversationId,
        seq: u64,
        emoji: &Emoji,
        user: UserId,
    ) -> Result<()> {
        let sql =
            "DELETE FROM reaction WHERE conversation_id = $1 AND seq = $2 AND emoji = $3 AND user_id = $4";
        let mut values = place(conversation, seq);
        values.extend([emoji.as_str().into(), user.as_uuid().into()]);
        self.run(sql.to_owned(), values).await.map(drop)
    }

    pub(super) async fn erase_reactions(&mut self, conversation: ConversationId, seq: u64) -> Result<()> {
        let sql = "DELETE FROM reaction WHERE conversation_id = $1 AND seq = $2";
        self.run(sql.to_owned(), place(conversation, seq)).await.map(drop)
    }

    pub(super) async fn read_revisions(
        &self,
        conversation: ConversationId,
        seq: u64,
    ) -> Result<Vec<Revision>> {
        let sql =
            "SELECT body, replaced_at FROM revision WHERE conversation_id = $1 AND seq = $2 ORDER BY number";
        self.all(sql.to_owned(), place(conversation, seq), |row| {
            let mut fields = Fields::of(row);
            Ok(Revision { body: MessageBody::from_stored(fields.get()?), replaced_at: fields.moment()? })
        })
        .await
    }

    pub(super) async fn write_revision(
        &mut self,
        conversation: ConversationId,
        seq: u64,
        revision: &Revision,
    ) -> Result<()> {
        let sql = "INSERT INTO revision (conversation_id, seq, number, body, replaced_at)
            SELECT $1, $2, coalesce(max(number), 0) + 1, $3, $4 FROM revision
            WHERE conversation_id = $1 AND seq = $2";
        let mut values = place(conversation, seq);
        values.extend([revision.body.as_str().into(), revision.replaced_at.as_millis().into()]);
        self.run(sql.to_owned(), values).await.map(drop)
    }

    pub(super) async fn erase_revisions(&mut self, conversation: ConversationId, seq: u64) -> Result<()> {
        let sql = "DELETE FROM revision WHERE conversation_id = $1 AND seq = $2";
        self.run(sql.to_owned(), place(conversation, seq)).await.map(drop)
    }
}

fn place(conversation: ConversationId, seq: u64) -> Vec<sea_orm::Value> {
    vec![conversation.as_uuid().into(), column(seq).into()]
}
