//! The audit log as a file: lines of JSON, or a table for spreadsheets (SEC-53).

use doorward_store::Store;
use doorward_store::paging::Order;
use doorward_store::scope::Authority;
use serde_json::Value;

use super::audit;
use super::error::Result;
use super::events::{self, EventFilter, Place};

/// Records that are read at once.
const PAGE: i64 = 100;

/// The form of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line.
    Ndjson,
    /// Comma-separated values (RFC 4180).
    Csv,
}

impl Format {
    /// The format with this name.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "ndjson" => Some(Format::Ndjson),
            "csv" => Some(Format::Csv),
            _ => None,
        }
    }
}

/// An export under way.
#[derive(Debug)]
pub struct Export<A> {
    store: Store,
    by: A,
    filter: EventFilter,
    format: Format,
    values: bool,
    position: i64,
    /// The end of the log when it began: an export of a busy log must end too.
    end: i64,
    begun: bool,
}

impl<A: Authority + Clone + Send + 'static> Export<A> {
    /// Exports what the filter holds, oldest first, up to what has happened by now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn begin(store: &Store, by: &A, filter: EventFilter, format: Format, values: bool) -> Result<Self> {
        let position = events::beginning(store, by).await?;
        let end = events::head(store, by).await?;
        let (store, by) = (store.clone(), by.clone());
        Ok(Export { store, by, filter, format, values, position, end, begun: false })
    }

    /// The next part of the file; `None` behind the last.
    ///
    /// # Errors
    /// When the database fails, or what was to come was removed meanwhile.
    pub async fn next(&mut self) -> Result<Option<String>> {
        let mut part = String::new();
        if !self.begun && self.format == Format::Csv {
            part.push_str(&row(COLUMNS.iter().map(|(name, _)| (*name).to_owned())));
        }
        self.begun = true;
        if self.position < self.end {
            let place = Place { after: Some(self.position), before: None, limit: PAGE, order: Order::Ascending };
            let slice = events::list(&self.store, &self.by, place, self.filter.clone()).await?;
            self.position = slice.items.last().filter(|_| slice.more_after).map_or(self.end, |row| row.position);
            for found in slice.items.iter().filter(|row| row.position <= self.end) {
                let object = audit::object(found, self.values)?;
                match self.format {
                    Format::Ndjson => {
                        part.push_str(&object.to_string());
                        part.push('\n');
                    }
                    Format::Csv => part.push_str(&row(COLUMNS.iter().map(|(_, cell)| cell(&object)))),
                }
            }
            return Ok(Some(part));
        }
        Ok((!part.is_empty()).then_some(part))
    }
}

type Cell = fn(&Value) -> String;

/// The columns of the table.
const COLUMNS: &[(&str, Cell)] = &[
    ("sequence", |object| text(&object["sequence"])),
    ("id", |object| text(&object["id"])),
    ("occurred_at", |object| text(&object["occurred_at"])),
    ("action", |object| text(&object["action"])),
    ("actor_type", |object| text(&object["actor"]["type"])),
    ("actor_id", |object| text(&object["actor"]["id"])),
    ("target_type", |object| text(&object["target"]["type"])),
    ("target_id", |object| text(&object["target"]["id"])),
    ("target_name", |object| text(&object["target"]["name"])),
    ("organization_id", |object| text(&object["organization_id"])),
    ("directory_id", |object| text(&object["directory_id"])),
    ("changes", |object| changes(&object["changes"])),
    ("request_id", |object| text(&object["request_id"])),
    ("address", |object| text(&object["context"]["address"])),
];

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The fields, each with its values where they are shown.
fn changes(list: &Value) -> String {
    let told = |change: &Value| match change["redacted"] == true {
        true => text(&change["field"]),
        false => format!("{}: {} -> {}", text(&change["field"]), change["before"], change["after"]),
    };
    list.as_array().map(|list| list.iter().map(told).collect::<Vec<_>>().join("; ")).unwrap_or_default()
}

fn row(cells: impl Iterator<Item = String>) -> String {
    let mut row = cells.map(|cell| quoted(&cell)).collect::<Vec<_>>().join(",");
    row.push_str("\r\n");
    row
}

/// A cell that no spreadsheet takes for a formula: what begins like one gets an apostrophe before it (SEC-53).
fn quoted(cell: &str) -> String {
    let neutral = match cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        true => format!("'{cell}"),
        false => cell.to_owned(),
    };
    match neutral.contains(['"', ',', '\r', '\n', '\t', ';']) {
        true => format!("\"{}\"", neutral.replace('"', "\"\"")),
        false => neutral,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sec_53_no_cell_is_a_formula() {
        for (cell, want) in [
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "\"'\t=1\""),
            ("\r=1", "\"'\r=1\""),
            ("\n=1", "\"'\n=1\""),
            ("＝1", "'＝1"),
            ("=HYPERLINK(\"http://evil.example\",\"x\")", "\"'=HYPERLINK(\"\"http://evil.example\"\",\"\"x\"\")\""),
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("say \"x\"", "\"say \"\"x\"\"\""),
            ("", ""),
        ] {
            assert_eq!(quoted(cell), want, "{cell:?}");
        }
    }
}
