//! Webhook endpoints: where events are sent, and with which secret they are signed.

use doorward_store::ids::{EndpointId, OrganizationId};
use doorward_store::paging::{Cursor, Slice};
use doorward_store::scope::Authority;
use doorward_store::webhook::{self, Disabled, EndpointRow, PreviousSecret, lane};
use doorward_store::{Lane, NewEvent, Secret, Store, Tx, event, organization};
use serde_json::{Map, Value, json};

use super::error::{Error, Result};
use super::instant;
use crate::sealed::Keyring;
use crate::webhooks::address::{self, Networks};
use crate::webhooks::sign;

/// The most event types that an endpoint can name.
const MOST_TYPES: usize = 100;

/// The longest description, and the longest event type, in characters.
const LONGEST: usize = 500;

/// How long the secret before counts, unless told otherwise, in seconds.
pub const OVERLAP: i64 = 24 * 60 * 60;

/// The longest that it can count, in seconds.
const LONGEST_OVERLAP: i64 = 7 * 24 * 60 * 60;

/// What secrets and addresses are checked with.
#[derive(Debug, Clone)]
pub struct Rules {
    /// What secrets are sealed with.
    pub keyring: Keyring,
    /// What may be called beside public addresses.
    pub networks: Networks,
}

/// What an endpoint is made from.
#[derive(Debug, Clone, Default)]
pub struct NewEndpoint {
    /// Where events are sent.
    pub url: String,
    /// For people.
    pub description: String,
    /// Only events of this organization.
    pub organization_id: Option<OrganizationId>,
    /// Only these types; empty: all.
    pub events: Vec<String>,
}

/// What is to be changed of an endpoint; `None` stays.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// Where events are sent.
    pub url: Option<String>,
    /// For people.
    pub description: Option<String>,
    /// Only events of this organization; `Some(None)`: of all.
    pub organization_id: Option<Option<OrganizationId>>,
    /// Only these types; empty: all.
    pub events: Option<Vec<String>>,
    /// Whether events are sent. `true` also makes everything that waits for another attempt due at once.
    pub enabled: Option<bool>,
}

/// Makes an endpoint. It gets the events from now on; its secret is returned this once.
///
/// # Errors
/// [`Error::Invalid`] for an address that may not be called and other values, [`Error::NotFound`] for the organization.
pub async fn create<A>(store: &Store, by: &A, rules: &Rules, new: NewEndpoint) -> Result<(EndpointRow, Secret)>
where
    A: Authority + Clone + Send + 'static,
{
    let url = checked_url(&new.url, &rules.networks)?;
    let (description, events) = (checked_description(&new.description)?, checked_types(&new.events)?);
    let (by, keyring, entropy) = (by.clone(), rules.keyring.clone(), store.entropy());
    let secret = mint(store);
    let shown = secret.clone();
    let row = store
        .write(Lane::Any, move |tx| {
            exists(tx, &by, new.organization_id)?;
            let id: EndpointId = tx.mint();
            let now = tx.now();
            let row = EndpointRow {
                id,
                url: url.clone(),
                description: description.clone(),
                organization_id: new.organization_id,
                events: events.clone(),
                disabled: None,
                failing_since: None,
                secret: keyring.seal(&entropy, &id.to_string(), &secret)?,
                secret_last_four: last_four(&secret),
                previous: None,
                scanned: event::head(tx, &by)?,
                revision: 1,
                tested_at: None,
                created_at: now,
                updated_at: now,
            };
            webhook::create(tx, &by, &row)?;
            announce(tx, &by, "webhook_endpoint.created", &row, told(&row))?;
            Ok::<_, Error>(row)
        })
        .await?;
    Ok((row, shown))
}

/// The endpoint with this id.
///
/// # Errors
/// [`Error::NotFound`], or the database fails.
pub async fn get<A>(store: &Store, by: &A, id: EndpointId) -> Result<EndpointRow>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store.read(move |tx| webhook::get(tx, &by, &id)?.ok_or_else(none)).await
}

/// A part of the list of endpoints.
///
/// # Errors
/// When the database fails.
pub async fn list<A>(store: &Store, by: &A, cursor: Cursor<EndpointId>) -> Result<Slice<EndpointRow>>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store.read(move |tx| Ok(webhook::list(tx, &by, &cursor)?)).await
}

