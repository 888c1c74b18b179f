//! PATCH messages of SCIM 2.0: `{"schemas": […], "Operations": [{"op", "path", "value"}, …]}`.

use serde_json::Value;

use crate::attr::same_name;
use crate::json::kind_of;
use crate::patch::{self, Action, Edit, Patch, PatchPath, spread};
use crate::quirks::{Leniency, Quirk};
use crate::schema::{PATCH_OP, ResourceType};
use crate::{Error, Object};

/// Reads the body of a PATCH (RFC 7644 section 3.5.2).
///
/// # Errors
/// `invalidSyntax` when the message has the wrong shape, `invalidPath` and `invalidFilter` for its paths, `noTarget`
/// for a removal without path, `invalidValue` for a missing or unusable value.
pub fn read_patch(body: Object, resource_type: &ResourceType, leniency: &mut Leniency) -> Result<Patch, Error> {
    let (mut schemas, mut operations) = (None, None);
    for (key, value) in body {
        if same_name(&key, "schemas") {
            schemas = Some(value);
        } else if same_name(&key, "Operations") {
            operations = Some(value);
        } else if !leniency.allow(Quirk::ExtraOperationKey) {
            return Err(Error::invalid_syntax(format!("`{}` has no place in a PATCH message", excerpt(&key))));
        }
    }
    check_schemas(schemas.as_ref(), leniency)?;
    let Some(Value::Array(operations)) = operations else {
        return Err(Error::invalid_syntax("a PATCH message needs `Operations`, an array of operations"));
    };
    if operations.is_empty() {
        return Err(Error::invalid_syntax("`Operations` is empty; at least one operation is needed"));
    }
    patch::check_count(operations.len(), resource_type)?;
    let mut patch = Patch::default();
    for (index, operation) in operations.into_iter().enumerate() {
        read_operation(operation, &mut patch, resource_type, leniency)
            .map_err(|error| error.at(&format!("Operations[{index}]")))?;
    }
    patch::read_member_values(&mut patch, resource_type, leniency)?;
    Ok(patch)
}

fn check_schemas(schemas: Option<&Value>, leniency: &mut Leniency) -> Result<(), Error> {
    let listed = match schemas {
        None if leniency.allow(Quirk::MissingSchemas) => return Ok(()),
        None => false,
        Some(Value::Array(uris)) => uris.iter().filter_map(Value::as_str).any(|uri| same_name(uri, PATCH_OP)),
        Some(Value::String(uri)) => same_name(uri, PATCH_OP) && leniency.allow(Quirk::SchemasAsText),
        Some(_) => false,
    };
    if listed {
        return Ok(());
    }
    Err(Error::invalid_syntax(format!("a PATCH message needs `schemas` with {PATCH_OP}")))
}

fn read_operation(
    operation: Value,
    patch: &mut Patch,
    resource_type: &ResourceType,
    leniency: &mut Leniency,
) -> Result<(), Error> {
    let Value::Object(operation) = operation else {
        return Err(Error::invalid_syntax(format!("an operation is an object, not {}", kind_of(&operation))));
    };
    let (mut op, mut path, mut value) = (None, None, None);
    for (key, member) in operation {
        if same_name(&key, "op") {
            op = Some(member);
        } else if same_name(&key, "path") {
            path = Some(member);
        } else if same_name(&key, "value") {
            value = Some(member);
        } else if !leniency.allow(Quirk::ExtraOperationKey) {
            return Err(Error::invalid_syntax(format!("`{}` has no place in an operation", excerpt(&key))));
        }
    }
    let action = read_op(op.as_ref())?;
    match read_path(path, leniency)? {
        Some(path) => {
            let path = PatchPath::parse(&path, resource_type, leniency)?;
            let value = read_value(action, value)?;
            patch.edits.push(Edit { action, path, value });
            Ok(())
        }
        None if action == Action::Remove => Err(Error::no_target("`remove` needs a path")),
        None => {
            let value = read_value(action, value)?.unwrap_or(Value::Null);
            spread::resource(value, action, patch, resource_type, leniency)
        }
    }
}

fn read_op(op: Option<&Value>) -> Result<Action, Error> {
    let Some(Value::String(op)) = op else {
        return Err(Error::invalid_syntax("an operation needs `op`: add, remove or replace"));
    };
    // Entra ID writes Add, Remove and Replace.
    match op.to_ascii_lowercase().as_str() {
        "add" => Ok(Action::Add),
        "replace" => Ok(Action::Replace),
        "remove" => Ok(Action::Remove),
        _ => Err(Error::invalid_syntax(format!("unknown op `{}`; use add, remove or replace", excerpt(op)))),
    }
}

fn read_path(path: Option<Value>, leniency: &mut Leniency) -> Result<Option<String>, Error> {
    match path {
        None => Ok(None),
        Some(Value::String(path)) => Ok(Some(path)),
        Some(Value::Null) if leniency.allow(Quirk::PathNull) => Ok(None),
        Some(other) => Err(Error::invalid_syntax(format!("`path` is a string, not {}", kind_of(&other)))),
    }
}

fn read_value(action: Action, value: Option<Value>) -> Result<Option<Value>, Error> {
    match value {
        // Clients that serialise absent members as null mean no list, not an empty one.
        Some(Value::Null) | None if action == Action::Remove => Ok(None),
        None => Err(Error::invalid_value("`add` and `replace` need a value")),
        value => Ok(value),
    }
}

/// At most the first 40 characters, so that an error never repeats a large input.
fn excerpt(text: &str) -> String {
    text.chars().take(40).collect()
}
