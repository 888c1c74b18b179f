//! Reading the body of a POST or PUT into the canonical form.

use serde_json::Value;

use super::{Member, Resource, read_members};
use crate::attr::{AttrPath, excerpt, same_name};
use crate::json::kind_of;
use crate::quirks::{Leniency, Quirk};
use crate::schema::{Attribute, Extension, Mutability, ResourceType, Schema};
use crate::text::{MAX_KEY_BYTES, fold};
use crate::value::{accept_value, is_unassigned, names_password, prune};
use crate::{Error, Object};

/// The body of one POST or PUT, read.
#[derive(Debug, Clone, PartialEq)]
pub struct Incoming {
    /// The resource without its members.
    pub resource: Resource,
    /// The members of a group; `None` when the body did not name them, so that a PUT leaves them alone.
    pub members: Option<Vec<Member>>,
    /// Whether the body said `active`; null and an empty string count as not said (D22). A resource type that has
    /// `active` is given `true` when the body did not say it.
    pub active_given: bool,
}

/// Reads the body of a POST or PUT in its SCIM 2.0 form.
///
/// Attributes of the server (id, meta, groups, the manager's displayName) are ignored, a password is dropped, null and `[]`
/// mean unassigned. What a tolerant directory lets pass beyond that is recorded in `leniency`.
///
/// # Errors
/// `invalidValue` when a required attribute is missing or a value does not fit its type; `invalidSyntax` when `schemas` has
/// the wrong shape, when one attribute is given twice, and, in the strict profile, for attributes no schema describes.
///
/// ```
/// use doorward_scim::{json, quirks::Leniency, resource, schema::ResourceType};
///
/// let body = json::parse_object(br#"{"displayName": "Engineering", "members": [{"value": "u-1"}], "id": "mine"}"#)?;
/// let group = resource::read(body, &ResourceType::group(), &mut Leniency::tolerant())?;
/// assert_eq!(group.resource.get("id"), None);
/// assert_eq!(group.members.map(|members| members.len()), Some(1));
/// # Ok::<(), doorward_scim::Error>(())
/// ```
pub fn read(body: Object, resource_type: &ResourceType, leniency: &mut Leniency) -> Result<Incoming, Error> {
    check_schemas(&body, resource_type, leniency)?;
    let mut reader =
        Reader { resource_type, leniency, attributes: Object::new(), unqualified: Vec::new(), members: None };
    for (key, value) in body {
        reader.member(key, value)?;
    }
    let active_given = reader.attributes.contains_key("active");
    // P-7644-3.3-02: users are active unless the client says otherwise.
    if !active_given && resource_type.schema.attribute("active").is_some() {
        reader.attributes.insert("active".to_owned(), Value::Bool(true));
    }
    reader.adopt_unqualified();
    let Reader { attributes, members, .. } = reader;
    let resource = Resource::from_attributes(attributes, resource_type);
    check(&resource, resource_type)?;
    Ok(Incoming { resource, members, active_given })
}

/// Values that one multi-valued attribute may hold.
pub const MAX_VALUES: usize = 1000;

/// Size of a whole resource, members aside.
pub const MAX_STORED_BYTES: usize = 1 << 20;

/// Whether a resource has what its type requires, whether the values it is looked up by are short enough to be keys, and whether
/// it is of a size that can be worked with ([`MAX_VALUES`], [`MAX_STORED_BYTES`]).
///
/// # Errors
/// `invalidValue` that names the attribute.
pub fn check(resource: &Resource, resource_type: &ResourceType) -> Result<(), Error> {
    for extension in &resource_type.extensions {
        check_extension(resource, extension)?;
    }
    check_core(resource, resource_type)
}

/// As [`check`], for a resource that was made of another one. What an extension requires is asked only of a resource that
/// had it: an extension can become required after its users were made, and to deactivate one of them must still work.
///
/// # Errors
/// As [`check`].
pub(crate) fn check_changed(before: &Resource, after: &Resource, resource_type: &ResourceType) -> Result<(), Error> {
    for extension in &resource_type.extensions {
        if check_extension(before, extension).is_ok() {
            check_extension(after, extension)?;
        }
    }
    check_core(after, resource_type)
}

