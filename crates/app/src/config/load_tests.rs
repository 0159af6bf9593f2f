use parlor_http::layers::Origin;

use super::*;

fn sources(file: Option<&Path>, variables: &[(&str, &str)], flags: &[(&'static str, &str)]) -> Sources {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Sources {
        file: file.map(Path::to_path_buf),
        variables: variables.iter().map(owned).collect(),
        flags: flags.iter().map(|(key, value)| (*key, (*value).to_owned())).collect(),
    }
}

fn refusal(file: &str, variables: &[(&str, &str)]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("settings.toml");
    std::fs::write(&path, file).unwrap();
    let line = load(&sources(Some(&path), variables, &[])).unwrap_err().to_string();
    assert_eq!(line.lines().count(), 1, "{line}");
    line
}

#[test]
fn without_any_source_the_defaults_apply() {
    let folder = tempfile::tempdir().unwrap();
    let data_dir = folder.path().to_str().unwrap();
    let loaded = load(&sources(None, &[("HOME", "/root")], &[("data_dir", data_dir)])).unwrap();
    assert_eq!(loaded.settings.server.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(loaded.settings.limits.json_body_bytes, 65_536);
    assert_eq!(loaded.origins["server.listen"], "default");
    assert_eq!(loaded.origins["data_dir"], "command line");
}

#[test]
fn a_flag_beats_a_variable_which_beats_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("parlor.toml");
    std::fs::write(
        &file,
        "[server]\nlisten = \"127.0.0.1:1\"\nshutdown_timeout_seconds = 5\n[limits]\nconnections = 50\n",
    )
    .unwrap();
    let variables = [("PARLOR_SERVER_LISTEN", "127.0.0.1:2"), ("PARLOR_LIMITS_CONNECTIONS", "60")];
    let data_dir = folder.path().to_str().unwrap();
    let flags = [("data_dir", data_dir), ("server.listen", "127.0.0.1:3")];

    let loaded = load(&sources(None, &variables, &flags)).unwrap();

    assert_eq!(loaded.settings.server.listen.port(), 3);
    assert_eq!(loaded.settings.limits.connections, 60);
    assert_eq!(loaded.settings.server.shutdown_timeout_seconds, 5);
    assert_eq!(loaded.origins["server.listen"], "command line");
    assert_eq!(loaded.origins["limits.connections"], "PARLOR_LIMITS_CONNECTIONS");
    assert_eq!(loaded.origins["server.shutdown_timeout_seconds"], file.display().to_string());
}

#[test]
fn a_list_in_a_variable_is_separated_by_commas() {
    let variables = [("PARLOR_SERVER_PUBLIC_URLS", "https://a.example, https://b.example/")];
    let settings = load(&sources(None, &variables, &[])).unwrap().settings;
    let urls: Vec<&str> = settings.server.public_urls.iter().map(Origin::as_str).collect();
    assert_eq!(urls, ["https://a.example", "https://b.example"]);
}

#[test]
fn an_empty_variable_counts_as_not_set() {
    assert!(
        load(&sources(None, &[("PARLOR_DATABASE_URL", "")], &[])).unwrap().settings.database.url.is_none()
    );
}

#[test]
fn an_unknown_key_names_the_nearest_one() {
    assert!(refusal("[server]\nlisten_on = \"x\"\n", &[]).contains("did you mean `server.listen`"));
    assert!(refusal("[limit]\nconnections = 20\n", &[]).contains("did you mean `limits.connections`"));
    assert!(refusal("", &[("PARLOR_SERVER_LISTN", "x")]).contains("did you mean `PARLOR_SERVER_LISTEN`"));
}

#[test]
fn a_value_of_the_wrong_type_is_named() {
    let line = refusal("[server]\nlisten = \"everywhere\"\n", &[]);
    assert!(line.contains("server.listen") && line.contains("settings.toml"), "{line}");
    let line = refusal("", &[("PARLOR_LIMITS_CONNECTIONS", "many")]);
    assert!(line.contains("limits.connections"), "{line}");
}

#[test]
fn a_number_outside_its_range_is_named_with_the_range() {
    let line = refusal("[limits]\nframe_bytes = 10\n", &[]);
    assert_eq!(line, "limits.frame_bytes is 10, but it must be from 1024 to 1048576");
}

#[test]
fn a_file_that_is_missing_or_no_toml_is_named() {
    let line = load(&sources(Some(Path::new("/nowhere/parlor.toml")), &[], &[])).unwrap_err().to_string();
    assert!(line.contains("/nowhere/parlor.toml"), "{line}");
    assert!(refusal("[server\n", &[]).contains("settings.toml"));
}
