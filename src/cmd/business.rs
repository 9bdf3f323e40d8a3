//! Businesses from the command line: one command sets up a whole one, others add to it.
//!
//! Works beside a running server; it sees the change with the next call.

use std::str::FromStr;

use clap::{Args, Subcommand};
use serde::Serialize;

use super::output;
use crate::app::App;
use crate::app::businesses::{SetUp, WholeBusiness};
use crate::clock::Clock;
use crate::config::Settings;
use crate::domain::access::admit_operator;
use crate::domain::business::{Branch, Service, Staff};
use crate::domain::contact::Region;
use crate::domain::language::Language;
use crate::domain::phone::PhoneNumber;
use crate::domain::scheduling::hours::WeeklyHours;
use crate::domain::scheduling::rules::Rules;
use crate::providers::Registry;
use crate::store::businesses::Agent;

/// What to do with businesses.
#[derive(Subcommand)]
pub enum Command {
    /// Add a business, with as much of it as is known.
    ///
    /// frontdesk business add "Bright Smile" --zone Europe/Berlin \
    ///   --hours "mon-fri 09:00-17:00; sat 10:00-14:00" --service Check-up:30 \
    ///   --agent retell:agent_123 --number +493012345678
    #[command(verbatim_doc_comment)]
    Add(Box<AddOptions>),
    /// List all businesses.
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Show one with its hours, services, agents and numbers.
    Show {
        /// Its name or id.
        business: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

/// A new business.
#[derive(Args)]
pub struct AddOptions {
    /// As spoken and shown.
    name: String,
    /// Its IANA time zone, such as Europe/Berlin.
    #[arg(long)]
    zone: String,
    /// When it is open, such as "mon-fri 09:00-12:30 13:30-17:00; sat 10:00-14:00".
    #[arg(long)]
    hours: Option<WeeklyHours>,
    /// What callers are answered in: en, de, es, fr, pt or it.
    #[arg(long)]
    language: Option<LanguageArg>,
    /// The country in which numbers without a country code are read, such as DE; that of its own
    /// number when not given.
    #[arg(long)]
    region: Option<RegionArg>,
    /// A service and its minutes, such as Check-up:30; may be repeated.
    #[arg(long = "service", value_name = "NAME:MINUTES")]
    services: Vec<ServiceArg>,
    /// A voice account and its agent's id, such as retell:agent_123; may be repeated.
    #[arg(long = "agent", value_name = "ACCOUNT:AGENT_ID")]
    agents: Vec<AgentArg>,
    /// A telephone number with country code; may be repeated.
    #[arg(long = "number", value_name = "NUMBER")]
    numbers: Vec<NumberArg>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// What to do with services.
#[derive(Subcommand)]
pub enum ServiceCommand {
    /// Add a service to a business.
    Add {
        /// The business's name or id.
        business: String,
        /// As spoken.
        name: String,
        /// How long it takes, in minutes.
        #[arg(long)]
        minutes: u16,
        /// Minutes between offered starts; as long as it takes when not given.
        #[arg(long)]
        step: Option<u16>,
        /// Minutes between now and the earliest start.
        #[arg(long, default_value_t = NOTICE_MIN)]
        notice: u32,
        /// Days ahead that can be booked.
        #[arg(long, default_value_t = HORIZON_DAYS)]
        horizon: u16,
    },
}

/// What to do with opening hours.
#[derive(Subcommand)]
pub enum HoursCommand {
    /// Replace the opening hours of a business.
    Set {
        /// The business's name or id.
        business: String,
        /// Such as "mon-fri 09:00-12:30 13:30-17:00; sat 10:00-14:00".
        hours: WeeklyHours,
    },
    /// Show the opening hours of a business.
    Show {
        /// The business's name or id.
        business: String,
    },
}

/// What to do with agents.
#[derive(Subcommand)]
pub enum AgentCommand {
    /// Give a provider's agent to a business.
    Add {
        /// The business's name or id.
        business: String,
        /// A voice account and its agent's id, such as retell:agent_123.
        #[arg(value_name = "ACCOUNT:AGENT_ID")]
        agent: AgentArg,
    },
}

/// What to do with telephone numbers.
#[derive(Subcommand)]
pub enum NumberCommand {
    /// Give a telephone number to a business.
    Add {
        /// The business's name or id.
        business: String,
        /// The number with its country code.
        number: NumberArg,
    },
}

/// Minutes of notice when none are given.
const NOTICE_MIN: u32 = 60;
/// Days ahead when none are given.
const HORIZON_DAYS: u16 = 60;

/// A language by its code.
#[derive(Clone, Copy)]
pub struct LanguageArg(Language);

impl FromStr for LanguageArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = || format!("must be one of {}", Language::ALL.map(Language::code).join(", "));
        Language::parse(text).map(Self).ok_or_else(known)
    }
}

/// A country by its two letters.
#[derive(Clone, Copy)]
pub struct RegionArg(Region);

impl FromStr for RegionArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let why = || "must be a country as in ISO 3166-1 alpha-2, such as DE".to_owned();
        Region::parse(text).map(Self).ok_or_else(why)
    }
}

