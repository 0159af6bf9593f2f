//! Files move along to where another server keeps them, as `docs/operations/moving.md` says.

use std::fmt::Write;
use std::fs;

use parlor_tests::{BucketServer, PASSWORD, PICTURE, Person, Server, files_below, hash, words};
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_move_from_a_folder_into_a_bucket_with_the_database_that_tells_of_them() {
    let bucket = BucketServer::start();
    let server = Server::start().await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let direct = ana.direct_with(&ben).await;
    let bytes = words(5, 6_000_000);
    let text = ana.share("a.txt", "text/plain", bytes.clone()).await;
    let picture = ana.share("p.png", "image/png", PICTURE).await;
    ana.say_with(direct, "", &[text, picture]).await.expect(201);
    assert_eq!(server.run(&["maintenance", "on"]).status, Some(0));

    let mut new = server.vacant();
    let settings = new.data().join("new.toml");
    let mut lines = format!("data_dir = {:?}\n[files]\n", new.data());
    for (name, value) in bucket.settings() {
        let value = if value == "true" { value.clone() } else { format!("{value:?}") };
        let name_there = name.trim_start_matches("PARLOR_FILES_").to_lowercase();
        writeln!(lines, "{name_there} = {value}").unwrap();
        new.set(name, value.trim_matches('"'));
    }
    fs::write(&settings, lines).unwrap();
    let database = |data: &std::path::Path| format!("sqlite:{}", data.join("parlor.db").display());
    let (from, to) = (database(server.data()), database(new.data()));
    let copy =
        |files_to: &str| server.run(&["store", "copy", "--from", &from, "--to", &to, "--files-to", files_to]);

    let refused = copy("/nowhere/new.toml");
    assert_eq!((refused.status, refused.stderr.lines().count()), (Some(2), 1), "{refused:?}");
    assert!(!new.data().join("parlor.db").exists());
    let done = copy(settings.to_str().unwrap());
    assert_eq!(done.status, Some(0), "{done:?}");
    assert!(done.stdout.contains("4 files with ") && done.stdout.contains("4 of them copied"), "{done:?}");
    assert_eq!((bucket.objects().len(), files_below(&server.files()).len()), (4, 4));

    let new = new.serve().await;
    for username in ["ana", "ben"] {
        let body = json!({"login": username, "password": PASSWORD});
        let there = Person::signed_in(&new.api(), &new.api().post("/auth/login", body).await.expect(200));
        assert_eq!(there.hash_of(text).await, Ok(hash(&bytes)));
        assert_eq!(there.download(&format!("/api/v1/files/{picture}/thumbnail")).await.0, 200);
    }
    let verified = new.run(&["files", "verify"]);
    assert_eq!(verified.status, Some(0), "{verified:?}");
}
