use parlor_domain::{
    Account, AccountFilter, AccountOrder, AccountStanding, Ban, BanId, BanReason, PageSize, Role, Totp,
    TotpSecret, User, UserStatus,
};

use crate::world::{NOW, Outcome, World, later};

impl World {
    async fn change_user(&self, user: &User, change: impl FnOnce(&mut User)) -> Outcome<User> {
        let mut changed = user.clone();
        change(&mut changed);
        let mut work = self.store.begin().await?;
        work.update_user(&changed).await?;
        work.commit().await?;
        Ok(changed)
    }

    pub(crate) async fn shut_out(&self, user: &User, until: Option<i64>) -> Outcome<Ban> {
        let ban = Ban {
            id: BanId::from_uuid(self.id()),
            user: user.id,
            group: None,
            reason: BanReason::parse("spam")?,
            issued_by: None,
            issued_at: NOW,
            until: until.map(later),
            lifted_at: None,
        };
        let mut work = self.store.begin().await?;
        work.insert_ban(&ban).await?;
        work.commit().await?;
        Ok(ban)
    }

    async fn listed_accounts(&self, filter: &AccountFilter) -> Outcome<Vec<String>> {
        let page = self.store.list_accounts(filter, NOW, None, PageSize::default()).await?;
        Ok(page.items.iter().map(|account| account.user.username.to_string()).collect())
    }
}

pub(crate) async fn accounts_are_listed_by_what_is_asked_for(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user_with_email("ben", "ben@example.org").await?);
    let (eve, gone) = (world.user("eve").await?, world.user("gone").await?);
    let ana = world.change_user(&ana, |user| user.role = Role::Admin).await?;
    world.change_user(&gone, |user| user.status = UserStatus::Deleted).await?;
    world.shut_out(&ben, Some(-1)).await?;
    world.shut_out(&eve, Some(5)).await?;
    let lasting = world.shut_out(&eve, None).await?;
    let mut work = world.store.begin().await?;
    for _ in 0..2 {
        work.insert_session(&world.session(&ana, None)).await?;
    }
    let totp = Totp::begun(TotpSecret::from_sealed(vec![7; 48]));
    for (user, confirmed) in [(&ana, true), (&eve, false)] {
        work.put_totp(user.id, &Totp { confirmed, ..totp.clone() }).await?;
    }
    work.commit().await?;

    let all = AccountFilter::default();
    assert_eq!(world.listed_accounts(&all).await?, ["ana", "ben", "eve", "gone"]);
    let standing = |standing| AccountFilter { standing: Some(standing), ..all.clone() };
    assert_eq!(world.listed_accounts(&standing(AccountStanding::Active)).await?, ["ana", "ben"]);
    assert_eq!(world.listed_accounts(&standing(AccountStanding::Banned)).await?, ["eve"]);
    assert_eq!(world.listed_accounts(&standing(AccountStanding::Deleted)).await?, ["gone"]);
    let role = AccountFilter { role: Some(Role::Admin), ..all.clone() };
    assert_eq!(world.listed_accounts(&role).await?, ["ana"]);
    for (are, names) in [(true, ["ana", "eve"]), (false, ["ben", "gone"])] {
        let among = AccountFilter { among: Some((vec![ana.id, eve.id], are)), ..all.clone() };
        assert_eq!(world.listed_accounts(&among).await?, names);
    }
    let search = |text: &str| AccountFilter { search: Some(text.to_owned()), ..all.clone() };
    assert_eq!(world.listed_accounts(&search("EV")).await?, ["eve"]);
    assert_eq!(world.listed_accounts(&search("ben@")).await?, ["ben"]);
    assert_eq!(world.listed_accounts(&search("%")).await?, [""; 0]);

    let page = world.store.list_accounts(&all, NOW, None, PageSize::default()).await?;
    let anas = Account { user: ana, sessions: 2, totp: true, ban: None, erasing: false };
    assert_eq!(page.items[0], anas);
    let eves = Account { user: eve, sessions: 0, totp: false, ban: Some(lasting), erasing: false };
    assert_eq!(page.items[2], eves);
    Ok(())
}

pub(crate) async fn accounts_are_listed_in_every_order_page_by_page(world: World) -> Outcome {
    for name in ["ben", "ana", "eve"] {
        world.user(name).await?;
    }
    let eve = world.store.list_accounts(&AccountFilter::default(), NOW, None, PageSize::default()).await?;
    let eve = eve.items[2].user.id;
    let mut work = world.store.begin().await?;
    work.set_last_seen(&[(eve, later(-9))]).await?;
    work.commit().await?;
    for order in [AccountOrder::Username, AccountOrder::Created, AccountOrder::LastSeen] {
        for descending in [false, true] {
            let filter = AccountFilter { order, descending, ..AccountFilter::default() };
            let whole = world.listed_accounts(&filter).await?;
            assert_eq!(whole.len(), 3);
            let (mut pages, mut after) = (Vec::new(), None);
            loop {
                let one = PageSize::new(1).ok_or("no such size")?;
                let page = world.store.list_accounts(&filter, NOW, after.as_deref(), one).await?;
                pages.extend(page.items.iter().map(|account| account.user.username.to_string()));
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
            assert_eq!(pages, whole, "{order:?}, descending: {descending}");
            if order == AccountOrder::LastSeen {
                assert_eq!(whole[if descending { 0 } else { 2 }], "eve");
            }
        }
    }
    Ok(())
}

pub(crate) async fn an_admin_whom_a_ban_keeps_out_does_not_act(world: World) -> Outcome {
    let before = world.store.count_acting_admins(NOW).await?;
    let ana = world.user("ana").await?;
    let ana = world.change_user(&ana, |user| user.role = Role::Admin).await?;
    assert_eq!(world.store.count_acting_admins(NOW).await?, before + 1);
    world.shut_out(&ana, Some(5)).await?;
    assert_eq!(world.store.count_acting_admins(NOW).await?, before);
    assert_eq!(world.store.count_acting_admins(later(5)).await?, before + 1);
    Ok(())
}
