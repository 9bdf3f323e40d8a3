//! From the sources to settings: the compiled-in example, over it the file, over it the
//! environment, over it the command line.
//!
//! Every fault is found in one pass. A layer is first rid of what is unknown or misplaced, then
//! the layers are laid over each other, then each table is read; a value that does not fit is
//! noted and its default put back, until the table reads.
//!
//! Never here: what a provider's keys mean, or reading a secret's file (`section`, `secret`). A
//! message is made of keys, types and ranges, never of a value.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use figment::Figment;
use figment::providers::Serialized;
use figment::util::nest;
use figment::value::{Dict, Empty, Tag, Value};
use serde::de::DeserializeOwned;
use toml_edit::{ImDocument, Item, TableLike, Value as Toml};

use super::section::keep_accounts;
use super::{EXAMPLE, Fault, Faults, Mark, Origins, Section, Settings};
use super::{entry_path, explain, put_in_order, type_name, unknown};

/// The file that is read when none is named and this one is there.
const DEFAULT_FILE: &str = "config.toml";

/// What the variables that are settings begin with.
const PREFIX: &str = "FRONTDESK_";

/// Variables with that beginning which stand for a switch of the command line, not for a setting.
const TWINS: [&str; 2] = ["FRONTDESK_CONFIG", "FRONTDESK_DATA_DIR"];

/// The variable in which systemd names the folder of the credentials.
const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";

/// The tables that hold one table an account, whose keys are the provider's affair.
const FAMILIES: [&str; 1] = ["voice"];

/// The tables of families with one member at a time, whose keys are the provider's affair.
const SINGLES: [&str; 1] = ["mail"];

/// Where settings come from, besides the compiled-in defaults.
#[derive(Clone, Default)]
pub struct Sources {
    /// The configuration file; `None`: there is none.
    pub file: Option<PathBuf>,
    /// `--data-dir`, which goes before every other source.
    pub data_dir: Option<PathBuf>,
    /// Environment variables by name: those beginning with `FRONTDESK_`, and
    /// `CREDENTIALS_DIRECTORY`.
    pub env: Vec<(String, String)>,
}

impl Sources {
    /// The sources of this process: the file named, or else `config.toml` in the current folder
    /// where there is one, and the environment.
    pub fn from_process(file: Option<PathBuf>, data_dir: Option<PathBuf>) -> Self {
        let is_ours = |name: &str| name.starts_with(PREFIX) || name == CREDENTIALS;
        let env = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
            .filter(|(name, _)| is_ours(name))
            .map(|(name, value)| (name, lossy(value)))
            .collect();
        Self { file: file.or_else(default_file), data_dir, env }
    }

    /// The variables that are settings, as (name, what follows the prefix, value); a table comes
    /// before its keys, so the narrower variable is the one that counts.
    fn variables(&self) -> Vec<(&str, &str, &str)> {
        let mut variables: Vec<_> = self
            .env
            .iter()
            .filter(|(name, _)| !TWINS.contains(&name.as_str()))
            .filter_map(|(name, value)| {
                let rest = name.strip_prefix(PREFIX)?;
                Some((name.as_str(), rest, value.as_str()))
            })
            .collect();
        variables.sort_unstable();
        variables
    }

    fn credentials(&self) -> Option<PathBuf> {
        self.env
            .iter()
            .find(|(name, value)| name == CREDENTIALS && !value.is_empty())
            .map(|(_, folder)| PathBuf::from(folder))
    }
}

/// Names the variables only: their values may be secrets.
impl fmt::Debug for Sources {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.env.iter().map(|(name, _)| name.as_str()).collect();
        out.debug_struct("Sources")
            .field("file", &self.file)
            .field("data_dir", &self.data_dir)
            .field("env", &names)
            .finish()
    }
}

/// Where it cannot be told whether the file is there, reading it will say why.
fn default_file() -> Option<PathBuf> {
    let path = Path::new(DEFAULT_FILE);
    path.try_exists().unwrap_or(true).then(|| path.to_owned())
}

/// What is not text keeps a mark that `Layer::from_variable` refuses.
fn lossy(value: OsString) -> String {
    value.to_string_lossy().into_owned()
}

