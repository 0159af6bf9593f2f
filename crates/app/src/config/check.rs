//! What types cannot say about settings.

use parlor_domain::WebAddress;

use super::{BusKind, ConfigError, Hidden, Settings, all, value};

/// Refuses numbers outside their ranges and settings that contradict each other.
pub fn check(settings: &Settings) -> Result<(), ConfigError> {
    ranges(settings)?;
    let server = &settings.server;
    let refuse = |reason| Err(ConfigError::Contradiction(reason));

    if server.tls_certificate.is_some() != server.tls_key.is_some() {
        return refuse("server.tls_certificate and server.tls_key belong together: set both or neither");
    }
    if settings.admin.username.is_some() != settings.admin.password_file.is_some() {
        return refuse("admin.username and admin.password_file belong together: set both or neither");
    }
    let cluster = &settings.cluster;
    if (cluster.bus == BusKind::Nats) != cluster.nats_url.is_some() {
        return refuse("cluster.bus = \"nats\" and cluster.nats_url belong together: set both or neither");
    }
    let database = settings.database.url.as_ref().map(Hidden::reveal);
    if cluster.bus == BusKind::Nats && !database.is_some_and(|url| url.starts_with("postgres")) {
        return refuse(
            "cluster.bus = \"nats\" is for nodes that share a PostgreSQL database: set database.url",
        );
    }
    let is_contact = |contact: &String| contact.starts_with("mailto:") || contact.starts_with("https://");
    if !settings.push.contact.as_ref().is_none_or(is_contact) {
        return refuse(
            "push.contact must be an address that push services can write to: \
             mailto: and an e-mail address, or https:// and a page",
        );
    }
    let is_host = |host: &String| {
        WebAddress::take_apart(&format!("https://{host}")).is_some_and(|address| {
            let bare = host.trim_start_matches('[').trim_end_matches(']');
            address.host().eq_ignore_ascii_case(bare)
        })
    };
    if !settings.webhooks.inside_hosts.iter().all(is_host) {
        return refuse(
            "webhooks.inside_hosts lists machines by name or number alone, such as localhost or 10.0.0.7",
        );
    }
    let parts =
        [settings.mail.contradiction(), settings.oidc.contradiction(), settings.files.contradiction()];
    if let Some(contradiction) = parts.into_iter().flatten().next() {
        return refuse(contradiction);
    }
    if settings.realtime.dead_after_seconds <= settings.realtime.heartbeat_seconds {
        return refuse("realtime.dead_after_seconds must be more than realtime.heartbeat_seconds");
    }
    if server.listens_beyond_this_machine() && server.public_urls.is_empty() {
        return refuse(
            "other machines can reach the server, so it must know its address: \
             set server.public_urls, for example to https://chat.example.org",
        );
    }
    if server.is_insecure() && !server.allow_plain_http {
        return refuse(
            "without TLS passwords can be read on the way: use an https address in server.public_urls \
             (with server.tls_certificate or a proxy), or set server.allow_plain_http = true",
        );
    }
    Ok(())
}

