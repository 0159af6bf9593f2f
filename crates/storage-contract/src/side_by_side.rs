//! The use cases as several nodes run them on one store, and what they need from around them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use parlor_domain::{
    AccessToken, Accounts, AccountsPolicy, ChangePolicy, Clock, Conversations, CursorMove, CursorQueue,
    Groups, GroupsPolicy, HashError, IdSource, Messaging, NewTotp, Password, PasswordHash, PasswordHasher,
    RecoveryCode, RegistrationPolicy, SealedElsewhere, SessionId, SessionPolicy, Timestamp, TokenHash,
    TokenIssuer, TotpSecret, UserId, Verdict,
};
use uuid::Uuid;

use crate::world::{NOW, Outcome, World};

/// Time that stands still, ids that count, and passwords and tokens that are no secret.
pub(crate) struct Around;

/// What the nodes have handed out, so that no two hand out the same.
static HANDED_OUT: AtomicU64 = AtomicU64::new(1);

impl Clock for Around {
    fn now(&self) -> Timestamp {
        NOW
    }
}

impl IdSource for Around {
    fn next_id(&self) -> Uuid {
        let number = u128::from(HANDED_OUT.fetch_add(1, Ordering::Relaxed));
        Uuid::from_u128(0x0191_0000_0000_7000_8000_0000_0000_0000 + number)
    }
}

#[async_trait]
impl PasswordHasher for Around {
    async fn hash(&self, password: &Password) -> Result<PasswordHash, HashError> {
        Ok(PasswordHash::from_phc(password.reveal().to_owned()))
    }

    async fn verify(&self, _: &Password, _: Option<&PasswordHash>) -> Result<Verdict, HashError> {
        Ok(Verdict::Match)
    }
}

impl TokenIssuer for Around {
    fn secret(&self) -> (String, TokenHash) {
        let secret = self.next_id().to_string();
        let hash = TokenIssuer::hash(self, &secret);
        (secret, hash)
    }

    fn hash(&self, secret: &str) -> TokenHash {
        let mut bytes = [0; 32];
        bytes.iter_mut().zip(secret.bytes().rev()).for_each(|(byte, sign)| *byte = sign);
        TokenHash::from_bytes(bytes)
    }

    fn password(&self) -> Password {
        Password::presented("never asked for").unwrap_or_else(|problem| panic!("{problem}"))
    }

    fn recovery_code(&self) -> RecoveryCode {
        // 24 of the id's digits, each of which is a letter that codes are made of.
        let digits = self.next_id().simple().to_string();
        RecoveryCode::parse(&digits[8..]).unwrap_or_else(|| RecoveryCode::from_random([0; 24]))
    }

    fn new_totp(&self, _: UserId, _: &str, _: &str) -> NewTotp {
        NewTotp { secret: TotpSecret::from_sealed(Vec::new()), uri: String::new() }
    }

    fn totp_step(
        &self,
        _: UserId,
        _: &TotpSecret,
        _: &str,
        _: Timestamp,
    ) -> Result<Option<u64>, SealedElsewhere> {
        Ok(None)
    }

    fn access_token(&self, _: UserId, _: SessionId, _: Timestamp) -> AccessToken {
        AccessToken { token: String::new(), expires_in: 1 }
    }

    fn read_access_token(&self, _: &str, _: Timestamp) -> Option<SessionId> {
        None
    }
}

#[async_trait]
impl CursorQueue for Around {
    fn push(&self, _: CursorMove) {}

    async fn settle(&self, _: UserId) {}
}

/// Each call makes another node on the same store.
impl World {
    pub(crate) fn accounts(&self) -> Arc<Accounts> {
        const YEAR: Duration = Duration::from_hours(8_760);
        let policy = AccountsPolicy {
            server_name: String::new(),
            registration: RegistrationPolicy::Open,
            password_min_characters: 8,
            sessions: SessionPolicy { idle: YEAR, remember: YEAR, absolute: YEAR },
            sends_mail: false,
        };
        let store = Arc::clone(&self.store);
        Arc::new(Accounts::new(
            store,
            Arc::new(Around),
            Arc::new(Around),
            Arc::new(Around),
            Arc::new(Around),
            policy,
        ))
    }

    pub(crate) fn groups(&self, max_members: u64) -> Arc<Groups> {
        let store = Arc::clone(&self.store);
        Arc::new(Groups::new(
            store,
            Arc::new(Around),
            Arc::new(Around),
            GroupsPolicy { max_members, notifications_kept: 300 },
        ))
    }

    pub(crate) fn messaging(&self) -> Arc<Messaging> {
        Arc::new(Messaging::new(
            Arc::clone(&self.store),
            Arc::new(Around),
            Arc::new(Around),
            ChangePolicy::default(),
        ))
    }

    pub(crate) fn conversations(&self) -> Arc<Conversations> {
        let store = Arc::clone(&self.store);
        Arc::new(Conversations::new(store, Arc::new(Around), Arc::new(Around), Arc::new(Around)))
    }
}

/// Runs all of these at the same time; what each of them answers, in their order.
pub(crate) async fn at_once<T, F>(runs: impl IntoIterator<Item = F>) -> Outcome<Vec<T>>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let running: Vec<_> = runs.into_iter().map(tokio::spawn).collect();
    let mut answers = Vec::with_capacity(running.len());
    for run in running {
        answers.push(run.await?);
    }
    Ok(answers)
}
