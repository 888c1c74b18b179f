//! The order of lists: `sortBy` and `sortOrder` (RFC 7644 section 3.4.2.3).
//!
//! Text is ordered by code points, after folding where the attribute ignores case; times and numbers by what they denote. A
//! multi-valued attribute is ordered by its primary value or else its first one. Who has no value comes last, and first when the
//! order is descending. Which of two equal resources comes first is the caller's business.

use std::cmp::Ordering;

use jiff::Timestamp;
use serde_json::{Number, Value};

use crate::Object;
use crate::attr::{AttrPath, excerpt, same_name};
use crate::error::Error;
use crate::filter::{find, number_order};
use crate::needed::Needed;
use crate::quirks::{Leniency, Quirk};
use crate::schema::{Attribute, AttributeType, Mutability, ResourceType, Returned};
use crate::text::fold;
use crate::value;

/// In which direction a list is ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SortOrder {
    /// The smallest first.
    #[default]
    Ascending,
    /// The largest first.
    Descending,
}

impl SortOrder {
    /// Reads `sortOrder`, in any letter case.
    ///
    /// # Errors
    /// `invalidValue` for any other text.
    pub fn parse(text: &str) -> Result<Self, Error> {
        match text.trim() {
            text if text.eq_ignore_ascii_case("ascending") => Ok(Self::Ascending),
            text if text.eq_ignore_ascii_case("descending") => Ok(Self::Descending),
            text => {
                Err(Error::invalid_value(format!("sortOrder is ascending or descending, not \"{}\"", excerpt(text))))
            }
        }
    }

    /// How two resources with these keys follow each other.
    pub fn compare(self, a: Option<&SortKey>, b: Option<&SortKey>) -> Ordering {
        let ascending = match (a, b) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some(a), Some(b)) => a.cmp(b),
        };
        match self {
            Self::Ascending => ascending,
            Self::Descending => ascending.reverse(),
        }
    }
}

/// By which attribute resources of one type are ordered.
///
/// ```
/// use doorward_scim::{quirks::Leniency, schema::ResourceType, sort::{SortBy, SortOrder}};
/// use serde_json::json;
///
/// let by = SortBy::parse("emails", &ResourceType::user(), &mut Leniency::strict())?;
/// let key = |user: serde_json::Value| user.as_object().and_then(|user| by.key(user));
/// let ada = key(json!({"emails": [{"value": "z@x.org"}, {"value": "B@x.org", "primary": true}]}));
/// let bob = key(json!({"emails": [{"value": "a@x.org"}]}));
/// assert!(SortOrder::Ascending.compare(bob.as_ref(), ada.as_ref()).is_lt());
/// assert!(SortOrder::Descending.compare(None, ada.as_ref()).is_lt());
/// # Ok::<(), doorward_scim::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SortBy {
    extension: Option<String>,
    attribute: String,
    sub: Option<String>,
    comparison: Comparison,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    /// The resource type has no such attribute: no resource has a value.
    Nowhere,
    Exact,
    Folded,
    Instant,
    Plain,
}

impl SortBy {
    /// Reads `sortBy`.
    ///
    /// # Errors
    /// `invalidValue` for what is no attribute of the type, or one that has no order: a complex one without `value`, or one that is
    /// never returned.
    pub fn parse(text: &str, resource_type: &ResourceType, leniency: &mut Leniency) -> Result<Self, Error> {
        let refuse = |why: &str| Error::invalid_value(format!("sortBy \"{}\": {why}", excerpt(text)));
        let mut path = AttrPath::parse(text.trim(), resource_type).map_err(|reason| refuse(&reason))?;
        let found = find(resource_type, &path).or_else(|| {
            let unqualified = path.urn.is_none().then(|| resource_type.unqualified(&path.attribute)).flatten();
            let (urn, attribute) = unqualified?;
            leniency.allow(Quirk::UnqualifiedExtensionAttribute).then_some((Some(urn), Some(attribute)))
        });
        let Some((extension, attribute)) = found else {
            // As in filters, a tolerant directory takes an attribute that nobody has for one without values (D3).
            if leniency.allow(Quirk::UnknownFilterAttribute) {
                return Ok(Self {
                    extension: path.urn.take(),
                    attribute: path.attribute,
                    sub: path.sub,
                    comparison: Comparison::Nowhere,
                });
            }
            return Err(refuse(&format!("a {} has no such attribute", resource_type.name)));
        };
        let attribute = attribute.ok_or_else(|| refuse("name one attribute of this schema"))?;
        let (sub, leaf) = match &path.sub {
            Some(name) => {
                let sub = attribute.sub(name);
                let sub = sub.ok_or_else(|| refuse(&format!("{} has no such sub-attribute", attribute.name)))?;
                (Some(sub.name.clone()), sub)
            }
            None if attribute.is_complex() => {
                let value = attribute.sub("value").filter(|_| attribute.multi_valued);
                let value = value.ok_or_else(|| refuse("it has no single value; name one of its sub-attributes"))?;
                (Some(value.name.clone()), value)
            }
            None => (None, attribute),
        };
        if leaf.returned == Returned::Never || leaf.mutability == Mutability::WriteOnly {
            return Err(refuse("it is never returned, so lists cannot be ordered by it"));
        }
        let comparison = comparison(leaf);
        Ok(Self { extension: extension.map(str::to_owned), attribute: attribute.name.clone(), sub, comparison })
    }

