//! The paths of PATCH operations (RFC 7644 section 3.5.2): `attribute`, `attribute.sub`, `attribute[filter]`,
//! `attribute[filter].sub`, each with or without a schema URN in front, and an extension's URN alone.

use std::fmt;

use crate::Error;
use crate::attr::{AttrPath, excerpt, same_name};
use crate::filter::{self, Filter};
use crate::quirks::{Leniency, Quirk};
use crate::schema::{Attribute, ResourceType};

/// How many bytes a path may have without what stands between its brackets, which has the limits of a filter.
const MAX_BYTES: usize = 512;

/// Where a PATCH operation applies, read and looked up.
///
/// ```
/// use doorward_scim::{patch::PatchPath, quirks::Leniency, schema::ResourceType};
///
/// let user = ResourceType::user();
/// let path = PatchPath::parse(r#"EMAILS[TYPE EQ "work"].VALUE"#, &user, &mut Leniency::strict())?;
/// assert_eq!(path.to_string(), r#"emails[type eq "work"].value"#);
/// # Ok::<(), doorward_scim::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct PatchPath {
    /// The attribute, in the spelling of the schema; an extension's URN is always there, the core schema's never.
    /// Without brackets a sub-attribute stands in here (`attr.sub`). For an extension alone `attr.is_root()`.
    pub attr: AttrPath,
    /// What stands between brackets: a condition on one value.
    pub filter: Option<Filter>,
    /// The sub-attribute behind brackets; always `None` when `filter` is.
    pub sub: Option<String>,
}

impl PatchPath {
    /// Reads a path.
    ///
    /// A path into a namespace that no schema declares is taken as it is written in the tolerant profile, where such
    /// namespaces are kept; it may not have brackets.
    ///
    /// # Errors
    /// `invalidPath` when it is outside the grammar or names an unknown attribute, `invalidFilter` when what stands
    /// between its brackets is at fault (P-7644-3.5.2-13).
    pub fn parse(text: &str, resource_type: &ResourceType, leniency: &mut Leniency) -> Result<Self, Error> {
        let Some((head, rest)) = text.split_once('[') else {
            return Self::without_brackets(text, resource_type, leniency);
        };
        let attribute = multi_valued(head, resource_type)?;
        let offset = head.chars().count() + 1;
        let end = match closing(rest) {
            Closing::At(end) => end,
            Closing::Nowhere => {
                return Err(Error::invalid_path(format!("the [ at position {offset} is not closed; close it with ]")));
            }
            // The quotes are at fault, and the filter parser says so better.
            Closing::InsideQuotes => rest.len(),
        };
        let (condition, behind) = rest.split_at(end);
        let filter = filter::parse_in_path(condition, offset, attribute.leaf, leniency)?;
        let sub = match behind.strip_prefix(']').unwrap_or_default() {
            "" => None,
            behind => Some(sub_attribute(behind, attribute.leaf)?),
        };
        Ok(Self { attr: attribute.path, filter: Some(filter), sub })
    }

    fn without_brackets(text: &str, resource_type: &ResourceType, leniency: &mut Leniency) -> Result<Self, Error> {
        let found = look_up(text, resource_type, leniency)?;
        Ok(Self { attr: found, filter: None, sub: None })
    }
}

impl fmt::Display for PatchPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.attr)?;
        if let Some(filter) = &self.filter {
            write!(f, "[{filter}]")?;
        }
        match &self.sub {
            Some(sub) => write!(f, ".{sub}"),
            None => Ok(()),
        }
    }
}

/// Takes a path without brackets apart; the limit comes first.
fn split(text: &str, resource_type: &ResourceType) -> Result<AttrPath, Error> {
    if text.is_empty() {
        return Err(Error::invalid_path("the path is empty; name an attribute, or leave the path out"));
    }
    if text.len() > MAX_BYTES {
        let length = text.len();
        return Err(Error::invalid_path(format!("the path has {length} bytes; at most {MAX_BYTES} are accepted")));
    }
    AttrPath::parse(text, resource_type).map_err(|_| {
        let advice = "write attribute, attribute.sub or attribute[filter].sub, not a JSON pointer or an index";
        Error::invalid_path(format!("\"{}\" is not a path; {advice}", excerpt(text)))
    })
}

