//! An app that makes codes for two-factor sign-in (RFC 6238).

use std::time::SystemTime;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha1::Sha1;

use crate::Person;

/// The app of somebody, with the secret in it.
#[derive(Debug)]
pub struct Authenticator(Vec<u8>);

impl Authenticator {
    /// From the address that is shown as a QR code.
    pub fn of(uri: &str) -> Self {
        let (_, rest) = uri.split_once("secret=").unwrap();
        let secret = rest.split('&').next().unwrap();
        let digit = |sign: u8| if sign.is_ascii_uppercase() { sign - b'A' } else { sign - b'2' + 26 };
        let bits = secret.bytes().flat_map(|sign| (0..5).rev().map(move |bit| (digit(sign) >> bit) & 1));
        let bits: Vec<u8> = bits.collect();
        Self(bits.chunks_exact(8).map(|bits| bits.iter().fold(0, |byte, bit| (byte << 1) | bit)).collect())
    }

    /// Takes the secret of somebody who has not given a code yet.
    pub async fn begin(person: &Person) -> Self {
        let begun = person.post("/users/me/two-factor", json!({})).await.expect(201);
        Self::of(begun["uri"].as_str().unwrap())
    }

    /// Turns two-factor sign-in on for somebody.
    pub async fn set_up(person: &Person) -> Self {
        let app = Self::begin(person).await;
        let form = json!({"enabled": true, "code": app.code(0)});
        assert_eq!(person.put("/users/me/two-factor", form).await.expect(200)["enabled"], true);
        app
    }

    /// The code of the step that is so many after the present one.
    #[expect(clippy::disallowed_methods, reason = "the server under test goes by the machine's clock")]
    pub fn code(&self, later: u64) -> String {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        let mut mac = Hmac::<Sha1>::new_from_slice(&self.0).unwrap();
        mac.update(&(now.as_secs() / 30 + later).to_be_bytes());
        let hash = mac.finalize().into_bytes();
        let start = usize::from(hash[19] & 15);
        let number = u32::from_be_bytes(hash[start..start + 4].try_into().unwrap()) & 0x7fff_ffff;
        format!("{:06}", number % 1_000_000)
    }
}