/// `NAME:MINUTES`.
#[derive(Clone)]
pub struct ServiceArg(String, Rules);

impl FromStr for ServiceArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, minutes) = text.rsplit_once(':').ok_or("must be NAME:MINUTES")?;
        let minutes = minutes.parse().map_err(|_| "the minutes must be a whole number")?;
        let rules = Rules::new(minutes, minutes, NOTICE_MIN, HORIZON_DAYS);
        Ok(Self(name.to_owned(), rules.map_err(|error| error.to_string())?))
    }
}

/// `ACCOUNT:AGENT_ID`.
#[derive(Clone)]
pub struct AgentArg(Agent);

impl FromStr for AgentArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (account, id) = text.split_once(':').ok_or("must be ACCOUNT:AGENT_ID")?;
        let odd = text.chars().any(char::is_control);
        if account.is_empty() || id.is_empty() || id.chars().count() > 200 || odd {
            return Err("must be ACCOUNT:AGENT_ID".to_owned());
        }
        Ok(Self(Agent { account: account.to_owned(), provider_agent_id: id.to_owned() }))
    }
}

/// A number in E.164.
#[derive(Clone)]
pub struct NumberArg(PhoneNumber);

impl FromStr for NumberArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        PhoneNumber::parse(text).map(Self).map_err(|error| error.to_string())
    }
}

#[derive(Serialize)]
struct BusinessView {
    id: String,
    name: String,
    zone: String,
    language: Language,
}

#[derive(Serialize)]
struct WholeView {
    #[serde(flatten)]
    business: BusinessView,
    branches: Vec<BranchView>,
    services: Vec<ServiceView>,
    staff: Vec<String>,
    agents: Vec<String>,
    numbers: Vec<String>,
}

#[derive(Serialize)]
struct BranchView {
    id: String,
    name: String,
    zone: String,
    hours: String,
}

#[derive(Serialize)]
struct ServiceView {
    id: String,
    name: String,
    minutes: u16,
    step: u16,
    notice: u32,
    horizon: u16,
}

/// Opens the data for a command.
pub fn open(settings: Settings) -> anyhow::Result<App> {
    let registry = Registry::build(&settings)?;
    Ok(App::open(settings, registry, Clock::System)?)
}

/// `frontdesk business …`.
pub async fn business(settings: Settings, command: Command) -> anyhow::Result<()> {
    let app = open(settings)?;
    match command {
        Command::Add(options) => add(&app, *options).await,
        Command::List { json } => {
            let all = app.businesses().await?;
            let views = all.iter().map(view).collect::<Vec<_>>();
            if json {
                return output::json(&views);
            }
            let row = |b: BusinessView| vec![b.name, b.zone, b.id];
            let rows = views.into_iter().map(row).collect::<Vec<_>>();
            output::table(&["NAME", "ZONE", "ID"], &rows);
            Ok(())
        }
        Command::Show { business, json } => {
            let id = app.find_business(&business).await?;
            show(&whole(&app.business(id).await?), json)
        }
    }
}

/// `frontdesk service …`.
pub async fn service(settings: Settings, command: ServiceCommand) -> anyhow::Result<()> {
    let ServiceCommand::Add { business, name, minutes, step, notice, horizon } = command;
    let rules = Rules::new(minutes, step.unwrap_or(minutes), notice, horizon)?;
    let set_up = SetUp { services: vec![(name, rules)], ..SetUp::default() };
    change(settings, &business, set_up).await
}

/// `frontdesk hours …`.
pub async fn hours(settings: Settings, command: HoursCommand) -> anyhow::Result<()> {
    match command {
        HoursCommand::Set { business, hours } => {
            let set_up = SetUp { hours: Some(hours), ..SetUp::default() };
            change(settings, &business, set_up).await
        }
        HoursCommand::Show { business } => {
            let app = open(settings)?;
            let id = app.find_business(&business).await?;
            for branch in app.business(id).await?.setup.branches {
                output::line(format!("{}: {}", branch.name, branch.opening.weekly()));
            }
            Ok(())
        }
    }
}

/// `frontdesk agent …`.
pub async fn agent(settings: Settings, command: AgentCommand) -> anyhow::Result<()> {
    let AgentCommand::Add { business, agent } = command;
    warn_of_unknown_account(&settings, &agent.0);
    change(settings, &business, SetUp { agents: vec![agent.0], ..SetUp::default() }).await
}

/// `frontdesk number …`.
pub async fn number(settings: Settings, command: NumberCommand) -> anyhow::Result<()> {
    let NumberCommand::Add { business, number } = command;
    change(settings, &business, SetUp { numbers: vec![number.0], ..SetUp::default() }).await
}

