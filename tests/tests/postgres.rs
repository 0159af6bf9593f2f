//! Who may use a PostgreSQL, and what its own programs are needed for.

use parlor_tests::{Cluster, Server};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_with_another_key_is_refused() {
    let cluster = Cluster::start();
    let url = cluster.url();
    let server = Server::start_with(&[("PARLOR_DATABASE_URL", &url)]).await;
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("other").display().to_string();
    let password = folder.path().join("password");
    std::fs::write(&password, "long enough for all").unwrap();
    let create = |key: &str| {
        let password = password.display().to_string();
        let arguments =
            ["admin", "create", "--data-dir", &other, "--username", "second", "--password-file", &password];
        let variables = [("PARLOR_DATABASE_URL", url.as_str()), ("PARLOR_SESSIONS_SIGNING_KEY_FILE", key)];
        parlor_tests::run(&arguments, &variables)
    };
    let refused = create("");
    assert_eq!(refused.status, Some(2), "{refused:?}");
    assert!(refused.stderr.lines().count() == 1 && refused.stderr.contains("signing.key"), "{refused:?}");
    let shared = create(&server.data().join("signing.key").display().to_string());
    assert_eq!(shared.status, Some(0), "{shared:?}");
    assert!(shared.stdout.contains("second is an admin"), "{shared:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_needs_a_pg_dump_as_new_as_the_server_and_says_so() {
    let cluster = Cluster::start();
    let url = cluster.url();
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    // The only programs there are.
    std::os::unix::fs::symlink("/usr/bin/timeout", path("timeout")).unwrap();
    let programs = folder.path().display().to_string();
    let backup = || {
        let (data, file) = (path("data").display().to_string(), path("backup").display().to_string());
        let variables = [("PARLOR_DATABASE_URL", url.as_str()), ("PATH", &programs)];
        let finished = parlor_tests::run(&["backup", &file, "--data-dir", &data], &variables);
        assert_eq!((finished.status, finished.stderr.lines().count()), (Some(2), 1), "{finished:?}");
        assert!(!path("backup").exists(), "something half done stays");
        finished.stderr
    };
    assert!(backup().contains("pg_dump is not installed"));
    let old = path("pg_dump");
    std::fs::write(&old, "#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n").unwrap();
    std::fs::set_permissions(&old, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let line = backup();
    assert!(line.contains("9.6.24") && line.contains("too old"), "{line}");
}
