//! What senders tell of films and sounds, and the posters of films.

use std::slice;
use std::time::Duration;

use parlor_domain::{Blob, File, MediaFacts, ObjectId, Pixels};

use crate::world::{NOW, Outcome, World, later};

impl World {
    /// Gives a film that was uploaded a poster that was noted, or not; whether it has it now.
    async fn put_poster(&self, film: &File, poster: &Blob) -> Outcome<bool> {
        let mut work = self.store.begin().await?;
        assert_eq!(work.lock_files(&[film.id]).await?.len(), 1);
        if work.lock_blob(&poster.hash).await?.is_none() {
            work.insert_blob(poster, NOW).await?;
        }
        let is_put = work.set_poster(film.id, poster.object).await?;
        work.commit().await?;
        Ok(is_put)
    }

    async fn freed(&self) -> Outcome<Vec<ObjectId>> {
        let mut freed = self.store.freed_objects(None, 100).await?;
        freed.sort_unstable();
        Ok(freed)
    }
}

fn objects<'a>(blobs: impl IntoIterator<Item = &'a Blob>) -> Vec<ObjectId> {
    let objects = blobs.into_iter().flat_map(|blob| {
        let small = blob.thumbnails.iter().flat_map(|made| [made.small.object, made.large.object]);
        small.chain([blob.object])
    });
    let mut objects: Vec<_> = objects.collect();
    objects.sort_unstable();
    objects
}

pub(crate) async fn what_is_told_of_a_film_is_its_own_and_not_of_its_bytes(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let media = MediaFacts {
        pixels: Some(Pixels { width: 1_920, height: 1_080 }),
        duration: Some(Duration::from_millis(12_345)),
        waveform: Some(vec![0, 128, 255]),
    };
    let first = File { media, ..world.file(&ana, "one.mp4", "video/mp4")? };
    world.upload(&first).await?;
    let media = MediaFacts { duration: Some(MediaFacts::LONGEST), ..MediaFacts::default() };
    let second = File { blob: first.blob.clone(), media, ..world.file(&ben, "two.mp4", "video/mp4")? };
    let mut work = world.store.begin().await?;
    work.insert_file(&second).await?;
    work.commit().await?;
    for file in [&first, &second] {
        assert_eq!(world.store.file(file.id).await?.as_ref(), Some(file));
    }
    let notes = world.direct(&ana, &ana).await?;
    let entry = world.post_files(notes, &ana, "look", slice::from_ref(&first)).await?;
    assert_eq!(world.store.entries(notes, 0, 10).await?, [entry]);
    Ok(())
}

pub(crate) async fn a_poster_is_the_films_own_and_counts_for_its_owner(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    let film = world.uploaded(&ana, "film.mp4", "video/mp4").await?;
    let poster = world.file(&ana, "poster.webp", "image/webp")?.blob;
    assert!(world.put_poster(&film, &poster).await?);
    let with_poster = File { poster: Some(Box::new(poster.clone())), ..film.clone() };
    assert_eq!(world.store.file(film.id).await?.as_ref(), Some(&with_poster));
    assert_eq!(world.store.file_usage(ana.id).await?, film.blob.bytes + poster.bytes);
    let notes = world.direct(&ana, &ana).await?;
    let entry = world.post_files(notes, &ana, "look", slice::from_ref(&with_poster)).await?;
    assert_eq!(world.store.entries(notes, 0, 10).await?, [entry]);
    let other = world.file(&ana, "other.webp", "image/webp")?.blob;
    assert!(!world.put_poster(&film, &other).await?, "a message has it");
    assert_eq!(world.store.file(film.id).await?, Some(with_poster));
    Ok(())
}

pub(crate) async fn t29_a_poster_goes_with_the_last_film_that_has_it(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    let [first, second] =
        [world.file(&ana, "one.mp4", "video/mp4")?, world.file(&ana, "two.mp4", "video/mp4")?];
    for film in [&first, &second] {
        world.upload(film).await?;
    }
    let [poster, other] = ["one", "two"].map(|name| world.file(&ana, name, "image/webp"));
    let (poster, other) = (poster?.blob, other?.blob);
    for film in [&first, &second] {
        assert!(world.put_poster(film, &poster).await?);
    }
    // The same once more changes nothing, and another one leaves what the other film has.
    assert!(world.put_poster(&first, &poster).await?);
    assert!(world.put_poster(&first, &other).await?);
    assert_eq!(world.freed().await?, []);
    assert!(world.put_poster(&second, &other).await?);
    assert_eq!(world.freed().await?, objects([&poster]));
    let notes = world.direct(&ana, &ana).await?;
    let entry = world.post_files(notes, &ana, "", slice::from_ref(&second)).await?;
    assert_eq!(world.free(NOW).await?, 1);
    assert_eq!(world.freed().await?, objects([&poster, &first.blob]));
    world.detach(&entry, later(1)).await?;
    assert_eq!(world.free(later(1)).await?, 1);
    assert_eq!(world.freed().await?, objects([&poster, &first.blob, &second.blob, &other]));
    Ok(())
}

pub(crate) async fn a_poster_that_is_a_picture_of_somebody_stays_as_long_as_one_of_both(
    world: World,
) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let film = world.uploaded(&ana, "film.mp4", "video/mp4").await?;
    let picture = world.uploaded(&ben, "still.webp", "image/webp").await?;
    let notes = world.direct(&ben, &ben).await?;
    assert!(world.put_poster(&film, &picture.blob).await?);
    let entry = world.post_files(notes, &ben, "", slice::from_ref(&picture)).await?;
    assert_eq!(world.free(NOW).await?, 1);
    assert_eq!(world.freed().await?, objects([&film.blob]));
    let again = world.uploaded(&ana, "again.mp4", "video/mp4").await?;
    assert!(world.put_poster(&again, &picture.blob).await?);
    world.post_files(notes, &ben, "", slice::from_ref(&again)).await?;
    world.detach(&entry, later(1)).await?;
    assert_eq!(world.free(later(1)).await?, 1);
    assert_eq!(world.freed().await?, objects([&film.blob]));
    let poster = world.store.file(again.id).await?.and_then(|film| film.poster);
    assert_eq!(poster.as_deref(), Some(&picture.blob));
    Ok(())
}
