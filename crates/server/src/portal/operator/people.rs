//! Users and groups (O6, O7, O8): lists, and each with its details.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use doorward_store::group::GroupFilter;
use doorward_store::ids::{GroupId, UserId};
use doorward_store::membership::MemberId;
use doorward_store::user::UserFilter;
use http::StatusCode;
use serde_json::Value;

use super::directories::{find, within};
use super::{Query, asked, cursor, encoded, id};
use crate::app::App;
use crate::portal::gate::Operator;
use crate::portal::page::{Failure, Page, render};
use crate::portal::role_rules::{self, Names, Reason};
use crate::portal::shown::{Around, Time, brief, json, text_of};
use crate::service::directory_reads::{self, Within};
use crate::service::roles::why;
use crate::service::{directories, people};

struct UserRow {
    id: String,
    name: String,
    username: String,
    email: String,
    state: String,
    groups: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "operator/users.html")]
struct UsersPage {
    page: Page,
    directory: String,
    rows: Vec<UserRow>,
    search: String,
    state: String,
    around: Around,
}

struct GroupRow {
    id: String,
    name: String,
    members: i64,
    updated: Time,
}

#[derive(Template)]
#[template(path = "operator/groups.html")]
struct GroupsPage {
    page: Page,
    directory: String,
    rows: Vec<GroupRow>,
    around: Around,
}

/// What applications are told, by name, and the values that stand in it.
struct Fact {
    name: String,
    value: String,
}

#[derive(Template)]
#[template(path = "operator/user.html")]
struct UserPage {
    page: Page,
    id: String,
    directory: String,
    state: &'static str,
    facts: Vec<Fact>,
    document: String,
    groups: Vec<(String, String)>,
    /// Each role, and why.
    reasons: Vec<Reason>,
    created: Time,
    updated: Time,
}

#[derive(Template)]
#[template(path = "operator/group.html")]
struct GroupPage {
    page: Page,
    id: String,
    directory: String,
    external_id: String,
    count: i64,
    /// Members: address of the page, name.
    members: Vec<(String, String)>,
    pending: Vec<(String, String)>,
    document: String,
    created: Time,
    updated: Time,
}

/// `GET /admin/directories/{id}/users`
pub async fn users(
    State(app): State<App>,
    Path(given): Path<String>,
    who: Operator,
    query: Query,
) -> Result<Response, Failure> {
    let row = find(&app, &who, &given).await?;
    let page = within(&app, &who, &row, who.view.text.t("users.title").to_owned(), true).await?;
    let (search, state) = (asked(&query, "search"), asked(&query, "state").unwrap_or_default());
    let is_email = search.as_ref().is_some_and(|text| text.contains('@')) && asked(&query, "by").is_some();
    let filter = UserFilter {
        user_name: search.clone().filter(|_| !is_email),
        email: search.clone().filter(|_| is_email),
        active: match state.as_str() {
            "active" => Some(true),
            "inactive" => Some(false),
            _ => None,
        },
        ..UserFilter::default()
    };
    let slice = match Within::new(Some(row.id), None) {
        Some(within) => directory_reads::users(app.store(), &who.scope, within, cursor(&query), filter).await,
        None => return Err(who.view.failed(crate::service::Error::no_user())),
    };
    let slice = slice.map_err(|error| who.view.failed(error))?;
    let rows = slice.items.iter().map(|item| user_row(&item.object)).collect();
    let ends = [slice.items.first(), slice.items.last()].map(|item| item.map(|item| item.id.to_string()));
    let [first, last] = ends;
    let search = search.unwrap_or_default();
    let asked = encoded(&[("search", &search), ("state", &state)]);
    let address = format!("/admin/directories/{}/users?{asked}", row.id);
    let around = Around::of(&address, first, last, (slice.more_before, slice.more_after));
    let page = UsersPage { page, directory: row.id.to_string(), rows, search, state, around };
    Ok(render(StatusCode::OK, &page))
}

fn user_row(object: &Value) -> UserRow {
    let groups = object.get("groups").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    UserRow {
        id: text_of(object, "id"),
        name: brief(&text_of(object, "name")),
        username: brief(&text_of(object, "username")),
        email: brief(&text_of(object, "email")),
        state: text_of(object, "state"),
        groups: groups.iter().take(3).map(|group| (text_of(group, "id"), brief(&text_of(group, "name")))).collect(),
    }
}

