//! The customer's people and groups, to be looked at (C6): what the application was told of them, and why they stand as they do.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use doorward_store::directory::DirectoryRow;
use doorward_store::group::GroupFilter;
use doorward_store::ids::{GroupId, UserId};
use doorward_store::membership::MemberId;
use doorward_store::paging::{Cursor, Order};
use doorward_store::user::UserFilter;
use http::StatusCode;

use super::frame::{Asked, Frame, address, asked, find, none, page};
use super::panel::Person;
use super::progress::turns_to;
use crate::app::App;
use crate::portal::gate::Administrator;
use crate::portal::page::{Failure, Page, render};
use crate::portal::shown::{Around, Time, brief, text_of};
use crate::service::directory_reads::{self, Within};
use crate::service::events::{self, EventFilter, Place};
use crate::service::people;

/// Rows on one page of a list.
const ROWS: i64 = 25;

/// Events of a person that are looked through for the last change of the status.
const LOOKED: i64 = 100;

fn cursor<I: std::str::FromStr>(query: &Asked) -> Cursor<I> {
    let id = |name| asked(query, name).parse().ok();
    Cursor { after: id("after"), before: id("before"), limit: ROWS, order: Order::Descending }
}

#[derive(Template)]
#[template(path = "setup/users.html")]
struct UsersPage {
    page: Page,
    frame: Frame,
    people: Vec<Person>,
    search: String,
    state: String,
    around: Around,
}

/// `GET /setup/directories/{id}/users?search=&state=`: the search is for a whole user name or e-mail address.
pub async fn users(
    State(app): State<App>,
    Path(given): Path<String>,
    query: Asked,
    who: Administrator,
) -> Result<Response, Failure> {
    let row = find(&app, &who, &given).await?;
    let page = page(&who, &row, who.view.text.t("users.title"));
    let frame = Frame::of(&app, &who, &row, &page, "users").await?;
    let (search, state) = (asked(&query, "search"), asked(&query, "state"));
    let filter = UserFilter {
        user_name: Some(search.clone()).filter(|text| !text.is_empty()),
        active: match state.as_str() {
            "active" => Some(true),
            "inactive" => Some(false),
            _ => None,
        },
        ..UserFilter::default()
    };
    let read = async |filter| {
        let within = Within::new(Some(row.id), None).ok_or_else(|| none(&who, "Directory"))?;
        let found = directory_reads::users(app.store(), &who.scope, within, cursor(&query), filter).await;
        found.map_err(|error| who.view.failed(error))
    };
    let mut slice = read(filter.clone()).await?;
    if slice.items.is_empty() && search.contains('@') {
        slice = read(UserFilter { user_name: None, email: Some(search.clone()), ..filter }).await?;
    }
    let ends = [slice.items.first(), slice.items.last()].map(|item| item.map(|item| item.id.to_string()));
    let [first, last] = ends;
    let own = format!("{}?{}", frame.own, encoded(&[("search", &search), ("state", &state)]));
    let around = Around::of(own.trim_end_matches('?'), first, last, (slice.more_before, slice.more_after));
    let people = slice.items.iter().map(|item| Person::new(&item.object)).collect();
    Ok(render(StatusCode::OK, &UsersPage { page, frame, people, search, state, around }))
}

fn encoded(pairs: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
        query.append_pair(name, value);
    }
    query.finish()
}

/// A group of a list.
struct GroupRow {
    id: String,
    name: String,
    members: i64,
    updated: Time,
}

#[derive(Template)]
#[template(path = "setup/groups.html")]
struct GroupsPage {
    page: Page,
    frame: Frame,
    rows: Vec<GroupRow>,
    search: String,
    around: Around,
}

/// `GET /setup/directories/{id}/groups?search=`: the search is for a whole name, or the provider's own id.
pub async fn groups(
    State(app): State<App>,
    Path(given): Path<String>,
    query: Asked,
    who: Administrator,
) -> Result<Response, Failure> {
    let row = find(&app, &who, &given).await?;
    let page = page(&who, &row, who.view.text.t("groups.title"));
    let frame = Frame::of(&app, &who, &row, &page, "groups").await?;
    let search = asked(&query, "search");
    let filter = GroupFilter { idp_id: Some(search.clone()).filter(|text| !text.is_empty()), ..GroupFilter::default() };
    let within = Within::new(Some(row.id), None).ok_or_else(|| none(&who, "Directory"))?;
    let slice = directory_reads::groups(app.store(), &who.scope, within, cursor(&query), filter).await;
    let slice = slice.map_err(|error| who.view.failed(error))?;
    let shown = |item: &directory_reads::Listed<GroupId>| GroupRow {
        id: item.id.to_string(),
        name: brief(&text_of(&item.object, "name")),
        members: item.object.get("members_count").and_then(serde_json::Value::as_i64).unwrap_or_default(),
        updated: Time::read(&text_of(&item.object, "updated_at")),
    };
    let ends = [slice.items.first(), slice.items.last()].map(|item| item.map(|item| item.id.to_string()));
    let [first, last] = ends;
    let own = format!("{}?{}", frame.own, encoded(&[("search", &search)]));
    let around = Around::of(own.trim_end_matches('?'), first, last, (slice.more_before, slice.more_after));
    let rows = slice.items.iter().map(shown).collect();
    Ok(render(StatusCode::OK, &GroupsPage { page, frame, rows, search, around }))
}

