use std::sync::Arc;
use std::time::Duration;

use argon2::{Algorithm, Argon2, Params, Version};
use async_trait::async_trait;
use parlor_domain::{HashError, Password, PasswordHash, PasswordHasher, Verdict};
use password_hash::phc;
use password_hash::{PasswordHasher as _, PasswordVerifier as _};
use thiserror::Error;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

/// How many may wait for their turn to hash, beyond those that are hashing.
const WAITING_ROOM: usize = 32;

/// How long one may wait for a turn.
const PATIENCE: Duration = Duration::from_secs(2);

/// What one hash costs. The default is the minimum of OWASP's password storage cheat sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HashingCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub iterations: u32,
    /// Lanes.
    pub parallelism: u32,
}

impl Default for HashingCost {
    fn default() -> Self {
        Self { memory_kib: 19_456, iterations: 2, parallelism: 1 }
    }
}

/// A cost that Argon2 does not take.
#[derive(Debug, Error)]
#[error("these Argon2 parameters are not possible: {0}")]
pub struct InvalidCost(String);

/// Argon2id behind a bounded queue.
///
/// Each hash takes 19 MiB and some 15 ms of one core, so only as many as there are cores (at most
/// four) run at a time and only a few dozen wait; the others are told to come back. Without the
/// bound a flood of sign-ins would take gigabytes.
pub struct Argon2Hasher {
    argon2: Argon2<'static>,
    turns: Arc<Semaphore>,
    room: Arc<Semaphore>,
    /// Compared with when there is no such account, so that it takes as long.
    decoy: PasswordHash,
}

impl Argon2Hasher {
    /// A hasher at this cost.
    pub fn new(cost: HashingCost) -> Result<Self, InvalidCost> {
        let params = Params::new(cost.memory_kib, cost.iterations, cost.parallelism, None)
            .map_err(|error| InvalidCost(error.to_string()))?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        // Salt and hash of zeros: comparing with it costs the same, and making it costs nothing.
        let HashingCost { memory_kib, iterations, parallelism } = cost;
        let (salt, hash) = ("A".repeat(22), "A".repeat(43));
        let decoy = format!("$argon2id$v=19$m={memory_kib},t={iterations},p={parallelism}${salt}${hash}");
        let turns = std::thread::available_parallelism().map_or(1, usize::from).min(4);
        Ok(Self {
            argon2,
            turns: Arc::new(Semaphore::new(turns)),
            room: Arc::new(Semaphore::new(turns + WAITING_ROOM)),
            decoy: PasswordHash::from_phc(decoy),
        })
    }

    /// Does slow work in its turn, off the asynchronous threads.
    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Argon2<'static>) -> Result<T, password_hash::Error> + Send + 'static,
    ) -> Result<T, HashError> {
        let place = Arc::clone(&self.room).try_acquire_owned().map_err(|_| HashError::Busy)?;
        let turn =
            timeout(PATIENCE, Arc::clone(&self.turns).acquire_owned()).await.map_err(|_| HashError::Busy)?;
        let argon2 = self.argon2.clone();
        // The permits travel with the work: when the caller goes away, it still counts.
        let done = spawn_blocking(move || {
            let result = work(&argon2);
            drop((turn, place));
            result
        });
        done.await
            .map_err(|error| HashError::Broken(error.into()))?
            .map_err(|error| HashError::Broken(error.to_string().into()))
    }
}

fn hash_now(argon2: &Argon2<'static>, password: &str) -> Result<PasswordHash, password_hash::Error> {
    let hash: phc::PasswordHash = argon2.hash_password(password.as_bytes())?;
    Ok(PasswordHash::from_phc(hash.to_string()))
}

#[async_trait]
impl PasswordHasher for Argon2Hasher {
    async fn hash(&self, password: &Password) -> Result<PasswordHash, HashError> {
        let password = password.clone();
        self.in_turn(move |argon2| hash_now(argon2, password.reveal())).await
    }

    async fn verify(&self, password: &Password, hash: Option<&PasswordHash>) -> Result<Verdict, HashError> {
        let exists = hash.is_some();
        let (password, hash) = (password.clone(), hash.unwrap_or(&self.decoy).clone());
        self.in_turn(move |argon2| {
            let parsed =
                phc::PasswordHash::new(hash.as_phc()).map_err(|_| password_hash::Error::EncodingInvalid)?;
            match argon2.verify_password(password.reveal().as_bytes(), &parsed) {
                Ok(()) if !exists => Ok(Verdict::Mismatch),
                Ok(()) if is_outdated(argon2, &parsed) => Ok(Verdict::MatchOutdated),
                Ok(()) => Ok(Verdict::Match),
                Err(password_hash::Error::PasswordInvalid) => Ok(Verdict::Mismatch),
                Err(error) => Err(error),
            }
        })
        .await
    }
}

/// Whether the hash was made in another way than new ones are.
fn is_outdated(argon2: &Argon2<'static>, hash: &phc::PasswordHash) -> bool {
    let today = argon2.params();
    let same = Params::try_from(hash).is_ok_and(|then| {
        (then.m_cost(), then.t_cost(), then.p_cost()) == (today.m_cost(), today.t_cost(), today.p_cost())
    });
    hash.algorithm != Algorithm::Argon2id.ident() || !same
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: HashingCost = HashingCost { memory_kib: 64, iterations: 1, parallelism: 1 };

    fn password(text: &str) -> Password {
        Password::presented(text).unwrap()
    }

    #[tokio::test]
    async fn a_hash_names_its_algorithm_and_matches_only_its_password() {
        let hasher = Argon2Hasher::new(HashingCost::default()).unwrap();
        let hash = hasher.hash(&password("correct horse")).await.unwrap();
        assert!(hash.as_phc().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", hash.as_phc());
        assert_eq!(hasher.verify(&password("correct horse"), Some(&hash)).await.unwrap(), Verdict::Match);
        assert_eq!(hasher.verify(&password("battery staple"), Some(&hash)).await.unwrap(), Verdict::Mismatch);
    }

    #[tokio::test]
    async fn two_hashes_of_one_password_differ() {
        let hasher = Argon2Hasher::new(CHEAP).unwrap();
        let (one, other) =
            (hasher.hash(&password("same")).await.unwrap(), hasher.hash(&password("same")).await.unwrap());
        assert_ne!(one, other);
    }

    #[tokio::test]
    async fn a_hash_made_at_another_cost_is_outdated() {
        let old = Argon2Hasher::new(CHEAP).unwrap().hash(&password("same")).await.unwrap();
        let today = Argon2Hasher::new(HashingCost { iterations: 2, ..CHEAP }).unwrap();
        assert_eq!(today.verify(&password("same"), Some(&old)).await.unwrap(), Verdict::MatchOutdated);
    }

    #[tokio::test]
    async fn an_account_that_does_not_exist_never_matches() {
        // A decoy that could not be compared with would be an error instead.
        let hasher = Argon2Hasher::new(HashingCost::default()).unwrap();
        assert_eq!(hasher.verify(&password(""), None).await.unwrap(), Verdict::Mismatch);
    }

    #[tokio::test]
    async fn a_flood_is_turned_away_at_the_door() {
        let hasher = Arc::new(Argon2Hasher::new(CHEAP).unwrap());
        let _all_places = Arc::clone(&hasher.room)
            .acquire_many_owned(hasher.room.available_permits().try_into().unwrap())
            .await
            .unwrap();
        assert!(matches!(hasher.hash(&password("one more")).await, Err(HashError::Busy)));
    }
}
