use parlor_domain::MediaType;

use super::*;

/// What runs in a page if one lets it.
const ACTIVE: [&[u8]; 7] = [
    b"<!DOCTYPE html ><html><script>alert(1)</script></html>",
    b"<html><body onload=alert(1)></body></html>",
    b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>",
    b"<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>",
    b"<?xml version=\"1.0\"?><x:script xmlns:x=\"http://www.w3.org/1999/xhtml\">alert(1)</x:script>",
    b"GIF89a/*\x00*/=1;alert(1)//",
    b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\n",
];

#[tokio::test]
async fn a_file_that_is_what_it_says_is_of_that_type() {
    let (_place, folder) = open();
    for (ending, media_type, bytes) in samples::all() {
        for declared in [None, Some(""), Some("application/octet-stream"), Some(media_type)] {
            let told = inspect(&folder, &format!("a.{ending}"), declared, &bytes).await.unwrap();
            assert_eq!(told.media_type.as_str(), media_type, "{ending} {declared:?}");
        }
    }
}

#[tokio::test]
async fn every_ending_that_is_received_is_known() {
    let known: Vec<&str> = samples::all().iter().map(|(ending, ..)| *ending).collect();
    for ending in FileTypes::default().endings() {
        assert!(known.contains(&ending), "{ending}");
    }
    assert_eq!(FileTypes::default().endings().count(), known.len());
}

#[tokio::test]
async fn t14_a_file_that_is_something_else_is_only_saved() {
    let (_place, folder) = open();
    for (ending, media_type, own) in samples::all() {
        for (other, _, bytes) in samples::all() {
            let told = inspect(&folder, &format!("a.{ending}"), None, &bytes).await.unwrap();
            // Sound and films have the same container.
            if bytes == own || [("m4a", "mp4"), ("mp4", "m4a")].contains(&(ending, other)) {
                continue;
            }
            if MediaType::from_stored(media_type.to_owned()).is_shown() {
                assert_eq!(told.media_type.as_str(), "application/octet-stream", "{other} as {ending}");
            }
            assert!(!told.media_type.is_shown(), "{other} as {ending}");
            assert_eq!((told.pixels, told.thumbnails), (None, None));
        }
        let told = inspect(&folder, &format!("a.{ending}"), Some("text/html"), &own).await.unwrap();
        assert_eq!(
            told.media_type.as_str(),
            "application/octet-stream",
            "{ending} that is said to be a page"
        );
    }
}

#[tokio::test]
async fn t14_what_runs_in_a_page_is_never_shown_whatever_it_is_called() {
    let (_place, folder) = open();
    for (ending, media_type, _) in samples::all() {
        for active in ACTIVE {
            for declared in [None, Some(media_type), Some("text/html"), Some("image/svg+xml")] {
                let shown = match inspect(&folder, &format!("a.{ending}"), declared, active).await {
                    Ok(told) => told.media_type.is_shown(),
                    Err(FileRefusal::Damaged | FileRefusal::TooManyPixels) => false,
                    Err(other) => panic!("{other}"),
                };
                assert!(!shown, "{} as {ending}, {declared:?}", String::from_utf8_lossy(active));
            }
        }
    }
    for ending in ["html", "htm", "svg", "xml", "xhtml", "js", "exe", "swf"] {
        for active in ACTIVE {
            let refused = inspect(&folder, &format!("a.{ending}"), None, active).await;
            assert_eq!(refused, Err(FileRefusal::Type(ending.to_owned())));
        }
    }
}

#[tokio::test]
async fn t14_what_hides_behind_a_picture_is_gone() {
    let (_place, folder) = open();
    for ending in ["png", "jpg", "gif", "webp"] {
        let picture = samples::picture(ending);
        for hidden in [b"<script>alert(1)</script>".as_slice(), b"PK\x03\x04hidden", b"%PDF-1.7 hidden"] {
            let polyglot = [&picture, hidden].concat();
            let (told, bytes) = kept(&folder, &format!("a.{ending}"), &polyglot).await;
            assert!(told.media_type.is_shown() && told.pixels.is_some());
            assert!(!has(&bytes, hidden), "{ending}");
            assert_eq!(told.bytes, bytes.len() as u64);
            assert!(image::load_from_memory(&bytes).unwrap().to_rgb8().dimensions() == (64, 48));
        }
    }
}

#[tokio::test]
async fn other_files_are_kept_byte_for_byte() {
    let (_place, folder) = open();
    for (ending, media_type, bytes) in samples::all() {
        if !media_type.starts_with("image/") || ending == "avif" {
            let (_, read) = kept(&folder, &format!("a.{ending}"), &bytes).await;
            assert_eq!(read, bytes, "{ending}");
        }
    }
}
