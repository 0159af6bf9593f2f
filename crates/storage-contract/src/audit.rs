use parlor_domain::{
    AuditAction, AuditChange, AuditEntry, AuditFilter, AuditId, AuditTarget, AuditValue, Doer, GroupId,
    UserId,
};

use crate::world::{Outcome, World, later};

impl World {
    /// Writes down something that was done so many milliseconds from now.
    async fn audited(
        &self,
        at: i64,
        user: Option<UserId>,
        action: AuditAction,
        target: Option<AuditTarget>,
    ) -> Outcome<AuditEntry> {
        let entry = AuditEntry {
            id: AuditId::from_uuid(self.id()),
            at: later(at),
            doer: Doer { user, address: user.map(|_| [192, 0, 2, 1].into()) },
            action,
            target,
            changes: Vec::new(),
        };
        self.write_down(&entry).await?;
        Ok(entry)
    }

    async fn write_down(&self, entry: &AuditEntry) -> Outcome {
        let mut work = self.store.begin().await?;
        work.insert_audit(entry).await?;
        Ok(work.commit().await?)
    }
}

pub(crate) async fn what_was_done_is_read_back(world: World) -> Outcome {
    let text = |text: &str| Some(AuditValue::Text(text.to_owned()));
    let change = |field: &str, before, after| AuditChange { field: field.to_owned(), before, after };
    let entry = AuditEntry {
        id: AuditId::from_uuid(world.id()),
        at: later(3),
        doer: Doer { user: None, address: Some("2001:db8::7".parse()?) },
        action: AuditAction::UserBanned,
        target: Some(AuditTarget::Group(GroupId::from_uuid(world.id()))),
        changes: vec![
            change("reason", text("\"a\" \\ \u{1f375}"), None),
            change("until", Some(AuditValue::Moment(later(-5))), Some(AuditValue::Moment(later(7)))),
            change("name", None, text("7")),
        ],
    };
    world.write_down(&entry).await?;
    assert_eq!(world.store.audit(&AuditFilter::default(), None, 10).await?, [entry]);
    Ok(())
}

pub(crate) async fn what_was_done_is_listed_by_who_whom_what_and_when(world: World) -> Outcome {
    use AuditAction::{RoleChanged, SignInFailed, SignedIn};
    let [ana, ben] = [(); 2].map(|()| UserId::from_uuid(world.id()));
    let of = AuditTarget::User;
    let failed = world.audited(0, None, SignInFailed, Some(of(ana))).await?;
    let signed = world.audited(10, Some(ana), SignedIn, Some(of(ana))).await?;
    let changed = world.audited(20, Some(ana), RoleChanged, Some(of(ben))).await?;
    let unknown = world.audited(30, None, SignInFailed, None).await?;

    let list = async |filter: AuditFilter| world.store.audit(&filter, None, 10).await;
    let all = AuditFilter::default();
    assert_eq!(list(all).await?, [unknown.clone(), changed.clone(), signed.clone(), failed.clone()]);
    let page = world.store.audit(&all, Some(changed.id), 1).await?;
    assert_eq!(page.iter().map(|entry| entry.id).collect::<Vec<_>>(), [signed.id]);
    let by = AuditFilter { by: Some(ana), ..all };
    assert_eq!(list(by).await?, [changed.clone(), signed.clone()]);
    let about = AuditFilter { target: Some(of(ana)), ..all };
    assert_eq!(list(about).await?, [signed.clone(), failed.clone()]);
    assert_eq!(list(AuditFilter { action: Some(SignInFailed), ..about }).await?, [failed]);
    let between = AuditFilter { from: Some(later(10)), until: Some(later(30)), ..all };
    assert_eq!(list(between).await?, [changed, signed]);
    let group = AuditTarget::Group(GroupId::from_uuid(ana.as_uuid()));
    assert_eq!(list(AuditFilter { target: Some(group), ..all }).await?, []);
    Ok(())
}