fn check_extension(resource: &Resource, extension: &Extension) -> Result<(), Error> {
    match resource.extension(&extension.schema.id) {
        Some(object) => check_required(object, &extension.schema).map_err(|error| error.at(&extension.schema.id)),
        None if extension.required => {
            Err(Error::invalid_value(format!("the extension {} is required", extension.schema.id)))
        }
        None => Ok(()),
    }
}

fn check_core(resource: &Resource, resource_type: &ResourceType) -> Result<(), Error> {
    check_required(resource.as_object(), &resource_type.schema)?;
    for name in ["userName", "externalId", "displayName"] {
        check_key(name, resource.text(name))?;
    }
    check_size(resource)?;
    let emails = resource.get("emails").and_then(Value::as_array);
    for email in emails.into_iter().flatten() {
        check_key("emails.value", email.get("value").and_then(Value::as_str))?;
    }
    Ok(())
}

/// A resource grows by PATCH, too, where the limit of one body does not help.
fn check_size(resource: &Resource) -> Result<(), Error> {
    for (name, value) in resource.as_object() {
        if value.as_array().is_some_and(|values| values.len() > MAX_VALUES) {
            return Err(Error::invalid_value(format!("{name} has more than {MAX_VALUES} values")));
        }
    }
    if resource.to_stored().len() > MAX_STORED_BYTES {
        return Err(Error::invalid_value(format!("the resource as a whole is larger than {MAX_STORED_BYTES} bytes")));
    }
    Ok(())
}

fn check_required(object: &Object, schema: &Schema) -> Result<(), Error> {
    let missing = |attribute: &&Attribute| {
        attribute.required
            && !attribute.is_read_only()
            && match object.get(&attribute.name) {
                None => true,
                Some(Value::String(text)) => text.trim().is_empty(),
                Some(value) => is_unassigned(value),
            }
    };
    match schema.attributes.iter().find(missing) {
        Some(attribute) => Err(Error::invalid_value(format!("{} is required", attribute.name))),
        None => Ok(()),
    }
}

fn check_key(name: &str, value: Option<&str>) -> Result<(), Error> {
    match value {
        // Folding can make a text longer, so the folded form counts too.
        Some(text) if text.len() > MAX_KEY_BYTES || (!text.is_ascii() && fold(text).len() > MAX_KEY_BYTES) => {
            Err(Error::invalid_value(format!("{name} is longer than {MAX_KEY_BYTES} bytes")))
        }
        _ => Ok(()),
    }
}

fn check_schemas(body: &Object, resource_type: &ResourceType, leniency: &mut Leniency) -> Result<(), Error> {
    let listed = match super::member(body, "schemas") {
        Some(Value::Array(listed)) => listed.as_slice(),
        None | Some(Value::Null) => &[],
        Some(other) => {
            return Err(Error::invalid_syntax(format!("schemas must be an array of URIs, not {}", kind_of(other))));
        }
    };
    let mut core = false;
    for uri in listed {
        let Some(uri) = uri.as_str().filter(|uri| !uri.is_empty()) else {
            return Err(Error::invalid_syntax(format!("schemas must hold URIs only, not {}", kind_of(uri))));
        };
        core |= same_name(uri, &resource_type.schema.id);
        // A namespace of the customer's own comes with its object; that one is an unknown attribute.
        let known = resource_type.urns().any(|urn| same_name(urn, uri))
            || leniency.is_tolerant() && body.get(uri).is_some_and(Value::is_object);
        if !known && !leniency.allow(Quirk::UnknownSchemaUri) {
            let (uri, name) = (excerpt(uri), &resource_type.name);
            return Err(Error::invalid_value(format!("schemas lists `{uri}`, which is no schema of {name}")));
        }
    }
    if !core && !leniency.allow(Quirk::MissingSchemas) {
        return Err(Error::invalid_syntax(format!("schemas must list {}", resource_type.schema.id)));
    }
    for (key, value) in body {
        let unlisted = resource_type.extension(key).is_some()
            && !is_unassigned(value)
            && !listed.iter().any(|uri| uri.as_str().is_some_and(|uri| same_name(uri, key)));
        if unlisted && !leniency.allow(Quirk::ExtensionNotListed) {
            return Err(Error::invalid_syntax(format!("{} is not listed in schemas", excerpt(key))));
        }
    }
    Ok(())
}

