//! What clients ask for.

use std::time::Duration;

use parlor_domain::{
    Actor, ClientId, ConversationId, Cursor, CursorMove, Emoji, InvalidText, MessageBody, MessageId, Post,
    Scope, ThreadAnswer,
};

use super::events::{Action, Change, Phase};
use super::machine::Machine;
use super::refusals::Refusal;
use crate::frames::{
    Ack, BadFrame, ClientFrame, CloseReason, MessageEdit, MessageSend, Position, ReactionSet, Read, Typing,
    parse,
};

impl Machine {
    /// A frame arrived. What is no frame at all ends the connection, because it cannot be
    /// answered; what is one is answered, whatever it says.
    pub(super) fn frame(&mut self, text: &str, now: Duration) {
        match parse(text) {
            Err(BadFrame::NotAFrame) => self.break_off(CloseReason::Protocol),
            Err(BadFrame::Field { id, field, problem }) => {
                if self.admit(id, now) {
                    self.refuse(id, Refusal::request(field, &problem));
                }
            }
            // Acknowledgements follow what is sent, at the server's own pace: those that make room
            // in the window are not counted.
            Ok(ClientFrame::Ack(ack)) if self.phase == Phase::Live => {
                if self.ack(&ack) || self.admit(ack.id, now) {
                    self.answer_ack(&ack);
                }
            }
            Ok(frame) => {
                if self.admit(frame.id(), now) {
                    self.command(frame);
                }
            }
        }
    }

    /// Whether one more command is allowed now.
    fn admit(&mut self, re: u64, now: Duration) -> bool {
        let Err(wait) = self.bucket.take(now) else { return true };
        self.common.metrics.rate_limited.one();
        self.refuse(re, Refusal::rate_limited(wait));
        if self.bucket.refused() > self.common.settings.refusals {
            self.break_off(CloseReason::Rate);
        }
        false
    }

    fn command(&mut self, frame: ClientFrame) {
        let known = self.is_known();
        match frame {
            ClientFrame::Authenticate(frame) => self.authenticate(frame),
            frame if !known => self.refuse(frame.id(), Refusal::unauthenticated()),
            frame if !self.may(&frame) => self.refuse(frame.id(), Refusal::scope_required(Scope::Write)),
            ClientFrame::Hello(hello) => self.hello(hello),
            ClientFrame::MessageSend(frame) => self.post(&frame),
            ClientFrame::MessageEdit(frame) => self.edit(&frame),
            ClientFrame::MessageDelete(frame) => {
                self.change(frame.id, |actor| Change::Delete(actor, MessageId::from_uuid(frame.message)));
            }
            ClientFrame::ReactionSet(frame) => self.react(&frame),
            ClientFrame::Ack(ack) => self.done(ack.id),
            ClientFrame::Read(read) => self.read(&read),
            ClientFrame::Typing(typing) => self.typing(&typing),
            ClientFrame::Presence(frame) => {
                self.act(Action::Show(frame.state.into()));
                self.done(frame.id);
            }
        }
    }

    /// Whether the token of a program that is connected lets it do this. Listening needs no more
    /// than to be connected.
    fn may(&self, frame: &ClientFrame) -> bool {
        let listens = matches!(frame, ClientFrame::Hello(_) | ClientFrame::Ack(_));
        listens || self.who().is_some_and(|who| who.grant.allows(Scope::Write))
    }

    fn post(&mut self, frame: &MessageSend) {
        let Some(actor) = self.actor() else { return };
        let (body, files) = match Post::content(&frame.body, frame.files.as_deref()) {
            Ok(content) => content,
            Err(invalid) => return self.refuse(frame.id, invalid_message(&invalid)),
        };
        self.posting += 1;
        self.act(Action::Post(
            frame.id,
            Box::new(Post {
                actor,
                conversation: ConversationId::from_uuid(frame.conversation),
                client_id: ClientId::from_uuid(frame.client_id),
                body,
                files,
                reply_to: frame.reply_to.map(MessageId::from_uuid),
                forward: None,
                thread: frame.thread.map(|root| ThreadAnswer {
                    root: MessageId::from_uuid(root),
                    broadcast: frame.broadcast.unwrap_or(false),
                }),
            }),
        ));
    }

    fn edit(&mut self, frame: &MessageEdit) {
        match MessageBody::parse_caption(&frame.body) {
            Ok(body) => {
                self.change(frame.id, |actor| Change::Edit(actor, MessageId::from_uuid(frame.message), body));
            }
            Err(invalid) => self.refuse(frame.id, invalid_message(&invalid)),
        }
    }

    fn react(&mut self, frame: &ReactionSet) {
        match Emoji::parse(&frame.emoji) {
            Ok(emoji) => self.change(frame.id, |actor| {
                Change::React(actor, MessageId::from_uuid(frame.message), emoji, frame.set)
            }),
            Err(invalid) => {
                let message = format!("The reaction {}.", invalid.problem);
                self.refuse(frame.id, Refusal::field("emoji", message));
            }
        }
    }

    fn change(&mut self, re: u64, change: impl FnOnce(Actor) -> Change) {
        let Some(actor) = self.actor() else { return };
        self.posting += 1;
        self.act(Action::Change(re, Box::new(change(actor))));
    }

    /// Whether it made room in the window.
    fn ack(&mut self, ack: &Ack) -> bool {
        let mut room = false;
        for &Position(conversation, seq) in ack.cursors.iter().take(self.common.settings.cursors_per_frame) {
            let conversation = ConversationId::from_uuid(conversation);
            room |= self.window.acknowledge(conversation, seq);
            self.moved(conversation, Cursor { delivered_seq: seq, read_seq: 0 });
        }
        room
    }

    fn answer_ack(&mut self, ack: &Ack) {
        let most = self.common.settings.cursors_per_frame;
        if ack.cursors.len() > most {
            self.refuse(ack.id, Refusal::request("cursors", &format!("there may be {most} of them")));
        } else {
            self.done(ack.id);
        }
    }

    fn read(&mut self, read: &Read) {
        let conversation = ConversationId::from_uuid(read.conversation);
        if self.tracks.get(conversation).is_none() {
            return self.refuse(read.id, Refusal::no_such_conversation());
        }
        self.moved(conversation, Cursor { delivered_seq: read.seq, read_seq: read.seq });
        self.done(read.id);
    }

    /// Notes how far the client has come, when that is farther than it said before.
    ///
    /// The store cuts off what is beyond the log's end, because the log may reach further than is
    /// known here yet. What is noted here ends where the log is known to end, or a client that said
    /// too much once would never be heard again.
    fn moved(&mut self, conversation: ConversationId, cursor: Cursor) {
        let (Some(actor), Some(track)) = (self.actor(), self.tracks.get_mut(conversation)) else { return };
        if track.reported.merge(cursor) != track.reported {
            track.reported = track.reported.merge(cursor.up_to(track.head));
            self.act(Action::Move(CursorMove { conversation, user: actor.user, cursor }));
        }
    }

    fn typing(&mut self, typing: &Typing) {
        let conversation = ConversationId::from_uuid(typing.conversation);
        if self.tracks.get(conversation).is_some() {
            self.act(Action::Type(typing.id, conversation));
        } else {
            self.refuse(typing.id, Refusal::no_such_conversation());
        }
    }
}

fn invalid_message(invalid: &InvalidText) -> Refusal {
    let what = if invalid.field == "files" { "files" } else { "message" };
    Refusal::field(invalid.field, format!("The {what} {}.", invalid.problem))
}
