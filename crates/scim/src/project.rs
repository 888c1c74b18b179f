//! `attributes` and `excludedAttributes`: which part of a resource a response holds (RFC 7644 section 3.9).

use serde_json::Value;

use crate::attr::{AttrPath, same_name};
use crate::resource::is_extension;
use crate::schema::{Attribute, CORE_V1, ENTERPRISE, ENTERPRISE_V1, ResourceType, Returned, common};
use crate::value::is_unassigned;
use crate::{Error, Object};

/// What a client asked to see.
///
/// ```
/// use doorward_scim::{json, project::Projection, schema::ResourceType};
///
/// let projection = Projection::parse(Some("name.givenName"), None, &ResourceType::user())?;
/// let user = json::parse_object(br#"{"schemas": [], "id": "u-1", "userName": "ada",
///     "name": {"givenName": "Ada", "familyName": "Lovelace"}}"#)?;
/// let shown = serde_json::Value::Object(projection.apply(user));
/// assert_eq!(shown.to_string(), r#"{"schemas":[],"id":"u-1","name":{"givenName":"Ada"}}"#);
/// # Ok::<(), doorward_scim::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Projection {
    selection: Selection,
    /// Returned whatever the client asks for.
    always: Vec<Name>,
    /// Returned in no case, or only when named.
    hidden: Vec<Name>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Selection {
    Everything,
    Only(Vec<Name>),
    Without(Vec<Name>),
}

/// How much of a top-level member is shown, as far as its name tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    Whole,
    Nothing,
    /// What of it, [`Projection::member`] says.
    Part,
}

/// A name in one of the lists. `extension: None` is the core schema; `attribute: None` all of a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Name {
    extension: Option<String>,
    attribute: Option<String>,
    sub: Option<String>,
}

impl Name {
    fn is_in(&self, extension: Option<&str>) -> bool {
        match (&self.extension, extension) {
            (None, None) => true,
            (Some(a), Some(b)) => same_name(a, b),
            _ => false,
        }
    }

    fn names(&self, attribute: &str) -> bool {
        self.attribute.as_ref().is_none_or(|name| same_name(name, attribute))
    }
}

impl Projection {
    /// Everything a rendered resource holds.
    pub fn everything() -> Self {
        Self { selection: Selection::Everything, always: Vec::new(), hidden: Vec::new() }
    }

    /// Reads the two query parameters of SCIM 2.0, each a comma-separated list. Unknown names select nothing, an empty
    /// parameter counts as absent (P-7644-3.9-06).
    ///
    /// # Errors
    /// `invalidValue` when both are given (D30).
    pub fn parse(
        attributes: Option<&str>,
        excluded: Option<&str>,
        resource_type: &ResourceType,
    ) -> Result<Self, Error> {
        let only = names(attributes, resource_type);
        let without = names(excluded, resource_type);
        let selection = match (only, without) {
            (Some(_), Some(_)) => {
                return Err(Error::invalid_value("attributes and excludedAttributes cannot be given together"));
            }
            (Some(only), None) => Selection::Only(only),
            (None, Some(without)) => Selection::Without(without),
            (None, None) => Selection::Everything,
        };
        Ok(Self::with_rules(selection, resource_type))
    }

    /// Reads the query parameter of SCIM 1.1, which has `attributes` alone. Names may carry the URNs of that version; id,
    /// schemas and meta are always returned (SCIM 1.1 protocol section 3.2).
    pub fn for_v1(attributes: Option<&str>, resource_type: &ResourceType) -> Self {
        let renamed = attributes.map(|list| list.split(',').map(from_v1).collect::<Vec<_>>().join(","));
        let selection = names(renamed.as_deref(), resource_type).map_or(Selection::Everything, Selection::Only);
        let mut projection = Self::with_rules(selection, resource_type);
        projection.always.push(Name { extension: None, attribute: Some("meta".to_owned()), sub: None });
        projection
    }

