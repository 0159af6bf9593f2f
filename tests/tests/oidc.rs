//! Signing in at an identity provider that speaks OpenID Connect.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use parlor_tests::{Answer, Api, Authenticator, IdentityProvider, PASSWORD, Person, Server, Twist};
use serde_json::{Value, json};

struct World {
    server: Server,
    provider: IdentityProvider,
}

/// A browser that was sent to the provider and comes back.
struct Visit {
    /// What the server gave it to keep.
    cookie: String,
    code: String,
    state: String,
}

impl World {
    async fn start() -> Self {
        Self::with(&[]).await
    }

    async fn with(more: &[(&str, &str)]) -> Self {
        let provider = IdentityProvider::start().await;
        let settings = provider.settings();
        let settings = settings.iter().map(|(name, value)| (*name, value.as_str()));
        let settings: Vec<_> = settings.chain(more.iter().copied()).collect();
        Self { server: Server::start_with(&settings).await, provider }
    }

    /// Goes from an answer of the server to the provider and back.
    async fn visit(&self, departure: Answer) -> Visit {
        assert_eq!(departure.status, 200, "{}", departure.text);
        let cookie = departure.header("set-cookie").unwrap().to_owned();
        assert!(cookie.contains("; HttpOnly; SameSite=Lax") && cookie.contains("; Max-Age=600"), "{cookie}");
        let back = self.provider.sign_in(departure.body["url"].as_str().unwrap()).await;
        let (page, query) = back.split_once('?').unwrap();
        assert_eq!(page, format!("{}/oidc", self.server.origin()));
        let field = |name: &str| {
            let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.into_iter().find(|(key, _)| *key == name).map(|(_, value)| value.to_owned()).unwrap()
        };
        Visit {
            cookie: cookie.split(';').next().unwrap().to_owned(),
            code: field("code"),
            state: field("state"),
        }
    }

    async fn leave(&self) -> Visit {
        self.visit(self.server.api().post("/auth/oidc", json!({})).await).await
    }

    async fn back(&self, visit: &Visit) -> Answer {
        let browser = self.server.api().with("cookie", &visit.cookie);
        browser.post("/auth/oidc/return", json!({"code": visit.code, "state": visit.state})).await
    }

    /// The whole way, as whom the provider vouches for.
    async fn come(&self) -> Answer {
        self.back(&self.leave().await).await
    }

    async fn come_in(&self) -> Person {
        let answer = self.come().await;
        assert!(matches!(answer.status, 200 | 201), "{}", answer.text);
        Person::signed_in(&self.server.api(), &answer.body)
    }

    /// Goes to the provider for this, as somebody who is signed in, and hands in what comes of it.
    async fn go_for(&self, person: &Person, purpose: &str, path: &str) -> Answer {
        let visit = self.visit(person.post("/users/me/oidc", json!({"purpose": purpose})).await).await;
        let browser = person.with("cookie", &visit.cookie);
        browser.put(path, json!({"code": visit.code, "state": visit.state})).await
    }

    async fn link(&self, person: &Person) -> Answer {
        self.go_for(person, "link", "/users/me/oidc").await
    }
}

fn ana() -> Value {
    json!({
        "sub": "248289761001", "preferred_username": "Ana.Pop", "name": "Ana Pop",
        "email": "ana@example.org", "email_verified": true,
    })
}

#[tokio::test]
async fn somebody_new_gets_an_account_and_finds_it_again() {
    let world = World::start().await;
    assert_eq!(world.server.api().get("/server").await.expect(200)["oidc"], "Example ID");
    world.provider.vouch(ana());
    let first = world.come().await.expect(201);
    let user = &first["user"];
    assert_eq!((&user["username"], &user["name"]), (&json!("ana.pop"), &json!("Ana Pop")));
    assert_eq!((&user["email"], &user["email_verified"]), (&json!("ana@example.org"), &json!(true)));
    let ana = Person::signed_in(&world.server.api(), &first);
    ana.say(ana.lobby().await, "hello").await;
    let again = world.come().await.expect(200);
    assert_eq!(again["user"]["id"], user["id"]);
    let methods = ana.get("/users/me/sign-in-methods").await.expect(200);
    assert_eq!(
        (&methods["has_password"], &methods["identity"]["label"]),
        (&json!(false), &json!("ana@example.org"))
    );
    // Sign-ins are told apart, and no token is in the log.
    let audit = world.server.admin().all(&format!("/admin/audit?user={}", ana.id), 100).await;
    let actions: Vec<&str> = audit.iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["signed_in_by_provider", "signed_in_by_provider", "user_created"]);
    world.server.log().event("told", |event| event["message"] == "the identity provider answers").await;
    let log = world.server.log().lines().concat();
    assert!(!log.contains("eyJ") && !log.contains("for userinfo"), "{log}");
}

