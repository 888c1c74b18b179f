//! Setup links: what an application gives a customer's administrator, so that he connects his directory himself.
//!
//! A link is a bearer capability for one organization and one intent. Looking at it changes nothing; opening it works once (SEC-49).

use doorward_store::ids::{OrganizationId, PortalLinkId};
use doorward_store::paging::{Cursor, Order, Slice};
use doorward_store::portal_link::{self, PortalLinkRow, PortalLinkValues};
use doorward_store::scope::{Authority, PortalScope};
use doorward_store::{Actor, Lane, NewEvent, Origin, Secret, SecretHash, Store, Tx};
use serde_json::{Value, json};

use super::error::{Error, Result};
use super::instant;

/// How long a link can be opened unless its maker says otherwise, in seconds: five minutes, as an application makes it when its user
/// clicks.
pub const DEFAULT_LIFETIME: u32 = 300;

/// The longest time in which a link can be opened, in seconds: thirty days.
pub const LONGEST_LIFETIME: u32 = 30 * 24 * 60 * 60;

/// The most addresses of a link.
const MOST_CONTACTS: usize = 20;

/// The intents that the field knows and this version does not offer.
const NOT_OFFERED: &[&str] =
    &["sso", "audit_logs", "log_streams", "domain_verification", "certificate_renewal", "bring_your_own_key"];

/// What a link is made from.
#[derive(Debug, Clone)]
pub struct NewLink {
    /// Whose administrator it is for.
    pub organization_id: OrganizationId,
    /// What can be set up with it; `dsync` in this version.
    pub intent: String,
    /// Where its pages lead back to.
    pub return_url: Option<String>,
    /// Where its pages lead to when all is done.
    pub success_url: Option<String>,
    /// The application's own id of the person that it is for.
    pub external_user_id: Option<String>,
    /// The addresses of the people that it is for.
    pub contacts: Vec<String>,
    /// How many seconds it can be opened.
    pub lifetime: u32,
}

/// Makes a link. One that was made before for the same organization, intent and person and was not opened yet ends.
///
/// # Errors
/// [`Error::Invalid`] for a value that cannot be used, [`Error::NotFound`] for the organization.
pub async fn create<A>(store: &Store, by: &A, new: NewLink) -> Result<(PortalLinkRow, Secret)>
where
    A: Authority + Clone + Send + 'static,
{
    check(&new)?;
    let by = by.clone();
    store
        .write(Lane::Any, move |tx| {
            let values = PortalLinkValues {
                intent: new.intent.clone(),
                return_url: new.return_url.clone(),
                success_url: new.success_url.clone(),
                external_user_id: new.external_user_id.clone(),
                contacts: new.contacts.clone(),
                expires_at: tx.now() + i64::from(new.lifetime) * 1_000_000,
            };
            for earlier in portal_link::open(tx, &by, &new.organization_id)? {
                if (&earlier.intent, &earlier.external_user_id) == (&new.intent, &new.external_user_id) {
                    end(tx, &by, &earlier.id)?;
                }
            }
            let made = portal_link::create(tx, &by, &new.organization_id, &values)?;
            let (row, secret) = made.ok_or(Error::NotFound { what: "Organization" })?;
            announce(tx, by.origin(), "portal.link.created", &row)?;
            Ok((row, secret))
        })
        .await
}

fn check(new: &NewLink) -> Result<()> {
    let invalid = |field: &str, message: String| Err(Error::Invalid { field: field.to_owned(), message });
    if new.intent != "dsync" {
        let known = NOT_OFFERED.contains(&new.intent.as_str());
        let reason = if known { "is not offered by this version" } else { "is not known" };
        return invalid("intent", format!("{reason}; dsync is what can be set up with a link"));
    }
    for (field, url) in [("return_url", &new.return_url), ("success_url", &new.success_url)] {
        if url.as_ref().is_some_and(|url| !is_web_address(url)) {
            return invalid(
                field,
                "must be an address that begins with https:// (or http://), of at most 2,000 characters".to_owned(),
            );
        }
    }
    if new
        .external_user_id
        .as_ref()
        .is_some_and(|id| id.is_empty() || id.chars().count() > 200 || id.chars().any(char::is_control))
    {
        return invalid("external_user_id", "must have 1 to 200 characters".to_owned());
    }
    if new.contacts.len() > MOST_CONTACTS {
        return invalid("it_contact_emails", format!("must have at most {MOST_CONTACTS} addresses"));
    }
    let is_address = |text: &String| {
        let halves = text.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty());
        halves && text.len() <= 254 && !text.chars().any(|c| c.is_control() || c.is_whitespace())
    };
    if !new.contacts.iter().all(is_address) {
        return invalid("it_contact_emails", "must hold e-mail addresses".to_owned());
    }
    if !(1..=LONGEST_LIFETIME).contains(&new.lifetime) {
        return invalid("expires_in", format!("must lie between 1 and {LONGEST_LIFETIME} seconds"));
    }
    Ok(())
}

