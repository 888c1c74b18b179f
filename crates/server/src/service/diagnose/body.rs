//! D16 and D21: the form of what was sent.

use doorward_scim::quirks::Quirk;

use super::{Diagnosis, Seen, Severity};

pub(super) fn look(seen: &Seen<'_>, found: &mut Vec<Diagnosis>) {
    let quirks: Vec<&Quirk> =
        seen.tolerances().filter_map(|name| Quirk::ALL.iter().find(|quirk| quirk.name() == name)).collect();
    if !quirks.is_empty() {
        let names: Vec<&str> = quirks.iter().map(|quirk| quirk.name()).collect();
        let reasons: Vec<&str> = quirks.iter().map(|quirk| quirk.why()).collect();
        let diagnosis = Diagnosis::new("D16", Severity::Note).with("names", names.join(", "));
        found.push(diagnosis.with("reasons", reasons.join("; ")));
    }
    let detail = seen.facts.detail.as_deref().unwrap_or_default();
    let size = seen.request_bytes.map_or_else(|| "an unknown number of".to_owned(), |bytes| bytes.to_string());
    let diagnosis = match (seen.status, seen.scim_type) {
        (Some(413), _) => Diagnosis::new("D21.size", Severity::Error).with("bytes", size),
        (Some(415), _) => {
            let sent = seen.facts.content_type.as_deref().unwrap_or("none");
            Diagnosis::new("D21.type", Severity::Error).with("content_type", sent)
        }
        (Some(408), _) => Diagnosis::new("D21.slow", Severity::Error).with("bytes", size),
        // `the body is not valid JSON: … at line 1 column 20`, and other sentences about the body as a whole.
        (Some(400), Some("invalidSyntax"))
            if detail.starts_with("the body") || detail.starts_with("The request body") =>
        {
            Diagnosis::new("D21.json", Severity::Error).with("bytes", size)
        }
        (Some(400), Some("invalidSyntax")) if seen.facts.foreign_schema.is_none() => {
            Diagnosis::new("D21.message", Severity::Error)
        }
        _ => return,
    };
    found.push(diagnosis.with("detail", detail));
}
