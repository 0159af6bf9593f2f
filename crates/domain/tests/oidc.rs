//! Signing in at an identity provider, on a real store, with a provider that says what it is told to.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod common;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use common::{Chat, POLICY, cheap_hasher, form, password};
use parlor_domain::{
    Accounts, Actor, Administrator, Authenticated, BanReason, Clock, Email, Grant, Identity, MessageFate,
    OidcDeparture, OidcError, OidcFailure, OidcHandshake, OidcPolicy, OidcProfile, OidcProvider, OidcReturn,
    OidcSignUp, PasswordError, RegisterError, Registration, RegistrationPolicy, Role, SessionKind, SignIn,
    SignInError, SignedIn, Timestamp, TotpError, User,
};
use parlor_security::{SigningKey, Tokens};

const ISSUER: &str = "https://id.example.org";

/// A provider that vouches for whomever it is told to, for a code that is its handshake's nonce.
#[derive(Default)]
struct Stub(Mutex<Option<OidcProfile>>);

#[async_trait]
impl OidcProvider for Stub {
    async fn authorize_url(&self, handshake: &OidcHandshake, fresh: bool) -> Result<String, OidcFailure> {
        Ok(format!("{} {} {fresh}", handshake.state, handshake.nonce))
    }

    async fn redeem(
        &self,
        code: &str,
        handshake: &OidcHandshake,
        _: Timestamp,
    ) -> Result<OidcProfile, OidcFailure> {
        assert_eq!(code, handshake.nonce);
        self.0.lock().unwrap().clone().ok_or_else(|| OidcFailure::Refused("nobody".into()))
    }
}

struct World {
    chat: Chat,
    accounts: Accounts,
    provider: Arc<Stub>,
}

fn ana() -> OidcProfile {
    OidcProfile {
        identity: Identity { issuer: ISSUER.into(), subject: "ana's".into() },
        username: Some("Ana.Pop".into()),
        name: Some("Ana Pop".into()),
        email: Email::parse("ana@example.org").ok(),
        email_verified: true,
        authenticated_at: None,
        admin: None,
    }
}

impl World {
    async fn new() -> Self {
        Self::with(OidcSignUp::Policy, RegistrationPolicy::Open).await
    }

    async fn with(sign_up: OidcSignUp, registration: RegistrationPolicy) -> Self {
        let chat = Chat::new().await;
        let provider = Arc::new(Stub::default());
        let tokens = Arc::new(Tokens::new(&SigningKey::generate(), "test", Duration::from_mins(5)));
        let policy = parlor_domain::AccountsPolicy { registration, ..POLICY };
        let accounts = Accounts::new(
            chat.store.clone(),
            cheap_hasher(),
            tokens,
            chat.clock.clone(),
            chat.ids.clone(),
            policy,
        );
        let policy =
            OidcPolicy { name: "Example".into(), issuer: ISSUER.into(), sign_up, email_domains: Vec::new() };
        let accounts = accounts.with_oidc(provider.clone(), policy);
        Self { chat, accounts, provider }
    }

    fn vouches_for(&self, profile: &OidcProfile) {
        *self.provider.0.lock().unwrap() = Some(profile.clone());
    }

    async fn come(&self, profile: &OidcProfile) -> Result<SignedIn, OidcError> {
        self.vouches_for(profile);
        let back = back(&self.accounts.begin_oidc().await?);
        let arrival = self.accounts.arrive_by_oidc(&back, None).await?;
        self.accounts.enter_by_oidc(arrival, &SessionKind::Token.into()).await
    }

    /// Somebody who signed up with a password just now.
    async fn member(&self, registration: &Registration) -> (User, Authenticated) {
        let made = self.accounts.register(registration, &SessionKind::Token.into()).await.unwrap();
        let who = authenticated(&made);
        (made.user, who)
    }

    async fn link(&self, who: &Authenticated, profile: &OidcProfile) -> Result<(), OidcError> {
        self.vouches_for(profile);
        let back = back(&self.accounts.begin_oidc_link(who).await?);
        self.accounts.link_oidc(who, &back, None).await.map(drop)
    }
}

fn authenticated(signed_in: &SignedIn) -> Authenticated {
    let actor = Actor { user: signed_in.user.id, role: signed_in.user.role };
    Authenticated { actor, session: signed_in.session, grant: Grant::Everything }
}

