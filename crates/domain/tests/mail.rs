//! What is written to people, and what is not.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod common;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use common::{Chat, POLICY, cheap_hasher, form, password};
use parlor_domain::{
    AccountsPolicy, Actor, Authenticated, Clock, Delivered, Grant, Mail, MailError, MailFailure, MailSender,
    Mails, MailsPolicy, ProfileChange, Registration, SessionKind, SignedIn,
};
use parlor_security::{SigningKey, Tokens};

/// A mail server that answers so, one after the other, and takes everything else.
#[derive(Default)]
struct Post {
    answers: Mutex<VecDeque<MailFailure>>,
    sent: Mutex<Vec<Mail>>,
}

#[async_trait]
impl MailSender for Post {
    async fn send(&self, mail: &Mail) -> Result<(), MailFailure> {
        if let Some(failure) = self.answers.lock().unwrap().pop_front() {
            return Err(failure);
        }
        self.sent.lock().unwrap().push(mail.clone());
        Ok(())
    }
}

struct World {
    chat: Chat,
    post: Arc<Post>,
    mails: Mails,
}

impl World {
    async fn new() -> Self {
        let chat = Chat::with(AccountsPolicy { sends_mail: true, ..POLICY }, cheap_hasher()).await;
        let post = Arc::new(Post::default());
        let tokens = Arc::new(Tokens::new(&SigningKey::generate(), "test", Duration::from_mins(5)));
        let policy = MailsPolicy { server_name: "Parlor".into(), origin: "https://chat.example".into() };
        let mails = Mails::new(chat.store.clone(), chat.clock.clone(), tokens, post.clone(), policy);
        Self { chat, post, mails }
    }

    async fn register(&self, username: &str, email: &str) -> (Authenticated, SignedIn) {
        let registration = Registration { email: Some(email.into()), ..form(username) };
        let done = self.chat.accounts.register(&registration, &SessionKind::Token.into()).await.unwrap();
        let actor = Actor { user: done.user.id, role: done.user.role };
        (Authenticated { actor, session: done.session, grant: Grant::Everything }, done)
    }

    /// Sends what is due; what came of it.
    async fn deliver(&self) -> Vec<Delivered> {
        let mut came = Vec::new();
        for mail in self.mails.take_due().await.unwrap() {
            came.push(self.mails.deliver(&mail).await.unwrap());
        }
        came
    }

    /// What was sent since this was asked last.
    fn take(&self) -> Vec<Mail> {
        std::mem::take(&mut self.post.sent.lock().unwrap())
    }

    /// The secret of the link in the only e-mail that was sent.
    fn secret(&self) -> String {
        let sent = self.take();
        let [mail] = sent.as_slice() else { panic!("{sent:?}") };
        mail.text.split_once("#t=").unwrap().1.split_whitespace().next().unwrap().to_owned()
    }

    async fn prove(&self) {
        assert_eq!(self.deliver().await, [Delivered::Sent]);
        self.chat.accounts.verify_email(&self.secret()).await.unwrap();
    }
}

#[tokio::test]
async fn only_an_address_that_was_proved_gives_the_account_back() {
    let world = World::new().await;
    let accounts = &world.chat.accounts;
    world.register("ana", "ana@example.org").await;
    assert_eq!(world.deliver().await, [Delivered::Sent]);
    let proof = world.secret();
    for login in ["ana", "nobody", "ana@example.org"] {
        accounts.request_recovery(login).await.unwrap();
    }
    accounts.request_recovery("no such login").await.unwrap();
    assert_eq!(world.deliver().await, [const { Delivered::NotNeeded }; 3]);
    accounts.verify_email(&proof).await.unwrap();
    accounts.request_recovery("ana").await.unwrap();
    assert_eq!(world.deliver().await, [Delivered::Sent]);
    let link = world.secret();
    let user = accounts.recover_by_link(&link, "a wholly new one", None).await.unwrap();
    assert_eq!(user.username.as_str(), "ana");
    assert_eq!(world.deliver().await, [Delivered::Sent]);
    assert!(world.take()[0].subject.contains("recovered"));
}

