//! Secrets that live in files beside the database, readable by the server's user only.

use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use hkdf::Hkdf;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use thiserror::Error;

use crate::tokens::hex;

/// Why a secret's file cannot be used.
#[derive(Debug, Error)]
pub enum SecretError {
    /// It cannot be read or written.
    #[error(
        "cannot use the secret file {path}: {source}; make it readable and writable for the server's user"
    )]
    Io {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        source: io::Error,
    },
    /// It does not hold what it should.
    #[error(
        "the secret file {path} is damaged; restore it from a backup, or delete it to have a new one made"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
    },
}

/// Random bytes from the operating system.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // Without randomness nothing here is secret: better to stop than to go on.
    getrandom::fill(&mut bytes)
        .unwrap_or_else(|error| panic!("the operating system gives no random bytes: {error}"));
    bytes
}

/// The key that signs access tokens: 256 random bits, apart from the database, so that a stolen
/// copy of the database does not let anybody sign.
pub struct SigningKey([u8; 32]);

impl SigningKey {
    /// A new key.
    pub fn generate() -> Self {
        Self(random())
    }

    /// The key in this file, made at the first start.
    pub fn load_or_create(path: &Path) -> Result<Self, SecretError> {
        if let Some(key) = Self::load(path)? {
            return Ok(key);
        }
        let key = Self::generate();
        key.store(path)?;
        Ok(key)
    }

    /// The key in this file, when there is one.
    pub fn load(path: &Path) -> Result<Option<Self>, SecretError> {
        let Some(text) = read(path)? else { return Ok(None) };
        let key = unhex(text.trim()).map(Self);
        Ok(Some(key.ok_or_else(|| SecretError::Damaged { path: path.into() })?))
    }

    /// Puts the key into this file, whether there was one or not: nothing that was signed before is
    /// valid any more.
    pub fn store(&self, path: &Path) -> Result<(), SecretError> {
        write_new(path, &hex(&self.0))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// What tells the key from another one, and tells nobody the key.
    pub fn fingerprint(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        // Another text before it, so that this is not what stands in tokens.
        hash.update(b"parlor signing key");
        hash.update(self.0);
        hash.finalize().into()
    }

    /// 32 secret bytes for another purpose, that follow from this key and do not tell it: nodes that
    /// share the key share them.
    ///
    /// # Panics
    ///
    /// Never: 8,160 bytes could be had.
    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        let mut bytes = [0; 32];
        let expanded = Hkdf::<Sha256>::new(None, &self.0).expand(purpose.as_bytes(), &mut bytes);
        assert!(expanded.is_ok(), "32 bytes are few");
        bytes
    }

    /// Names the key in tokens without telling it.
    pub(crate) fn id(&self) -> String {
        hex(&Sha256::digest(self.0)[..8])
    }
}

/// The one-time token that makes the first admin. It is written to a file so that it stays the
/// same over restarts until somebody used it.
pub struct SetupToken {
    text: String,
    path: PathBuf,
}

impl SetupToken {
    /// The token in this file, made when there is none.
    pub fn load_or_create(path: &Path) -> Result<Self, SecretError> {
        let text = match read(path)? {
            Some(text) if text.trim().len() >= 40 => text.trim().to_owned(),
            Some(_) => return Err(SecretError::Damaged { path: path.into() }),
            None => {
                let text = hex(&random::<20>());
                write_new(path, &text)?;
                text
            }
        };
        Ok(Self { text, path: path.into() })
    }

    /// The token, for the link that the server prints.
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// Whether this is the token; takes as long whatever is wrong with it.
    pub fn matches(&self, presented: &str) -> bool {
        self.text.as_bytes().ct_eq(presented.trim().as_bytes()).into()
    }

    /// Deletes the file: the token was used.
    pub fn discard(&self) -> Result<(), SecretError> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(SecretError::Io { path: self.path.clone(), source: error })
            }
            _ => Ok(()),
        }
    }
}

fn read(path: &Path) -> Result<Option<String>, SecretError> {
    let failed = |source| SecretError::Io { path: path.into(), source };
    let mut file = match OpenOptions::new().read(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    // A copy made by hand is often readable by all.
    let mut permissions = file.metadata().map_err(failed)?.permissions();
    if permissions.mode() & 0o077 != 0 {
        permissions.set_mode(0o600);
        file.set_permissions(permissions).map_err(failed)?;
    }
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(failed)?;
    Ok(Some(text))
}

/// Writes the whole file under another name first, so that a crash leaves no half of a secret.
fn write_new(path: &Path, text: &str) -> Result<(), SecretError> {
    let failed = |source| SecretError::Io { path: path.into(), source };
    let unfinished = path.with_extension("new");
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&unfinished)
        .map_err(failed)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
    fs::rename(&unfinished, path).map_err(failed)
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_readable_by_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("signing.key");
        let made = SigningKey::load_or_create(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert_eq!(SigningKey::load_or_create(&path).unwrap().bytes(), made.bytes());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn what_follows_from_a_key_is_the_same_each_time_and_not_the_key() {
        let key = SigningKey::generate();
        assert_eq!(key.derive("one"), key.derive("one"));
        assert_ne!(key.derive("one"), key.derive("other"));
        assert_ne!(key.derive("one"), SigningKey::generate().derive("one"));
        assert_ne!(key.derive("one"), key.bytes());
    }

    #[test]
    fn a_damaged_key_is_said_to_be_damaged() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("signing.key");
        fs::write(&path, "half a k").unwrap();
        assert!(matches!(SigningKey::load_or_create(&path), Err(SecretError::Damaged { .. })));
    }

    #[test]
    fn a_setup_token_stays_the_same_until_it_is_discarded() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("setup-token");
        let token = SetupToken::load_or_create(&path).unwrap();
        assert_eq!(token.reveal().len(), 40);
        assert!(SetupToken::load_or_create(&path).unwrap().matches(token.reveal()));
        assert!(!token.matches("") && !token.matches(&token.reveal()[1..]));
        token.discard().unwrap();
        token.discard().unwrap();
        assert!(!SetupToken::load_or_create(&path).unwrap().matches(token.reveal()));
    }
}
