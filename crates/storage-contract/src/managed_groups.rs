use parlor_domain::{
    BanReason, Freeze, Group, GroupId, ManagedGroup, ManagedGroupFilter, ManagedGroupOrder, MemberRole,
    Membership, NewGroup, PageSize, Timestamp, Visibility,
};

use crate::world::{NOW, Outcome, World, later, membership};

impl World {
    async fn managed(&self, filter: &ManagedGroupFilter) -> Outcome<Vec<String>> {
        let page = self.store.list_managed_groups(filter, None, PageSize::default()).await?;
        Ok(page.items.iter().map(|managed| managed.group.name.to_string()).collect())
    }

    /// A public group with messages, a private one that is archived and frozen, one that nobody owns, and one
    /// that is deleted; answers the public one.
    async fn with_groups(&self) -> Outcome<GroupId> {
        let (ana, ben) = (self.user("ana").await?, self.user("ben").await?);
        let public = self.new_group("Böll", Visibility::Public)?;
        let hidden = NewGroup { created_at: later(5), ..self.new_group("alpha", Visibility::Private)? };
        let (shown, hidden_id) = (public.id, hidden.id);
        let public =
            self.make_group(&public, &[(&ana, MemberRole::Owner), (&ben, MemberRole::Member)]).await?;
        self.make_group(&hidden, &[(&ben, MemberRole::Owner)]).await?;
        self.make_group(&self.new_group("Nobody's", Visibility::Private)?, &[]).await?;
        let gone = self.new_group("Gone", Visibility::Public)?;
        let id = gone.id;
        self.make_group(&gone, &[(&ana, MemberRole::Owner)]).await?;
        self.post_many(public, &ana, 3).await?;
        let mut work = self.store.begin().await?;
        work.delete_group(id, NOW).await?;
        let group = work.group(hidden_id).await?.ok_or("a group")?;
        let freeze = Some(Freeze { reason: BanReason::parse("spam")?, at: NOW });
        work.update_group(&Group { archived_at: Some(NOW), freeze, ..group }).await?;
        work.commit().await?;
        Ok(shown)
    }
}

pub(crate) async fn admins_see_every_group_but_deleted_ones_with_who_owns_it_and_how_much_is_written(
    world: World,
) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let new = NewGroup { created_by: Some(ben.id), ..world.new_group("Talk", Visibility::Private)? };
    let talk = world.make_group(&new, &[(&ben, MemberRole::Owner)]).await?;
    let earlier = Membership { role: MemberRole::Owner, joined_at: later(-9), ..membership(talk, ana.id) };
    let mut work = world.store.begin().await?;
    work.insert_members(&[earlier]).await?;
    work.commit().await?;
    world.post_many(talk, &ana, 3).await?;
    let found = world.store.managed_group(new.id).await?.ok_or("a group")?;
    let group = world.store.group(new.id).await?.ok_or("a group")?;
    // Not counted yet.
    let expected = ManagedGroup { group, owner: Some(ana.id), owners: 2, messages: 0, active_at: NOW };
    assert_eq!(found, expected);
    assert_eq!(world.store.owners(new.id).await?, [ana.id, ben.id]);
    let uncounted = world.store.uncounted(100).await?;
    let mut work = world.store.begin().await?;
    assert!(work.note_counted(&uncounted).await?);
    work.commit().await?;
    assert_eq!(world.store.managed_group(new.id).await?, Some(ManagedGroup { messages: 3, ..expected }));
    let mut work = world.store.begin().await?;
    work.delete_group(new.id, NOW).await?;
    work.commit().await?;
    assert_eq!(world.store.managed_group(new.id).await?, None);
    assert_eq!(world.managed(&ManagedGroupFilter::default()).await?, ["lobby"]);
    Ok(())
}

pub(crate) async fn groups_are_listed_for_admins_by_what_is_asked_for(world: World) -> Outcome {
    world.with_groups().await?;
    let all = ManagedGroupFilter::default();
    assert_eq!(world.managed(&all).await?, ["alpha", "Böll", "lobby", "Nobody's"]);
    let public = ManagedGroupFilter { visibility: Some(Visibility::Public), ..all.clone() };
    assert_eq!(world.managed(&public).await?, ["Böll", "lobby"]);
    let private = ManagedGroupFilter { visibility: Some(Visibility::Private), ..all.clone() };
    assert_eq!(world.managed(&private).await?, ["alpha", "Nobody's"]);
    let archived = |archived| ManagedGroupFilter { archived: Some(archived), ..all.clone() };
    assert_eq!(world.managed(&archived(true)).await?, ["alpha"]);
    assert_eq!(world.managed(&archived(false)).await?, ["Böll", "lobby", "Nobody's"]);
    let frozen = |frozen| ManagedGroupFilter { frozen: Some(frozen), ..all.clone() };
    assert_eq!(world.managed(&frozen(true)).await?, ["alpha"]);
    assert_eq!(world.managed(&frozen(false)).await?, ["Böll", "lobby", "Nobody's"]);
    let ownerless = |ownerless| ManagedGroupFilter { ownerless: Some(ownerless), ..all.clone() };
    assert_eq!(world.managed(&ownerless(true)).await?, ["Nobody's"]);
    assert_eq!(world.managed(&ownerless(false)).await?, ["alpha", "Böll"]);
    let search = |text: &str| ManagedGroupFilter { search: Some(text.to_owned()), ..all.clone() };
    assert_eq!(world.managed(&search("BÖ")).await?, ["Böll"]);
    assert_eq!(world.managed(&search("%")).await?, [""; 0]);
    Ok(())
}

pub(crate) async fn groups_are_listed_for_admins_in_every_order_page_by_page(world: World) -> Outcome {
    use ManagedGroupOrder::{Active, Created, Members, Messages, Name};
    let public = world.with_groups().await?;
    let uncounted = world.store.uncounted(100).await?;
    let mut work = world.store.begin().await?;
    assert!(work.note_counted(&uncounted).await?);
    // Later than all others, whenever the lobby was made.
    work.take_seqs(&[(public.into(), 1)], Timestamp::from_millis(i64::MAX / 2)).await?;
    work.commit().await?;
    for (order, largest) in [
        (Name, Some("Nobody's")),
        (Created, None),
        (Active, Some("Böll")),
        (Members, Some("Böll")),
        (Messages, Some("Böll")),
    ] {
        for descending in [false, true] {
            let filter = ManagedGroupFilter { order, descending, ..ManagedGroupFilter::default() };
            let whole = world.managed(&filter).await?;
            assert_eq!(whole.len(), 4);
            let last = if descending { whole.first() } else { whole.last() };
            assert!(
                largest.is_none_or(|name| last.is_some_and(|found| found == name)),
                "{order:?}: {whole:?}"
            );
            let (mut pages, mut after) = (Vec::new(), None);
            loop {
                let one = PageSize::new(1).ok_or("no such size")?;
                let page = world.store.list_managed_groups(&filter, after.as_deref(), one).await?;
                pages.extend(page.items.iter().map(|managed| managed.group.name.to_string()));
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
            assert_eq!(pages, whole, "{order:?}, descending: {descending}");
        }
    }
    Ok(())
}
