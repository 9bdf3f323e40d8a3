//! One of ten events of simulated calls gets lost at each provider: afterwards every call is known to
//! its end, and it is shown how many were.

use std::process::Command;

use frontdesk::clock::Clock;
use frontdesk::domain::access::Scope;
use jiff::tz::{TimeZone, offset};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::harness::fake_retell::FakeRetell;
use crate::harness::fake_voice::FakeVoice;
use crate::harness::{Server, Setup, retell};

/// Calls that are played at each provider.
const CALLS: usize = 40;
/// Milliseconds that each of them takes as its provider tells it.
const LENGTH_MS: i64 = 32_000;
/// The public key of a seed of 32 ones, and the seed.
const PUBLIC_KEY: &str = "iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=";
const SEED: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

/// An account as the environment names its settings.
type Table<'a> = &'a [(&'a str, &'a str)];

/// A provider whose calls are played.
struct Play<'a> {
    server: Server,
    key: String,
    name: &'a str,
    ids: Vec<String>,
    began_ms: i64,
    dropped: u64,
}

impl<'a> Play<'a> {
    /// Plays the calls with the real program; one event in ten gets lost on the way.
    async fn new(name: &'a str, table: Table<'_>, url: &str) -> Self {
        let mut setup = Setup::plain()
            .set(&format!("VOICE__{name}__BASE_URL"), url)
            .set("LIMITS__ALLOW_INSECURE_UPSTREAMS", "true");
        for (key, value) in table {
            setup = setup.set(&format!("VOICE__{name}__{key}"), value);
        }
        let server = setup.start().await;
        let key = server.key(server.business().await, &[Scope::CallsRead]).await;
        let began_ms = Clock::System.now_ms();
        server.go_to_ms(began_ms);
        let (ids, dropped) = simulate(&server, name, table).await;
        assert_eq!(ids.len(), CALLS, "{name}");
        assert!(dropped > 0, "{name}: of {} events none was lost", CALLS * 3);
        Self { server, key, name, ids, began_ms, dropped }
    }

    /// Asks the provider, and checks that all calls are over and that the count is shown.
    async fn recover(&self) {
        let (server, name) = (&self.server, self.name);
        let over = || server.number("SELECT count(*) FROM calls WHERE status = 'ended'");
        let calls = i64::try_from(CALLS).expect("few");
        server.advance(SignedDuration::from_mins(20));
        server.settled().await;
        let open = calls - over();
        server.app().reconcile().await.expect("the provider is asked");
        server.settled().await;
        assert_eq!(over(), calls, "{name}");
        assert_eq!(server.number("SELECT count(*) FROM calls WHERE duration_ms > 0"), calls);
        let recovered = server.number("SELECT count(*) FROM calls WHERE recovered_at IS NOT NULL");
        assert!(recovered >= open, "{name}: {recovered} of {open}");
        let shown = server.get("/api/v1/diagnostics", Some(&self.key)).await.json();
        let accounts = shown["voice"].as_array().expect("accounts");
        let account = accounts.iter().find(|one| one["account"] == name.to_lowercase());
        let account = account.expect("it is shown");
        let told = (&account["recovered"], &account["last_error"]);
        assert_eq!(told, (&json!(recovered), &Value::Null), "{name}: {} lost", self.dropped);
        // A second look finds nothing new.
        server.app().reconcile().await.expect("the provider is asked");
        let again = server.number("SELECT count(*) FROM calls WHERE recovered_at IS NOT NULL");
        assert_eq!(again, recovered, "{name}");
    }

    /// The instant at which a call began or ended, so many milliseconds later.
    fn at(&self, later_ms: i64) -> Timestamp {
        Timestamp::from_millisecond(self.began_ms + later_ms).expect("in range")
    }
}

/// Plays the calls. Returns their ids and how many events were lost.
async fn simulate(server: &Server, name: &str, table: Table<'_>) -> (Vec<String>, u64) {
    let dir = tempfile::tempdir().expect("a folder");
    let (account, to) = (name.to_lowercase(), format!("http://{}", server.address()));
    let set = table.iter().map(|(key, value)| (format!("FRONTDESK_VOICE__{name}__{key}"), *value));
    let calls = CALLS.to_string();
    let mut command = Command::new(env!("CARGO_BIN_EXE_frontdesk"));
    command.args(["simulate", &account, "--to", &to, "--json", "--drop", "10", "--calls", &calls]);
    command.args(["--number", retell::NUMBER]);
    command.current_dir(dir.path()).env_clear().envs(set);
    let ran = tokio::task::spawn_blocking(move || command.output()).await.expect("it runs");
    let ran = ran.expect("the program can be run");
    let told = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert!(ran.status.success(), "{name}: {told}");
    let played = serde_json::Deserializer::from_slice(&ran.stdout).into_iter::<Value>();
    let played: Vec<Value> = played.collect::<Result<_, _>>().expect("JSON");
    let ids = played.iter().filter_map(|call| call["call_id"].as_str().map(str::to_owned));
    let dropped: u64 = played.iter().filter_map(|call| call["dropped"].as_u64()).sum();
    assert!(told.contains(&format!("{dropped} events were lost")), "{told}");
    (ids.collect(), dropped)
}

