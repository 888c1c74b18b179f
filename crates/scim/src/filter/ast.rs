//! What a filter says, once it has been read and checked.

use serde_json::Number;

use crate::attr::AttrPath;

/// A condition on a resource (RFC 7644 section 3.4.2.2).
///
/// Filters made by [`Filter::parse`] are in one form, so that whoever compiles them need not know the spellings a client
/// may choose from:
///
/// - names have the spelling of the schema; the core schema's URN is left out, an extension's URN is always there;
/// - `emails co "x"` has become `emails.value co "x"`, an alias the attribute it stands for, `"True"` the boolean;
/// - `emails[type eq "work"].value eq "x"` has become `emails[type eq "work" and value eq "x"]`;
/// - [`And`](Self::And) and [`Or`](Self::Or) hold at least two filters, none of them of the same kind as the list;
/// - a filter is at most a few levels per parenthesis deep and holds at most [`MAX_TERMS`](super::MAX_TERMS) comparisons.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// All of them hold. An empty list holds.
    And(Vec<Filter>),
    /// At least one of them holds. An empty list does not.
    Or(Vec<Filter>),
    /// It does not hold.
    Not(Box<Filter>),
    /// A value of the attribute compares this way.
    Compare {
        /// The attribute; inside a [`ValuePath`](Self::ValuePath) the bare name of a sub-attribute.
        path: AttrPath,
        /// How the two are compared.
        op: CompareOp,
        /// What the value is compared with.
        value: Literal,
    },
    /// The attribute has a value: neither empty text nor an empty object or list.
    Present(AttrPath),
    /// One single value of the attribute satisfies the whole inner filter.
    ValuePath {
        /// The attribute whose values are looked at.
        path: AttrPath,
        /// The condition on one value; its paths name sub-attributes, and it holds no `ValuePath`.
        filter: Box<Filter>,
    },
}

/// How a value is compared with a literal. The value stands on the left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CompareOp {
    /// The same.
    Eq,
    /// Not the same; also true when the attribute has no value (D1).
    Ne,
    /// Contains.
    Co,
    /// Starts with.
    Sw,
    /// Ends with.
    Ew,
    /// Greater than: later, or behind in code point order.
    Gt,
    /// Greater than or the same.
    Ge,
    /// Less than.
    Lt,
    /// Less than or the same.
    Le,
}

impl CompareOp {
    /// Every operator, in the order RFC 7644 lists them.
    pub const ALL: [CompareOp; 9] =
        [Self::Eq, Self::Ne, Self::Co, Self::Sw, Self::Ew, Self::Gt, Self::Ge, Self::Lt, Self::Le];

    /// The keyword in a filter.
    pub fn keyword(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Ne => "ne",
            Self::Co => "co",
            Self::Sw => "sw",
            Self::Ew => "ew",
            Self::Gt => "gt",
            Self::Ge => "ge",
            Self::Lt => "lt",
            Self::Le => "le",
        }
    }

    /// The operator with this keyword, in any letter case.
    pub fn from_keyword(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|op| op.keyword().eq_ignore_ascii_case(word))
    }

    /// Whether it looks at parts of a text: `co`, `sw`, `ew`.
    pub fn is_substring(self) -> bool {
        matches!(self, Self::Co | Self::Sw | Self::Ew)
    }

    /// Whether it needs an order of values: `gt`, `ge`, `lt`, `le`.
    pub fn is_order(self) -> bool {
        matches!(self, Self::Gt | Self::Ge | Self::Lt | Self::Le)
    }
}

/// A JSON value in a filter. Dates, references and binary values are text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Literal {
    /// No value: `eq null` means not present (D2).
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as exact as it was written when it is an integer of 64 bits.
    Number(Number),
    /// Text, with its escapes resolved.
    Text(String),
}