/// Reads the settings, or says everything that is wrong with them. A provider's own table is only
/// looked at from outside; the provider reads it through [`Section::reader`].
pub fn load(sources: &Sources) -> Result<Settings, Faults> {
    let (settings, faults) = read(sources);
    Faults::check(faults)?;
    Ok(settings)
}

/// The settings as far as they can be read, the default standing for each fault, and the faults in
/// order. For looking on, so that a provider's faults can be told together with these; never for
/// running with: that is [`load`].
pub fn read(sources: &Sources) -> (Settings, Vec<Fault>) {
    let defaults = compiled_in(EXAMPLE);
    let known = compiled_in(&switched_on(EXAMPLE));
    let mut faults = Vec::new();
    let mut layers = Vec::new();
    let mut add = |layer| match layer {
        Ok(layer) => layers.push(layer),
        Err(fault) => faults.push(fault),
    };
    if let Some(file) = &sources.file {
        add(Layer::from_file(file));
    }
    for (name, rest, value) in sources.variables() {
        add(Layer::from_variable(name, rest, value, &known));
    }

    let mut figment = Figment::from(Serialized::defaults(&defaults));
    let mut origins = Origins {
        file: sources.file.clone(),
        credentials: sources.credentials(),
        marks: BTreeMap::new(),
    };
    for mut layer in layers {
        layer.prune(&known, &mut faults);
        origins.marks.extend(layer.origins.marks);
        figment = figment.merge(Serialized::defaults(layer.values));
    }
    let merged = figment
        .find_value("")
        .expect("every layer is a table")
        .into_dict()
        .expect("tables laid over a table make a table");

    let mut tables = Tables { merged, defaults, origins, faults };
    let stores = tables.take_tables("archive");
    let mut settings = Settings {
        server: tables.read("server"),
        data: tables.read("data"),
        log: tables.read("log"),
        limits: tables.read("limits"),
        retention: tables.read("retention"),
        metrics: tables.read("metrics"),
        archive: tables.read("archive"),
        stores: BTreeMap::new(),
        voice: BTreeMap::new(),
        mail: None,
    };
    if settings.limits.tool_deadline() >= settings.limits.request_timeout() {
        let message =
            "must be below request_timeout_ms: an agent is given a sentence, not an error";
        tables.faults.push(tables.origins.fault("limits.tool_deadline_ms", None, message));
    }
    // Not a layer: a path need not be text, and a layer's values are.
    if let Some(dir) = &sources.data_dir {
        settings.data.dir.clone_from(dir);
    }
    let mut faults = tables.faults;
    put_in_order(&mut faults);
    let voice = tables.merged.remove("voice");
    let mail = tables.merged.remove("mail").and_then(Value::into_dict);
    let origins = Arc::new(tables.origins);
    settings.voice = sections("voice", voice, &origins);
    settings.stores = sections("archive", Some(Value::from(stores)), &origins);
    settings.mail = mail.map(|table| Section::single("mail", &table, &origins));
    (settings, faults)
}

/// What one source says.
struct Layer {
    values: Dict,
    origins: Origins,
}

impl Layer {
    fn from_file(path: &Path) -> Result<Self, Fault> {
        let fault = |line, message| Fault {
            file: Some(path.to_owned()),
            line,
            key: String::new(),
            message,
        };
        let text = fs::read_to_string(path)
            .map_err(|error| fault(None, format!("cannot be read: {error}")))?;
        // The error's own Display would show the line, and with it perhaps a secret.
        let document = ImDocument::parse(text.as_str()).map_err(|error| {
            let line = error.span().map(|span| line_at(&text, span.start));
            let why = error.message().replace('\n', ", ");
            fault(line, format!("not TOML: {why}"))
        })?;
        let mut marks = BTreeMap::new();
        let mut note = |at: &str, span: Option<Range<usize>>| {
            if let Some(span) = span {
                marks.insert(at.to_owned(), Mark::Line(line_at(&text, span.start)));
            }
        };
        let values = dict_of(document.as_table(), "", &mut note);
        Ok(Self {
            values,
            origins: Origins { file: Some(path.to_owned()), credentials: None, marks },
        })
    }

