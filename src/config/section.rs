//! A provider's own table, kept as it was written until the provider reads it.
//!
//! The provider asks for its keys by name; what it never asked for is an unknown key. So a
//! provider's settings are written down once, in the provider. A key in a table inside is asked
//! for with a dot: `hmac.secret`.
//!
//! Never here: what a key means. Every text is held as a [`Secret`], since only the provider knows
//! which of them is one.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use figment::value::{Dict, Value};

use super::secret::{self, Secret};
use super::{Fault, Origins, type_name, unknown};

/// The key that says which provider a table is for, where its name does not.
const KIND: &str = "kind";

/// Most characters in an account's name.
const NAME_MAX: usize = 40;

/// What a name must look like, for a fault.
const NAME_RULE: &str = "must be 1 to 40 characters out of a-z, 0-9, _ and -";

/// Whether a text can be the name of an account, and so part of a URL.
fn is_name(text: &str) -> bool {
    (1..=NAME_MAX).contains(&text.len())
        && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-'))
}

/// Takes out, and notes, what is not an account: a table under a name that can stand in a URL,
/// whose `kind` is such a name too. What else is in it only the provider can judge.
pub(super) fn keep_accounts(
    family: &str,
    accounts: &mut Dict,
    origins: &Origins,
    faults: &mut Vec<Fault>,
) {
    let is_kind = |kind: &Value| kind.as_str().is_some_and(is_name);
    accounts.retain(|name, value| {
        let path = format!("{family}.{name}");
        let Value::Dict(_, table) = value else {
            let found = type_name(value);
            let message = format!("must be a table, [{family}.NAME], not {found}");
            faults.push(origins.fault(&path, None, &message));
            return false;
        };
        if !is_name(name) {
            let message = format!("the account's name {NAME_RULE}");
            faults.push(origins.fault(&path, None, &message));
            return false;
        }
        if table.get(KIND).is_some_and(|kind| !is_kind(kind)) {
            faults.push(origins.fault(&format!("{path}.{KIND}"), None, NAME_RULE));
            table.remove(KIND);
        }
        true
    });
}

/// One `[family.NAME]` table.
#[derive(Clone, Debug)]
pub struct Section {
    name: String,
    kind: String,
    /// `family.NAME`.
    path: String,
    /// By key; dotted where the key is in a table inside.
    values: BTreeMap<String, Raw>,
    origins: Arc<Origins>,
}

/// A value nobody has asked for yet.
#[derive(Clone, Debug)]
enum Raw {
    Text(Secret),
    List(Vec<Self>),
    Number(i64),
    /// Anything else, by the name of its type: no provider has such a setting.
    Other(&'static str),
}

impl Raw {
    fn new(value: &Value) -> Self {
        match value {
            Value::String(_, text) => Self::Text(Secret::new(text.as_str())),
            Value::Array(_, list) => Self::List(list.iter().map(Self::new).collect()),
            Value::Num(_, number) => match number.to_i128().map(i64::try_from) {
                Some(Ok(number)) => Self::Number(number),
                Some(Err(_)) | None => Self::Other(type_name(value)),
            },
            Value::Char(..) | Value::Bool(..) | Value::Empty(..) | Value::Dict(..) => {
                Self::Other(type_name(value))
            }
        }
    }

    fn type_name(&self) -> &'static str {
        match self {
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Number(_) => "a number",
            Self::Other(name) => name,
        }
    }
}

impl Section {
    /// The table `[family.name]`; its `kind` is known to be a name where it is there at all.
    pub(super) fn new(family: &str, name: &str, table: &Dict, origins: &Arc<Origins>) -> Self {
        Self::at(format!("{family}.{name}"), name, table, origins)
    }

    /// The table `[name]` of a family that has one member at a time.
    pub(super) fn single(name: &str, table: &Dict, origins: &Arc<Origins>) -> Self {
        Self::at(name.to_owned(), name, table, origins)
    }

