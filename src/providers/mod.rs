//! The outside services, one file each, and which of them are switched on.
//!
//! Stateless: knows neither the database nor the web server. A provider never names another.

pub mod mail;
pub mod storage;
pub mod voice;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::config::{Fault, Faults, Settings};

/// A configured voice account.
pub struct VoiceAccount {
    /// Name of its `[voice.NAME]` table.
    pub name: String,
    /// Its provider.
    pub kind: &'static str,
    /// What it does.
    pub voice: Box<dyn voice::Voice>,
}

/// Every provider that the configuration switches on.
pub struct Registry {
    voice: BTreeMap<String, Arc<VoiceAccount>>,
    mail: Option<Box<dyn mail::Mailer>>,
    disk: storage::Disk,
    stores: BTreeMap<String, Box<dyn storage::Storage>>,
}

impl Registry {
    /// Builds all, or says everything that is wrong.
    pub fn build(settings: &Settings) -> Result<Self, Faults> {
        let mut accounts = BTreeMap::new();
        let mut faults = Vec::new();
        for (name, section) in &settings.voice {
            match voice::build(section) {
                Ok((kind, voice)) => {
                    let account = VoiceAccount { name: name.clone(), kind, voice };
                    accounts.insert(name.clone(), Arc::new(account));
                }
                Err(more) => faults.extend(more),
            }
        }
        let mail = settings.mail.as_ref().and_then(|section| match mail::build(section) {
            Ok(mailer) => Some(mailer),
            Err(more) => {
                faults.extend(more);
                None
            }
        });
        let stores = stores(settings, &mut faults);
        let disk = storage::Disk::new(&settings.data.dir);
        if faults.is_empty() {
            Ok(Self { voice: accounts, mail, disk, stores })
        } else {
            Err(Faults(faults))
        }
    }

    /// This machine's disk, where every recording comes first.
    pub fn disk(&self) -> &storage::Disk {
        &self.disk
    }

    /// The store of that name.
    pub fn store(&self, name: &str) -> Option<&dyn storage::Storage> {
        if name == storage::DISK {
            return Some(&self.disk);
        }
        self.stores.get(name).map(AsRef::as_ref)
    }

    /// The names of all stores.
    pub fn store_names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(storage::DISK).chain(self.stores.keys().map(String::as_str))
    }

    /// The way of sending mail, where there is one.
    pub fn mail(&self) -> Option<&dyn mail::Mailer> {
        self.mail.as_deref()
    }

    /// Every voice account, by name.
    pub fn all_voice(&self) -> impl Iterator<Item = &Arc<VoiceAccount>> {
        self.voice.values()
    }

    /// The names of the voice accounts, in order.
    pub fn voice_accounts(&self) -> impl Iterator<Item = &str> {
        self.voice.keys().map(String::as_str)
    }

    /// The voice account of that name.
    pub fn voice(&self, account: &str) -> Option<&Arc<VoiceAccount>> {
        self.voice.get(account)
    }
}

/// The stores besides the disk. The one that is chosen must be there.
fn stores(
    settings: &Settings,
    faults: &mut Vec<Fault>,
) -> BTreeMap<String, Box<dyn storage::Storage>> {
    let mut stores = BTreeMap::new();
    for (name, section) in &settings.stores {
        match storage::build(section, settings.archive.request_timeout()) {
            Ok(store) => {
                stores.insert(name.clone(), store);
            }
            Err(more) => faults.extend(more),
        }
    }
    if let Some(chosen) = settings.archive.store()
        && chosen != storage::DISK
        && !settings.stores.contains_key(chosen)
    {
        let known = storage::KINDS.iter().any(|kind| kind.name == chosen);
        let message = if known {
            format!("the table [archive.{chosen}] is missing")
        } else {
            "must be disk, s3 or none".to_owned()
        };
        let key = "archive.store".to_owned();
        faults.push(Fault { file: None, line: None, key, message });
    }
    stores
}
