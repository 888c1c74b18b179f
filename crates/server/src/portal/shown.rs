//! Stored rows as the pages show them.

use doorward_scim::version::Version;
use doorward_store::directory::DirectoryRow;
use doorward_store::token::TokenRow;
use serde_json::Value;

use super::page::Page;
use crate::service::{directories, directory_type, instant};

/// An instant: for programs, and for people.
#[derive(Debug, Clone)]
pub struct Time {
    /// ISO 8601.
    pub exact: String,
    /// To the minute.
    pub short: String,
}

impl Time {
    /// Of Unix microseconds.
    pub fn of(micros: i64) -> Self {
        Time::read(&instant::text(micros))
    }

    /// Of an instant as events write it.
    pub fn read(text: &str) -> Self {
        let short = text.get(..16).map_or_else(|| text.to_owned(), |text| format!("{} UTC", text.replace('T', " ")));
        Time { exact: text.to_owned(), short }
    }
}

/// A directory.
#[derive(Debug)]
pub struct Directory {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The kind of identity provider, in words for people.
    pub provider: String,
    /// Its status, a word of the section `status`.
    pub status: String,
    /// The SCIM base URL that its identity provider is given.
    pub endpoint: String,
    /// The other one, for the other version of SCIM.
    pub other_endpoint: String,
    /// Its users, active and inactive.
    pub users: i64,
    /// Those of them that are active.
    pub active: i64,
    /// Its groups.
    pub groups: i64,
    /// Memberships that wait for somebody.
    pub pending: i64,
    /// Whether it is switched off.
    pub disabled: bool,
    /// `bearer` or `basic`.
    pub auth: &'static str,
    /// When it was made.
    pub created: Time,
}

impl Directory {
    /// For a page.
    pub fn new(row: &DirectoryRow, page: &Page, public_url: &str) -> Self {
        let object = directories::object(row, public_url);
        let status = object.get("status").and_then(Value::as_str).unwrap_or_default().to_owned();
        let v1 = directory_type::speaks_v1(&row.directory_type);
        let (own, other) = if v1 { (Version::V1, Version::V2) } else { (Version::V2, Version::V1) };
        Directory {
            id: row.id.to_string(),
            name: row.name.clone(),
            provider: page.word("provider", &provider_key(&row.directory_type)),
            disabled: status == "disabled",
            status,
            endpoint: directories::endpoint(public_url, &row.label, own),
            other_endpoint: directories::endpoint(public_url, &row.label, other),
            users: row.counts.users_active + row.counts.users_inactive,
            active: row.counts.users_active,
            groups: row.counts.groups,
            pending: row.counts.pending,
            auth: row.auth.as_str(),
            created: Time::of(row.created_at),
        }
    }
}

/// The word of the section `provider` for a kind of directory.
pub fn provider_key(directory_type: &str) -> String {
    directory_type.replace([' ', '.'], "_")
}

/// The SCIM base URL that the identity provider of this directory is given.
pub fn own_endpoint(row: &DirectoryRow, public_url: &str) -> String {
    let version = if directory_type::speaks_v1(&row.directory_type) { Version::V1 } else { Version::V2 };
    directories::endpoint(public_url, &row.label, version)
}

/// A credential.
#[derive(Debug, Clone)]
pub struct Token {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The user name, for Basic; empty otherwise.
    pub username: String,
    /// Enough of it to recognise it by.
    pub hint: String,
    /// A word of the section `standing`.
    pub standing: &'static str,
    /// Whether it can be used.
    pub live: bool,
    /// When it was made.
    pub created: Time,
    /// When it ends.
    pub expires: Option<Time>,
    /// When it was used last.
    pub used: Option<Time>,
}

impl Token {
    /// As of `now` (Unix microseconds).
    pub fn new(row: &TokenRow, now: i64) -> Self {
        let standing = standing(row.revoked_at, row.expires_at, now);
        Token {
            id: row.id.to_string(),
            name: row.name.clone(),
            username: row.username.clone().unwrap_or_default(),
            hint: format!("{}…{}", row.prefix, row.last_four),
            standing,
            live: standing == "live",
            created: Time::of(row.created_at),
            expires: row.expires_at.map(Time::of),
            used: row.last_used_at.map(Time::of),
        }
    }
}

/// The word for a credential: `live`, `expired` or `revoked`. Unix microseconds.
pub fn standing(revoked_at: Option<i64>, expires_at: Option<i64>, now: i64) -> &'static str {
    match (revoked_at, expires_at) {
        (Some(_), _) => "revoked",
        (None, Some(end)) if end <= now => "expired",
        _ => "live",
    }
}

/// JSON, indented, for people. Bidi and other invisible control characters are shown as their escapes, so that no text can pretend to
/// be another (SEC-47).
pub fn json(value: &Value) -> String {
    visible(&serde_json::to_string_pretty(value).unwrap_or_default())
}

/// The text with what cannot be seen, or turns the direction of what follows, made visible.
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push(c),
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// A word or two, from somebody's directory: cut where it would fill the page.
pub fn brief(text: &str) -> String {
    const MOST: usize = 120;
    let text = visible(text).replace('\n', " ");
    if text.chars().count() <= MOST { text } else { text.chars().take(MOST).chain(['…']).collect() }
}

/// Text of a JSON object; empty when there is none.
pub fn text_of(object: &Value, name: &str) -> String {
    object.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// The name of what an event with these data is about, as far as it has one.
pub fn about(data: &Value) -> String {
    let name = |value: &Value| {
        let text = |key| value.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        text("username").or_else(|| text("name")).or_else(|| text("operator_name")).map(str::to_owned)
    };
    match (data.get("user").and_then(name), data.get("group").and_then(name)) {
        (Some(user), Some(group)) => format!("{user} → {group}"),
        _ => name(data).unwrap_or_default(),
    }
}

/// Addresses of the parts of a list before and after this one.
#[derive(Debug, Default)]
pub struct Around {
    /// The part before; empty: this is the first.
    pub before: String,
    /// The part after; empty: this is the last.
    pub after: String,
}

impl Around {
    /// Around the items from `first` to `last` of a list at `address`, which may have a query already.
    pub fn of(address: &str, first: Option<String>, last: Option<String>, more: (bool, bool)) -> Self {
        let sign = if address.contains('?') { '&' } else { '?' };
        let link = |name: &str, id: Option<String>, more: bool| {
            id.filter(|_| more).map(|id| format!("{address}{sign}{name}={id}")).unwrap_or_default()
        };
        Around { before: link("before", first, more.0), after: link("after", last, more.1) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sec_47_what_turns_text_around_is_shown() {
        assert_eq!(visible("a\u{202e}b\u{0}c\nd"), "a\\u202eb\u{fffd}c\nd");
        assert_eq!(brief("a\nb"), "a b");
        assert_eq!(brief(&"x".repeat(10_000)).chars().count(), 121);
    }

    #[test]
    fn instants_are_short_for_people_and_exact_for_programs() {
        let time = Time::of(1_795_310_340_123_456);
        assert_eq!((time.exact.as_str(), time.short.as_str()), ("2026-11-22T01:19:00.123Z", "2026-11-22 01:19 UTC"));
    }

    #[test]
    fn a_list_leads_on_only_where_there_is_more() {
        let around = Around::of("/admin/events?type=a", Some("x".into()), Some("y".into()), (false, true));
        assert_eq!((around.before.as_str(), around.after.as_str()), ("", "/admin/events?type=a&after=y"));
    }
}
