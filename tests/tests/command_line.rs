//! The program on the command line, and what it says when it cannot start.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::fs;
use std::net::TcpListener;

use parlor_tests::{Finished, PASSWORD, Person, Server, run};
use serde_json::json;
use tempfile::TempDir;

/// One line for the person who started it, and the status that means "you can put this right".
#[track_caller]
fn is_advice(finished: &Finished, words: &[&str]) {
    let lines: Vec<&str> = finished.stderr.lines().collect();
    assert_eq!((finished.status, lines.len()), (Some(2), 1), "{finished:?}");
    assert!(lines[0].starts_with("parlor: "), "{}", lines[0]);
    for word in words {
        assert!(lines[0].contains(word), "{word} is not in: {}", lines[0]);
    }
    assert_eq!(finished.stdout, "", "advice is for the error output");
}

fn folder() -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap().to_owned();
    (folder, path)
}

/// Starts a server that is expected not to start.
fn serve(data: &str, variables: &[(&str, &str)]) -> Finished {
    run(&["serve", "--data-dir", data, "--listen", "127.0.0.1:0"], variables)
}

#[tokio::test]
async fn a_second_server_on_the_same_data_is_refused() {
    let server = Server::start().await;
    let data = server.data().to_str().unwrap();
    is_advice(&serve(data, &[]), &["another parlor", data]);
    server.api().get("/server").await.expect(200);
}

#[test]
fn an_address_that_is_taken_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (_folder, data) = folder();
    let finished =
        run(&["serve", "--data-dir", &data, "--listen", &address], &[("PARLOR_LOG_FILTER", "error")]);
    is_advice(&finished, &[&address, "--listen"]);
}

#[test]
fn a_folder_that_cannot_be_used_is_named() {
    let (_folder, data) = folder();
    let file = format!("{data}/file");
    fs::write(&file, "x").unwrap();
    is_advice(&serve(&file, &[]), &[&file, "--data-dir"]);
    is_advice(&serve(&format!("{file}/below"), &[]), &[&file, "--data-dir"]);
    // Nobody may make files here, not even the administrator.
    is_advice(&serve("/proc/self/fd", &[]), &["/proc/self/fd", "--data-dir"]);
}

#[test]
fn a_settings_file_that_cannot_be_read_is_named() {
    let (_folder, data) = folder();
    let file = format!("{data}/parlor.toml");
    for content in ["limits = 3 x", "[limits", "\u{0}", "[limits]\nconnections = \"many\""] {
        fs::write(&file, content).unwrap();
        is_advice(&serve(&data, &[]), &[&file]);
    }
    fs::remove_file(&file).unwrap();
    is_advice(&serve(&data, &[("PARLOR_CONFIG", "/no/such/file.toml")]), &["/no/such/file.toml"]);
}

#[test]
fn an_unknown_setting_is_answered_with_the_one_that_was_meant() {
    let (_folder, data) = folder();
    fs::write(format!("{data}/parlor.toml"), "[limits]\nframe_byte = 3").unwrap();
    is_advice(&serve(&data, &[]), &["limits.frame_byte`", "limits.frame_bytes`", "parlor.toml"]);
    let (_folder, data) = folder();
    is_advice(
        &serve(&data, &[("PARLOR_LIMITS_FRAME_BYTE", "3")]),
        &["PARLOR_LIMITS_FRAME_BYTE`", "PARLOR_LIMITS_FRAME_BYTES`"],
    );
}

#[test]
fn a_setting_outside_its_range_or_against_another_is_explained() {
    let (_folder, data) = folder();
    for (variables, words) in [
        (&[("PARLOR_LIMITS_FRAME_BYTES", "1")][..], &["limits.frame_bytes", "1024"][..]),
        (&[("PARLOR_LIMITS_FRAME_BYTES", "many")], &["LIMITS_FRAME_BYTES"]),
        (&[("PARLOR_ACCOUNTS_REGISTRATION", "ajar")], &["ACCOUNTS_REGISTRATION"]),
        (&[("PARLOR_SERVER_LISTEN", "0.0.0.0:0")], &[]),
        (&[("PARLOR_ADMIN_USERNAME", "chief")], &["admin.password_file"]),
        (&[("PARLOR_SERVER_PUBLIC_URLS", "http://chat.example.org")], &["allow_plain_http"]),
        (&[("PARLOR_SERVER_PUBLIC_URLS", "chat.example.org")], &["server.public_urls"]),
        (&[("PARLOR_LOG_FILTER", "parlor=loud")], &["log.filter"]),
    ] {
        let finished = run(&["serve", "--data-dir", &data], variables);
        is_advice(&finished, words);
    }
    assert_eq!(fs::read_dir(&data).unwrap().count(), 0, "a server that did not start left something");
}

#[test]
fn a_database_of_a_newer_version_is_left_alone() {
    let (_folder, data) = folder();
    let made = run(&["admin", "create", "--data-dir", &data, "--username", "chief"], &[]);
    assert_eq!(made.status, Some(0), "{made:?}");
    // What a newer version would have written when it changed the tables.
    let path = format!("{data}/parlor.db");
    let newer = "insert into seaql_migrations (version, applied_at) values ('m9999_from_the_future', 0)";
    let sqlite = std::process::Command::new("sqlite3").args([&path, newer]).output();
    let sqlite = sqlite.unwrap_or_else(|error| {
        panic!("this test needs sqlite3; on Debian: apt-get install sqlite3: {error}")
    });
    assert!(sqlite.status.success(), "{sqlite:?}");
    let before = fs::read(&path).unwrap();
    is_advice(&serve(&data, &[("PARLOR_LOG_FILTER", "error")]), &["newer"]);
    assert_eq!(fs::read(&path).unwrap(), before, "the newer database was changed");
}

