//! What the identity provider does, as it does it (C4).

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use doorward_store::ids::{GroupId, UserId};
use doorward_store::paging::{Cursor, Order};
use doorward_store::request_log::RequestFilter;
use http::StatusCode;
use serde_json::Value;

use super::frame::{Asked, Frame, asked, find, page};
use crate::app::App;
use crate::portal::findings::Request;
use crate::portal::gate::Administrator;
use crate::portal::page::{Failure, Page, render};
use crate::portal::shown::{brief, text_of};
use crate::service::{directory_reads, requests};

/// Requests on the page.
const ROWS: i64 = 50;

/// One request, in words.
struct Entry {
    request: Request,
    /// The word of the section `did`.
    did: &'static str,
    /// The end of the address of the person or group that it was about, and the name; empty when there is none.
    subject: (String, String),
}

#[derive(Template)]
#[template(path = "setup/feed.html")]
struct FeedPage {
    page: Page,
    frame: Frame,
    entries: Vec<Entry>,
    only: String,
}

/// `GET /setup/directories/{id}/feed?only=failed`
pub async fn get(
    State(app): State<App>,
    Path(given): Path<String>,
    query: Asked,
    who: Administrator,
) -> Result<Response, Failure> {
    requests::flush(&app).await;
    let row = find(&app, &who, &given).await?;
    let page = page(&who, &row, who.view.text.t("feed.title"));
    let mut frame = Frame::of(&app, &who, &row, &page, "feed").await?;
    let only = if asked(&query, "only") == "failed" { "failed".to_owned() } else { String::new() };
    if !only.is_empty() {
        frame.own.push_str("?only=failed");
    }
    let filter = RequestFilter { failed: (!only.is_empty()).then_some(true), ..RequestFilter::default() };
    let first = Cursor::first(ROWS, Order::Descending);
    let found = requests::list(app.store(), &who.scope, row.id, first, filter).await;
    let found = found.map_err(|error| who.view.failed(error))?.items;
    let subjects: BTreeSet<String> = found.iter().map(|item| text_of(&item.object, "subject_id")).collect();
    let names = names(&app, &who, subjects).await;
    let entry = |object: &Value| Entry {
        request: Request::new(object),
        did: did(&text_of(object, "method"), &text_of(object, "path")),
        subject: names.get(&text_of(object, "subject_id")).cloned().unwrap_or_default(),
    };
    let entries = found.iter().map(|item| entry(&item.object)).collect();
    Ok(render(StatusCode::OK, &FeedPage { page, frame, entries, only }))
}

/// The names of people and groups that are there still.
async fn names(app: &App, who: &Administrator, ids: BTreeSet<String>) -> BTreeMap<String, (String, String)> {
    let mut names = BTreeMap::new();
    for id in ids {
        let name = |object: &Value| {
            let name = text_of(object, "name");
            brief(&if name.is_empty() { text_of(object, "username") } else { name })
        };
        let (end, found) = if let Ok(user) = id.parse::<UserId>() {
            ("users", directory_reads::user(app.store(), &who.scope, user).await)
        } else if let Ok(group) = id.parse::<GroupId>() {
            ("groups", directory_reads::group(app.store(), &who.scope, group).await)
        } else {
            continue;
        };
        // Who is gone has no name any more.
        if let Ok(object) = found {
            names.insert(id.clone(), (format!("{end}/{id}"), name(&object)));
        }
    }
    names
}

/// What a request did, or wanted to do.
fn did(method: &str, path: &str) -> &'static str {
    let mut parts = path.rsplit('/');
    let last = parts.next().unwrap_or_default();
    let (thing, single) = match last {
        "Users" | "Groups" => (last, false),
        _ => (parts.next().unwrap_or_default(), true),
    };
    match (method, thing, single) {
        ("GET", "Users", false) => "looked_for_people",
        ("GET", "Groups", false) => "looked_for_groups",
        ("GET", "Users", true) => "read_person",
        ("GET", "Groups", true) => "read_group",
        ("POST", "Users", _) => "created_person",
        ("POST", "Groups", _) => "created_group",
        ("PUT" | "PATCH", "Users", _) => "changed_person",
        ("PUT" | "PATCH", "Groups", _) => "changed_group",
        ("DELETE", "Users", _) => "removed_person",
        ("DELETE", "Groups", _) => "removed_group",
        ("POST", _, _) if last.eq_ignore_ascii_case("bulk") => "sent_many",
        ("GET", _, _) => "asked_abilities",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::did;

    #[test]
    fn requests_are_told_in_words() {
        for (method, path, want) in [
            ("GET", "/scim/acme/v2/Users", "looked_for_people"),
            ("GET", "/scim/acme/v2/Users/directory_user_1", "read_person"),
            ("POST", "/scim/acme/v2/Users", "created_person"),
            ("PATCH", "/scim/acme/v1/Groups/directory_group_1", "changed_group"),
            ("POST", "/scim/v2/Bulk", "sent_many"),
            ("GET", "/scim/v2/ServiceProviderConfig", "asked_abilities"),
            ("DELETE", "/", "other"),
        ] {
            assert_eq!(did(method, path), want, "{method} {path}");
        }
    }
}
