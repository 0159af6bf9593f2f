//! What stays of files and what goes: after crashes, in backups, a day after nothing uses them.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use parlor_tests::{PASSWORD, PICTURE, Person, Server, eventually, files_below, hash, id_of, words};
use serde_json::json;

/// The files below a folder that have these bytes in them.
fn with_bytes(folder: &Path, bytes: &[u8]) -> Vec<String> {
    let has =
        |path: &Path| fs::read(path).is_ok_and(|all| all.windows(bytes.len()).any(|part| part == bytes));
    files_below(folder).iter().filter(|path| has(path)).map(|path| path.display().to_string()).collect()
}

#[tokio::test]
async fn t27_a_deleted_file_is_nowhere_after_a_day() {
    let mut server = Server::start().await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let direct = ana.direct_with(&ben).await;
    let canary = b"a canary that nobody else has".repeat(10);
    let (file, other) = (
        ana.share("c.txt", "text/plain", canary.clone()).await,
        ana.share("p.png", "image/png", PICTURE).await,
    );
    let posted = ana.say_with(direct, "", &[file]).await.expect(201);
    ana.say_with(direct, "", &[other]).await.expect(201);
    assert_eq!(with_bytes(server.data(), &canary).len(), 1);
    ana.delete(&format!("/messages/{}", posted["message_id"].as_str().unwrap())).await.expect(200);
    server.let_unused_files_go().await;
    let ana = ana.through(server.address());
    assert_eq!(with_bytes(server.data(), &canary), Vec::<String>::new());
    assert_eq!(ana.hash_of(file).await, Err(404));
    assert!(ana.hash_of(other).await.is_ok());
    assert_eq!(files_below(&server.files()).len(), 3, "the picture and its small versions stay");
}

#[tokio::test]
async fn t27_what_an_erased_person_shared_is_nowhere_after_a_day_and_what_a_deleted_one_shared_stays() {
    let mut server = Server::start().await;
    let (ana, ben, eve) =
        (server.person("ana").await, server.person("ben").await, server.person("eve").await);
    let garden = ana.create_group("Garden", "private", &[&ben, &eve]).await;
    let bytes = |number| words(number, 1_000);
    let mut shared = Vec::new();
    for (number, person) in [&ben, &eve].into_iter().enumerate() {
        let number = 2 * number as u64;
        let sent = person.share("sent.txt", "text/plain", bytes(number)).await;
        person.share("kept back.txt", "text/plain", bytes(number + 1)).await;
        person.say_with(garden, "", &[sent]).await.expect(201);
        shared.push(sent);
    }
    for (person, messages) in [(&ben, "erase"), (&eve, "keep")] {
        let account = format!("/admin/users/{}", person.id);
        server.admin().delete(&format!("{account}?messages={messages}")).await.expect(204);
        eventually("everything is erased", async || {
            let account = server.admin().get(&account).await.expect(200);
            (account["erasing"] == false).then_some(())
        })
        .await;
    }
    server.let_unused_files_go().await;
    let ana = ana.through(server.address());
    assert_eq!((ana.hash_of(shared[0]).await, ana.hash_of(shared[1]).await), (Err(404), Ok(hash(&bytes(2)))));
    for (number, times) in [(0, 0), (1, 0), (2, 1), (3, 0)] {
        assert_eq!(with_bytes(server.data(), &bytes(number)).len(), times, "{number}");
    }
}

#[tokio::test]
async fn t27_what_was_shared_in_a_cleared_group_is_nowhere_after_a_day() {
    let mut server = Server::start().await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let garden = ana.create_group("Garden", "private", &[&ben]).await;
    let file = ben.share("sent.txt", "text/plain", words(1, 1_000)).await;
    ben.say_with(garden, "", &[file]).await.expect(201);
    ana.delete(&format!("/groups/{garden}/messages")).await.expect(202);
    eventually("it is empty", async || (ana.hash_of(file).await == Err(404)).then_some(())).await;
    server.let_unused_files_go().await;
    assert_eq!(ben.through(server.address()).hash_of(file).await, Err(404));
    assert_eq!(with_bytes(server.data(), &words(1, 1_000)), Vec::<String>::new());
}

