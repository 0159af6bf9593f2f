use std::time::Duration;

use parlor_domain::{
    Device, Grant, RefreshToken, Session, SessionId, SessionKind, SessionPolicy, TokenHash, UniqueKey, User,
};

use crate::world::{NOW, Outcome, World, conflict, later};

const fn hash(byte: u8) -> TokenHash {
    TokenHash::from_bytes([byte; 32])
}

impl World {
    pub(crate) fn session(&self, user: &User, cookie: Option<TokenHash>) -> Session {
        Session {
            id: SessionId::from_uuid(self.id()),
            user: user.id,
            kind: if cookie.is_some() { SessionKind::Cookie } else { SessionKind::Token },
            secret: cookie,
            grant: Grant::Everything,
            remember: cookie.is_some(),
            created_at: NOW,
            last_used_at: NOW,
            confirmed_at: NOW,
            device: Device::new("Browser/1.0", cookie.map(|_| [127, 0, 0, 1].into())),
        }
    }

    pub(crate) async fn begin_session(&self, session: &Session) -> Result<(), parlor_domain::StoreError> {
        let mut work = self.store.begin().await?;
        work.insert_session(session).await?;
        work.commit().await
    }

    async fn issue(&self, token: &RefreshToken) -> Result<(), parlor_domain::StoreError> {
        let mut work = self.store.begin().await?;
        work.insert_refresh_token(token).await?;
        work.commit().await
    }
}

fn token(hash: TokenHash, session: &Session) -> RefreshToken {
    RefreshToken { hash, session: session.id, issued_at: NOW, successor: None, revoked: false }
}

pub(crate) async fn a_session_is_found_by_id_and_by_its_secret(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    let browser = world.session(&ana, Some(hash(1)));
    let program = world.session(&ana, None);
    world.begin_session(&browser).await?;
    world.begin_session(&program).await?;
    assert_eq!(world.store.session(browser.id).await?, Some(browser.clone()));
    assert_eq!(world.store.session(program.id).await?, Some(program));
    assert_eq!(world.store.session_by_secret(&hash(1)).await?, Some(browser));
    assert_eq!(world.store.session_by_secret(&hash(2)).await?, None);
    assert_eq!(world.store.session(SessionId::from_uuid(world.id())).await?, None);
    Ok(())
}

pub(crate) async fn sessions_are_listed_newest_first(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let old = world.session(&ana, None);
    let new = Session { created_at: later(10), last_used_at: later(10), ..world.session(&ana, None) };
    let other = world.session(&ben, None);
    for session in [&new, &other, &old] {
        world.begin_session(session).await?;
    }
    assert_eq!(world.store.sessions_of(ana.id).await?, [new, old]);
    Ok(())
}

pub(crate) async fn a_cookie_belongs_to_one_session(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    world.begin_session(&world.session(&ana, Some(hash(1)))).await?;
    assert_eq!(
        conflict(&world.begin_session(&world.session(&ana, Some(hash(1)))).await),
        Some(UniqueKey::Other)
    );
    Ok(())
}

pub(crate) async fn sessions_are_touched_and_never_back(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    let (one, other) = (world.session(&ana, None), world.session(&ana, None));
    world.begin_session(&one).await?;
    world.begin_session(&other).await?;
    for (used, expected) in [(5, 5), (3, 5), (7, 7)] {
        let mut work = world.store.begin().await?;
        work.touch_sessions(&[
            (one.id, later(used)),
            (one.id, later(used - 1)),
            (SessionId::from_uuid(world.id()), NOW),
        ])
        .await?;
        work.commit().await?;
        let found = world.store.session(one.id).await?.ok_or("no session")?;
        assert_eq!(found, Session { last_used_at: later(expected), ..one.clone() });
    }
    assert_eq!(world.store.session(other.id).await?, Some(other));
    Ok(())
}

pub(crate) async fn ended_sessions_take_their_refresh_tokens_along(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    let (one, other) = (world.session(&ana, None), world.session(&ana, None));
    for (session, byte) in [(&one, 1), (&other, 2)] {
        world.begin_session(session).await?;
        world.issue(&token(hash(byte), session)).await?;
    }
    let mut work = world.store.begin().await?;
    work.delete_sessions(&[one.id, SessionId::from_uuid(world.id())]).await?;
    work.delete_sessions(&[]).await?;
    work.commit().await?;
    assert_eq!(world.store.session(one.id).await?, None);
    assert_eq!(world.store.refresh_token(&hash(1)).await?, None);
    assert_eq!(world.store.sessions_of(ana.id).await?, [other]);
    assert!(world.store.refresh_token(&hash(2)).await?.is_some());
    Ok(())
}