#[derive(Template)]
#[template(path = "setup/user.html")]
struct UserPage {
    page: Page,
    frame: Frame,
    person: Person,
    external_id: String,
    /// The word of the section `why`, and when.
    why: (&'static str, Time),
    groups: Vec<(String, String)>,
    created: Time,
    updated: Time,
}

/// `GET /setup/directories/{id}/users/{user}`
pub async fn user(
    State(app): State<App>,
    Path((given, user)): Path<(String, String)>,
    who: Administrator,
) -> Result<Response, Failure> {
    let row = find(&app, &who, &given).await?;
    let id: UserId = user.parse().map_err(|_| none(&who, "User"))?;
    let found = people::user(app.store(), &who.scope, id).await.map_err(|error| who.view.failed(error))?;
    if found.directory_id != row.id {
        return Err(none(&who, "User"));
    }
    let person = Person::new(&serde_json::Value::Object(found.object));
    let page =
        page(&who, &row, &person.name).below(format!("{}/users", address(row.id)), who.view.text.t("users.title"));
    let frame = Frame::of(&app, &who, &row, &page, "users").await?;
    let page = UserPage {
        page,
        frame,
        why: why(&app, &who, &row, id, found.row.active, found.row.created_at).await?,
        person,
        external_id: brief(found.row.external_id.as_deref().unwrap_or_default()),
        groups: found.groups.iter().map(|group| (group.id.to_string(), brief(&group.display))).collect(),
        created: Time::of(found.row.created_at),
        updated: Time::of(found.row.updated_at),
    };
    Ok(render(StatusCode::OK, &page))
}

/// Why a person is active or not, and since when, as the events tell it.
async fn why(
    app: &App,
    who: &Administrator,
    row: &DirectoryRow,
    id: UserId,
    active: bool,
    created_at: i64,
) -> Result<(&'static str, Time), Failure> {
    let filter = EventFilter {
        directory_id: Some(row.id),
        subject_id: Some(id.to_string()),
        types: vec!["dsync.user.updated".to_owned()],
        ..EventFilter::default()
    };
    let place = Place { after: None, before: None, limit: LOOKED, order: Order::Descending };
    let found = events::list(app.store(), &who.scope, place, filter).await;
    let found = found.map_err(|error| who.view.failed(error))?.items;
    let state = if active { "active" } else { "inactive" };
    let turned = found.iter().find(|event| turns_to(event, state)).map(|event| Time::of(event.created_at));
    Ok(match (active, turned) {
        (true, Some(time)) => ("returned", time),
        (true, None) => ("assigned", Time::of(created_at)),
        (false, Some(time)) => ("deactivated", time),
        (false, None) => ("came_inactive", Time::of(created_at)),
    })
}

#[derive(Template)]
#[template(path = "setup/group.html")]
struct GroupPage {
    page: Page,
    frame: Frame,
    count: i64,
    /// Members: the end of the address, and the name.
    members: Vec<(String, String)>,
    /// Named and not there yet: as sent.
    pending: Vec<String>,
    external_id: String,
    created: Time,
    updated: Time,
}

/// `GET /setup/directories/{id}/groups/{group}`
pub async fn group(
    State(app): State<App>,
    Path((given, group)): Path<(String, String)>,
    who: Administrator,
) -> Result<Response, Failure> {
    let row = find(&app, &who, &given).await?;
    let id: GroupId = group.parse().map_err(|_| none(&who, "Group"))?;
    let found = people::group(app.store(), &who.scope, id).await.map_err(|error| who.view.failed(error))?;
    if found.directory_id != row.id {
        return Err(none(&who, "Group"));
    }
    let page = page(&who, &row, &brief(&found.row.display_name));
    let page = page.below(format!("{}/groups", address(row.id)), who.view.text.t("groups.title"));
    let frame = Frame::of(&app, &who, &row, &page, "groups").await?;
    let member = |member: &doorward_store::membership::Member| {
        let end = match member.id {
            MemberId::User(id) => format!("users/{id}"),
            MemberId::Group(id) => format!("groups/{id}"),
        };
        let name = if member.display.is_empty() { member.id.to_string() } else { brief(&member.display) };
        (end, name)
    };
    let page = GroupPage {
        page,
        frame,
        count: found.row.members_count,
        members: found.members.iter().map(member).collect(),
        pending: found
            .pending
            .iter()
            .map(|waiting| brief(waiting.display.as_deref().unwrap_or(&waiting.value)))
            .collect(),
        external_id: brief(found.row.external_id.as_deref().unwrap_or_default()),
        created: Time::of(found.row.created_at),
        updated: Time::of(found.row.updated_at),
    };
    Ok(render(StatusCode::OK, &page))
}
