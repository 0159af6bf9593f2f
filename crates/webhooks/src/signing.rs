//! Secrets, and signatures made with them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use parlor_domain::OutgoingWebhookId;
use sha2::Sha256;
use uuid::Uuid;

/// What the secrets of all webhooks follow from. It is not in the database: who has that has no
/// secret.
#[derive(Clone)]
pub struct WebhookKey([u8; 32]);

impl WebhookKey {
    /// The key that these secret bytes are.
    pub fn from_secret(secret: [u8; 32]) -> Self {
        Self(secret)
    }

    /// The secret of a webhook that follows from a seed.
    pub(crate) fn secret(&self, webhook: OutgoingWebhookId, seed: Uuid) -> WebhookSecret {
        let text = [*webhook.as_uuid().as_bytes(), *seed.as_bytes()].concat();
        WebhookSecret(mac(&self.0, &text))
    }
}

/// What a webhook and its receiver share.
pub(crate) struct WebhookSecret([u8; 32]);

impl WebhookSecret {
    /// As the receiver keeps it.
    pub(crate) fn reveal(&self) -> String {
        format!("whsec_{}", STANDARD.encode(self.0))
    }

    /// The signature of a body that is sent with an id at a second.
    pub(crate) fn sign(&self, id: &str, seconds: i64, body: &str) -> String {
        let signed = format!("{id}.{seconds}.{body}");
        format!("v1,{}", STANDARD.encode(mac(&self.0, signed.as_bytes())))
    }
}

fn mac(key: &[u8], text: &[u8]) -> [u8; 32] {
    // A key may have any length.
    Hmac::<Sha256>::new_from_slice(key)
        .map(|mac| mac.chain_update(text).finalize().into_bytes().into())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn webhook(number: u128) -> OutgoingWebhookId {
        OutgoingWebhookId::from_uuid(Uuid::from_u128(number))
    }

    #[test]
    fn a_signature_is_that_of_the_specification() {
        // The example of Standard Webhooks' libraries.
        let bytes = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signed = "msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{\"test\": 2432232314}";
        let signature = STANDARD.encode(mac(&bytes, signed.as_bytes()));
        assert_eq!(signature, "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        let secret = WebhookSecret([7; 32]);
        let text = b"msg_1.5.{}".as_slice();
        assert_eq!(secret.sign("msg_1", 5, "{}"), format!("v1,{}", STANDARD.encode(mac(&[7; 32], text))));
    }

    #[test]
    fn each_webhook_and_each_seed_has_a_secret_of_its_own() {
        let key = WebhookKey::from_secret([1; 32]);
        let secret = |hook, seed| key.secret(webhook(hook), Uuid::from_u128(seed)).reveal();
        assert_eq!(secret(1, 1), secret(1, 1));
        assert!(secret(1, 1).starts_with("whsec_"));
        assert_ne!(secret(1, 1), secret(1, 2));
        assert_ne!(secret(1, 1), secret(2, 1));
        let other = WebhookKey::from_secret([2; 32]);
        assert_ne!(secret(1, 1), other.secret(webhook(1), Uuid::from_u128(1)).reveal());
    }
}
