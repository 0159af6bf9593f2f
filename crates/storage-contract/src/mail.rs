use parlor_domain::{Email, Errand, Login, MailId, TokenHash, User, WaitingMail};

use crate::world::{NOW, Outcome, World, later};

impl World {
    /// An e-mail that is due so many milliseconds later.
    async fn waiting(&self, errand: Errand, millis: i64) -> Outcome<WaitingMail> {
        let id = MailId::from_uuid(self.id());
        let mail = WaitingMail { id, errand, created_at: NOW, due_at: later(millis), tries: 0 };
        let mut work = self.store.begin().await?;
        work.insert_mail(&mail).await?;
        work.commit().await?;
        Ok(mail)
    }

    async fn take(&self, now: i64, until: i64, limit: u32) -> Outcome<Vec<WaitingMail>> {
        let mut work = self.store.begin().await?;
        let mut taken = work.take_due_mails(later(now), later(until), limit).await?;
        work.commit().await?;
        taken.sort_by_key(|mail| mail.created_at);
        Ok(taken)
    }
}

pub(crate) async fn an_email_is_taken_when_it_is_due_and_by_one(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    let address = Email::parse("ana@example.org")?;
    let errands = [
        Errand::RecoveryLink(Login::parse("USR000007").ok_or("login")?),
        Errand::RecoveryLink(Login::parse("ben@example.org").ok_or("login")?),
        Errand::Verification(ana.id, address.clone()),
        Errand::PasswordChanged(ana.id, address.clone()),
        Errand::PasswordRecovered(ana.id, address.clone()),
        Errand::TotpEnabled(ana.id, address.clone()),
        Errand::TotpDisabled(ana.id, address),
    ];
    for (number, errand) in (0..).zip(&errands) {
        let mail = world.waiting(errand.clone(), number).await?;
        assert!(!world.store.is_mail_due(later(number - 1)).await?);
        assert!(world.store.is_mail_due(later(number)).await?);
        assert_eq!(
            world.take(number, 100, 10).await?,
            [WaitingMail { due_at: later(100), tries: 1, ..mail }]
        );
    }
    assert_eq!(world.store.count_mails().await?, 7);
    assert_eq!(world.take(99, 200, 10).await?, []);
    assert_eq!(world.take(100, 200, 3).await?.len(), 3);
    let rest = world.take(100, 200, 9).await?;
    assert_eq!(rest.iter().map(|mail| mail.tries).collect::<Vec<_>>(), [2; 4]);
    Ok(())
}

pub(crate) async fn an_email_is_postponed_and_taken_away(world: World) -> Outcome {
    let errand = Errand::RecoveryLink(Login::parse("ana").ok_or("login")?);
    let (one, other) = (world.waiting(errand.clone(), 1).await?, world.waiting(errand, 1).await?);
    let mut work = world.store.begin().await?;
    work.postpone_mail(one.id, later(7)).await?;
    work.delete_mail(other.id).await?;
    work.commit().await?;
    assert!(!world.store.is_mail_due(later(6)).await?);
    assert_eq!(world.take(7, 9, 10).await?, [WaitingMail { due_at: later(9), tries: 1, ..one }]);
    Ok(())
}

pub(crate) async fn an_address_is_proved_by_the_last_link_and_once(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let address = Email::parse("ana@example.org")?;
    let links = [TokenHash::from_bytes([1; 32]), TokenHash::from_bytes([2; 32])];
    let mut work = world.store.begin().await?;
    for link in &links {
        work.replace_verification(ana.id, &address, link, later(9)).await?;
    }
    work.commit().await?;
    assert_eq!(world.store.verification(&links[0], NOW).await?, None);
    assert_eq!(world.store.verification(&links[1], later(8)).await?, Some((ana.id, address)));
    assert_eq!(world.store.verification(&links[1], later(9)).await?, None);
    let mut work = world.store.begin().await?;
    let used = [
        work.use_verification(ben.id, &links[1]).await?,
        work.use_verification(ana.id, &links[0]).await?,
        work.use_verification(ana.id, &links[1]).await?,
        work.use_verification(ana.id, &links[1]).await?,
    ];
    work.update_user(&User { email_verified: true, ..ana.clone() }).await?;
    work.commit().await?;
    assert_eq!(used, [false, false, true, false]);
    assert!(world.store.user(ana.id).await?.ok_or("nobody")?.email_verified);
    assert!(!world.store.user(ben.id).await?.ok_or("nobody")?.email_verified);
    Ok(())
}
