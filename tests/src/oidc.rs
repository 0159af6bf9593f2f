//! An identity provider on this machine, which vouches for whomever it is told to.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::new_id;

/// How the server under test is registered at the provider.
const CLIENT: (&str, &str) = ("parlor-tests", "a secret, shared+with the/provider");

/// What is wrong with the tokens that the provider makes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Twist {
    /// Nothing.
    #[default]
    None,
    /// They are for another handshake.
    Nonce,
    /// They are for another server.
    Audience,
    /// They are for this and another server.
    Audiences,
    /// They are of another provider.
    Issuer,
    /// They are over.
    Expired,
    /// They are signed with a key that is not the provider's.
    Key,
    /// They were changed after they had been signed.
    Claims,
    /// They are not signed.
    Unsigned,
    /// They are signed with the secret that both know.
    SharedSecret,
}

/// An identity provider.
#[derive(Debug, Clone)]
pub struct IdentityProvider {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    key: SigningKey,
    key_id: String,
    /// What it says of whoever signs in.
    claims: Value,
    /// What only its userinfo endpoint tells.
    more: Value,
    twist: Twist,
    /// What was asked for with each code that was not exchanged yet.
    codes: HashMap<String, HashMap<String, String>>,
    /// Whether it answers nothing but errors.
    down: bool,
    asked: Vec<String>,
}

fn new_key() -> SigningKey {
    let bytes = [*new_id().as_bytes(), *new_id().as_bytes()].concat();
    SigningKey::from_slice(&bytes).unwrap()
}

