//! One declaration per setting: its type, default, range and documentation.

use std::ops::RangeInclusive;

/// What is known of a setting besides its value.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The name within its section.
    pub name: &'static str,
    /// Its documentation, line by line.
    pub doc: &'static [&'static str],
    /// The numbers it may have; none for what is not a number.
    pub range: Option<RangeInclusive<u64>>,
    /// Whether it is masked when settings are shown.
    pub secret: bool,
}

/// A group of settings that belong together.
pub trait Section {
    /// The name of its table in the file.
    const NAME: &'static str;
    /// Its documentation, line by line.
    const DOC: &'static [&'static str];
    /// Its settings, in the order in which they are documented.
    const SETTINGS: &'static [Setting];
}

/// Declares a section as a plain struct with defaults, together with what
/// `docs/configuration.md`, the file, the variables and the checks need to know.
///
/// A setting is written `name: Type [range] = default;`. The range is left out for what is not
/// a number. `@secret` before the name masks the value wherever settings are shown.
macro_rules! section {
    (
        $(#[doc = $section_doc:literal])+
        struct $section:ident = $name:literal;
        $(
            $(#[doc = $doc:literal])+
            $(@$secret:ident)? $field:ident: $type:ty $([$range:expr])? = $default:expr;
        )+
    ) => {
        $(#[doc = $section_doc])+
        #[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $section {
            $($(#[doc = $doc])+ pub $field: $type,)+
        }

        impl Default for $section {
            fn default() -> Self {
                Self { $($field: $default,)+ }
            }
        }

        impl $crate::config::section::Section for $section {
            const NAME: &'static str = $name;
            const DOC: &'static [&'static str] = &[$($section_doc),+];
            const SETTINGS: &'static [$crate::config::section::Setting] = &[$(
                $crate::config::section::Setting {
                    name: stringify!($field),
                    doc: &[$($doc),+],
                    range: section!(@range $($range)?),
                    secret: section!(@secret $($secret)?),
                },
            )+];
        }
    };
    (@range) => { None };
    (@range $range:expr) => { Some($range) };
    (@secret) => { false };
    (@secret secret) => { true };
}

pub(super) use section;