pub(crate) async fn a_refresh_token_keeps_its_successor(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    let session = world.session(&ana, None);
    world.begin_session(&session).await?;
    let first = token(hash(1), &session);
    world.issue(&first).await?;
    world.issue(&token(hash(2), &session)).await?;
    assert_eq!(world.store.refresh_token(&hash(1)).await?, Some(first.clone()));
    for changed in
        [RefreshToken { successor: Some(hash(2)), ..first.clone() }, RefreshToken { revoked: true, ..first }]
    {
        let mut work = world.store.begin().await?;
        work.update_refresh_token(&changed).await?;
        work.commit().await?;
        assert_eq!(world.store.refresh_token(&hash(1)).await?, Some(changed));
    }
    assert_eq!(world.store.refresh_token(&hash(2)).await?, Some(token(hash(2), &session)));
    Ok(())
}

pub(crate) async fn a_refresh_token_is_issued_once(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    let session = world.session(&ana, None);
    world.begin_session(&session).await?;
    world.issue(&token(hash(1), &session)).await?;
    assert_eq!(conflict(&world.issue(&token(hash(1), &session)).await), Some(UniqueKey::Other));
    Ok(())
}

pub(crate) async fn sessions_that_ended_are_told_from_those_that_live(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    let [living, ended] = [world.session(&ana, None), world.session(&ana, None)];
    world.begin_session(&living).await?;
    world.begin_session(&ended).await?;
    let mut work = world.store.begin().await?;
    work.delete_sessions(&[ended.id]).await?;
    work.commit().await?;
    assert_eq!(world.store.ended_sessions(&[living.id, ended.id]).await?, [ended.id]);
    assert_eq!(world.store.ended_sessions(&[]).await?, []);
    Ok(())
}

pub(crate) async fn sessions_that_are_over_are_deleted_and_no_others(world: World) -> Outcome {
    let policy = SessionPolicy {
        idle: Duration::from_millis(10),
        remember: Duration::from_millis(30),
        absolute: Duration::from_millis(100),
    };
    let ana = world.user("ana").await?;
    let mut all = Vec::new();
    for remember in [false, true] {
        for (begun, used) in
            [(0, 0), (0, 69), (0, 70), (0, 71), (0, 89), (0, 90), (0, 91), (0, 100), (1, 100), (95, 95)]
        {
            all.push(Session {
                remember,
                created_at: later(begun),
                last_used_at: later(used),
                ..world.session(&ana, None)
            });
        }
    }
    for (at, session) in (1..).zip(&all) {
        world.begin_session(session).await?;
        world.issue(&token(hash(at), session)).await?;
    }
    let (of_program, _) = world.give_token(&ana, "robot", Some(later(1))).await?;
    let moment = later(100);
    let (over, alive): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|session| session.is_expired(&policy, moment));
    assert!(!over.is_empty() && !alive.is_empty());
    let mut work = world.store.begin().await?;
    assert_eq!(work.delete_expired_sessions(&policy, moment, 3).await?, 3);
    let rest = u64::try_from(over.len())? - 3;
    assert_eq!(work.delete_expired_sessions(&policy, moment, 100).await?, rest);
    assert_eq!(work.delete_expired_sessions(&policy, moment, 100).await?, 0);
    work.commit().await?;
    for session in over {
        assert_eq!(world.store.session(session.id).await?, None);
    }
    let mut tokens = 0;
    for at in 1..=20 {
        tokens += usize::from(world.store.refresh_token(&hash(at)).await?.is_some());
    }
    assert_eq!(tokens, alive.len());
    for session in alive {
        assert_eq!(world.store.session(session.id).await?, Some(session));
    }
    assert!(world.store.session(of_program.id).await?.is_some(), "its owner sees it until they delete it");
    Ok(())
}

pub(crate) async fn a_renewed_session_has_another_cookie_and_no_old_refresh_token(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    let (browser, program) = (world.session(&ana, Some(hash(1))), world.session(&ana, None));
    world.begin_session(&browser).await?;
    world.begin_session(&program).await?;
    world.issue(&token(hash(2), &program)).await?;
    let renewed = Session { secret: Some(hash(3)), confirmed_at: later(5), ..browser };
    let mut work = world.store.begin().await?;
    work.renew_session(&renewed).await?;
    work.renew_session(&Session { confirmed_at: later(6), ..program.clone() }).await?;
    work.commit().await?;
    assert_eq!(world.store.session_by_secret(&hash(1)).await?, None);
    assert_eq!(world.store.session_by_secret(&hash(3)).await?, Some(renewed));
    assert_eq!(world.store.refresh_token(&hash(2)).await?, None);
    assert_eq!(world.store.session(program.id).await?.map(|session| session.confirmed_at), Some(later(6)));
    Ok(())
}
