//! `frontdesk demo`: a fresh data folder, a sample business, a server, one simulated call, and a
//! readable account of what happened.
//!
//! Everything is real: the socket, the signatures, the database, the REST interface. Never touches
//! data that was there before.

use std::time::Duration;

use anyhow::{Context as _, bail};
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};
use serde_json::Value;

use super::lifecycle::{self, Lifecycle};
use super::simulate::{Cast, Played, Player, Troubles, tell};
use super::{output, run};
use crate::app::businesses::SetUp;
use crate::clock::{Clock, random};
use crate::config::{self, Sources};
use crate::crypto::digest::hex;
use crate::domain::access::{Scope, admit_operator};
use crate::domain::phone::PhoneNumber;
use crate::domain::scheduling::rules::Rules;
use crate::net::{Client, Manner};
use crate::store::businesses::Agent;
use crate::telemetry;

/// Name of the demonstration's voice account.
const ACCOUNT: &str = "retell";
/// The demonstration's agent and numbers; the numbers are reserved for fiction.
const AGENT: &str = "agent_demo";
const NUMBER: &str = "+12025550100";
const CALLER: &str = "+12025550142";
/// How long the server may take to work off the call.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often it is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// How the demonstration runs.
#[derive(clap::Args)]
pub struct Options {
    /// End after the call instead of serving on.
    #[arg(long)]
    once: bool,
    /// The port on 127.0.0.1; 0 takes a free one.
    #[arg(long, default_value_t = 8080)]
    port: u16,
}

/// Runs the demonstration.
pub async fn demo(options: Options) -> anyhow::Result<()> {
    let folder = tempfile::Builder::new().prefix("frontdesk-demo-").tempdir()?;
    let secret = format!("key_{}", hex(&random::<16>()));
    let set = |key: &str, value: String| (format!("FRONTDESK_{key}"), value);
    let settings = config::load(&Sources {
        file: None,
        data_dir: Some(folder.path().to_owned()),
        env: vec![
            set("SERVER__LISTEN", format!("127.0.0.1:{}", options.port)),
            set("VOICE__RETELL__API_KEYS", secret),
            // Its call was carried by nobody.
            set("ARCHIVE__STORE", "none".to_owned()),
            set("LOG__LEVEL", "warn".to_owned()),
        ],
    })?;
    telemetry::start(&settings.log);
    let lifecycle = Lifecycle::new(lifecycle::OF_A_TERMINAL)?;
    let begin = run::Start { settings, clock: Clock::System, jobs: true };
    let running = run::start(begin, lifecycle.stop()).await.with_context(|| {
        format!("the demonstration cannot start; is port {} taken? Try --port 0", options.port)
    })?;
    let address = running.addresses.first().context("nothing listens")?;
    let base = format!("http://{address}");
    output::line(format!("Serving on {base}, data in {}", folder.path().display()));
    let key = set_up(&running).await?;
    let registry = running.app.registry();
    let account = registry.voice(ACCOUNT).context("the account is configured")?;
    let cast = Cast {
        agent: AGENT.to_owned(),
        number: NUMBER.to_owned(),
        caller: CALLER.to_owned(),
        service: Some("Check-up".to_owned()),
        name: "Robin Example".to_owned(),
    };
    output::line(
        "\nA caller rings, and Retell's agent asks for tools and reports what happened:\n",
    );
    let player = Player::new(account, &base, Troubles::default())?;
    let played = player.play(&cast).await?;
    tell(&played);
    let call = settled(&base, &key).await?;
    account_of(&call, &played)?;
    if options.once {
        lifecycle.end();
        return running.ended().await;
    }
    output::line("\nStill serving. Look around with the key made for this demonstration:");
    output::line(format!("  curl -H 'Authorization: Bearer {key}' {base}/api/v1/calls"));
    output::line(format!("  curl -H 'Authorization: Bearer {key}' {base}/api/v1/appointments"));
    output::line("Press Ctrl-C to end; the data folder is removed with it.");
    lifecycle.until_signal().await;
    running.ended().await
}

