use std::time::Duration;

/// How much, how often and how long. The defaults are the design's values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The most entries a client may have been sent without having acknowledged them.
    pub window_entries: usize,
    /// The most bytes of entries a client may have been sent without having acknowledged them.
    pub window_bytes: usize,
    /// How far behind a cursor may be and still be caught up with; beyond it there is a `reset`.
    pub resume_entries: u64,
    /// The most cursors in one `hello` or `ack`.
    pub cursors_per_frame: usize,
    /// The most entries read from a log at once.
    pub page_entries: u32,
    /// How many log pages, snapshots and the like are read at the same time, for all connections.
    pub loads_at_once: usize,
    /// The largest frame a client may send.
    pub frame_bytes: usize,
    /// The most characters of a message; told to clients.
    pub message_length: usize,
    /// Commands a connection may send each second, in the long run.
    pub commands_per_second: u32,
    /// Commands a connection may send at once after a pause.
    pub commands_burst: u32,
    /// How many commands beyond that are refused before the connection is closed.
    pub refusals: u32,
    /// Posts of one connection that may wait for their commit; then its socket is not read.
    pub posts_in_flight: usize,
    /// The most sockets of one person.
    pub sockets_per_user: usize,
    /// The most sockets from one address that have not said yet who they are.
    pub unauthenticated_per_ip: usize,
    /// How long a client may take to say who it is.
    pub authenticate_within: Duration,
    /// How often a client is asked whether it is there.
    pub ping_every: Duration,
    /// How long a client may be silent before it counts as gone.
    pub dead_after: Duration,
    /// How long a write may be blocked by a client that does not read.
    pub blocked_for: Duration,
    /// How often the logs' ends are compared with what was announced.
    pub tick_every: Duration,
    /// How long somebody stays online after their last device left.
    pub presence_grace: Duration,
    /// How often changes of presence are sent.
    pub presence_every: Duration,
    /// The most changes of presence in one frame.
    pub presence_per_frame: usize,
    /// The time between two presence frames grows by this much with each receiver, so that ten
    /// thousand people who arrive together do not cost more than a few percent of a processor.
    pub presence_pace: Duration,
    /// The least time between two typing signals of one person in one conversation.
    pub typing_every: Duration,
    /// Typing is not passed on where more people than this are connected.
    pub typing_audience: usize,
    /// The most posts that wait to be stored.
    pub posts_waiting: usize,
    /// The most posts stored in one unit of work.
    pub posts_per_batch: usize,
    /// How long cursor moves are collected before they are written.
    pub cursors_every: Duration,
    /// The most cursor moves in one unit of work.
    pub cursors_per_batch: usize,
    /// Units of work whose events may wait for the fan-out.
    pub events_waiting: usize,
    /// Clients are told to come back within this time after a restart, each at another moment.
    pub retry_within: Duration,
    /// How long connections may take to finish at shutdown.
    pub shutdown_within: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            window_entries: 256,
            window_bytes: 256 * 1024,
            resume_entries: 5_000,
            cursors_per_frame: 500,
            page_entries: 100,
            loads_at_once: 32,
            frame_bytes: 64 * 1024,
            message_length: 8_000,
            commands_per_second: 50,
            commands_burst: 100,
            refusals: 200,
            posts_in_flight: 64,
            sockets_per_user: 10,
            unauthenticated_per_ip: 50,
            authenticate_within: Duration::from_secs(10),
            ping_every: Duration::from_secs(25),
            dead_after: Duration::from_mins(1),
            blocked_for: Duration::from_secs(10),
            tick_every: Duration::from_secs(2),
            presence_grace: Duration::from_secs(5),
            presence_every: Duration::from_millis(250),
            presence_per_frame: 20,
            presence_pace: Duration::from_micros(100),
            typing_every: Duration::from_secs(3),
            typing_audience: 500,
            posts_waiting: 1_024,
            posts_per_batch: 64,
            cursors_every: Duration::from_millis(250),
            cursors_per_batch: 500,
            events_waiting: 1_024,
            retry_within: Duration::from_secs(5),
            shutdown_within: Duration::from_secs(4),
        }
    }
}
