//! E-mails: links for lost passwords, the proof of addresses, and word of what happened.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use parlor_tests::{Answer, BOUND, MailServer, PASSWORD, Person, Server};
use serde_json::{Value, json};
use tempfile::TempDir;

const ADDRESS: &str = "ana@example.org";

struct World {
    server: Server,
    mail: MailServer,
    /// Holds the certificate of the mail server.
    _folder: TempDir,
}

impl World {
    async fn start() -> Self {
        Self::with(MailServer::start()).await
    }

    async fn with(mail: MailServer) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = mail.settings(folder.path());
        let settings: Vec<_> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
        Self { server: Server::start_with(&settings).await, mail, _folder: folder }
    }

    /// Somebody who signs up with this address.
    async fn sign_up(&self, username: &str, email: &str) -> Person {
        let form = json!({"username": username, "name": username, "password": PASSWORD, "email": email});
        Person::signed_in(
            &self.server.api(),
            &self.server.api().post("/auth/register", form).await.expect(201),
        )
    }

    /// The same, who proved that it is theirs.
    async fn proved(&self, username: &str, email: &str) -> Person {
        let person = self.sign_up(username, email).await;
        let link = self.mail.mailbox(email).secret(1, "verify").await;
        self.server.api().post("/auth/verification", json!({"link": link})).await.expect(204);
        person
    }

    /// Waits until the log says so.
    async fn told(&self, message: &str) {
        self.server.log().event(message, |event| event["message"] == message).await;
    }

    async fn forgot(&self, login: &str) -> Answer {
        self.server.api().post("/auth/recovery/mail", json!({"login": login})).await
    }

    async fn recover(&self, link: &str, password: &str) -> Answer {
        let form = json!({"link": link, "new_password": password});
        self.server.api().post("/auth/recovery/link", form).await
    }
}

#[tokio::test]
async fn an_address_is_proved_by_the_link_that_is_sent_there_and_works_once() {
    let world = World::start().await;
    let ana = world.sign_up("ana", ADDRESS).await;
    assert_eq!(ana.get("/users/me").await.expect(200)["email_verified"], false);
    let socket = ana.connect().await;
    let link = world.mail.mailbox(ADDRESS).secret(1, "verify").await;
    let verify =
        async |link: &str| world.server.api().post("/auth/verification", json!({"link": link})).await;
    verify("not a link").await.refused(403, "verification_failed");
    verify(&link).await.expect(204);
    verify(&link).await.refused(403, "verification_failed");
    assert_eq!(ana.get("/users/me").await.expect(200)["email_verified"], true);
    socket.wait("what one is now", |frame| frame["me"]["email_verified"] == true).await;
    ana.post("/users/me/email/verification", json!({})).await.refused(409, "nothing_to_verify");

    // Another one has to be proved anew, and a link is for the address that it was sent to.
    ana.patch("/users/me", json!({"email": "other@example.org"})).await.expect(200);
    assert_eq!(ana.get("/users/me").await.expect(200)["email_verified"], false);
    ana.post("/users/me/email/verification", json!({})).await.expect(202);
    let link = world.mail.mailbox("other@example.org").secret(1, "verify").await;
    ana.patch("/users/me", json!({"email": "third@example.org"})).await.expect(200);
    verify(&link).await.refused(403, "verification_failed");
}

#[tokio::test]
async fn t03_a_link_by_mail_gives_the_account_back_once_and_its_owner_is_told() {
    let world = World::start().await;
    let ana = world.proved("ana", ADDRESS).await;
    let mailbox = world.mail.mailbox(ADDRESS);
    world.forgot("ANA").await.expect(202);
    let link = mailbox.secret(2, "recover").await;
    ana.get("/users/me").await.expect(200);
    assert_eq!(world.recover(&link, "a wholly new one").await.expect(200)["username"], "ana");
    assert_eq!(ana.get("/users/me").await.status, 401);
    world.recover(&link, "another new one").await.refused(403, "recovery_failed");
    assert!(mailbox.wait(3).await.contains("Subject: Parlor: Your account was recovered"));

    let login = json!({"login": ADDRESS, "password": "a wholly new one"});
    let ana = Person::signed_in(
        &world.server.api(),
        &world.server.api().post("/auth/login", login).await.expect(200),
    );
    let form = json!({"password": "a wholly new one", "new_password": "yet another one"});
    ana.put("/users/me/password", form).await.expect(200);
    assert!(mailbox.wait(4).await.contains("Subject: Parlor: Your password was changed"));
}

#[tokio::test]
async fn t06_asking_for_a_link_tells_nobody_whether_there_is_such_an_account() {
    let world = World::start().await;
    world.proved("ana", ADDRESS).await;
    world.sign_up("ben", "ben@example.org").await;
    let answers = [world.forgot("ana").await, world.forgot("nobody").await, world.forgot("ben").await];
    for answer in &answers {
        assert_eq!((answer.status, &answer.text, &answer.body), (202, &answers[0].text, &Value::Null));
    }
    // Those asked for later are sent later: when this one is there, the others would be.
    world.proved("eve", "eve@example.org").await;
    world.mail.mailbox(ADDRESS).secret(2, "recover").await;
    let bens = world.mail.mailbox("ben@example.org").all();
    assert!(
        bens.iter().all(|mail| !mail.contains("/recover#t=")),
        "nobody proved that this is Ben's: {bens:?}"
    );
}

#[tokio::test]
async fn what_waits_survives_a_mail_server_that_is_away_and_a_restart() {
    let mut world = World::with(MailServer::away()).await;
    world.sign_up("ana", ADDRESS).await;
    world.told("an e-mail could not be sent; trying again").await;
    world.server.terminate();
    world.server.ended(BOUND).await;
    world.mail.refuse(&["451 not now"]);
    world.mail.open();
    world.server.restart().await;
    let link = world.mail.mailbox(ADDRESS).secret(1, "verify").await;
    world.server.api().post("/auth/verification", json!({"link": link})).await.expect(204);
    assert_eq!(world.mail.mailbox(ADDRESS).all().len(), 1);
}

#[tokio::test]
async fn what_is_refused_for_good_is_not_tried_again() {
    let world = World::start().await;
    world.mail.refuse(&["550 nobody here"]);
    world.sign_up("ana", ADDRESS).await;
    world.told("an e-mail was given up").await;
    assert_eq!(world.server.sql("SELECT count(*) FROM mail").trim(), "0");
    // The next one is another matter.
    world.sign_up("ben", "ben@example.org").await;
    world.mail.mailbox("ben@example.org").wait(1).await;
    assert_eq!(world.mail.mailbox(ADDRESS).all(), [""; 0]);
}

#[tokio::test]
async fn t04_no_secret_waits_in_the_database() {
    let world = World::start().await;
    world.proved("ana", ADDRESS).await;
    world.forgot("ana").await.expect(202);
    let link = world.mail.mailbox(ADDRESS).secret(2, "recover").await;
    let stored = world.server.sql("SELECT * FROM mail; SELECT * FROM recovery_link");
    assert!(!stored.contains(&link));
    assert!(!world.server.log().lines().concat().contains(&link));
}

#[tokio::test]
async fn a_server_without_a_mail_server_says_that_it_sends_nothing() {
    let server = Server::start().await;
    assert_eq!(server.api().get("/server").await.expect(200)["sends_mail"], false);
    server.api().post("/auth/recovery/mail", json!({"login": "root"})).await.refused(404, "mail_off");
    server.admin().post("/users/me/email/verification", json!({})).await.refused(404, "mail_off");
}
