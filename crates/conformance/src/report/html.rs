//! The report as one page without anything from elsewhere: no script, no font, no picture.

use std::fmt::Write as _;

use super::{Counts, Entry, Outcome, Report};
use crate::client::Exchange;

const STYLE: &str = "
:root { color-scheme: light dark; --line: light-dark(#d9dde3, #3a3f47); --quiet: light-dark(#5b6470, #9aa3af);
  --good: light-dark(#1a7f37, #4ac26b); --bad: light-dark(#c4281c, #ff7b72); --odd: light-dark(#9a6700, #d29922); }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
h2 span, .quiet { color: var(--quiet); font-weight: normal; font-size: .9rem; }
.verdict { border-left: .3rem solid var(--good); padding: .5rem 1rem; } .verdict.bad { border-color: var(--bad); }
details, .row { border-top: 1px solid var(--line); padding: .35rem 0; } summary { cursor: pointer; }
.word { display: inline-block; width: 4.8rem; font-weight: 600; }
.passed { color: var(--good); } .failed { color: var(--bad); } .warned { color: var(--odd); } .skipped { color: var(--quiet); }
dl { display: grid; grid-template-columns: 6rem 1fr; gap: .2rem 1rem; margin: .5rem 0 .5rem 4.8rem; } dt { color: var(--quiet); } dd { margin: 0; }
pre { white-space: pre-wrap; font-size: .85rem; border: 1px solid var(--line); border-radius: .3rem; padding: .5rem; margin: .3rem 0 .3rem 4.8rem; }
";

/// The whole page.
#[must_use]
pub fn html(report: &Report) -> String {
    let mut page = String::new();
    // Writing to a string cannot fail.
    let _ = write!(
        page,
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>SCIM {version} conformance</title><style>{STYLE}</style></head><body>\
         <h1>SCIM {version} conformance</h1><p>{url}</p>\
         <div class=\"verdict{bad}\"><strong>{verdict}</strong><br>{total} checks: {counts}; {requests} requests in {ms} ms.\
         <br><span class=\"quiet\">{tidied}</span></div>",
        version = report.version,
        url = escaped(&report.url),
        bad = if report.conforms() { "" } else { " bad" },
        verdict = escaped(&report.verdict().replace(" above", " below")),
        total = report.checks.len(),
        counts = report.counts(),
        requests = report.requests,
        ms = report.milliseconds,
        tidied = escaped(&report.tidied()),
    );
    for (chapter, entries) in report.chapters() {
        let counts = Counts::of(entries.iter().copied());
        let _ = write!(page, "<section><h2>{} <span>{counts}</span></h2>", escaped(chapter));
        for entry in entries {
            page.push_str(&row(entry));
        }
        page.push_str("</section>");
    }
    page.push_str("</body></html>\n");
    page
}

fn row(entry: &Entry) -> String {
    let (word, open) = match &entry.outcome {
        Outcome::Passed => ("passed", ""),
        Outcome::Failed { .. } => ("failed", " open"),
        Outcome::Warned { .. } => ("warned", ""),
        Outcome::Skipped { .. } => ("skipped", ""),
    };
    let mut row = format!(
        "<details{open}><summary><span class=\"word {word}\">{word}</span>{title} <span class=\"quiet\">{level} {requirement}</span></summary><dl>",
        title = escaped(entry.title),
        level = entry.level,
        requirement = escaped(entry.requirement),
    );
    row.push_str(&pair("source", &entry.reference));
    row.push_str(&pair("check", &entry.check));
    match &entry.outcome {
        Outcome::Failed { expected, got } | Outcome::Warned { expected, got } => {
            row.push_str(&pair("expected", expected));
            row.push_str(&pair("came", got));
        }
        Outcome::Skipped { why } => row.push_str(&pair("because", why)),
        Outcome::Passed => {}
    }
    row.push_str("</dl>");
    for exchange in &entry.exchanges {
        row.push_str(&shown(exchange));
    }
    row.push_str("</details>");
    row
}

fn pair(name: &str, value: &str) -> String {
    format!("<dt>{}</dt><dd>{}</dd>", escaped(name), escaped(value))
}

fn shown(exchange: &Exchange) -> String {
    let mut text = exchange.line();
    for header in &exchange.headers {
        let _ = write!(text, "\n{header}");
    }
    if let Some(body) = &exchange.body {
        let _ = write!(text, "\n{body}");
    }
    let _ = write!(text, "\n\n{}", exchange.status);
    for header in &exchange.answer_headers {
        let _ = write!(text, "\n{header}");
    }
    let _ = write!(text, "\n{}", exchange.answer);
    format!("<pre>{}</pre>", escaped(&text))
}

/// Text that stays text, whatever a server put into it.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' | '\t' => escaped.push(char),
            char if char.is_control() => escaped.push('\u{fffd}'),
            char => escaped.push(char),
        }
    }
    escaped
}
