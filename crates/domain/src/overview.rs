use crate::{ConversationId, Day};

/// How the server is doing, in numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overview {
    /// What there is now.
    pub figures: Figures,
    /// The last [`Overview::DAYS`] days in UTC, today the last of them.
    pub days: Vec<DayFigures>,
}

impl Overview {
    /// How many days it tells of, today among them.
    pub const DAYS: i64 = 30;
}

/// How much of everything there is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    /// Accounts.
    pub people: PeopleFigures,
    /// Sign-ins and tokens that are good.
    pub sessions: SessionFigures,
    /// What lies in the database.
    pub storage: StorageFigures,
    /// Messages that were ever posted, deleted ones too, as far as they are counted.
    pub messages: u64,
    /// Reports that nobody has decided about.
    pub open_reports: u64,
    /// E-mails that are still to be sent.
    pub waiting_mails: u64,
}

/// How many accounts there are, each counted once but for those of [`banned`](Self::banned).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PeopleFigures {
    /// People who are no admins.
    pub users: u64,
    /// Admins.
    pub admins: u64,
    /// Programs.
    pub bots: u64,
    /// Those of the above whom a ban keeps out of the server.
    pub banned: u64,
    /// Accounts that were deleted.
    pub deleted: u64,
}

/// How many sessions have not ended, by what they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SessionFigures {
    /// Browsers, by a cookie.
    pub browsers: u64,
    /// Programs that somebody signed in with their password, by tokens that are renewed.
    pub clients: u64,
    /// Programs, by API tokens.
    pub programs: u64,
    /// Incoming webhooks.
    pub webhooks: u64,
}

/// How much lies in the database.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StorageFigures {
    /// All of it, in bytes.
    pub database_bytes: u64,
    /// Pictures of people and groups.
    pub pictures: u64,
    /// How much of the database these are, in bytes.
    pub picture_bytes: u64,
}

/// What happened on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayFigures {
    /// The day, in UTC.
    pub day: Day,
    /// How many messages were posted, those deleted since too, as far as they are counted.
    pub messages: u64,
    /// How many people got an account, those deleted since too; bots are left out.
    pub new_people: u64,
}

/// A part of a log in which the messages are not counted yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uncounted {
    /// Whose log.
    pub conversation: ConversationId,
    /// Up to this place they are.
    pub since: u64,
    /// Up to this place they are in `messages`.
    pub until: u64,
    /// How many there are by day, in order.
    pub messages: Vec<(Day, u64)>,
}