    fn with_rules(selection: Selection, resource_type: &ResourceType) -> Self {
        let core = common().iter().chain(&resource_type.schema.attributes).map(|attribute| (None, attribute));
        let extended = resource_type.extensions.iter().flat_map(|extension| {
            let urn = Some(&extension.schema.id);
            extension.schema.attributes.iter().map(move |attribute| (urn, attribute))
        });
        let mut always = Vec::new();
        let mut hidden = Vec::new();
        for (urn, attribute) in core.chain(extended) {
            for (attribute, sub) in with_subs(attribute) {
                let name = Name {
                    extension: urn.cloned(),
                    attribute: Some(attribute.name.clone()),
                    sub: sub.map(|sub| sub.name.clone()),
                };
                match sub.unwrap_or(attribute).returned {
                    Returned::Always if sub.is_none() => always.push(name),
                    // The library keeps no password, so nothing of it could be hidden.
                    Returned::Never if attribute.name != "password" => hidden.push(name),
                    Returned::Request if !selection.asks_for(&name) => hidden.push(name),
                    _ => {}
                }
            }
        }
        Self { selection, always, hidden }
    }

    /// Whether nothing was asked for and nothing is hidden, so that a rendered resource can be sent as it is.
    pub fn is_default(&self) -> bool {
        self.selection == Selection::Everything && self.hidden.is_empty()
    }

    /// Whether a core attribute, or any part of it, will be in the response; so that members need not be loaded in vain.
    pub fn wants(&self, attribute: &str) -> bool {
        let whole = |name: &&Name| name.is_in(None) && name.names(attribute) && name.sub.is_none();
        if self.always.iter().any(|name| whole(&name)) {
            return true;
        }
        let selected = match &self.selection {
            Selection::Everything => true,
            Selection::Only(names) => names.iter().any(|name| name.is_in(None) && name.names(attribute)),
            Selection::Without(names) => !names.iter().any(|name| whole(&name)),
        };
        selected && !self.hidden.iter().any(|name| whole(&name))
    }

    /// The part of a rendered resource (SCIM 2.0 form) that was asked for.
    #[must_use]
    pub fn apply(&self, object: Object) -> Object {
        if self.is_default() {
            return object;
        }
        let mut shown = Object::new();
        for (key, value) in object {
            if let Some(value) = self.member(&key, value) {
                shown.insert(key, value);
            }
        }
        shown
    }

    /// The part of one top-level member that is shown.
    pub(crate) fn member(&self, key: &str, value: Value) -> Option<Value> {
        if self.is_default() {
            Some(value)
        } else if is_extension(key, &value) {
            self.extension(key, value)
        } else {
            self.attribute(None, key, value)
        }
    }

    /// How much of a top-level member is shown, without a look at it: the answer of [`member`](Self::member) wherever the
    /// name alone decides.
    pub(crate) fn shown(&self, key: &str, is_extension: bool) -> Shown {
        let about = |name: &&Name| {
            if is_extension { name.is_in(Some(key)) } else { name.is_in(None) && name.names(key) }
        };
        let is_whole = |name: &Name| name.sub.is_none() && (!is_extension || name.attribute.is_none());
        let among = |names: &[Name]| {
            let mut mine = names.iter().filter(about).peekable();
            match (mine.peek().is_some(), mine.any(is_whole)) {
                (false, _) => Shown::Nothing,
                (true, true) => Shown::Whole,
                (true, false) => Shown::Part,
            }
        };
        match (among(&self.always), among(&self.hidden)) {
            (Shown::Whole, _) if !is_extension => return Shown::Whole,
            (Shown::Nothing, Shown::Nothing) => {}
            _ => return Shown::Part,
        }
        match &self.selection {
            Selection::Everything => Shown::Whole,
            Selection::Only(names) => among(names),
            Selection::Without(names) => match among(names) {
                Shown::Nothing => Shown::Whole,
                Shown::Whole => Shown::Nothing,
                Shown::Part => Shown::Part,
            },
        }
    }

    fn extension(&self, urn: &str, value: Value) -> Option<Value> {
        let Value::Object(members) = value else { return Some(value) };
        let shown: Object = members
            .into_iter()
            .filter_map(|(key, value)| Some((key.clone(), self.attribute(Some(urn), &key, value)?)))
            .collect();
        (!shown.is_empty()).then_some(Value::Object(shown))
    }

    fn attribute(&self, extension: Option<&str>, key: &str, value: Value) -> Option<Value> {
        let about = |names: &[Name]| -> Vec<Name> {
            names.iter().filter(|name| name.is_in(extension) && name.names(key)).cloned().collect()
        };
        if !about(&self.always).is_empty() {
            return Some(value);
        }
        let selected = match &self.selection {
            Selection::Everything => Some(value),
            Selection::Only(names) => keep(&about(names), value),
            Selection::Without(names) => cut(&about(names), value),
        };
        selected.and_then(|value| cut(&about(&self.hidden), value))
    }
}

