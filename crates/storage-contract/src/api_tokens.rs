use parlor_domain::{
    ApiToken, Grant, GroupId, MemberRole, PageSize, Scope, Scopes, Session, StoreError, Timestamp, TokenHash,
    TokenName, User,
};

use crate::world::{NOW, Outcome, World, later};

impl World {
    pub(crate) async fn give_token(
        &self,
        user: &User,
        name: &str,
        end: Option<Timestamp>,
    ) -> Result<(Session, ApiToken), StoreError> {
        let scopes = Scopes::of(&[Scope::Read, Scope::Admin]);
        let grant = Grant::Token { scopes, expires_at: end };
        let mut hash = [0; 32];
        hash[..name.len()].copy_from_slice(name.as_bytes());
        let secret = Some(TokenHash::from_bytes(hash));
        let session = Session { secret, grant, ..self.session(user, None) };
        let token = ApiToken {
            id: session.id,
            user: user.id,
            name: TokenName::from_stored(name.to_owned()),
            scopes,
            group: None,
            created_at: NOW,
            last_used_at: None,
            expires_at: end,
        };
        let mut work = self.store.begin().await?;
        work.insert_session(&session).await?;
        work.insert_api_token(&token).await?;
        work.commit().await?;
        Ok((session, token))
    }
}

pub(crate) async fn a_token_is_a_session_that_may_do_what_it_was_made_for(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    let person = world.session(&ana, None);
    let mut work = world.store.begin().await?;
    work.insert_session(&person).await?;
    work.commit().await?;
    let (session, token) = world.give_token(&ana, "robot", Some(later(9))).await?;
    assert_eq!(world.store.session(session.id).await?, Some(session.clone()));
    let secret = session.secret.unwrap_or(TokenHash::from_bytes([0; 32]));
    assert_eq!(world.store.session_by_secret(&secret).await?, Some(session));
    assert_eq!(world.store.api_token(token.id).await?, Some(token.clone()));
    assert_eq!(world.store.api_token(person.id).await?, None);
    let all = world.store.sessions_of(ana.id).await?;
    assert_eq!(all.iter().filter(|session| session.grant.is_token()).count(), 1);
    assert_eq!(all.len(), 2);
    let mut work = world.store.begin().await?;
    work.touch_sessions(&[(token.id, later(60_000))]).await?;
    work.commit().await?;
    let used = world.store.api_token(token.id).await?.and_then(|token| token.last_used_at);
    assert_eq!(used, Some(later(60_000)));
    Ok(())
}

pub(crate) async fn tokens_are_listed_newest_first_page_by_page(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let (_, first) = world.give_token(&ana, "one", None).await?;
    let (_, second) = world.give_token(&ben, "two", None).await?;
    let (_, third) = world.give_token(&ana, "three", Some(later(1))).await?;
    assert_eq!(world.store.api_tokens_of(ana.id).await?, [third.clone(), first.clone()]);
    let size = PageSize::new(2).unwrap_or_default();
    let page = world.store.api_tokens(None, size).await?;
    assert_eq!(page.items, [third, second.clone()]);
    assert_eq!(page.next, Some(second.id.to_string()));
    let rest = world.store.api_tokens(Some(second.id), size).await?;
    assert_eq!((rest.items, rest.next), (vec![first], None));
    Ok(())
}

pub(crate) async fn a_token_goes_with_its_session(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    let (_, token) = world.give_token(&ana, "robot", None).await?;
    let mut work = world.store.begin().await?;
    work.delete_sessions(&[token.id]).await?;
    work.commit().await?;
    assert_eq!(world.store.api_token(token.id).await?, None);
    assert_eq!(world.store.api_tokens_of(ana.id).await?, []);
    Ok(())
}

pub(crate) async fn an_incoming_webhook_is_a_session_that_posts_to_its_group(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    let group = GroupId::from(world.group("Tea", &[(&ana, MemberRole::Owner)]).await?);
    let grant = Grant::Webhook { group };
    let session = Session { grant, ..world.session(&ana, None) };
    let token = ApiToken {
        id: session.id,
        user: ana.id,
        name: TokenName::from_stored("alarms".to_owned()),
        scopes: Scopes::of(&[]),
        group: Some(group),
        created_at: NOW,
        last_used_at: None,
        expires_at: None,
    };
    let mut work = world.store.begin().await?;
    work.insert_session(&session).await?;
    work.insert_api_token(&token).await?;
    work.commit().await?;
    assert_eq!(world.store.session(session.id).await?, Some(session));
    assert_eq!(world.store.api_token(token.id).await?, Some(token));
    Ok(())
}