struct Reader<'a> {
    resource_type: &'a ResourceType,
    leniency: &'a mut Leniency,
    attributes: Object,
    /// Names without URN that exactly one extension has; they give way to the extension's own object.
    unqualified: Vec<(String, Value)>,
    members: Option<Vec<Member>>,
}

impl Reader<'_> {
    fn member(&mut self, key: String, value: Value) -> Result<(), Error> {
        if let Some(attribute) = self.resource_type.core_attribute(&key) {
            return self.core(attribute, value);
        }
        if let Some(extension) = self.resource_type.extension(&key) {
            return self.extension(&extension.schema, value);
        }
        if same_name(&key, &self.resource_type.schema.id) {
            return self.core_object(value);
        }
        if is_unassigned(&value) {
            return Ok(());
        }
        if key.contains(['.', ':']) {
            return self.path(key, value);
        }
        if self.resource_type.unqualified(&key).is_some() && self.leniency.is_tolerant() {
            self.unqualified.push((key, value));
            return Ok(());
        }
        self.unknown(key, value)
    }

    fn core(&mut self, attribute: &Attribute, value: Value) -> Result<(), Error> {
        // The readOnly ones are the server's (RFC 7644 section 3.3), and no password is kept, whatever its type.
        if attribute.is_read_only() || attribute.mutability == Mutability::WriteOnly || attribute.name == "schemas" {
            return Ok(());
        }
        if attribute.name == "members" && self.resource_type.is_group() {
            self.members = Some(read_members(value, self.leniency)?);
            return Ok(());
        }
        match accept_value(attribute, value, self.leniency)? {
            Some(value) => insert(&mut self.attributes, attribute, value),
            None => Ok(()),
        }
    }

    fn extension(&mut self, schema: &Schema, value: Value) -> Result<(), Error> {
        let object = match value {
            Value::Object(object) => object,
            value if is_unassigned(&value) => return Ok(()),
            Value::String(text) if text.is_empty() && self.leniency.allow(Quirk::EmptyStringClears) => return Ok(()),
            other => {
                return Err(Error::invalid_value(format!("{} must be an object, not {}", schema.id, kind_of(&other))));
            }
        };
        for (key, value) in object {
            match schema.attribute(&key) {
                Some(attribute) if attribute.is_read_only() => {}
                Some(attribute) => {
                    let accepted = accept_value(attribute, value, self.leniency);
                    if let Some(value) = accepted.map_err(|error| error.at(&schema.id))? {
                        insert(namespace(&mut self.attributes, &schema.id)?, attribute, value)?;
                    }
                }
                None => {
                    let Some(value) = self.keep(&key, value)? else { continue };
                    namespace(&mut self.attributes, &schema.id)?.insert(key, value);
                }
            }
        }
        Ok(())
    }

    /// Okta's external namespace may be the core URN itself; its object holds top-level attributes then.
    fn core_object(&mut self, value: Value) -> Result<(), Error> {
        let Value::Object(object) = value else { return Ok(()) };
        if !self.leniency.allow(Quirk::QualifiedKey) {
            return Err(Error::invalid_syntax("attributes of the core schema stand at the top level"));
        }
        for (key, value) in object {
            self.member(key, value)?;
        }
        Ok(())
    }

    /// A key that is an attribute path: `name.givenName`, `URN:department`.
    fn path(&mut self, key: String, value: Value) -> Result<(), Error> {
        let Ok(path) = AttrPath::parse(&key, self.resource_type) else { return self.unknown(key, value) };
        let Some(target) = self.resource_type.resolve(&path) else { return self.unknown(key, value) };
        // An object under an undeclared URN is that namespace itself, wherever the shape of the URN would have it end.
        let declared = target.extension.is_none_or(|urn| self.resource_type.extension(urn).is_some());
        if path.is_root() || value.is_object() && !declared {
            return self.unknown(key, value);
        }
        let quirk = if path.urn.is_some() { Quirk::QualifiedKey } else { Quirk::DottedKey };
        if !self.leniency.allow(quirk) {
            return Err(Error::invalid_syntax(format!("`{}` is a path, not the name of an attribute", excerpt(&key))));
        }
        let value = match (&path.sub, target.sub) {
            (Some(sub), sub_attribute) => {
                let name = sub_attribute.map_or(sub.as_str(), |sub_attribute| sub_attribute.name.as_str());
                Value::Object(Object::from_iter([(name.to_owned(), value)]))
            }
            (None, _) => value,
        };
        match (target.extension, target.attribute) {
            (None, Some(attribute)) => self.core(attribute, value),
            (Some(urn), attribute) => {
                let name = attribute.map_or(path.attribute.as_str(), |attribute| attribute.name.as_str());
                let object = Object::from_iter([(name.to_owned(), value)]);
                match self.resource_type.extension(urn) {
                    Some(extension) => self.extension(&extension.schema, Value::Object(object)),
                    None => self.unknown(urn.to_owned(), Value::Object(object)),
                }
            }
            (None, None) => Ok(()),
        }
    }

    /// What no schema describes, a namespace or an attribute, kept as it was sent.
    fn unknown(&mut self, key: String, value: Value) -> Result<(), Error> {
        let Some(value) = self.keep(&key, value)? else { return Ok(()) };
        let undeclared = self.resource_type.undeclared.iter().find(|urn| same_name(urn, &key));
        let key = undeclared.cloned().unwrap_or(key);
        match (self.attributes.get_mut(&key), value) {
            (Some(Value::Object(present)), Value::Object(value)) => merge(present, value, &key),
            (Some(_), _) => Err(given_twice(&key)),
            (None, value) => {
                self.attributes.insert(key, value);
                Ok(())
            }
        }
    }

    fn keep(&mut self, key: &str, value: Value) -> Result<Option<Value>, Error> {
        let Some(value) = prune(value).filter(|_| !names_password(key)) else { return Ok(None) };
        if !self.leniency.allow(Quirk::UnknownAttribute) {
            let name = &self.resource_type.name;
            return Err(Error::invalid_syntax(format!("{name} has no attribute `{}`", excerpt(key))));
        }
        let cleared = value.as_str().is_some_and(str::is_empty) && self.leniency.allow(Quirk::EmptyStringClears);
        Ok(if cleared { None } else { Some(value) })
    }

    /// Puts `department` and its like where they belong. What the extension's own object says goes first, and what does not
    /// fit the attribute is kept as the unknown attribute it is.
    fn adopt_unqualified(&mut self) {
        for (key, value) in std::mem::take(&mut self.unqualified) {
            let Some((urn, attribute)) = self.resource_type.unqualified(&key) else { continue };
            let given = self.attributes.get(urn).is_some_and(|object| object.get(&attribute.name).is_some());
            if given || !self.leniency.allow(Quirk::UnqualifiedExtensionAttribute) {
                continue;
            }
            // Pruned first, so that what is kept as unknown now does not fit the next time either.
            let Some(value) = prune(value) else { continue };
            match accept_value(attribute, value.clone(), self.leniency) {
                Ok(Some(value)) => {
                    if let Ok(object) = namespace(&mut self.attributes, urn) {
                        object.insert(attribute.name.clone(), value);
                    }
                }
                Ok(None) => {}
                Err(_) => {
                    self.attributes.insert(key, value);
                }
            }
        }
    }
}

