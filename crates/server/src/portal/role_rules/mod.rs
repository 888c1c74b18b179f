//! The editor of a directory's rules, for the operator and for the customer's administrator: a draft that is worked on, looked at with real
//! people, and then published whole.
//!
//! Whoever works on it sees what it would do before it counts: what was not looked at is not published.

mod draft;
mod shown;

use doorward_store::directory::DirectoryRow;
use doorward_store::group::GroupFilter;
use doorward_store::ids::{DirectoryId, UserId};
use doorward_store::paging::{Cursor, Order};
use doorward_store::role::RoleRow;
use doorward_store::role_mapping::Rule;
use doorward_store::scope::Authority;
use doorward_store::user::UserFilter;
use serde_json::Value;

pub use draft::word_of;
use draft::{Act, Work};
use shown::group_of;
pub use shown::{Names, Preview, Progress, Reason, Rules, Unknown};

use crate::app::App;
use crate::portal::form::{Fields, Problem};
use crate::portal::page::View;
use crate::portal::shown::{brief, text_of};
use crate::service::directory_reads::{self, Within};
use crate::service::error::{Error, Result};
use crate::service::received_attributes;
use crate::service::roles::{catalogue, mappings, preview, publish, recompute, unknown};

/// Names of groups that are offered.
const GROUPS: i64 = 200;

/// Where the editor stands: whose rules, and at which address.
pub struct Place<'a> {
    /// The directory.
    pub row: &'a DirectoryRow,
    /// The address of the page.
    pub address: String,
    /// Whether names lead to the operator's pages.
    pub links: bool,
}

/// What came of a form.
pub enum Outcome {
    /// The draft counts now.
    Published,
    /// The editor, to be shown again, and whether something is wrong.
    Again(Box<Rules>, bool),
    /// It was no form of ours.
    Unusable,
}

