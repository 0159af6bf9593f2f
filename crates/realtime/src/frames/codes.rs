/// Why the server ends a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseReason {
    /// The server restarts; come back.
    Restarting,
    /// The client does not take what is sent; come back.
    TooSlow,
    /// Too many commands for too long; come back later.
    Rate,
    /// Too many connections; come back when some are closed.
    TooManyConnections,
    /// The session is over: sign in again.
    SessionEnded,
    /// The account is banned.
    Banned,
    /// What the client sent is not this protocol.
    Protocol,
    /// The account was deleted.
    Deleted,
}

impl CloseReason {
    /// The WebSocket close code: 4400 to 4449 mean "come back", 4500 to 4599 are final.
    pub const fn code(self) -> u16 {
        match self {
            Self::Restarting => 4401,
            Self::TooSlow => 4408,
            Self::Rate => 4413,
            Self::TooManyConnections => 4429,
            Self::SessionEnded => 4501,
            Self::Banned => 4503,
            Self::Protocol => 4504,
            Self::Deleted => 4505,
        }
    }

    /// A sentence for people.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Restarting => "The server restarts.",
            Self::TooSlow => "The connection takes less than is sent.",
            Self::Rate => "Too many commands.",
            Self::TooManyConnections => "There are too many connections.",
            Self::SessionEnded => "The session is over; sign in again.",
            Self::Banned => "The account is banned.",
            Self::Protocol => "This is not the protocol.",
            Self::Deleted => "The account was deleted.",
        }
    }
}
