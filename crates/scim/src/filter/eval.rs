//! Whether a resource, or one value of an attribute, satisfies a filter. Names are resolved and literals prepared once, so
//! that a scan over many resources does neither again.

use serde_json::Value;

use super::check::find;
use super::compare::Expected;
use super::{CompareOp, Filter, Literal};
use crate::Object;
use crate::attr::{AttrPath, same_name};
use crate::needed::Needed;
use crate::schema::{Attribute, AttributeType, ResourceType};

/// A filter made ready for many resources of one type.
///
/// ```
/// use doorward_scim::{filter::{Filter, Matcher}, quirks::Leniency, schema::ResourceType};
///
/// let user = ResourceType::user();
/// let filter = Filter::parse(r#"emails[type eq "work" and value ew "@x.org"]"#, &user, &mut Leniency::strict())?;
/// let matcher = Matcher::new(&filter, &user);
/// let ada = serde_json::json!({"userName": "ada", "emails": [{"type": "work", "value": "ada@X.org"}]});
/// assert!(matcher.matches(ada.as_object().ok_or(doorward_scim::Error::invalid_value("an object"))?));
/// # Ok::<(), doorward_scim::Error>(())
/// ```
#[derive(Debug)]
pub struct Matcher<'a>(Node<'a>);

impl<'a> Matcher<'a> {
    /// Prepares a filter on resources of this type.
    pub fn new(filter: &'a Filter, resource_type: &'a ResourceType) -> Self {
        Self(Node::new(filter, Scope::Resource(resource_type)))
    }

    /// Whether a resource satisfies the filter, see [`Filter::matches`].
    pub fn matches(&self, resource: &Object) -> bool {
        self.0.holds(Subject::Object(resource))
    }

    /// What of a resource the filter looks at: of the rest it could tell no difference.
    pub fn needed(&self) -> Needed {
        let mut needed = Needed::default();
        self.0.add_needed(&mut needed, &[]);
        needed
    }
}

/// The filter between the brackets of a path, made ready for many values of one attribute.
#[derive(Debug)]
pub struct ValueMatcher<'a>(Node<'a>);

impl<'a> ValueMatcher<'a> {
    /// Prepares a filter on values of this attribute.
    pub fn new(filter: &'a Filter, attribute: &'a Attribute) -> Self {
        Self(Node::new(filter, Scope::Value(Some(attribute))))
    }

    /// Whether one value satisfies the filter.
    pub fn matches(&self, element: &Value) -> bool {
        self.0.holds(Subject::Element(element))
    }
}

/// Whether one value of a multi-valued attribute satisfies the filter between the brackets of a path.
///
/// For many values make one [`ValueMatcher`].
pub fn value_matches(filter: &Filter, element: &Value, attribute: &Attribute) -> bool {
    ValueMatcher::new(filter, attribute).matches(element)
}

