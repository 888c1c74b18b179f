//! Filters: `userName eq "ada" and emails[type eq "work"]` (RFC 7644 section 3.4.2.2), as they stand in the `filter`
//! parameter and inside the brackets of PATCH paths.
//!
//! Text becomes tokens (`lex`), where all limits are applied, then a [`Filter`] (`parse`), every term of which has been
//! checked against the schema (`check`). A filter is evaluated by a [`Matcher`] (`eval`), compiled to SQL elsewhere, and
//! prints as text that reads back as the same filter (`print`). Nothing here recurses deeper than [`MAX_DEPTH`] allows.

mod ast;
mod check;
mod compare;
mod eval;
mod lex;
mod literal;
mod parse;
mod print;

pub use ast::{CompareOp, Filter, Literal};
pub(crate) use check::find;
pub(crate) use compare::number_order;
pub use eval::{Matcher, ValueMatcher, value_matches};
pub(crate) use parse::parse_in_path;

use crate::quirks::Leniency;
use crate::schema::{Attribute, ResourceType};
use crate::version::Version;
use crate::{Error, Object};

/// How many bytes a filter may have.
pub const MAX_BYTES: usize = 16 * 1024;
/// How many parentheses and brackets may be open at once. Those inside quotes do not count.
pub const MAX_DEPTH: usize = 50;
/// How many comparisons a filter may hold.
pub const MAX_TERMS: usize = 128;

impl Filter {
    /// Reads the filter of a SCIM 2.0 request on resources of one type.
    ///
    /// ```
    /// use doorward_scim::{filter::Filter, quirks::Leniency, schema::ResourceType};
    ///
    /// let user = ResourceType::user();
    /// let filter = Filter::parse(r#"USERNAME Eq "ada" AND emails co "@x.org""#, &user, &mut Leniency::strict())?;
    /// assert_eq!(filter.to_string(), r#"userName eq "ada" and emails.value co "@x.org""#);
    ///
    /// let error = Filter::parse(r#"userName regex "x""#, &user, &mut Leniency::strict()).unwrap_err();
    /// assert!(error.detail().starts_with(r#"unknown operator "regex" at position 10; use one of eq, ne,"#));
    /// # Ok::<(), doorward_scim::Error>(())
    /// ```
    ///
    /// # Errors
    /// `invalidFilter`, with the place and a way out, when the text is outside the grammar or the limits, names an
    /// attribute that does not exist (strict profile) or may not be filtered by, or compares an attribute in a way its
    /// type does not allow.
    pub fn parse(text: &str, resource_type: &ResourceType, leniency: &mut Leniency) -> Result<Filter, Error> {
        parse::parse(text, resource_type, Version::V2, leniency)
    }

    /// Reads the filter of a SCIM 1.1 request. That version has no `ne`, `ew`, `not`, `[]` and `null`
    /// (V1-API-3.2.2.1-01); a tolerant directory takes them nevertheless.
    ///
    /// # Errors
    /// As [`Filter::parse`], and `invalidFilter` for what only SCIM 2.0 has (strict profile).
    pub fn parse_1_1(text: &str, resource_type: &ResourceType, leniency: &mut Leniency) -> Result<Filter, Error> {
        parse::parse(text, resource_type, Version::V1, leniency)
    }

    /// Reads what stands between the brackets of a PATCH path: a condition on one value of `attribute`.
    ///
    /// # Errors
    /// `invalidFilter` as for [`Filter::parse`]; an unknown sub-attribute is refused in both profiles (P083).
    pub fn parse_value_filter(text: &str, attribute: &Attribute, leniency: &mut Leniency) -> Result<Filter, Error> {
        parse_in_path(text, 0, attribute, leniency)
    }

    /// Whether a resource satisfies the filter. `resource` is the rendered SCIM 2.0 form, with `id` and `meta`, and with
    /// `groups` or `members` if the filter asks for them.
    ///
    /// For many resources make one [`Matcher`].
    pub fn matches(&self, resource: &Object, resource_type: &ResourceType) -> bool {
        Matcher::new(self, resource_type).matches(resource)
    }
}
