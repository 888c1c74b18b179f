//! What the names in a filter mean, and whether attribute, operator and literal fit each other (RFC 7644 section 3.4.2.2;
//! project rules D2, D3, D6, D7, D14, D17, D36).

use std::borrow::Cow;

use super::lex::{Token, excerpt, refuse};
use super::literal::{self, Operator};
use super::{CompareOp, Filter, Literal};
use crate::Error;
use crate::attr::{AttrPath, is_attribute_name, same_name};
use crate::quirks::{Leniency, Quirk};
use crate::schema::{Attribute, Mutability, ResourceType, Returned};
use crate::version::{Version, v1};

/// Where names are looked up.
#[derive(Debug, Clone, Copy)]
pub(super) enum Scope<'a> {
    /// Outside brackets: paths of a resource.
    Resource(&'a ResourceType),
    /// Between brackets: sub-attributes of one value.
    Value {
        /// Whose value; `None` when no schema describes it.
        attribute: Option<&'a Attribute>,
        /// Whether the brackets belong to a PATCH path, where an unknown name is an error in both profiles.
        in_path: bool,
    },
}

/// A name that has been looked up.
pub(super) struct Operand<'a> {
    /// In the spelling of the schema.
    pub path: AttrPath,
    subject: Subject<'a>,
    position: usize,
}

#[derive(Clone, Copy)]
enum Subject<'a> {
    Attribute(&'a Attribute),
    /// An extension as a whole.
    Extension,
    /// Nothing that a schema describes.
    Undescribed,
}

/// Looks up names and checks terms; keeps the record of what had to be tolerated.
pub(super) struct Checker<'a, 'l> {
    pub scope: Scope<'a>,
    /// Whose names are read: SCIM 1.1 calls some attributes otherwise.
    pub version: Version,
    pub leniency: &'l mut Leniency,
}