    /// The top-level attribute, in canonical spelling, when it is one of the core schema.
    pub fn core_attribute(&self) -> Option<&str> {
        self.extension.is_none().then_some(self.attribute.as_str())
    }

    /// Whether this orders by one simple attribute of the core schema, and by nothing below it.
    pub fn is_plain(&self, attribute: &str) -> bool {
        self.extension.is_none() && self.sub.is_none() && same_name(&self.attribute, attribute)
    }

    /// What of a resource the order looks at.
    pub fn needed(&self) -> Needed {
        let mut needed = Needed::default();
        if self.comparison == Comparison::Nowhere {
            return needed;
        }
        let mut names: Vec<&str> = self.extension.iter().map(String::as_str).chain([self.attribute.as_str()]).collect();
        if let Some(sub) = &self.sub {
            // Which value of a list counts.
            needed.add(&[names.as_slice(), &["primary"]].concat());
            names.push(sub);
        }
        needed.add(&names);
        needed
    }

    /// The value by which a resource is ordered; `None` when it has none.
    pub fn key(&self, resource: &Object) -> Option<SortKey> {
        if self.comparison == Comparison::Nowhere {
            return None;
        }
        let holder = match &self.extension {
            Some(urn) => resource.get(urn)?.as_object()?,
            None => resource,
        };
        let value = first(holder.get(&self.attribute)?)?;
        let value = match &self.sub {
            Some(sub) => first(value.as_object()?.get(sub)?)?,
            None => value,
        };
        match (self.comparison, value) {
            (Comparison::Instant, Value::String(text)) => value::instant(text).map(SortKey::Instant),
            (Comparison::Folded, Value::String(text)) => Some(SortKey::Text(fold(text))),
            (_, Value::String(text)) => Some(SortKey::Text(text.clone())),
            (_, Value::Number(number)) => Some(SortKey::Number(number.clone())),
            (_, Value::Bool(value)) => Some(SortKey::Bool(*value)),
            _ => None,
        }
    }
}

fn comparison(leaf: &Attribute) -> Comparison {
    match leaf.attribute_type {
        AttributeType::DateTime => Comparison::Instant,
        AttributeType::String if leaf.case_exact => Comparison::Exact,
        AttributeType::String => Comparison::Folded,
        // References are compared exactly (RFC 7643 section 2.3.7).
        AttributeType::Reference => Comparison::Exact,
        _ => Comparison::Plain,
    }
}

/// The primary value of a list, else its first one; a single value as it is.
fn first(value: &Value) -> Option<&Value> {
    let Value::Array(values) = value else { return Some(value) };
    values.iter().find(|value| value["primary"] == true).or(values.first())
}

/// What resources are ordered by.
#[derive(Debug, Clone)]
pub enum SortKey {
    /// Folded already where the attribute ignores case.
    Text(String),
    /// By what it denotes: 1.5 equals 1.50.
    Number(Number),
    /// On the time line.
    Instant(Timestamp),
    /// False first.
    Bool(bool),
}

impl SortKey {
    /// Bytes that it takes up in memory, about.
    pub fn size(&self) -> usize {
        size_of::<Self>() + if let Self::Text(text) = self { text.len() } else { 0 }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Text(_) => 0,
            Self::Number(_) => 1,
            Self::Instant(_) => 2,
            Self::Bool(_) => 3,
        }
    }
}

