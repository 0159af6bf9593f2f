use super::section::section;

section! {
    /// How much one person or machine may ask of the server. Whoever reaches a limit is told
    /// so, and when to try again; nothing is dropped silently.
    struct Limits = "limits";

    /// Connections at the same time.
    connections: usize [10..=1_000_000] = 10_000;

    /// Connections at the same time from one address; an IPv6 network of 64 bits is one.
    /// Trusted proxies and this machine are not counted.
    connections_per_ip: usize [1..=1_000_000] = 200;

    /// The largest body of a request.
    json_body_bytes: usize [1_024..=1_048_576] = 65_536;

    /// The largest file that is taken for a picture of a person or a group.
    picture_bytes: usize [65_536..=52_428_800] = 10_485_760;

    /// The largest frame a client may send on the stream.
    frame_bytes: usize [1_024..=1_048_576] = 65_536;

    /// Conversations a client may resume at once.
    resume_cursors: usize [1..=10_000] = 500;

    /// Members of one group; the lobby has no bound.
    members_per_group: u64 [2..=100_000] = 5_000;

    /// Notifications kept of one person; beyond that the oldest go.
    notifications_per_person: u32 [10..=10_000] = 300;

    /// Streams of one user.
    sockets_per_user: usize [1..=1_000] = 10;

    /// Streams from one address that have not signed in yet.
    unauthenticated_sockets_per_ip: usize [1..=10_000] = 50;

    /// Commands a second on one stream.
    commands_per_second: u32 [1..=10_000] = 50;

    /// Commands on one stream that may come at once after a pause.
    command_burst: u32 [1..=10_000] = 100;

    /// Messages a second of one person, over all their devices and programs.
    messages_per_second: u32 [1..=10_000] = 5;

    /// Messages of one person that may come at once after a pause.
    message_burst: u32 [1..=10_000] = 20;

    /// Wrong passwords for one account within half an hour before each further try from the same
    /// address has to wait: a minute at first, then longer each time. Nobody is shut out: who comes
    /// from another address with the right password gets in.
    sign_in_failures: u32 [1..=1_000] = 5;

    /// Attempts to sign in or to register from one address within three minutes. Here and below an
    /// IPv6 network of 64 bits is one address. Behind a proxy that is not among
    /// `server.trusted_proxies` everybody has the proxy's address.
    sign_ins_per_ip: u32 [1..=1_000_000] = 10;

    /// Attempts to recover one account that may come at once; after them there is one an hour.
    recovery_burst: u32 [1..=1_000] = 3;

    /// Attempts to recover accounts from one address within an hour.
    recoveries_per_hour_per_ip: u32 [1..=1_000_000] = 3;

    /// Accounts that are made from one address within an hour.
    registrations_per_hour_per_ip: u32 [1..=1_000_000] = 3;

    /// Groups that one person makes within an hour.
    group_creates_per_hour: u32 [1..=1_000_000] = 10;

    /// Links that lead into groups, made by one person within a day.
    invite_links_per_day: u32 [1..=1_000_000] = 20;

    /// Files that one person uploads within an hour, in the long run.
    uploads_per_hour: u32 [1..=1_000_000] = 120;

    /// Files of one person that may come at once after a pause.
    upload_burst: u32 [1..=1_000_000] = 60;
}

section! {
    /// The stream.
    struct Realtime = "realtime";

    /// Entries on their way to a client that it has not acknowledged.
    window_entries: usize [1..=256] = 256;

    /// Bytes of those entries.
    window_bytes: usize [65_536..=1_048_576] = 262_144;

    /// How often the server asks a silent client for a sign of life.
    heartbeat_seconds: u64 [5..=300] = 25;

    /// A client that was silent for this long is gone.
    dead_after_seconds: u64 [10..=900] = 60;

    /// How long a client may take to sign in on the stream.
    authenticate_seconds: u64 [1..=120] = 10;

    /// A client that takes nothing for this long is too slow and has to connect again.
    blocked_write_seconds: u64 [1..=120] = 10;
}
