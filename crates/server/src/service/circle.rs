//! Resources that refer to each other, made together: two groups in each other, a user who is its own manager.
//!
//! Each of them would have to be there before the other. So all are made without what refers to the circle, and then,
//! with all ids known, brought to what the client asked for; in one transaction, because a part of a circle is nothing
//! that anybody asked for (RFC 7644 section 3.7.1).

use std::collections::HashMap;
use std::sync::Arc;

use doorward_scim::patch::MemberEdit;
use doorward_scim::resource::Incoming;
use doorward_scim::schema::Extended;
use doorward_store::ids::{GroupId, UserId};
use doorward_store::scope::DirectoryScope;
use doorward_store::{Lane, Tx};

use super::error::{Error, Result};
use super::groups::{self, Members};
use super::precondition::Precondition;
use super::schema::require_groups;
use super::{received, users};
use crate::App;

/// A resource of the circle.
pub struct Newcomer {
    /// What the others call it.
    pub name: String,
    /// Whether it is a group; else it is a user.
    pub is_group: bool,
    /// What can be made of it before the others are there.
    pub first: Incoming,
    /// All of it.
    pub whole: Whole,
}

/// Reads a resource anew when the ids of the circle are known, by name.
pub type Whole = Box<dyn Fn(&HashMap<String, String>) -> Result<Incoming> + Send>;

/// A resource that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: i64,
}

/// Why nothing of the circle was made.
#[derive(Debug)]
pub struct Failed {
    /// Which resource of the circle is at fault, counted from 0; `None` when it is none of them.
    pub place: Option<usize>,
    /// What is wrong.
    pub error: Error,
}

impl From<doorward_store::Error> for Failed {
    fn from(error: doorward_store::Error) -> Self {
        Failed { place: None, error: error.into() }
    }
}

/// Makes all resources of a circle, or none.
///
/// # Errors
/// As for a user or group of its own, with the place of the one that is at fault.
pub async fn create(
    app: &App,
    scope: &Arc<DirectoryScope>,
    circle: Vec<Newcomer>,
) -> std::result::Result<Vec<Made>, Failed> {
    if let Some(place) = circle.iter().position(|newcomer| newcomer.is_group) {
        require_groups(scope).map_err(at(place))?;
    }
    let of = |newcomer: &Newcomer| if newcomer.is_group { Extended::Group } else { Extended::User };
    let names: Vec<_> = circle
        .iter()
        .map(|newcomer| (of(newcomer), received::of_resource(scope, of(newcomer), &newcomer.first.resource)))
        .collect();
    let (lane, job_scope) = (Lane::Directory(scope.directory_id()), Arc::clone(scope));
    let made = app.store().write(lane, move |tx| make(tx, &job_scope, &circle)).await?;
    for (of, names) in names {
        received::note(app, scope, of, names).await;
    }
    Ok(made)
}

fn make(tx: &mut Tx<'_>, scope: &DirectoryScope, circle: &[Newcomer]) -> std::result::Result<Vec<Made>, Failed> {
    let mut ids = Vec::with_capacity(circle.len());
    for (place, newcomer) in circle.iter().enumerate() {
        ids.push(begin(tx, scope, newcomer).map_err(at(place))?);
    }
    let names = circle.iter().zip(&ids).map(|(newcomer, id)| (newcomer.name.clone(), id.shown())).collect();
    let mut made = Vec::with_capacity(circle.len());
    for (place, (newcomer, id)) in circle.iter().zip(&ids).enumerate() {
        let incoming = (newcomer.whole)(&names).map_err(at(place))?;
        let version = complete(tx, scope, id, &incoming).map_err(at(place))?;
        made.push(Made { id: id.shown(), version });
    }
    Ok(made)
}

fn at(place: usize) -> impl FnOnce(Error) -> Failed {
    move |error| Failed { place: Some(place), error }
}

enum Id {
    User(UserId),
    Group(GroupId),
}

impl Id {
    fn shown(&self) -> String {
        match self {
            Id::User(id) => id.to_string(),
            Id::Group(id) => id.to_string(),
        }
    }
}

fn begin(tx: &mut Tx<'_>, scope: &DirectoryScope, newcomer: &Newcomer) -> Result<Id> {
    if newcomer.is_group {
        Ok(Id::Group(groups::create(tx, scope, &newcomer.first, Members::Unwanted)?.row.id))
    } else {
        Ok(Id::User(users::create(tx, scope, &newcomer.first.resource, false)?.row.id))
    }
}

/// The version that the resource then has.
fn complete(tx: &mut Tx<'_>, scope: &DirectoryScope, id: &Id, incoming: &Incoming) -> Result<i64> {
    let condition = Precondition::None;
    match id {
        Id::User(id) => Ok(users::replace(tx, scope, id, incoming, &condition, false)?.row.version),
        Id::Group(id) => {
            let edits: Vec<MemberEdit> = groups::named(incoming).collect();
            Ok(groups::replace(tx, scope, id, &condition, incoming, &edits, Members::Unwanted)?.row.version)
        }
    }
}