/// The object of an extension, made when it is not there.
fn namespace<'a>(attributes: &'a mut Object, urn: &str) -> Result<&'a mut Object, Error> {
    let slot = attributes.entry(urn).or_insert_with(|| Value::Object(Object::new()));
    slot.as_object_mut().ok_or_else(|| given_twice(urn))
}

/// Puts a value in place. A complex value may come in parts (`name` and `name.givenName`) as long as no part comes twice
/// (SEC-10).
fn insert(object: &mut Object, attribute: &Attribute, value: Value) -> Result<(), Error> {
    match (object.get_mut(&attribute.name), value) {
        (Some(Value::Object(present)), Value::Object(parts)) => merge(present, parts, &attribute.name),
        (Some(_), _) => Err(given_twice(&attribute.name)),
        (None, value) => {
            object.insert(attribute.name.clone(), value);
            Ok(())
        }
    }
}

fn merge(present: &mut Object, parts: Object, place: &str) -> Result<(), Error> {
    for (name, value) in parts {
        if present.keys().any(|key| same_name(key, &name)) {
            return Err(given_twice(&format!("{place}.{name}")));
        }
        present.insert(name, value);
    }
    Ok(())
}

fn given_twice(name: &str) -> Error {
    Error::invalid_syntax(format!("{} is given twice", excerpt(name)))
}