impl<'a> Checker<'a, '_> {
    /// Looks up the path that stands in front of an operator or a bracket.
    pub fn operand(&mut self, word: &str, position: usize) -> Result<Operand<'a>, Error> {
        if ["not", "and", "or"].iter().any(|reserved| reserved.eq_ignore_ascii_case(word)) {
            let what = format!("the keyword \"{word}\" in the place of an attribute");
            return Err(refuse(what, position, "an expression such as userName eq \"ada\" belongs here"));
        }
        let (path, subject) = match self.scope {
            Scope::Resource(resource_type) => self.in_resource(word, position, resource_type)?,
            Scope::Value { attribute, in_path } => self.in_value(word, position, attribute, in_path)?,
        };
        if let Subject::Attribute(attribute) = subject
            && (attribute.returned == Returned::Never || attribute.mutability == Mutability::WriteOnly)
        {
            // Otherwise filters would guess the value letter by letter (F094).
            let what = format!("the attribute \"{path}\", which is never returned,");
            return Err(refuse(what, position, "it cannot be filtered by"));
        }
        Ok(Operand { path, subject, position })
    }

    fn in_resource(
        &mut self,
        word: &str,
        position: usize,
        resource_type: &'a ResourceType,
    ) -> Result<(AttrPath, Subject<'a>), Error> {
        let word = match self.version {
            Version::V1 => Cow::Owned(v1::path_to_2_0(word, resource_type)),
            Version::V2 => Cow::Borrowed(word),
        };
        let word = &*word;
        let mut path = AttrPath::parse(word, resource_type).map_err(|_| not_a_path(word, position))?;
        if !path.urn.as_deref().is_none_or(is_uri) {
            return Err(not_a_path(word, position));
        }
        let found = find(resource_type, &path).or_else(|| self.by_other_name(resource_type, &mut path));
        match found {
            Some((urn, Some(attribute))) => {
                path.urn = urn.map(str::to_owned);
                path.attribute.clone_from(&attribute.name);
                self.with_sub(path, attribute, position)
            }
            Some((Some(urn), None)) => {
                path.urn = Some(urn.to_owned());
                Ok((path, Subject::Extension))
            }
            Some((None, None)) => {
                let what = format!("the schema \"{}\" in the place of an attribute", excerpt(word));
                Err(refuse(what, position, "name one of its attributes"))
            }
            None => self.undescribed(path, word, position, resource_type),
        }
    }

    /// The names that some identity providers use for an attribute; the path is rewritten.
    fn by_other_name(&mut self, resource_type: &'a ResourceType, path: &mut AttrPath) -> Option<Found<'a>> {
        if path.urn.is_some() {
            return None;
        }
        if let Some((urn, attribute)) = resource_type.unqualified(&path.attribute) {
            let allowed = self.leniency.allow(Quirk::UnqualifiedExtensionAttribute);
            return allowed.then_some((Some(urn), Some(attribute)));
        }
        // PingOne's default expressions are `username Eq "%s"` and `email Co "%s"`.
        let emails = resource_type.core_attribute("emails")?;
        let alias = same_name(&path.attribute, "email") && path.sub.is_none();
        (alias && self.leniency.allow(Quirk::AttributeAlias)).then_some((None, Some(emails)))
    }

    fn with_sub(
        &mut self,
        mut path: AttrPath,
        attribute: &'a Attribute,
        position: usize,
    ) -> Result<(AttrPath, Subject<'a>), Error> {
        let Some(name) = &path.sub else {
            return Ok((path, Subject::Attribute(attribute)));
        };
        if let Some(sub) = attribute.sub(name) {
            path.sub = Some(sub.name.clone());
            return Ok((path, Subject::Attribute(sub)));
        }
        if self.leniency.allow(Quirk::UnknownFilterAttribute) {
            return Ok((path, Subject::Undescribed));
        }
        Err(unknown_sub(attribute, name, position))
    }

    /// A path no schema knows: of an undeclared namespace, whose values are kept, or of nothing at all (D3).
    fn undescribed(
        &mut self,
        mut path: AttrPath,
        word: &str,
        position: usize,
        resource_type: &'a ResourceType,
    ) -> Result<(AttrPath, Subject<'a>), Error> {
        let kept = path.urn.as_deref().is_some_and(|urn| resource_type.is_undeclared(urn));
        if kept && self.leniency.allow(Quirk::UnknownAttribute) {
            let known = resource_type
                .undeclared
                .iter()
                .find(|known| path.urn.as_deref().is_some_and(|urn| same_name(known, urn)));
            path.urn = known.cloned().or(path.urn);
            let subject = if path.is_root() { Subject::Extension } else { Subject::Undescribed };
            return Ok((path, subject));
        }
        if same_name_in_several(resource_type, &path) {
            let what = format!("the attribute \"{}\" of several extensions", excerpt(word));
            return Err(refuse(what, position, "put the URN of one of them in front"));
        }
        if self.leniency.allow(Quirk::UnknownFilterAttribute) {
            return Ok((path, Subject::Undescribed));
        }
        let what = format!("unknown attribute \"{}\"", excerpt(word));
        Err(refuse(what, position, format_args!("the attributes of a {} are listed by /Schemas", resource_type.name)))
    }

    fn in_value(
        &mut self,
        word: &str,
        position: usize,
        attribute: Option<&'a Attribute>,
        in_path: bool,
    ) -> Result<(AttrPath, Subject<'a>), Error> {
        if !is_attribute_name(word) {
            let what = format!("\"{}\" inside brackets", excerpt(word));
            return Err(refuse(
                what,
                position,
                "only the bare names of sub-attributes belong there, such as type or value",
            ));
        }
        let Some(attribute) = attribute else {
            return Ok((AttrPath::plain(word, None), Subject::Undescribed));
        };
        // A simple multi-valued attribute has no sub-attributes; `value` names the element itself (F084).
        let element = (!attribute.is_complex() && same_name(word, "value")).then_some(attribute);
        if let Some(found) = element.or_else(|| attribute.sub(word)) {
            let name = if attribute.is_complex() { found.name.as_str() } else { "value" };
            return Ok((AttrPath::plain(name, None), Subject::Attribute(found)));
        }
        if !in_path && self.leniency.allow(Quirk::UnknownFilterAttribute) {
            return Ok((AttrPath::plain(word, None), Subject::Undescribed));
        }
        Err(unknown_sub(attribute, word, position))
    }

    /// What the names between brackets behind this operand refer to.
    pub fn inside(&self, operand: &Operand<'a>) -> Result<Scope<'a>, Error> {
        let path = &operand.path;
        let attribute = match operand.subject {
            Subject::Attribute(attribute)
                if path.sub.is_none() && (attribute.is_complex() || attribute.multi_valued) =>
            {
                Some(attribute)
            }
            Subject::Undescribed if path.sub.is_none() => None,
            Subject::Attribute(_) | Subject::Undescribed | Subject::Extension => {
                let what =
                    format!("brackets behind \"{}\", which does not hold several values,", excerpt(&path.to_string()));
                return Err(refuse(what, operand.position, "compare it directly"));
            }
        };
        Ok(Scope::Value { attribute, in_path: false })
    }

    /// `path pr`.
    pub fn present(&mut self, operand: Operand<'a>) -> Result<Filter, Error> {
        self.may_be_present(&operand)?;
        Ok(Filter::Present(operand.path))
    }

    fn may_be_present(&self, operand: &Operand<'a>) -> Result<(), Error> {
        // The grammar has no presence of a whole extension; it asks for nothing that could not be answered (F077).
        if matches!(operand.subject, Subject::Extension) && !self.leniency.is_tolerant() {
            let what = format!("the extension \"{}\" in the place of an attribute", operand.path);
            return Err(refuse(what, operand.position, "name one of its attributes"));
        }
        Ok(())
    }

    /// `path op literal`.
    pub fn compare(&mut self, operand: Operand<'a>, operator: Operator, token: &Token<'_>) -> Result<Filter, Error> {
        if literal::is_null(token) {
            self.may_be_present(&operand)?;
            if operator.op != CompareOp::Eq && operator.op != CompareOp::Ne {
                let what = format!("null behind \"{}\"", operator.op.keyword());
                return Err(refuse(what, token.position, "null is compared by eq and ne only"));
            }
            return Ok(Filter::Compare { path: operand.path, op: operator.op, value: Literal::Null });
        }
        let Operand { mut path, subject, position } = operand;
        let value = match subject {
            Subject::Undescribed => literal::undescribed(operator, token)?,
            Subject::Extension => {
                let what = format!("a comparison of \"{path}\", which is a whole extension,");
                return Err(refuse(what, position, "compare one of its attributes"));
            }
            Subject::Attribute(attribute) => {
                let leaf = self.comparable(attribute, &mut path, position)?;
                self.literal(leaf, &path, operator, token)?
            }
        };
        Ok(Filter::Compare { path, op: operator.op, value })
    }

    /// The attribute that is really compared: a complex one stands for its `value` (P-7644-3.4.2.2-12).
    fn comparable(
        &mut self,
        attribute: &'a Attribute,
        path: &mut AttrPath,
        position: usize,
    ) -> Result<&'a Attribute, Error> {
        if !attribute.is_complex() {
            return Ok(attribute);
        }
        // Entra ID checks a reference by `id eq "…" and manager eq "…"`; manager is a single value, unlike emails.
        match attribute.sub("value") {
            Some(value) if attribute.multi_valued || self.leniency.allow(Quirk::TextForComplex) => {
                path.sub = Some(value.name.clone());
                Ok(value)
            }
            _ => {
                let what = format!("a comparison of \"{path}\", which has no single value,");
                Err(refuse(what, position, format_args!("compare one of its sub-attributes: {}", sub_names(attribute))))
            }
        }
    }

    fn literal(
        &mut self,
        leaf: &Attribute,
        path: &AttrPath,
        operator: Operator,
        token: &Token<'_>,
    ) -> Result<Literal, Error> {
        // Microsoft's documentation prints `externalId eq jyoung`; anywhere else a missing quote is an error (D7).
        let unquoted = matches!(self.scope, Scope::Resource(_)) && *path == AttrPath::plain("externalId", None);
        if unquoted
            && operator.op == CompareOp::Eq
            && let Some(word) = literal::word(token)
            && self.leniency.allow(Quirk::UnquotedLiteral)
        {
            return Ok(Literal::Text(word.to_owned()));
        }
        literal::of_attribute(leaf, operator, token, self.leniency)
    }
}

