use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use sha2::{Digest, Sha256};

use super::*;

/// Bytes that are nothing known, and differ everywhere.
fn noise(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at.wrapping_mul(0x9E37_79B9) >> 13).to_le_bytes()[0] | 0x80).collect()
}

#[tokio::test]
async fn what_was_kept_is_read_back_whole_and_in_ranges() {
    let (_place, folder) = open();
    let bytes = noise(3_000_000);
    let mut receiving = received(&folder, &bytes).await;
    let name = FileName::parse("a.zip").unwrap();
    let inspected = receiving.inspect(&name, None).await.unwrap().unwrap();
    assert_eq!(inspected.bytes, 3_000_000);
    assert_eq!(inspected.hash.0, <[u8; 32]>::from(Sha256::digest(&bytes)));
    receiving.keep(object(7), None).await.unwrap();
    for range in
        [0..3_000_000, 0..1, 0..0, 2_999_999..3_000_000, 262_143..262_145, 1..2_999_999, 262_144..524_288]
    {
        let wanted = &bytes[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()];
        assert!(read(&folder, object(7), range.clone()).await.unwrap() == wanted, "{range:?}");
    }
}

#[tokio::test]
async fn what_is_not_there_or_too_short_is_told_apart() {
    let (_place, folder) = open();
    assert!(matches!(read(&folder, object(1), 0..1).await, Err(FileFailure::Missing)));
    received_and_kept(&folder, 1).await;
    assert_eq!(read(&folder, object(1), 0..4).await.unwrap(), b"1234");
    for beyond in [0..5, 4..5, 9..10] {
        assert!(matches!(read(&folder, object(1), beyond).await, Err(FileFailure::Failed(_))));
    }
}

#[tokio::test]
async fn t19_the_folder_has_only_names_that_the_server_made() {
    let (place, folder) = open();
    let long = "x".repeat(250) + ".txt";
    let names = [
        "../../../etc/passwd.txt",
        "/etc/passwd.txt",
        "..%2f..%2fa.txt",
        "a\\..\\b.txt",
        "C:\\Windows\\a.txt",
        "\\\\host\\share\\a.txt",
        "CON.txt",
        ".txt",
        "a b.txt",
        long.as_str(),
    ];
    for (number, name) in names.into_iter().enumerate() {
        let Ok(name) = FileName::parse(name) else { continue };
        let mut receiving = received(&folder, b"hello").await;
        receiving.inspect(&name, Some("text/plain")).await.unwrap().unwrap();
        receiving.keep(object(number as u128 * 0x0123_4567_89AB_CDEF), None).await.unwrap();
    }
    let made = tree(place.path());
    assert!(made.len() >= 5, "{made:?}");
    let hexadecimal = |text: &str| text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    for path in made {
        let parts: Vec<&str> = path.iter().map(|part| part.to_str().unwrap()).collect();
        let [files, folder, name] = parts[..] else { panic!("{path:?}") };
        assert_eq!((files, folder.len(), name.len()), ("files", 2, 32));
        assert!(hexadecimal(folder) && hexadecimal(name) && name.ends_with(folder), "{path:?}");
    }
}

