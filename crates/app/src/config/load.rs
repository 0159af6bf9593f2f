//! From defaults, file, variables and flags to settings.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use config::{Config, ConfigError as Fault, File, FileFormat, Map, Source, Value, ValueKind};
use serde_json::Value as Json;

use super::{ConfigError, Settings, all, check, value, variable};

/// The variable that names the settings file.
pub const FILE_VARIABLE: &str = "PARLOR_CONFIG";
/// The settings file in the data folder.
const FILE_NAME: &str = "parlor.toml";

/// Where values come from besides the defaults; later ones win.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// The settings file; without one it is `parlor.toml` in the data folder, if that exists.
    pub file: Option<PathBuf>,
    /// The environment's variables; those without the prefix `PARLOR_` do not matter.
    pub variables: Vec<(String, String)>,
    /// Keys and values from the command line.
    pub flags: Vec<(&'static str, String)>,
}

/// Settings, and where each value came from.
#[derive(Debug)]
pub struct Loaded {
    /// The values.
    pub settings: Settings,
    /// By key: `default`, a file, a variable or `command line`.
    pub origins: BTreeMap<String, String>,
}

/// Reads and checks the settings.
pub fn load(sources: &Sources) -> Result<Loaded, ConfigError> {
    let defaults = serde_json::to_value(Settings::default()).unwrap_or_default();
    let variables = Layer::of_variables(&sources.variables, &defaults)?;
    let flags = Layer::of_flags(&sources.flags);

    let mut builder = Config::builder().add_source(Layer::of_defaults(&defaults));
    if let Some(path) = file(sources, &variables, &flags, &defaults) {
        builder = builder.add_source(read(&path)?);
    }
    let merged = builder.add_source(variables).add_source(flags).build();
    let merged = merged.map_err(|fault| type_error(&fault, &BTreeMap::new()))?;

    let origins = origins(&merged);
    let settings: Settings = merged.try_deserialize().map_err(|fault| type_error(&fault, &origins))?;
    check::check(&settings)?;
    Ok(Loaded { settings, origins })
}

fn file(sources: &Sources, variables: &Layer, flags: &Layer, defaults: &Json) -> Option<PathBuf> {
    if let Some(file) = &sources.file {
        return Some(file.clone());
    }
    let data_dir = flags.text("data_dir").or_else(|| variables.text("data_dir"));
    let data_dir = data_dir.or_else(|| defaults["data_dir"].as_str().map(str::to_owned))?;
    Some(PathBuf::from(data_dir).join(FILE_NAME)).filter(|file| file.exists())
}

fn read(path: &Path) -> Result<Layer, ConfigError> {
    let fail = |reason: String| ConfigError::File { file: path.into(), reason };
    let text = std::fs::read_to_string(path).map_err(|error| fail(error.to_string()))?;
    let table = File::from_str(&text, FileFormat::Toml)
        .collect()
        .map_err(|fault| fail(place_and_reason(&fault.to_string())))?;

    let place = path.display().to_string();
    let known: Vec<String> = all().map(|(key, _)| key).collect();
    let mut values = Map::new();
    for (name, value) in leaves(table) {
        if !known.contains(&name) {
            return Err(unknown(place, name, known));
        }
        values.insert(name, Value::new(Some(&place), value.kind));
    }
    Ok(Layer(values))
}

/// The first and the last line of what the parser says: between them it draws the place.
fn place_and_reason(said: &str) -> String {
    let mut lines = said.lines().map(str::trim).filter(|line| !line.is_empty());
    let place = lines.next().unwrap_or_default();
    lines.next_back().map_or_else(|| place.to_owned(), |reason| format!("{place}: {reason}"))
}

/// The values of a table by their full keys. A table within a section is no setting, and keeps
/// its key, so that it is noticed.
fn leaves(table: Map<String, Value>) -> Vec<(String, Value)> {
    let mut leaves = Vec::new();
    for (name, value) in table {
        match value.kind {
            ValueKind::Table(section) => {
                leaves.extend(section.into_iter().map(|(field, value)| (format!("{name}.{field}"), value)));
            }
            _ => leaves.push((name, value)),
        }
    }
    leaves.sort_by(|(left, _), (right, _)| left.cmp(right));
    leaves
}

