//! Codes of two-factor sign-in, and how the secrets that they are made of are kept.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use parlor_domain::{NewTotp, SealedElsewhere, Timestamp, TotpSecret, UserId};
use totp_rs::{Algorithm, Builder, Secret};

use crate::SigningKey;
use crate::secrets::random;

/// What the key that seals secrets is derived from the signing key with; with another one nobody's app
/// is known any more.
const PURPOSE: &str = "parlor two-factor secrets";

/// Bytes before a sealed secret that make no two seals alike.
const NONCE: usize = 12;

/// Seals and opens the secrets. Each is bound to its owner: in somebody else's row it does not open.
pub(crate) struct Seal(Aes256Gcm);

impl Seal {
    pub(crate) fn of(key: &SigningKey) -> Self {
        Self(Aes256Gcm::new(&key.derive(PURPOSE).into()))
    }

    pub(crate) fn close(&self, user: UserId, secret: [u8; 20]) -> TotpSecret {
        let nonce: [u8; NONCE] = random();
        let owner = user.as_uuid();
        let payload = Payload { msg: &secret, aad: owner.as_bytes() };
        // Encrypting fails only for what is gigabytes long; nothing opens as no secret.
        let sealed = self.0.encrypt(&Nonce::from(nonce), payload).unwrap_or_default();
        TotpSecret::from_sealed([nonce.as_slice(), &sealed].concat())
    }

    pub(crate) fn open(&self, user: UserId, secret: &TotpSecret) -> Result<[u8; 20], SealedElsewhere> {
        let (nonce, sealed) = secret.as_sealed().split_first_chunk::<NONCE>().ok_or(SealedElsewhere)?;
        let owner = user.as_uuid();
        let payload = Payload { msg: sealed, aad: owner.as_bytes() };
        let opened = self.0.decrypt(&Nonce::from(*nonce), payload).map_err(|_| SealedElsewhere)?;
        opened.try_into().map_err(|_| SealedElsewhere)
    }

    pub(crate) fn new_totp(&self, user: UserId, issuer: &str, account: &str) -> NewTotp {
        let secret = random();
        // Colons divide the parts of the address.
        let (issuer, account) = (issuer.replace(':', " "), account.replace(':', " "));
        let issuer = Some(issuer).filter(|issuer| !issuer.is_empty());
        let totp = codes(secret).with_account_name(account).with_issuer(issuer);
        // It fails only for an account without a name, which nobody has.
        let uri = totp.build_noncompliant().to_url().unwrap_or_default();
        NewTotp { secret: self.close(user, secret), uri }
    }

    pub(crate) fn step(
        &self,
        user: UserId,
        secret: &TotpSecret,
        code: &str,
        now: Timestamp,
    ) -> Result<Option<u64>, SealedElsewhere> {
        let totp = codes(self.open(user, secret)?).build_noncompliant();
        let code: String = code.chars().filter(|sign| !sign.is_whitespace()).collect();
        Ok(u64::try_from(now.as_millis() / 1_000).ok().and_then(|seconds| totp.check(&code, seconds)))
    }
}

/// Moves secrets from one signing key to another.
pub struct Resealer {
    from: Seal,
    to: Seal,
}

impl Resealer {
    /// From one key to the other.
    pub fn new(from: &SigningKey, to: &SigningKey) -> Self {
        Self { from: Seal::of(from), to: Seal::of(to) }
    }

    /// The same secret under the other key; `None` when it is not under the one.
    pub fn reseal(&self, user: UserId, secret: &TotpSecret) -> Option<TotpSecret> {
        self.from.open(user, secret).ok().map(|plain| self.to.close(user, plain))
    }
}

/// Codes as all apps make them: SHA-1, six digits, 30 s; the step before and the next one are taken, too.
fn codes(secret: [u8; 20]) -> Builder {
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_step_duration(30)
        .with_skew(1)
        .with_secret(Secret::new_stack(secret))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use uuid::Uuid;

    use super::*;

    const ANA: UserId = UserId::from_uuid(Uuid::from_u128(1));
    const BEN: UserId = UserId::from_uuid(Uuid::from_u128(2));
    const STEP: Duration = Duration::from_secs(30);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1_000)
    }

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238, appendix B: the last six of the eight digits.
        let seal = Seal::of(&SigningKey::generate());
        let secret = seal.close(ANA, *b"12345678901234567890");
        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924")] {
            assert_eq!(seal.step(ANA, &secret, code, at(seconds)), Ok(Some(seconds.unsigned_abs() / 30)));
        }
        assert_eq!(seal.step(ANA, &secret, " 081 804 ", at(1_111_111_109)), Ok(Some(37_037_036)));
        for wrong in ["", "081805", "81804", "+81804", "0818040", "a code"] {
            assert_eq!(seal.step(ANA, &secret, wrong, at(1_111_111_109)), Ok(None), "{wrong}");
        }
    }

    #[test]
    fn a_code_is_taken_one_step_early_and_one_step_late() {
        let seal = Seal::of(&SigningKey::generate());
        let secret = seal.close(ANA, *b"12345678901234567890");
        let begin = at(1_111_111_080);
        for (now, taken) in [
            (Timestamp::from_millis(begin.as_millis() - 30_001), false),
            (Timestamp::from_millis(begin.as_millis() - 30_000), true),
            (begin, true),
            (Timestamp::from_millis(begin.as_millis() + 59_999), true),
            (begin.plus(2 * STEP), false),
        ] {
            assert_eq!(seal.step(ANA, &secret, "081804", now), Ok(taken.then_some(37_037_036)), "{now:?}");
        }
    }

    #[test]
    fn t34_a_secret_opens_with_its_key_and_for_its_owner_only() {
        let (key, other) = (SigningKey::generate(), SigningKey::generate());
        let seal = Seal::of(&key);
        let plain = [7; 20];
        let secret = seal.close(ANA, plain);
        assert_eq!(Seal::of(&key).open(ANA, &secret), Ok(plain));
        assert_ne!(seal.close(ANA, plain), secret, "two seals are not alike");
        assert!(!secret.as_sealed().windows(4).any(|bytes| bytes == [7; 4]));
        assert_eq!(seal.open(BEN, &secret), Err(SealedElsewhere));
        assert_eq!(Seal::of(&other).open(ANA, &secret), Err(SealedElsewhere));
        let moved = Resealer::new(&key, &other).reseal(ANA, &secret).unwrap();
        assert_eq!(Seal::of(&other).open(ANA, &moved), Ok(plain));
        assert_eq!(Resealer::new(&key, &other).reseal(ANA, &moved), None);
        for damaged in [&[][..], &[1; 11], &[1; 48], &secret.as_sealed()[..47]] {
            assert_eq!(seal.open(ANA, &TotpSecret::from_sealed(damaged.to_vec())), Err(SealedElsewhere));
        }
    }

    #[test]
    fn an_app_takes_the_secret_from_the_address() {
        let seal = Seal::of(&SigningKey::generate());
        let made = seal.new_totp(ANA, "Tea: and more", "ana.pop");
        let (head, rest) = made.uri.split_once("secret=").unwrap();
        assert_eq!(head, "otpauth://totp/Tea%20%20and%20more:ana.pop?");
        let (secret, issuer) = rest.split_once('&').unwrap();
        assert_eq!((secret.len(), issuer), (32, "issuer=Tea%20%20and%20more"));
        let app = totp_rs::Totp::from_url(&made.uri).unwrap();
        let code = app.generate(59).to_string();
        assert_eq!(seal.step(ANA, &made.secret, &code, at(59)), Ok(Some(1)));
    }
}
