//! One long talk through all tools, in any language: what is asked, and why what is refused is.
//!
//! Never looks at words: who listens does.

use frontdesk::app::exceptions::ExceptionOf;
use frontdesk::domain::access::BusinessId;
use frontdesk::domain::language::Language;
use serde_json::{Value, json};

use crate::harness::{Server, retell};
use crate::practice::{
    OTHER, add_branch, add_person, add_service, call_from, except, first_branch, staffed,
};

/// What a caller says of time in their own language.
pub struct Phrases {
    /// Which.
    pub language: Language,
    /// The day after today.
    pub tomorrow: &'static str,
    /// A day that can be meant in two ways on a Monday.
    pub next_friday: &'static str,
}

const fn phrases(language: Language, tomorrow: &'static str, next_friday: &'static str) -> Phrases {
    Phrases { language, tomorrow, next_friday }
}

/// One caller of each language.
pub static PHRASES: [Phrases; 6] = [
    phrases(Language::English, "tomorrow", "next friday"),
    phrases(Language::German, "morgen", "nächsten Freitag"),
    phrases(Language::Spanish, "mañana", "el próximo viernes"),
    phrases(Language::French, "demain", "vendredi prochain"),
    phrases(Language::Portuguese, "amanhã", "próxima sexta"),
    phrases(Language::Italian, "domani", "venerdì prossimo"),
];

/// A question and its answer.
pub struct Turn {
    /// Name of the tool.
    pub tool: &'static str,
    /// What it answered.
    pub answer: Value,
}

impl Turn {
    /// What the agent is given to say.
    pub fn say(&self) -> &str {
        self.answer["say"].as_str().expect("an answer says something")
    }

    /// Why it was refused; empty when it was not.
    pub fn reason(&self) -> &str {
        self.answer["reason"].as_str().unwrap_or("")
    }
}

/// Talks through all tools; the business is set up on the way.
pub async fn talk(server: &Server, phrases: &Phrases) -> Vec<Turn> {
    let business = server.business().await;
    let holiday = ("2026-01-14", "closed", "Founding day");
    except(server, business, ExceptionOf::Business, holiday).await;
    let code = phrases.language.code();
    let mut talk = Talk { server, code, turns: Vec::new() };
    is_told(&mut talk).await;
    looks(&mut talk, phrases).await;
    books(&mut talk).await;
    changes(&mut talk).await;
    proves(&mut talk).await;
    leaves(&mut talk).await;
    chooses(&mut talk, business).await;
    talk.turns
}

struct Talk<'a> {
    server: &'a Server,
    code: &'static str,
    turns: Vec<Turn>,
}

impl Talk<'_> {
    /// Asks in the usual call; fails unless it is refused for this reason, or not when empty.
    async fn ask(&mut self, tool: &'static str, args: Value, reason: &str) -> Value {
        self.ask_in(&retell::call("c1"), tool, args, reason).await
    }

    /// The same in a call from another number.
    async fn other(&mut self, tool: &'static str, args: Value, reason: &str) -> Value {
        self.ask_in(&call_from(OTHER, "c2"), tool, args, reason).await
    }

    async fn ask_in(
        &mut self,
        call: &Value,
        tool: &'static str,
        mut args: Value,
        reason: &str,
    ) -> Value {
        args["language"] = json!(self.code);
        let answer = self.server.tool_in(tool, args.clone(), call).await;
        let turn = Turn { tool, answer: answer.clone() };
        assert_eq!(turn.reason(), reason, "{tool} {args}: {answer}");
        self.turns.push(turn);
        answer
    }
}

/// Asks what anybody may know.
async fn is_told(talk: &mut Talk<'_>) {
    talk.ask("list_services", json!({}), "").await;
    talk.ask("list_branches", json!({}), "").await;
    talk.ask("business_hours", json!({}), "").await;
    talk.ask("business_hours", json!({"date": "2026-01-10"}), "").await;
    talk.ask("business_hours", json!({"date": "2026-01-14"}), "").await;
}

/// Looks for a time.
async fn looks(talk: &mut Talk<'_>, phrases: &Phrases) {
    let (check, explain) = ("check_availability", "explain_unavailable");
    talk.ask(check, json!({"when": phrases.tomorrow}), "").await;
    talk.ask(check, json!({"when": phrases.next_friday}), "ambiguous_time").await;
    talk.ask(check, json!({"when": "xyzzy"}), "invalid_argument").await;
    talk.ask(check, json!({"date": "2026-01-04"}), "in_the_past").await;
    talk.ask(check, json!({"date": "2026-01-10"}), "none_free").await;
    talk.ask(check, json!({"service": "Surgery"}), "unknown_service").await;
    talk.ask("get_alternatives", json!({"start": "2026-01-06T10:00"}), "").await;
    talk.ask(explain, json!({"start": "2026-01-10T10:00"}), "closed").await;
    talk.ask(explain, json!({"start": "2026-01-14T10:00"}), "holiday").await;
    talk.ask(explain, json!({"start": "2026-01-06T10:10"}), "off_grid").await;
    talk.ask(explain, json!({"start": "2026-01-06T10:00"}), "").await;
}