    fn at(path: String, name: &str, table: &Dict, origins: &Arc<Origins>) -> Self {
        let mut values = BTreeMap::new();
        flatten(table, "", &mut values);
        let kind = match values.remove(KIND) {
            Some(Raw::Text(kind)) => kind.expose().to_owned(),
            Some(Raw::List(_) | Raw::Number(_) | Raw::Other(_)) | None => name.to_owned(),
        };
        Self { name: name.to_owned(), kind, path, values, origins: Arc::clone(origins) }
    }

    /// The account's name, which is also the last part of its URLs.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Which provider the account is at: the key `kind`, or else the name.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// Begins to read; a provider does so once.
    pub fn reader(&self) -> Reader<'_> {
        Reader {
            section: self,
            asked: BTreeSet::new(),
            faulty: BTreeSet::new(),
            faults: Vec::new(),
        }
    }

    /// A fault that the provider itself found in `key`, with its place; at the table's header
    /// where the key is not there.
    pub fn fault(&self, key: &str, message: &str) -> Fault {
        self.origins.fault(&self.path_of(key), None, message)
    }

    fn path_of(&self, key: &str) -> String {
        format!("{}.{key}", self.path)
    }
}

/// Brings tables in tables to one level, with dotted keys.
fn flatten(table: &Dict, before: &str, values: &mut BTreeMap<String, Raw>) {
    for (key, value) in table {
        let key = format!("{before}{key}");
        match value.as_dict() {
            Some(inner) => flatten(inner, &format!("{key}."), values),
            None => {
                values.insert(key, Raw::new(value));
            }
        }
    }
}

/// How many texts a key takes.
#[derive(Clone, Copy)]
enum Count {
    One,
    Any,
}

impl Count {
    /// What the key must be, for a fault.
    fn wanted(self) -> &'static str {
        match self {
            Self::One => "a text",
            Self::Any => "a text or a list of texts",
        }
    }
}

/// Reads one section key by key and gathers what is wrong on the way; [`Reader::finish`] says it.
#[derive(Debug)]
pub struct Reader<'s> {
    section: &'s Section,
    asked: BTreeSet<String>,
    /// The keys that already have a fault.
    faulty: BTreeSet<String>,
    faults: Vec<Fault>,
}

impl<'s> Reader<'s> {
    /// The text of `key`; `None` where it is not set or cannot be used.
    pub fn text(&mut self, key: &str) -> Option<String> {
        self.read_texts(key, Count::One).pop()
    }

    /// The texts of `key`, which may be one text or a list; none where it is not set.
    pub fn texts(&mut self, key: &str) -> Vec<String> {
        self.read_texts(key, Count::Any)
    }

    /// The whole number of `key`; `None` where it is not set or is none.
    pub fn number(&mut self, key: &str) -> Option<i64> {
        self.asked.insert(key.to_owned());
        match self.section.values.get(key) {
            Some(Raw::Number(number)) => Some(*number),
            Some(other) => {
                let message = format!("must be a number, not {}", other.type_name());
                self.note(key, None, &message);
                None
            }
            None => None,
        }
    }

    /// The secret of `key`: its text, the credential it names, or the content of the file that
    /// `key` with `_file` names; `None` where none is set or it cannot be used.
    pub fn secret(&mut self, key: &str) -> Option<Secret> {
        self.read_secrets(key, Count::One).pop()
    }

    /// The secrets of `key`, which may be one or a list, each as for [`Reader::secret`].
    pub fn secrets(&mut self, key: &str) -> Vec<Secret> {
        self.read_secrets(key, Count::Any)
    }

    /// Notes what the provider itself finds wrong with `key`, unless something already is.
    pub fn refuse(&mut self, key: &str, message: &str) {
        if !self.faulty.contains(key) && !self.faulty.contains(&file_key(key)) {
            self.note(key, None, message);
        }
    }

