//! The outside services, one file each, and which of them are switched on.
//!
//! Stateless: knows neither the database nor the web server. A provider never names another.

pub mod mail;
pub mod voice;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::config::{Faults, Settings};

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
        if faults.is_empty() { Ok(Self { voice: accounts, mail }) } else { Err(Faults(faults)) }
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