#[tokio::test]
async fn what_the_provider_signs_counts_only_when_all_of_it_is_right() {
    let world = World::start().await;
    world.provider.vouch(ana());
    for twist in [
        Twist::Nonce,
        Twist::Audience,
        Twist::Audiences,
        Twist::Issuer,
        Twist::Expired,
        Twist::Key,
        Twist::Claims,
        Twist::Unsigned,
        Twist::SharedSecret,
    ] {
        world.provider.twist(twist);
        let refused = world.come().await;
        assert_eq!(refused.status, 403, "{twist:?} was taken: {}", refused.text);
        refused.refused(403, "oidc_refused");
    }
    assert_eq!(world.server.admin().all("/users", 100).await.len(), 1, "somebody got an account");
    world.provider.twist(Twist::None);
    world.come_in().await;
}

#[tokio::test]
async fn a_new_key_of_the_provider_is_found_and_keys_are_not_asked_for_each_time() {
    let world = World::start().await;
    world.provider.vouch(ana());
    let looks = || world.provider.asked().iter().filter(|path| path.ends_with("/keys")).count();
    world.come_in().await;
    world.come_in().await;
    assert_eq!(looks(), 1);
    world.provider.rotate_key();
    world.come_in().await;
    world.come_in().await;
    assert_eq!(looks(), 2);
}

#[tokio::test]
async fn what_the_provider_gave_is_good_once_and_in_the_browser_that_went() {
    let world = World::start().await;
    world.provider.vouch(ana());
    let (one, other) = (world.leave().await, world.leave().await);
    assert_ne!(one.state, other.state);
    // The code of somebody else's browser, put under one's own.
    let mixed = Visit { cookie: other.cookie.clone(), code: one.code.clone(), state: one.state.clone() };
    world.back(&mixed).await.refused(403, "oidc_strayed");
    let bare = Visit { cookie: "a=b".into(), code: one.code.clone(), state: one.state.clone() };
    world.back(&bare).await.refused(403, "oidc_strayed");
    // One's own state with a code that was asked for with another challenge.
    let swapped = Visit { code: other.code.clone(), cookie: one.cookie.clone(), state: one.state.clone() };
    world.back(&swapped).await.refused(403, "oidc_refused");
    world.back(&one).await.refused(403, "oidc_strayed");
    let third = world.leave().await;
    world.back(&third).await.expect(201);
    world.back(&third).await.refused(403, "oidc_strayed");
    // A code that was exchanged is worth nothing on another way either.
    let fourth = Visit { code: third.code.clone(), ..world.leave().await };
    world.back(&fourth).await.refused(403, "oidc_refused");
}

#[tokio::test]
async fn an_account_is_not_taken_over_by_its_address() {
    let world = World::start().await;
    let form = json!({"username": "ana", "name": "Ana", "password": PASSWORD, "email": "ana@example.org"});
    let api = world.server.api();
    let here = Person::signed_in(&api, &api.post("/auth/register", form).await.expect(201));
    world.provider.vouch(ana());
    world.come().await.refused(409, "oidc_account_exists");
    // Neither by one that nobody vouches for.
    let mut unverified = ana();
    unverified["email_verified"] = json!(false);
    unverified["sub"] = json!("a stranger");
    world.provider.vouch(unverified.clone());
    let stranger = world.come_in().await;
    assert_ne!(stranger.id, here.id);
    assert_eq!(stranger.account["email"], Value::Null);
    unverified["email"] = json!("free@example.org");
    unverified["sub"] = json!("another stranger");
    world.provider.vouch(unverified);
    assert_eq!(world.come_in().await.account["email_verified"], false);
    // Whoever knows the password links the two, and both ways lead to one account from then on.
    world.provider.vouch(ana());
    world.link(&here).await.expect(200);
    assert_eq!(world.come_in().await.id, here.id);
    here.another_device().await;
    // Nobody else links the same one.
    let again = stranger.post("/users/me/oidc", json!({"purpose": "link"})).await;
    again.refused(409, "oidc_already_linked");
    let ben = world.server.person("ben").await;
    world.link(&ben).await.refused(409, "oidc_linked_elsewhere");
}