fn back(departure: &OidcDeparture) -> OidcReturn {
    let mut parts = departure.url.split(' ').map(str::to_owned);
    let (state, code) = (parts.next().unwrap(), parts.next().unwrap());
    OidcReturn { secret: departure.secret.clone(), state, code, totp: None }
}

#[tokio::test]
async fn somebody_new_gets_an_account_and_the_next_time_the_same_one() {
    let world = World::new().await;
    let first = world.come(&ana()).await.unwrap();
    let user = &first.user;
    assert_eq!((user.username.as_str(), user.name.as_str(), user.role), ("ana.pop", "Ana Pop", Role::User));
    assert_eq!(user.verified_email().map(Email::as_str), Some("ana@example.org"));
    assert!(first.secrets.password.is_none() && first.secrets.recovery_codes.is_empty());
    assert_eq!(world.accounts.count_recovery_codes(user.id).await.unwrap(), 0);
    // What the provider calls them by now changes nothing.
    let renamed = OidcProfile { username: Some("other".into()), email: None, ..ana() };
    let again = world.come(&renamed).await.unwrap();
    assert_eq!((again.user.id, again.user.username.as_str()), (user.id, "ana.pop"));
    let who = authenticated(&again);
    assert_eq!(world.accounts.by_session(again.session).await.unwrap().unwrap().actor, who.actor);
}

#[tokio::test]
async fn a_username_that_is_taken_gets_a_number() {
    let world = World::new().await;
    world.member(&form("ana.pop")).await;
    assert_eq!(world.come(&ana()).await.unwrap().user.username.as_str(), "ana.pop2");
}

#[tokio::test]
async fn an_account_is_never_found_by_its_address() {
    let world = World::new().await;
    let with_email = Registration { email: Some("ana@example.org".into()), ..form("ana") };
    let (ana_here, who) = world.member(&with_email).await;
    assert!(matches!(world.come(&ana()).await, Err(OidcError::AccountExists)));
    // One that the provider does not vouch for tells nothing, and is left out.
    let unproved = OidcProfile { email_verified: false, ..ana() };
    let stranger = world.come(&unproved).await.unwrap().user;
    assert_ne!(stranger.id, ana_here.id);
    assert_eq!(stranger.email, None);
    // The way is to sign in and link.
    let other = Identity { subject: "another".into(), ..ana().identity };
    let other = OidcProfile { identity: other, ..ana() };
    world.link(&who, &other).await.unwrap();
    assert_eq!(world.come(&other).await.unwrap().user.id, ana_here.id);
}

#[tokio::test]
async fn an_address_that_is_not_vouched_for_is_not_proved() {
    let world = World::new().await;
    let user = world.come(&OidcProfile { email_verified: false, ..ana() }).await.unwrap().user;
    assert_eq!(
        (user.email.as_ref().map(Email::as_str), user.email_verified),
        (Some("ana@example.org"), false)
    );
}

#[tokio::test]
async fn a_return_is_good_once_in_time_and_in_the_browser_that_left() {
    let world = World::new().await;
    world.vouches_for(&ana());
    let (one, other) =
        (world.accounts.begin_oidc().await.unwrap(), world.accounts.begin_oidc().await.unwrap());
    assert!(one.url.ends_with("false"));
    let mixed = OidcReturn { secret: back(&other).secret, ..back(&one) };
    let nothing = OidcReturn { secret: String::new(), ..back(&one) };
    for wrong in [mixed, nothing] {
        let refused = world.accounts.arrive_by_oidc(&wrong, None).await;
        assert!(matches!(refused, Err(OidcError::Strayed)), "{refused:?}");
    }
    assert!(world.accounts.arrive_by_oidc(&back(&one), None).await.is_ok());
    let again = world.accounts.arrive_by_oidc(&back(&one), None).await;
    assert!(matches!(again, Err(OidcError::Strayed)));
    world.chat.clock.pass(Duration::from_mins(10));
    let late = world.accounts.arrive_by_oidc(&back(&other), None).await;
    assert!(matches!(late, Err(OidcError::Strayed)));
}

