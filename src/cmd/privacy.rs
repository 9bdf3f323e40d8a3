//! A person exported and erased from the command line, and what becomes of each table.
//!
//! Without --yes nothing is erased: it is shown how much there is.

use clap::{Args, Subcommand};
use serde_json::{Map, Value};

use super::{business, output};
use crate::app::App;
use crate::app::privacy::{Counts, LINES, Person};
use crate::config::Settings;
use crate::domain::ids::CustomerId;
use crate::domain::phone::PhoneNumber;

/// What to do.
#[derive(Subcommand)]
pub enum Command {
    /// Print everything that is kept of a person, as JSON.
    Export {
        /// The business's name or id.
        business: String,
        #[command(flatten)]
        who: Who,
    },
    /// Forget a person: their calls, words, messages and number. Appointments stay without a name.
    Erase {
        /// The business's name or id.
        business: String,
        #[command(flatten)]
        who: Who,
        /// Do it; without this it is only shown how much there is.
        #[arg(long)]
        yes: bool,
    },
    /// Go on with every erasure that was broken off.
    Resume,
    /// Write the database anew, so that nothing of what was erased is left between its rows.
    Compact,
    /// Take away what is older than `[retention]` keeps it; a server does so once a day.
    Retention {
        /// Only show how much that would be.
        #[arg(long)]
        dry_run: bool,
    },
    /// Show what becomes of each table, and why.
    Tables,
}

/// A person, by what they can be found by.
#[derive(Args)]
#[group(required = true, multiple = true)]
pub struct Who {
    /// Their number, E.164.
    #[arg(long, value_parser = PhoneNumber::parse)]
    phone: Option<PhoneNumber>,
    /// Their e-mail address.
    #[arg(long)]
    email: Option<String>,
    /// Their id as a customer.
    #[arg(long, value_name = "ID")]
    customer: Option<CustomerId>,
}

impl From<Who> for Person {
    fn from(who: Who) -> Self {
        let email = who.email.map(|email| email.trim().to_lowercase());
        Self { customer: who.customer, phone: who.phone, email }
    }
}

/// `frontdesk privacy …`.
pub async fn privacy(settings: Settings, command: Command) -> anyhow::Result<()> {
    let app = business::open(settings)?;
    match command {
        Command::Export { business, who } => {
            let of = app.find_business(&business).await?;
            output::json(&app.export_person(of, who.into()).await?)
        }
        Command::Erase { business, who, yes } => {
            let of = app.find_business(&business).await?;
            let person = Person::from(who);
            if !yes {
                shown(&app.export_person(of, person).await?);
                output::note("Nothing was erased. Run it again with --yes to do it.");
                return Ok(());
            }
            let erasure = app.erase_person(of, person, None).await?;
            app.go_on_erasing(of, erasure.id).await?;
            app.take_away().await?;
            told(&app.erasure(of, erasure.id).await?.counts);
            compact(&app).await
        }
        Command::Resume => {
            let resumed = app.resume_erasures().await?;
            app.take_away().await?;
            output::line(format!("Erasures carried on and ended: {resumed}"));
            if resumed > 0 { compact(&app).await } else { Ok(()) }
        }
        Command::Compact => compact(&app).await,
        Command::Retention { dry_run } => {
            let row = |due: crate::app::retaining::Due| {
                let days =
                    due.days.map_or_else(|| "for ever".to_owned(), |days| format!("{days} days"));
                vec![due.what.to_owned(), days, due.rows.to_string()]
            };
            let due = app.retention_due().await?;
            let rows: Vec<Vec<String>> = due.into_iter().map(row).collect();
            output::table(&["WHAT", "KEPT", "OLDER NOW"], &rows);
            if dry_run {
                output::note("Nothing was taken away.");
                return Ok(());
            }
            let gone = app.retain().await?;
            app.take_away().await?;
            output::line(format!("Taken away: {gone}"));
            Ok(())
        }
        Command::Tables => {
            let row = |(table, fate, why): (&str, crate::app::privacy::Fate, &str)| {
                vec![table.to_owned(), fate.word().to_owned(), why.to_owned()]
            };
            output::table(&["TABLE", "ROWS OF A PERSON ARE", "WHY"], &LINES.map(row));
            Ok(())
        }
    }
}

fn shown(tables: &Map<String, Value>) {
    let row = |(table, rows): (&String, &Value)| {
        vec![table.clone(), rows.as_array().map_or(0, Vec::len).to_string()]
    };
    output::table(&["TABLE", "ROWS"], &tables.iter().map(row).collect::<Vec<_>>());
}

fn told(counts: &Counts) {
    let Counts { calls, deliveries, appointments, messages, customers } = counts;
    output::line(format!(
        "Erased: {calls} calls, {deliveries} deliveries, {messages} messages and places on a \
         waiting list, {customers} customers. Appointments without a name now: {appointments}."
    ));
}

async fn compact(app: &App) -> anyhow::Result<()> {
    output::note("writing the database anew …");
    app.compact().await?;
    output::line("Nothing of it is left in the database's files. Backups keep it until they go.");
    Ok(())
}
