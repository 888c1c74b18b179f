//! Applying a patch: one edit after the other on a draft, which becomes the resource only when all of them fit.

use serde_json::Value;

use super::place::{Place, Spot, locate};
use super::{Action, Edit, Patch, immutable, list, opaque, single, spread};
use crate::attr::same_name;
use crate::quirks::{Leniency, Quirk};
use crate::resource::{self, Resource};
use crate::schema::{Extension, Mutability, ResourceType};
use crate::{Error, Object};

/// Makes a new resource of the one that is there.
///
/// A result that equals `current` means that the patch changed nothing. What the members of a group are concerned with
/// must have been taken out by [`split_members`](super::split_members).
///
/// # Errors
/// `mutability` for what only the server changes, what is set once, and what may not be missing; `noTarget` when a
/// filter finds nothing to change; `invalidValue` when a value does not fit its attribute. `current` is untouched in
/// any case.
pub fn apply(
    current: &Resource,
    patch: &Patch,
    resource_type: &ResourceType,
    leniency: &mut Leniency,
) -> Result<Resource, Error> {
    let mut draft = current.as_object().clone();
    for edit in &patch.edits {
        apply_edit(&mut draft, edit, resource_type, leniency)?;
    }
    let result = Resource::from_attributes(draft, resource_type);
    for extension in resource_type.extensions.iter().filter(|extension| extension.required) {
        let urn = &extension.schema.id;
        if current.extension(urn).is_some() && result.extension(urn).is_none() {
            return Err(Error::mutability(format!("every {} must have {urn}", resource_type.name)));
        }
    }
    if result != *current {
        resource::check_changed(current, &result, resource_type)?;
    }
    Ok(result)
}

fn apply_edit(
    draft: &mut Object,
    edit: &Edit,
    resource_type: &ResourceType,
    leniency: &mut Leniency,
) -> Result<(), Error> {
    match locate(&edit.path, resource_type)? {
        Place::Schemas => check_schemas(edit, draft, resource_type),
        Place::Extension(extension) => apply_extension(draft, extension, edit, resource_type, leniency),
        Place::Attribute(spot) => apply_spot(draft, spot, edit, resource_type, leniency),
        Place::Opaque { container, name, sub } => opaque::apply(draft, container, name, sub, edit, leniency),
    }
}

fn apply_spot(
    draft: &mut Object,
    spot: Spot<'_>,
    edit: &Edit,
    resource_type: &ResourceType,
    leniency: &mut Leniency,
) -> Result<(), Error> {
    let leaf = spot.sub.unwrap_or(spot.attribute);
    if spot.attribute.is_read_only() || leaf.is_read_only() {
        return Err(Error::mutability(format!("`{}` is changed by the server only", edit.path.attr)));
    }
    if resource_type.is_group() && spot.extension.is_none() && spot.attribute.name == "members" {
        return Err(Error::invalid_path("the members of a group are kept apart from it"));
    }
    if leaf.mutability == Mutability::WriteOnly {
        // The only one is the password: accepted and dropped (SEC-12).
        return Ok(());
    }
    let container = match spot.extension {
        None => draft,
        Some(urn) => match draft.entry(urn).or_insert_with(|| Value::Object(Object::new())) {
            Value::Object(object) => object,
            _ => return Err(Error::invalid_path(format!("`{urn}` is not an object"))),
        },
    };
    let before = immutable::remember(container, spot.attribute);
    if spot.attribute.multi_valued {
        list::apply(container, spot, edit, leniency)?;
    } else {
        single::apply(container, spot, edit, leniency)?;
    }
    immutable::check(container, spot.attribute, before)
}

fn apply_extension(
    draft: &mut Object,
    extension: &Extension,
    edit: &Edit,
    resource_type: &ResourceType,
    leniency: &mut Leniency,
) -> Result<(), Error> {
    let urn = extension.schema.id.as_str();
    match &edit.value {
        Some(value) if edit.action != Action::Remove && !value.is_null() => {
            for edit in spread::extension(extension, value.clone(), edit.action, resource_type, leniency)? {
                apply_edit(draft, &edit, resource_type, leniency)?;
            }
            Ok(())
        }
        _ => {
            if let Some(Value::Object(object)) = draft.get(urn) {
                for attribute in &extension.schema.attributes {
                    immutable::check_removal(object, attribute)?;
                }
                // The empty object keeps its place, so that what comes back comes back where it was.
                draft.insert(urn.to_owned(), Value::Object(Object::new()));
            }
            Ok(())
        }
    }
}

/// `schemas` lists the extensions that hold data, so there is nothing to set: naming what the resource may have is no
/// change, and anything else is a mistake.
fn check_schemas(edit: &Edit, draft: &Object, resource_type: &ResourceType) -> Result<(), Error> {
    if edit.action == Action::Remove {
        return Err(Error::mutability("`schemas` follows from the attributes and cannot be removed"));
    }
    let uris = match &edit.value {
        Some(Value::Array(uris)) => uris.as_slice(),
        Some(uri) => std::slice::from_ref(uri),
        None => &[],
    };
    let known = |uri: &str| resource_type.urns().chain(draft.keys().map(String::as_str)).any(|urn| same_name(urn, uri));
    match uris.iter().find(|uri| !uri.as_str().is_some_and(known)) {
        Some(_) => Err(Error::invalid_value(format!("`schemas` names what a {} does not have", resource_type.name))),
        None => Ok(()),
    }
}

/// Whether a value says "nothing": null, or in a tolerant directory the empty string (D20).
pub(super) fn clears(value: &Value, leniency: &mut Leniency) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty() && leniency.allow(Quirk::EmptyStringClears),
        _ => false,
    }
}