impl IdentityProvider {
    /// A provider on a port of its own, at which somebody without a name signs in.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let state = State {
            key: new_key(),
            key_id: "first".into(),
            claims: json!({"sub": "nobody"}),
            more: json!({}),
            twist: Twist::None,
            codes: HashMap::new(),
            down: false,
            asked: Vec::new(),
        };
        let provider = Self { address: listener.local_addr().unwrap(), state: Arc::new(Mutex::new(state)) };
        let shared = provider.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(shared.clone().serve(stream));
            }
        });
        provider
    }

    /// The settings of a server that is registered here.
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        vec![
            ("PARLOR_OIDC_ISSUER", self.issuer()),
            ("PARLOR_OIDC_CLIENT_ID", CLIENT.0.into()),
            ("PARLOR_OIDC_CLIENT_SECRET", CLIENT.1.into()),
            ("PARLOR_OIDC_NAME", "Example ID".into()),
        ]
    }

    /// What it calls itself.
    pub fn issuer(&self) -> String {
        format!("http://{}/tenant", self.address)
    }

    /// What it says of whoever signs in from now on; `sub` is who that is.
    pub fn vouch(&self, claims: Value) {
        self.state.lock().unwrap().claims = claims;
    }

    /// What only its userinfo endpoint tells of them.
    pub fn tell_more(&self, more: Value) {
        self.state.lock().unwrap().more = more;
    }

    /// Makes tokens with something wrong from now on.
    pub fn twist(&self, twist: Twist) {
        self.state.lock().unwrap().twist = twist;
    }

    /// Signs with another key from now on.
    pub fn rotate_key(&self) {
        let mut state = self.state.lock().unwrap();
        state.key = new_key();
        state.key_id = new_id().to_string();
    }

    /// Answers nothing but errors, or as it should again.
    pub fn set_down(&self, down: bool) {
        self.state.lock().unwrap().down = down;
    }

    /// The paths that were asked for so far.
    pub fn asked(&self) -> Vec<String> {
        self.state.lock().unwrap().asked.clone()
    }

    /// Signs in there as the person it vouches for, as a browser that was sent to this address; the
    /// address to which it sends the browser back.
    pub async fn sign_in(&self, url: &str) -> String {
        let redirects = reqwest::redirect::Policy::none();
        let browser = reqwest::Client::builder().no_proxy().redirect(redirects).build().unwrap();
        let answer = browser.get(url).send().await.unwrap();
        assert_eq!(answer.status(), 302, "{}", answer.text().await.unwrap());
        answer.headers()["location"].to_str().unwrap().to_owned()
    }

    async fn serve(self, mut stream: TcpStream) {
        let Some((head, body)) = read(&mut stream).await else { return };
        let target = head.split_whitespace().nth(1).unwrap_or_default().to_owned();
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        self.state.lock().unwrap().asked.push(path.to_owned());
        let (status, headers, body) = if self.state.lock().unwrap().down {
            ("503 Service Unavailable", String::new(), Value::Null)
        } else {
            match path {
                "/tenant/.well-known/openid-configuration" => ("200 OK", String::new(), self.description()),
                "/tenant/keys" => ("200 OK", String::new(), self.keys()),
                "/tenant/authorize" => self.authorize(&pairs(query)),
                "/tenant/token" => self.token(&head, &pairs(&body)),
                "/tenant/userinfo" => self.userinfo(&head),
                _ => ("404 Not Found", String::new(), Value::Null),
            }
        };
        let body = body.to_string();
        let answer = format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\n{headers}content-length: {}\r\n\
             connection: close\r\n\r\n{body}",
            body.len()
        );
        // Who does not wait for it is gone.
        _ = stream.write_all(answer.as_bytes()).await;
    }

    fn description(&self) -> Value {
        let issuer = self.issuer();
        json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"),
            "userinfo_endpoint": format!("{issuer}/userinfo"),
            "jwks_uri": format!("{issuer}/keys"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
        })
    }

    fn keys(&self) -> Value {
        let state = self.state.lock().unwrap();
        let point = state.key.verifying_key().to_encoded_point(false);
        let part = |bytes: Option<&p256::FieldBytes>| URL_SAFE_NO_PAD.encode(bytes.unwrap());
        json!({"keys": [{
            "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": state.key_id,
            "x": part(point.x()), "y": part(point.y()),
        }]})
    }

    /// Asks nobody, and sends the browser back with a code.
    fn authorize(&self, asked: &HashMap<String, String>) -> (&'static str, String, Value) {
        for (name, expected) in
            [("response_type", "code"), ("client_id", CLIENT.0), ("code_challenge_method", "S256")]
        {
            assert_eq!(asked.get(name).map(String::as_str), Some(expected), "{asked:?}");
        }
        let scopes: Vec<&str> = asked["scope"].split(' ').collect();
        assert!(scopes.contains(&"openid") && scopes.contains(&"email"), "{scopes:?}");
        let code = new_id().simple().to_string();
        let back = format!("{}?code={code}&state={}&session_state=x", asked["redirect_uri"], asked["state"]);
        self.state.lock().unwrap().codes.insert(code, asked.clone());
        ("302 Found", format!("location: {back}\r\n"), Value::Null)
    }

    fn token(&self, head: &str, form: &HashMap<String, String>) -> (&'static str, String, Value) {
        let refused = |error: &str| ("400 Bad Request", String::new(), json!({"error": error}));
        if !is_client(head) {
            return refused("invalid_client");
        }
        // Each code works once, whatever comes of it.
        let Some(asked) = self.state.lock().unwrap().codes.remove(&form["code"]) else {
            return refused("invalid_grant");
        };
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(form["code_verifier"].as_bytes()));
        if challenge != asked["code_challenge"] || form["redirect_uri"] != asked["redirect_uri"] {
            return refused("invalid_grant");
        }
        let token = self.id_token(&asked);
        let body = json!({"access_token": "for userinfo", "token_type": "Bearer", "id_token": token});
        ("200 OK", String::new(), body)
    }

    fn id_token(&self, asked: &HashMap<String, String>) -> String {
        let issuer = self.issuer();
        let state = self.state.lock().unwrap();
        let twist = state.twist;
        let now = now();
        let mut claims = state.claims.clone();
        claims["iss"] = json!(if twist == Twist::Issuer { "https://evil.example" } else { &issuer });
        claims["aud"] = match twist {
            Twist::Audience => json!("another"),
            Twist::Audiences => json!([CLIENT.0, "another"]),
            _ => json!(CLIENT.0),
        };
        claims["nonce"] = json!(if twist == Twist::Nonce { "another" } else { &asked["nonce"] });
        claims["iat"] = json!(now - 5);
        claims["exp"] = json!(if twist == Twist::Expired { now - 120 } else { now + 300 });
        // It asks everybody at once who has to be asked.
        if asked.get("max_age").is_some() && claims.get("auth_time").is_none() {
            assert_eq!(asked["prompt"], "login");
            claims["auth_time"] = json!(now);
        }
        let algorithm = match twist {
            Twist::Unsigned => "none",
            Twist::SharedSecret => "HS256",
            _ => "ES256",
        };
        let head = json!({"alg": algorithm, "typ": "JWT", "kid": state.key_id});
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", encode(&head), encode(&claims));
        let sign = |key: &SigningKey| {
            let signature: Signature = key.sign(signed.as_bytes());
            URL_SAFE_NO_PAD.encode(signature.to_bytes())
        };
        match twist {
            Twist::Unsigned => format!("{signed}."),
            Twist::SharedSecret => {
                let mut mac = Hmac::<Sha256>::new_from_slice(CLIENT.1.as_bytes()).unwrap();
                mac.update(signed.as_bytes());
                format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
            }
            Twist::Key => format!("{signed}.{}", sign(&new_key())),
            Twist::Claims => {
                claims["sub"] = json!("somebody else");
                format!("{}.{}.{}", encode(&head), encode(&claims), sign(&state.key))
            }
            _ => format!("{signed}.{}", sign(&state.key)),
        }
    }

    fn userinfo(&self, head: &str) -> (&'static str, String, Value) {
        if !head.to_lowercase().contains("authorization: bearer for userinfo") {
            return ("401 Unauthorized", String::new(), Value::Null);
        }
        let state = self.state.lock().unwrap();
        let mut told = state.more.clone();
        if told.get("sub").is_none() {
            told["sub"] = state.claims["sub"].clone();
        }
        ("200 OK", String::new(), told)
    }
}

