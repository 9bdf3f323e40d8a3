//! Reading Rust as far as the rules need it: code apart from comments and literals, words, and the
//! paths it names. It never resolves a name: what is written is what counts.

use std::ops::Range;

/// `text` with comments and the insides of literals blanked. Every byte and line keeps its place.
pub fn bare(text: &str) -> String {
    blank(text, |kind| kind == Kind::Code)
}

/// `text` with comments blanked and literals kept. Every byte and line keeps its place.
pub fn uncommented(text: &str) -> String {
    blank(text, |kind| kind != Kind::Comment)
}

/// A word, `::`, or one other sign.
#[derive(Clone, Copy)]
pub struct Token<'a> {
    pub text: &'a str,
    /// Byte in the text.
    pub at: usize,
    /// Line, from 1.
    pub line: usize,
}

/// The tokens of bare code.
pub fn tokens(bare: &str) -> Vec<Token<'_>> {
    let bytes = bare.as_bytes();
    let (mut found, mut at, mut line) = (Vec::new(), 0, 1);
    while at < bytes.len() {
        let start = at;
        at += 1;
        if is_word_byte(bytes[start]) {
            while at < bytes.len() && is_word_byte(bytes[at]) {
                at += 1;
            }
        } else if bytes[start..].starts_with(b"::") {
            at += 1;
        }
        if bytes[start] == b'\n' {
            line += 1;
        } else if bytes[start].is_ascii_graphic() {
            found.push(Token { text: &bare[start..at], at: start, line });
        }
    }
    found
}

/// The text of a token, or nothing past the end.
pub fn word<'a>(tokens: &[Token<'a>], at: usize) -> &'a str {
    tokens.get(at).map_or("", |token| token.text)
}

