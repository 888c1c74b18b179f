//! What all pages of one directory share: whose it is, how it stands, the way to the other pages, and what they listen to.

use std::collections::HashMap;

use axum::extract::Query;
use doorward_store::directory::DirectoryRow;
use doorward_store::event::EventRow;
use doorward_store::ids::DirectoryId;
use doorward_store::paging::Order;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::app::App;
use crate::portal::gate::Administrator;
use crate::portal::page::{Failure, Page};
use crate::portal::shown::{Directory, Time, brief};
use crate::service::events::{self, EventFilter, Place};
use crate::service::{Error, directories, directory_status};

/// What stands behind `?` in the address of a page.
pub type Asked = Query<HashMap<String, String>>;

/// A text of the query; empty when it is missing.
pub fn asked(query: &Asked, name: &str) -> String {
    query.get(name).map(|text| text.trim()).unwrap_or_default().to_owned()
}

/// The frame of a page.
pub struct Frame {
    /// The directory.
    pub directory: Directory,
    /// Which of the pages it is: the end of its address.
    pub here: &'static str,
    /// Where the page itself can be asked for again.
    pub own: String,
    /// The last event that the page knows of; empty: none.
    pub after: String,
    /// What is known of the connection, in short.
    pub seen: String,
    /// Who switched it off, and when.
    pub disabled: Option<(String, Time)>,
}

impl Frame {
    /// For the page of a directory whose address ends in `here`.
    pub async fn of(
        app: &App,
        who: &Administrator,
        row: &DirectoryRow,
        page: &Page,
        here: &'static str,
    ) -> Result<Self, Failure> {
        let last = newest(app, who, row, &[], 1).await?;
        let directory = Directory::new(row, page, app.public_url());
        let disabled = if directory.disabled {
            let event = newest(app, who, row, &["dsync.deactivated"], 1).await?;
            event.first().map(|event| (page.word("actor", &event.origin.actor), Time::of(event.created_at)))
        } else {
            None
        };
        Ok(Frame {
            directory,
            here,
            own: if here.is_empty() { address(row.id) } else { format!("{}/{here}", address(row.id)) },
            after: last.first().map(|event| event.id.to_string()).unwrap_or_default(),
            seen: stamp(row),
            disabled,
        })
    }

    /// The other pages: the end of the address, the key of the name, whether it is this one.
    pub fn parts(&self) -> Vec<(&'static str, &'static str, bool)> {
        let all = [
            ("", "setup_part.overview"),
            ("/guide", "setup_part.guide"),
            ("/feed", "setup_part.feed"),
            ("/users", "setup_part.users"),
            ("/groups", "setup_part.groups"),
            ("/attributes", "attributes.title"),
            ("/roles", "rules.title"),
            ("/tokens", "setup_part.tokens"),
            ("/diagnostics", "setup_part.diagnostics"),
            ("/activity", "setup_part.activity"),
        ];
        let first = self.here.split('/').next().unwrap_or_default();
        all.into_iter().map(|(end, name)| (end, name, end.trim_start_matches('/') == first)).collect()
    }
}

/// A page with this title, below the directory's first one.
pub fn page(who: &Administrator, row: &DirectoryRow, title: &str) -> Page {
    who.view.page(title, None).below(address(row.id), brief(&row.name))
}

/// The address of a directory's first page.
pub fn address(id: DirectoryId) -> String {
    format!("/setup/directories/{id}")
}

/// The directory with this id, if it is the organization's own (SEC-50).
///
/// # Errors
/// A page that says that there is none.
pub async fn find(app: &App, who: &Administrator, given: &str) -> Result<DirectoryRow, Failure> {
    let id: DirectoryId = given.parse().map_err(|_| none(who, "Directory"))?;
    directories::get(app.store(), &who.scope, id).await.map_err(|error| who.view.failed(error))
}

/// A page that says that there is no such thing.
pub fn none(who: &Administrator, what: &'static str) -> Failure {
    who.view.failed(Error::NotFound { what })
}

/// The last events of a directory, newest first: of these types, or of all.
///
/// # Errors
/// When the database fails.
pub async fn newest(
    app: &App,
    who: &Administrator,
    row: &DirectoryRow,
    types: &[&str],
    most: i64,
) -> Result<Vec<EventRow>, Failure> {
    let filter = EventFilter {
        directory_id: Some(row.id),
        types: types.iter().map(|word| (*word).to_owned()).collect(),
        ..EventFilter::default()
    };
    let place = Place { after: None, before: None, limit: most, order: Order::Descending };
    let slice = events::list(app.store(), &who.scope, place, filter).await;
    Ok(slice.map_err(|error| who.view.failed(error))?.items)
}

/// How the connection stands, in short: when it differs, there is news. It changes with every request, and once a minute, because some
/// advice depends on how long nothing has come. It says nothing of what it is made of.
pub fn stamp(row: &DirectoryRow) -> String {
    let (traffic, counts) = (&row.traffic, &row.counts);
    let parts = json!([
        directory_status::of(row).as_str(),
        [counts.users_active, counts.users_inactive, counts.groups, counts.pending],
        [traffic.last_at, traffic.accepted_at, traffic.refused_at, traffic.credential_until],
        [traffic.requests, traffic.failures, traffic.refused],
        traffic.now / 60_000_000,
    ]);
    let digest: [u8; 32] = Sha256::digest(parts.to_string().as_bytes()).into();
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