impl Ord for SortKey {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            // UTF-8 sorts like the code points it encodes.
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (Self::Number(a), Self::Number(b)) => number_order(a, b),
            (Self::Instant(a), Self::Instant(b)) => a.cmp(b),
            (Self::Bool(a), Self::Bool(b)) => a.cmp(b),
            // Values that do not fit their attribute; but the order must be one.
            (a, b) => a.rank().cmp(&b.rank()),
        }
    }
}

impl PartialOrd for SortKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for SortKey {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for SortKey {}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn by(text: &str) -> SortBy {
        SortBy::parse(text, &ResourceType::user(), &mut Leniency::tolerant()).unwrap()
    }

    fn sorted(text: &str, order: SortOrder, values: &[Value]) -> Vec<usize> {
        let by = by(text);
        let keys: Vec<Option<SortKey>> = values.iter().map(|value| by.key(value.as_object().unwrap())).collect();
        let mut places: Vec<usize> = (0..values.len()).collect();
        places.sort_by(|a, b| order.compare(keys[*a].as_ref(), keys[*b].as_ref()));
        places
    }

    #[test]
    fn p_7644_3_4_2_3_04_order_follows_the_type() {
        let titles: Vec<Value> = ["Z", "ä", "a", "B"].iter().map(|title| json!({"title": title})).collect();
        assert_eq!(sorted("title", SortOrder::Ascending, &titles), [2, 3, 0, 1]);
        let exact: Vec<Value> = ["b", "B", "a"].iter().map(|id| json!({"externalId": id})).collect();
        assert_eq!(sorted("externalId", SortOrder::Ascending, &exact), [1, 2, 0]);
        let times = ["2011-05-13T04:42:34Z", "2011-05-13T04:42:34+02:00", "2011-05-13T04:42:34.5Z"];
        let times: Vec<Value> = times.iter().map(|time| json!({"meta": {"created": time}})).collect();
        assert_eq!(sorted("meta.created", SortOrder::Descending, &times), [2, 0, 1]);
    }

    #[test]
    fn p_7644_3_4_2_3_03_who_has_no_value_comes_last_and_first_when_descending() {
        let people = [json!({}), json!({"title": "Guide"}), json!({"title": null}), json!({"title": []})];
        assert_eq!(sorted("title", SortOrder::Ascending, &people), [1, 0, 2, 3]);
        assert_eq!(sorted("title", SortOrder::Descending, &people), [0, 2, 3, 1]);
    }

    #[test]
    fn p_7644_3_4_2_3_01_multi_valued_attributes_by_their_primary_value_or_the_first() {
        let people = [
            json!({"emails": [{"value": "a@x"}, {"value": "z@x", "primary": true}]}),
            json!({"emails": [{"value": "m@x"}, {"value": "b@x"}]}),
        ];
        for text in ["emails", "emails.value", "EMAILS.Value", "urn:ietf:params:scim:schemas:core:2.0:User:emails"] {
            assert_eq!(sorted(text, SortOrder::Ascending, &people), [1, 0], "{text}");
        }
        let enterprise = |department: &str| json!({"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": department}});
        let people = [enterprise("b"), enterprise("A")];
        let qualified = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:user:Department";
        assert_eq!(sorted(qualified, SortOrder::Ascending, &people), [1, 0]);
        assert_eq!(sorted("department", SortOrder::Ascending, &people), [1, 0]);
    }

    #[test]
    fn h047_what_has_no_order_is_refused() {
        for text in ["name", "password", "emails.nonsense", "a b", "", "urn:ietf:params:scim:schemas:core:2.0:User"] {
            let error = SortBy::parse(text, &ResourceType::user(), &mut Leniency::tolerant()).unwrap_err();
            assert_eq!(error.scim_type(), "invalidValue", "{text}");
        }
        assert!(SortBy::parse("nonsense", &ResourceType::user(), &mut Leniency::strict()).is_err());
        assert_eq!(by("nonsense").key(json!({"nonsense": 1}).as_object().unwrap()), None);
        assert!(SortOrder::parse("Descending").is_ok());
        assert_eq!(SortOrder::parse("down").unwrap_err().scim_type(), "invalidValue");
    }
}