    /// `rest` is the name without its prefix: `SERVER__LISTEN`.
    fn from_variable(name: &str, rest: &str, value: &str, known: &Dict) -> Result<Self, Fault> {
        let fault = |message: &str| Fault {
            file: None,
            line: None,
            key: name.to_owned(),
            message: message.to_owned(),
        };
        let path = rest.to_lowercase().replace("__", ".");
        if path.split('.').any(str::is_empty) {
            return Err(fault(
                "not a setting; one is named FRONTDESK_, its table, two underscores and its key",
            ));
        }
        if value.contains(char::REPLACEMENT_CHARACTER) {
            return Err(fault("must be UTF-8 text"));
        }
        let default =
            path.split_once('.').and_then(|(table, key)| known.get(table)?.as_dict()?.get(key));
        let mut marks = BTreeMap::new();
        let mut note = |at: &str, _: Option<Range<usize>>| {
            marks.insert(at.to_owned(), Mark::Variable(name.to_owned()));
        };
        note(&path, None);
        let value = variable_value(value, default, &path, &mut note);
        let values =
            nest(&path, value).into_dict().expect("a path of at least one part makes a table");
        Ok(Self { values, origins: Origins { file: None, credentials: None, marks } })
    }

    /// Takes out, and notes, what is not known and what is not shaped as it must be.
    fn prune(&mut self, known: &Dict, faults: &mut Vec<Fault>) {
        let Self { values, origins } = self;
        values.retain(|name, value| {
            let Some(known_keys) = known.get(name).and_then(Value::as_dict) else {
                let what = match value.as_dict() {
                    Some(_) => "table",
                    None => "key",
                };
                faults.push(origins.fault(name, None, &unknown(what, name, &names(known))));
                return false;
            };
            let Value::Dict(_, table) = value else {
                let message = format!("must be a table, not {}", type_name(value));
                faults.push(origins.fault(name, None, &message));
                return false;
            };
            if FAMILIES.contains(&name.as_str()) {
                keep_accounts(name, table, origins, faults);
            } else if !SINGLES.contains(&name.as_str()) {
                keep_known(name, table, known_keys, origins, faults);
            }
            true
        });
    }
}

fn keep_known(
    name: &str,
    table: &mut Dict,
    known: &Dict,
    origins: &Origins,
    faults: &mut Vec<Fault>,
) {
    table.retain(|key, _| {
        let is_known = known.contains_key(key);
        if !is_known {
            let message = unknown("key", key, &names(known));
            faults.push(origins.fault(&format!("{name}.{key}"), None, &message));
        }
        is_known
    });
}

/// The layers laid over each other, while their tables are read.
struct Tables {
    merged: Dict,
    defaults: Dict,
    origins: Origins,
    faults: Vec<Fault>,
}

impl Tables {
    /// Takes out the tables within a table, whose keys are somebody else's affair.
    fn take_tables(&mut self, name: &str) -> Dict {
        let mut inner = Dict::new();
        if let Some(Value::Dict(_, table)) = self.merged.get_mut(name) {
            table.retain(|key, value| {
                let is_table = value.as_dict().is_some();
                if is_table {
                    inner.insert(key.clone(), value.clone());
                }
                !is_table
            });
        }
        inner
    }

    /// Reads one table. A key that does not fit is noted and given its default, so that the next
    /// one is found too.
    fn read<T: DeserializeOwned>(&mut self, name: &str) -> T {
        let defaults = self
            .defaults
            .get(name)
            .and_then(Value::as_dict)
            .expect("the example has every table that is read");
        let mut table = self
            .merged
            .remove(name)
            .and_then(Value::into_dict)
            .expect("the default table lies below, and what is no table was taken out");
        for _ in 0..=table.len() {
            let error = match Value::Dict(Tag::Default, table.clone()).deserialize::<T>() {
                Ok(settings) => return settings,
                Err(error) => error,
            };
            let (Some(key), entry) = (error.path.first(), error.path.get(1)) else {
                break;
            };
            let entry: Option<usize> = entry.and_then(|index| index.parse().ok());
            let message = explain(&error.kind, found(&table, key, entry));
            let path = format!("{name}.{key}");
            self.faults.push(self.origins.fault(&path, entry, &message));
            match defaults.get(key) {
                Some(default) => table.insert(key.clone(), default.clone()),
                None => table.remove(key),
            };
        }
        Value::Dict(Tag::Default, defaults.clone())
            .deserialize()
            .expect("the example's own values fit, which a test holds")
    }
}

