//! The attributes of a declaration.

use super::MAX_DESCRIPTION;
use crate::attr::{is_attribute_name, same_name};
use crate::schema::fields::{Fields, Invalid};
use crate::schema::{Attribute, AttributeType, Mutability, Returned, Uniqueness};
use crate::text::fold;

/// Sub-attributes that one attribute may have.
const MAX_SUB_ATTRIBUTES: usize = 50;
/// Bytes that a name may have: with the longest URN in front a path still fits into a PATCH.
const MAX_NAME: usize = 100;
/// Canonical values that one attribute may have, and bytes of each.
const MAX_CANONICAL: (usize, usize) = (500, 256);

const MEMBERS: [&str; 13] = [
    "name",
    "type",
    "multiValued",
    "description",
    "required",
    "canonicalValues",
    "closed",
    "caseExact",
    "mutability",
    "returned",
    "uniqueness",
    "referenceTypes",
    "subAttributes",
];

const TYPES: [(&str, AttributeType); 8] = [
    ("string", AttributeType::String),
    ("boolean", AttributeType::Boolean),
    ("decimal", AttributeType::Decimal),
    ("integer", AttributeType::Integer),
    ("dateTime", AttributeType::DateTime),
    ("binary", AttributeType::Binary),
    ("reference", AttributeType::Reference),
    ("complex", AttributeType::Complex),
];

/// Where an attribute stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    /// In the extension.
    Top,
    /// In a complex attribute.
    Sub,
}

/// Reads a list of attributes.
pub(super) fn list(fields: &Fields<'_>, name: &str, most: usize, level: Level) -> Result<Vec<Attribute>, Invalid> {
    let mut attributes: Vec<Attribute> = Vec::new();
    for (index, value) in fields.list(name, most)?.iter().enumerate() {
        let place = format!("{}[{index}]", fields.at(name));
        let members = Fields::of_value(value, &place, &MEMBERS)?;
        let attribute = read(&members, level)?;
        if attributes.iter().any(|other| same_name(&other.name, &attribute.name)) {
            return Err(members.wrong("name", format!("`{}` is there twice", attribute.name)));
        }
        attributes.push(attribute);
    }
    Ok(attributes)
}

fn read(fields: &Fields<'_>, level: Level) -> Result<Attribute, Invalid> {
    let name = name(fields, level)?;
    let attribute_type = fields.word("type", &TYPES)?.unwrap_or(AttributeType::String);
    let mutability = mutability(fields)?;
    let attribute = Attribute {
        name: name.to_owned(),
        attribute_type,
        multi_valued: fields.flag("multiValued")?.unwrap_or(false),
        description: fields.text("description", MAX_DESCRIPTION)?.unwrap_or_default().to_owned(),
        required: fields.flag("required")?.unwrap_or(false),
        canonical_values: fields.texts("canonicalValues", MAX_CANONICAL.0, MAX_CANONICAL.1)?,
        closed: fields.flag("closed")?.unwrap_or(false),
        // RFC 7643 sections 2.3.6 and 2.3.7: these two are compared exactly, whatever is said.
        case_exact: matches!(attribute_type, AttributeType::Binary | AttributeType::Reference)
            || fields.flag("caseExact")?.unwrap_or(false),
        mutability,
        returned: returned(fields, mutability)?,
        uniqueness: uniqueness(fields)?,
        reference_types: reference_types(fields, attribute_type)?,
        sub_attributes: sub_attributes(fields, attribute_type, level)?,
    };
    check_required(fields, &attribute)?;
    check_canonical(fields, &attribute)?;
    check_meaning(fields, &attribute)?;
    Ok(attribute)
}

/// S-7643-2.1-02, and the words that a filter could not tell from operators.
fn name<'a>(fields: &Fields<'a>, level: Level) -> Result<&'a str, Invalid> {
    let name = fields.text("name", MAX_NAME)?.ok_or_else(|| fields.wrong("name", "is missing"))?;
    let is_reference = name == "$ref" && level == Level::Sub;
    if !is_attribute_name(name) || (name.starts_with('$') && !is_reference) {
        return Err(fields.wrong("name", format!("`{name}` must be a letter, then letters, digits, $, - and _")));
    }
    if ["not", "and", "or"].iter().any(|word| same_name(word, name)) {
        return Err(fields.wrong("name", format!("`{name}` is an operator of filters")));
    }
    if same_name(name, "password") {
        return Err(fields.wrong("name", "`password`: passwords are never kept"));
    }
    Ok(name)
}

fn mutability(fields: &Fields<'_>) -> Result<Mutability, Invalid> {
    let words = [Mutability::ReadWrite, Mutability::ReadOnly, Mutability::Immutable, Mutability::WriteOnly];
    Ok(fields.word("mutability", &words.map(|word| (word.name(), word)))?.unwrap_or(Mutability::ReadWrite))
}