    /// Ends the reading: every fault found, and each key that was never asked for.
    pub fn finish(mut self) -> Result<(), Vec<Fault>> {
        let section = self.section;
        let mut known: Vec<&str> = self.asked.iter().map(String::as_str).collect();
        known.push(KIND);
        let strangers: Vec<Fault> = section
            .values
            .keys()
            .filter(|key| !self.asked.contains(*key))
            .map(|key| section.fault(key, &unknown("key", key, &known)))
            .collect();
        self.faults.extend(strangers);
        if self.faults.is_empty() { Ok(()) } else { Err(self.faults) }
    }

    fn read_texts(&mut self, key: &str, count: Count) -> Vec<String> {
        let mut texts = Vec::new();
        for (entry, text) in self.entries(key, count) {
            if text.is_blank() {
                self.note(key, entry, "is empty");
            } else {
                texts.push(text.expose().to_owned());
            }
        }
        texts
    }

    fn read_secrets(&mut self, key: &str, count: Count) -> Vec<Secret> {
        let section = self.section;
        let file_key = file_key(key);
        let given = self.entries(key, count);
        let files = self.entries(&file_key, count);
        if section.values.contains_key(key) && section.values.contains_key(&file_key) {
            let message = format!("set as {key} too; keep one of the two");
            self.note(&file_key, None, &message);
            return Vec::new();
        }
        let mut secrets = Vec::new();
        let credentials = section.origins.credentials.as_deref();
        for (entry, text) in given {
            match secret::resolve(text, credentials) {
                Ok(secret) => secrets.push(secret),
                Err(why) => self.note(key, entry, &why.to_string()),
            }
        }
        for (entry, path) in files {
            if path.is_blank() {
                self.note(&file_key, entry, "is empty");
                continue;
            }
            match secret::from_file(Path::new(path.expose())) {
                Ok(secret) => secrets.push(secret),
                Err(why) => self.note(&file_key, entry, &why.to_string()),
            }
        }
        secrets
    }

    /// The texts at `key`, each with its index where they stand in a list.
    fn entries(&mut self, key: &str, count: Count) -> Vec<(Option<usize>, &'s Secret)> {
        self.asked.insert(key.to_owned());
        let section = self.section;
        let Some(value) = section.values.get(key) else {
            return Vec::new();
        };
        match (value, count) {
            (Raw::Text(text), Count::One | Count::Any) => vec![(None, text)],
            (Raw::List(list), Count::Any) => self.elements(key, list),
            (Raw::List(_), Count::One)
            | (Raw::Number(_) | Raw::Other(_), Count::One | Count::Any) => {
                let message = format!("must be {}, not {}", count.wanted(), value.type_name());
                self.note(key, None, &message);
                Vec::new()
            }
        }
    }

    fn elements(&mut self, key: &str, list: &'s [Raw]) -> Vec<(Option<usize>, &'s Secret)> {
        let mut texts = Vec::new();
        for (index, raw) in list.iter().enumerate() {
            match raw {
                Raw::Text(text) => texts.push((Some(index), text)),
                Raw::List(_) | Raw::Number(_) | Raw::Other(_) => {
                    let message = format!("must be a text, not {}", raw.type_name());
                    self.note(key, Some(index), &message);
                }
            }
        }
        texts
    }

    fn note(&mut self, key: &str, entry: Option<usize>, message: &str) {
        let path = self.section.path_of(key);
        let fault = self.section.origins.fault(&path, entry, message);
        self.faulty.insert(key.to_owned());
        self.faults.push(fault);
    }
}

/// The key that names a file with the secret of `key`.
fn file_key(key: &str) -> String {
    format!("{key}_file")
}

#[cfg(test)]
mod tests {
    use crate::config::load_tests::{Folder, account, keys_of, places, settings_of, variables};

