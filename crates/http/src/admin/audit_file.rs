//! The audit log as a file, written while it is read.

use std::io;
use std::sync::Arc;

use futures_util::stream;
use parlor_domain::{Administrator, AuditFilter, AuditId, PageSize};
use poem::Body;
use poem_openapi::payload::Binary;
use poem_openapi::{ApiResponse, Enum};

use super::audit::AuditView;
use crate::services::Services;

/// What the file is for.
#[derive(Debug, Clone, Copy, Enum)]
#[oai(rename = "FileFormat", rename_all = "snake_case")]
pub(super) enum Format {
    /// Comma-separated values, for spreadsheets.
    Csv,
    /// A JSON array.
    Json,
}

#[derive(ApiResponse)]
pub(super) enum AuditFile {
    /// The file.
    #[oai(status = 200)]
    File(
        Binary<Body>,
        /// What it is.
        #[oai(header = "Content-Type")]
        String,
        /// That it is to be kept, and under which name.
        #[oai(header = "Content-Disposition")]
        String,
    ),
}

/// Where the writing is.
struct Progress {
    services: Arc<Services>,
    by: Administrator,
    filter: AuditFilter,
    format: Format,
    after: Option<AuditId>,
    begun: bool,
    done: bool,
}

/// All that the filter leaves, page by page, so that it takes no more memory than one of them.
pub(super) fn write(
    services: Arc<Services>,
    by: Administrator,
    filter: AuditFilter,
    format: Format,
) -> AuditFile {
    let (kind, name) = match format {
        Format::Csv => ("text/csv; charset=utf-8", "audit.csv"),
        Format::Json => ("application/json; charset=utf-8", "audit.json"),
    };
    let progress = Progress { services, by, filter, format, after: None, begun: false, done: false };
    let pages = stream::unfold(progress, |mut progress| async move {
        if progress.done {
            return None;
        }
        let page = progress.next().await;
        progress.done |= page.is_err();
        Some((page, progress))
    });
    let disposition = format!("attachment; filename=\"{name}\"");
    AuditFile::File(Binary(Body::from_bytes_stream(pages)), kind.to_owned(), disposition)
}

impl Progress {
    async fn next(&mut self) -> io::Result<Vec<u8>> {
        let size = PageSize::new(PageSize::MAX).unwrap_or_default();
        let page = self.services.administration.audit(&self.by, &self.filter, self.after, size).await;
        let page = page.map_err(io::Error::other)?;
        self.after = page.items.last().map(|entry| entry.id);
        self.done = page.next.is_none();
        let views: Vec<AuditView> = page.items.iter().map(AuditView::render).collect();
        let first = !std::mem::replace(&mut self.begun, true);
        match self.format {
            Format::Csv => as_csv(&views, first),
            Format::Json => as_json(&views, first, self.done),
        }
    }
}

fn as_json(views: &[AuditView], first: bool, last: bool) -> io::Result<Vec<u8>> {
    let mut text = if first { b"[".to_vec() } else { Vec::new() };
    for (number, view) in views.iter().enumerate() {
        text.extend_from_slice(if first && number == 0 { b"\n" } else { b",\n" });
        serde_json::to_writer(&mut text, view)?;
    }
    if last {
        text.extend_from_slice(b"\n]\n");
    }
    Ok(text)
}

fn as_csv(views: &[AuditView], first: bool) -> io::Result<Vec<u8>> {
    let mut lines = csv::Writer::from_writer(Vec::new());
    if first {
        lines.write_record(["id", "at", "by", "address", "action", "target_kind", "target", "changes"])?;
    }
    for view in views {
        let word = |value: serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let changes: Vec<String> = view
            .changes
            .iter()
            .map(|change| {
                let side = |value: &Option<String>| value.clone().unwrap_or_default();
                format!("{}: {} -> {}", change.field, side(&change.before), side(&change.after))
            })
            .collect();
        let target = view.target.as_ref();
        lines.write_record([
            view.id.to_string(),
            view.at.text(),
            view.by.map(|by| by.to_string()).unwrap_or_default(),
            view.address.clone().unwrap_or_default(),
            word(serde_json::to_value(view.action)?),
            target.map(|target| serde_json::to_value(target.kind).map(word)).transpose()?.unwrap_or_default(),
            target.map(|target| target.id.to_string()).unwrap_or_default(),
            // It begins with the name of a field, so no spreadsheet takes it for a formula.
            changes.join("; "),
        ])?;
    }
    lines.into_inner().map_err(|error| io::Error::other(error.to_string()))
}