/// The editor with what counts.
///
/// # Errors
/// When the database fails.
pub async fn open<A>(app: &App, by: &A, view: &View, place: Place<'_>) -> Result<Rules>
where
    A: Authority + Clone + Send + 'static,
{
    let work = Work::begin(publish::current(app.store(), by, place.row.id).await?);
    Ok(shown(app, by, view, place, work, false).await?.0)
}

/// Does what was pressed.
///
/// # Errors
/// When the database fails.
pub async fn sent<A>(app: &App, by: &A, view: &View, place: Place<'_>, fields: &Fields) -> Result<Outcome>
where
    A: Authority + Clone + Send + 'static,
{
    let Some(mut work) = Work::read(fields) else { return Ok(Outcome::Unusable) };
    let (act, id) = (Act::of(fields.get("do")), place.row.id);
    match act {
        Act::Cancel => work.close(),
        Act::Put => put(app, by, view, id, &mut work).await?,
        // What was filled in and not taken is not forgotten, and not left out of what is shown.
        Act::Preview | Act::Publish if work.is_entry_open() => put(app, by, view, id, &mut work).await?,
        act => work.arrange(act),
    }
    let wanted = act == Act::Publish && !work.problem.is_some();
    let looked = work.draft.print() == work.looked;
    let (sure, changed) = (work.sure, work.is_changed());
    if wanted && !looked {
        work.notice = Some("look_first");
    }
    let (draft, seen) = (work.draft.clone(), work.seen.clone());
    let (mut rules, again) = shown(app, by, view, place, work, true).await?;
    if !wanted || !looked || !changed || rules.problem.is_some() {
        let wrong = rules.problem.is_some();
        return Ok(Outcome::Again(Box::new(rules), wrong));
    }
    let Some(preview) = &rules.preview else { return Ok(Outcome::Again(Box::new(rules), true)) };
    if !preview.lost.is_empty() && !sure {
        rules.problem = Problem::new(view, "sure", "rules.not_sure");
        return Ok(Outcome::Again(Box::new(rules), true));
    }
    match publish::publish(app.store(), by, id, seen, draft).await {
        Ok(()) => Ok(Outcome::Published),
        Err(Error::Precondition) => {
            let (place, mut work) = again;
            work.seen = publish::current(app.store(), by, id).await?.print();
            work.notice = Some("overtaken");
            let (rules, _) = shown(app, by, view, place, work, true).await?;
            Ok(Outcome::Again(Box::new(rules), true))
        }
        Err(error) => Err(error),
    }
}

async fn put<A>(app: &App, by: &A, view: &View, id: DirectoryId, work: &mut Work) -> Result<()>
where
    A: Authority + Clone + Send + 'static,
{
    let Some(rule) = work.entry.rule() else {
        work.problem = Problem::new(view, "group", "rule_problem.group_id");
        return Ok(());
    };
    let found = mappings::problems(app.store(), by, id, vec![rule.clone()]).await?;
    match found.into_iter().next().flatten() {
        None => work.put(rule),
        Some((field, _)) => {
            let (at, key) = said_at(&field);
            work.problem = Problem::new(view, at, key);
        }
    }
    Ok(())
}

/// The field of the form, and what is said beside it, for a field of a rule.
fn said_at(field: &str) -> (&'static str, &'static str) {
    match field {
        "group_id" => ("group", "rule_problem.group_id"),
        "group_name" => ("group", "rule_problem.group_name"),
        "path" => ("path", "rule_problem.path"),
        "value" => ("value", "rule_problem.value"),
        "environment" => ("environment", "rule_problem.environment"),
        _ => ("role", "rule_problem.role"),
    }
}

async fn shown<'a, A>(
    app: &App,
    by: &A,
    view: &View,
    place: Place<'a>,
    work: Work,
    look: bool,
) -> Result<(Rules, (Place<'a>, Work))>
where
    A: Authority + Clone + Send + 'static,
{
    let (store, id) = (app.store(), place.row.id);
    let roles = catalogue::list(store, by, Some(place.row.organization_id)).await?;
    let mut rules = Rules::of(work.clone(), place.address.clone(), place.links, &roles);
    let drafted: Vec<Rule> = work.draft.rules.iter().map(|draft| draft.rule.clone()).collect();
    name_groups(app, by, &drafted, &mut rules).await;
    let problems = mappings::problems(store, by, id, drafted.clone()).await?;
    for (row, problem) in rules.rows.iter_mut().zip(&problems) {
        row.problem = problem.as_ref().map_or("", |(field, _)| said_at(field).1);
    }
    if look && problems.iter().all(Option::is_none) {
        let named = named(app, by, view, id, &mut rules).await?;
        let found = preview::preview(store, by, id, drafted, Some(work.draft.settings), named).await?;
        rules.preview = Some(Preview::new(&found, &Names::of(&roles)));
        rules.looked = work.draft.print();
    }
    rules.progress = Progress::new(&recompute::progress(store, by, id).await?);
    rules.unknown = unknown::list(store, by, id).await?.iter().map(Unknown::new).collect();
    rules.groups = groups(app, by, id).await?;
    let received = received_attributes::list(store, by, id).await?;
    for (row, rule) in rules.rows.iter_mut().zip(&work.draft.rules) {
        let path = draft::Entry::of(&rule.rule).path;
        row.missing = !path.is_empty() && received.has(&path) == Some(false);
        row.near = received.near(&path).filter(|_| row.missing).map(brief).unwrap_or_default();
    }
    rules.paths = received.received().map(str::to_owned).collect();
    Ok((rules, (place, work)))
}

/// Groups that rules name by their id are shown with their names.
async fn name_groups<A>(app: &App, by: &A, drafted: &[Rule], rules: &mut Rules)
where
    A: Authority + Clone + Send + 'static,
{
    for (row, rule) in rules.rows.iter_mut().zip(drafted) {
        let Some(id) = group_of(rule) else { continue };
        // One that is gone keeps its id, and is told of as a problem.
        if let Ok(found) = directory_reads::group(app.store(), by, id).await {
            row.said.what = brief(&text_of(&found, "name"));
            if row.editing {
                rules.entry_group.clone_from(&row.said.what);
            }
        }
    }
}

/// The people who were asked for by their user names. The first whom nobody knows is told of beside the field.
async fn named<A>(app: &App, by: &A, view: &View, id: DirectoryId, rules: &mut Rules) -> Result<Vec<UserId>>
where
    A: Authority + Clone + Send + 'static,
{
    let text = rules.people.clone();
    let names: Vec<&str> = text.lines().map(str::trim).filter(|name| !name.is_empty()).collect();
    if names.len() > preview::MOST_NAMED {
        rules.problem = Problem::new(view, "people", "rules.too_many_people");
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for name in names {
        let Some(within) = Within::new(Some(id), None) else { break };
        let filter = UserFilter { user_name: Some(name.to_owned()), ..UserFilter::default() };
        let one = Cursor::first(1, Order::Ascending);
        let slice = directory_reads::users(app.store(), by, within, one, filter).await?;
        match slice.items.first() {
            Some(user) if found.contains(&user.id) => (),
            Some(user) => found.push(user.id),
            None => {
                rules.problem = Problem::said("people", view.text.t1("rules.nobody", brief(name)));
                return Ok(Vec::new());
            }
        }
    }
    Ok(found)
}

async fn groups<A>(app: &App, by: &A, id: DirectoryId) -> Result<Vec<String>>
where
    A: Authority + Clone + Send + 'static,
{
    let Some(within) = Within::new(Some(id), None) else { return Ok(Vec::new()) };
    let first = Cursor::first(GROUPS, Order::Ascending);
    let slice = directory_reads::groups(app.store(), by, within, first, GroupFilter::default()).await?;
    let name = |object: &Value| text_of(object, "name");
    let fits = |name: &String| name.chars().count() <= 200;
    Ok(slice.items.iter().map(|item| name(&item.object)).filter(fits).collect())
}

/// The roles that count in a directory.
///
/// # Errors
/// When the database fails.
pub async fn roles<A>(app: &App, by: &A, row: &DirectoryRow) -> Result<Vec<RoleRow>>
where
    A: Authority + Clone + Send + 'static,
{
    catalogue::list(app.store(), by, Some(row.organization_id)).await
}