#[tokio::test]
async fn t03_a_link_by_mail_works_for_ten_minutes_from_when_it_is_sent() {
    let world = World::new().await;
    world.register("ana", "ana@example.org").await;
    world.prove().await;
    world.chat.accounts.request_recovery("ana").await.unwrap();
    world.chat.clock.pass(Duration::from_mins(30));
    world.deliver().await;
    let link = world.secret();
    world.chat.clock.pass(Duration::from_mins(10));
    assert!(world.chat.accounts.recover_by_link(&link, "a wholly new one", None).await.is_err());
}

#[tokio::test]
async fn a_proof_takes_the_password_and_is_for_the_address_it_was_sent_to() {
    let world = World::new().await;
    let accounts = &world.chat.accounts;
    let (who, _) = world.register("ana", "ana@example.org").await;
    world.prove().await;
    assert!(matches!(accounts.request_verification(&who).await, Err(MailError::NothingToVerify)));
    let change = ProfileChange { email: Some("other@example.org".into()), ..ProfileChange::default() };
    assert!(!accounts.change_profile(&who.actor, &change).await.unwrap().email_verified);
    world.chat.clock.pass(Duration::from_mins(10));
    assert!(matches!(accounts.request_verification(&who).await, Err(MailError::Unconfirmed)));
    accounts.confirm(&who, &password("ana")).await.unwrap();
    accounts.request_verification(&who).await.unwrap();
    world.deliver().await;
    let proof = world.secret();
    let change = ProfileChange { email: Some("third@example.org".into()), ..change };
    accounts.change_profile(&who.actor, &change).await.unwrap();
    assert!(matches!(accounts.verify_email(&proof).await, Err(MailError::Failed)));
    // What waits for an address that is another by now is not sent.
    accounts.request_verification(&who).await.unwrap();
    let change = ProfileChange { email: Some("fourth@example.org".into()), ..change };
    accounts.change_profile(&who.actor, &change).await.unwrap();
    assert_eq!(world.deliver().await, [Delivered::NotNeeded]);
}

#[tokio::test]
async fn whoever_turns_two_factor_sign_in_on_or_off_is_told_by_mail() {
    let world = World::new().await;
    let (who, done) = world.register("ana", "ana@example.org").await;
    world.prove().await;
    let accounts = &world.chat.accounts;
    let app = totp_rs::Totp::from_url(accounts.begin_totp(&who).await.unwrap()).unwrap();
    let seconds = u64::try_from(world.chat.clock.now().as_millis() / 1_000).unwrap();
    accounts.enable_totp(&who, &app.generate(seconds).to_string(), None).await.unwrap();
    assert_eq!(world.deliver().await, [Delivered::Sent]);
    assert!(world.take()[0].subject.ends_with("Two-factor sign-in is on"));
    let code = done.secrets.recovery_codes[0].to_string();
    accounts.disable_totp(&who, &code, None).await.unwrap();
    assert_eq!(world.deliver().await, [Delivered::Sent]);
    assert!(world.take()[0].subject.ends_with("Two-factor sign-in is off"));
}

#[tokio::test]
async fn what_the_mail_server_does_not_take_is_tried_again_unless_it_refuses() {
    let world = World::new().await;
    let later = || MailFailure::Later("busy".into());
    world.post.answers.lock().unwrap().extend([later(), later(), MailFailure::Refused("nobody here".into())]);
    world.register("ana", "ana@example.org").await;
    assert_eq!(world.deliver().await, [Delivered::Postponed("busy".into())]);
    assert_eq!(world.deliver().await, []);
    world.chat.clock.pass(Duration::from_secs(2));
    assert_eq!(world.deliver().await, [Delivered::Postponed("busy".into())]);
    world.chat.clock.pass(Duration::from_secs(6));
    assert_eq!(world.deliver().await, [Delivered::GivenUp("nobody here".into())]);
    world.chat.clock.pass(Duration::from_hours(24));
    assert_eq!(world.deliver().await, []);
}

#[tokio::test]
async fn what_was_taken_by_a_server_that_died_is_sent_by_another() {
    let world = World::new().await;
    world.register("ana", "ana@example.org").await;
    assert_eq!(world.mails.take_due().await.unwrap().len(), 1);
    assert_eq!(world.deliver().await, []);
    world.chat.clock.pass(Duration::from_mins(2));
    assert_eq!(world.deliver().await, [Delivered::Sent]);
}
