//! Whether all bytes of files are there, and nothing else: `parlor files verify`.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::fs::{self, File, FileTimes};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use parlor_tests::{Finished, PICTURE, Server, files_below, hash, words};
use serde_json::Value;

fn verify(server: &Server, arguments: &[&str]) -> (Option<i32>, String) {
    let Finished { status, stdout, stderr } = server.run(&[&["files", "verify"], arguments].concat());
    (status, stdout + &stderr)
}

fn told(server: &Server, arguments: &[&str]) -> Value {
    let finished = server.run(&[&["files", "verify", "--json"], arguments].concat());
    serde_json::from_str(&finished.stdout).unwrap_or_else(|error| panic!("{error}: {finished:?}"))
}

/// The files below that are not those of before.
fn new_ones(server: &Server, before: &[PathBuf]) -> Vec<PathBuf> {
    files_below(&server.files()).into_iter().filter(|path| !before.contains(path)).collect()
}

/// Where the bytes of a file lie that has so many.
fn of_size(server: &Server, bytes: u64) -> PathBuf {
    let is_it = |path: &PathBuf| fs::metadata(path).unwrap().len() == bytes;
    files_below(&server.files()).into_iter().find(is_it).unwrap()
}

#[expect(clippy::disallowed_methods, reason = "the system tells the age of a file")]
fn age(path: &Path) {
    let long_ago = SystemTime::now() - Duration::from_hours(2);
    File::options()
        .write(true)
        .open(path)
        .unwrap()
        .set_times(FileTimes::new().set_modified(long_ago))
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bytes_that_are_gone_come_back_for_everybody_when_somebody_uploads_them_again() {
    let mut server = Server::start().await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let (lobby, bytes) = (ana.lobby().await, words(1, 12_345));
    let (one, two) = (
        ana.share("plan.txt", "text/plain", bytes.clone()).await,
        ben.share("copy.txt", "text/plain", bytes.clone()).await,
    );
    let whole = ana.share("whole.txt", "text/plain", words(2, 999)).await;
    ana.say_with(lobby, "", &[one, whole]).await.expect(201);
    let (status, words_) = verify(&server, &[]);
    assert_eq!(status, Some(0), "{words_}");
    assert!(
        words_.contains("2 objects with 13344 bytes") && words_.contains("Everything is well."),
        "{words_}"
    );

    fs::remove_file(of_size(&server, 12_345)).unwrap();
    let (status, words_) = verify(&server, &[]);
    assert_eq!(status, Some(1), "{words_}");
    assert!(words_.contains("plan.txt\tof ana") && words_.contains("copy.txt\tof ben"), "{words_}");
    assert!(words_.contains(&format!("{lobby} #")) && words_.contains("in no message"), "{words_}");
    assert!(words_.contains("1 files whose bytes are missing") && words_.contains("--fix"), "{words_}");
    // Before that is mended the same bytes are taken for present.
    ana.share("third.txt", "text/plain", bytes.clone()).await;
    assert_eq!(ana.hash_of(one).await, Err(500));

    let (status, words_) = verify(&server, &["--fix"]);
    assert_eq!(status, Some(1), "{words_}");
    assert!(words_.contains("brings it back"), "{words_}");
    let again = ben.share("again.txt", "text/plain", bytes.clone()).await;
    for (who, file) in [(&ana, one), (&ben, one), (&ben, two), (&ben, again), (&ana, whole)] {
        assert!(who.hash_of(file).await.is_ok(), "{file}");
    }
    assert_eq!(ana.hash_of(one).await, Ok(hash(&bytes)));
    let (status, words_) = verify(&server, &[]);
    assert_eq!(status, Some(0), "{words_}");
    // Beside a server that does not run it is the same.
    server.kill();
    assert_eq!(verify(&server, &[]), (Some(0), words_));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn small_pictures_are_made_anew_from_the_picture() {
    let server = Server::start().await;
    let (ana, before) = (server.person("ana").await, files_below(&server.files()));
    let picture = ana.share("p.png", "image/png", PICTURE).await;
    let sum = ana.hash_of(picture).await.unwrap();
    let small = |path: &PathBuf| fs::read(path).unwrap().starts_with(b"RIFF");
    let [one, two]: [PathBuf; 2] =
        new_ones(&server, &before).into_iter().filter(small).collect::<Vec<_>>().try_into().unwrap();
    fs::remove_file(&one).unwrap();
    fs::write(&two, "RIFF and nothing more").unwrap();
    let found = told(&server, &[]);
    assert_eq!(
        (&found["well"], &found["totals"]["thumbnail"]["found"]),
        (&false.into(), &2.into()),
        "{found}"
    );
    assert_eq!(found["findings"][0]["files"][0]["name"], "p.png");
    let mended = told(&server, &["--fix"]);
    assert_eq!(
        (&mended["well"], &mended["totals"]["thumbnail"]["mended"]),
        (&true.into(), &2.into()),
        "{mended}"
    );
    for size in ["small", "large"] {
        let (status, _, bytes) =
            ana.download(&format!("/api/v1/files/{picture}/thumbnail?size={size}")).await;
        assert_eq!((status, &bytes[8..12]), (200, &b"WEBP"[..]));
    }
    assert_eq!(ana.hash_of(picture).await, Ok(sum));
    assert_eq!(told(&server, &[])["well"], true);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_knows_goes_when_it_is_old_enough_and_what_is_on_its_way_stays() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    let file = ana.share("a.txt", "text/plain", words(1, 1_000)).await;
    let folder = server.files().join("ab");
    fs::create_dir_all(&folder).unwrap();
    let [old, young] = ["0", "1"].map(|digit| folder.join(format!("{}ab", digit.repeat(30))));
    for path in [&old, &young] {
        fs::write(path, "nobody's").unwrap();
    }
    age(&old);
    age(&of_size(&server, 1_000));
    let (status, words_) = verify(&server, &[]);
    assert_eq!(status, Some(1), "{words_}");
    assert!(words_.contains("1 objects that nobody knows") && words_.contains(&"0".repeat(30)), "{words_}");
    assert!(old.exists());
    let (status, words_) = verify(&server, &["--fix"]);
    assert_eq!(status, Some(0), "{words_}");
    assert_eq!((old.exists(), young.exists()), (false, true));
    assert_eq!(ana.hash_of(file).await, Ok(hash(&words(1, 1_000))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bytes_that_were_cut_off_are_told_and_given_up_until_they_are_put_back() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    let file = ana.share("a.txt", "text/plain", words(1, 1_000)).await;
    let path = of_size(&server, 1_000);
    fs::write(&path, &words(1, 1_000)[..10]).unwrap();
    let found = told(&server, &["--fix"]);
    assert_eq!((&found["well"], &found["totals"]["size"]["found"]), (&false.into(), &1.into()), "{found}");
    fs::write(&path, words(1, 1_000)).unwrap();
    let found = told(&server, &[]);
    assert_eq!((&found["well"], &found["totals"]["found"]["found"]), (&false.into(), &1.into()), "{found}");
    assert_eq!(told(&server, &["--fix"])["well"], true);
    assert_eq!(told(&server, &[])["totals"]["found"]["found"], 0);
    assert_eq!(ana.hash_of(file).await, Ok(hash(&words(1, 1_000))));
}
