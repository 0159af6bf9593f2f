//! Encryption of what is pushed: RFC 8291 on top of RFC 8188 (`aes128gcm`).

use aes_gcm::aead::{Aead, KeyInit};
use aes_gcm::{Aes128Gcm, Nonce};
use hkdf::Hkdf;
use p256::elliptic_curve::sec1::ToEncodedPoint;
use p256::{PublicKey, SecretKey};
use parlor_domain::PushKeys;
use sha2::Sha256;

use crate::vapid::random_key;

/// The size of the only record, which services need to take at least.
const RECORD: u32 = 4096;

/// Texts are filled up to a multiple of this, so that their length tells little.
const STEP: usize = 256;

/// The most bytes that fit: the record without the header of 86 bytes, the tag and the end mark.
const MOST: usize = RECORD as usize - 86 - 16 - 1;

/// A text, encrypted for one browser under a fresh key; `None` when the browser's key is no point
/// of the curve, or the text does not fit.
pub(crate) fn encrypt(keys: &PushKeys, text: &[u8]) -> Option<Vec<u8>> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).ok()?;
    encrypt_with(keys, text, &random_key(), &salt)
}

fn encrypt_with(keys: &PushKeys, text: &[u8], own: &SecretKey, salt: &[u8; 16]) -> Option<Vec<u8>> {
    if text.len() > MOST {
        return None;
    }
    let theirs = PublicKey::from_sec1_bytes(keys.p256dh()).ok()?;
    let ours = own.public_key().to_encoded_point(false);
    let shared = p256::ecdh::diffie_hellman(own.to_nonzero_scalar(), theirs.as_affine());
    let (key, nonce) = derive(shared.raw_secret_bytes(), keys.auth(), keys.p256dh(), ours.as_bytes(), salt)?;

    let mut record = text.to_vec();
    // The mark of the last record, then the filling.
    record.push(2);
    record.resize((text.len() + 1).next_multiple_of(STEP).min(MOST + 1), 0);
    let sealed = Aes128Gcm::new(&key.into()).encrypt(&Nonce::from(nonce), record.as_slice()).ok()?;

    let mut body = Vec::with_capacity(86 + sealed.len());
    body.extend_from_slice(salt);
    body.extend_from_slice(&RECORD.to_be_bytes());
    body.push(65);
    body.extend_from_slice(ours.as_bytes());
    body.extend_from_slice(&sealed);
    Some(body)
}

/// The key and the nonce, from what both sides know.
fn derive(
    shared: &[u8],
    auth: &[u8],
    theirs: &[u8],
    ours: &[u8],
    salt: &[u8; 16],
) -> Option<([u8; 16], [u8; 12])> {
    let mut secret = [0; 32];
    let info = [b"WebPush: info\0".as_slice(), theirs, ours].concat();
    Hkdf::<Sha256>::new(Some(auth), shared).expand(&info, &mut secret).ok()?;
    let content = Hkdf::<Sha256>::new(Some(salt), &secret);
    let (mut key, mut nonce) = ([0; 16], [0; 12]);
    content.expand(b"Content-Encoding: aes128gcm\0", &mut key).ok()?;
    content.expand(b"Content-Encoding: nonce\0", &mut nonce).ok()?;
    Some((key, nonce))
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    fn bytes<const N: usize>(text: &str) -> [u8; N] {
        URL_SAFE_NO_PAD.decode(text).unwrap().try_into().unwrap()
    }

    const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";
    const THEIRS: &str =
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    const SALT: &str = "DGv6ra1nlYgDCS1FRnbzlw";

    fn keys() -> PushKeys {
        PushKeys::new(&bytes::<65>(THEIRS), &bytes::<16>(AUTH)).unwrap()
    }

    #[test]
    fn keys_are_derived_as_in_the_standards_example() {
        // RFC 8291, appendix A.
        let shared: [u8; 32] = bytes("kyrL1jIIOHEzg3sM2ZWRHDRB62YACZhhSlknJ672kSs");
        let ours: [u8; 65] =
            bytes("BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8");
        let (key, nonce) = derive(&shared, &bytes::<16>(AUTH), keys().p256dh(), &ours, &bytes(SALT)).unwrap();
        assert_eq!(URL_SAFE_NO_PAD.encode(key), "oIhVW04MRdy2XN9CiKLxTg");
        assert_eq!(URL_SAFE_NO_PAD.encode(nonce), "4h_95klXJ5E_qnoN");
    }

    #[test]
    fn a_message_begins_as_in_the_standards_example() {
        let own = SecretKey::from_slice(&bytes::<32>("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")).unwrap();
        let text = b"When I grow up, I want to be a watermelon";
        let body = encrypt_with(&keys(), text, &own, &bytes(SALT)).unwrap();
        let example = URL_SAFE_NO_PAD
            .decode("DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN")
            .unwrap();
        // The header, the encrypted text and its mark are the example's; the filling is our own.
        let same = 86 + text.len() + 1;
        assert_eq!(body[..same], example[..same]);
        assert_eq!(body.len(), 86 + STEP + 16);
    }

    #[test]
    fn texts_of_like_length_look_alike_and_none_is_too_long() {
        let length = |bytes: usize| encrypt(&keys(), &vec![b'x'; bytes]).map(|body| body.len());
        assert_eq!(length(1), length(200));
        assert_eq!(length(MOST), Some(RECORD as usize));
        assert_eq!(length(MOST + 1), None);
    }

    #[test]
    fn what_is_no_point_of_the_curve_is_no_key() {
        let keys = PushKeys::new(&[4; 65], &[0; 16]).unwrap();
        assert_eq!(encrypt(&keys, b"text"), None);
    }
}
