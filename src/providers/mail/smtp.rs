//! SMTP (RFC 5321) with TLS from the first byte (RFC 8314) or by STARTTLS (RFC 3207).
//!
//! Never sends a password without TLS, and never goes on without TLS where it was asked for.

use std::error::Error as _;
use std::time::Duration;

use lettre::message::Mailbox;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};

use super::{Dialogue, Kind, MailError, Mailer, Message, Sending};
use crate::config::{Fault, Section};
use crate::crypto::digest::hex;

/// How long each step of the dialogue may take.
const STEP_DEADLINE: Duration = Duration::from_secs(20);
/// How long all of it may take.
const DEADLINE: Duration = Duration::from_secs(60);

/// This way of sending.
pub(super) const KIND: Kind =
    Kind { name: "smtp", build: |section| Ok(Box::new(Smtp::new(section)?)) };

/// A mail server.
struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Smtp {
    /// The server that `[mail]` describes.
    fn new(section: &Section) -> Result<Self, Vec<Fault>> {
        let mut table = section.reader();
        let host = table.text("host");
        let from = table.text("from");
        let tls = table.text("tls");
        let port = table.number("port");
        let username = table.text("username");
        let password = table.secret("password");
        if host.is_none() {
            table.refuse("host", "is required: the name of the mail server");
        }
        let from: Option<Mailbox> = from.and_then(|text| text.parse().ok());
        if from.is_none() {
            table.refuse("from", "must be an address, such as Desk <desk@example.com>");
        }
        let (wanted, usual) = match tls.as_deref() {
            None | Some("starttls") => (Some(true), 587),
            Some("implicit") => (Some(false), 465),
            Some("none") => (None, 25),
            Some(_) => {
                table.refuse("tls", "must be starttls, implicit or none");
                (None, 25)
            }
        };
        let port = port.map_or(Some(usual), |port| u16::try_from(port).ok().filter(|p| *p > 0));
        if port.is_none() {
            table.refuse("port", "must be 1 to 65535");
        }
        if username.is_some() != password.is_some() {
            table.refuse("username", "and password are needed together");
        }
        if tls.as_deref() == Some("none") && password.is_some() {
            table.refuse("tls", "must not be none: a password is never sent without TLS");
        }
        table.finish()?;
        let (Some(host), Some(from), Some(port)) = (host, from, port) else {
            return Err(vec![section.fault("host", "cannot be used")]);
        };
        let parameters = TlsParameters::new(host.clone())
            .map_err(|_| vec![section.fault("host", "cannot be the name of a TLS server")])?;
        let tls = match wanted {
            Some(true) => Tls::Required(parameters),
            Some(false) => Tls::Wrapper(parameters),
            None => Tls::None,
        };
        let hello = ClientId::Domain(from.email.domain().to_owned());
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
            .port(port)
            .tls(tls)
            .hello_name(hello)
            .timeout(Some(STEP_DEADLINE));
        if let (Some(username), Some(password)) = (username, password) {
            builder = builder.credentials(Credentials::new(username, password.expose().to_owned()));
        }
        Ok(Self { transport: builder.build(), from })
    }

    fn made(&self, message: &Message) -> Option<lettre::Message> {
        let id = format!("<{}@{}>", hex(&message.id), self.from.email.domain());
        // RFC 3834: no out-of-office answer is wanted.
        let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        lettre::Message::builder()
            .from(self.from.clone())
            .to(message.to.parse().ok()?)
            .subject(message.subject.clone())
            .message_id(Some(id))
            .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()))
            .header(ContentType::TEXT_PLAIN)
            .body(message.text.clone())
            .ok()
    }
}

impl Mailer for Smtp {
    fn send<'a>(&'a self, message: &'a Message) -> Sending<'a> {
        Box::pin(async move {
            let made = self.made(message).ok_or(MailError::Malformed)?;
            let sent = tokio::time::timeout(DEADLINE, self.transport.send(made)).await;
            let late = |_| Dialogue { code: None, text: "it took too long".to_owned() };
            match sent.map_err(|late_by| MailError::Later(late(late_by)))? {
                Ok(answer) => {
                    let words: Vec<&str> = answer.message().collect();
                    let code = answer.code().into();
                    Ok(Dialogue { code: Some(code), text: words.join(" ") })
                }
                Err(error) => {
                    let code = error.status().map(u16::from);
                    let why = error.source().map_or_else(String::new, |why| format!(": {why}"));
                    let dialogue = Dialogue { code, text: format!("{error}{why}") };
                    let is_final = error.is_permanent();
                    Err(if is_final {
                        MailError::Refused(dialogue)
                    } else {
                        MailError::Later(dialogue)
                    })
                }
            }
        })
    }
}
