//! One attribute and its characteristics.

use crate::attr::same_name;

/// The data types of RFC 7643 section 2.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AttributeType {
    /// Unicode text.
    String,
    /// `true` or `false`.
    Boolean,
    /// A JSON number.
    Decimal,
    /// A JSON number without fraction and exponent.
    Integer,
    /// A date with a time (xsd:dateTime).
    DateTime,
    /// Base64 text.
    Binary,
    /// A URI.
    Reference,
    /// An object of sub-attributes.
    Complex,
}

impl AttributeType {
    /// The name in schema documents.
    pub fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Boolean => "boolean",
            Self::Decimal => "decimal",
            Self::Integer => "integer",
            Self::DateTime => "dateTime",
            Self::Binary => "binary",
            Self::Reference => "reference",
            Self::Complex => "complex",
        }
    }
}

/// Who may change an attribute, and when (RFC 7643 section 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mutability {
    /// Only the server.
    ReadOnly,
    /// The client at any time.
    ReadWrite,
    /// The client, once.
    Immutable,
    /// The client at any time; nobody reads it back.
    WriteOnly,
}

impl Mutability {
    /// The name in schema documents.
    pub fn name(self) -> &'static str {
        match self {
            Self::ReadOnly => "readOnly",
            Self::ReadWrite => "readWrite",
            Self::Immutable => "immutable",
            Self::WriteOnly => "writeOnly",
        }
    }
}

/// When an attribute is part of a response (RFC 7643 section 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Returned {
    /// Whatever the client asks for.
    Always,
    /// In no response at all.
    Never,
    /// Unless the client leaves it out.
    Default,
    /// Only when the client names it.
    Request,
}

impl Returned {
    /// The name in schema documents.
    pub fn name(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Never => "never",
            Self::Default => "default",
            Self::Request => "request",
        }
    }
}

/// In which space a value occurs at most once (RFC 7643 section 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Uniqueness {
    /// Any number of times.
    None,
    /// Once in a directory.
    Server,
    /// Once in the world.
    Global,
}

impl Uniqueness {
    /// The name in schema documents.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Server => "server",
            Self::Global => "global",
        }
    }
}

/// One attribute of a schema.
///
/// Built by its type and then narrowed; everything unsaid has the defaults of RFC 7643 section 2.2.
///
/// ```
/// use doorward_scim::schema::{Attribute, Mutability};
///
/// let manager = Attribute::complex("manager", [
///     Attribute::string("value"),
///     Attribute::string("displayName").read_only(),
/// ]);
/// assert_eq!(manager.sub("DISPLAYNAME").map(|sub| sub.mutability), Some(Mutability::ReadOnly));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// The name in its canonical spelling.
    pub name: String,
    /// The data type.
    pub attribute_type: AttributeType,
    /// Whether it holds a list of values.
    pub multi_valued: bool,
    /// A sentence for people.
    pub description: String,
    /// Whether a resource must have it.
    pub required: bool,
    /// Usual values; others are accepted unless the attribute is [`closed`](Self::closed).
    pub canonical_values: Vec<String>,
    /// Whether no other values than the canonical ones are accepted (RFC 7643 section 7 leaves that to the service).
    pub closed: bool,
    /// Whether letter case matters in comparisons.
    pub case_exact: bool,
    /// Who may change it.
    pub mutability: Mutability,
    /// When it is returned.
    pub returned: Returned,
    /// Where it is unique.
    pub uniqueness: Uniqueness,
    /// For references: resource type names, `external` or `uri`.
    pub reference_types: Vec<String>,
    /// For complex attributes: their parts.
    pub sub_attributes: Vec<Attribute>,
}

impl Attribute {
    fn new(name: &str, attribute_type: AttributeType) -> Self {
        Self {
            name: name.to_owned(),
            attribute_type,
            multi_valued: false,
            description: String::new(),
            required: false,
            canonical_values: Vec::new(),
            closed: false,
            case_exact: false,
            mutability: Mutability::ReadWrite,
            returned: Returned::Default,
            uniqueness: Uniqueness::None,
            reference_types: Vec::new(),
            sub_attributes: Vec::new(),
        }
    }

