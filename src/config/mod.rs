//! Settings: what the file, the environment and the command line say, checked whole and turned
//! into types that cannot be wrong.
//!
//! [`load()`] reads them, [`Settings`] is what the rest of the program is given, and a [`Section`]
//! is a provider's own table, which only that provider can read. The compiled-in
//! [`EXAMPLE`] is the one place where a default is written down.
//!
//! Never here: the network, the database, what a provider's keys mean. No fault ever repeats a
//! value, so no fault can give a secret away.

mod archive;
mod data;
mod diff;
mod limits;
mod load;
#[cfg(test)]
pub(crate) mod load_tests;
mod log;
mod metrics;
mod retention;
mod secret;
#[cfg(test)]
mod secret_tests;
mod section;
mod server;
mod watch;

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::path::PathBuf;

use figment::error::Kind;
use figment::value::Value;

pub use archive::{Archive, PATIENT};
pub use data::Data;
pub use limits::Limits;
pub use load::{Sources, load, read};
pub use log::{Format, Level, Log};
pub use metrics::Metrics;
pub use retention::Retention;
pub use secret::Secret;
pub use section::{Reader, Section};
pub use server::Server;
pub use watch::Watch;

/// `config.toml.example` as it was compiled in: every setting, its default and what it is for.
pub const EXAMPLE: &str = include_str!("../../config.toml.example");

/// Everything that can be set, whole and valid.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `[server]`: where it listens and under which address it is reached.
    pub server: Server,
    /// `[data]`: where it keeps what it knows.
    pub data: Data,
    /// `[log]`: how much it says, and in which form.
    pub log: Log,
    /// `[limits]`: the bounds that keep one caller from taking everything.
    pub limits: Limits,
    /// `[retention]`: how long things are kept.
    pub retention: Retention,
    /// `[metrics]`: who may read the figures of the program.
    pub metrics: Metrics,
    /// `[archive]`: where recordings are kept.
    pub archive: Archive,
    /// `[archive.NAME]`: the stores by name, each still to be read by its provider.
    pub stores: BTreeMap<String, Section>,
    /// `[voice.NAME]`: the voice accounts by name, each still to be read by its provider.
    pub voice: BTreeMap<String, Section>,
    /// `[mail]`, where it is there: still to be read by its provider.
    pub mail: Option<Section>,
}

/// One thing that is wrong with the settings, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The file it is in; `None` where it came from the environment or is nowhere.
    pub file: Option<PathBuf>,
    /// The line in the file, counted from 1.
    pub line: Option<usize>,
    /// The dotted key, or the environment variable; empty where the whole file is meant.
    pub key: String,
    /// What is wrong and what would be right; never the value itself.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(out, "{}", file.display())?;
            if let Some(line) = self.line {
                write!(out, ":{line}")?;
            }
            out.write_str(": ")?;
        }
        if !self.key.is_empty() {
            write!(out, "{}: ", self.key)?;
        }
        out.write_str(&self.message)
    }
}

/// Every fault that was found, at least one: those of the file by line, then the others by key.
#[derive(Debug)]
pub struct Faults(pub Vec<Fault>);

impl Faults {
    /// Puts the faults in order; `Ok` when there are none.
    pub fn check(mut faults: Vec<Fault>) -> Result<(), Self> {
        put_in_order(&mut faults);
        if faults.is_empty() { Ok(()) } else { Err(Self(faults)) }
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.0.iter().enumerate() {
            if index > 0 {
                out.write_str("\n")?;
            }
            write!(out, "{fault}")?;
        }
        Ok(())
    }
}

impl Error for Faults {}

/// The order in which a person mends them: down the file, then what is outside it.
fn put_in_order(faults: &mut [Fault]) {
    faults.sort_by(|one, other| {
        let place = |fault: &Fault| (fault.file.is_none(), fault.line);
        place(one).cmp(&place(other)).then_with(|| one.key.cmp(&other.key))
    });
}

/// Where each setting was said, so that a fault can name the place. It holds no values.
#[derive(Clone, Debug, Default)]
struct Origins {
    /// The file the lines are of.
    file: Option<PathBuf>,
    /// The folder in which systemd puts credentials.
    credentials: Option<PathBuf>,
    /// By dotted path; a list's element is at `path[index]`.
    marks: BTreeMap<String, Mark>,
}

