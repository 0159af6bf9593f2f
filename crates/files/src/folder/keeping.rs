use std::io::{self, Write};
use std::sync::Arc;

use async_trait::async_trait;
use parlor_domain::{FileFailure, ObjectId};

use super::place::Place;
use crate::disk::blocking;
use crate::incoming::{Intake, Keep, Received};

/// Keeps in the folder what came.
pub(super) struct Keeper {
    pub(super) place: Arc<Place>,
    pub(super) intake: Arc<Intake>,
}

#[async_trait]
impl Keep for Keeper {
    async fn keep(
        &self,
        received: Received,
        object: ObjectId,
        thumbnails: Option<[ObjectId; 2]>,
    ) -> Result<(), FileFailure> {
        let (place, intake) = (Arc::clone(&self.place), Arc::clone(&self.intake));
        blocking(move || keep((&place, &intake), received, object, thumbnails)).await
    }
}

fn keep(
    (place, intake): (&Place, &Intake),
    received: Received,
    object: ObjectId,
    thumbnails: Option<[ObjectId; 2]>,
) -> io::Result<()> {
    let small = thumbnails.into_iter().flatten();
    let made = small.clone().zip(received.thumbnails.into_iter().flatten());
    let kept = keep_small((place, intake), made).and_then(|()| place.keep(received.file, object));
    if kept.is_err() {
        for object in small.chain([object]) {
            // What cannot be removed now is an orphan, which does no harm but for its room.
            _ = place.remove(object);
        }
    }
    kept
}

fn keep_small(
    (place, intake): (&Place, &Intake),
    made: impl Iterator<Item = (ObjectId, Vec<u8>)>,
) -> io::Result<()> {
    for (object, bytes) in made {
        let mut file = intake.spool.temporary()?;
        file.write_all(&bytes)?;
        place.keep(file, object)?;
    }
    Ok(())
}
