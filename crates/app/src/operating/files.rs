//! `parlor files verify`: whether all bytes of files are there, and nothing else.

use std::fmt::Write;
use std::time::Duration;

use parlor_domain::{Defect, FileInUse, Files, Finding, Verified};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::failure::{Failure, chain};
use crate::sharing::Sharing;

/// How long one waits while others have their pictures looked at.
const PAUSE: Duration = Duration::from_secs(1);

/// The defects in the order in which they are told, how machines call them and how people do.
const DEFECTS: [(Defect, &str, &str); 5] = [
    (Defect::Missing, "missing", "files whose bytes are missing"),
    (Defect::Size, "size", "files with more or fewer bytes than they should have"),
    (Defect::Thumbnail, "thumbnail", "small versions of pictures that are missing or damaged"),
    (Defect::Orphan, "orphan", "objects that nobody knows"),
    (Defect::Found, "found", "files whose bytes were given up and are there again"),
];

/// Does it, or says in words why not.
pub(super) async fn verify(files: &Files, sharing: &Sharing, fix: bool) -> Result<Value, String> {
    let hold = if fix {
        let held = sharing.changing().await.map_err(|error| chain(&error))?;
        Some(held.ok_or("a backup is being made, and nothing may go meanwhile; try again when it is done")?)
    } else {
        None
    };
    let verified = files.verify(fix, || sleep(PAUSE)).await.map_err(|error| chain(&error))?;
    drop(hold);
    Ok(described(&verified))
}

fn described(verified: &Verified) -> Value {
    let totals = DEFECTS.iter().map(|(defect, word, _)| {
        let (found, mended) = verified.total(*defect);
        ((*word).to_owned(), json!({"found": found, "mended": mended}))
    });
    json!({
        "objects": verified.objects,
        "bytes": verified.bytes,
        "well": verified.is_well(),
        "totals": totals.collect::<serde_json::Map<_, _>>(),
        "findings": verified.findings.iter().map(finding).collect::<Vec<_>>(),
    })
}

fn finding(finding: &Finding) -> Value {
    let word = DEFECTS.iter().find(|(defect, ..)| *defect == finding.defect).map(|(_, word, _)| *word);
    json!({
        "defect": word,
        "object": finding.object.as_uuid().simple().to_string(),
        "bytes": finding.bytes,
        "mended": finding.mended,
        "files": finding.files.iter().map(file).collect::<Vec<_>>(),
    })
}

fn file(used: &FileInUse) -> Value {
    let place = |(conversation, seq): &(parlor_domain::ConversationId, u64)| json!({"conversation_id": conversation.as_uuid(), "seq": seq});
    json!({
        "id": used.file.id.as_uuid(),
        "name": used.file.name.as_str(),
        "owner": used.owner.as_str(),
        "messages": used.places.iter().map(place).collect::<Vec<_>>(),
    })
}

/// The words, with a line break at their end.
pub(super) fn in_words(done: &Value, fix: bool) -> String {
    let mut words = String::new();
    for finding in done["findings"].as_array().into_iter().flatten() {
        line(&mut words, finding);
    }
    let number = |value: &Value| value.as_u64().unwrap_or_default();
    let (objects, bytes) = (number(&done["objects"]), number(&done["bytes"]));
    // Writing to a string cannot fail.
    _ = writeln!(words, "{objects} objects with {bytes} bytes were looked at.");
    for (_, word, plain) in DEFECTS {
        let (found, mended) =
            (number(&done["totals"][word]["found"]), number(&done["totals"][word]["mended"]));
        match found {
            0 => {}
            _ if fix => _ = writeln!(words, "{found} {plain}, {mended} of them mended"),
            _ => _ = writeln!(words, "{found} {plain}"),
        }
    }
    if number(&done["totals"]["missing"]["found"]) + number(&done["totals"]["size"]["found"]) > 0 && fix {
        words +=
            "Whoever uploads one of the missing files once more brings it back for everybody who has it.\n";
    }
    if done["well"] == true {
        words += "Everything is well.\n";
    }
    words
}

fn line(words: &mut String, finding: &Value) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mended = if finding["mended"] == true { " (mended)" } else { "" };
    let (defect, object) = (text(&finding["defect"]), text(&finding["object"]));
    _ = writeln!(words, "{defect}\t{object}\t{} bytes{mended}", finding["bytes"]);
    for file in finding["files"].as_array().into_iter().flatten() {
        let messages = file["messages"].as_array().into_iter().flatten();
        let places: Vec<String> = messages
            .map(|message| format!("{} #{}", text(&message["conversation_id"]), message["seq"]))
            .collect();
        let places = if places.is_empty() { "in no message".to_owned() } else { places.join(", ") };
        _ = writeln!(words, "\t{}\tof {}\t{places}", text(&file["name"]), text(&file["owner"]));
    }
}

/// Whether something is left that is not as it should be, which the exit status tells, too.
pub(super) fn judge(done: &Value, fix: bool) -> Result<(), Failure> {
    if done["well"] == true {
        return Ok(());
    }
    let what_to_do = if fix {
        "not everything could be mended; put what is missing back from a backup, or have it uploaded once more"
    } else {
        "not everything is as it should be; `parlor files verify --fix` mends what can be mended"
    };
    Err(Failure::Fault(what_to_do.into()))
}
