//! The types that the program knows.

/// The endings that are received unless the configuration says others.
pub(super) const DEFAULT: [&str; 27] = [
    "png", "jpg", "jpeg", "gif", "webp", "avif", "mp4", "webm", "mov", "avi", "mp3", "ogg", "m4a", "wav",
    "flac", "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "odt", "txt", "md", "csv", "zip",
];

/// A type, and what has to agree for a file to be of it.
pub(super) struct Known {
    /// As which files of it are handed out.
    pub(super) media_type: &'static str,
    /// How their names end.
    pub(super) endings: &'static [&'static str],
    /// What is found in them.
    pub(super) content: &'static [&'static str],
    /// Which other types senders say that they are of.
    pub(super) said: &'static [&'static str],
}

const fn known(
    media_type: &'static str,
    endings: &'static [&'static str],
    content: &'static [&'static str],
    said: &'static [&'static str],
) -> Known {
    Known { media_type, endings, content, said }
}

const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const PPTX: &str = "application/vnd.openxmlformats-officedocument.presentationml.presentation";
const ODT: &str = "application/vnd.oasis.opendocument.text";

/// What newer documents are in. Some programs write the parts of one in an order in which its beginning
/// does not tell what it is.
const ZIP: &str = "application/zip";

/// What older documents of all three programs are in: by their content they are alike.
const OLE: &[&str] = &["application/msword", "application/x-ole-storage"];

/// Of those that agree the first one counts: where sound comes in the container of moving pictures, it
/// is sound only if the sender says so.
pub(super) const KNOWN: &[Known] = &[
    known("image/png", &["png"], &["image/png"], &["image/x-png"]),
    known("image/jpeg", &["jpg", "jpeg"], &["image/jpeg"], &["image/jpg", "image/pjpeg"]),
    known("image/gif", &["gif"], &["image/gif"], &[]),
    known("image/webp", &["webp"], &["image/webp"], &[]),
    known("image/avif", &["avif"], &["image/avif"], &[]),
    known("video/mp4", &["mp4"], &["video/mp4", "video/x-m4v"], &["video/x-m4v"]),
    known("audio/mp4", &["mp4"], &["video/mp4", "audio/m4a"], &["audio/x-m4a", "audio/m4a"]),
    known("video/webm", &["webm"], &["video/webm"], &[]),
    known("audio/webm", &["webm"], &["video/webm"], &[]),
    known("video/quicktime", &["mov"], &["video/quicktime"], &[]),
    known(
        "video/x-msvideo",
        &["avi"],
        &["video/x-msvideo"],
        &["video/avi", "video/msvideo", "video/vnd.avi"],
    ),
    known("audio/mpeg", &["mp3"], &["audio/mpeg"], &["audio/mp3", "audio/x-mp3", "audio/x-mpeg"]),
    known(
        "audio/ogg",
        &["ogg"],
        &["audio/ogg", "audio/opus"],
        &[
            "application/ogg",
            "audio/opus",
            "audio/vorbis",
            "audio/x-opus+ogg",
            "audio/x-vorbis+ogg",
            "video/ogg",
        ],
    ),
    known("audio/mp4", &["m4a"], &["audio/m4a", "video/mp4"], &["audio/x-m4a", "audio/m4a"]),
    known("audio/wav", &["wav"], &["audio/x-wav"], &["audio/x-wav", "audio/wave", "audio/vnd.wave"]),
    known("audio/flac", &["flac"], &["audio/x-flac"], &["audio/x-flac"]),
    known("application/pdf", &["pdf"], &["application/pdf"], &["application/x-pdf"]),
    known("application/msword", &["doc"], OLE, &[]),
    known("application/vnd.ms-excel", &["xls"], OLE, &["application/msexcel"]),
    known("application/vnd.ms-powerpoint", &["ppt"], OLE, &["application/mspowerpoint"]),
    known(DOCX, &["docx"], &[DOCX, ZIP], &[]),
    known(XLSX, &["xlsx"], &[XLSX, ZIP], &[]),
    known(PPTX, &["pptx"], &[PPTX, ZIP], &[]),
    known(ODT, &["odt"], &[ODT], &[]),
    known("text/plain", &["txt"], &["text/plain"], &[]),
    known("text/markdown", &["md"], &["text/plain"], &["text/x-markdown", "text/plain"]),
    known(
        "text/csv",
        &["csv"],
        &["text/plain"],
        &["application/csv", "application/vnd.ms-excel", "text/comma-separated-values", "text/plain"],
    ),
    known(ZIP, &["zip"], &[ZIP], &["application/x-zip-compressed", "application/x-zip"]),
];