#[tokio::test]
async fn one_unlinks_only_with_a_password_and_chooses_one_at_the_providers_word() {
    let world = World::start().await;
    world.provider.vouch(ana());
    let ana = world.come_in().await;
    ana.delete("/users/me/oidc").await.refused(409, "password_first");
    let login = json!({"login": "ana.pop", "password": ""});
    world.server.api().post("/auth/login", login).await.refused(401, "wrong_credentials");
    // Who they are is proved at the provider, which asks them anew, and gives the session other secrets.
    let renewed = world.go_for(&ana, "confirm", "/users/me/oidc/confirmation").await.expect(200);
    let renewed = world.server.api().bearer(renewed["access_token"].as_str().unwrap());
    let chosen = json!({"new_password": "eight green lanterns"});
    let renewed = renewed.put("/users/me/password", chosen.clone()).await.expect(200);
    let ana = world.server.api().bearer(renewed["access_token"].as_str().unwrap());
    ana.put("/users/me/password", chosen).await.refused(403, "wrong_password");
    let login = json!({"login": "ana.pop", "password": "eight green lanterns"});
    world.server.api().post("/auth/login", login).await.expect(200);
    assert_eq!(ana.delete("/users/me/oidc").await.status, 204);
    ana.delete("/users/me/oidc").await.refused(409, "oidc_not_linked");
    ana.post("/users/me/oidc", json!({"purpose": "confirm"})).await.refused(409, "oidc_not_linked");
}

#[tokio::test]
async fn a_proof_at_the_provider_is_a_new_one_and_ones_own() {
    let world = World::start().await;
    world.provider.vouch(ana());
    let person = world.come_in().await;
    let mut old = ana();
    old["auth_time"] = json!(1_500_000_000);
    world.provider.vouch(old);
    let path = "/users/me/oidc/confirmation";
    world.go_for(&person, "confirm", path).await.refused(403, "oidc_not_fresh");
    let mut other = ana();
    other["sub"] = json!("somebody else");
    world.provider.vouch(other);
    world.go_for(&person, "confirm", path).await.refused(403, "oidc_another_person");
}

#[tokio::test]
async fn who_may_come_and_what_as_is_set() {
    let world = World::with(&[
        ("PARLOR_ACCOUNTS_REGISTRATION", "closed"),
        ("PARLOR_OIDC_EMAIL_DOMAINS", "example.org"),
        ("PARLOR_OIDC_ADMIN_CLAIM", "roles.chat"),
        ("PARLOR_OIDC_ADMIN_VALUE", "boss"),
    ])
    .await;
    world.provider.vouch(ana());
    world.come().await.refused(403, "registration_closed");
    world.server.admin().patch("/admin/settings", json!({"registration": "invite"})).await.expect(200);
    world.come().await.refused(403, "invite_required");
    let made = world.server.admin().post("/admin/invites", json!({})).await.expect(201);
    let (_, invite) = made["url"].as_str().unwrap().split_once("#invite=").unwrap();
    let visit = world.leave().await;
    let browser = world.server.api().with("cookie", &visit.cookie);
    let form = json!({"code": visit.code, "state": visit.state, "invite": invite});
    browser.post("/auth/oidc/return", form).await.expect(201);
    // What the token does not say is asked for at the userinfo endpoint, about the same person.
    let mut elsewhere = ana();
    elsewhere["email"] = json!("ana@elsewhere.example");
    world.provider.vouch(elsewhere);
    world.come().await.refused(403, "oidc_email_not_allowed");
    world.provider.vouch(json!({"sub": ana()["sub"]}));
    world.come().await.refused(403, "oidc_email_not_allowed");
    let more =
        json!({"email": "ana@example.org", "email_verified": true, "roles": {"chat": ["user", "boss"]}});
    world.provider.tell_more(more.clone());
    assert_eq!(world.come_in().await.account["role"], "admin");
    let mut foreign = more;
    foreign["sub"] = json!("somebody else");
    world.provider.tell_more(foreign);
    world.come().await.refused(403, "oidc_email_not_allowed");
}

