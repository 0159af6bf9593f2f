//! Backups and how they come back: R-26, T-34, and what `docs/operations/backup.md` says.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use parlor_tests::{
    Api, Authenticator, Checker, Finished, PASSWORD, Person, Sender, Server, eventually, id_of,
};
use serde_json::json;
use uuid::Uuid;

/// Makes a backup in a folder, and answers which file it is.
fn back_up(server: &Server, folder: &Path) -> PathBuf {
    let made = server.run(&["backup", folder.to_str().unwrap()]);
    assert_eq!((made.status, made.stderr.as_str()), (Some(0), ""), "{made:?}");
    let files = backups(folder);
    let file = files.last().unwrap().clone();
    assert!(made.stdout.starts_with(file.to_str().unwrap()), "{made:?}");
    file
}

/// The files in a folder.
fn backups(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn is_advice(finished: &Finished, words: &[&str]) {
    assert_eq!(finished.status, Some(2), "{finished:?}");
    assert_eq!(finished.stderr.lines().count(), 1, "{finished:?}");
    for word in words {
        assert!(finished.stderr.contains(word), "{word}: {finished:?}");
    }
}

fn is_done(finished: &Finished) {
    assert_eq!((finished.status, finished.stderr.as_str()), (Some(0), ""), "{finished:?}");
}

async fn sign_in(api: &Api, login: &str) -> Person {
    let body = json!({"login": login, "password": PASSWORD});
    Person::signed_in(api, &api.post("/auth/login", body).await.expect(200))
}

async fn places(person: &Person, conversations: &[Uuid]) -> Vec<u64> {
    let mut places = Vec::new();
    for id in conversations {
        places.push(person.conversation(*id).await["last_seq"].as_u64().unwrap());
    }
    places
}

/// The drill of `docs/operations/backup.md`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r26_a_backup_under_load_comes_back_as_a_prefix_of_what_was_acknowledged() {
    let server = Server::start().await;
    let (ana, bob) = (server.person("ana").await, server.person("bob").await);
    let mut conversations = vec![ana.direct_with(&bob).await];
    for name in ["One", "Two"] {
        conversations.push(ana.create_group(name, "private", &[&bob]).await);
    }
    let sending: Vec<_> = [&ana, &bob, &ana, &bob]
        .map(|person| tokio::spawn(Sender::new(person.link(), 8).with(&conversations, 1_500).run()))
        .into();
    eventually("the load goes on", async || {
        (places(&ana, &conversations).await.iter().sum::<u64>() >= 400).then_some(())
    })
    .await;
    let before = places(&ana, &conversations).await;
    let cookie = cookie_of(&server, "bob").await;
    let folder = tempfile::tempdir().unwrap();
    let file = tokio::task::block_in_place(|| back_up(&server, folder.path()));
    assert!(!sending.iter().all(tokio::task::JoinHandle::is_finished), "the load was over before the backup");
    let mut sent = Vec::new();
    for one in sending {
        sent.extend(one.await.unwrap().sent);
    }
    let full = Checker::read(&ana, &conversations).await;
    full.stored(&sent);
    let socket = ana.open_stream().await;
    let epoch = socket.hello(json!({})).await["epoch"].clone();

    let vacant = server.vacant();
    is_done(&vacant.run(&["backup", "verify", file.to_str().unwrap()]));
    is_done(&vacant.run(&["restore", file.to_str().unwrap()]));
    let restored = vacant.serve().await;

    nobody_is_signed_in(&restored, &ana).await;
    assert_eq!(server.api().with("cookie", &cookie).get("/users/me").await.status, 200);
    assert_eq!(restored.api().with("cookie", &cookie).get("/users/me").await.status, 401);
    let again = sign_in(&restored.api(), "ana").await;
    assert_eq!(again.id, ana.id);
    let part = Checker::read(&again, &conversations).await;
    let (ends, all_ends) = (part.ends(), full.ends());
    for (id, before) in conversations.iter().zip(before) {
        let end = usize::try_from(ends[id]).unwrap();
        assert!(ends[id] >= before, "what was acknowledged before the backup is not in it");
        let (order, all) = (part.order(*id), full.order(*id));
        assert_eq!(order, all[..order.len()], "{end} entries are not how {id} began");
    }
    assert!(ends.values().sum::<u64>() < all_ends.values().sum::<u64>(), "nothing came after the backup");

    // A client that has seen more is told to start anew.
    let socket = again.open_stream().await;
    let cursors: Vec<_> = all_ends.iter().map(|(id, end)| json!([id, end])).collect();
    let ready = socket.hello(json!({"epoch": epoch, "cursors": cursors})).await;
    assert_ne!(ready["epoch"], epoch);
    for _ in &conversations {
        let reset = socket.wait("a reset", |frame| frame["type"] == "reset").await;
        assert_eq!(reset["last_seq"], ends[&id_of(&reset["conversation"])]);
    }
    let next = again.say(conversations[0], "after the restore").await;
    assert_eq!(next["seq"], ends[&conversations[0]] + 1);
}

