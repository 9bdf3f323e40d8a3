//! The play itself: who is in it, what they say, what is sent when.
//!
//! Never decides anything by itself: it books what it was offered and says what it was told.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue};
use jiff::SignedDuration;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::clock::{Clock, random};
use crate::crypto::digest::hex;
use crate::domain::transcript::{Role, Turn};
use crate::net::{Client, Manner};
use crate::providers::VoiceAccount;
use crate::providers::voice::KINDS;
use crate::providers::voice::scene::{Act, Scene};

/// How long one answer may take.
const DEADLINE: Duration = Duration::from_secs(30);
/// How long a turn of speech takes in the play, in milliseconds.
const TURN_MS: i64 = 4_000;

/// Who is in the call and what they want.
#[derive(Clone, Debug)]
pub struct Cast {
    /// The provider's id of the agent.
    pub agent: String,
    /// The number that is called.
    pub number: String,
    /// The number that calls.
    pub caller: String,
    /// The service to ask for; the first one offered when `None`.
    pub service: Option<String>,
    /// The name to book under.
    pub name: String,
}

/// What goes wrong on the way.
#[derive(Clone, Copy, Debug, Default)]
pub struct Troubles {
    /// How many times more everything is sent.
    pub duplicate: u8,
    /// Whether events are held back and sent in the wrong order.
    pub reorder: bool,
    /// Of a hundred events so many are lost on the way.
    pub drop_percent: u8,
    /// Milliseconds to wait before each request.
    pub delay_ms: u64,
    /// Whether every proof is almost right.
    pub forge: bool,
}

/// One request and its answer.
#[derive(Clone, Debug, Serialize)]
pub struct Step {
    /// What was sent.
    pub what: String,
    /// The status of the answer.
    pub status: u16,
    /// Microseconds until it came.
    pub micros: u64,
    /// What a tool gave to say.
    pub said: String,
}

/// All that happened.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Played {
    /// The provider's id of the call.
    #[serde(skip)]
    pub call_id: String,
    /// Every request in order.
    pub steps: Vec<Step>,
    /// What was offered, as spoken.
    pub offered: Vec<String>,
    /// What was booked, as spoken.
    pub booked: Option<String>,
    /// Events that were lost on the way.
    pub dropped: u32,
}

/// Plays calls against one account of one instance.
pub struct Player<'a> {
    account: &'a VoiceAccount,
    base: &'a str,
    troubles: Troubles,
    client: Client,
}

impl<'a> Player<'a> {
    /// A player for the instance at `base`, a URL without a slash at its end.
    pub fn new(
        account: &'a VoiceAccount,
        base: &'a str,
        troubles: Troubles,
    ) -> anyhow::Result<Self> {
        let client = Client::new(Manner::trying(DEADLINE, true))?;
        Ok(Self { account, base, troubles, client })
    }

    /// Plays a call in which somebody books the first time that is offered.
    pub async fn play(&self, cast: &Cast) -> anyhow::Result<Played> {
        let mut held = Vec::new();
        let mut played = Played::default();
        let mut scene = scene(cast);
        played.call_id.clone_from(&scene.call_id);
        let asked = self.stage(&scene, &Act::Inbound, "inbound");
        self.send("inbound: who is calling?", asked, &mut played).await?;
        self.event(&scene, Act::Started, &mut held, &mut played).await?;
        say(&mut scene, Role::Agent, "Good day, how may I help you?");
        say(&mut scene, Role::Caller, "I would like to make an appointment.");
        if self.has_tools() {
            self.book(&mut scene, cast, &mut played).await?;
        }
        say(&mut scene, Role::Caller, "Thank you, goodbye.");
        let length = SignedDuration::from_millis(length_ms(&scene));
        scene.ended_at = scene.started_at.checked_add(length).ok();
        self.event(&scene, Act::Ended, &mut held, &mut played).await?;
        let summary = match &played.booked {
            Some(booked) => format!("The caller booked: {booked}."),
            None => "The caller asked for an appointment; nothing was booked.".to_owned(),
        };
        self.event(&scene, Act::Analyzed { summary }, &mut held, &mut played).await?;
        for (what, staged) in held.into_iter().rev() {
            self.send(&what, staged, &mut played).await?;
        }
        Ok(played)
    }

    /// Whether agents at this provider call tools.
    fn has_tools(&self) -> bool {
        KINDS.iter().any(|kind| kind.name == self.account.kind && kind.definition.is_some())
    }

    /// Somebody books the first time that is offered.
    async fn book(
        &self,
        scene: &mut Scene,
        cast: &Cast,
        played: &mut Played,
    ) -> anyhow::Result<()> {
        let listed = self.tool(scene, "list_services", Map::new(), played).await?;
        let first = || text(&listed["data"]["services"][0], "name");
        let service = cast.service.clone().or_else(first).unwrap_or_default();
        speak(scene, &listed);
        say(scene, Role::Caller, &format!("{service}, please."));
        let wanted = arguments(json!({"service": service}));
        let offered = self.tool(scene, "check_availability", wanted, played).await?;
        speak(scene, &offered);
        let slots = offered["data"]["slots"].as_array().cloned().unwrap_or_default();
        played.offered = slots.iter().filter_map(|slot| text(slot, "spoken")).collect();
        let Some(slot) = slots.first() else { return Ok(()) };
        say(scene, Role::Caller, "The first one is fine.");
        let id = text(slot, "slot").unwrap_or_default();
        let wanted = arguments(json!({"slot": id, "service": service, "name": cast.name}));
        let answer = self.tool(scene, "book_appointment", wanted, played).await?;
        speak(scene, &answer);
        if answer["data"]["status"] == "booked" {
            let spoken = text(&answer["data"], "spoken").unwrap_or_default();
            played.booked = Some(format!("{service}, {spoken}, for {}", cast.name));
        }
        Ok(())
    }