/// The value at `key`, or the `entry` of the list there.
fn found<'t>(table: &'t Dict, key: &str, entry: Option<usize>) -> Option<&'t Value> {
    let value = table.get(key)?;
    match entry {
        Some(index) => value.as_array()?.get(index),
        None => Some(value),
    }
}

fn sections(
    family: &str,
    tables: Option<Value>,
    origins: &Arc<Origins>,
) -> BTreeMap<String, Section> {
    let accounts = tables.and_then(Value::into_dict).unwrap_or_default();
    accounts
        .iter()
        .filter_map(|(name, value)| {
            let section = Section::new(family, name, value.as_dict()?, origins);
            Some((name.clone(), section))
        })
        .collect()
}

/// The example with its switched-off settings switched on: a line that begins with one hash and a
/// space loses them. Two hashes are prose.
pub(super) fn switched_on(example: &str) -> String {
    example
        .lines()
        .map(|line| line.strip_prefix("# ").unwrap_or(line))
        .flat_map(|line| [line, "\n"])
        .collect()
}

fn compiled_in(example: &str) -> Dict {
    let document = ImDocument::parse(example).expect("the example is TOML, which a test holds");
    dict_of(document.as_table(), "", &mut |_: &str, _| {})
}

fn names(table: &Dict) -> Vec<&str> {
    table.keys().map(String::as_str).collect()
}

/// The line at a byte of the text, counted from 1.
fn line_at(text: &str, byte: usize) -> usize {
    let before = text.bytes().take(byte);
    1 + before.filter(|byte| *byte == b'\n').count()
}

/// What an environment variable says: a list, a table or a quoted text where it reads as one in
/// TOML; a number or a boolean only where the setting's default is one, so that a password of
/// digits stays a text; else the text as it is.
fn variable_value(text: &str, default: Option<&Value>, at: &str, note: Note<'_>) -> Value {
    let takes_plain = matches!(default, Some(Value::Num(..) | Value::Bool(..)));
    let Ok(parsed) = text.trim().parse::<Toml>() else {
        return Value::from(text);
    };
    let is_plain =
        matches!(parsed, Toml::Integer(_) | Toml::Float(_) | Toml::Boolean(_) | Toml::Datetime(_));
    if is_plain && !takes_plain { Value::from(text) } else { value_of(&parsed, at, note) }
}

/// Is told the path of each key and each element of a list, and its place in the text.
type Note<'n> = &'n mut dyn FnMut(&str, Option<Range<usize>>);

fn dict_of(table: &dyn TableLike, at: &str, note: Note<'_>) -> Dict {
    let mut dict = Dict::new();
    for (key, item) in table.iter() {
        let path = if at.is_empty() { key.to_owned() } else { format!("{at}.{key}") };
        note(&path, table.key(key).and_then(|key| key.span()));
        let value = match item {
            Item::None => continue,
            Item::Value(value) => value_of(value, &path, note),
            Item::Table(inner) => Value::Dict(Tag::Default, dict_of(inner, &path, note)),
            Item::ArrayOfTables(list) => {
                let mut tables = Vec::new();
                for inner in list.iter() {
                    tables.push(Value::Dict(Tag::Default, dict_of(inner, &path, note)));
                }
                Value::Array(Tag::Default, tables)
            }
        };
        dict.insert(key.to_owned(), value);
    }
    dict
}

fn value_of(value: &Toml, at: &str, note: Note<'_>) -> Value {
    match value {
        Toml::String(text) => Value::from(text.value().as_str()),
        Toml::Integer(number) => Value::from(*number.value()),
        Toml::Float(number) => Value::from(*number.value()),
        Toml::Boolean(truth) => Value::from(*truth.value()),
        // figment knows no dates and TOML no empty value: no setting is either.
        Toml::Datetime(_) => Value::Empty(Tag::Default, Empty::Unit),
        Toml::InlineTable(inner) => Value::Dict(Tag::Default, dict_of(inner, at, note)),
        Toml::Array(list) => {
            let mut values = Vec::new();
            for (index, element) in list.iter().enumerate() {
                let path = entry_path(at, index);
                note(&path, element.span());
                values.push(value_of(element, &path, note));
            }
            Value::Array(Tag::Default, values)
        }
    }
}