    #[test]
    fn a_secret_that_cannot_be_used_is_a_fault_at_its_key() {
        let folder = Folder::with("");
        let empty = folder.put("empty", b"\n");
        let long = folder.put("long", "x".repeat(64 * 1024 + 1).as_bytes());
        let binary = folder.put("binary", &[0xff, 0xfe]);
        let missing = folder.0.path().join("missing");
        let listed = "must be a text or a list of texts, not a number";
        let both = format!("api_keys = 'k'\napi_keys_file = {empty:?}");
        let cases: [(&str, &str); 15] = [
            ("api_keys = ''", "is empty"),
            ("api_keys = ['k', ' ']", "entry 2: is empty"),
            ("api_keys = []", "at least one key is required"),
            ("api_keys = 5", listed),
            ("api_keys = ['k', {}]", "entry 2: must be a text, not a table"),
            ("api_keys = 'credential:../x'", "plain file name"),
            ("api_keys = 'credential:none'", "none cannot be read"),
            ("api_keys_file = ''", "is empty"),
            ("api_keys_file = true", "not a boolean"),
            (&format!("api_keys_file = {empty:?}"), "empty is empty"),
            (&format!("api_keys_file = {long:?}"), "over 65536 bytes"),
            (&format!("api_keys_file = {binary:?}"), "is not text"),
            (&format!("api_keys_file = {missing:?}"), "cannot be read"),
            (&format!("api_keys_file = {:?}", folder.0.path()), "not a regular file"),
            (&both, "set as api_keys too"),
        ];
        for (config, message) in cases {
            let file = format!("[voice.retell]\n{config}\n");
            folder.put("config.toml", file.as_bytes());
            let settings = settings_of(&folder.sources_with_credentials());
            let faults = keys_of(account(&settings, "retell")).expect_err("it is unusable");
            let last = config.lines().next_back().expect("each case has a line");
            let (key, _) = last.split_once(" = ").expect("each line sets a key");
            let key = format!("voice.retell.{key}");
            let line = 1 + config.lines().count();
            assert_eq!(places(&faults), [(Some(line), key.as_str())], "{config}");
            let told = &faults[0].message;
            assert!(told.contains(message), "{config}: {told}");
        }
    }

    #[test]
    fn a_credential_outside_systemd_is_a_fault() {
        let folder = Folder::with("[voice.retell]\napi_keys = \"credential:retell\"\n");
        let settings = settings_of(&folder.sources());
        let faults = keys_of(account(&settings, "retell")).expect_err("there are no credentials");
        assert!(faults[0].message.contains("LoadCredential="));
    }

    #[test]
    fn a_key_in_a_table_inside_is_read_with_a_dot_and_checked_as_well() {
        let folder = Folder::with(
            "[voice.vapi.hmac]\nsecret = \"s\"\nheder = \"x-sig\"\n\
             [voice.other]\naccount_sid = \"\"\n",
        );
        let settings = settings_of(&folder.sources());
        let mut reader = account(&settings, "vapi").reader();
        let secret = reader.secret("hmac.secret").expect("the secret is set");
        assert_eq!(secret.expose(), "s");
        assert_eq!(reader.text("hmac.header"), None);
        assert!(reader.texts("urls").is_empty());
        let faults = reader.finish().expect_err("heder is not a key");
        assert_eq!(places(&faults), [(Some(3), "voice.vapi.hmac.heder")]);
        assert!(faults[0].message.contains("did you mean hmac.header?"));

        let other = account(&settings, "other");
        let mut reader = other.reader();
        assert_eq!(reader.text("account_sid"), None);
        let faults = reader.finish().expect_err("an empty text is a fault");
        assert_eq!(places(&faults), [(Some(5), "voice.other.account_sid")]);
        let fault = other.fault("api_key", "is required");
        assert_eq!((fault.line, fault.key.as_str()), (Some(4), "voice.other.api_key"));
    }

    #[test]
    fn an_account_only_in_the_environment_is_blamed_on_its_variable() {
        let sources = variables(&[("FRONTDESK_VOICE__RETELL__API_KEY", "k")]);
        let settings = settings_of(&sources);
        let faults = keys_of(account(&settings, "retell")).expect_err("api_key is not a key");
        assert!(
            faults.iter().all(
                |fault| fault.file.is_none() && fault.key == "FRONTDESK_VOICE__RETELL__API_KEY"
            )
        );
        assert!(faults[0].message.starts_with("voice.retell.api_keys: at least one"));
    }
}