/// What a browser sends once this person has signed in with it.
async fn cookie_of(server: &Server, login: &str) -> String {
    let body = json!({"login": login, "password": PASSWORD, "session": "cookie"});
    let answer = server.api().with("origin", &server.origin()).post("/auth/login", body).await;
    let cookie = answer.header("set-cookie").unwrap_or_else(|| panic!("{}", answer.text)).to_owned();
    cookie.split(';').next().unwrap().to_owned()
}

async fn nobody_is_signed_in(restored: &Server, person: &Person) {
    let api = restored.api();
    let old = person.through(restored.address());
    assert_eq!(old.get("/users/me").await.status, 401);
    let refresh = json!({"refresh_token": person.refresh_token});
    assert_eq!(api.post("/auth/refresh", refresh).await.status, 401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t34_a_backup_is_for_its_owner_alone_and_overwrites_nothing() {
    let server = Server::start().await;
    let folder = tempfile::tempdir().unwrap();
    let file = back_up(&server, folder.path());
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let name = file.file_name().unwrap().to_str().unwrap();
    assert!(name.starts_with("parlor-20") && name.ends_with("Z.parlor-backup"), "{name}");
    let before = fs::read(&file).unwrap();
    is_advice(&server.run(&["backup", file.to_str().unwrap()]), &["exists already"]);
    let nowhere = folder.path().join("no/such/folder/backup");
    is_advice(&server.run(&["backup", nowhere.to_str().unwrap()]), &["no/such/folder", "does not exist"]);
    assert_eq!(fs::read(&file).unwrap(), before);
    assert_eq!(backups(folder.path()), [file], "something unfinished stays");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_is_checked_to_the_last_byte() {
    let server = Server::start().await;
    let folder = tempfile::tempdir().unwrap();
    let file = back_up(&server, folder.path());
    let verify = || server.run(&["backup", "verify", file.to_str().unwrap()]);
    let good = verify();
    is_done(&good);
    assert!(good.stdout.contains("1 users") && good.stdout.contains("schema m0"), "{good:?}");
    let whole = fs::read(&file).unwrap();
    // Every byte is tried beside the archive; here a few, through the program.
    for part in 0..12 {
        let mut bytes = whole.clone();
        let index = (bytes.len() - 1) * part / 11;
        bytes[index] ^= 1;
        fs::write(&file, bytes).unwrap();
        is_advice(&verify(), &["cannot be used"]);
    }
    fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    is_advice(&verify(), &["damaged"]);
    is_advice(&server.vacant().run(&["restore", file.to_str().unwrap()]), &["damaged"]);
    fs::write(&file, "a letter").unwrap();
    is_advice(&verify(), &["not a backup"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restore_replaces_nothing_unless_it_is_told_to_and_keeps_what_was_there() {
    let mut server = Server::start().await;
    let ana = server.person("ana").await;
    let lobby = ana.lobby().await;
    let folder = tempfile::tempdir().unwrap();
    let file = back_up(&server, folder.path());
    let file = file.to_str().unwrap();
    ana.say(lobby, "after the backup").await;
    let key = fs::read(server.data().join("signing.key")).unwrap();

    is_advice(&server.run(&["restore", file, "--replace"]), &["another parlor process"]);
    // Killed, so that a log of writes lies beside the database.
    server.kill();
    is_advice(&server.run(&["restore", file]), &["--replace"]);
    assert_eq!(fs::read(server.data().join("signing.key")).unwrap(), key);
    let done = server.run(&["restore", file, "--replace"]);
    is_done(&done);
    assert!(done.stdout.contains("is kept as"), "{done:?}");
    assert_ne!(fs::read(server.data().join("signing.key")).unwrap(), key);

    server.restart().await;
    let again = sign_in(&server.api(), "ana").await;
    assert!(again.log_of(lobby).await.iter().all(|entry| entry["message"].is_null()), "it was not replaced");
    let leftovers = backups(server.data());
    assert!(leftovers.iter().all(|path| !path.display().to_string().contains(".parlor-restore")));
}

/// The codes of an app are known where the key is; without it a recovery code takes their place.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t34_second_factors_come_along_with_the_signing_key_and_not_with_the_backup() {
    let server = Server::start().await;
    let form = json!({"username": "ana", "name": "Ana", "password": PASSWORD});
    let made = server.api().post("/auth/register", form).await.expect(201);
    let app = Authenticator::set_up(&Person::signed_in(&server.api(), &made)).await;
    let folder = tempfile::tempdir().unwrap();
    let file = tokio::task::block_in_place(|| back_up(&server, folder.path()));
    let sign_in = |code: &str| json!({"login": "ana", "password": PASSWORD, "totp": code});
    for has_key in [false, true] {
        let vacant = server.vacant();
        if has_key {
            fs::copy(server.data().join("signing.key"), vacant.data().join("signing.key")).unwrap();
        }
        is_done(&vacant.run(&["restore", file.to_str().unwrap()]));
        let restored = vacant.serve().await;
        let by_app = restored.api().post("/auth/login", sign_in(&app.code(1))).await;
        if has_key {
            by_app.expect(200);
        } else {
            by_app.refused(403, "totp_unusable");
        }
        let code = made["recovery_codes"][0].as_str().unwrap();
        restored.api().post("/auth/login", sign_in(code)).await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_backs_itself_up_and_keeps_as_many_as_it_is_told() {
    let mut server = Server::start().await;
    let folder = tempfile::tempdir().unwrap();
    let file = back_up(&server, folder.path());
    let path = |name: &str| folder.path().join(name);
    let old = path("parlor-20200101T000000Z.parlor-backup");
    let letter = path("parlor-20190101T000000Z.parlor-backup");
    let note = path("notes.txt");
    fs::rename(file, &old).unwrap();
    fs::write(&letter, "a letter by such a name").unwrap();
    fs::write(&note, "a note").unwrap();
    server.kill();
    server.set("PARLOR_BACKUP_FOLDER", folder.path().to_str().unwrap());
    server.set("PARLOR_BACKUP_KEEP", "1");
    server.restart().await;
    eventually("the old backup is gone", async || (!old.exists()).then_some(())).await;
    let files = backups(folder.path());
    assert_eq!(files.len(), 3, "{files:?}");
    assert!(files.contains(&letter) && files.contains(&note), "{files:?}");
    let made = files.iter().find(|path| **path != letter && **path != note).unwrap();
    is_done(&server.run(&["backup", "verify", made.to_str().unwrap()]));
    let told = server.log().events().iter().any(|event| event["message"] == "a backup was made");
    assert!(told, "{:?}", server.log().lines());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_that_fails_is_a_warning_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "no folder").unwrap();
    let server = Server::start_with(&[("PARLOR_BACKUP_FOLDER", file.to_str().unwrap())]).await;
    eventually("the log says so", async || {
        let events = server.log().events();
        let warned = events.iter().any(|event| {
            event["level"] == "WARN"
                && event["error"].as_str().is_some_and(|error| error.contains("backup.folder"))
        });
        warned.then_some(())
    })
    .await;
    assert_eq!(backups(folder.path()), [file]);
    server.person("ana").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn webhooks_of_a_copy_tell_nobody_anything_until_they_are_let_go_on() {
    let server = Server::start().await;
    let bot = json!({"username": "robot", "name": "Robot"});
    let bot = id_of(&server.admin().post("/admin/bots", bot).await.expect(201)["id"]);
    let form = json!({"name": "tickets", "url": "https://hooks.invalid/x", "events": ["message.posted"]});
    server.admin().post(&format!("/admin/bots/{bot}/outgoing-webhooks"), form).await.expect(201);
    let folder = tempfile::tempdir().unwrap();
    let file = back_up(&server, folder.path());
    let vacant = server.vacant();
    is_done(&vacant.run(&["restore", file.to_str().unwrap()]));
    let restored = vacant.serve().await;
    let admin = sign_in(&restored.api(), &server.admin().username).await;
    let webhooks = admin.get("/admin/outgoing-webhooks").await.expect(200);
    assert_eq!(webhooks["items"][0]["state"], "paused");
    let original = server.admin().get("/admin/outgoing-webhooks").await.expect(200);
    assert_eq!(original["items"][0]["state"], "active");
}