/// Nothing but the web: a page would else offer `javascript:` as its way back.
fn is_web_address(text: &str) -> bool {
    let parsed = text.parse::<http::Uri>().ok().filter(|_| text.len() <= 2_000);
    parsed.is_some_and(|uri| {
        matches!(uri.scheme_str(), Some("https" | "http"))
            && uri.authority().is_some_and(|authority| !authority.as_str().contains('@'))
    })
}

/// A part of the list of links.
///
/// # Errors
/// When the database fails.
pub async fn list<A>(
    store: &Store,
    by: &A,
    cursor: Cursor<PortalLinkId>,
    organization_id: Option<OrganizationId>,
) -> Result<Slice<PortalLinkRow>>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store.read(move |tx| Ok(portal_link::list(tx, &by, &cursor, organization_id)?)).await
}

/// The link with this id.
///
/// # Errors
/// [`Error::NotFound`], or the database fails.
pub async fn get<A>(store: &Store, by: &A, id: PortalLinkId) -> Result<PortalLinkRow>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store.read(move |tx| portal_link::get(tx, &by, &id)?.ok_or(Error::NotFound { what: "Setup link" })).await
}

/// The link with which a session was opened.
///
/// # Errors
/// [`Error::NotFound`], or the database fails.
pub async fn own(store: &Store, scope: &PortalScope) -> Result<PortalLinkRow> {
    get(store, scope, scope.link_id()).await
}

/// Ends a link and the session opened with it. One that has ended already stays as it was.
///
/// # Errors
/// [`Error::NotFound`], or the database fails.
pub async fn revoke<A>(store: &Store, by: &A, id: PortalLinkId) -> Result<PortalLinkRow>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store
        .write(Lane::Any, move |tx| match end(tx, &by, &id)? {
            Some(row) => Ok(row),
            None => portal_link::get(tx, &by, &id)?.ok_or(Error::NotFound { what: "Setup link" }),
        })
        .await
}

/// Ends all links of an organization that were made for this person, and the sessions opened with them. How many ended.
///
/// # Errors
/// [`Error::NotFound`] for the organization.
pub async fn revoke_of_person<A>(
    store: &Store,
    by: &A,
    organization_id: OrganizationId,
    external_user_id: String,
) -> Result<usize>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store
        .write(Lane::Any, move |tx| {
            let known = doorward_store::organization::get(tx, &by, &organization_id)?;
            known.ok_or(Error::NotFound { what: "Organization" })?;
            let links = portal_link::of_person(tx, &by, &organization_id, &external_user_id)?;
            for link in &links {
                end(tx, &by, &link.id)?;
            }
            Ok(links.len())
        })
        .await
}

/// Ends all links of an organization, and the sessions opened with them.
pub(super) fn end_of_organization(tx: &mut Tx<'_>, by: &impl Authority, organization: OrganizationId) -> Result<()> {
    let mut cursor = Cursor::first(100, Order::Ascending);
    loop {
        let links = portal_link::list(tx, by, &cursor, Some(organization))?;
        for link in &links.items {
            end(tx, by, &link.id)?;
        }
        cursor.after = links.items.last().map(|link| link.id);
        if !links.more_after {
            return Ok(());
        }
    }
}

fn end(tx: &mut Tx<'_>, by: &impl Authority, id: &PortalLinkId) -> Result<Option<PortalLinkRow>> {
    let ended = portal_link::revoke(tx, by, id)?;
    if let Some(row) = &ended {
        announce(tx, by.origin(), "portal.link.revoked", row)?;
    }
    Ok(ended)
}

