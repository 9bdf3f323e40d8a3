//! Mail: one message to one person, by one way of sending.
//!
//! Never tries again; that is a job's. No error says by itself what was sent or to whom.

mod smtp;

use std::future::Future;
use std::pin::Pin;

use crate::config::{Fault, Section};

/// A message.
#[derive(Clone, Debug)]
pub struct Message {
    /// Names it among all; 128 random bits.
    pub id: [u8; 16],
    /// To whom.
    pub to: String,
    /// About what.
    pub subject: String,
    /// Plain text.
    pub text: String,
}

/// Why a message was not sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// The address or the message is none.
    #[error("the message cannot be made")]
    Malformed,
    /// The server takes it neither now nor later.
    #[error("the mail server refuses it for good{}", code(.0))]
    Refused(Dialogue),
    /// The server cannot be reached, or asks to come again later.
    #[error("the mail server cannot take it now{}", code(.0))]
    Later(Dialogue),
}

/// What came of talking with the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dialogue {
    /// Its three digits (RFC 5321 section 4.2), where it answered.
    pub code: Option<u16>,
    /// Its words, or where it ended; for whoever tries it, never for a log.
    pub text: String,
}

fn code(dialogue: &Dialogue) -> String {
    dialogue.code.map_or_else(String::new, |code| format!(", with {code}"))
}

impl MailError {
    /// What the server said or where it ended; for whoever tries it, never for a log.
    pub fn dialogue(&self) -> String {
        match self {
            Self::Malformed => self.to_string(),
            Self::Refused(dialogue) | Self::Later(dialogue) => dialogue.text.clone(),
        }
    }
}

/// A message on its way; its end is the server's last answer.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<Dialogue, MailError>> + Send + 'a>>;

/// A way of sending.
pub trait Mailer: Send + Sync {
    /// Sends a message.
    fn send<'a>(&'a self, message: &'a Message) -> Sending<'a>;
}

/// One way of sending: its word in `[mail] kind`, and how it is made of the table.
pub struct Kind {
    /// The word.
    pub name: &'static str,
    build: fn(&Section) -> Built,
}

/// A way of sending, or what is wrong with the table.
pub type Built = Result<Box<dyn Mailer>, Vec<Fault>>;

/// Every kind there is; the first one when the table names none.
pub const KINDS: [Kind; 1] = [smtp::KIND];

/// The way of sending that `[mail]` describes.
pub fn build(section: &Section) -> Built {
    let named = if section.kind() == section.name() { KINDS[0].name } else { section.kind() };
    let Some(kind) = KINDS.iter().find(|kind| kind.name == named) else {
        let all: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
        return Err(vec![section.fault("kind", &format!("must be one of {}", all.join(", ")))]);
    };
    (kind.build)(section)
}
