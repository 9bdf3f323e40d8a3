//! `provision`: shows what would change at a provider, changes that and nothing else, and finds nothing
//! to do afterwards.

use std::process::{Command, Output};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use crate::harness::upstream::{Said, Seen, Upstream};

/// A thing at a provider: the path that reads it, the path that changes it, and itself.
type Thing = (&'static str, &'static str, Value);

/// What a stand-in holds.
#[derive(Clone, Default)]
struct Things(Arc<Mutex<Vec<Thing>>>);

impl Things {
    fn new(things: Vec<Thing>) -> Self {
        Self(Arc::new(Mutex::new(things)))
    }

    /// Answers a reading with the thing, and takes the fields of a change over.
    fn answer(&self, seen: &Seen) -> Said {
        let mut things = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (read, write, thing) in things.iter_mut() {
            if seen.method == http::Method::GET && seen.path == *read {
                return Said::Json(200, thing.clone());
            }
            if seen.method != http::Method::GET && seen.path == *write {
                for (field, value) in seen.json().as_object().into_iter().flatten() {
                    thing[field] = value.clone();
                }
                return Said::Json(200, thing.clone());
            }
        }
        Said::Json(404, json!({}))
    }

    fn get(&self, n: usize) -> Value {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)[n].2.clone()
    }
}

fn run(dir: &std::path::Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_frontdesk"));
    command.current_dir(dir).args(args).env_clear();
    command.output().expect("the program can be run")
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned()
}

/// A folder with an account at a stand-in.
fn place(table: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    let config = format!(
        "[server]\npublic_url = \"https://desk.example.com\"\n\n\
         [limits]\nallow_insecure_upstreams = true\n\n{table}\n"
    );
    std::fs::write(dir.path().join("config.toml"), config).expect("it can be written");
    dir
}

fn names(tools: &Value) -> Vec<String> {
    let of = |tool: &Value| {
        let inside = [&tool["function"]["name"], &tool["webhook"]["name"], &tool["name"]];
        let name = inside.into_iter().find_map(Value::as_str).unwrap_or("unnamed");
        name.to_owned()
    };
    tools.as_array().expect("a list").iter().map(of).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn retell_gets_its_webhooks_and_tools_and_keeps_what_is_its_own() {
    let end = json!({"type": "end_call", "name": "end_call"});
    let old = json!({"type": "custom", "name": "list_services", "url": "https://old.example"});
    let things = Things::new(vec![
        (
            "/get-agent/a1",
            "/update-agent/a1",
            json!({"agent_id": "a1", "voice_id": "v",
            "response_engine": {"type": "retell-llm", "llm_id": "l1"}}),
        ),
        (
            "/get-retell-llm/l1",
            "/update-retell-llm/l1",
            json!({"llm_id": "l1", "general_prompt": "Be kind.", "general_tools": [end, old]}),
        ),
        (
            "/get-phone-number/%2B12025550100",
            "/update-phone-number/%2B12025550100",
            json!({"phone_number": "+12025550100", "nickname": "front"}),
        ),
    ]);
    let rule = things.clone();
    let upstream = Upstream::start(move |seen| rule.answer(seen)).await;
    let url = upstream.url();
    let dir = place(&format!("[voice.retell]\napi_keys = \"k\"\nbase_url = \"{url}\""));
    let call = ["provision", "retell", "--agent", "a1", "--number", "+12025550100"];
    let looked = run(dir.path(), &[&call[..], &["--dry-run"]].concat());
    let shown = text(&looked);
    assert!(looked.status.success(), "{shown}");
    for line in ["webhook_url: null", "+ book_appointment", "~ list_services", "= end_call"] {
        assert!(shown.contains(line), "{line}: {shown}");
    }
    assert!(shown.contains("3 would be changed; nothing was."), "{shown}");
    assert_eq!(things.get(0)["webhook_url"], Value::Null);
    let changed = run(dir.path(), &call);
    assert!(changed.status.success(), "{}", text(&changed));
    assert_eq!(things.get(0)["webhook_url"], "https://desk.example.com/hooks/retell");
    assert_eq!(things.get(0)["voice_id"], "v");
    assert_eq!(things.get(1)["general_prompt"], "Be kind.");
    let tools = names(&things.get(1)["general_tools"]);
    assert_eq!((tools.len(), tools[0].as_str()), (14, "end_call"));
    assert_eq!(things.get(2)["inbound_webhook_url"], "https://desk.example.com/inbound/retell");
    let again = run(dir.path(), &call);
    assert!(text(&again).contains("everything is as it should be"), "{}", text(&again));
}

#[tokio::test(flavor = "multi_thread")]
async fn vapi_and_telnyx_get_theirs() {
    let things = Things::new(vec![
        (
            "/assistant/a1",
            "/assistant/a1",
            json!({"id": "a1", "server": {"url": "https://old",
            "credentialId": "c"}, "model": {"provider": "openai", "model": "gpt-4o"}}),
        ),
        (
            "/ai/assistants/a2",
            "/ai/assistants/a2",
            json!({"id": "a2", "tools": [{"type": "hangup", "hangup": {}}]}),
        ),
    ]);
    let rule = things.clone();
    let upstream = Upstream::start(move |seen| rule.answer(seen)).await;
    let url = upstream.url();
    let dir = place(&format!(
        "[voice.vapi]\nbearer = \"t\"\napi_key = \"k\"\nbase_url = \"{url}\"\n\n\
         [voice.telnyx]\npublic_keys = \"5QrCYY+DWA6Qwdx17/UAcAwyB1m2giSOBehC4ketrOw=\"\n\
         api_key = \"k\"\nbase_url = \"{url}\""
    ));
    for (account, agent) in [("vapi", "a1"), ("telnyx", "a2")] {
        let call = ["provision", account, "--agent", agent];
        let changed = run(dir.path(), &call);
        assert!(changed.status.success(), "{}", text(&changed));
        let again = run(dir.path(), &call);
        assert!(text(&again).contains("everything is as it should be"), "{}", text(&again));
    }
    let vapi = things.get(0);
    assert_eq!(vapi["server"]["url"], "https://desk.example.com/hooks/vapi");
    assert_eq!(vapi["server"]["credentialId"], "c", "how it proves itself stays");
    assert_eq!(
        (&vapi["model"]["model"], names(&vapi["model"]["tools"]).len()),
        (&json!("gpt-4o"), 13)
    );
    let telnyx = things.get(1);
    assert_eq!(telnyx["dynamic_variables_webhook_url"], "https://desk.example.com/inbound/telnyx");
    assert_eq!(telnyx["tools"][0]["type"], "hangup");
    assert_eq!(names(&telnyx["tools"]).len(), 14);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_set_up_says_why() {
    let upstream = Upstream::start(|_| Said::Json(401, json!({}))).await;
    let url = upstream.url();
    let dir = place(&format!(
        "[voice.retell]\napi_keys = \"k\"\nbase_url = \"{url}\"\n\n\
         [voice.exotel]\npath_token = \"4f9vQm1s8Zk2Lr7Xb0TnYw\""
    ));
    let cases = [
        (vec!["provision", "retell", "--agent", "a1"], "does not accept the account's key"),
        (vec!["provision", "exotel", "--agent", "a1"], "set up by hand"),
        (vec!["provision", "vapi", "--agent", "a1"], "has no [voice.vapi]"),
        (vec!["provision", "retell"], "no business has an agent"),
    ];
    for (args, why) in cases {
        let refused = run(dir.path(), &args);
        assert_eq!(refused.status.code(), Some(1), "{}", text(&refused));
        assert!(text(&refused).contains(why), "{}", text(&refused));
    }
}
