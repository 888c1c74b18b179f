//! When an element of a list is there already (P-7644-3.5.2.1-05): an element covers another one when it is equal in
//! every part the other one has.

use std::collections::HashMap;

use serde_json::Value;

use crate::schema::Attribute;
use crate::value::comparison_form;

/// The parts of an element in the form they are compared in; a simple value is its own only part.
type Parts = Vec<(String, String)>;

/// The elements of a list by their parts, so that a long list is not compared pair by pair.
pub(super) struct Index<'a> {
    attribute: &'a Attribute,
    elements: Vec<Parts>,
    places: HashMap<(String, String), Vec<usize>>,
}

impl<'a> Index<'a> {
    pub(super) fn new(attribute: &'a Attribute, list: &[Value]) -> Self {
        let mut index = Self { attribute, elements: Vec::with_capacity(list.len()), places: HashMap::new() };
        for element in list {
            index.push(element);
        }
        index
    }

    /// Takes note of an element at the end of the list.
    pub(super) fn push(&mut self, element: &Value) {
        self.elements.push(Parts::new());
        self.update(self.elements.len() - 1, element);
    }

    /// Takes note of an element that has changed.
    pub(super) fn update(&mut self, at: usize, element: &Value) {
        let parts = all_parts(self.attribute, element);
        for part in &parts {
            let places = self.places.entry(part.clone()).or_default();
            if places.last() != Some(&at) {
                places.push(at);
            }
        }
        if let Some(slot) = self.elements.get_mut(at) {
            *slot = parts;
        }
    }

    /// Where the elements stand that are equal to `sent` in every part it has, in order.
    pub(super) fn covering(&self, sent: &Value) -> Vec<usize> {
        self.having(&parts(self.attribute, sent))
    }

    /// Where the elements stand that have exactly the parts of `sent`.
    pub(super) fn equal(&self, sent: &Value) -> Vec<usize> {
        let sent = all_parts(self.attribute, sent);
        let mut found = self.having(&sent);
        found.retain(|&at| self.elements.get(at).is_some_and(|own| own.len() == sent.len()));
        found
    }

    fn having(&self, sent: &[(String, String)]) -> Vec<usize> {
        let Some(fewest) = sent.iter().map(|part| self.at(part)).min_by_key(|places| places.len()) else {
            return (0..self.elements.len()).collect();
        };
        let covers =
            |at: &&usize| self.elements.get(**at).is_some_and(|own| sent.iter().all(|part| own.contains(part)));
        fewest.iter().filter(covers).copied().collect()
    }

    /// Where the elements stand whose `value` is that of `sent`; `None` when `sent` has none.
    pub(super) fn same_value(&self, sent: &Value) -> Option<Vec<usize>> {
        let value = parts(self.attribute, sent).into_iter().find(|(name, _)| name == "value")?;
        let has = |at: &&usize| self.elements.get(**at).is_some_and(|own| own.contains(&value));
        Some(self.at(&value).iter().filter(has).copied().collect())
    }

    /// Whether the element at `at` has the `type` that `sent` has, or both have none.
    pub(super) fn same_type(&self, at: usize, sent: &Value) -> bool {
        let kind = |parts: &Parts| parts.iter().find(|(name, _)| name == "type").map(|(_, kind)| kind.clone());
        self.elements.get(at).map(kind) == Some(kind(&parts(self.attribute, sent)))
    }

    fn at(&self, part: &(String, String)) -> &[usize] {
        self.places.get(part).map(Vec::as_slice).unwrap_or_default()
    }
}

/// The parts an element says it has.
fn parts(attribute: &Attribute, element: &Value) -> Parts {
    let Value::Object(object) = element else {
        return vec![("value".to_owned(), comparison_form(attribute, element))];
    };
    let part = |(name, value): (&String, &Value)| {
        let form = attribute.sub(name).map_or_else(|| value.to_string(), |sub| comparison_form(sub, value));
        (name.clone(), form)
    };
    object.iter().map(part).collect()
}

/// The parts an element has: an absent `primary` counts as false (RFC 7643 section 2.4).
fn all_parts(attribute: &Attribute, element: &Value) -> Parts {
    let mut parts = parts(attribute, element);
    if element.is_object() && element.get("primary").is_none() && attribute.sub("primary").is_some() {
        parts.push(("primary".to_owned(), "false".to_owned()));
    }
    parts
}