#[test]
fn a_file_that_is_no_database_is_left_alone() {
    let (_folder, data) = folder();
    let path = format!("{data}/parlor.db");
    fs::write(&path, "this is a letter to my grandmother, and not a database".repeat(100)).unwrap();
    let before = fs::read(&path).unwrap();
    let finished = serve(&data, &[("PARLOR_LOG_FILTER", "error")]);
    assert!(matches!(finished.status, Some(1 | 2)), "{finished:?}");
    assert!(finished.stderr.lines().count() == 1 && finished.stderr.contains("parlor.db"), "{finished:?}");
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn config_show_tells_every_value_and_where_it_comes_from() {
    let (_folder, data) = folder();
    fs::write(format!("{data}/parlor.toml"), "[limits]\nframe_bytes = 2048\ncommand_burst = 7").unwrap();
    let variables = [
        ("PARLOR_LIMITS_COMMAND_BURST", "8"),
        ("PARLOR_DATABASE_URL", "postgres://parlor:canary-secret@127.0.0.1/parlor"),
    ];
    let shown = run(&["config", "show", "--data-dir", &data], &variables);
    assert_eq!((shown.status, shown.stderr.as_str()), (Some(0), ""), "{shown:?}");
    let line = |key: &str| {
        let start = format!("{key} = ");
        let found = shown.stdout.lines().find(|line| line.starts_with(&start));
        found.unwrap_or_else(|| panic!("{key} is not in {}", shown.stdout))
    };
    assert!(
        line("limits.frame_bytes").contains("2048") && line("limits.frame_bytes").contains("parlor.toml")
    );
    assert!(
        line("limits.command_burst").contains(" 8 ")
            && line("limits.command_burst").contains("PARLOR_LIMITS_COMMAND_BURST")
    );
    assert!(
        line("data_dir").contains(&data) && line("data_dir").contains("command line"),
        "{}",
        line("data_dir")
    );
    assert!(line("limits.frame_bytes") != line("realtime.heartbeat_seconds"));
    assert!(line("realtime.heartbeat_seconds").ends_with("# default"));
    assert!(line("database.url").contains("hidden"), "{}", line("database.url"));
    assert!(!shown.stdout.contains("canary-secret"), "a secret is shown");
}

#[tokio::test]
async fn an_admin_is_made_on_the_command_line() {
    let mut server = Server::fresh().await;
    server.kill();
    let data = server.data().to_str().unwrap().to_owned();
    let file = format!("{data}/password");
    fs::write(&file, format!("{PASSWORD}\n")).unwrap();
    let made =
        run(&["admin", "create", "--data-dir", &data, "--username", "chief", "--password-file", &file], &[]);
    assert_eq!(made.status, Some(0), "{made:?}");
    assert!(made.stdout.contains("USR000001"), "{made:?}");
    assert!(!made.stdout.contains(PASSWORD), "the password was in a file already");
    let generated = run(&["admin", "create", "--data-dir", &data, "--username", "second"], &[]);
    assert_eq!(generated.status, Some(0), "{generated:?}");
    let again = run(&["admin", "create", "--data-dir", &data, "--username", "chief"], &[]);
    is_advice(&again, &["taken"]);
    is_advice(&run(&["admin", "create", "--data-dir", &data, "--username", "x"], &[]), &["username"]);

    server.restart().await;
    assert_eq!(server.api().get("/server").await.expect(200)["setup_required"], false);
    let login = json!({"login": "chief", "password": PASSWORD});
    let chief = Person::signed_in(&server.api(), &server.api().post("/auth/login", login).await.expect(200));
    assert_eq!(chief.account["role"], "admin");
    let password = generated.stdout.lines().find_map(|line| line.strip_prefix("Password: ")).unwrap();
    let login = json!({"login": "second", "password": password, "role": "admin"});
    server.api().post("/auth/login", login).await.expect(200);
    assert_eq!(chief.all("/users", 100).await.len(), 2);
}

#[tokio::test]
async fn an_admin_is_made_beside_a_running_server_that_waits_for_one() {
    let server = Server::fresh().await;
    let data = server.data().to_str().unwrap();
    let made = run(&["admin", "create", "--data-dir", data, "--username", "chief"], &[]);
    assert_eq!(made.status, Some(0), "{made:?}");
    assert_eq!(server.api().get("/server").await.expect(200)["setup_required"], false);
    let password = made.stdout.lines().find_map(|line| line.strip_prefix("Password: ")).unwrap();
    let login = json!({"login": "chief", "password": password});
    server.api().post("/auth/login", login).await.expect(200);
}

#[test]
fn help_and_version_are_there() {
    for (arguments, word) in
        [(&["--help"][..], "serve"), (&["--version"], "parlor 0."), (&["serve", "--help"], "--listen")]
    {
        let finished = run(arguments, &[]);
        assert_eq!(finished.status, Some(0), "{finished:?}");
        assert!(finished.stdout.contains(word), "{finished:?}");
    }
    for wrong in [&[][..], &["dance"], &["serve", "--dance"]] {
        assert_eq!(run(wrong, &[]).status, Some(2));
    }
}