    /// Text, compared without regard to case.
    pub fn string(name: &str) -> Self {
        Self::new(name, AttributeType::String)
    }

    /// A boolean.
    pub fn boolean(name: &str) -> Self {
        Self::new(name, AttributeType::Boolean)
    }

    /// A number.
    pub fn decimal(name: &str) -> Self {
        Self::new(name, AttributeType::Decimal)
    }

    /// A whole number.
    pub fn integer(name: &str) -> Self {
        Self::new(name, AttributeType::Integer)
    }

    /// A point in time.
    pub fn date_time(name: &str) -> Self {
        Self::new(name, AttributeType::DateTime)
    }

    /// Base64 text; always case-exact (RFC 7643 section 2.3.6).
    pub fn binary(name: &str) -> Self {
        Self::new(name, AttributeType::Binary).case_exact()
    }

    /// A URI to resources of the given types; always case-exact (RFC 7643 section 2.3.7).
    pub fn reference(name: &str, types: &[&str]) -> Self {
        let mut attribute = Self::new(name, AttributeType::Reference).case_exact();
        attribute.reference_types = types.iter().map(|&name| name.to_owned()).collect();
        attribute
    }

    /// An object of sub-attributes.
    pub fn complex(name: &str, sub_attributes: impl IntoIterator<Item = Attribute>) -> Self {
        let mut attribute = Self::new(name, AttributeType::Complex);
        attribute.sub_attributes = sub_attributes.into_iter().collect();
        attribute
    }

    /// Holds a list of values.
    #[must_use]
    pub fn multi_valued(mut self) -> Self {
        self.multi_valued = true;
        self
    }

    /// Must be present.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Unique in a directory.
    #[must_use]
    pub fn unique(mut self) -> Self {
        self.uniqueness = Uniqueness::Server;
        self
    }

    /// Compared with regard to case.
    #[must_use]
    pub fn case_exact(mut self) -> Self {
        self.case_exact = true;
        self
    }

    /// Changed by the server only, together with all its parts.
    #[must_use]
    pub fn read_only(self) -> Self {
        self.with_mutability(Mutability::ReadOnly)
    }

    /// Set once, together with all its parts.
    #[must_use]
    pub fn immutable(self) -> Self {
        self.with_mutability(Mutability::Immutable)
    }

    /// Written and never read back.
    #[must_use]
    pub fn write_only(self) -> Self {
        self.with_mutability(Mutability::WriteOnly).returned(Returned::Never)
    }

    fn with_mutability(mut self, mutability: Mutability) -> Self {
        self.mutability = mutability;
        for sub in &mut self.sub_attributes {
            sub.mutability = mutability;
        }
        self
    }

    /// Returned under this rule.
    #[must_use]
    pub fn returned(mut self, returned: Returned) -> Self {
        self.returned = returned;
        self
    }

    /// Usual values.
    #[must_use]
    pub fn canonical(mut self, values: &[&str]) -> Self {
        self.canonical_values = values.iter().map(|&value| value.to_owned()).collect();
        self
    }

    /// A sentence for people.
    #[must_use]
    pub fn describe(mut self, description: &str) -> Self {
        description.clone_into(&mut self.description);
        self
    }

    /// The sub-attribute with this name, in any letter case.
    pub fn sub(&self, name: &str) -> Option<&Attribute> {
        self.sub_attributes.iter().find(|sub| same_name(&sub.name, name))
    }

    /// Whether it is an object of sub-attributes.
    pub fn is_complex(&self) -> bool {
        self.attribute_type == AttributeType::Complex
    }

    /// Whether only the server changes it.
    pub fn is_read_only(&self) -> bool {
        self.mutability == Mutability::ReadOnly
    }

    /// Whether one value can be written in several ways, so that equal values may differ as text.
    pub fn has_several_spellings(&self) -> bool {
        matches!(self.attribute_type, AttributeType::DateTime | AttributeType::Binary | AttributeType::Decimal)
    }

    /// The attribute of one element of a multi-valued attribute: the same, single.
    #[must_use]
    pub fn element(&self) -> Self {
        Self { multi_valued: false, ..self.clone() }
    }
}