/// Whether a request has the client's name and secret in its head, each encoded as in a form.
fn is_client(head: &str) -> bool {
    let proof = head.lines().find_map(|line| line.strip_prefix("authorization: Basic "));
    let proof = proof.and_then(|proof| STANDARD.decode(proof).ok()).unwrap_or_default();
    let proof = String::from_utf8_lossy(&proof).into_owned();
    let (name, secret) = proof.split_once(':').unwrap_or_default();
    let known = pairs(&format!("name={name}&secret={secret}"));
    known["name"] == CLIENT.0 && known["secret"] == CLIENT.1
}

#[expect(clippy::disallowed_methods, reason = "a provider goes by the machine's clock")]
fn now() -> i64 {
    OffsetDateTime::from(std::time::SystemTime::now()).unix_timestamp()
}

/// A request's head and body.
async fn read(stream: &mut TcpStream) -> Option<(String, String)> {
    let mut heard = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&heard).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.to_lowercase().lines().find_map(|line| {
                line.strip_prefix("content-length: ").and_then(|length| length.parse::<usize>().ok())
            });
            if body.len() >= length.unwrap_or(0) {
                return Some((head.to_owned(), body.to_owned()));
            }
        }
        let mut piece = [0; 4_096];
        let length = stream.read(&mut piece).await.ok().filter(|length| *length > 0)?;
        heard.extend_from_slice(&piece[..length]);
    }
}

/// The pairs of a query or a form.
fn pairs(text: &str) -> HashMap<String, String> {
    let url = reqwest::Url::parse(&format!("http://x/?{text}")).unwrap();
    url.query_pairs().into_owned().collect()
}
