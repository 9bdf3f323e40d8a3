//! The fields of a call-back, in whichever of four forms they came.
//!
//! Bounded: fields, their names and their texts. Never keeps a file that a form holds.

use std::collections::BTreeMap;
use std::convert::Infallible;

use bytes::Bytes;
use futures_util::{FutureExt as _, stream};
use multer::Multipart;
use serde_json::Value;

use crate::providers::voice::Unreadable;
use crate::providers::voice::json::object;

/// Most fields of a call-back.
const FIELDS_MAX: usize = 100;
/// Most bytes of one text.
const TEXT_MAX: usize = 64 << 10;

/// Fields by their names; of JSON what is inside is joined by dots, of forms by brackets.
pub struct Fields(BTreeMap<String, String>);

impl Fields {
    /// Reads a form of either kind, a query, or JSON.
    pub fn read(body: &Bytes) -> Result<Self, Unreadable> {
        let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
        let mut fields = BTreeMap::new();
        match first {
            Some(b'{') => flatten(&object(body, &[])?, "", &mut fields),
            Some(b'-') if body.starts_with(b"--") => multipart(body, &mut fields)?,
            Some(_) => {
                for (name, text) in form_urlencoded::parse(body).take(FIELDS_MAX + 1) {
                    fields.insert(name.into_owned(), text.into_owned());
                }
            }
            None => return Err(Unreadable("it is empty")),
        }
        if fields.len() > FIELDS_MAX || fields.values().any(|text| text.len() > TEXT_MAX) {
            return Err(Unreadable("it holds too much"));
        }
        Ok(Self(fields))
    }

    /// The first text of some names that is there and not empty.
    pub fn first(&self, names: &[&str]) -> Option<&str> {
        let texts = names.iter().filter_map(|name| self.0.get(*name));
        texts.map(|text| text.trim()).find(|text| !text.is_empty() && *text != "null")
    }

    /// Whether a field begins so.
    pub fn has(&self, begin: &str) -> bool {
        self.0.range(begin.to_owned()..).next().is_some_and(|(name, _)| name.starts_with(begin))
    }
}

fn flatten(value: &Value, path: &str, fields: &mut BTreeMap<String, String>) {
    if fields.len() > FIELDS_MAX {
        return;
    }
    let inside =
        |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match value {
        Value::Object(map) => {
            map.iter().for_each(|(name, value)| flatten(value, &inside(name), fields));
        }
        Value::Array(list) => {
            let numbered = list.iter().enumerate();
            numbered.for_each(|(n, value)| flatten(value, &inside(&n.to_string()), fields));
        }
        Value::String(text) => drop(fields.insert(path.to_owned(), text.clone())),
        Value::Null => {}
        Value::Bool(_) | Value::Number(_) => {
            fields.insert(path.to_owned(), value.to_string());
        }
    }
}

/// All of it is in memory, so that nothing is ever waited for.
fn multipart(body: &Bytes, fields: &mut BTreeMap<String, String>) -> Result<(), Unreadable> {
    let odd = || Unreadable("it is no form");
    let line = body.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let boundary =
        std::str::from_utf8(line).ok().and_then(|line| line.trim_end().strip_prefix("--"));
    let boundary = boundary.filter(|boundary| (1..=70).contains(&boundary.len()));
    let boundary = boundary.ok_or_else(odd)?.to_owned();
    let whole = stream::iter([Ok::<_, Infallible>(body.clone())]);
    let mut form = Multipart::new(whole, boundary);
    let read = async {
        while let Some(field) = form.next_field().await? {
            let Some(name) = field.name().map(str::to_owned) else { continue };
            let text = String::from_utf8_lossy(&field.bytes().await?).into_owned();
            if fields.len() <= FIELDS_MAX {
                fields.insert(name, text);
            }
        }
        Ok::<_, multer::Error>(())
    };
    read.now_or_never().ok_or_else(odd)?.map_err(|_| odd())
}