/// `GET /admin/directories/{id}/groups`
pub async fn groups(
    State(app): State<App>,
    Path(given): Path<String>,
    who: Operator,
    query: Query,
) -> Result<Response, Failure> {
    let row = find(&app, &who, &given).await?;
    let page = within(&app, &who, &row, who.view.text.t("groups.title").to_owned(), true).await?;
    let slice = match Within::new(Some(row.id), None) {
        Some(within) => {
            directory_reads::groups(app.store(), &who.scope, within, cursor(&query), GroupFilter::default()).await
        }
        None => return Err(who.view.failed(crate::service::Error::no_group())),
    };
    let slice = slice.map_err(|error| who.view.failed(error))?;
    let rows = slice
        .items
        .iter()
        .map(|item| GroupRow {
            id: item.id.to_string(),
            name: brief(&text_of(&item.object, "name")),
            members: item.object.get("members_count").and_then(Value::as_i64).unwrap_or_default(),
            updated: Time::read(&text_of(&item.object, "updated_at")),
        })
        .collect();
    let ends = [slice.items.first(), slice.items.last()].map(|item| item.map(|item| item.id.to_string()));
    let [first, last] = ends;
    let address = format!("/admin/directories/{}/groups", row.id);
    let around = Around::of(&address, first, last, (slice.more_before, slice.more_after));
    Ok(render(StatusCode::OK, &GroupsPage { page, directory: row.id.to_string(), rows, around }))
}

/// `GET /admin/users/{id}`
pub async fn user(State(app): State<App>, Path(given): Path<String>, who: Operator) -> Result<Response, Failure> {
    let fail = |error| who.view.failed(error);
    let wanted: UserId = id(&who.view, &given)?;
    let found = people::user(app.store(), &who.scope, wanted).await.map_err(fail)?;
    let row = directories::get(app.store(), &who.scope, found.directory_id).await.map_err(fail)?;
    let name = found.object.get("name").and_then(Value::as_str).unwrap_or(&found.row.user_name);
    let page = within(&app, &who, &row, brief(name), true).await?;
    let page = page.below(format!("/admin/directories/{}/users", row.id), who.view.text.t("users.title"));
    let shown = ["username", "email", "first_name", "last_name", "job_title", "idp_id"];
    let mut facts: Vec<Fact> = shown.iter().map(|name| fact(name, found.object.get(*name))).collect();
    let custom = found.object.get("custom_attributes").and_then(Value::as_object);
    facts.extend(
        custom.into_iter().flatten().map(|(name, value)| fact(&format!("custom_attributes.{name}"), Some(value))),
    );
    let roles = role_rules::roles(&app, &who.scope, &row).await.map_err(fail)?;
    let names = Names::of(&roles);
    let reasons = why::list(app.store(), &who.scope, wanted).await.map_err(fail)?;
    let page = UserPage {
        page,
        reasons: reasons.iter().map(|reason| Reason::new(reason, &names)).collect(),
        id: found.row.id.to_string(),
        directory: row.id.to_string(),
        state: if found.row.active { "active" } else { "inactive" },
        facts,
        document: json(&found.document),
        groups: found.groups.iter().map(|group| (group.id.to_string(), brief(&group.display))).collect(),
        created: Time::of(found.row.created_at),
        updated: Time::of(found.row.updated_at),
    };
    Ok(render(StatusCode::OK, &page))
}

fn fact(name: &str, value: Option<&Value>) -> Fact {
    let value = match value {
        Some(Value::String(text)) => brief(text),
        None | Some(Value::Null) => String::new(),
        Some(other) => brief(&other.to_string()),
    };
    Fact { name: brief(name), value }
}

/// `GET /admin/groups/{id}`
pub async fn group(State(app): State<App>, Path(given): Path<String>, who: Operator) -> Result<Response, Failure> {
    let fail = |error| who.view.failed(error);
    let wanted: GroupId = id(&who.view, &given)?;
    let found = people::group(app.store(), &who.scope, wanted).await.map_err(fail)?;
    let row = directories::get(app.store(), &who.scope, found.directory_id).await.map_err(fail)?;
    let page = within(&app, &who, &row, brief(&found.row.display_name), true).await?;
    let page = page.below(format!("/admin/directories/{}/groups", row.id), who.view.text.t("groups.title"));
    let member = |member: &doorward_store::membership::Member| {
        let address = match member.id {
            MemberId::User(id) => format!("/admin/users/{id}"),
            MemberId::Group(id) => format!("/admin/groups/{id}"),
        };
        let name = if member.display.is_empty() { member.id.to_string() } else { brief(&member.display) };
        (address, name)
    };
    let page = GroupPage {
        page,
        id: found.row.id.to_string(),
        directory: row.id.to_string(),
        external_id: brief(found.row.external_id.as_deref().unwrap_or_default()),
        count: found.row.members_count,
        members: found.members.iter().map(member).collect(),
        pending: found
            .pending
            .iter()
            .map(|waiting| (brief(&waiting.value), brief(waiting.display.as_deref().unwrap_or_default())))
            .collect(),
        document: json(&found.document),
        created: Time::of(found.row.created_at),
        updated: Time::of(found.row.updated_at),
    };
    Ok(render(StatusCode::OK, &page))
}