/// The URN of the extension an attribute lives in, and the attribute; without attribute the schema as a whole.
pub(crate) type Found<'a> = (Option<&'a str>, Option<&'a Attribute>);

/// The declared attribute or schema a path points at, without regard to its sub-attribute.
///
/// Unlike [`ResourceType::resolve`] the result does not borrow the path, which is rewritten afterwards.
pub(crate) fn find<'a>(resource_type: &'a ResourceType, path: &AttrPath) -> Option<Found<'a>> {
    let (urn, attribute) = match path.urn.as_deref() {
        None => (None, resource_type.core_attribute(&path.attribute)),
        Some(urn) if same_name(urn, &resource_type.schema.id) => (None, resource_type.core_attribute(&path.attribute)),
        Some(urn) => {
            let schema = &resource_type.extension(urn)?.schema;
            (Some(schema.id.as_str()), schema.attribute(&path.attribute))
        }
    };
    (attribute.is_some() || path.is_root()).then_some((urn, attribute))
}

fn same_name_in_several(resource_type: &ResourceType, path: &AttrPath) -> bool {
    let extensions = resource_type.extensions.iter();
    path.urn.is_none()
        && extensions.filter(|extension| extension.schema.attribute(&path.attribute).is_some()).count() > 1
}

/// Whether a text holds only characters of URIs (RFC 3986 section 2).
fn is_uri(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~:/?#@!$&'()*+,;=%".contains(&byte))
}

fn not_a_path(word: &str, position: usize) -> Error {
    let what = format!("\"{}\" in the place of an attribute", excerpt(word));
    refuse(what, position, "write attribute, attribute.sub, or either behind a schema URN and a colon")
}

fn unknown_sub(attribute: &Attribute, name: &str, position: usize) -> Error {
    let what = format!("unknown sub-attribute \"{}\" of {}", excerpt(name), attribute.name);
    if attribute.is_complex() {
        return refuse(what, position, format_args!("it has {}", sub_names(attribute)));
    }
    refuse(what, position, "it has none, its value stands for itself")
}

fn sub_names(attribute: &Attribute) -> String {
    attribute.sub_attributes.iter().map(|sub| sub.name.as_str()).collect::<Vec<_>>().join(", ")
}
