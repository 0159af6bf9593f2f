use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use parlor_domain::{
    AccessToken, NewTotp, Password, RecoveryCode, SealedElsewhere, SessionId, Timestamp, TokenHash,
    TokenIssuer, TotpSecret, UserId,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::SigningKey;
use crate::secrets::random;
use crate::totp::Seal;

/// What the pass is for; a pass for anything else is refused.
const AUDIENCE: &str = "parlor";
/// The type of the pass (RFC 9068), so that no other token passes for one.
const TYPE: &str = "at+jwt";
/// Letters and digits that are not mistaken for each other.
const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz234567890";

/// Makes and reads what proves a session.
///
/// Secrets are 256 random bits and are stored as SHA-256 only. Passes are JWTs signed with HS256;
/// they only name a session, whose state is looked up at each use. Secrets of two-factor sign-in,
/// which are needed as they are, are encrypted with a key that follows from the one that signs.
pub struct Tokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
    key_id: String,
    issuer: String,
    lifetime: Duration,
    seal: Seal,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    iss: String,
    aud: String,
    sub: Uuid,
    sid: Uuid,
    iat: i64,
    exp: i64,
    jti: String,
}

impl Tokens {
    /// Tokens signed with `key`, in the name of `issuer` (the server's public origin), whose
    /// passes are good for `lifetime`.
    pub fn new(key: &SigningKey, issuer: &str, lifetime: Duration) -> Self {
        Self {
            encoding: EncodingKey::from_secret(key.bytes()),
            decoding: DecodingKey::from_secret(key.bytes()),
            key_id: key.id(),
            issuer: issuer.to_owned(),
            lifetime,
            seal: Seal::of(key),
        }
    }
}

impl TokenIssuer for Tokens {
    fn secret(&self) -> (String, TokenHash) {
        let secret = hex(&random::<32>());
        let hash = self.hash(&secret);
        (secret, hash)
    }

    fn hash(&self, secret: &str) -> TokenHash {
        TokenHash::from_bytes(Sha256::digest(secret.as_bytes()).into())
    }

    fn password(&self) -> Password {
        // 24 characters of 5 bits each, in groups of six so that they can be read aloud.
        let letters: Vec<char> =
            random::<24>().iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect();
        let groups: Vec<String> = letters.chunks(6).map(|group| group.iter().collect()).collect();
        // 27 plain characters are below every bound that a presented password has.
        Password::presented(&groups.join("-"))
            .unwrap_or_else(|_| unreachable!("27 characters are few enough"))
    }

    fn recovery_code(&self) -> RecoveryCode {
        RecoveryCode::from_random(random())
    }

    fn new_totp(&self, user: UserId, issuer: &str, account: &str) -> NewTotp {
        self.seal.new_totp(user, issuer, account)
    }

    fn totp_step(
        &self,
        user: UserId,
        secret: &TotpSecret,
        code: &str,
        now: Timestamp,
    ) -> Result<Option<u64>, SealedElsewhere> {
        self.seal.step(user, secret, code, now)
    }

