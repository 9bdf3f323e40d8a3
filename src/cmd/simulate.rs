//! `frontdesk simulate NAME`: plays a signed call against a running instance, as the provider of
//! the account would: started, tools, ended, analysed; on request doubled, out of order, late or
//! forged.
//!
//! Never touches the database: all it knows of the server is what the server answers.

mod play;

use anyhow::{Context as _, bail};
use serde::Serialize;

use super::output;
use crate::config::Settings;
use crate::providers::Registry;

pub use self::play::{Cast, Played, Player, Troubles};

/// How the call goes.
#[derive(clap::Args)]
pub struct Options {
    /// The voice account to call as, such as retell.
    account: String,
    /// Where the instance is; the configured address when not given.
    #[arg(long, value_name = "URL")]
    to: Option<String>,
    /// The provider's id of the agent.
    #[arg(long, default_value = "agent_simulated")]
    agent: String,
    /// The number that is called.
    #[arg(long, default_value = "+12025550100")]
    number: String,
    /// The number that calls.
    #[arg(long, default_value = "+12025550142")]
    caller: String,
    /// The service to ask for; the first one offered when not given.
    #[arg(long)]
    service: Option<String>,
    /// The name to book under.
    #[arg(long, default_value = "Robin Example")]
    name: String,
    /// Send everything so many times more.
    #[arg(long, default_value_t = 0, value_name = "TIMES")]
    duplicate: u8,
    /// Send the events in the wrong order: the last first.
    #[arg(long)]
    reorder: bool,
    /// Lose so many of a hundred events on the way, at random.
    #[arg(long, default_value_t = 0, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    drop: u8,
    /// Play so many calls, one after the other.
    #[arg(long, default_value_t = 1, value_name = "COUNT")]
    calls: u32,
    /// Wait so many milliseconds before each request.
    #[arg(long, default_value_t = 0, value_name = "MS")]
    delay: u64,
    /// Send proofs that are almost right: everything must be refused.
    #[arg(long)]
    forge: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct View<'a> {
    call_id: &'a str,
    #[serde(flatten)]
    played: &'a Played,
}

/// Plays the call and says what was answered. Fails when the answers are not what they should be.
pub async fn simulate(settings: Settings, options: Options) -> anyhow::Result<()> {
    let registry = Registry::build(&settings)?;
    let account = registry.voice(&options.account);
    let account = account.with_context(|| {
        format!("config.toml has no [voice.{}]; its key signs the call", options.account)
    })?;
    let cast = Cast {
        agent: options.agent,
        number: options.number,
        caller: options.caller,
        service: options.service,
        name: options.name,
    };
    let troubles = Troubles {
        duplicate: options.duplicate,
        reorder: options.reorder,
        drop_percent: options.drop,
        delay_ms: options.delay,
        forge: options.forge,
    };
    let base = options.to.unwrap_or_else(|| settings.server.base_url());
    let player = Player::new(account, base.trim_end_matches('/'), troubles)?;
    let mut dropped = 0;
    for _ in 0..options.calls {
        let played = player.play(&cast).await?;
        if options.json {
            output::json(&View { call_id: &played.call_id, played: &played })?;
        } else {
            tell(&played);
        }
        dropped += played.dropped;
        judge(&played, options.forge)?;
    }
    if options.drop > 0 {
        output::note(format!("{dropped} events were lost on the way."));
    }
    Ok(())
}

/// Fails when the answers are not what they should be.
fn judge(played: &Played, forged: bool) -> anyhow::Result<()> {
    if forged {
        if played.steps.iter().any(|step| step.status != 401) {
            bail!("a forged request was not refused");
        }
        return Ok(());
    }
    if let Some(step) = played.steps.iter().find(|step| !(200..300).contains(&step.status)) {
        bail!("{} was answered with {}", step.what, step.status);
    }
    Ok(())
}

/// Says step by step what was sent and answered.
pub fn tell(played: &Played) {
    output::line(format!("Call {}", played.call_id));
    for step in &played.steps {
        let ms = step.micros as f64 / 1_000.0;
        output::line(format!("  {:<34} {}  {ms:>7.1} ms", step.what, step.status));
        if !step.said.is_empty() {
            output::line(format!("      \u{201c}{}\u{201d}", step.said));
        }
    }
    match &played.booked {
        Some(booked) => output::line(format!("Booked: {booked}")),
        None => output::line("Nothing was booked."),
    }
}
