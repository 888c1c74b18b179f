//! Resource types: a core schema, its extensions, and the resolution of attribute paths.

use std::sync::LazyLock;

use super::{Attribute, Returned, Schema, enterprise, group, is_schema_urn, user};
use crate::attr::{AttrPath, same_name};

/// The attributes every resource has without a schema of their own (RFC 7643 section 3.1): schemas, id, externalId, meta.
static COMMON: LazyLock<[Attribute; 4]> = LazyLock::new(|| {
    [
        Attribute::reference("schemas", &["uri"]).multi_valued().required().returned(Returned::Always),
        Attribute::string("id").required().case_exact().read_only().unique().returned(Returned::Always),
        Attribute::string("externalId").case_exact(),
        Attribute::complex(
            "meta",
            [
                Attribute::string("resourceType").case_exact(),
                Attribute::date_time("created"),
                Attribute::date_time("lastModified"),
                Attribute::reference("location", &["uri"]),
                Attribute::string("version").case_exact(),
            ],
        )
        .read_only(),
    ]
});

/// The attributes every resource has without a schema of their own: schemas, id, externalId, meta.
pub fn common() -> &'static [Attribute] {
    COMMON.as_slice()
}

/// An extension of a resource type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// What it adds.
    pub schema: Schema,
    /// Whether every resource must have it.
    pub required: bool,
}

/// A resource type of one directory: what /ResourceTypes and /Schemas say, and what every check uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceType {
    /// `User`; also `meta.resourceType`.
    pub name: String,
    /// `/Users`.
    pub endpoint: String,
    /// A sentence for people.
    pub description: String,
    /// The core schema.
    pub schema: Schema,
    /// What extends it.
    pub extensions: Vec<Extension>,
    /// URNs that resources of this directory carry although no schema declares them; their contents are kept as sent.
    pub undeclared: Vec<String>,
}

/// What an attribute path points at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target<'a> {
    /// The URN of the extension the attribute lives in: in canonical spelling when declared, else as written.
    pub extension: Option<&'a str>,
    /// The attribute; `None` for a whole extension, and for anything inside an undeclared one.
    pub attribute: Option<&'a Attribute>,
    /// The sub-attribute.
    pub sub: Option<&'a Attribute>,
}

impl<'a> Target<'a> {
    /// The attribute whose value the path names: the sub-attribute if there is one.
    pub fn leaf(&self) -> Option<&'a Attribute> {
        self.sub.or(self.attribute)
    }
}

impl ResourceType {
    /// Users with the enterprise extension.
    pub fn user() -> Self {
        Self {
            name: "User".to_owned(),
            endpoint: "/Users".to_owned(),
            description: "A person or another account".to_owned(),
            schema: user(),
            extensions: vec![Extension { schema: enterprise(), required: false }],
            undeclared: Vec::new(),
        }
    }

    /// Groups.
    pub fn group() -> Self {
        Self {
            name: "Group".to_owned(),
            endpoint: "/Groups".to_owned(),
            description: "A set of users and groups".to_owned(),
            schema: group(),
            extensions: Vec::new(),
            undeclared: Vec::new(),
        }
    }

    /// The same type with one more extension.
    #[must_use]
    pub fn with_extension(mut self, schema: Schema, required: bool) -> Self {
        self.extensions.push(Extension { schema, required });
        self
    }

    /// Whether this is the type of groups, whose members are kept apart from the resource.
    pub fn is_group(&self) -> bool {
        self.name == "Group"
    }

    /// Every URN a path of this type may begin with, in canonical spelling.
    pub fn urns(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.schema.id.as_str())
            .chain(self.extensions.iter().map(|extension| extension.schema.id.as_str()))
            .chain(self.undeclared.iter().map(String::as_str))
    }

    /// The declared extension with this URN, in any letter case.
    pub fn extension(&self, urn: &str) -> Option<&Extension> {
        self.extensions.iter().find(|extension| same_name(&extension.schema.id, urn))
    }

    /// The attribute of the core schema, or common attribute, with this name.
    pub fn core_attribute(&self, name: &str) -> Option<&Attribute> {
        self.schema.attribute(name).or_else(|| common().iter().find(|attribute| same_name(&attribute.name, name)))
    }

    /// The one extension attribute with this name, when no core attribute and no second extension has it
    /// (P-7644-3.10-03). The caller decides whether the directory tolerates such an unqualified name.
    pub fn unqualified<'a>(&'a self, name: &str) -> Option<(&'a str, &'a Attribute)> {
        if self.core_attribute(name).is_some() {
            return None;
        }
        let mut found = self.extensions.iter().filter_map(|extension| {
            extension.schema.attribute(name).map(|attribute| (extension.schema.id.as_str(), attribute))
        });
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }

    /// Whether a URN names a namespace no schema declares, whose contents a tolerant directory keeps as sent.
    pub fn is_undeclared(&self, urn: &str) -> bool {
        if self.undeclared.iter().any(|known| same_name(known, urn)) {
            return true;
        }
        let declared = same_name(&self.schema.id, urn) || self.extension(urn).is_some();
        // Another core schema is another resource type, not a namespace of this one.
        !declared && is_schema_urn(urn) && !urn.to_ascii_lowercase().contains(":schemas:core:")
    }

    /// What a path points at, or `None` when no schema of this type knows the name.
    ///
    /// An unqualified name is looked for among the core and common attributes only; see [`Self::unqualified`].
    ///
    /// ```
    /// use doorward_scim::{attr::AttrPath, schema::{ENTERPRISE, ResourceType}};
    ///
    /// let user = ResourceType::user();
    /// let path = AttrPath::parse(&format!("{ENTERPRISE}:MANAGER.value"), &user)?;
    /// let target = user.resolve(&path).ok_or("unknown")?;
    /// assert_eq!(target.extension, Some(ENTERPRISE));
    /// assert_eq!(target.attribute.map(|attribute| attribute.name.as_str()), Some("manager"));
    /// # Ok::<(), String>(())
    /// ```
    pub fn resolve<'a>(&'a self, path: &'a AttrPath) -> Option<Target<'a>> {
        let (extension, attribute) = match path.urn.as_deref() {
            None if path.is_root() => return None,
            None => (None, Some(self.core_attribute(&path.attribute)?)),
            Some(urn) if same_name(urn, &self.schema.id) => {
                let attribute = if path.is_root() { None } else { Some(self.core_attribute(&path.attribute)?) };
                (None, attribute)
            }
            Some(urn) => match self.extension(urn) {
                Some(known) if path.is_root() => (Some(known.schema.id.as_str()), None),
                Some(known) => (Some(known.schema.id.as_str()), Some(known.schema.attribute(&path.attribute)?)),
                None if self.is_undeclared(urn) => {
                    let canonical = self.undeclared.iter().find(|known| same_name(known, urn));
                    return Some(Target {
                        extension: Some(canonical.map_or(urn, String::as_str)),
                        attribute: None,
                        sub: None,
                    });
                }
                None => return None,
            },
        };
        let sub = match (&path.sub, attribute) {
            (Some(sub), Some(attribute)) => Some(attribute.sub(sub)?),
            _ => None,
        };
        Some(Target { extension, attribute, sub })
    }
}