/// Where the paths of a filter begin.
#[derive(Clone, Copy)]
enum Scope<'a> {
    Resource(&'a ResourceType),
    /// One value of this attribute; `None` when no schema describes it.
    Value(Option<&'a Attribute>),
}

/// What a filter is asked about.
#[derive(Clone, Copy)]
enum Subject<'v> {
    Object(&'v Object),
    Element(&'v Value),
}

#[derive(Debug)]
enum Node<'a> {
    All(Vec<Node<'a>>),
    Any(Vec<Node<'a>>),
    Not(Box<Node<'a>>),
    Compare { place: Place<'a>, op: CompareOp, expected: Expected<'a> },
    Present(Place<'a>),
    Values { place: Place<'a>, filter: Box<Node<'a>> },
}

impl<'a> Node<'a> {
    fn new(filter: &'a Filter, scope: Scope<'a>) -> Self {
        let list = |filters: &'a [Filter]| filters.iter().map(|filter| Node::new(filter, scope)).collect();
        match filter {
            Filter::And(filters) => Self::All(list(filters)),
            Filter::Or(filters) => Self::Any(list(filters)),
            Filter::Not(filter) => Self::Not(Box::new(Node::new(filter, scope))),
            Filter::Present(path) => Self::Present(Place::new(path, scope)),
            Filter::Compare { path, op: CompareOp::Ne, value: Literal::Null } => Self::Present(Place::new(path, scope)),
            Filter::Compare { path, value: Literal::Null, .. } => {
                Self::Not(Box::new(Self::Present(Place::new(path, scope))))
            }
            Filter::Compare { path, op, value } => {
                let place = Place::new(path, scope);
                let expected = Expected::new(place.leaf, value);
                Self::Compare { place, op: *op, expected }
            }
            Filter::ValuePath { path, filter } => {
                let place = Place::new(path, scope);
                let inner = Scope::Value(place.leaf);
                Self::Values { filter: Box::new(Node::new(filter, inner)), place }
            }
        }
    }

    /// Adds what is looked at, below the names in `holder`.
    fn add_needed(&self, needed: &mut Needed, holder: &[&str]) {
        match self {
            Self::All(nodes) | Self::Any(nodes) => nodes.iter().for_each(|node| node.add_needed(needed, holder)),
            Self::Not(node) => node.add_needed(needed, holder),
            Self::Present(place) | Self::Compare { place, .. } => place.add_needed(needed, holder),
            Self::Values { place, filter } => match place.names(holder) {
                // What the values are asked for; of values that are asked for nothing, whether they are there.
                Some(names) if place.sub.is_none() && holder.is_empty() => {
                    let mut inner = Needed::default();
                    filter.add_needed(&mut inner, &["values"]);
                    filter.add_needed(needed, &names);
                    if inner == Needed::default() {
                        needed.add(&names);
                    }
                }
                _ => place.add_needed(needed, holder),
            },
        }
    }

    fn holds(&self, subject: Subject<'_>) -> bool {
        match self {
            Self::All(nodes) => nodes.iter().all(|node| node.holds(subject)),
            Self::Any(nodes) => nodes.iter().any(|node| node.holds(subject)),
            Self::Not(node) => !node.holds(subject),
            Self::Present(place) => place.any(subject, is_present),
            Self::Compare { place, op, expected } => place.compare(subject, *op, expected),
            Self::Values { place, filter } => place.any(subject, |value| filter.holds(Subject::Element(value))),
        }
    }
}

/// Where the values of a path are found.
#[derive(Debug)]
struct Place<'a> {
    start: Start<'a>,
    sub: Option<&'a str>,
    /// What describes the values; `None` outside every schema.
    leaf: Option<&'a Attribute>,
}

#[derive(Debug)]
enum Start<'a> {
    /// No resource has it (D3).
    Nowhere,
    /// The element itself: `value` of a simple multi-valued attribute.
    Itself,
    /// A whole extension.
    Extension(&'a str),
    Member {
        extension: Option<&'a str>,
        name: &'a str,
    },
}

impl<'a> Place<'a> {
    fn new(path: &'a AttrPath, scope: Scope<'a>) -> Self {
        match scope {
            Scope::Resource(resource_type) => Self::in_resource(path, resource_type),
            Scope::Value(attribute) => Self::in_value(path, attribute),
        }
    }

    fn in_resource(path: &'a AttrPath, resource_type: &'a ResourceType) -> Self {
        let nowhere = Self { start: Start::Nowhere, sub: None, leaf: None };
        let Some((extension, attribute)) = find(resource_type, path) else {
            let urn = path.urn.as_deref().filter(|urn| resource_type.is_undeclared(urn));
            return match urn {
                None => nowhere,
                Some(urn) if path.is_root() => Self { start: Start::Extension(urn), ..nowhere },
                Some(urn) => {
                    let start = Start::Member { extension: Some(urn), name: &path.attribute };
                    Self { start, sub: path.sub.as_deref(), leaf: None }
                }
            };
        };
        match (extension, attribute) {
            (extension, Some(attribute)) => {
                let start = Start::Member { extension, name: &attribute.name };
                match &path.sub {
                    None => Self { start, sub: None, leaf: Some(attribute) },
                    Some(name) => {
                        attribute.sub(name).map_or(nowhere, |sub| Self { start, sub: Some(&sub.name), leaf: Some(sub) })
                    }
                }
            }
            (Some(urn), None) => Self { start: Start::Extension(urn), ..nowhere },
            (None, None) => nowhere,
        }
    }

    fn in_value(path: &'a AttrPath, attribute: Option<&'a Attribute>) -> Self {
        let name = path.attribute.as_str();
        let member = |name, leaf| Self { start: Start::Member { extension: None, name }, sub: None, leaf };
        match attribute {
            None => member(name, None),
            Some(attribute) if attribute.is_complex() => match attribute.sub(name) {
                Some(sub) => member(&sub.name, Some(sub)),
                None => Self { start: Start::Nowhere, sub: None, leaf: None },
            },
            Some(attribute) if same_name(name, "value") => {
                Self { start: Start::Itself, sub: None, leaf: Some(attribute) }
            }
            Some(_) => Self { start: Start::Nowhere, sub: None, leaf: None },
        }
    }

    fn add_needed(&self, needed: &mut Needed, holder: &[&str]) {
        if let Some(names) = self.names(holder) {
            needed.add(&names);
        }
    }

    /// The names that lead to the values, below those in `holder`; `None` when nothing does.
    fn names<'n>(&'n self, holder: &[&'n str]) -> Option<Vec<&'n str>> {
        let mut names = holder.to_vec();
        match &self.start {
            Start::Nowhere => return None,
            Start::Itself => {}
            Start::Extension(urn) => names.push(urn),
            Start::Member { extension, name } => names.extend(extension.iter().copied().chain([*name])),
        }
        names.extend(self.sub);
        Some(names)
    }

    /// `ne` holds when there is no value at all, and when any value differs (D1).
    fn compare(&self, subject: Subject<'_>, op: CompareOp, expected: &Expected<'_>) -> bool {
        // An absent `primary` counts as false (RFC 7643 section 2.4).
        let absent_is_false =
            self.leaf.is_some_and(|leaf| leaf.name == "primary" && leaf.attribute_type == AttributeType::Boolean);
        let mut found = false;
        let holds = self.visit(subject, |value| {
            let value = match value {
                None if absent_is_false => &Value::Bool(false),
                None | Some(Value::Null) => return false,
                Some(value) => value,
            };
            found = true;
            expected.holds(op, value)
        });
        holds || (op == CompareOp::Ne && !found)
    }

    fn any(&self, subject: Subject<'_>, mut test: impl FnMut(&Value) -> bool) -> bool {
        self.visit(subject, |value| value.is_some_and(&mut test))
    }

    /// Shows the values one by one, until the visitor is satisfied. A part that an existing value lacks is shown as
    /// `None`.
    fn visit(&self, subject: Subject<'_>, mut visit: impl FnMut(Option<&Value>) -> bool) -> bool {
        match (&self.start, subject) {
            (Start::Nowhere, _) | (Start::Itself, Subject::Object(_)) | (Start::Extension(_), Subject::Element(_)) => {
                false
            }
            (Start::Itself, Subject::Element(value)) => visit(Some(value)),
            (Start::Extension(urn), Subject::Object(object)) => {
                member(object, urn).is_some_and(|value| visit(Some(value)))
            }
            (Start::Member { name, .. }, Subject::Element(value)) => {
                value.as_object().is_some_and(|object| match member(object, name) {
                    None => visit(None),
                    Some(value) => self.visit_values(value, &mut visit),
                })
            }
            (Start::Member { extension, name }, Subject::Object(object)) => {
                let holder = match extension {
                    Some(urn) => member(object, urn).and_then(Value::as_object),
                    None => Some(object),
                };
                let value = holder.and_then(|holder| member(holder, name));
                value.is_some_and(|value| self.visit_values(value, &mut visit))
            }
        }
    }

    /// Every value of a list, or the one value; of each the sub-attribute, if the path has one.
    fn visit_values(&self, value: &Value, visit: &mut impl FnMut(Option<&Value>) -> bool) -> bool {
        each(value, |value| match self.sub {
            None => visit(Some(value)),
            Some(sub) => value.as_object().is_some_and(|object| match member(object, sub) {
                None => visit(None),
                Some(value) => each(value, |value| visit(Some(value))),
            }),
        })
    }
}

/// Every value of a list, or the one value.
fn each(value: &Value, mut visit: impl FnMut(&Value) -> bool) -> bool {
    match value {
        Value::Array(values) => values.iter().any(visit),
        value => visit(value),
    }
}

/// Declared names are stored in canonical spelling; those of undeclared namespaces as they were sent.
fn member<'v>(object: &'v Object, name: &str) -> Option<&'v Value> {
    object.get(name).or_else(|| object.iter().find(|(key, _)| same_name(key, name)).map(|(_, value)| value))
}

/// Not null, and not empty: `pr` of RFC 7644 section 3.4.2.2; the empty text counts as no value (D20).
fn is_present(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(_) | Value::Number(_) => true,
        Value::String(text) => !text.is_empty(),
        // A resource is at most as deep as the JSON reader allows.
        Value::Array(values) => values.iter().any(is_present),
        Value::Object(members) => members.values().any(is_present),
    }
}
