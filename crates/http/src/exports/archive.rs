//! A ZIP archive that is written while it is sent, so that it is never in memory whole.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

/// What was written and not sent yet.
#[derive(Clone, Default)]
struct Outbox(Arc<Mutex<Vec<u8>>>);

impl Write for Outbox {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The archive.
pub(super) struct Archive {
    zip: ZipWriter<StreamWriter<Outbox>>,
    outbox: Outbox,
    /// Whether the list that is being written has an item.
    begun: bool,
}

impl Archive {
    pub(super) fn new() -> Self {
        let outbox = Outbox::default();
        Self { zip: ZipWriter::new_stream(outbox.clone()), outbox, begun: false }
    }

    /// What was written since this was asked last.
    pub(super) fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.outbox.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn begin(&mut self, name: &str, method: CompressionMethod) -> io::Result<()> {
        Ok(self.zip.start_file(name, options(method))?)
    }

    /// A file with these bytes, which are compressed already.
    pub(super) fn file(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.begin(name, CompressionMethod::Stored)?;
        self.zip.write_all(bytes)
    }

    /// Begins a file of this many bytes, which are not compressed again.
    pub(super) fn begin_file(&mut self, name: &str, bytes: u64) -> io::Result<()> {
        let options = options(CompressionMethod::Stored).large_file(bytes > u64::from(u32::MAX) / 2);
        Ok(self.zip.start_file(name, options)?)
    }

    /// Goes on with it.
    pub(super) fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.zip.write_all(bytes)
    }

    /// A file with this value.
    pub(super) fn json(&mut self, name: &str, value: &impl Serialize) -> io::Result<()> {
        self.begin(name, CompressionMethod::Deflated)?;
        serde_json::to_writer_pretty(&mut self.zip, value)?;
        self.zip.write_all(b"\n")
    }

    /// Begins a file with a list, one item on each line.
    pub(super) fn begin_list(&mut self, name: &str) -> io::Result<()> {
        self.begin(name, CompressionMethod::Deflated)?;
        self.begun = false;
        self.zip.write_all(b"[")
    }

    /// Goes on with it.
    pub(super) fn items<T: Serialize>(&mut self, items: impl IntoIterator<Item = T>) -> io::Result<()> {
        for item in items {
            let first = !std::mem::replace(&mut self.begun, true);
            self.zip.write_all(if first { b"\n" } else { b",\n" })?;
            serde_json::to_writer(&mut self.zip, &item)?;
        }
        Ok(())
    }

    /// Ends it.
    pub(super) fn end_list(&mut self) -> io::Result<()> {
        self.zip.write_all(b"\n]\n")
    }

    /// Writes a whole list.
    pub(super) fn list<T: Serialize>(
        &mut self,
        name: &str,
        items: impl IntoIterator<Item = T>,
    ) -> io::Result<()> {
        self.begin_list(name)?;
        self.items(items)?;
        self.end_list()
    }

    /// Ends the archive; the last of it.
    pub(super) fn finish(self) -> io::Result<Vec<u8>> {
        let Self { zip, outbox, .. } = self;
        zip.finish()?;
        Ok(std::mem::take(&mut *outbox.0.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}

fn options(method: CompressionMethod) -> SimpleFileOptions {
    SimpleFileOptions::default().compression_method(method).unix_permissions(0o600)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn what_is_taken_piece_by_piece_is_an_archive() {
        let mut archive = Archive::new();
        let mut sent = Vec::new();
        archive.file("picture.webp", b"RIFF").unwrap();
        sent.extend(archive.take());
        archive.begin_list("messages.json").unwrap();
        for part in [vec![1, 2], vec![], vec![3]] {
            archive.items(part).unwrap();
            sent.extend(archive.take());
        }
        archive.end_list().unwrap();
        archive.list("none.json", Vec::<u8>::new()).unwrap();
        sent.extend(archive.finish().unwrap());
        let mut read = zip::ZipArchive::new(io::Cursor::new(sent)).unwrap();
        let mut text = |name| {
            let mut text = String::new();
            read.by_name(name).unwrap().read_to_string(&mut text).unwrap();
            text
        };
        assert_eq!(text("picture.webp"), "RIFF");
        assert_eq!(text("messages.json"), "[\n1,\n2,\n3\n]\n");
        assert_eq!(text("none.json"), "[\n]\n");
    }
}