/// One place at which something was said.
#[derive(Clone, Debug)]
enum Mark {
    /// A line of the file, counted from 1.
    Line(usize),
    /// An environment variable, by name.
    Variable(String),
}

impl Origins {
    /// A fault at the dotted `path`, or at the `entry` (counted from 0) of the list there. A path
    /// that nobody wrote is placed at the nearest table around it.
    fn fault(&self, path: &str, entry: Option<usize>, message: &str) -> Fault {
        let message = match entry {
            Some(index) => format!("entry {}: {message}", index + 1),
            None => message.to_owned(),
        };
        let element = entry.and_then(|index| self.marks.get(&entry_path(path, index)));
        match element.or_else(|| self.nearest(path)) {
            Some(Mark::Line(line)) => {
                Fault { file: self.file.clone(), line: Some(*line), key: path.to_owned(), message }
            }
            Some(Mark::Variable(name)) => Fault {
                file: None,
                line: None,
                key: name.clone(),
                message: if self.marks.contains_key(path) {
                    message
                } else {
                    format!("{path}: {message}")
                },
            },
            None => Fault { file: None, line: None, key: path.to_owned(), message },
        }
    }

    /// The mark of the path itself, else of something in it, else of the tables around it. A
    /// variable marks only what it sets, hence the second.
    fn nearest(&self, path: &str) -> Option<&Mark> {
        let mut at = path;
        loop {
            let mark = self.marks.get(at).or_else(|| self.inside(at));
            if mark.is_some() {
                return mark;
            }
            (at, _) = at.rsplit_once('.')?;
        }
    }

    fn inside(&self, path: &str) -> Option<&Mark> {
        let prefix = format!("{path}.");
        self.marks
            .range(prefix.clone()..)
            .next()
            .filter(|(at, _)| at.starts_with(&prefix))
            .map(|(_, mark)| mark)
    }
}

/// Where the marks keep an element of a list.
fn entry_path(path: &str, index: usize) -> String {
    format!("{path}[{index}]")
}

/// What to say of a name that is not known: the nearest known one, and all of them.
fn unknown(what: &str, name: &str, known: &[&str]) -> String {
    let all = known.join(", ");
    match nearest_name(name, known) {
        Some(near) => format!("unknown {what}; did you mean {near}? known here: {all}"),
        None => format!("unknown {what}; known here: {all}"),
    }
}

/// The known name that was probably meant.
fn nearest_name<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    /// Below this (0 to 1) two names only happen to share letters.
    const ALIKE: f64 = 0.8;
    known
        .iter()
        .map(|candidate| (strsim::jaro_winkler(name, candidate), *candidate))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, candidate)| candidate)
}

/// What kind of thing a value is, for a message that may not show the value.
fn type_name(value: &Value) -> &'static str {
    match value {
        Value::String(..) | Value::Char(..) => "a text",
        Value::Bool(..) => "a boolean",
        Value::Num(_, number) if number.to_f64().is_some() => "a fraction",
        Value::Num(..) => "a number",
        // TOML knows no empty value; `load` lets a date stand as one, since no setting is a date.
        Value::Empty(..) => "a date",
        Value::Dict(..) => "a table",
        Value::Array(..) => "a list",
    }
}

/// What would have been right, and the type of what was `found`.
fn explain(kind: &Kind, found: Option<&Value>) -> String {
    match kind {
        // Only the settings' own types say these, and without the value.
        Kind::Message(message) => message.clone(),
        Kind::InvalidType(_, wanted) => {
            let wanted = match wanted.as_str() {
                "a string" => "a text",
                other => other,
            };
            match found {
                Some(value) => format!("must be {wanted}, not {}", type_name(value)),
                None => format!("must be {wanted}"),
            }
        }
        Kind::InvalidValue(_, wanted) | Kind::InvalidLength(_, wanted) => {
            format!("must be {wanted}")
        }
        Kind::UnknownVariant(..)
        | Kind::UnknownField(..)
        | Kind::MissingField(_)
        | Kind::DuplicateField(_)
        | Kind::ISizeOutOfRange(_)
        | Kind::USizeOutOfRange(_)
        | Kind::Unsupported(_)
        | Kind::UnsupportedKey(..) => "cannot be read".to_owned(),
    }
}
