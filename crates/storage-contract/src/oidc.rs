use parlor_domain::{
    Identity, LinkedIdentity, OidcAttempt, OidcPurpose, SessionId, StoreError, TokenHash, UniqueKey, User,
};

use crate::world::{NOW, Outcome, World, conflict, later};

const ISSUER: &str = "https://id.example.org";

fn identity(subject: &str) -> Identity {
    Identity { issuer: ISSUER.into(), subject: subject.into() }
}

impl World {
    async fn link(&self, user: &User, identity: Identity) -> Result<LinkedIdentity, StoreError> {
        let linked =
            LinkedIdentity { identity, user: user.id, label: user.username.to_string(), linked_at: NOW };
        let mut work = self.store.begin().await?;
        work.insert_identity(&linked).await?;
        work.commit().await?;
        Ok(linked)
    }

    /// A browser that leaves at `NOW` and so many milliseconds, for ten.
    async fn depart(&self, browser: u8, purpose: OidcPurpose, millis: i64) -> Outcome<OidcAttempt> {
        let browser = TokenHash::from_bytes([browser; 32]);
        let attempt = OidcAttempt { browser, purpose, until: later(millis + 10) };
        let mut work = self.store.begin().await?;
        work.insert_oidc_attempt(&attempt, later(millis)).await?;
        work.commit().await?;
        Ok(attempt)
    }

    async fn come_back(&self, browser: u8, millis: i64) -> Outcome<Option<OidcAttempt>> {
        let mut work = self.store.begin().await?;
        let taken = work.take_oidc_attempt(&TokenHash::from_bytes([browser; 32]), later(millis)).await?;
        work.commit().await?;
        Ok(taken)
    }
}

pub(crate) async fn an_identity_is_one_accounts_and_each_has_one_of_a_provider(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let linked = world.link(&ana, identity("a")).await?;
    assert_eq!(world.store.identity_owner(&identity("a")).await?, Some(ana.id));
    assert_eq!(world.store.identity_of(ana.id, ISSUER).await?, Some(linked));
    // Another person there, the same one elsewhere, and one in another case are others.
    let elsewhere = Identity { issuer: "https://other.example.org".into(), ..identity("a") };
    for other in [identity("b"), identity("A"), elsewhere.clone()] {
        assert_eq!(world.store.identity_owner(&other).await?, None, "{other:?}");
    }
    assert_eq!(world.store.identity_of(ben.id, ISSUER).await?, None);
    assert_eq!(conflict(&world.link(&ben, identity("a")).await), Some(UniqueKey::Other));
    assert_eq!(conflict(&world.link(&ana, identity("b")).await), Some(UniqueKey::Other));
    world.link(&ana, elsewhere).await?;

    let mut work = world.store.begin().await?;
    assert!(work.delete_identity(ana.id, ISSUER).await?);
    assert!(!work.delete_identity(ana.id, ISSUER).await?);
    work.commit().await?;
    assert_eq!(world.store.identity_owner(&identity("a")).await?, None);
    world.link(&ben, identity("a")).await?;
    Ok(())
}

pub(crate) async fn a_closed_account_leaves_its_identity_to_nobody(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    world.link(&ana, identity("a")).await?;
    let mut work = world.store.begin().await?;
    work.close_account(&ana, NOW).await?;
    work.commit().await?;
    assert_eq!(world.store.identity_owner(&identity("a")).await?, None);
    Ok(())
}

pub(crate) async fn a_browser_comes_back_once_and_in_time(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    let owes = world.depart(5, OidcPurpose::SecondFactor(ana.id), 0).await?;
    assert_eq!(world.come_back(5, 1).await?, Some(owes));
    let attempt = world.depart(1, OidcPurpose::SignIn, 0).await?;
    assert_eq!(world.come_back(2, 1).await?, None);
    assert_eq!(world.come_back(1, 9).await?, Some(attempt));
    assert_eq!(world.come_back(1, 9).await?, None);
    world.depart(3, OidcPurpose::SignIn, 0).await?;
    assert_eq!(world.come_back(3, 10).await?, None);
    // Those who are late are forgotten, so that the same secret could begin anew.
    world.depart(3, OidcPurpose::SignIn, 10).await?;
    assert!(world.come_back(3, 11).await?.is_some());
    Ok(())
}

pub(crate) async fn a_browser_that_left_from_a_session_does_not_outlive_it(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    let session = world.session(&ana, None);
    world.begin_session(&session).await?;
    let session = session.id;
    for (browser, purpose) in
        [(1, OidcPurpose::Link(ana.id, session)), (2, OidcPurpose::Confirm(ana.id, session))]
    {
        let attempt = world.depart(browser, purpose, 0).await?;
        assert_eq!(world.come_back(browser, 1).await?, Some(attempt));
        world.depart(browser, purpose, 0).await?;
    }
    let mut work = world.store.begin().await?;
    work.delete_sessions(&[session]).await?;
    work.commit().await?;
    assert_eq!((world.come_back(1, 1).await?, world.come_back(2, 1).await?), (None, None));
    let nobody = SessionId::from_uuid(world.id());
    assert!(world.depart(4, OidcPurpose::Link(ana.id, nobody), 0).await.is_err());
    Ok(())
}