    /// Sends an event, or holds it back when the order is to be wrong.
    async fn event(
        &self,
        scene: &Scene,
        act: Act,
        held: &mut Vec<(String, Staged)>,
        played: &mut Played,
    ) -> anyhow::Result<()> {
        let what = match &act {
            Act::Inbound => "inbound: who is calling?",
            Act::Started => "event: call started",
            Act::Ended => "event: call ended",
            Act::Analyzed { .. } => "event: call analysed",
            Act::Tool { .. } => "tool",
        };
        let staged = self.stage(scene, &act, "hooks");
        let [chance] = random::<1>();
        if u32::from(chance) * 100 < u32::from(self.troubles.drop_percent) * 256 {
            played.dropped += 1;
            return Ok(());
        }
        if self.troubles.reorder {
            held.push((what.to_owned(), staged));
            return Ok(());
        }
        self.send(what, staged, played).await.map(drop)
    }

    async fn tool(
        &self,
        scene: &Scene,
        name: &str,
        arguments: Map<String, Value>,
        played: &mut Played,
    ) -> anyhow::Result<Value> {
        let act = Act::Tool { name: name.to_owned(), arguments };
        let staged = self.stage(scene, &act, "tools");
        let answer = self.send(&format!("tool:  {name}"), staged, played).await?;
        Ok(self.account.voice.heard(&answer))
    }

    /// What the provider would send, and where to.
    fn stage(&self, scene: &Scene, act: &Act, road: &str) -> Staged {
        let mut path = self.account.voice.path(act);
        if self.troubles.forge && !path.is_empty() {
            path = almost(&path);
        }
        let url = format!("{}/{road}/{}{path}", self.base, self.account.name);
        Staged { url, body: self.account.voice.stage(scene, act).to_vec() }
    }

    /// Sends signed bytes, as often as wanted, and returns the first answer.
    async fn send(
        &self,
        what: &str,
        staged: Staged,
        played: &mut Played,
    ) -> anyhow::Result<Vec<u8>> {
        let Staged { url, body } = staged;
        let mut first = None;
        for again in 0..=self.troubles.duplicate {
            let wait = Duration::from_millis(self.troubles.delay_ms);
            if !wait.is_zero() {
                drop(tokio::time::timeout(wait, std::future::pending::<()>()).await);
            }
            let headers = self.headers(&body)?;
            let began = Instant::now();
            let answer = self.client.post(&url, headers, body.clone()).await;
            let answer = answer.with_context(|| format!("{what} could not be sent"))?;
            let parsed = self.account.voice.heard(&answer.body);
            played.steps.push(Step {
                what: if again == 0 { what.to_owned() } else { format!("{what} (again)") },
                status: answer.status.as_u16(),
                micros: u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX),
                said: text(&parsed, "say").unwrap_or_default(),
            });
            first.get_or_insert(answer.body);
        }
        Ok(first.unwrap_or_default())
    }

    fn headers(&self, body: &[u8]) -> anyhow::Result<HeaderMap> {
        let now_ms = Clock::System.now_ms();
        let headers = self.account.voice.sign(body, now_ms);
        let mut headers = headers.with_context(|| {
            format!("[voice.{}] has nothing to sign a simulated call with", self.account.name)
        })?;
        if self.troubles.forge {
            for value in headers.values_mut() {
                let text = value.to_str().unwrap_or_default();
                *value = HeaderValue::try_from(almost(text))?;
            }
        }
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Ok(headers)
    }
}

/// A request that the provider would send.
struct Staged {
    url: String,
    body: Vec<u8>,
}

/// The same text but for its last letter: a proof that is almost right.
fn almost(text: &str) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    if let Some(last) = letters.last_mut() {
        *last = if *last == '0' { '1' } else { '0' };
    }
    letters.into_iter().collect()
}

fn scene(cast: &Cast) -> Scene {
    Scene {
        call_id: format!("call_{}", hex(&random::<14>())),
        agent: cast.agent.clone(),
        from_number: cast.caller.clone(),
        to_number: cast.number.clone(),
        started_at: Clock::System.now(),
        ended_at: None,
        turns: Vec::new(),
    }
}

fn length_ms(scene: &Scene) -> i64 {
    scene.turns.last().and_then(|turn| turn.ends_ms).unwrap_or(0)
}

fn say(scene: &mut Scene, role: Role, words: &str) {
    let starts = length_ms(scene);
    let (starts_ms, ends_ms) = (Some(starts), Some(starts + TURN_MS));
    scene.turns.push(Turn { role, text: words.to_owned(), starts_ms, ends_ms });
}

/// The agent says what the tool gave it to say.
fn speak(scene: &mut Scene, answer: &Value) {
    if let Some(words) = text(answer, "say") {
        say(scene, Role::Agent, &words);
    }
}

fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key).and_then(Value::as_str).map(str::to_owned)
}

fn arguments(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(arguments) => arguments,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Map::new()
        }
    }
}
