//! What comes in, wherever it is kept: it goes to a temporary file of this machine, and is looked at there.

mod inspecting;
mod receiving;
mod spool;

use std::io::{self, Write};
use std::path::Path;

use async_trait::async_trait;
use parlor_domain::{FileFailure, ObjectId};

use crate::kinds::FileTypes;
use crate::turns::Turns;
pub(crate) use receiving::{Incoming, Received};
pub(crate) use spool::Spool;

/// What those who receive have in common.
pub(crate) struct Intake {
    /// Where the temporary files are.
    pub(crate) spool: Spool,
    types: FileTypes,
    turns: Turns,
}

impl Intake {
    /// Receives files of these types through a folder. Nothing is done there before something comes.
    pub(crate) fn new(folder: &Path, types: FileTypes) -> Self {
        Self { spool: Spool::below(folder), types, turns: Turns::default() }
    }

    /// What the names of files end in that are received.
    pub(crate) fn endings(&self) -> Vec<String> {
        self.types.endings().map(str::to_owned).collect()
    }

    /// Removes what earlier programs left unfinished, and fails when nothing can be written.
    pub(crate) fn check(&self) -> io::Result<()> {
        self.spool.temporary()?.write_all(b"?")
    }
}

/// Where files are kept that came whole.
#[async_trait]
pub(crate) trait Keep: Send + Sync {
    /// Keeps all of it or nothing; durable when it answers.
    async fn keep(
        &self,
        received: Received,
        object: ObjectId,
        thumbnails: Option<[ObjectId; 2]>,
    ) -> Result<(), FileFailure>;
}
