//! The roles and entitlements that a directory offers: their configuration, and the lists that clients read.

use std::cmp::Ordering;

use doorward_scim::Object;
use doorward_scim::discovery::catalogue::offered;
use doorward_scim::filter::Matcher;
use doorward_scim::schema::{Catalogue, CatalogueList, ResourceType, catalogue_type};
use doorward_store::Store;
use doorward_store::directory;
use doorward_store::ids::DirectoryId;
use doorward_store::scope::{Authority, DirectoryScope};
use serde_json::{Value, json};

use super::directories::none;
use super::error::Result;
use super::list::{Found, Position, Wanted};
use super::schemas::change;

/// What a directory offers.
///
/// # Errors
/// [`Error::NotFound`](super::Error::NotFound), or the database fails.
pub async fn get<A>(store: &Store, by: &A, id: DirectoryId) -> Result<Catalogue>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store.read(move |tx| Ok(directory::get(tx, &by, &id)?.ok_or_else(none)?.settings.catalogue)).await
}

/// Sets what a directory offers; an empty catalogue switches the lists off. What people have already stays with them.
///
/// # Errors
/// [`Error::NotFound`](super::Error::NotFound) for the directory, [`Error::Invalid`](super::Error::Invalid) when it is too large.
pub async fn set<A>(store: &Store, by: &A, id: DirectoryId, catalogue: Catalogue) -> Result<Catalogue>
where
    A: Authority + Clone + Send + 'static,
{
    let settings = change(store, by, id, move |settings| {
        settings.catalogue = catalogue.clone();
        Ok(())
    });
    Ok(settings.await?.catalogue)
}

/// The catalogue as applications see it: the document that sets it.
pub fn object(id: DirectoryId, catalogue: &Catalogue) -> Value {
    let mut object = json!({ "object": "directory_catalogue", "directory_id": id });
    if let Value::Object(members) = &mut object {
        members.extend(catalogue.to_document());
    }
    object
}

/// The resource type of a list's values; `None` when the list is off.
pub fn resource_type(scope: &DirectoryScope, list: CatalogueList) -> Option<ResourceType> {
    scope.settings().catalogue.list(list)?;
    // Okta reads only lists whose schema has its own URN (idp-wire 2.12).
    let namespace = if scope.directory_type().starts_with("okta") {
        "urn:okta:scim:schemas:core:1.0"
    } else {
        "urn:ietf:params:scim:schemas:core:2.0"
    };
    Some(catalogue_type(list, &format!("{namespace}:{}", list.type_name())))
}

/// The values of a list as resources; none when it is off.
pub fn values(scope: &DirectoryScope, list: CatalogueList, base: &str) -> Vec<Object> {
    let (Some(offer), Some(of)) = (scope.settings().catalogue.list(list), resource_type(scope, list)) else {
        return Vec::new();
    };
    offer.values.iter().map(|value| offered(list, &of.schema.id, value, base)).collect()
}

/// A part of a list.
pub fn find(scope: &DirectoryScope, list: CatalogueList, of: &ResourceType, wanted: &Wanted) -> Found<Object> {
    let mut values = values(scope, list, &wanted.base);
    if let Some(filter) = &wanted.filter {
        let matcher = Matcher::new(filter, of);
        values.retain(|value| matcher.matches(value));
    }
    if let Some((by, order)) = &wanted.sort {
        // Stable, so that equal values keep the order in which they were set.
        values.sort_by(|a, b| -> Ordering { order.compare(by.key(a).as_ref(), by.key(b).as_ref()) });
    }
    let total = values.len();
    let skipped = match wanted.position {
        Position::Index(start_index) => start_index - 1,
        Position::After(place) => place.saturating_add(1),
    };
    let (skipped, count) = (size(skipped), size(wanted.count));
    let items: Vec<Object> = values.into_iter().skip(skipped).take(count).collect();
    let behind = skipped.saturating_add(items.len());
    let next = (!items.is_empty() && behind < total).then(|| match wanted.position {
        Position::Index(_) => Position::Index(number(behind) + 1),
        Position::After(_) => Position::After(number(behind) - 1),
    });
    Found { total: number(total), items, next }
}

fn size(number: i64) -> usize {
    usize::try_from(number.max(0)).unwrap_or(usize::MAX)
}

fn number(size: usize) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}