/// The link that this secret is of, while it can be opened. Changes nothing, whoever looks and however often.
///
/// # Errors
/// When the database fails.
pub async fn look(store: &Store, presented: SecretHash) -> Result<Option<PortalLinkRow>> {
    store.read(move |tx| Ok(portal_link::look(tx, &presented)?)).await
}

/// As [`look`], with the name of the organization that the link is for.
///
/// # Errors
/// When the database fails.
pub async fn look_with_name(store: &Store, presented: SecretHash) -> Result<Option<(PortalLinkRow, String)>> {
    store
        .read(move |tx| {
            let Some(row) = portal_link::look(tx, &presented)? else { return Ok(None) };
            let name = portal_link::organization_name(tx, &row)?;
            Ok(Some((row, name)))
        })
        .await
}

/// Opens a link, once: a session and its secret. `request` says which request it was and where it came from. `None` for one that is
/// unknown, expired, opened or revoked; the four are never told apart.
///
/// # Errors
/// When the database fails.
pub async fn redeem(store: &Store, presented: SecretHash, request: Origin) -> Result<Option<(PortalLinkRow, Secret)>> {
    store
        .write(Lane::Any, move |tx| {
            let address = request.address.map(|address| address.to_string());
            let Some((row, secret)) = portal_link::redeem(tx, &presented, address.as_deref())? else { return Ok(None) };
            let origin = Origin { actor: Actor::Portal(row.id.to_string()), ..request.clone() };
            announce(tx, &origin, "portal.link.opened", &row)?;
            Ok(Some((row, secret)))
        })
        .await
}

/// What the session with this secret opens, and that it is in use.
///
/// # Errors
/// When the database fails.
pub async fn session(store: &Store, presented: SecretHash) -> Result<Option<PortalScope>> {
    store.write(Lane::Any, move |tx| Ok(portal_link::session(tx, &presented)?)).await
}

/// Notes that the administrator has finished.
///
/// # Errors
/// When the database fails.
pub async fn complete(store: &Store, scope: &PortalScope) -> Result<()> {
    let scope = scope.clone();
    store
        .write(Lane::Any, move |tx| {
            if let Some(row) = portal_link::complete(tx, &scope)? {
                announce(tx, scope.origin(), "portal.link.completed", &row)?;
            }
            Ok(())
        })
        .await
}

/// The address that is given to the administrator. `public_url` has no slash at its end.
pub fn address(public_url: &str, secret: &Secret) -> String {
    format!("{public_url}/setup/{}", secret.expose())
}

/// The link as applications see it, at this time (Unix microseconds): enough to recognise it, never to use it.
pub fn object(row: &PortalLinkRow, now: i64) -> Value {
    json!({
        "object": "portal_link",
        "id": row.id,
        "organization_id": row.organization_id,
        "intent": row.intent,
        "status": row.status(now),
        "return_url": row.return_url,
        "success_url": row.success_url,
        "external_user_id": row.external_user_id,
        "it_contact_emails": row.contacts,
        "created_at": instant::text(row.created_at),
        "expires_at": instant::text(row.expires_at),
        "opened_at": row.opened_at.map(instant::text),
        "opened_from": row.opened_from,
        "completed_at": row.completed_at.map(instant::text),
        "revoked_at": row.revoked_at.map(instant::text),
    })
}

fn announce(tx: &mut Tx<'_>, origin: &Origin, event_type: &'static str, row: &PortalLinkRow) -> Result<()> {
    let event = NewEvent {
        event_type,
        organization_id: Some(row.organization_id),
        directory_id: None,
        subject_id: Some(row.id.to_string()),
        data: object(row, tx.now()),
    };
    Ok(tx.emit(origin, event)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sec_49_links_lead_back_to_the_web_and_nowhere_else() {
        for good in ["https://app.example/back?x=1", "http://localhost:3000"] {
            assert!(is_web_address(good), "{good}");
        }
        for bad in
            ["javascript:alert(1)", "//app.example", "/back", "data:text/html,x", "https://a@b.example", "ftp://x", ""]
        {
            assert!(!is_web_address(bad), "{bad}");
        }
    }
}