fn ranges(settings: &Settings) -> Result<(), ConfigError> {
    let values = serde_json::to_value(settings).unwrap_or_default();
    for (key, setting) in all() {
        let number = value(&values, &key).as_u64();
        if let (Some(range), Some(value)) = (&setting.range, number)
            && !range.contains(&value)
        {
            return Err(ConfigError::Range { key, value, low: *range.start(), high: *range.end() });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{Files, Mail, MailSecurity, Oidc, Push, Server, Webhooks};
    use super::*;

    fn with(server: Server) -> Settings {
        Settings { server, ..Settings::default() }
    }

    fn refusal(settings: &Settings) -> String {
        check(settings).unwrap_err().to_string()
    }

    #[test]
    fn the_defaults_are_acceptable() {
        check(&Settings::default()).unwrap();
    }

    #[test]
    fn a_server_for_other_machines_needs_its_address_and_tls() {
        let everywhere = Server { listen: "0.0.0.0:8080".parse().unwrap(), ..Server::default() };
        assert!(refusal(&with(everywhere.clone())).contains("server.public_urls"));

        let plain =
            Server { public_urls: vec!["http://10.0.0.1:8080".parse().unwrap()], ..everywhere.clone() };
        assert!(refusal(&with(plain.clone())).contains("allow_plain_http"));
        check(&with(Server { allow_plain_http: true, ..plain })).unwrap();

        let proxied = Server { public_urls: vec!["https://chat.example".parse().unwrap()], ..everywhere };
        check(&with(proxied)).unwrap();
    }

    #[test]
    fn a_contact_is_an_address_one_can_write_to() {
        let contact = |text: &str| Settings {
            push: Push { contact: Some(text.into()), ..Push::default() },
            ..Settings::default()
        };
        check(&contact("mailto:admin@example.org")).unwrap();
        check(&contact("https://example.org/contact")).unwrap();
        assert!(refusal(&contact("admin@example.org")).contains("push.contact"));
    }

    #[test]
    fn machines_inside_are_named_alone() {
        let inside = |host: &str| Settings {
            webhooks: Webhooks { inside_hosts: vec![host.into()] },
            ..Settings::default()
        };
        for host in ["localhost", "10.0.0.7", "[::1]", "Bots.internal"] {
            check(&inside(host)).unwrap();
        }
        for host in ["", "http://localhost", "localhost:9000", "localhost/x", "two words"] {
            assert!(refusal(&inside(host)).contains("webhooks.inside_hosts"), "{host}");
        }
    }

    #[test]
    fn a_mail_server_needs_a_sender_and_keeps_its_password_secret() {
        let mail = |mail: Mail| Settings { mail, ..Settings::default() };
        let host = Mail { host: Some("smtp.example.org".into()), ..Mail::default() };
        assert!(refusal(&mail(host.clone())).contains("mail.from"));
        let whole = Mail { from: Some("chat@example.org".into()), ..host };
        check(&mail(whole.clone())).unwrap();
        let named = Mail { username: Some("chat".into()), ..whole };
        assert!(refusal(&mail(named.clone())).contains("mail.password"));
        let known = Mail { password_file: Some("password".into()), ..named };
        check(&mail(known.clone())).unwrap();
        let plain = Mail { security: MailSecurity::None, ..known };
        assert!(refusal(&mail(plain.clone())).contains("on the way"));
        check(&mail(Mail { host: Some("127.0.0.1".into()), ..plain })).unwrap();
    }

    #[test]
    fn an_identity_provider_is_whole_and_reached_safely() {
        let oidc = |oidc: Oidc| Settings { oidc, ..Settings::default() };
        let at = |issuer: &str| Oidc {
            issuer: Some(issuer.into()),
            client_id: Some("chat".into()),
            ..Oidc::default()
        };
        for good in
            ["https://id.example.org", "https://id.example.org/realms/chat/", "http://127.0.0.1:8080/x"]
        {
            check(&oidc(at(good))).unwrap();
        }
        for bad in [
            "id.example.org",
            "http://id.example.org",
            "https://id.example.org?x",
            "http://localhost.evil.org",
        ] {
            assert!(refusal(&oidc(at(bad))).contains("oidc.issuer"), "{bad}");
        }
        let good = at("https://id.example.org/realms/chat");
        assert_eq!(good.shown_name().as_deref(), Some("id.example.org"));
        let half = Oidc { client_id: None, ..good.clone() };
        assert!(refusal(&oidc(half)).contains("oidc.client_id"));
        let rule = Oidc { admin_claim: Some("groups".into()), ..good.clone() };
        assert!(refusal(&oidc(rule)).contains("oidc.admin_value"));
        let two =
            Oidc { client_secret: Some(Hidden::new("x")), client_secret_file: Some("y".into()), ..good };
        assert!(refusal(&oidc(two)).contains("two secrets"));
    }

    #[test]
    fn files_are_named_by_their_endings_and_fit_into_the_quota() {
        let files = |files: Files| Settings { files, ..Settings::default() };
        let types = |types: &[&str]| Files {
            types: types.iter().map(ToString::to_string).collect(),
            ..Files::default()
        };
        check(&files(types(&["jpg", "7z"]))).unwrap();
        for bad in [".jpg", "JPG", "image/jpeg", "", "jpg,pdf"] {
            assert!(refusal(&files(types(&[bad]))).contains("files.types"), "{bad}");
        }
        let large = Files { max_bytes: 2_000, quota_bytes: 1_999, ..Files::default() };
        assert!(refusal(&files(large)).contains("files.quota_bytes"));
    }

    #[test]
    fn a_bucket_has_a_key_and_is_reached_safely() {
        let files = |files: Files| Settings { files, ..Settings::default() };
        let whole = Files {
            s3_bucket: Some("chat".into()),
            s3_access_key_id: Some("key".into()),
            s3_secret_access_key: Some(Hidden::new("canary")),
            ..Files::default()
        };
        check(&files(whole.clone())).unwrap();
        for half in [
            Files { s3_bucket: None, ..whole.clone() },
            Files { s3_access_key_id: None, ..whole.clone() },
            Files { s3_secret_access_key: None, ..whole.clone() },
        ] {
            assert!(refusal(&files(half)).contains("belong together"));
        }
        let two = Files { s3_secret_access_key_file: Some("key".into()), ..whole.clone() };
        assert!(refusal(&files(two)).contains("two keys"));
        let at = |endpoint: &str| Files { s3_endpoint: Some(endpoint.into()), ..whole.clone() };
        check(&files(at("https://s3.example.org:9000"))).unwrap();
        for bad in ["s3.example.org", "https://s3.example.org/chat", "ftp://s3.example.org", "https://a@b"] {
            assert!(refusal(&files(at(bad))).contains("files.s3_endpoint must be"), "{bad}");
        }
        let plain = at("http://10.0.0.7:9000");
        assert!(refusal(&files(plain.clone())).contains("on the way"));
        check(&files(Files { s3_allow_http: true, ..plain })).unwrap();
        let nowhere = Files { s3_endpoint: Some("https://s3.example.org".into()), ..Files::default() };
        assert!(refusal(&files(nowhere)).contains("files.s3_bucket"));
    }

    #[test]
    fn half_of_a_pair_is_refused() {
        let server = Server { tls_key: Some("key.pem".into()), ..Server::default() };
        assert!(refusal(&with(server)).contains("tls_certificate"));
    }
}