async fn add(app: &App, options: AddOptions) -> anyhow::Result<()> {
    let services = options.services.into_iter().map(|ServiceArg(name, rules)| (name, rules));
    let agents: Vec<Agent> = options.agents.into_iter().map(|agent| agent.0).collect();
    agents.iter().for_each(|agent| warn_of_unknown_account(&app.settings(), agent));
    let set_up = SetUp {
        hours: options.hours,
        language: options.language.map(|LanguageArg(language)| language),
        region: options.region.map(|RegionArg(region)| region),
        services: services.collect(),
        agents,
        numbers: options.numbers.into_iter().map(|number| number.0).collect(),
    };
    let added = app.add_business(&options.name, &options.zone, set_up).await?;
    let id = app.find_business(&added.id.to_string()).await?;
    let added = whole(&app.business(id).await?);
    show(&added, options.json)?;
    let name = &added.business.name;
    if added.branches.iter().all(|branch| branch.hours == "closed") {
        output::note(format!("Next: frontdesk hours set {name:?} \"mon-fri 09:00-17:00\""));
    }
    if added.services.is_empty() {
        output::note(format!("Next: frontdesk service add {name:?} Check-up --minutes 30"));
    }
    if added.agents.is_empty() && added.numbers.is_empty() {
        output::note(format!("Next: frontdesk number add {name:?} +493012345678"));
    }
    Ok(())
}

/// The agents that businesses have at a voice account.
pub async fn agents_of(settings: Settings, account: &str) -> anyhow::Result<Vec<String>> {
    let app = open(settings)?;
    let mut agents = Vec::new();
    for business in app.businesses().await? {
        let whole = app.business(admit_operator(business.id)).await?;
        let here = whole.agents.into_iter().filter(|agent| agent.account == account);
        agents.extend(here.map(|agent| agent.provider_agent_id));
    }
    Ok(agents)
}

async fn change(settings: Settings, business: &str, set_up: SetUp) -> anyhow::Result<()> {
    let app = open(settings)?;
    let id = app.find_business(business).await?;
    app.set_up(id, set_up).await?;
    show(&whole(&app.business(id).await?), false)
}

fn warn_of_unknown_account(settings: &Settings, agent: &Agent) {
    if !settings.voice.contains_key(&agent.account) {
        output::note(format!("Note: config.toml has no [voice.{}] yet.", agent.account));
    }
}

fn view(business: &crate::domain::business::Business) -> BusinessView {
    BusinessView {
        id: business.id.to_string(),
        name: business.name.clone(),
        zone: business.zone.iana_name().unwrap_or("UTC").to_owned(),
        language: business.language,
    }
}

fn whole(all: &WholeBusiness) -> WholeView {
    let service = |s: &Service| ServiceView {
        id: s.id.to_string(),
        name: s.name.clone(),
        minutes: s.rules.duration_min(),
        step: s.rules.step_min(),
        notice: s.rules.notice_min(),
        horizon: s.rules.horizon_days(),
    };
    let agent = |a: &Agent| format!("{}:{}", a.account, a.provider_agent_id);
    let branch = |b: &Branch| BranchView {
        id: b.id.to_string(),
        name: b.name.clone(),
        zone: b.zone.iana_name().unwrap_or("UTC").to_owned(),
        hours: b.opening.weekly().to_string(),
    };
    let setup = &all.setup;
    WholeView {
        business: view(&setup.business),
        branches: setup.branches.iter().map(branch).collect(),
        services: setup.services.iter().map(service).collect(),
        staff: setup.staff.iter().map(|one: &Staff| one.name.clone()).collect(),
        agents: all.agents.iter().map(agent).collect(),
        numbers: all.numbers.clone(),
    }
}

fn show(whole: &WholeView, json: bool) -> anyhow::Result<()> {
    if json {
        return output::json(whole);
    }
    let none = |text: String| if text.is_empty() { "none yet".to_owned() } else { text };
    let service = |s: &ServiceView| format!("{} ({} min)", s.name, s.minutes);
    let services = whole.services.iter().map(service).collect::<Vec<_>>().join(", ");
    output::line(format!("Business  {} ({})", whole.business.name, whole.business.id));
    output::line(format!("Zone      {}", whole.business.zone));
    output::line(format!("Language  {}", whole.business.language.code()));
    for branch in &whole.branches {
        output::line(format!("Branch    {}: {}", branch.name, none(branch.hours.clone())));
    }
    output::line(format!("Services  {}", none(services)));
    output::line(format!("Staff     {}", none(whole.staff.join(", "))));
    output::line(format!("Agents    {}", none(whole.agents.join(", "))));
    output::line(format!("Numbers   {}", none(whole.numbers.join(", "))));
    Ok(())
}
