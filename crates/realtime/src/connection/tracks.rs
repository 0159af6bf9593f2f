use parlor_domain::{ConversationId, Cursor};

/// Where a connection is in one conversation's log.
#[derive(Debug, Clone)]
pub(crate) struct Track {
    pub(crate) conversation: ConversationId,
    /// Everything up to here was sent, or is not for this client.
    pub(crate) sent: u64,
    /// The log is known to reach this far.
    pub(crate) head: u64,
    /// The log's end at the latest moment the membership was seen in the store: a removal up to
    /// there is an old one.
    pub(crate) confirmed: u64,
    /// The entry that ended the membership. Nothing behind it is ever sent.
    pub(crate) ends_at: Option<u64>,
    /// How far this client itself has said it is.
    pub(crate) reported: Cursor,
}

impl Track {
    /// Whether this entry is the next one to be sent. One that was sent before is not, nor one
    /// before which others are missing, nor one behind the end of the membership.
    pub(crate) fn expects(&mut self, seq: u64) -> bool {
        if self.ends_at.is_some_and(|end| seq > end) {
            return false;
        }
        self.head = self.head.max(seq);
        seq == self.sent + 1
    }

    /// How many entries are known to wait in the log.
    pub(crate) fn behind(&self) -> u64 {
        if self.ends_at.is_some() { 0 } else { self.head.saturating_sub(self.sent) }
    }
}

/// All conversations of a connection, by id: a short sorted list, because most people are in few.
#[derive(Debug, Default)]
pub(crate) struct Tracks {
    list: Vec<Track>,
    /// Whose turn it is to be read from the log.
    turn: usize,
}

impl Tracks {
    fn place(&self, conversation: ConversationId) -> Result<usize, usize> {
        self.list.binary_search_by_key(&conversation, |track| track.conversation)
    }

    pub(crate) fn get(&self, conversation: ConversationId) -> Option<&Track> {
        self.place(conversation).ok().map(|place| &self.list[place])
    }

    pub(crate) fn get_mut(&mut self, conversation: ConversationId) -> Option<&mut Track> {
        self.place(conversation).ok().map(|place| &mut self.list[place])
    }

    pub(crate) fn insert(&mut self, track: Track) {
        match self.place(track.conversation) {
            Ok(place) => self.list[place] = track,
            Err(place) => self.list.insert(place, track),
        }
    }

    pub(crate) fn remove(&mut self, conversation: ConversationId) -> Option<Track> {
        self.place(conversation).ok().map(|place| self.list.remove(place))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Track> {
        self.list.iter()
    }

    /// The next conversation to be read from the log, and from where: in turn, so that a long log
    /// does not hold up the others.
    pub(crate) fn take_turn(&mut self) -> Option<(ConversationId, u64)> {
        let count = self.list.len();
        let place =
            (0..count).map(|step| (self.turn + step) % count).find(|place| self.list[*place].behind() > 0)?;
        self.turn = place + 1;
        Some((self.list[place].conversation, self.list[place].sent))
    }
}
