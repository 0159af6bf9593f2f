//! A push service and the browsers that it tells, on this machine.

use std::ops::Deref;

use aes_gcm::aead::{Aead, KeyInit};
use aes_gcm::{Aes128Gcm, Nonce};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hkdf::Hkdf;
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{Signature, VerifyingKey};
use p256::elliptic_curve::sec1::ToEncodedPoint;
use p256::{PublicKey, SecretKey};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::{Received, Receiver, new_id};

/// A push that a service was handed.
#[derive(Debug, Clone)]
pub struct Pushed(Received);

impl Deref for Pushed {
    type Target = Received;

    fn deref(&self) -> &Received {
        &self.0
    }
}

impl Pushed {
    /// What the pass says that the server brought along, which must be signed with this key.
    pub fn claims(&self, public_key: &str) -> Value {
        let authorization = self.header("authorization");
        let parts = authorization.strip_prefix("vapid t=").and_then(|rest| rest.split_once(", k="));
        let (pass, key) = parts.unwrap_or_else(|| panic!("{authorization} is no pass"));
        assert_eq!(key, public_key);
        let (signed, signature) = pass.rsplit_once('.').unwrap();
        let key = VerifyingKey::from_sec1_bytes(&decode(key)).unwrap();
        key.verify(signed.as_bytes(), &Signature::from_slice(&decode(signature)).unwrap()).unwrap();
        let (head, claims) = signed.split_once('.').unwrap();
        let head: Value = serde_json::from_slice(&decode(head)).unwrap();
        assert_eq!(head["alg"], "ES256");
        serde_json::from_slice(&decode(claims)).unwrap()
    }
}

/// A push service. It takes everything, unless it is told to answer something else.
#[derive(Debug)]
pub struct PushService(Receiver);

impl PushService {
    /// A service on a port of its own.
    pub async fn start() -> Self {
        Self(Receiver::start("201 Created").await)
    }

    /// What it answers next, once each: a status line and headers.
    pub fn answer(&self, answers: &[&'static str]) {
        self.0.answer(answers);
    }

    /// A browser that is told by this service.
    pub fn browser(&self) -> PushBrowser {
        let (one, other) = (new_id(), new_id());
        let secret = [one.as_bytes().as_slice(), other.as_bytes()].concat();
        let name = new_id().simple().to_string();
        PushBrowser {
            endpoint: format!("{}/push/{name}", self.0.origin()),
            path: format!("/push/{name}"),
            key: SecretKey::from_slice(&secret).unwrap(),
            auth: *new_id().as_bytes(),
        }
    }

    /// What was pushed to this browser so far.
    pub fn pushed_to(&self, browser: &PushBrowser) -> Vec<Pushed> {
        self.0.received(&browser.path).into_iter().map(Pushed).collect()
    }

    /// Waits for the push with this number to this browser, counted from 1.
    pub async fn wait(&self, browser: &PushBrowser, number: usize) -> Pushed {
        Pushed(self.0.wait(&browser.path, number).await)
    }
}

/// A browser, as far as pushing is concerned.
#[derive(Debug)]
pub struct PushBrowser {
    /// Where it is told.
    pub endpoint: String,
    path: String,
    key: SecretKey,
    auth: [u8; 16],
}

impl PushBrowser {
    /// What it says of itself when it subscribes.
    pub fn subscription(&self) -> Value {
        let (p256dh, auth) = (URL_SAFE_NO_PAD.encode(self.public()), URL_SAFE_NO_PAD.encode(self.auth));
        json!({"endpoint": self.endpoint, "keys": {"p256dh": p256dh, "auth": auth}})
    }

    fn public(&self) -> Vec<u8> {
        self.key.public_key().to_encoded_point(false).as_bytes().to_vec()
    }

    /// Decrypts a push as RFC 8291 says.
    pub fn read(&self, pushed: &Pushed) -> Value {
        assert_eq!(pushed.header("content-encoding"), "aes128gcm");
        let (salt, rest) = pushed.body.split_at(16);
        let (record, rest) = rest.split_at(4);
        assert!(pushed.body.len() <= u32::from_be_bytes(record.try_into().unwrap()) as usize);
        let (theirs, sealed) = rest[1..].split_at(usize::from(rest[0]));
        let sender = PublicKey::from_sec1_bytes(theirs).unwrap();
        let shared = p256::ecdh::diffie_hellman(self.key.to_nonzero_scalar(), sender.as_affine());
        let info = [b"WebPush: info\0".as_slice(), &self.public(), theirs].concat();
        let secret: [u8; 32] = expand(&self.auth, shared.raw_secret_bytes(), &info);
        let key: [u8; 16] = expand(salt, &secret, b"Content-Encoding: aes128gcm\0");
        let nonce: [u8; 12] = expand(salt, &secret, b"Content-Encoding: nonce\0");
        let plain = Aes128Gcm::new(&key.into()).decrypt(&Nonce::from(nonce), sealed).unwrap();
        let end = plain.iter().rposition(|byte| *byte != 0).unwrap();
        assert_eq!(plain[end], 2, "the mark of the last record");
        serde_json::from_slice(&plain[..end]).unwrap()
    }
}

fn expand<const N: usize>(salt: &[u8], secret: &[u8], info: &[u8]) -> [u8; N] {
    let mut bytes = [0; N];
    Hkdf::<Sha256>::new(Some(salt), secret).expand(info, &mut bytes).unwrap();
    bytes
}

fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}
