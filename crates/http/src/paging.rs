//! Lists come in pages.

use parlor_domain::{Page, PageSize};
use poem_openapi::Object;
use poem_openapi::types::{ParseFromJSON, ToJSON, Type};
use serde::Serialize;

use crate::problem::Problem;

/// One page of a list.
#[derive(Debug, Serialize, Object)]
pub struct Listing<T: Type + ParseFromJSON + ToJSON + Send + Sync> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// What to pass as `after` for the next page; null on the last one.
    pub next: Option<String>,
}

impl<T: Type + ParseFromJSON + ToJSON + Send + Sync> Listing<T> {
    /// Renders each item of a page.
    pub fn render<U>(page: Page<U>, render: impl Fn(&U) -> T) -> Self {
        Self { items: page.items.iter().map(render).collect(), next: page.next }
    }
}

/// The size that was asked for, 50 when none was.
pub fn page_size(limit: Option<u32>) -> Result<PageSize, Problem> {
    match limit {
        None => Ok(PageSize::default()),
        Some(limit) => PageSize::new(limit).ok_or_else(|| {
            Problem::invalid_fields(Vec::new()).with_field(
                "limit",
                "out_of_range",
                format!("From 1 to {}.", PageSize::MAX),
            )
        }),
    }
}
