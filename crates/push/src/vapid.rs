//! The key that tells push services who comes (VAPID, RFC 8292).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::SecretKey;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use p256::elliptic_curve::sec1::ToEncodedPoint;
use parlor_domain::Timestamp;
use serde::Serialize;
use sha2::{Digest, Sha256};

/// How long a pass is good, in seconds. Services take a day at most.
const GOOD_FOR: i64 = 12 * 60 * 60;

/// The key that pushes are signed with.
#[derive(Clone)]
pub struct VapidKey(SecretKey);

/// What a pass says.
#[derive(Serialize)]
struct Claims<'a> {
    aud: &'a str,
    exp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<&'a str>,
}

impl VapidKey {
    /// The key that follows from these secret bytes: always the same one.
    pub fn from_secret(secret: [u8; 32]) -> Self {
        Self(key_from(secret))
    }

    /// The public half: an uncompressed point.
    pub fn public(&self) -> [u8; 65] {
        let point = self.0.public_key().to_encoded_point(false);
        // An uncompressed point of this curve has 65 bytes.
        let mut bytes = [0; 65];
        bytes.copy_from_slice(point.as_bytes());
        bytes
    }

    /// The header `Authorization` for the push service at this origin.
    pub(crate) fn authorization(&self, origin: &str, contact: Option<&str>, now: Timestamp) -> String {
        let claims = Claims { aud: origin, exp: now.as_millis() / 1_000 + GOOD_FOR, sub: contact };
        let claims = serde_json::to_vec(&claims).unwrap_or_default();
        let head = URL_SAFE_NO_PAD.encode(br#"{"typ":"JWT","alg":"ES256"}"#);
        let signed = format!("{head}.{}", URL_SAFE_NO_PAD.encode(claims));
        let signature: Signature = SigningKey::from(&self.0).sign(signed.as_bytes());
        let (signature, key) =
            (URL_SAFE_NO_PAD.encode(signature.to_bytes()), URL_SAFE_NO_PAD.encode(self.public()));
        format!("vapid t={signed}.{signature}, k={key}")
    }
}

/// A fresh key.
pub(crate) fn random_key() -> SecretKey {
    let mut bytes = [0; 32];
    // Without randomness nothing here is secret: better to stop than to go on.
    getrandom::fill(&mut bytes)
        .unwrap_or_else(|error| panic!("the operating system gives no random bytes: {error}"));
    key_from(bytes)
}

/// The key of these bytes. One in four thousand million is none; its hash is as good.
fn key_from(mut bytes: [u8; 32]) -> SecretKey {
    loop {
        match SecretKey::from_slice(&bytes) {
            Ok(key) => return key,
            Err(_) => bytes = Sha256::digest(bytes).into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use p256::ecdsa::VerifyingKey;
    use p256::ecdsa::signature::Verifier;

    use super::*;

    #[test]
    fn a_pass_is_signed_for_one_service_and_ends_within_a_day() {
        let key = VapidKey::from_secret([7; 32]);
        let now = Timestamp::from_millis(1_000_500);
        let header = key.authorization("https://push.example", Some("mailto:ana@example.org"), now);
        let (pass, public) = header.strip_prefix("vapid t=").unwrap().split_once(", k=").unwrap();
        assert_eq!(URL_SAFE_NO_PAD.decode(public).unwrap(), key.public());
        let (signed, signature) = pass.rsplit_once('.').unwrap();
        let signature = Signature::from_slice(&URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
        VerifyingKey::from_sec1_bytes(&key.public()).unwrap().verify(signed.as_bytes(), &signature).unwrap();
        let claims = URL_SAFE_NO_PAD.decode(signed.split_once('.').unwrap().1).unwrap();
        let expected = r#"{"aud":"https://push.example","exp":44200,"sub":"mailto:ana@example.org"}"#;
        assert_eq!(String::from_utf8(claims).unwrap(), expected);
    }

    #[test]
    fn a_key_follows_from_its_secret() {
        let public = |byte| VapidKey::from_secret([byte; 32]).public();
        assert_eq!(public(1), public(1));
        assert_ne!(public(1), public(2));
        // Zero and what lies above the curve's order are no keys.
        assert_ne!(public(0), public(0xFF));
    }
}
