//! `docs/configuration.md`, made from the declarations.

use std::fmt::{self, Write};

use serde_json::Value;

use super::section::Setting;
use super::{Described, SECTIONS, Settings, key, value, variable};

const HEAD: &str = "\
# Configuration

<!-- Made by `parlor config docs` from crates/app/src/config; a test fails when it is stale. -->

Parlor runs without any configuration. Each setting has a default and can be set in four
places; later ones win:

1. The default.
2. The settings file, in TOML: the one named by `--config` or `PARLOR_CONFIG`, otherwise
   `parlor.toml` in the data folder, if there is one.
3. A variable of the environment. Lists are separated by commas; an empty variable counts as
   not set.
4. The command line: `--data-dir` and `--listen`.

A name that does not exist is an error, in the file as well as in variables that begin with
`PARLOR_`. `parlor config show` prints every value and where it came from.

```toml
data_dir = \"/var/lib/parlor\"

[server]
listen = \"0.0.0.0:8080\"
public_urls = [\"https://chat.example.org\"]
trusted_proxies = [\"10.0.0.0/8\"]
```
";

/// The page as Markdown.
pub fn markdown() -> String {
    let mut text = HEAD.to_owned();
    let defaults = serde_json::to_value(Settings::default()).unwrap_or_default();
    for section in &SECTIONS {
        // Writing to a string cannot fail.
        _ = write_section(&mut text, section, &defaults);
    }
    text
}

fn write_section(text: &mut String, section: &Described, defaults: &Value) -> fmt::Result {
    if section.name.is_empty() {
        writeln!(text, "\n## The data folder")?;
    } else {
        writeln!(text, "\n## `[{}]`\n\n{}", section.name, paragraph(section.doc))?;
    }
    for setting in section.settings {
        write_setting(text, &key(section.name, setting.name), setting, defaults)?;
    }
    Ok(())
}

fn write_setting(text: &mut String, key: &str, setting: &Setting, defaults: &Value) -> fmt::Result {
    writeln!(text, "\n### `{key}`\n\n{}\n", paragraph(setting.doc))?;
    match value(defaults, key) {
        Value::Null => writeln!(text, "- Default: not set")?,
        default => writeln!(text, "- Default: `{default}`")?,
    }
    if let Some(range) = &setting.range {
        writeln!(text, "- From {} to {}", range.start(), range.end())?;
    }
    writeln!(text, "- Variable: `{}`", variable(key))
}

fn paragraph(doc: &[&str]) -> String {
    doc.iter().map(|line| line.trim()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_up_to_date() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/configuration.md");
        let page = std::fs::read_to_string(path).unwrap_or_default();
        assert!(page == markdown(), "docs/configuration.md is stale: run `make documents`");
    }
}
