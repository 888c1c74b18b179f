//! PATCH in SCIM 1.1: a partial resource to merge, and in `meta.attributes` the names of what goes first (section
//! 3.3.2).

use serde_json::Value;

use super::{lists, names};
use crate::attr::excerpt;
use crate::patch::{self, Action, Edit, Patch, PatchPath, spread};
use crate::quirks::Leniency;
use crate::resource::member;
use crate::schema::{Attribute, ResourceType};
use crate::{Error, Object};

/// Reads the body of a PATCH into the same edits a 2.0 message becomes: the removals, then the merges in the order of
/// the body.
///
/// # Errors
/// `mutability` for required and readOnly names in `meta.attributes` (V1-API-3.3.2-09), `invalidPath` for unknown ones,
/// `invalidValue` for an `operation` other than `delete`, and what a value without path is refused for in 2.0.
pub fn read_patch(body: Object, resource_type: &ResourceType, leniency: &mut Leniency) -> Result<Patch, Error> {
    let named = removed_names(&body)?;
    patch::check_count(named.len(), resource_type)?;
    let body = names::body_to_2_0(body, resource_type);
    let mut merged = Patch::default();
    spread::resource(Value::Object(body), Action::Merge, &mut merged, resource_type, leniency)?;
    let merged = inside_extensions(merged.edits, resource_type, leniency)?;
    let mut patch = Patch::default();
    let mut listed = Vec::new();
    for name in &named {
        let path = read_name(name, resource_type, leniency)?;
        // A required attribute that is listed and given is replaced (V1-API-3.3.2-10), as is any with one value.
        let given = merged.iter().any(|edit| edit.path == path);
        let replaces =
            |attribute: &Attribute| attribute.required || !(attribute.multi_valued || attribute.is_complex());
        if !(given && leaf(&path, resource_type).is_some_and(replaces)) {
            patch.edits.push(Edit { action: Action::Remove, path: path.clone(), value: None });
        }
        listed.push(path);
    }
    for edit in merged {
        let whole = edit.path.filter.is_none() && edit.path.attr.sub.is_none();
        match resource_type.resolve(&edit.path.attr.clone()).and_then(|target| target.leaf()) {
            Some(attribute) if whole && attribute.multi_valued => {
                split_list(edit, attribute, &listed, &mut patch)?;
            }
            _ => patch.edits.push(edit),
        }
    }
    // The path of the request decides; captures of Okta show other ids in the body.
    patch::read_member_values(&mut patch, resource_type, leniency)?;
    Ok(patch)
}

/// The edits inside extensions that the objects of the extensions stand for.
fn inside_extensions(
    edits: Vec<Edit>,
    resource_type: &ResourceType,
    leniency: &mut Leniency,
) -> Result<Vec<Edit>, Error> {
    let mut flat = Vec::with_capacity(edits.len());
    for edit in edits {
        let urn = edit.path.attr.urn.as_deref().filter(|_| edit.path.attr.is_root());
        match (urn.and_then(|urn| resource_type.extension(urn)), edit.value) {
            (Some(extension), Some(value @ Value::Object(_))) => {
                flat.extend(spread::extension(extension, value, edit.action, resource_type, leniency)?);
            }
            (_, value) => flat.push(Edit { value, ..edit }),
        }
    }
    Ok(flat)
}

/// `meta.attributes`.
fn removed_names(body: &Object) -> Result<Vec<String>, Error> {
    let attributes = member(body, "meta").and_then(Value::as_object).and_then(|meta| member(meta, "attributes"));
    let names = match attributes {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(names)) => names,
        Some(_) => return Err(Error::invalid_syntax("`meta.attributes` is an array of attribute names")),
    };
    let name = |name: &Value| match name {
        Value::String(name) => Ok(name.clone()),
        _ => Err(Error::invalid_syntax("`meta.attributes` holds attribute names, which are strings")),
    };
    names.iter().map(name).collect()
}

fn read_name(name: &str, resource_type: &ResourceType, leniency: &mut Leniency) -> Result<PatchPath, Error> {
    if name.contains('[') {
        return Err(Error::invalid_path(format!("`{}` is not an attribute name of SCIM 1.1", excerpt(name))));
    }
    PatchPath::parse(&names::path_to_2_0(name, resource_type), resource_type, leniency)
}

fn leaf<'a>(path: &'a PatchPath, resource_type: &'a ResourceType) -> Option<&'a Attribute> {
    resource_type.resolve(&path.attr)?.leaf()
}

/// One edit for each run of elements that are merged or deleted, so that their order is kept.
///
/// Deletions are ignored in a list that is named in `meta.attributes` (V1-API-3.3.2-07).
fn split_list(edit: Edit, attribute: &Attribute, listed: &[PatchPath], patch: &mut Patch) -> Result<(), Error> {
    let ignores_deletes = listed.contains(&edit.path);
    let elements = match edit.value {
        Some(Value::Array(elements)) => elements,
        Some(Value::Null) | None => return Ok(()),
        Some(single) => vec![single],
    };
    let mut runs: Vec<(Action, Vec<Value>)> = Vec::new();
    for value in elements {
        let element = lists::element(attribute, value)?;
        let action = if element.deletes { Action::Delete } else { Action::Merge };
        if element.deletes && ignores_deletes {
            continue;
        }
        match runs.last_mut() {
            Some((last, values)) if *last == action => values.push(element.value),
            _ => runs.push((action, vec![element.value])),
        }
    }
    for (action, values) in runs {
        patch.edits.push(Edit { action, path: edit.path.clone(), value: Some(Value::Array(values)) });
    }
    Ok(())
}
