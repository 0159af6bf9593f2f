use parlor_domain::{
    ContextMessage, Entry, GroupName, ListedReport, MessageBody, Report, ReportId, ReportNote, ReportReason,
    ReportState, UniqueKey, User,
};

use crate::world::{NOW, Outcome, World, conflict, later};

impl World {
    fn report_of(&self, entry: &Entry, reporter: &User) -> Outcome<Report> {
        let message = entry.message().ok_or("no message")?;
        let author = entry.actor.ok_or("no author")?;
        let beside = |text: &str| {
            Outcome::Ok(ContextMessage { author, written_at: later(-1), body: MessageBody::parse(text)? })
        };
        Ok(Report {
            id: ReportId::from_uuid(self.id()),
            reporter: reporter.id,
            message: message.id,
            conversation: entry.conversation,
            seq: entry.seq,
            author,
            written_at: entry.created_at,
            body: message.body.clone(),
            before: vec![beside("\"before\"\\")?, beside("漢字")?],
            after: vec![beside("after")?],
            reason: ReportReason::Abuse,
            note: ReportNote::parse("they are rude")?,
            reported_at: later(5),
            state: ReportState::Open,
            handled_by: None,
            handled_at: None,
        })
    }

    async fn insert_report(&self, report: &Report) -> Outcome {
        let mut work = self.store.begin().await?;
        work.insert_report(report).await?;
        Ok(work.commit().await?)
    }
}

pub(crate) async fn a_report_is_read_back_and_outlives_what_it_is_about(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let group = world.group_of(&ana, &ben).await?;
    let entry = world.post(group, &ana, "rude").await?;
    let report = world.report_of(&entry, &ben)?;
    world.insert_report(&report).await?;
    assert_eq!(world.store.report(report.id).await?, Some(report.clone()));
    assert_eq!(world.store.report(ReportId::from_uuid(world.id())).await?, None);
    let listed =
        ListedReport { report, group: Some(GroupName::parse("Talk")?), is_deleted: false, is_frozen: false };
    assert_eq!(world.store.reports(None, None, 10).await?, std::slice::from_ref(&listed));

    let mut work = world.store.begin().await?;
    work.erase_messages(group, &[(entry.seq, 9)], NOW).await?;
    work.commit().await?;
    let erased = ListedReport { is_deleted: true, ..listed };
    assert_eq!(world.store.reports(None, None, 10).await?, std::slice::from_ref(&erased));
    let mut work = world.store.begin().await?;
    work.erase_conversation(group, NOW).await?;
    work.commit().await?;
    assert_eq!(world.store.reports(None, None, 10).await?, [ListedReport { group: None, ..erased }]);
    Ok(())
}

pub(crate) async fn reports_are_listed_by_what_became_of_them(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let group = world.group_of(&ana, &ben).await?;
    let mut reports = Vec::new();
    for text in ["one", "two", "three"] {
        let report = world.report_of(&world.post(group, &ana, text).await?, &ben)?;
        world.insert_report(&report).await?;
        reports.push(report);
    }
    assert_eq!(world.store.count_open_reports(None).await?, 3);
    assert_eq!(world.store.count_open_reports(Some(ana.id)).await?, 0);
    let mut work = world.store.begin().await?;
    work.close_report(reports[1].id, ReportState::Dismissed, Some(ana.id), later(9)).await?;
    work.commit().await?;
    assert_eq!(world.store.count_open_reports(Some(ben.id)).await?, 2);
    let closed = Report {
        state: ReportState::Dismissed,
        handled_by: Some(ana.id),
        handled_at: Some(later(9)),
        before: Vec::new(),
        after: Vec::new(),
        ..reports[1].clone()
    };
    assert_eq!(world.store.report(closed.id).await?, Some(closed));
    let listed = async |state, after, limit| {
        let found = world.store.reports(state, after, limit).await?;
        Outcome::Ok(found.into_iter().map(|listed| listed.report.body.to_string()).collect::<Vec<_>>())
    };
    assert_eq!(listed(None, None, 10).await?, ["three", "two", "one"]);
    assert_eq!(listed(Some(ReportState::Open), None, 10).await?, ["three", "one"]);
    assert_eq!(listed(Some(ReportState::Open), Some(reports[2].id), 10).await?, ["one"]);
    assert_eq!(listed(Some(ReportState::Dismissed), None, 10).await?, ["two"]);
    assert_eq!(listed(None, None, 1).await?, ["three"]);
    Ok(())
}

pub(crate) async fn one_has_one_open_report_about_a_message(world: World) -> Outcome {
    let [ana, ben, eve] = [world.user("ana").await?, world.user("ben").await?, world.user("eve").await?];
    let group = world.group_of(&ana, &ben).await?;
    let entry = world.post(group, &ana, "rude").await?;
    let (first, others) = (world.report_of(&entry, &ben)?, world.report_of(&entry, &eve)?);
    world.insert_report(&first).await?;
    world.insert_report(&others).await?;
    let again = world.report_of(&entry, &ben)?;
    let mut work = world.store.begin().await?;
    assert_eq!(conflict(&work.insert_report(&again).await), Some(UniqueKey::Other));
    drop(work);
    assert_eq!(world.store.open_reports_about(first.message).await?, [first.clone(), others.clone()]);
    let mut work = world.store.begin().await?;
    work.close_report(first.id, ReportState::Resolved, None, NOW).await?;
    work.insert_report(&again).await?;
    work.commit().await?;
    assert_eq!(world.store.open_reports_about(first.message).await?, [others, again]);
    Ok(())
}
