//! Free text, such as a name, made fit to be said.
//!
//! Never lets it bring a digit, mark-up or the end of a sentence into what is said around it.

use super::{Form, Tongue};

/// Most digits that are said as one number; more are said one by one.
const NUMBER_MAX_DIGITS: usize = 9;
/// Most letters of a word whose full stop is taken for that of an abbreviation.
const ABBREVIATION_MAX_CHARS: usize = 4;

/// The first `words_max` words of `text` as they can be said.
pub(super) fn fit(tongue: &Tongue, text: &str, words_max: usize) -> String {
    let text = text.replace("://", " ");
    let (mut said, mut digits, mut before) = (String::new(), String::new(), None);
    let mut signs = text.chars().peekable();
    while let Some(sign) = signs.next() {
        let next = signs.peek().copied();
        if sign.is_ascii_digit() {
            digits.push(sign);
            if !next.is_some_and(|next| next.is_ascii_digit()) {
                push_number(tongue, &digits, next, &mut said);
                digits.clear();
            }
        } else {
            push_sign(sign, before, next, &mut said);
        }
        before = Some(sign);
    }
    let words: Vec<&str> = said.split_whitespace().take(words_max).collect();
    words.join(" ").trim_matches(',').to_owned()
}

fn push_number(tongue: &Tongue, digits: &str, next: Option<char>, said: &mut String) {
    if said.ends_with(clings) {
        said.push(' ');
    }
    // What begins with a zero is a code or part of one, not an amount.
    let is_code = digits.len() > 1 && digits.starts_with('0');
    let number =
        digits.parse::<u64>().ok().filter(|_| digits.len() <= NUMBER_MAX_DIGITS && !is_code);
    match number {
        Some(number) => said.push_str(&(tongue.number)(number, Form::Alone)),
        None => said.push_str(&tongue.digits(digits)),
    }
    if next.is_some_and(clings) {
        said.push(' ');
    }
}

/// Adds a sign that is no digit and stands between two others.
fn push_sign(sign: char, before: Option<char>, next: Option<char>, said: &mut String) {
    let is_between = |kind: fn(char) -> bool| before.is_some_and(kind) && next.is_some_and(kind);
    match sign {
        '*' | '_' | '#' | '[' | ']' | '<' | '>' | '|' | '`' | '~' => said.push(' '),
        '.' | ':' | '-' | '–' | '/' if is_between(|c| c.is_ascii_digit()) => said.push(' '),
        '.' if is_between(char::is_alphanumeric) || ends_abbreviated(said) => said.push(' '),
        ',' | '.' | '?' | '!' | '…' | '。' | '？' | '！' => push_comma(said),
        '¿' | '¡' => {}
        _ if sign.is_control() => said.push(' '),
        _ if sign.is_numeric() => {}
        _ => said.push(sign),
    }
}

/// A comma after the last word, if there is one and it has none.
fn push_comma(said: &mut String) {
    said.truncate(said.trim_end().len());
    if !said.is_empty() && !said.ends_with(',') {
        said.push(',');
    }
    said.push(' ');
}

/// Whether a full stop would end a short word, as in "Dr.".
fn ends_abbreviated(said: &str) -> bool {
    let last = said.rsplit(char::is_whitespace).next().unwrap_or_default();
    let letters = last.chars().filter(|c| c.is_alphabetic()).count();
    (1..=ABBREVIATION_MAX_CHARS).contains(&letters)
}

/// Whether a number has to be set apart from such a sign beside it.
fn clings(sign: char) -> bool {
    sign.is_alphanumeric() || matches!(sign, '€' | '$' | '£' | '¥' | '₹' | '%' | '°' | '+' | '=')
}