fn returned(fields: &Fields<'_>, mutability: Mutability) -> Result<Returned, Invalid> {
    let words = [Returned::Default, Returned::Always, Returned::Never, Returned::Request];
    let said = fields.word("returned", &words.map(|word| (word.name(), word)))?;
    match (mutability, said) {
        (Mutability::WriteOnly, None | Some(Returned::Never)) => Ok(Returned::Never),
        (Mutability::WriteOnly, Some(_)) => Err(fields.wrong("returned", "must be never for a writeOnly attribute")),
        (_, said) => Ok(said.unwrap_or(Returned::Default)),
    }
}

fn uniqueness(fields: &Fields<'_>) -> Result<Uniqueness, Invalid> {
    let words = [Uniqueness::None, Uniqueness::Server, Uniqueness::Global];
    match fields.word("uniqueness", &words.map(|word| (word.name(), word)))? {
        None | Some(Uniqueness::None) => Ok(Uniqueness::None),
        Some(_) => Err(fields.wrong("uniqueness", "must be none: other attributes than userName are not kept unique")),
    }
}

fn reference_types(fields: &Fields<'_>, attribute_type: AttributeType) -> Result<Vec<String>, Invalid> {
    let types = fields.texts("referenceTypes", 10, 100)?;
    match attribute_type {
        AttributeType::Reference if types.is_empty() => Ok(vec!["uri".to_owned()]),
        AttributeType::Reference => Ok(types),
        _ if types.is_empty() => Ok(types),
        _ => Err(fields.wrong("referenceTypes", "belongs to attributes of the type reference only")),
    }
}

/// S-7643-2.3.8-02: one level, and no deeper.
fn sub_attributes(fields: &Fields<'_>, attribute_type: AttributeType, level: Level) -> Result<Vec<Attribute>, Invalid> {
    let complex = attribute_type == AttributeType::Complex;
    if complex && level == Level::Sub {
        return Err(fields.wrong("type", "must not be complex inside a complex attribute"));
    }
    let attributes = list(fields, "subAttributes", MAX_SUB_ATTRIBUTES, Level::Sub)?;
    match (complex, attributes.is_empty()) {
        (true, true) => Err(fields.wrong("subAttributes", "is missing: a complex attribute has at least one")),
        (false, false) => Err(fields.wrong("subAttributes", "belongs to attributes of the type complex only")),
        _ => Ok(attributes),
    }
}

fn check_required(fields: &Fields<'_>, attribute: &Attribute) -> Result<(), Invalid> {
    if attribute.required && matches!(attribute.mutability, Mutability::ReadOnly | Mutability::WriteOnly) {
        let message =
            format!("cannot be true for a {} attribute: no client could fulfil it", attribute.mutability.name());
        return Err(fields.wrong("required", message));
    }
    Ok(())
}

fn check_canonical(fields: &Fields<'_>, attribute: &Attribute) -> Result<(), Invalid> {
    let values = &attribute.canonical_values;
    if !values.is_empty() && attribute.attribute_type != AttributeType::String {
        return Err(fields.wrong("canonicalValues", "belongs to attributes of the type string only"));
    }
    if attribute.closed && values.is_empty() {
        return Err(fields.wrong("closed", "needs canonicalValues: there is nothing that could be taken"));
    }
    let mut seen = std::collections::HashSet::new();
    let form = |value: &String| if attribute.case_exact { value.clone() } else { fold(value) };
    match values.iter().find(|value| !seen.insert(form(value))) {
        Some(twice) => Err(fields.wrong("canonicalValues", format!("has `{twice}` twice"))),
        None => Ok(()),
    }
}

/// RFC 7643 section 2.4: in lists these names have a meaning already.
fn check_meaning(fields: &Fields<'_>, attribute: &Attribute) -> Result<(), Invalid> {
    if !(attribute.multi_valued && attribute.is_complex()) {
        return Ok(());
    }
    let fits = |sub: &Attribute| match sub.name.to_ascii_lowercase().as_str() {
        "primary" => sub.attribute_type == AttributeType::Boolean && !sub.multi_valued,
        "type" | "display" => sub.attribute_type == AttributeType::String && !sub.multi_valued,
        "value" => !sub.multi_valued,
        _ => true,
    };
    match attribute.sub_attributes.iter().find(|sub| !fits(sub)) {
        Some(sub) => {
            let message = format!(
                "`{}` has a meaning of its own in a list: primary is a boolean, type and display are strings, value is one value",
                sub.name
            );
            Err(fields.wrong("subAttributes", message))
        }
        None => Ok(()),
    }
}