#[tokio::test]
async fn what_was_begun_for_one_thing_is_no_good_for_another() {
    let world = World::new().await;
    let (_, who) = world.member(&form("ana")).await;
    let (_, ben) = world.member(&form("ben")).await;
    world.vouches_for(&ana());
    let sign_in = back(&world.accounts.begin_oidc().await.unwrap());
    assert!(matches!(world.accounts.link_oidc(&who, &sign_in, None).await, Err(OidcError::Strayed)));
    let link = back(&world.accounts.begin_oidc_link(&who).await.unwrap());
    assert!(matches!(world.accounts.arrive_by_oidc(&link, None).await, Err(OidcError::Strayed)));
    let link = back(&world.accounts.begin_oidc_link(&who).await.unwrap());
    assert!(matches!(world.accounts.link_oidc(&ben, &link, None).await, Err(OidcError::Strayed)));
}

#[tokio::test]
async fn who_gets_an_account_follows_the_policy_or_the_rule_of_its_own() {
    let closed = World::with(OidcSignUp::Policy, RegistrationPolicy::Closed).await;
    assert!(matches!(closed.come(&ana()).await, Err(OidcError::Register(RegisterError::Closed))));
    let invited = World::with(OidcSignUp::Policy, RegistrationPolicy::Invite).await;
    assert!(matches!(invited.come(&ana()).await, Err(OidcError::Register(RegisterError::InviteRequired))));
    let always = World::with(OidcSignUp::Always, RegistrationPolicy::Closed).await;
    always.come(&ana()).await.unwrap();
    let never = World::with(OidcSignUp::Never, RegistrationPolicy::Open).await;
    assert!(matches!(never.come(&ana()).await, Err(OidcError::Register(RegisterError::Closed))));
    // Those who have an account sign in all the same.
    let (user, who) = never.member(&form("ana")).await;
    never.link(&who, &ana()).await.unwrap();
    assert_eq!(never.come(&ana()).await.unwrap().user.id, user.id);
}

#[tokio::test]
async fn an_identity_is_linked_with_one_account_after_the_password() {
    let world = World::new().await;
    let (_, who) = world.member(&form("ana")).await;
    let (_, ben) = world.member(&form("ben")).await;
    world.link(&who, &ana()).await.unwrap();
    assert!(matches!(world.link(&ben, &ana()).await, Err(OidcError::LinkedElsewhere)));
    assert!(matches!(world.link(&who, &ana()).await, Err(OidcError::AlreadyLinked)));
    let methods = world.accounts.sign_in_methods(who.actor.user).await.unwrap();
    assert!(methods.has_password);
    assert_eq!(methods.identity.unwrap().label, "ana@example.org");
    world.chat.clock.pass(Duration::from_mins(11));
    assert!(matches!(world.accounts.begin_oidc_link(&ben).await, Err(OidcError::Unconfirmed)));
    assert!(matches!(world.accounts.unlink_oidc(&who, None).await, Err(OidcError::Unconfirmed)));
    world.accounts.confirm(&who, &password("ana")).await.unwrap();
    world.accounts.unlink_oidc(&who, None).await.unwrap();
    assert!(matches!(world.accounts.unlink_oidc(&who, None).await, Err(OidcError::NotLinked)));
    // Nobody has it now, so that it is somebody new.
    assert_ne!(world.come(&ana()).await.unwrap().user.id, who.actor.user);
}