#[tokio::test(flavor = "multi_thread")]
async fn retell_tells_again_what_was_lost_words_and_judgement_included() {
    let fake = FakeRetell::start().await;
    let keys = format!("[{:?}]", retell::KEY);
    let play = Play::new("RETELL", &[("API_KEYS", &keys)], &fake.url()).await;
    for id in &play.ids {
        let mut told: Value = serde_json::from_str(&retell::analyzed(id)).expect("JSON");
        told["call"]["start_timestamp"] = json!(play.began_ms);
        told["call"]["end_timestamp"] = json!(play.began_ms + LENGTH_MS);
        fake.carries(told["call"].clone());
    }
    play.recover().await;
    let whole =
        "SELECT count(DISTINCT c.id) FROM calls c JOIN transcript_turns t ON t.call_id = c.id
        WHERE c.summary IS NOT NULL AND c.cost_micros IS NOT NULL";
    assert_eq!(play.server.number(whole), i64::try_from(CALLS).expect("few"));
    play.server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn vapi_tells_again_what_was_lost_words_and_judgement_included() {
    let fake = FakeVoice::start("vapi").await;
    let table = [("BEARER", "t"), ("API_KEY", "vapi_key")];
    let play = Play::new("VAPI", &table, &fake.url()).await;
    for id in &play.ids {
        fake.state().calls.push(json!({
            "id": id, "type": "inboundPhoneCall", "assistantId": "agent_simulated",
            "status": "ended", "endedReason": "assistant-ended-call",
            "createdAt": play.at(0).to_string(), "startedAt": play.at(0).to_string(),
            "endedAt": play.at(LENGTH_MS).to_string(), "cost": 0.03,
            "customer": {"number": "+12025550142"}, "phoneNumber": {"number": retell::NUMBER},
            "analysis": {"summary": "Booked.", "successEvaluation": "true"},
            "artifact": {"messages": [{"role": "user", "message": "Hello.", "secondsFromStart": 1}]},
        }));
    }
    play.recover().await;
    let whole =
        "SELECT count(DISTINCT c.id) FROM calls c JOIN transcript_turns t ON t.call_id = c.id
        WHERE c.summary IS NOT NULL AND c.cost_micros IS NOT NULL";
    assert_eq!(play.server.number(whole), i64::try_from(CALLS).expect("few"));
    play.server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn telnyx_is_asked_about_each_call_whose_end_is_not_known() {
    let fake = FakeVoice::start("telnyx").await;
    let table = [
        ("PUBLIC_KEYS", PUBLIC_KEY),
        ("SIMULATION_SEED", SEED),
        ("API_KEY", "telnyx_key"),
        ("CONNECTION_ID", "c1"),
    ];
    let play = Play::new("TELNYX", &table, &fake.url()).await;
    for id in &play.ids {
        fake.state().calls.push(json!({
            "call_control_id": format!("v3:{id}"), "call_leg_id": format!("leg-{id}"),
            "call_session_id": format!("session-{id}"), "record_type": "call", "is_alive": false,
            "call_duration": LENGTH_MS / 1_000, "start_time": play.at(0).to_string(),
            "end_time": play.at(LENGTH_MS).to_string(),
        }));
    }
    play.recover().await;
    play.server.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn exotel_lists_the_calls_of_which_nobody_told() {
    let fake = FakeVoice::start("exotel").await;
    let table = [
        ("PATH_TOKEN", "4f9vQm1s8Zk2Lr7Xb0TnYw"),
        ("ACCOUNT_SID", "sid1"),
        ("API_KEY", "key"),
        ("API_TOKEN", "token"),
    ];
    let play = Play::new("EXOTEL", &table, &fake.url()).await;
    let zone = TimeZone::fixed(offset(5).saturating_add(SignedDuration::from_mins(30)));
    let written =
        |at: Timestamp| at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string();
    for id in &play.ids {
        fake.state().calls.push(json!({
            "Sid": id, "Status": "completed", "Direction": "inbound", "From": "02025550142",
            "To": retell::NUMBER, "PhoneNumberSid": retell::NUMBER, "Price": "0.5",
            "StartTime": written(play.at(0)), "EndTime": written(play.at(LENGTH_MS)),
            "Duration": "32",
        }));
    }
    play.recover().await;
    play.server.finish().await;
}
