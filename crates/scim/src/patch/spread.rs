//! From an object of attributes to one edit for each: the values of operations without path, the partial resources of
//! SCIM 1.1, and the objects of extensions.

use serde_json::Value;

use super::{Action, Edit, Patch, PatchPath};
use crate::attr::{AttrPath, excerpt, same_name};
use crate::json::kind_of;
use crate::quirks::{Leniency, Quirk};
use crate::schema::{Attribute, Extension, Mutability, ResourceType};
use crate::{Error, ErrorKind, Object};

/// Adds an edit for every member of a partial resource. What only the server changes is ignored, since clients send
/// back what they read (P-7644-3.5.2-16); the `id` is remembered.
pub(crate) fn resource(
    value: Value,
    action: Action,
    patch: &mut Patch,
    resource_type: &ResourceType,
    leniency: &mut Leniency,
) -> Result<(), Error> {
    for (key, value) in object(value, leniency)? {
        if same_name(&key, &resource_type.schema.id) && value.is_object() && leniency.allow(Quirk::QualifiedKey) {
            // Okta lets an administrator choose the core schema itself as the namespace of an attribute.
            for (key, value) in object(value, leniency)? {
                member(&key, value, action, patch, resource_type, leniency)?;
            }
        } else {
            member(&key, value, action, patch, resource_type, leniency)?;
        }
    }
    Ok(())
}

/// The edits inside a declared extension that its object stands for.
pub(crate) fn extension(
    extension: &Extension,
    value: Value,
    action: Action,
    resource_type: &ResourceType,
    leniency: &mut Leniency,
) -> Result<Vec<Edit>, Error> {
    let mut edits = Vec::new();
    for (key, value) in object(value, leniency)? {
        let qualified = format!("{}:{key}", extension.schema.id);
        let attr = match extension.schema.attribute(&key) {
            Some(attribute) if ignored(attribute) => continue,
            Some(attribute) => {
                AttrPath { urn: Some(extension.schema.id.clone()), ..AttrPath::plain(&attribute.name, None) }
            }
            None => match dotted(&qualified, &key, resource_type, leniency)? {
                Dotted::Path(path) => {
                    edits.push(Edit { action, path, value: Some(value) });
                    continue;
                }
                Dotted::Ignored => continue,
                Dotted::Unknown => AttrPath { urn: Some(extension.schema.id.clone()), ..AttrPath::plain(&key, None) },
            },
        };
        edits.push(Edit { action, path: whole(attr), value: Some(value) });
    }
    Ok(edits)
}

/// The members of an object, which may stand in an array of one.
pub(super) fn object(value: Value, leniency: &mut Leniency) -> Result<Object, Error> {
    match value {
        Value::Object(object) => Ok(object),
        Value::Array(mut values) if values.len() == 1 && leniency.allow(Quirk::ArrayForSingle) => match values.pop() {
            Some(Value::Object(object)) => Ok(object),
            _ => Err(Error::invalid_value("an object of attributes is needed here")),
        },
        other => Err(Error::invalid_value(format!("an object of attributes is needed here, not {}", kind_of(&other)))),
    }
}

fn member(
    key: &str,
    value: Value,
    action: Action,
    patch: &mut Patch,
    resource_type: &ResourceType,
    leniency: &mut Leniency,
) -> Result<(), Error> {
    if same_name(key, "schemas") {
        return schemas(&value, resource_type, leniency);
    }
    let path = if let Some(attribute) = resource_type.core_attribute(key) {
        if attribute.name == "id" {
            patch.ids.extend(value.as_str().map(str::to_owned));
        }
        if ignored(attribute) {
            return Ok(());
        }
        whole(AttrPath::plain(&attribute.name, None))
    } else if let Some(extension) = resource_type.extension(key) {
        whole(root(&extension.schema.id))
    } else {
        match elsewhere(key, &value, patch, resource_type, leniency)? {
            Some(path) => path,
            None => return Ok(()),
        }
    };
    // A null extension object or attribute is unassigned by the edit itself.
    patch.edits.push(Edit { action, path, value: Some(value) });
    Ok(())
}