/// The sample business, and a key to read its data.
async fn set_up(running: &run::Running) -> anyhow::Result<String> {
    let rules = |minutes| Rules::new(minutes, 30, 60, 30);
    let set_up = SetUp {
        hours: Some("mon-sat 09:00-12:30 13:30-18:00".parse()?),
        services: vec![("Check-up".to_owned(), rules(30)?), ("Cleaning".to_owned(), rules(60)?)],
        agents: vec![Agent { account: ACCOUNT.to_owned(), provider_agent_id: AGENT.to_owned() }],
        numbers: vec![PhoneNumber::parse(NUMBER)?],
        ..SetUp::default()
    };
    let business = running.app.add_business("Bright Smile Dental", "Europe/Berlin", set_up).await?;
    let business = admit_operator(business.id);
    let (_, key) =
        running.app.create_key(business, "demonstration", Scope::for_keys(), Some(1)).await?;
    Ok(key)
}

/// The call as the REST interface shows it once all its events are worked off.
async fn settled(base: &str, key: &str) -> anyhow::Result<Value> {
    let client = Client::new(Manner::trying(PATIENCE, true))?;
    let mut headers = HeaderMap::new();
    headers.insert(AUTHORIZATION, HeaderValue::try_from(format!("Bearer {key}"))?);
    let look = async {
        loop {
            let list = get(&client, &format!("{base}/api/v1/calls"), &headers).await?;
            let newest = &list["items"][0];
            let analysed = newest["summary"].as_str().is_some_and(|text| !text.is_empty());
            if let Some(id) = newest["id"].as_str().filter(|_| analysed) {
                return get(&client, &format!("{base}/api/v1/calls/{id}"), &headers).await;
            }
            drop(tokio::time::timeout(LOOK_EVERY, std::future::pending::<()>()).await);
        }
    };
    let found = tokio::time::timeout(PATIENCE, look).await;
    found.context("the call was not worked off in time")?
}

async fn get(client: &Client, url: &str, headers: &HeaderMap) -> anyhow::Result<Value> {
    let answer = client.get(url, headers.clone()).await?;
    if !answer.status.is_success() {
        bail!("{url} was answered with {}", answer.status);
    }
    Ok(serde_json::from_slice(&answer.body)?)
}

/// Says what is kept of the call. Fails when something is missing.
fn account_of(call: &Value, played: &Played) -> anyhow::Result<()> {
    let text = |value: &Value| value.as_str().unwrap_or("?").to_owned();
    output::line("\nWhat frontdesk keeps of it, from GET /api/v1/calls/{id}:\n");
    let duration_ms = call["duration_ms"].as_i64().context("the call has no duration")?;
    let micros = call["cost"]["micros"].as_i64().context("the call has no cost")?;
    output::line(format!("  Call      {} ({})", text(&call["id"]), text(&call["status"])));
    output::line(format!("  Duration  {} s", duration_ms / 1_000));
    let dollars = micros as f64 / 1e6;
    output::line(format!("  Cost      {dollars:.4} {}", text(&call["cost"]["currency"])));
    output::line(format!("  Ended     {}", text(&call["end_family"])));
    output::line(format!("  Summary   {}", text(&call["summary"])));
    output::line("\n  Offered");
    played.offered.iter().for_each(|slot| output::line(format!("    {slot}")));
    let appointments = call["appointments"].as_array().context("no appointments are shown")?;
    let [appointment] = appointments.as_slice() else {
        bail!("one appointment was expected, {} are shown", appointments.len());
    };
    output::line("\n  Booked appointment");
    let (start, end) = (text(&appointment["starts_at"]), text(&appointment["ends_at"]));
    output::line(format!("    {start} to {end}"));
    let (name, phone) = (&appointment["customer_name"], &appointment["customer_phone"]);
    let status = text(&appointment["status"]);
    output::line(format!("    {status} for {}, {}", text(name), text(phone)));
    output::line("\n  Transcript");
    let turns = call["transcript"].as_array().context("no transcript is shown")?;
    if turns.is_empty() {
        bail!("the transcript is empty");
    }
    for turn in turns {
        output::line(format!("    {:<7} {}", text(&turn["role"]), text(&turn["text"])));
    }
    output::line("\n  Tool calls, decided in");
    for line in call["tool_calls"].as_array().into_iter().flatten() {
        output::line(format!("    {:<20} {} ms", text(&line["tool"]), line["duration_ms"]));
    }
    Ok(())
}
