use std::collections::VecDeque;

use async_trait::async_trait;
use parlor_domain::{
    Clock, Event, EventPublisher, PushEndpoint, PushKeys, PushPolicy, PushReach, PushSender,
    PushSubscription, SessionId, SessionPolicy, Timestamp,
};
use parlor_storage_sqlite::SqliteStore;
use uuid::Uuid;

use super::*;

/// A push service that answers so, one after the other, and to nobody called zero.
#[derive(Default)]
struct Service {
    answers: Mutex<VecDeque<Result<(), PushFailure>>>,
    tries: Mutex<Vec<(UserId, Instant)>>,
}

struct Nothing;

impl EventPublisher for Nothing {
    fn publish(&self, _: Vec<Event>) {}
}

impl Clock for Nothing {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(0)
    }
}

#[async_trait]
impl PushSender for Service {
    fn public_key(&self) -> [u8; 65] {
        [4; 65]
    }

    async fn send(&self, to: &PushSubscription, _: &Push, _: Timestamp) -> Result<(), PushFailure> {
        self.tries.lock().unwrap().push((to.user, Instant::now()));
        if to.user == user(0) {
            std::future::pending::<()>().await;
        }
        self.answers.lock().unwrap().pop_front().unwrap_or(Ok(()))
    }
}

fn user(number: u128) -> UserId {
    UserId::from_uuid(Uuid::from_u128(number))
}

fn delivery(number: u128) -> PushDelivery {
    let to = PushSubscription {
        session: SessionId::from_uuid(Uuid::nil()),
        user: user(number),
        endpoint: PushEndpoint::parse("https://push.example/x", PushReach::World).unwrap(),
        keys: PushKeys::new(&[4; 65], &[0; 16]).unwrap(),
        created_at: Timestamp::from_millis(0),
    };
    let (at, words) = (Timestamp::from_millis(0), None);
    PushDelivery {
        to,
        push: Arc::new(Push { conversation: None, seq: None, thread: None, urgent: true, words, at }),
    }
}

async fn sending(answers: &[Result<(), PushFailure>]) -> (Sending, Arc<Service>) {
    let answers = Mutex::new(answers.iter().cloned().collect());
    let service = Arc::new(Service { answers, ..Service::default() });
    let store = SqliteStore::in_memory(Arc::new(Nothing)).await.unwrap().shared();
    let day = Duration::from_hours(24);
    let sessions = SessionPolicy { idle: day, remember: day, absolute: day };
    let policy = PushPolicy { enabled: true, reach: PushReach::World, sessions };
    let pushes = Pushes::new(store, Arc::new(Nothing), service.clone(), policy);
    // From here on time passes when nothing else happens.
    tokio::time::pause();
    (Sending::new(Arc::new(pushes)), service)
}

fn later(seconds: Option<u64>) -> Result<(), PushFailure> {
    Err(PushFailure::Later("503".into(), seconds.map(Duration::from_secs)))
}

/// When each try was made, in seconds after the beginning.
async fn tries(answers: &[Result<(), PushFailure>]) -> Vec<u64> {
    let (sending, service) = sending(answers).await;
    let begun = Instant::now();
    sending.begin(delivery(1));
    sending.finish(Duration::from_hours(24)).await;
    let tries = service.tries.lock().unwrap();
    tries.iter().map(|(_, at)| at.duration_since(begun).as_secs()).collect()
}

#[tokio::test]
async fn a_push_is_tried_again_when_the_service_says_and_else_after_a_pause() {
    assert_eq!(tries(&[later(Some(7)), later(None), Ok(())]).await, [0, 7, 15]);
}

#[tokio::test]
async fn it_is_tried_five_times_ever_more_slowly() {
    let answers = [later(None), later(None), later(None), later(None), later(None), later(None)];
    assert_eq!(tries(&answers).await, [0, 2, 10, 42, 170]);
}

#[tokio::test]
async fn what_is_refused_is_given_up() {
    assert_eq!(tries(&[Err(PushFailure::Refused("400".into()))]).await, [0]);
}

#[tokio::test]
async fn what_would_come_too_late_is_given_up() {
    assert_eq!(tries(&[later(Some(3_000)), later(Some(3_000))]).await, [0, 3_000]);
}

#[tokio::test]
async fn one_whose_address_never_answers_does_not_hold_the_others_up() {
    let (sending, service) = sending(&[]).await;
    for _ in 0..2 * AT_ONCE {
        sending.begin(delivery(0));
    }
    sending.begin(delivery(1));
    sending.finish(Duration::from_secs(1)).await;
    let tries = service.tries.lock().unwrap();
    assert!(tries.iter().any(|(to, _)| *to == user(1)));
    assert_eq!(tries.iter().filter(|(to, _)| *to == user(0)).count(), AT_ONCE_TO_ONE);
}

#[tokio::test]
async fn so_many_pushes_wait_and_no_more() {
    let (sending, _) = sending(&[]).await;
    for _ in 0..MOST + 5 {
        sending.begin(delivery(0));
    }
    assert_eq!(sending.tasks.len(), MOST);
}