/// Keys that are neither core attributes nor declared extensions.
fn elsewhere(
    key: &str,
    value: &Value,
    patch: &mut Patch,
    resource_type: &ResourceType,
    leniency: &mut Leniency,
) -> Result<Option<PatchPath>, Error> {
    match dotted(key, key, resource_type, leniency)? {
        Dotted::Path(path) => {
            let is_id = path.attr.urn.is_none() && path.attr.attribute == "id";
            if is_id {
                patch.ids.extend(value.as_str().map(str::to_owned));
            }
            Ok((!is_id).then_some(path))
        }
        Dotted::Ignored => Ok(None),
        // The object of a namespace no schema declares.
        Dotted::Unknown if key.contains(':') => Ok((value.is_object() || value.is_null()).then(|| whole(root(key)))),
        Dotted::Unknown if key.is_empty() || key.contains(['.', '[', '/']) => Ok(None),
        Dotted::Unknown => Ok(Some(whole(AttrPath::plain(key, None)))),
    }
}

/// What a key means that is written as a path.
enum Dotted {
    Path(PatchPath),
    /// Only the server changes it.
    Ignored,
    /// No schema knows it, and the directory puts up with that.
    Unknown,
}

/// Reads a key as a path. `written` is the key as it stands in the message.
fn dotted(key: &str, written: &str, resource_type: &ResourceType, leniency: &mut Leniency) -> Result<Dotted, Error> {
    let path = match PatchPath::parse(key, resource_type, leniency) {
        Ok(path) => path,
        Err(error) if error.kind() == ErrorKind::InvalidFilter && leniency.is_tolerant() => return Err(error),
        Err(_) if leniency.allow(Quirk::UnknownAttribute) => return Ok(Dotted::Unknown),
        Err(_) => return Err(Error::invalid_syntax(format!("`{}` is not an attribute", excerpt(written)))),
    };
    let deep = path.attr.sub.is_some() || path.filter.is_some();
    if deep && !leniency.allow(Quirk::DottedKey) {
        return Err(Error::invalid_syntax(format!("`{}` is a path, not an attribute name", excerpt(written))));
    }
    let names_id = path.attr.urn.is_none() && path.attr.attribute == "id";
    let server_side = resource_type.resolve(&path.attr).is_some_and(|target| {
        let sub = path.sub.as_deref().and_then(|sub| target.attribute?.sub(sub));
        target.attribute.is_some_and(ignored) || target.sub.or(sub).is_some_and(ignored)
    });
    Ok(if server_side && !names_id { Dotted::Ignored } else { Dotted::Path(path) })
}

/// Whether a value for this attribute is ignored where the client does not name it by path: what only the server
/// changes, and the password, which is dropped wherever it turns up (SEC-12).
fn ignored(attribute: &Attribute) -> bool {
    matches!(attribute.mutability, Mutability::ReadOnly | Mutability::WriteOnly)
}

/// `schemas` follows from the extensions that hold data, so it is checked and not applied.
fn schemas(value: &Value, resource_type: &ResourceType, leniency: &mut Leniency) -> Result<(), Error> {
    let uris = value.as_array().map(Vec::as_slice).unwrap_or_default();
    let known = |uri: &Value| uri.as_str().is_some_and(|uri| resource_type.urns().any(|urn| same_name(urn, uri)));
    if (!uris.is_empty() && uris.iter().all(known)) || leniency.allow(Quirk::UnknownSchemaUri) {
        return Ok(());
    }
    Err(Error::invalid_value(format!("`schemas` lists a URI that a {} does not have", resource_type.name)))
}

fn root(urn: &str) -> AttrPath {
    AttrPath { urn: Some(urn.to_owned()), ..AttrPath::plain("", None) }
}

fn whole(attr: AttrPath) -> PatchPath {
    PatchPath { attr, filter: None, sub: None }
}