#[tokio::test]
async fn who_is_banned_is_told_why_and_whose_account_was_deleted_begins_anew() {
    let world = World::start().await;
    world.provider.vouch(ana());
    let person = world.come_in().await;
    let admin = world.server.admin();
    let socket = person.connect().await;
    let ban = json!({"reason": "spam", "minutes": 5});
    let ban = admin.post(&format!("/admin/users/{}/bans", person.id), ban).await;
    assert_eq!(ban.status, 201, "{}", ban.text);
    socket.closed().await;
    let told = world.come().await.refused(403, "banned");
    assert_eq!(told["ban"]["reason"], "spam");
    admin.delete(&format!("/admin/users/{}?messages=keep", person.id)).await;
    assert_ne!(world.come_in().await.id, person.id);
}

#[tokio::test]
async fn two_factor_sign_in_is_asked_for_after_the_provider_too() {
    let world = World::start().await;
    world.provider.vouch(ana());
    let person = world.server.person("ana").await;
    world.link(&person).await.expect(200);
    let app = Authenticator::set_up(&person).await;
    let visit = world.leave().await;
    world.back(&visit).await.refused(403, "totp_required");
    let browser = world.server.api().with("cookie", &visit.cookie);
    let with = async |totp: &str| {
        let form = json!({"code": visit.code, "state": visit.state, "totp": totp});
        browser.post("/auth/oidc/return", form).await
    };
    let wrong = with("not a code").await.refused(403, "wrong_totp");
    assert_eq!(Answer::fields(&wrong), ["totp"]);
    // Nobody else has what this browser keeps.
    let elsewhere = json!({"code": visit.code, "state": visit.state, "totp": app.code(1)});
    world.server.api().post("/auth/oidc/return", elsewhere).await.refused(403, "oidc_strayed");
    let code = app.code(1);
    with(&code).await.expect(200);
    with(&code).await.refused(403, "oidc_strayed");
}

#[tokio::test]
async fn t32_those_who_come_are_limited_like_those_who_register() {
    let world = World::with(&[
        ("PARLOR_LIMITS_SIGN_INS_PER_IP", "4"),
        ("PARLOR_LIMITS_REGISTRATIONS_PER_HOUR_PER_IP", "1"),
    ])
    .await;
    world.provider.vouch(ana());
    world.come_in().await;
    world.come_in().await;
    world.provider.vouch(json!({"sub": "another"}));
    world.come().await.refused(429, "rate_limited");
    world.leave().await;
    world.server.api().post("/auth/oidc", json!({})).await.refused(429, "rate_limited");
}

#[tokio::test]
async fn a_provider_that_is_away_stops_neither_the_start_nor_passwords() {
    let provider = IdentityProvider::start().await;
    provider.set_down(true);
    let settings = provider.settings();
    let settings: Vec<_> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let server = Server::start_with(&settings).await;
    let away = "nobody can sign in at the identity provider at present";
    server.log().event(away, |event| event["message"] == away).await;
    server.api().post("/auth/oidc", json!({})).await.refused(503, "oidc_unavailable");
    server.admin().another_device().await;
    // Nothing has to be started anew when it is back.
    provider.set_down(false);
    let world = World { server, provider };
    world.provider.vouch(ana());
    let visit = world.leave().await;
    world.provider.set_down(true);
    world.back(&visit).await.refused(503, "oidc_unavailable");
    world.provider.set_down(false);
    let api: Api = world.server.api();
    api.post("/auth/login", json!({"login": "root", "password": PASSWORD})).await.expect(200);
    world.come_in().await;
}
