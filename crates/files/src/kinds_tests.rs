use super::*;

fn of(name: &str, declared: Option<&str>, content: &[u8]) -> Result<String, FileRefusal> {
    let found = found(content, content).unwrap();
    FileTypes::default().of(name, declared, found).map(|told| told.as_str().to_owned())
}

const GIF: &[u8] = b"GIF89a\x01\0\x01\0\0\0\0;";

#[test]
fn name_sender_and_content_have_to_agree() {
    assert_eq!(of("a.gif", None, GIF).unwrap(), "image/gif");
    for declared in ["image/gif", " IMAGE/GIF ; x=y", "", "application/octet-stream", ";"] {
        assert_eq!(of("a.GIF", Some(declared), GIF).unwrap(), "image/gif", "{declared}");
    }
    for declared in ["image/png", "text/html", "image/gif, text/html", "nonsense"] {
        assert_eq!(of("a.gif", Some(declared), GIF).unwrap(), MediaType::UNKNOWN, "{declared}");
    }
    assert_eq!(of("a.png", None, GIF).unwrap(), MediaType::UNKNOWN);
    assert_eq!(of("a.gif", None, b"\x89PNG\r\n\x1a\n").unwrap(), MediaType::UNKNOWN);
}

#[test]
fn a_type_that_is_not_received_is_named_as_people_call_it() {
    let refused = |name: &str| match of(name, None, GIF) {
        Err(FileRefusal::Type(named)) => named,
        other => panic!("{name}: {other:?}"),
    };
    assert_eq!(refused("virus.EXE"), "exe");
    assert_eq!(refused("page.png.html"), "html");
    assert_eq!(refused("README"), "image/gif");
    assert_eq!(refused("a."), "image/gif");
    assert_eq!(refused("a.<script>"), "image/gif");
    assert_eq!(refused("../../etc/passwd.d/x"), "image/gif");
    assert_eq!(of("README", None, b"\0\x01\x02"), Err(FileRefusal::Type("unknown".into())));
}

#[test]
fn what_is_received_is_configured_and_an_unknown_ending_is_only_saved() {
    let types = FileTypes::new([".STL", " gif "]);
    assert_eq!(types.endings().collect::<Vec<_>>(), ["gif", "stl"]);
    assert_eq!(types.of("a.stl", Some("image/gif"), Some("image/gif")).unwrap().as_str(), MediaType::UNKNOWN);
    assert_eq!(types.of("a.gif", None, Some("image/gif")).unwrap().as_str(), "image/gif");
    assert_eq!(types.of("a.png", None, Some("image/png")), Err(FileRefusal::Type("png".into())));
}

#[test]
fn sound_in_the_container_of_films_is_sound_if_the_sender_says_so() {
    let webm = [b"\x1a\x45\xdf\xa3\x01\x42\x82\x84webm".as_slice(), &[0; 300]].concat();
    assert_eq!(of("a.webm", Some("audio/webm;codecs=opus"), &webm).unwrap(), "audio/webm");
    assert_eq!(of("a.webm", Some("video/webm"), &webm).unwrap(), "video/webm");
    assert_eq!(of("a.webm", None, &webm).unwrap(), "video/webm");
}

#[test]
fn text_is_what_has_no_other_characters_than_text_has() {
    for text in ["", "hello\r\n\tworld\x0C", "grüße 🌻", "BM is a car", "ID3 is a tag", "MZ", "GIF89a"] {
        assert_eq!(found(text.as_bytes(), text.as_bytes()).unwrap(), Some(TEXT), "{text}");
    }
    for other in [b"a\0".as_slice(), b"\x1b[2J", b"\xff\xfeh\0", b"caf\xe9", b"\x7f", b"cut \xf0\x9f\x8c"] {
        assert_eq!(found(other, other).unwrap(), None, "{other:?}");
    }
    for active in ["<!DOCTYPE html >", " <html>", "<?xml version='1.0'?><svg/>", "#!/bin/sh"] {
        assert_ne!(found(active.as_bytes(), active.as_bytes()).unwrap(), Some(TEXT), "{active}");
    }
}

#[test]
fn text_is_looked_at_to_its_end_whatever_the_pieces() {
    for filler in 65_530..65_545 {
        let mut text = vec![b'a'; filler];
        text.extend("🌻ü".as_bytes());
        assert!(is_text(text.as_slice()).unwrap(), "{filler}");
        text.extend("a".repeat(70_000).bytes());
        assert!(is_text(text.as_slice()).unwrap(), "{filler}");
        text.push(0);
        assert!(!is_text(text.as_slice()).unwrap(), "{filler}");
    }
}
