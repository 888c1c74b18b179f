//! What is found out about a request when it is written: whose it is, and what stands around it.

use std::sync::Arc;

use doorward_scim::version::Version;
use doorward_store::directory::{self, AuthMode};
use doorward_store::ids::GroupId;
use doorward_store::scope::{DirectoryScope, SystemScope};
use doorward_store::token::{self, TokenRow};
use doorward_store::{Tx, event, pending, request_log, user};

use crate::request_log::{Captured, Owner, Presented};
use crate::service::diagnose::Context;
use crate::service::diagnose::credential::Credential;
use crate::service::diagnose::resource::Conflicting;
use crate::service::directories::endpoint;
use crate::service::error::Result;
use crate::service::instant;

/// The members in waiting that are counted.
const MOST_PENDING: i64 = 1000;

/// Whose a request is.
pub(super) struct Looked {
    /// The directory.
    pub(super) scope: Arc<DirectoryScope>,
    /// What became of its credential.
    pub(super) credential: Credential,
    /// Whether the credential is or was the directory's own.
    pub(super) is_own: bool,
}

/// The directory that a request belongs to: the one that it opened, else the one that its URL names, else the one whose credential it
/// carries. `None` for the rest: strangers are nobody's affair.
pub(super) fn owner(tx: &mut Tx<'_>, by: &SystemScope, owner: &Owner, url: &str) -> Result<Option<Looked>> {
    let (label, presented) = match owner {
        Owner::Opened(scope) => {
            return Ok(Some(Looked { scope: Arc::clone(scope), credential: Credential::Accepted, is_own: true }));
        }
        Owner::Unknown { label, presented } => (label.as_deref(), presented),
    };
    let named = match label.map(|label| directory::by_label(tx, by, label)).transpose()?.flatten() {
        Some(row) => directory::scope(tx, by, &row.id)?,
        None => None,
    };
    let found = match presented {
        Presented::Token { hash, .. } | Presented::Basic { hash, .. } => token::whose(tx, by, hash)?,
        Presented::Nothing | Presented::Unreadable(_) => None,
    };
    let (scope, credential, is_own) = match (named, found) {
        (None, None) => return Ok(None),
        (Some(named), None) => {
            let credential = unknown(tx, &named, presented)?;
            (named, credential, false)
        }
        (Some(named), Some((scope, _))) if named.directory_id() != scope.directory_id() => {
            if named.organization_id() == scope.organization_id() {
                let url = endpoint(url, scope.label(), Version::V2);
                (named, Credential::Elsewhere { name: scope.name().to_owned(), url }, false)
            } else {
                let credential = unknown(tx, &named, presented)?;
                (named, credential, false)
            }
        }
        (named, Some((scope, row))) => {
            let live = if named.is_none() && label.is_some() { Credential::OtherLabel } else { Credential::Accepted };
            let credential = ended(tx, &scope, &row, presented)?.unwrap_or(live);
            (scope, credential, true)
        }
    };
    Ok(Some(Looked { scope: Arc::new(scope), credential, is_own }))
}

/// Why a credential of the directory does not open it; `None` when it would.
fn ended(tx: &mut Tx<'_>, scope: &DirectoryScope, row: &TokenRow, presented: &Presented) -> Result<Option<Credential>> {
    let name = row.name.clone();
    if let Some(at) = row.revoked_at {
        let revocation = event::last_of_type(tx, scope, &row.id.to_string(), "dsync.token.revoked")?;
        let by = match revocation.as_ref().map(|event| event.origin.actor.as_str()) {
            Some("operator") => "the operator",
            Some("api_key") => "the application",
            Some("portal") => "an administrator of the organization",
            _ => "Doorward",
        };
        return Ok(Some(Credential::Revoked { name, at: instant::text(at), by: by.to_owned() }));
    }
    if let Some(at) = row.expires_at.filter(|at| *at <= tx.now()) {
        return Ok(Some(Credential::Expired { name, at: instant::text(at) }));
    }
    let bearer = matches!(presented, Presented::Token { .. });
    let wanted = match scope.auth() {
        AuthMode::Bearer if !bearer => "a bearer token",
        AuthMode::Basic if bearer => "user name and password (HTTP Basic)",
        _ => return Ok(None),
    };
    Ok(Some(Credential::OtherKind { wanted }))
}

/// A credential that nobody has, presented at the URL of a directory.
fn unknown(tx: &mut Tx<'_>, named: &DirectoryScope, presented: &Presented) -> Result<Credential> {
    Ok(match presented {
        Presented::Nothing => Credential::Absent,
        Presented::Unreadable(seen) => Credential::Unreadable(seen),
        Presented::Basic { .. } if named.auth() == AuthMode::Bearer => {
            Credential::OtherKind { wanted: "a bearer token" }
        }
        Presented::Basic { .. } => Credential::Unknown { length: 0, resembles: None, is_api_key: false },
        Presented::Token { length, beginning, .. } => {
            let tokens = token::list(tx, named)?;
            let like = tokens.iter().find(|row| row.revoked_at.is_none() && row.prefix == *beginning);
            let resembles = like.map(|row| row.name.clone());
            Credential::Unknown { length: *length, resembles, is_api_key: beginning.starts_with("sk_") }
        }
    })
}

/// What stands around a request that was let in.
pub(super) fn context(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    captured: &Captured,
    context: &mut Context,
) -> Result<()> {
    if let (Some(409), Some(name)) = (captured.status, &captured.facts.user_name) {
        context.conflict = user::by_user_name(tx, scope, name)?.map(|row| Conflicting {
            id: row.id.to_string(),
            name: row.user_name,
            active: row.active,
            external_id: row.external_id,
            created_at: instant::text(row.created_at),
        });
    }
    let subject = captured.subject_id.as_deref();
    if let (Some(404), Some(subject)) = (captured.status, subject) {
        context.deleted_at = request_log::deleted_at(tx, scope, subject)?.map(instant::text);
    }
    let group = subject.and_then(|subject| subject.parse::<GroupId>().ok());
    if let Some(group) = group.filter(|_| captured.facts.members.is_some() && !captured.failed()) {
        context.pending = pending::list(tx, scope, &group, MOST_PENDING)?.len();
    }
    Ok(())
}