fn unknown(place: String, name: String, known: Vec<String>) -> ConfigError {
    let nearest = known.into_iter().min_by_key(|known| strsim::damerau_levenshtein(known, &name));
    ConfigError::Unknown { place, name, nearest: nearest.unwrap_or_default() }
}

fn origins(merged: &Config) -> BTreeMap<String, String> {
    let values = merged.collect().map(leaves).unwrap_or_default();
    values.into_iter().map(|(key, value)| (key, value.origin().unwrap_or("default").to_owned())).collect()
}

/// The place and what is wrong there, in one line.
fn type_error(fault: &Fault, origins: &BTreeMap<String, String>) -> ConfigError {
    let key = match fault {
        Fault::At { key, .. } | Fault::Type { key, .. } => key.as_ref(),
        _ => None,
    };
    // A value of a list has its place behind the list's key: `server.public_urls[0]`.
    let setting = key.and_then(|key| key.split('[').next());
    let place = setting.and_then(|key| origins.get(key)).map_or("the settings", String::as_str);
    ConfigError::Type { place: place.to_owned(), reason: fault.to_string().replace('\n', " ") }
}

/// Values by their full keys, each with where it came from.
#[derive(Debug, Clone)]
struct Layer(Map<String, Value>);

impl Layer {
    fn of_defaults(defaults: &Json) -> Self {
        let values = all().filter_map(|(key, _)| {
            let value = plain(value(defaults, &key))?;
            Some((key, value))
        });
        Self(values.collect())
    }

    /// An empty variable counts as not set, as tools that pass variables on make them.
    fn of_variables(variables: &[(String, String)], defaults: &Json) -> Result<Self, ConfigError> {
        let known: BTreeMap<String, String> = all().map(|(key, _)| (variable(&key), key)).collect();
        let mut values = Map::new();
        for (name, text) in variables {
            if !name.starts_with("PARLOR_") || name == FILE_VARIABLE {
                continue;
            }
            let Some(key) = known.get(name) else {
                return Err(unknown("the environment".into(), name.clone(), known.into_keys().collect()));
            };
            if !text.is_empty() {
                let is_list = value(defaults, key).is_array();
                values.insert(key.clone(), parse(text, is_list, name));
            }
        }
        Ok(Self(values))
    }

    fn of_flags(flags: &[(&'static str, String)]) -> Self {
        let place = "command line";
        Self(flags.iter().map(|(key, text)| ((*key).to_owned(), parse(text, false, place))).collect())
    }

    fn text(&self, key: &str) -> Option<String> {
        self.0.get(key).and_then(|value| value.clone().into_string().ok())
    }
}

/// A default as a value. What is not set by default is there as well, so that its section is.
fn plain(default: &Json) -> Option<Value> {
    let kind = match default {
        Json::Object(_) => return None,
        Json::Null => ValueKind::Nil,
        Json::Bool(switch) => ValueKind::Boolean(*switch),
        Json::Number(number) => ValueKind::U64(number.as_u64()?),
        Json::String(text) => ValueKind::String(text.clone()),
        Json::Array(items) => ValueKind::Array(items.iter().filter_map(plain).collect()),
    };
    Some(Value::new(None, kind))
}

/// A value from text; lists are separated by commas. Numbers and switches are read from their
/// text when the settings are put together.
fn parse(text: &str, is_list: bool, place: &str) -> Value {
    let place = place.to_owned();
    if !is_list {
        return Value::new(Some(&place), text);
    }
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    Value::new(Some(&place), items.map(|item| Value::new(Some(&place), item)).collect::<Vec<_>>())
}

impl Source for Layer {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, Fault> {
        Ok(self.0.clone())
    }
}

#[cfg(test)]
#[path = "load_tests.rs"]
mod tests;