#[tokio::test]
async fn folders_and_files_are_for_the_program_alone() {
    let (place, folder) = open();
    received_and_kept(&folder, 0xAB).await;
    let mode = |path: &str| fs::metadata(place.path().join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!([mode("files"), mode("files/incoming"), mode("files/ab")], [0o700; 3]);
    assert_eq!(mode("files/ab/000000000000000000000000000000ab"), 0o600);
}

async fn received_and_kept(folder: &Folder, number: u128) {
    let mut receiving = received(folder, b"1234").await;
    receiving.inspect(&FileName::parse("a.txt").unwrap(), None).await.unwrap().unwrap();
    receiving.keep(object(number), None).await.unwrap();
}

#[tokio::test]
async fn an_upload_that_is_dropped_leaves_nothing() {
    let (place, folder) = open();
    let bytes = noise(2_500_000);
    drop(received(&folder, &bytes).await);
    assert!(tree(place.path()).is_empty());
    let mut inspected = received(&folder, &samples::picture("png")).await;
    inspected.inspect(&FileName::parse("a.png").unwrap(), None).await.unwrap().unwrap();
    assert_eq!(tree(place.path()).len(), 1);
    drop(inspected);
    let mut refused = received(&folder, b"MZ").await;
    refused.inspect(&FileName::parse("a.exe").unwrap(), None).await.unwrap().unwrap_err();
    drop(refused);
    assert!(tree(place.path()).is_empty());
}

#[tokio::test]
async fn what_an_earlier_run_left_unfinished_goes_and_what_is_kept_stays() {
    let (place, folder) = open();
    received_and_kept(&folder, 5).await;
    drop(folder);
    let incoming = place.path().join("files/incoming");
    fs::write(incoming.join("left"), "half").unwrap();
    fs::create_dir(incoming.join("folder")).unwrap();
    fs::write(incoming.join("folder/left"), "half").unwrap();
    let folder = Folder::open(&place.path().join("files"), FileTypes::default()).unwrap();
    assert!(!incoming.join("folder").exists());
    assert_eq!(tree(&incoming), Vec::<PathBuf>::new());
    assert_eq!(read(&folder, object(5), 0..4).await.unwrap(), b"1234");
}

#[tokio::test]
async fn a_link_in_place_of_the_incoming_ones_is_not_followed() {
    let (place, folder) = open();
    drop(folder);
    let (incoming, elsewhere) = (place.path().join("files/incoming"), place.path().join("elsewhere"));
    fs::create_dir(&elsewhere).unwrap();
    fs::write(elsewhere.join("mine"), "stays").unwrap();
    fs::remove_dir_all(&incoming).unwrap();
    symlink(&elsewhere, &incoming).unwrap();
    Folder::open(&place.path().join("files"), FileTypes::default()).unwrap();
    assert!(elsewhere.join("mine").exists());
    assert!(fs::symlink_metadata(incoming).unwrap().is_dir());
}

#[tokio::test]
async fn what_another_program_is_receiving_arrives_although_this_one_begins() {
    let (place, folder) = open();
    let mut receiving = received(&folder, &noise(2_000_000)).await;
    let other = Folder::open(&place.path().join("files"), FileTypes::default()).unwrap();
    receiving.write(b"and the rest").await.unwrap();
    receiving.keep(object(1), None).await.unwrap();
    assert_eq!(other.size(object(1)).await.unwrap(), 2_000_012);
}

#[tokio::test]
async fn what_is_kept_without_being_looked_at_is_whole() {
    let (_place, folder) = open();
    received(&folder, b"a part of a file").await.keep(object(1), None).await.unwrap();
    assert_eq!(read(&folder, object(1), 0..16).await.unwrap(), b"a part of a file");
    assert_eq!(folder.size(object(1)).await.unwrap(), 16);
    assert!(matches!(folder.size(object(2)).await, Err(FileFailure::Missing)));
}

#[tokio::test]
async fn all_objects_are_listed_and_nothing_else() {
    let (place, folder) = open();
    let _receiving = received(&folder, &noise(2_000_000)).await;
    for number in [1, 2, 0x01FF, 0x02FF] {
        received_and_kept(&folder, number).await;
    }
    fs::write(place.path().join("files/ff/notes.txt"), "not ours").unwrap();
    fs::write(place.path().join("files/notes.txt"), "not ours").unwrap();
    let mut listing = folder.list().await.unwrap();
    let mut found = Vec::new();
    while let Some(page) = listing.next().await.unwrap() {
        found.extend(page.iter().map(|stored| (stored.object, stored.bytes)));
    }
    found.sort_unstable();
    assert_eq!(found, [1, 2, 0x01FF, 0x02FF].map(|number| (object(number), 4)));
    let nowhere = Folder::at(&place.path().join("nowhere"), FileTypes::default());
    assert!(nowhere.list().await.unwrap().next().await.unwrap().is_none());
    assert!(!place.path().join("nowhere").exists());
}

#[test]
fn a_folder_that_cannot_be_made_is_told_at_the_start() {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("files"), "a file").unwrap();
    assert!(Folder::open(&place.path().join("files"), FileTypes::default()).is_err());
}

#[tokio::test]
async fn what_is_deleted_is_gone_and_deleting_it_again_does_no_harm() {
    let (place, folder) = open();
    received_and_kept(&folder, 5).await;
    folder.delete(object(5)).await.unwrap();
    folder.delete(object(5)).await.unwrap();
    assert!(matches!(read(&folder, object(5), 0..4).await, Err(FileFailure::Missing)));
    assert!(tree(place.path()).is_empty());
}

#[tokio::test]
async fn a_picture_is_kept_with_its_small_versions() {
    let (_place, folder) = open();
    let mut receiving = received(&folder, &samples::picture("jpg")).await;
    let name = FileName::parse("a.jpg").unwrap();
    let inspected = receiving.inspect(&name, Some("image/jpeg")).await.unwrap().unwrap();
    receiving.keep(object(1), Some([object(2), object(3)])).await.unwrap();
    let [small, large] = inspected.thumbnails.unwrap();
    for (number, bytes) in [(2, small), (3, large)] {
        let file = read(&folder, object(number), 0..bytes).await.unwrap();
        assert_eq!(image::guess_format(&file).unwrap(), image::ImageFormat::WebP);
        // No byte is missing, and none too many.
        assert!(matches!(read(&folder, object(number), 0..bytes + 1).await, Err(FileFailure::Failed(_))));
    }
    let file = read(&folder, object(1), 0..inspected.bytes).await.unwrap();
    assert_eq!(inspected.hash.0, <[u8; 32]>::from(Sha256::digest(&file)));
}

#[tokio::test]
async fn what_could_not_be_kept_as_a_whole_is_not_kept_at_all() {
    let (place, folder) = open();
    let mut receiving = received(&folder, &samples::picture("png")).await;
    receiving.inspect(&FileName::parse("a.png").unwrap(), None).await.unwrap().unwrap();
    // Where the picture's folder would be is a file.
    fs::write(place.path().join("files/01"), "").unwrap();
    let kept = receiving.keep(object(1), Some([object(2), object(3)])).await;
    assert!(matches!(kept, Err(FileFailure::Failed(_))));
    assert_eq!(tree(place.path()), [PathBuf::from("files/01")]);
}

#[tokio::test]
async fn how_much_room_is_left_is_known() {
    let (_place, folder) = open();
    assert!(folder.free_bytes().await.unwrap().unwrap() > 0);
}