/// Tells what a booking needs, and books.
async fn books(talk: &mut Talk<'_>) {
    let (collect, book) = ("collect_appointment_data", "book_appointment");
    let time = json!({"start": "2026-01-06T10:00"});
    let all = json!({"start": "2026-01-06T10:00", "name": "Robin Example"});
    talk.ask(collect, json!({}), "missing_argument").await;
    talk.ask(collect, time.clone(), "missing_argument").await;
    talk.ask(collect, all.clone(), "").await;
    talk.ask(book, json!({"name": "Robin Example"}), "missing_argument").await;
    talk.ask(book, time, "missing_argument").await;
    talk.ask(book, all.clone(), "").await;
    talk.other(book, all, "taken").await;
    talk.other(book, json!({"slot": "zzzzzzzz", "name": "Kim Example"}), "unknown_slot").await;
}

/// Moves what was booked, books again and calls that off.
async fn changes(talk: &mut Talk<'_>) {
    let (find, moves, cancel) =
        ("find_my_appointments", "reschedule_appointment", "cancel_appointment");
    talk.ask(find, json!({}), "").await;
    talk.ask(moves, json!({}), "missing_argument").await;
    talk.ask(moves, json!({"start": "2026-01-08T14:30"}), "").await;
    let second = json!({"start": "2026-01-07T09:00", "name": "Robin Example"});
    let booked = talk.ask("book_appointment", second, "").await;
    let id = &booked["data"]["appointment_id"];
    talk.ask(find, json!({}), "").await;
    talk.ask(cancel, json!({}), "ambiguous_appointment").await;
    talk.ask(cancel, json!({"current": "2026-01-09"}), "unknown_appointment").await;
    talk.ask(cancel, json!({"current": "2026-01-07"}), "").await;
    let again = json!({"appointment_id": id, "start": "2026-01-07T10:00"});
    talk.ask(moves, again, "already_cancelled").await;
}

/// Somebody else asks for what is not theirs.
async fn proves(talk: &mut Talk<'_>) {
    let (find, cancel) = ("find_my_appointments", "cancel_appointment");
    talk.other(find, json!({}), "").await;
    talk.other(cancel, json!({}), "unknown_appointment").await;
    talk.other(find, json!({"phone": retell::CALLER}), "not_verified").await;
    // No code has five digits.
    let guess = json!({"phone": retell::CALLER, "confirmation_digits": "12345"});
    talk.other(find, guess.clone(), "wrong_code").await;
    talk.other(cancel, guess.clone(), "wrong_code").await;
    let moves = json!({"phone": retell::CALLER, "confirmation_digits": "12345",
        "start": "2026-01-07T10:00"});
    talk.other("reschedule_appointment", moves, "wrong_code").await;
    talk.other(find, guess, "too_many_tries").await;
}

/// Tells who they are and what to pass on, and waits.
async fn leaves(talk: &mut Talk<'_>) {
    let (info, message) = ("collect_customer_info", "take_message");
    talk.ask(info, json!({"name": "Robin Example"}), "").await;
    talk.ask(info, json!({"phone": OTHER}), "").await;
    talk.ask(info, json!({"email": "robin@example.com"}), "").await;
    talk.ask(info, json!({"phone": "12"}), "invalid_argument").await;
    talk.ask(message, json!({}), "missing_argument").await;
    talk.ask(message, json!({"message": "Please call back."}), "").await;
    let waits = json!({"waiting_list": true, "name": "Robin Example"});
    talk.ask("collect_appointment_data", waits, "").await;
    talk.ask("cancel_everything", json!({}), "unknown_tool").await;
}

/// Chooses among services, people and branches, once there are several.
async fn chooses(talk: &mut Talk<'_>, business: BusinessId) {
    let (server, check) = (talk.server, "check_availability");
    let branch = first_branch(server, business).await;
    for name in ["Anna North", "Anna South"] {
        add_person(server, business, name, branch, None).await;
    }
    add_service(server, business, staffed("Massage")).await;
    talk.ask(check, json!({}), "missing_argument").await;
    talk.ask(check, json!({"service": "Massage", "staff": "Zoe"}), "unknown_staff").await;
    talk.ask(check, json!({"service": "Massage", "staff": "Anna"}), "ambiguous_staff").await;
    let north = "North Practice";
    add_branch(server, business, north).await;
    talk.ask("list_branches", json!({}), "").await;
    talk.ask(check, json!({"service": "Check-up"}), "ambiguous_branch").await;
    let moon = json!({"service": "Check-up", "branch": "Moon"});
    talk.ask(check, moon, "unknown_branch").await;
    let nobody = json!({"service": "Massage", "branch": north});
    talk.ask(check, nobody, "nobody_for_service").await;
}