#[tokio::test]
async fn what_was_never_sent_goes_and_bytes_that_another_file_has_stay() {
    let mut server = Server::start().await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let (lobby, bytes) = (ana.lobby().await, words(1, 1_000));
    let (one, two) = (
        ana.share("a.txt", "text/plain", bytes.clone()).await,
        ben.share("b.txt", "text/plain", bytes.clone()).await,
    );
    assert_eq!(files_below(&server.files()).len(), 1, "the same bytes are kept once");
    ben.say_with(lobby, "", &[two]).await.expect(201);
    server.let_unused_files_go().await;
    let (ana, ben) = (ana.through(server.address()), ben.through(server.address()));
    assert_eq!((ana.hash_of(one).await, ben.hash_of(two).await), (Err(404), Ok(hash(&bytes))));
    ana.say_with(lobby, "late", &[one]).await.refused(422, "no_such_file");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r22_of_files_under_way_when_the_server_is_killed_each_is_whole_or_not_there() {
    let mut server = Server::start().await;
    let ana = server.person("ana").await;
    let mut whole = Vec::new();
    let mut state = 7_u64;
    for kill in 0..100_u64 {
        let ana = ana.through(server.address());
        let uploads: Vec<_> = (0..3)
            .map(|number| {
                let (ana, bytes) = (ana.clone(), words(kill * 10 + number, 200_000));
                let sum = hash(&bytes);
                tokio::spawn(async move {
                    let path = parlor_tests::upload_path("a.txt");
                    let answer = ana.try_upload("POST", &path, "text/plain", bytes).await.ok()?;
                    (answer.status == 201).then(|| (id_of(&answer.body["id"]), sum))
                })
            })
            .collect();
        // At another point each time: some before anything came, some after all was answered.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        tokio::time::sleep(Duration::from_micros((state >> 33) % 40_000)).await;
        server.kill();
        for upload in uploads {
            whole.extend(upload.await.unwrap());
        }
        server.restart().await;
        let incoming = server.files().join("incoming");
        assert_eq!(files_below(&incoming), Vec::<PathBuf>::new(), "kill {kill}");
        let programs = fs::read_dir(&incoming).unwrap().filter(|one| one.as_ref().unwrap().path().is_dir());
        assert_eq!(programs.count(), 1, "kill {kill}: the folder of the one that runs");
    }
    let ana = ana.through(server.address());
    assert!(!whole.is_empty() && whole.len() < 300, "{} of 300 were acknowledged", whole.len());
    for (id, sum) in &whole {
        assert_eq!(ana.hash_of(*id).await.as_ref(), Ok(sum), "{id}");
    }
    // What the database tells of was acknowledged, or its answer was lost; its bytes are there.
    let told: usize = server.sql("SELECT count(*) FROM blob").trim().parse().unwrap();
    assert!(told >= whole.len() && told <= files_below(&server.files()).len());
}

fn is_done(finished: &parlor_tests::Finished) {
    assert_eq!((finished.status, finished.stderr.as_str()), (Some(0), ""), "{finished:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_come_back_from_a_backup() {
    let server = Server::start().await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let direct = ana.direct_with(&ben).await;
    let bytes = words(3, 500_000);
    let (text, picture) = (
        ana.share("a.txt", "text/plain", bytes.clone()).await,
        ana.share("p.png", "image/png", PICTURE).await,
    );
    ana.say_with(direct, "", &[text, picture]).await.expect(201);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("backup");
    let made = server.run(&["backup", file.to_str().unwrap()]);
    is_done(&made);
    assert!(made.stdout.contains("4 files with "), "{}", made.stdout);
    // What is shared later is not in it.
    let late = ana.share("late.txt", "text/plain", "late").await;

    let vacant = server.vacant();
    is_done(&vacant.run(&["backup", "verify", file.to_str().unwrap()]));
    is_done(&vacant.run(&["restore", file.to_str().unwrap()]));
    let restored = vacant.serve().await;
    let body = json!({"login": "ben", "password": PASSWORD});
    let ben = Person::signed_in(&restored.api(), &restored.api().post("/auth/login", body).await.expect(200));
    assert_eq!(ben.hash_of(text).await, Ok(hash(&bytes)));
    let (status, _, small) = ben.download(&format!("/api/v1/files/{picture}/thumbnail")).await;
    assert_eq!((status, &small[..4]), (200, &b"RIFF"[..]));
    assert_eq!(ben.hash_of(late).await, Err(404));
    assert_eq!(files_below(&restored.files()).len(), 4);
}
