//! Messages that people report.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod common;

use common::Chat;
use parlor_domain::{
    Actor, AdminError, Administrator, Denied, EntryKind, MessageBody, MessageId, NotificationKind, PageSize,
    Report, ReportError, ReportNote, ReportReason, ReportState, ReportVerdict, Reports,
};

const OPERATOR: Administrator = Administrator::Operator;

impl Chat {
    fn reports(&self) -> Reports {
        Reports::new(self.store.clone(), self.clock.clone(), self.ids.clone())
    }

    async fn report(&self, actor: &Actor, message: MessageId) -> Result<Report, ReportError> {
        let note = ReportNote::parse("look at this").unwrap();
        self.reports().report(actor, message, ReportReason::Spam, note).await
    }
}

fn texts(messages: &[parlor_domain::ContextMessage]) -> Vec<&str> {
    messages.iter().map(|message| message.body.as_str()).collect()
}

#[tokio::test]
async fn a_report_keeps_the_message_as_it_was_with_what_stood_beside_it() {
    let chat = Chat::new().await;
    let (ana, ben) = (chat.person("ana").await, chat.person("ben").await);
    let direct = chat.conversations.open_direct(&ana, ben.user).await.unwrap().0.conversation.id;
    let mut posted = Vec::new();
    for number in 1..=9 {
        let who = if number == 5 { &ben } else { &ana };
        posted.push(chat.post(who, direct, &number.to_string()).await.unwrap().message);
    }
    chat.messaging.delete(&ana, posted[3]).await.unwrap();
    let report = chat.report(&ana, posted[4]).await.unwrap();
    assert_eq!((report.body.as_str(), report.author), ("5", ben.user));
    assert_eq!((texts(&report.before), texts(&report.after)), (vec!["1", "2", "3"], vec!["6", "7", "8"]));
    chat.messaging.edit(&ben, posted[4], MessageBody::parse("nothing").unwrap()).await.unwrap();
    let listed = chat.administration.reports(&OPERATOR, None, None, PageSize::default()).await.unwrap();
    assert_eq!(listed.items[0].report, report);

    let again = chat.report(&ana, posted[4]).await;
    assert!(matches!(again, Err(ReportError::AlreadyReported)), "{again:?}");
    let own = chat.report(&ben, posted[4]).await;
    assert!(matches!(own, Err(ReportError::OwnMessage)), "{own:?}");
    let deleted = chat.report(&ben, posted[3]).await;
    assert!(matches!(deleted, Err(ReportError::Deleted)), "{deleted:?}");
    let eve = chat.person("eve").await;
    let hidden = chat.report(&eve, posted[4]).await;
    assert!(matches!(hidden, Err(ReportError::Denied(Denied::NotFound))), "{hidden:?}");
}

#[tokio::test]
async fn what_is_decided_counts_for_every_report_about_the_message() {
    let chat = Chat::new().await;
    let people = [chat.person("ana").await, chat.person("ben").await, chat.person("eve").await];
    let [ana, ben, eve] = &people;
    let lobby = chat.store.lobby().await.unwrap().unwrap().id.into();
    let message = chat.post(ana, lobby, "shoes").await.unwrap().message;
    let first = chat.report(ben, message).await.unwrap();
    let second = chat.report(eve, message).await.unwrap();
    assert_eq!(chat.administration.count_open_reports(&OPERATOR).await.unwrap(), 2);
    chat.published.take();
    let verdict = ReportVerdict { resolved: true, deletes: true };
    chat.administration.handle_report(&OPERATOR, second.id, verdict).await.unwrap();
    let told = chat.published.take_entries();
    assert!(matches!(&told[0].kind, EntryKind::Deletion(target) if target.message.id == message));
    for report in [&first, &second] {
        let found = chat.store.report(report.id).await.unwrap().unwrap();
        assert_eq!((found.state, found.before.len()), (ReportState::Resolved, 0));
        assert_eq!(found.body.as_str(), "shoes");
    }
    for reporter in [ben, eve] {
        let told = chat.notifications.list(reporter, None, PageSize::default()).await.unwrap().items;
        assert_eq!((told.len(), told[0].kind), (1, NotificationKind::ReportHandled));
    }
    let again = chat.administration.handle_report(&OPERATOR, first.id, verdict).await;
    assert!(matches!(again, Err(AdminError::NoSuchReport)), "{again:?}");
}

#[tokio::test]
async fn one_waits_when_many_reports_are_open() {
    let chat = Chat::new().await;
    let (ana, ben) = (chat.person("ana").await, chat.person("ben").await);
    let lobby = chat.store.lobby().await.unwrap().unwrap().id.into();
    let mut first = None;
    for number in 0..Report::MAX_OPEN {
        let message = chat.post(&ana, lobby, &number.to_string()).await.unwrap().message;
        let report = chat.report(&ben, message).await.unwrap();
        first.get_or_insert(report.id);
    }
    let message = chat.post(&ana, lobby, "one more").await.unwrap().message;
    let refused = chat.report(&ben, message).await;
    assert!(matches!(refused, Err(ReportError::TooMany)), "{refused:?}");
    let verdict = ReportVerdict { resolved: false, deletes: false };
    chat.administration.handle_report(&OPERATOR, first.unwrap(), verdict).await.unwrap();
    chat.report(&ben, message).await.unwrap();
}