/// Changes an endpoint. Nothing changed means no event.
///
/// # Errors
/// As [`create`]; [`Error::NotFound`] for the endpoint.
pub async fn update<A>(store: &Store, by: &A, rules: &Rules, id: EndpointId, changes: Changes) -> Result<EndpointRow>
where
    A: Authority + Clone + Send + 'static,
{
    let url = changes.url.as_deref().map(|url| checked_url(url, &rules.networks)).transpose()?;
    let description = changes.description.as_deref().map(checked_description).transpose()?;
    let events = changes.events.as_deref().map(checked_types).transpose()?;
    let by = by.clone();
    store
        .write(Lane::Any, move |tx| {
            let before = webhook::lock(tx, &by, &id)?.ok_or_else(none)?;
            if let Some(organization) = changes.organization_id {
                exists(tx, &by, organization)?;
            }
            let mut row = before.clone();
            row.url = url.clone().unwrap_or(row.url);
            row.description = description.clone().unwrap_or(row.description);
            row.events = events.clone().unwrap_or(row.events);
            row.organization_id = changes.organization_id.unwrap_or(row.organization_id);
            match changes.enabled {
                Some(true) => {
                    (row.disabled, row.failing_since) = (None, None);
                    lane::hasten(tx, &by, &id)?;
                }
                Some(false) => row.disabled = row.disabled.or(Some(Disabled::Requested)),
                None => (),
            }
            if row == before && changes.enabled != Some(true) {
                return Ok(before);
            }
            changed(tx, &by, "webhook_endpoint.updated", &before, &row)
        })
        .await
}

/// Deletes an endpoint, with the record of its deliveries.
///
/// # Errors
/// [`Error::NotFound`], or the database fails.
pub async fn delete<A>(store: &Store, by: &A, id: EndpointId) -> Result<()>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store
        .write(Lane::Any, move |tx| {
            let row = webhook::lock(tx, &by, &id)?.ok_or_else(none)?;
            webhook::delete(tx, &by, &id)?;
            announce(tx, &by, "webhook_endpoint.deleted", &row, told(&row))
        })
        .await
}

/// Gives an endpoint a new secret, which is returned this once. The one before counts for `overlap` seconds more (SEC-45).
///
/// # Errors
/// [`Error::NotFound`], [`Error::Invalid`] for the overlap.
pub async fn rotate<A>(
    store: &Store,
    by: &A,
    rules: &Rules,
    id: EndpointId,
    overlap: i64,
) -> Result<(EndpointRow, Secret)>
where
    A: Authority + Clone + Send + 'static,
{
    if !(0..=LONGEST_OVERLAP).contains(&overlap) {
        return Err(invalid("overlap_seconds", &format!("must be a number from 0 to {LONGEST_OVERLAP}")));
    }
    let (by, keyring, entropy) = (by.clone(), rules.keyring.clone(), store.entropy());
    let secret = mint(store);
    let shown = secret.clone();
    let row = store
        .write(Lane::Any, move |tx| {
            let before = webhook::lock(tx, &by, &id)?.ok_or_else(none)?;
            let mut row = before.clone();
            let until = tx.now() + overlap * 1_000_000;
            row.previous = (overlap > 0).then(|| PreviousSecret { sealed: before.secret.clone(), until });
            row.secret = keyring.seal(&entropy, &id.to_string(), &secret)?;
            row.secret_last_four = last_four(&secret);
            changed(tx, &by, "webhook_endpoint.updated", &before, &row)
        })
        .await?;
    Ok((row, shown))
}

/// Stops an endpoint in the transaction of what caused it, and tells of it.
///
/// # Errors
/// When the database fails.
pub(crate) fn disable(tx: &mut Tx<'_>, by: &impl Authority, id: &EndpointId, reason: Disabled) -> Result<()> {
    let Some(before) = webhook::lock(tx, by, id)?.filter(|row| row.disabled.is_none()) else { return Ok(()) };
    let row = EndpointRow { disabled: Some(reason), ..before.clone() };
    changed(tx, by, "webhook_endpoint.disabled", &before, &row).map(drop)
}

/// Seals what was sealed with an older key once more, with the present one. How many endpoints that were.
///
/// # Errors
/// When the database fails, or a secret cannot be opened.
pub(crate) async fn reseal<A>(store: &Store, by: &A, keyring: &Keyring, ids: Vec<EndpointId>) -> Result<usize>
where
    A: Authority + Clone + Send + 'static,
{
    let (by, keyring, entropy) = (by.clone(), keyring.clone(), store.entropy());
    store
        .write(Lane::Any, move |tx| {
            let mut count = 0;
            for id in &ids {
                let Some(mut row) = webhook::lock(tx, &by, id)? else { continue };
                let name = id.to_string();
                let again = |sealed: &str| keyring.seal(&entropy, &name, &keyring.open(&name, sealed)?);
                let old = std::iter::once(&row.secret).chain(row.previous.as_ref().map(|previous| &previous.sealed));
                if !old.into_iter().any(|sealed| keyring.is_outdated(sealed)) {
                    continue;
                }
                row.secret = again(&row.secret)?;
                if let Some(previous) = &mut row.previous {
                    previous.sealed = again(&previous.sealed)?;
                }
                let row = webhook::update(tx, &by, &row)?;
                announce(tx, &by, "webhook_endpoint.resealed", &row, told(&row))?;
                count += 1;
            }
            Ok(count)
        })
        .await
}