impl Selection {
    fn asks_for(&self, wanted: &Name) -> bool {
        let Self::Only(names) = self else { return false };
        names.iter().any(|name| {
            name.is_in(wanted.extension.as_deref())
                && name.attribute.as_deref().is_some_and(|attribute| {
                    wanted.attribute.as_deref().is_some_and(|wanted| same_name(attribute, wanted))
                })
                && (wanted.sub.is_none() || name.sub == wanted.sub)
        })
    }
}

/// An attribute alone, and with each of its sub-attributes.
fn with_subs(attribute: &Attribute) -> impl Iterator<Item = (&Attribute, Option<&Attribute>)> {
    std::iter::once((attribute, None)).chain(attribute.sub_attributes.iter().map(move |sub| (attribute, Some(sub))))
}

/// The part of a value that some names select.
fn keep(names: &[Name], value: Value) -> Option<Value> {
    if names.is_empty() {
        return None;
    }
    if names.iter().any(|name| name.sub.is_none()) {
        return Some(value);
    }
    parts(value, &|sub| names.iter().any(|name| name.sub.as_deref().is_some_and(|name| same_name(name, sub))))
}

/// What is left of a value without the parts some names select.
fn cut(names: &[Name], value: Value) -> Option<Value> {
    if names.iter().any(|name| name.sub.is_none()) {
        return None;
    }
    if names.is_empty() {
        return Some(value);
    }
    parts(value, &|sub| !names.iter().any(|name| name.sub.as_deref().is_some_and(|name| same_name(name, sub))))
}

/// The sub-attributes that pass, of an object or of each object in a list.
fn parts(value: Value, passes: &dyn Fn(&str) -> bool) -> Option<Value> {
    let left = match value {
        Value::Object(members) => Value::Object(members.into_iter().filter(|(key, _)| passes(key)).collect()),
        Value::Array(elements) => {
            Value::Array(elements.into_iter().filter_map(|element| parts(element, passes)).collect())
        }
        // A simple value has no parts to select; without the unwanted ones it is whole.
        other => return passes("").then_some(other),
    };
    (!is_unassigned(&left)).then_some(left)
}

/// The names in a parameter; `None` when it holds none.
fn names(list: Option<&str>, resource_type: &ResourceType) -> Option<Vec<Name>> {
    let texts: Vec<String> = split(list?).into_iter().filter(|text| !text.is_empty()).collect();
    if texts.is_empty() {
        return None;
    }
    Some(texts.iter().filter_map(|text| name(text, resource_type)).collect())
}

/// Splits at commas. Microsoft's Postman collection asks for `emails[type eq "work"]`; the brackets are left out.
fn split(list: &str) -> Vec<String> {
    let mut texts = vec![String::new()];
    let mut in_brackets = false;
    for c in list.chars() {
        match c {
            '[' => in_brackets = true,
            ']' => in_brackets = false,
            _ if in_brackets => {}
            ',' => texts.push(String::new()),
            c => {
                if let Some(text) = texts.last_mut() {
                    text.push(c);
                }
            }
        }
    }
    texts.iter().map(|text| text.trim().to_owned()).collect()
}

fn name(text: &str, resource_type: &ResourceType) -> Option<Name> {
    let AttrPath { urn, attribute, sub } = AttrPath::parse(text, resource_type).ok()?;
    let mut extension = urn.filter(|urn| !same_name(urn, &resource_type.schema.id));
    if extension.is_none()
        && let Some((urn, _)) = resource_type.unqualified(&attribute)
    {
        extension = Some(urn.to_owned());
    }
    Some(Name { extension, attribute: Some(attribute).filter(|name| !name.is_empty()), sub })
}

/// A name of SCIM 1.1 as SCIM 2.0 has it.
fn from_v1(text: &str) -> String {
    let text = text.trim();
    let behind = |urn: &str| {
        let start = text.get(..urn.len())?;
        same_name(start, urn).then(|| text.get(urn.len()..)).flatten()
    };
    let renamed = match (behind(ENTERPRISE_V1), behind(CORE_V1)) {
        (Some(rest), _) => format!("{ENTERPRISE}{rest}"),
        (None, Some(rest)) => rest.trim_start_matches(':').to_owned(),
        (None, None) => text.to_owned(),
    };
    match renamed.rsplit_once('.') {
        Some((attribute, sub)) if same_name(sub, "managerId") => format!("{attribute}.value"),
        _ => renamed,
    }
}
