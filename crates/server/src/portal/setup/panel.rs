//! What has arrived, as the live panels show it: people as they will look in the application, groups with their members, the last request.

use doorward_store::directory::DirectoryRow;
use doorward_store::group::GroupFilter;
use doorward_store::paging::{Cursor, Order};
use doorward_store::request_log::RequestFilter;
use doorward_store::user::UserFilter;
use serde_json::Value;

use crate::app::App;
use crate::portal::findings::Request;
use crate::portal::gate::Administrator;
use crate::portal::page::Failure;
use crate::portal::shown::{brief, text_of};
use crate::service::directory_reads::{self, Within};
use crate::service::{people, requests};

/// Attributes of a person on a card.
const ATTRIBUTES: usize = 6;

/// Members of a group on a card.
const MEMBERS: usize = 6;

/// Somebody who has arrived.
pub struct Person {
    /// The id.
    pub id: String,
    /// The name; the user name when there is none.
    pub name: String,
    /// The user name.
    pub username: String,
    /// The e-mail address; may be empty.
    pub email: String,
    /// `active` or `inactive`.
    pub state: String,
    /// Other attributes: name and value.
    pub attributes: Vec<(String, String)>,
}

impl Person {
    /// From the form that applications see.
    pub fn new(object: &Value) -> Self {
        let (name, username) = (brief(&text_of(object, "name")), brief(&text_of(object, "username")));
        Person {
            id: text_of(object, "id"),
            name: if name.is_empty() { username.clone() } else { name },
            username,
            email: brief(&text_of(object, "email")),
            state: text_of(object, "state"),
            attributes: attributes(object),
        }
    }
}

/// What else applications are told: the job title, and what stands among the custom attributes.
fn attributes(object: &Value) -> Vec<(String, String)> {
    let title = [("job_title", object.get("job_title"))];
    let custom = object.get("custom_attributes").and_then(Value::as_object);
    let custom = custom.into_iter().flatten().map(|(name, value)| (name.as_str(), Some(value)));
    let mut seen: Vec<(String, String)> = Vec::new();
    for (name, value) in title.into_iter().chain(custom) {
        let value = match value {
            Some(Value::String(text)) if !text.is_empty() => brief(text),
            Some(Value::Bool(_) | Value::Number(_)) => value.map(ToString::to_string).unwrap_or_default(),
            _ => continue,
        };
        if seen.len() < ATTRIBUTES && seen.iter().all(|(known, _)| known != name) {
            seen.push((brief(name), value));
        }
    }
    seen
}

/// A group that has arrived.
pub struct Group {
    /// The id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// How many members it has.
    pub count: i64,
    /// The names of the first ones.
    pub members: Vec<String>,
    /// How many it waits for.
    pub pending: i64,
}

/// The people who arrived last.
///
/// # Errors
/// When the database fails.
pub async fn people(app: &App, who: &Administrator, row: &DirectoryRow) -> Result<Vec<Person>, Failure> {
    let Some(within) = Within::new(Some(row.id), None) else { return Ok(Vec::new()) };
    let first = Cursor::first(5, Order::Descending);
    let found = directory_reads::users(app.store(), &who.scope, within, first, UserFilter::default()).await;
    let found = found.map_err(|error| who.view.failed(error))?;
    Ok(found.items.iter().map(|item| Person::new(&item.object)).collect())
}

/// The groups that arrived last.
///
/// # Errors
/// When the database fails.
pub async fn groups(app: &App, who: &Administrator, row: &DirectoryRow) -> Result<Vec<Group>, Failure> {
    let fail = |error| who.view.failed(error);
    let Some(within) = Within::new(Some(row.id), None) else { return Ok(Vec::new()) };
    let first = Cursor::first(3, Order::Descending);
    let found = directory_reads::groups(app.store(), &who.scope, within, first, GroupFilter::default()).await;
    let mut groups = Vec::new();
    for item in found.map_err(fail)?.items {
        let group = people::group(app.store(), &who.scope, item.id).await.map_err(fail)?;
        groups.push(Group {
            id: item.id.to_string(),
            name: brief(&group.row.display_name),
            count: group.row.members_count,
            members: group.members.iter().take(MEMBERS).map(|member| brief(&member.display)).collect(),
            pending: i64::try_from(group.pending.len()).unwrap_or(i64::MAX),
        });
    }
    Ok(groups)
}

/// The last request that was accepted, or the last of all.
///
/// # Errors
/// When the database fails.
pub async fn last_request(app: &App, who: &Administrator, row: &DirectoryRow) -> Result<Option<Request>, Failure> {
    requests::flush(app).await;
    let newest = async |failed| {
        let filter = RequestFilter { failed, ..RequestFilter::default() };
        let first = Cursor::first(1, Order::Descending);
        let found = requests::list(app.store(), &who.scope, row.id, first, filter).await;
        let found = found.map_err(|error| who.view.failed(error))?;
        Ok::<_, Failure>(found.items.first().map(|item| Request::new(&item.object)))
    };
    match newest(Some(false)).await? {
        Some(found) => Ok(Some(found)),
        None => newest(None).await,
    }
}
