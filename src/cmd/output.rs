//! Writing to standard output and standard error.
//!
//! Never fails when nobody reads any more, as under `| head`.

use std::io::Write as _;

use serde::Serialize;

/// A line of text.
pub fn line(text: impl AsRef<str>) {
    let mut out = std::io::stdout().lock();
    // A reader that went away wants no more lines.
    drop(writeln!(out, "{}", text.as_ref()));
    drop(out.flush());
}

/// A line for people on standard error.
pub fn note(text: impl AsRef<str>) {
    // A reader that went away wants no more lines.
    drop(writeln!(std::io::stderr().lock(), "{}", text.as_ref()));
}

/// A value as JSON, for programs.
pub fn json(value: &impl Serialize) -> anyhow::Result<()> {
    line(serde_json::to_string_pretty(value)?);
    Ok(())
}

/// Rows under a heading, in columns as wide as they need to be.
pub fn table(heading: &[&str], rows: &[Vec<String>]) {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        cells.chain([heading[column].chars().count()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..heading.len()).map(width).collect();
    let write = |cells: &[String]| {
        let padded = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        line(padded.collect::<Vec<_>>().join("  ").trim_end());
    };
    write(&heading.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>());
    rows.iter().for_each(|row| write(row));
}
