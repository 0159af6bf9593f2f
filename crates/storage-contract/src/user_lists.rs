use parlor_domain::{DisplayName, NewUser, PageSize, Role, User, UserFilter, UserStatus};

use crate::world::{Outcome, World};

impl World {
    async fn found(&self, filter: UserFilter) -> Outcome<Vec<String>> {
        let page = self.store.list_users(&filter, None, PageSize::default()).await?;
        Ok(page.items.iter().map(|user| user.username.to_string()).collect())
    }

    async fn searched(&self, typed: &str) -> Outcome<Vec<String>> {
        self.found(UserFilter { search: Some(typed.to_owned()), role: None }).await
    }
}

pub(crate) async fn people_are_listed_by_username_page_by_page(world: World) -> Outcome {
    for number in [3, 1, 5, 2, 4] {
        world.user(&format!("user{number}")).await?;
    }
    let size = PageSize::new(2).ok_or("a size")?;
    let (mut after, mut pages) = (None, Vec::new());
    loop {
        let page = world.store.list_users(&UserFilter::default(), after.as_deref(), size).await?;
        pages.push(page.items.iter().map(|user| user.username.to_string()).collect::<Vec<_>>());
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(pages, [vec!["user1", "user2"], vec!["user3", "user4"], vec!["user5"]]);
    Ok(())
}

pub(crate) async fn a_page_that_just_fits_is_the_last_one(world: World) -> Outcome {
    world.user("ana").await?;
    world.user("ben").await?;
    for (size, more) in [(1, true), (2, false), (3, false)] {
        let size = PageSize::new(size).ok_or("a size")?;
        let page = world.store.list_users(&UserFilter::default(), None, size).await?;
        assert_eq!(page.next.is_some(), more, "{size:?}");
    }
    let beyond = world.store.list_users(&UserFilter::default(), Some("zoe"), PageSize::default()).await?;
    assert_eq!((beyond.items.len(), beyond.next), (0, None));
    Ok(())
}

pub(crate) async fn a_list_of_people_keeps_to_its_filter(world: World) -> Outcome {
    world.insert(&NewUser { role: Role::Admin, ..world.new_user("ana")? }).await?;
    world.user("ben").await?;
    let gone = world.user("cat").await?;
    let mut work = world.store.begin().await?;
    work.update_user(&User { status: UserStatus::Deleted, ..gone }).await?;
    work.commit().await?;
    assert_eq!(world.found(UserFilter::default()).await?, ["ana", "ben"]);
    assert_eq!(world.found(UserFilter { search: None, role: Some(Role::Admin) }).await?, ["ana"]);
    assert_eq!(world.found(UserFilter { search: Some("n".into()), role: Some(Role::User) }).await?, ["ben"]);
    Ok(())
}

pub(crate) async fn a_search_for_people_takes_signs_literally(world: World) -> Outcome {
    for (username, name) in [("ana_pop", "100 %"), ("anaxpop", "100 x"), ("back", r"C:\Users")] {
        world.insert(&NewUser { name: DisplayName::parse(name)?, ..world.new_user(username)? }).await?;
    }
    assert_eq!(world.searched("ana_").await?, ["ana_pop"]);
    assert_eq!(world.searched("100 %").await?, ["ana_pop"]);
    assert_eq!(world.searched("%").await?, ["ana_pop"]);
    assert_eq!(world.searched(r"c:\u").await?, ["back"]);
    assert_eq!(world.searched("'; DROP TABLE x; --").await?, Vec::<String>::new());
    Ok(())
}

pub(crate) async fn a_search_for_people_knows_no_case(world: World) -> Outcome {
    let orsi =
        world.insert(&NewUser { name: DisplayName::parse("ÖRSI Nagy")?, ..world.new_user("orsi")? }).await?;
    world.user("ben").await?;
    for typed in ["örsi", "ÖRSI", "rsi n", "ORSI", "usr000001", " USR000001 "] {
        assert_eq!(world.searched(typed).await?, ["orsi"], "{typed}");
    }
    // The name is searched as it is now.
    let mut work = world.store.begin().await?;
    work.update_user(&User { name: DisplayName::parse("Ilka")?, ..orsi }).await?;
    work.commit().await?;
    assert_eq!(world.searched("örsi").await?, Vec::<String>::new());
    assert_eq!(world.searched("ilka").await?, ["orsi"]);
    Ok(())
}