/// The endpoint as applications see it, with its secret masked (app-api: Objects). The SDKs want a `secret` in every answer.
pub fn object(row: &EndpointRow) -> Value {
    json!({
        "object": "webhook_endpoint",
        "id": row.id,
        "endpoint_url": row.url,
        "description": row.description,
        "organization_id": row.organization_id,
        "secret": format!("{}…{}", sign::PREFIX, row.secret_last_four),
        "previous_secret_expires_at": row.previous.as_ref().map(|previous| instant::text(previous.until)),
        "status": if row.disabled.is_some() { "disabled" } else { "enabled" },
        "disabled_reason": row.disabled.map(Disabled::as_str),
        "failing_since": row.failing_since.map(instant::text),
        "events": row.events,
        "created_at": instant::text(row.created_at),
        "updated_at": instant::text(row.updated_at),
    })
}

/// The endpoint with its secret in clear, for the one answer that shows it.
pub fn object_with(row: &EndpointRow, secret: &Secret) -> Value {
    let mut object = object(row);
    if let Some(fields) = object.as_object_mut() {
        fields.insert("secret".to_owned(), json!(secret.expose()));
    }
    object
}

/// The object without anything of the secret, for events.
fn told(row: &EndpointRow) -> Map<String, Value> {
    let mut object = match object(row) {
        Value::Object(object) => object,
        _ => Map::new(),
    };
    object.shift_remove("secret");
    object
}

/// Stores a changed endpoint and tells what it was before.
fn changed(
    tx: &mut Tx<'_>,
    by: &impl Authority,
    event_type: &'static str,
    before: &EndpointRow,
    row: &EndpointRow,
) -> Result<EndpointRow> {
    let row = webhook::update(tx, by, row)?;
    let (old, mut data) = (told(before), told(&row));
    let previous: Map<String, Value> = old.into_iter().filter(|(key, value)| data.get(key) != Some(value)).collect();
    data.insert("previous_attributes".to_owned(), Value::Object(previous));
    announce(tx, by, event_type, &row, data)?;
    Ok(row)
}

/// Emits an event about an endpoint.
pub(super) fn announce(
    tx: &mut Tx<'_>,
    by: &impl Authority,
    event_type: &'static str,
    row: &EndpointRow,
    data: Map<String, Value>,
) -> Result<()> {
    let event = NewEvent {
        event_type,
        organization_id: row.organization_id,
        directory_id: None,
        subject_id: Some(row.id.to_string()),
        data: Value::Object(data),
    };
    Ok(tx.emit(by.origin(), event)?)
}

fn mint(store: &Store) -> Secret {
    let mut random = [0; 32];
    store.entropy().fill(&mut random);
    sign::secret(&random)
}

fn last_four(secret: &Secret) -> String {
    let text = secret.expose();
    text.get(text.len().saturating_sub(4)..).unwrap_or_default().to_owned()
}

fn exists(tx: &mut Tx<'_>, by: &impl Authority, organization: Option<OrganizationId>) -> Result<()> {
    let Some(id) = organization else { return Ok(()) };
    let found = organization::get(tx, by, &id)?;
    found.map(drop).ok_or(Error::NotFound { what: "Organization" })
}

fn checked_url(text: &str, networks: &Networks) -> Result<String> {
    let url = address::check(text.trim(), networks);
    url.map(String::from).map_err(|refusal| invalid("endpoint_url", &refusal.to_string()))
}

fn checked_description(text: &str) -> Result<String> {
    let text = text.trim();
    if text.chars().count() > LONGEST || text.chars().any(char::is_control) {
        return Err(invalid("description", &format!("must be one line of at most {LONGEST} characters")));
    }
    Ok(text.to_owned())
}

fn checked_types(types: &[String]) -> Result<Vec<String>> {
    if types.len() > MOST_TYPES {
        return Err(invalid("events", &format!("must name at most {MOST_TYPES} types; none means all")));
    }
    let mut checked: Vec<String> = Vec::with_capacity(types.len());
    for name in types {
        let shaped = name.len() <= LONGEST
            && name.bytes().all(|byte| byte.is_ascii_lowercase() || b"._0123456789".contains(&byte));
        if name.is_empty() || !shaped {
            return Err(invalid("events", "must be names of event types such as dsync.user.created"));
        }
        if !checked.contains(name) {
            checked.push(name.clone());
        }
    }
    Ok(checked)
}

fn invalid(field: &str, message: &str) -> Error {
    Error::Invalid { field: field.to_owned(), message: message.to_owned() }
}

pub(super) fn none() -> Error {
    Error::NotFound { what: "Webhook endpoint" }
}