/// A path without brackets, in canonical spelling.
fn look_up(text: &str, resource_type: &ResourceType, leniency: &mut Leniency) -> Result<AttrPath, Error> {
    let mut path = split(text, resource_type)?;
    match filter::find(resource_type, &path) {
        Some((urn, Some(attribute))) => {
            if let Some(name) = &path.sub {
                path.sub = Some(attribute.sub(name).ok_or_else(|| unknown(text, resource_type))?.name.clone());
            }
            path.urn = urn.map(str::to_owned);
            path.attribute.clone_from(&attribute.name);
            Ok(path)
        }
        Some((Some(urn), None)) => {
            path.urn = Some(urn.to_owned());
            Ok(path)
        }
        Some((None, None)) => {
            let advice = "name one of its attributes, or leave the path out";
            Err(Error::invalid_path(format!("the path is the schema of the whole resource; {advice}")))
        }
        None => {
            if let Some(path) = unqualified(&path, resource_type)
                && leniency.allow(Quirk::UnqualifiedExtensionAttribute)
            {
                return Ok(path);
            }
            let urn = path.urn.as_deref().filter(|urn| resource_type.is_undeclared(urn));
            if let Some(urn) = urn
                && leniency.allow(Quirk::UnknownAttribute)
            {
                let known = resource_type.undeclared.iter().find(|known| same_name(known, urn));
                path.urn = Some(known.map_or(urn, String::as_str).to_owned());
                return Ok(path);
            }
            Err(unknown(text, resource_type))
        }
    }
}

/// Entra ID names the manager without the URN of the enterprise extension.
fn unqualified(path: &AttrPath, resource_type: &ResourceType) -> Option<AttrPath> {
    let (urn, attribute) = path.urn.is_none().then(|| resource_type.unqualified(&path.attribute)).flatten()?;
    let sub = match &path.sub {
        Some(name) => Some(attribute.sub(name)?.name.clone()),
        None => None,
    };
    Some(AttrPath { urn: Some(urn.to_owned()), attribute: attribute.name.clone(), sub })
}

struct MultiValued<'a> {
    path: AttrPath,
    leaf: &'a Attribute,
}

/// The attribute in front of brackets. A single complex value cannot be chosen by a filter (D14).
fn multi_valued<'a>(head: &str, resource_type: &'a ResourceType) -> Result<MultiValued<'a>, Error> {
    let path = split(head, resource_type)?;
    let Some((urn, Some(leaf))) = filter::find(resource_type, &path) else {
        return Err(unknown(head, resource_type));
    };
    if path.sub.is_some() || !leaf.multi_valued {
        let what = format!("\"{}\" does not hold several values", excerpt(head));
        return Err(Error::invalid_path(format!("{what}; leave the brackets out")));
    }
    Ok(MultiValued { path: AttrPath { urn: urn.map(str::to_owned), attribute: leaf.name.clone(), sub: None }, leaf })
}

/// What stands behind the closing bracket.
fn sub_attribute(behind: &str, attribute: &Attribute) -> Result<String, Error> {
    let known = behind.strip_prefix('.').and_then(|name| attribute.sub(name));
    known.map(|sub| sub.name.clone()).ok_or_else(|| {
        let advice = "only a dot and a sub-attribute may follow";
        Error::invalid_path(format!("\"{}\" behind the closing bracket; {advice}", excerpt(behind)))
    })
}

fn unknown(text: &str, resource_type: &ResourceType) -> Error {
    let advice = format!("the attributes of a {} are listed by /Schemas", resource_type.name);
    Error::invalid_path(format!("the path \"{}\" names an unknown attribute; {advice}", excerpt(text)))
}

enum Closing {
    At(usize),
    Nowhere,
    InsideQuotes,
}

/// Where the bracket that opened in front of `text` closes. Brackets between quotes do not count.
fn closing(text: &str) -> Closing {
    let mut depth = 0_usize;
    let mut quoted = false;
    let mut escaped = false;
    for (index, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'[' => depth += 1,
            b']' if depth == 0 => return Closing::At(index),
            b']' => depth -= 1,
            _ => {}
        }
    }
    if quoted { Closing::InsideQuotes } else { Closing::Nowhere }
}