    fn access_token(&self, user: UserId, session: SessionId, now: Timestamp) -> AccessToken {
        let seconds = now.as_millis() / 1_000;
        let expires_in = u32::try_from(self.lifetime.as_secs()).unwrap_or(u32::MAX);
        let mut header = Header::new(Algorithm::HS256);
        header.typ = Some(TYPE.into());
        header.kid = Some(self.key_id.clone());
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: AUDIENCE.into(),
            sub: user.as_uuid(),
            sid: session.as_uuid(),
            iat: seconds,
            exp: seconds + i64::from(expires_in),
            jti: hex(&random::<16>()),
        };
        // Encoding fails only for a key that is not for this algorithm; an empty pass proves nothing.
        let token = encode(&header, &claims, &self.encoding).unwrap_or_default();
        AccessToken { token, expires_in }
    }

    fn read_access_token(&self, token: &str, now: Timestamp) -> Option<SessionId> {
        let header = decode_header(token).ok()?;
        if header.typ.as_deref() != Some(TYPE) || header.kid.as_deref() != Some(self.key_id.as_str()) {
            return None;
        }
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_audience(&[AUDIENCE]);
        validation.set_issuer(&[&self.issuer]);
        validation.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
        // Time is compared below, with the clock that issued the pass.
        validation.validate_exp = false;
        let claims = decode::<Claims>(token, &self.decoding, &validation).ok()?.claims;
        let seconds = now.as_millis() / 1_000;
        (claims.iat <= seconds + 60 && seconds < claims.exp).then(|| SessionId::from_uuid(claims.sid))
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jsonwebtoken::Header;
    use serde_json::json;

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
    const ISSUER: &str = "https://chat.example.org";

    fn tokens() -> (SigningKey, Tokens) {
        let key = SigningKey::generate();
        let tokens = Tokens::new(&key, ISSUER, Duration::from_mins(5));
        (key, tokens)
    }

    fn ids() -> (UserId, SessionId) {
        (UserId::from_uuid(Uuid::from_u128(1)), SessionId::from_uuid(Uuid::from_u128(2)))
    }

    #[test]
    fn a_pass_names_its_session_until_it_is_over() {
        let (_, tokens) = tokens();
        let (user, session) = ids();
        let pass = tokens.access_token(user, session, NOW);
        assert_eq!(pass.expires_in, 300);
        assert_eq!(tokens.read_access_token(&pass.token, NOW.plus(Duration::from_secs(299))), Some(session));
        assert_eq!(tokens.read_access_token(&pass.token, NOW.plus(Duration::from_mins(5))), None);
    }

    #[test]
    fn t22_a_forged_or_foreign_pass_is_refused() {
        let (key, tokens) = tokens();
        let good = json!({"iss": ISSUER, "aud": "parlor", "sub": Uuid::nil(), "sid": Uuid::nil(), "iat": 1_800_000_000_i64, "exp": 1_800_000_300_i64, "jti": "x"});
        let make = |change: &dyn Fn(&mut Header, &mut serde_json::Value), secret: &[u8]| {
            let mut header = Header::new(Algorithm::HS256);
            header.typ = Some(TYPE.into());
            header.kid = Some(key.id());
            let mut claims = good.clone();
            change(&mut header, &mut claims);
            encode(&header, &claims, &EncodingKey::from_secret(secret)).unwrap()
        };
        let read = |token: &str| tokens.read_access_token(token, NOW);
        assert!(
            read(&make(&|_, _| (), key.bytes())).is_some(),
            "the pass that the others are made from is good"
        );
        let wrong: [(&str, String); 9] = [
            ("another key", make(&|_, _| (), b"another key of any length at all")),
            ("another algorithm", make(&|header, _| header.alg = Algorithm::HS512, key.bytes())),
            ("another type", make(&|header, _| header.typ = Some("JWT".into()), key.bytes())),
            ("another key id", make(&|header, _| header.kid = Some("other".into()), key.bytes())),
            ("another audience", make(&|_, claims| claims["aud"] = json!("other"), key.bytes())),
            ("another issuer", make(&|_, claims| claims["iss"] = json!("https://evil.example"), key.bytes())),
            ("over", make(&|_, claims| claims["exp"] = json!(1_800_000_000_i64), key.bytes())),
            ("of the future", make(&|_, claims| claims["iat"] = json!(1_800_000_100_i64), key.bytes())),
            ("no algorithm", unsigned(&make(&|_, _| (), key.bytes()))),
        ];
        for (why, token) in wrong {
            assert_eq!(read(&token), None, "{why} was taken");
        }
    }

    /// The same claims with `alg: none` and no signature.
    fn unsigned(token: &str) -> String {
        let claims = token.split('.').nth(1).unwrap();
        format!("eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.{claims}.")
    }

    #[test]
    fn secrets_are_long_and_never_the_same() {
        let (_, tokens) = tokens();
        let ((one, hash), (other, _)) = (tokens.secret(), tokens.secret());
        assert_eq!(one.len(), 64);
        assert_ne!(one, other);
        assert_eq!(tokens.hash(&one), hash);
    }

    #[test]
    fn a_generated_password_is_one_that_may_be_chosen() {
        let (_, tokens) = tokens();
        let password = tokens.password();
        assert!(Password::chosen(password.reveal(), 20, &[]).is_ok(), "{}", password.reveal());
    }
}