/// The place after the bracket that closes the one at `open`.
pub fn closed(tokens: &[Token<'_>], open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token.text {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    tokens.len()
}

/// A path that code names, and where.
#[derive(Debug)]
pub struct Named {
    pub path: Vec<String>,
    pub line: usize,
    /// Inline modules around it.
    pub inside: usize,
    /// From a `use`, with its groups spread out; `*` is its last part where all is imported.
    pub import: bool,
}

impl Named {
    /// The path as it would be written.
    pub fn text(&self) -> String {
        self.path.join("::")
    }
}

/// Every path with `::` in it and every `use` and `extern crate`, in order.
pub fn named(text: &str) -> Vec<Named> {
    let bare = bare(text);
    let tokens = tokens(&bare);
    let (mut found, mut modules, mut depth, mut at) = (Vec::new(), Vec::new(), 0_usize, 0);
    while at < tokens.len() {
        let inside = modules.len();
        match tokens[at].text {
            "{" => depth += 1,
            "}" => {
                depth = depth.saturating_sub(1);
                modules.pop_if(|opened| *opened == depth);
            }
            "mod" if word(&tokens, at + 2) == "{" => modules.push(depth),
            "use" if word(&tokens, at + 1) != "<" => {
                at = tree(&tokens, at + 1, &Branch { above: &[], inside }, &mut found);
                continue;
            }
            "extern" if word(&tokens, at + 1) == "crate" => {
                let path = vec![word(&tokens, at + 2).to_owned()];
                found.push(Named { path, line: tokens[at].line, inside, import: true });
                at += 2;
            }
            _ if begins_path(&tokens, at) => {
                let line = tokens[at].line;
                let mut path = vec![tokens[at].text.to_owned()];
                while word(&tokens, at + 1) == "::" && is_word(word(&tokens, at + 2)) {
                    path.push(word(&tokens, at + 2).to_owned());
                    at += 2;
                }
                found.push(Named { path, line, inside, import: false });
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// Where in a `use` the reading is.
struct Branch<'a> {
    above: &'a [String],
    inside: usize,
}

/// Reads one branch of a `use` tree and answers where it ended.
fn tree(tokens: &[Token<'_>], start: usize, branch: &Branch<'_>, found: &mut Vec<Named>) -> usize {
    let (mut path, mut at) = (branch.above.to_vec(), start);
    let line = tokens.get(start).map_or(0, |token| token.line);
    let (inside, import) = (branch.inside, true);
    loop {
        match word(tokens, at) {
            "::" | "$" => at += 1,
            "{" => {
                at += 1;
                while !matches!(word(tokens, at), "}" | ";" | "") {
                    let below = Branch { above: &path, inside };
                    at = tree(tokens, at, &below, found).max(at + 1);
                    at += usize::from(word(tokens, at) == ",");
                }
                return at + 1;
            }
            part if part == "*" || is_word(part) => {
                path.push(part.to_owned());
                at += 1;
                if word(tokens, at) != "::" {
                    at += if word(tokens, at) == "as" { 2 } else { 0 };
                    found.push(Named { path, line, inside, import });
                    return at;
                }
            }
            _ => return at,
        }
    }
}

/// A word before `::` that is neither a method nor a later part of a path.
fn begins_path(tokens: &[Token<'_>], at: usize) -> bool {
    let before = |steps: usize| at.checked_sub(steps).map_or("", |place| tokens[place].text);
    let continues = match before(1) {
        "::" => is_word(before(2)) || before(2) == ">",
        "." => before(2) != ".",
        _ => false,
    };
    is_word(tokens[at].text) && word(tokens, at + 1) == "::" && !continues
}

/// The parts of a name in lower case: `signing_key` and `SigningKey` are both `signing`, `key`.
pub fn parts(name: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut after_lower = false;
    for letter in name.chars() {
        if letter == '_' || (letter.is_uppercase() && after_lower) {
            parts.push(String::new());
        }
        if letter != '_'
            && let Some(part) = parts.last_mut()
        {
            part.extend(letter.to_lowercase());
        }
        after_lower = letter.is_lowercase() || letter.is_ascii_digit();
    }
    parts
}

/// Line of a byte, from 1.
pub fn line_at(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

/// A name, a keyword or a number.
pub fn is_word(text: &str) -> bool {
    text.bytes().next().is_some_and(is_word_byte)
}

fn is_word_byte(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphanumeric()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Code,
    Comment,
    Literal,
}

fn blank(text: &str, keeps: impl Fn(Kind) -> bool) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let piece = piece(text.as_bytes(), at);
        if !keeps(piece.kind) {
            for byte in &mut bytes[piece.inside] {
                *byte = if *byte == b'\n' { b'\n' } else { b' ' };
            }
        }
        at = piece.end;
    }
    String::from_utf8(bytes).expect("what is blanked begins and ends beside an ASCII sign")
}

/// A stretch of one kind; `inside` is what its delimiters enclose.
struct Piece {
    kind: Kind,
    inside: Range<usize>,
    end: usize,
}

fn piece(bytes: &[u8], at: usize) -> Piece {
    let rest = &bytes[at..];
    let of = |kind, inside: Range<usize>, end: usize| Piece {
        kind,
        inside: at + inside.start..(at + inside.end).min(bytes.len()),
        end: (at + end).min(bytes.len()),
    };
    if rest.starts_with(b"//") {
        let end = find(rest, b"\n").unwrap_or(rest.len());
        return of(Kind::Comment, 0..end, end);
    }
    if rest.starts_with(b"/*") {
        let end = block_comment(rest);
        return of(Kind::Comment, 0..end, end);
    }
    if is_word_byte(rest[0]) {
        let end = rest.iter().position(|byte| !is_word_byte(*byte)).unwrap_or(rest.len());
        let hashes = rest[end..].iter().take_while(|byte| **byte == b'#').count();
        let open = end + hashes;
        if !matches!(&rest[..end], b"r" | b"br" | b"cr") || rest.get(open) != Some(&b'"') {
            return of(Kind::Code, 0..end, end);
        }
        let close = [b"\"".as_slice(), &vec![b'#'; hashes]].concat();
        let length = find(&rest[open + 1..], &close).unwrap_or(rest.len());
        return of(Kind::Literal, open + 1..open + 1 + length, open + 1 + length + close.len());
    }
    let end = match rest[0] {
        b'"' => Some(quoted(rest)),
        b'\'' => character(rest),
        _ => None,
    };
    match end {
        Some(end) => of(Kind::Literal, 1..end - 1, end),
        None => of(Kind::Code, 0..1, 1),
    }
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

fn block_comment(rest: &[u8]) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        if rest[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    rest.len()
}

/// Length of the string literal that `rest` begins with.
fn quoted(rest: &[u8]) -> usize {
    let mut at = 1;
    while at < rest.len() && rest[at] != b'"' {
        at += if rest[at] == b'\\' { 2 } else { 1 };
    }
    at + 1
}

/// Length of the character literal that `rest` begins with; none when it is a lifetime.
fn character(rest: &[u8]) -> Option<usize> {
    let after_first = match rest.get(1)? {
        b'\\' => 3,
        first if first.is_ascii() => 2,
        _ => 2 + rest[2..].iter().take_while(|byte| **byte & 0xC0 == 0x80).count(),
    };
    let close = if rest[1] == b'\\' { find(rest.get(3..)?, b"'")? } else { 0 };
    (rest.get(after_first + close) == Some(&b'\'')).then_some(after_first + close + 1)
}

#[test]
fn comments_and_literals_are_no_code() {
    let text = "let a = \"crate::web \\\" x\"; // crate::net\n\
                /* a /* b */ crate::tls */ let b = r#\"q\"z\"#;\n\
                let c: &'static str = x('\"', '\\'', 'é', b'\\\\'); let d = e;";
    let bare = bare(text);
    assert_eq!(bare.len(), text.len());
    assert!(!bare.contains("crate"), "{bare}");
    assert!(!bare.contains('z') && !bare.contains('é'), "{bare}");
    assert!(bare.contains("let b = r#\"") && bare.contains("'static str"), "{bare}");
    assert!(bare.ends_with("let d = e;"), "{bare}");
    assert!(uncommented(text).contains("crate::web"));
}

#[test]
fn grouped_and_nested_imports_are_spread_out() {
    let text = "use crate::{a, b::{c as x, d::*}, self};\n\
                mod tests { use super::super::e; }\n\
                fn f() { ::g::h::i(..j::k) }";
    let found: Vec<_> = named(text).iter().map(|n| (n.text(), n.line, n.inside)).collect();
    let wanted = [
        ("crate::a", 1, 0),
        ("crate::b::c", 1, 0),
        ("crate::b::d::*", 1, 0),
        ("crate::self", 1, 0),
        ("super::super::e", 2, 1),
        ("g::h::i", 3, 0),
        ("j::k", 3, 0),
    ];
    let wanted: Vec<_> = wanted.into_iter().map(|(p, l, i)| (p.to_owned(), l, i)).collect();
    assert_eq!(found, wanted);
}

#[test]
fn names_are_split_at_underscores_and_capitals() {
    assert_eq!(parts("signing_key"), ["signing", "key"]);
    assert_eq!(parts("SigningKey2Mac"), ["signing", "key2", "mac"]);
}
