//! What is said in each language, word for word: a sentence that changes is seen and read before it
//! is heard.

use std::fmt::Write as _;

use frontdesk::domain::language::Language;

use crate::harness::Server;
use crate::talk::{PHRASES, Turn, talk};

/// Most sentences and words of an answer: a caller has to keep all of it in mind.
const SENTENCES_MAX: usize = 2;
const WORDS_MAX: usize = 25;

/// What was read and found good.
fn kept(language: Language) -> &'static str {
    match language {
        Language::English => include_str!("../fixtures/say/en.txt"),
        Language::German => include_str!("../fixtures/say/de.txt"),
        Language::Spanish => include_str!("../fixtures/say/es.txt"),
        Language::French => include_str!("../fixtures/say/fr.txt"),
        Language::Portuguese => include_str!("../fixtures/say/pt.txt"),
        Language::Italian => include_str!("../fixtures/say/it.txt"),
    }
}

/// A talk as it is kept: what was asked and why it was refused, then what is said.
fn written(turns: &[Turn]) -> String {
    let mut text = String::new();
    for turn in turns {
        let (tool, reason, say) = (turn.tool, turn.reason(), turn.say());
        let outcome = if reason.is_empty() { "done" } else { reason };
        writeln!(text, "{tool}: {outcome}\n  {say}").expect("a text takes more text");
    }
    text
}

/// What keeps a sentence from being understood at once.
fn faults(turn: &Turn) -> Vec<String> {
    let say = turn.say();
    let sentences = say.matches(['.', '?', '!']).count();
    let words = say.split_whitespace().count();
    let mut found = Vec::new();
    if sentences > SENTENCES_MAX {
        found.push(format!("{sentences} sentences: {say}"));
    }
    if words > WORDS_MAX {
        found.push(format!("{words} words: {say}"));
    }
    if say.chars().any(char::is_numeric) {
        found.push(format!("a digit: {say}"));
    }
    found
}

async fn is_said_as_kept(language: Language) {
    let phrases = PHRASES.iter().find(|phrases| phrases.language == language);
    let phrases = phrases.expect("every language has its phrases");
    let server = Server::start().await;
    let turns = talk(&server, phrases).await;
    server.finish().await;
    let faults: Vec<String> = turns.iter().flat_map(faults).collect();
    assert!(faults.is_empty(), "{faults:#?}");
    let (code, text) = (language.code(), written(&turns));
    assert!(
        text == kept(language),
        "it is not what tests/fixtures/say/{code}.txt says:\n---8<--- {code}\n{text}--->8---"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn english_is_said_as_it_was_read_and_found_good() {
    is_said_as_kept(Language::English).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn german_is_said_as_it_was_read_and_found_good() {
    is_said_as_kept(Language::German).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn spanish_is_said_as_it_was_read_and_found_good() {
    is_said_as_kept(Language::Spanish).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn french_is_said_as_it_was_read_and_found_good() {
    is_said_as_kept(Language::French).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn portuguese_is_said_as_it_was_read_and_found_good() {
    is_said_as_kept(Language::Portuguese).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn italian_is_said_as_it_was_read_and_found_good() {
    is_said_as_kept(Language::Italian).await;
}