#[tokio::test]
async fn without_a_password_one_proves_oneself_at_the_provider_and_may_choose_one() {
    let world = World::new().await;
    let signed_in = world.come(&ana()).await.unwrap();
    let who = authenticated(&signed_in);
    let guess = SignIn {
        login: "ana.pop".into(),
        password: String::new(),
        new_password: None,
        totp: None,
        role: None,
        session: SessionKind::Token.into(),
    };
    assert!(matches!(world.accounts.sign_in(&guess).await, Err(SignInError::WrongCredentials)));
    assert!(matches!(world.accounts.confirm(&who, "").await, Err(PasswordError::Wrong)));
    assert!(matches!(world.accounts.unlink_oidc(&who, None).await, Err(OidcError::PasswordFirst)));
    world.chat.clock.pass(Duration::from_mins(20));
    let chosen = "eight green lanterns";
    let unproved = world.accounts.change_password(&who, None, chosen, None).await;
    assert!(matches!(unproved, Err(PasswordError::Unconfirmed)));

    let confirm = async |profile: OidcProfile| {
        world.vouches_for(&profile);
        let departure = world.accounts.begin_oidc_confirmation(&who).await.unwrap();
        assert!(departure.url.ends_with("true"), "the provider is to ask");
        world.accounts.confirm_by_oidc(&who, &back(&departure)).await.map(drop)
    };
    let at = |before: Duration| Some(world.chat.clock.now().minus(before));
    let long_ago = OidcProfile { authenticated_at: at(Duration::from_mins(5)), ..ana() };
    assert!(matches!(confirm(long_ago).await, Err(OidcError::NotFresh)));
    assert!(matches!(confirm(ana()).await, Err(OidcError::NotFresh)));
    let somebody = Identity { subject: "somebody".into(), ..ana().identity };
    let somebody = OidcProfile { identity: somebody, authenticated_at: at(Duration::ZERO), ..ana() };
    assert!(matches!(confirm(somebody).await, Err(OidcError::AnotherPerson)));
    assert!(!world.accounts.is_confirmed(who.session).await.unwrap());
    confirm(OidcProfile { authenticated_at: at(Duration::ZERO), ..ana() }).await.unwrap();
    assert!(world.accounts.is_confirmed(who.session).await.unwrap());

    world.accounts.change_password(&who, None, chosen, None).await.unwrap();
    let again = world.accounts.change_password(&who, None, "another good one", None).await;
    assert!(matches!(again, Err(PasswordError::Wrong)), "the first one is chosen once");
    world.accounts.sign_in(&SignIn { password: chosen.into(), ..guess }).await.unwrap();
    world.accounts.unlink_oidc(&who, None).await.unwrap();
}

#[tokio::test]
async fn an_admin_is_who_the_provider_says_but_the_last_one_stays() {
    let world = World::new().await;
    let as_admin = |admin: bool| OidcProfile { admin: Some(admin), ..ana() };
    let first = world.come(&as_admin(true)).await.unwrap();
    assert_eq!(first.user.role, Role::Admin);
    assert_eq!(world.come(&as_admin(false)).await.unwrap().user.role, Role::Admin, "nobody else is one");
    world.accounts.create_admin(&form("chief")).await.unwrap();
    assert_eq!(world.come(&as_admin(false)).await.unwrap().user.role, Role::User);
    let known = world.accounts.by_session(first.session).await.unwrap().unwrap();
    assert_eq!(known.actor.role, Role::User, "it counts wherever they are signed in");
    // Where nothing is asked, nothing changes.
    world.come(&as_admin(true)).await.unwrap();
    assert_eq!(world.come(&ana()).await.unwrap().user.role, Role::Admin);
}

#[tokio::test]
async fn the_provider_is_no_way_around_a_second_factor() {
    let world = World::new().await;
    let without = authenticated(&world.come(&ana()).await.unwrap());
    let refused = world.accounts.begin_totp(&without).await;
    assert!(matches!(refused, Err(TotpError::PasswordFirst)));
    let (_, who) = world.member(&form("ben")).await;
    let ben = OidcProfile { identity: Identity { subject: "ben".into(), ..ana().identity }, ..ana() };
    world.link(&who, &ben).await.unwrap();
    world.come(&ben).await.unwrap();
    let app = totp_rs::Totp::from_url(world.accounts.begin_totp(&who).await.unwrap()).unwrap();
    let seconds = u64::try_from(world.chat.clock.now().as_millis() / 1_000).unwrap();
    world.accounts.enable_totp(&who, &app.generate(seconds).to_string(), None).await.unwrap();
    assert!(matches!(world.come(&ben).await, Err(OidcError::SecondFactor(SignInError::TotpRequired))));
}

#[tokio::test]
async fn who_is_banned_is_told_so_and_a_deleted_account_is_nobodys() {
    let world = World::new().await;
    world.accounts.create_admin(&form("chief")).await.unwrap();
    let user = world.come(&ana()).await.unwrap().user;
    let operator = Administrator::Operator;
    let until = Some(world.chat.clock.now().plus(Duration::from_hours(1)));
    world
        .chat
        .administration
        .ban(&operator, user.id, BanReason::parse("spam").unwrap(), until)
        .await
        .unwrap();
    assert!(matches!(world.come(&ana()).await, Err(OidcError::Banned(ban)) if ban.user == user.id));
    world.chat.clock.pass(Duration::from_hours(1));
    assert!(world.come(&ana()).await.is_ok());
    world.chat.administration.delete_account(&operator, user.id, MessageFate::Keep).await.unwrap();
    assert_ne!(world.come(&ana()).await.unwrap().user.id, user.id);
}
