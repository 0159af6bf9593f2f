use std::time::Duration;

/// How long members of a group wait between two messages; moderators and owners never do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct SlowMode(u32);

impl SlowMode {
    /// The longest wait: six hours.
    pub const MAX_SECONDS: u32 = 6 * 60 * 60;

    /// A wait of so many seconds, 0 for none; `None` when it is too long.
    pub fn new(seconds: u32) -> Option<Self> {
        (seconds <= Self::MAX_SECONDS).then_some(Self(seconds))
    }

    /// The wait in seconds; 0 for none.
    pub const fn seconds(self) -> u32 {
        self.0
    }

    /// The wait, if there is one.
    pub fn pause(self) -> Option<Duration> {
        (self.0 > 0).then(|| Duration::from_secs(self.0.into()))
    }
}
