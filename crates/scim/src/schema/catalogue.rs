//! The roles and entitlements that a directory offers: what /Roles and /Entitlements list.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Value, json};

use super::fields::{Fields, Invalid};
use super::{Attribute, ResourceType, Schema};
use crate::Object;
use crate::attr::same_name;
use crate::text::fold;

/// Values that one list may have.
pub const MAX_VALUES: usize = 1000;

/// Which of the two lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CatalogueList {
    /// What `roles` of a user may hold.
    Roles,
    /// What `entitlements` of a user may hold.
    Entitlements,
}

impl CatalogueList {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Roles, Self::Entitlements];

    /// The attribute of users; also the name of the list.
    pub fn attribute(self) -> &'static str {
        match self {
            Self::Roles => "roles",
            Self::Entitlements => "entitlements",
        }
    }

    /// The resource type of one value.
    pub fn type_name(self) -> &'static str {
        match self {
            Self::Roles => "Role",
            Self::Entitlements => "Entitlement",
        }
    }

    /// The endpoint.
    pub fn endpoint(self) -> &'static str {
        match self {
            Self::Roles => "/Roles",
            Self::Entitlements => "/Entitlements",
        }
    }
}

/// What a directory offers; a list that is `None` is off.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Catalogue {
    /// The roles.
    pub roles: Option<Offer>,
    /// The entitlements.
    pub entitlements: Option<Offer>,
}

/// One list of values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offer {
    /// Whether users may have no other values.
    pub closed: bool,
    /// The values.
    pub values: Vec<Offered>,
}

/// One value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    /// What stands in the `value` of a user's role or entitlement; also its id.
    pub value: String,
    /// Its name for people.
    pub display: String,
    /// What kind of value it is.
    pub kind: Option<String>,
    /// A sentence for people.
    pub description: Option<String>,
    /// Whether it can be given to users now.
    pub supported: bool,
}

impl Catalogue {
    /// Whether both lists are off.
    pub fn is_empty(&self) -> bool {
        self.roles.is_none() && self.entitlements.is_none()
    }

    /// One of the lists, when it is on.
    pub fn list(&self, list: CatalogueList) -> Option<&Offer> {
        match list {
            CatalogueList::Roles => self.roles.as_ref(),
            CatalogueList::Entitlements => self.entitlements.as_ref(),
        }
    }

    /// Reads `{"roles": {"closed", "values": [{"value", "display", "type", "description", "supported"}]},
    /// "entitlements": ...}`. A value may also be its text alone.
    ///
    /// # Errors
    /// The first mistake, with its place.
    pub fn from_document(document: &Object) -> Result<Self, Invalid> {
        // What answers carry beside them, so that what was read can be sent back.
        let fields = Fields::of(document, "", &["roles", "entitlements", "object", "directory_id"])?;
        let offer = |name: &str| fields.get(name).map(|value| offer(value, name)).transpose();
        Ok(Self { roles: offer("roles")?, entitlements: offer("entitlements")? })
    }

    /// The same as a document.
    pub fn to_document(&self) -> Object {
        let lists = CatalogueList::ALL.into_iter();
        lists.filter_map(|list| Some((list.attribute().to_owned(), self.list(list)?.to_value()))).collect()
    }
}

fn offer(value: &Value, place: &str) -> Result<Offer, Invalid> {
    let fields = Fields::of_value(value, place, &["closed", "values"])?;
    let mut values: Vec<Offered> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for (index, value) in fields.list("values", MAX_VALUES)?.iter().enumerate() {
        let place = format!("{place}.values[{index}]");
        let offered = offered(value, &place)?;
        if !seen.insert(fold(&offered.value)) {
            return Err(Invalid::new(place, format!("`{}` is there twice", offered.value)));
        }
        values.push(offered);
    }
    Ok(Offer { closed: fields.flag("closed")?.unwrap_or(false), values })
}

fn offered(value: &Value, place: &str) -> Result<Offered, Invalid> {
    let alone;
    let value = match value {
        Value::String(_) => {
            alone = json!({ "value": value });
            &alone
        }
        other => other,
    };
    let fields = Fields::of_value(value, place, &["value", "display", "type", "description", "supported"])?;
    let text = fields.text("value", 256)?.ok_or_else(|| fields.wrong("value", "is missing"))?;
    Ok(Offered {
        value: text.to_owned(),
        display: fields.text("display", 256)?.unwrap_or(text).to_owned(),
        kind: fields.text("type", 100)?.map(str::to_owned),
        description: fields.text("description", 1000)?.map(str::to_owned),
        supported: fields.flag("supported")?.unwrap_or(true),
    })
}

impl Offer {
    fn to_value(&self) -> Value {
        json!({ "closed": self.closed, "values": self.values.iter().map(Offered::to_object).collect::<Vec<_>>() })
    }

    /// The kinds of its values, each once.
    pub fn kinds(&self) -> Vec<&str> {
        let mut kinds: Vec<&str> = Vec::new();
        for kind in self.values.iter().filter_map(|offered| offered.kind.as_deref()) {
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
        kinds
    }

    /// Makes an attribute of users take no other values, when the list is closed (R-DRAFT-values-01).
    pub(super) fn close(&self, attribute: &mut Attribute) {
        let value = attribute.sub_attributes.iter_mut().find(|sub| same_name(&sub.name, "value"));
        if let (true, Some(value)) = (self.closed, value) {
            let supported = self.values.iter().filter(|offered| offered.supported);
            value.canonical_values = supported.map(|offered| offered.value.clone()).collect();
            value.closed = true;
        }
    }
}

impl Offered {
    /// The value as a JSON object.
    pub fn to_object(&self) -> Object {
        let mut object = Object::new();
        let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
        put("value", json!(self.value));
        put("display", json!(self.display));
        if let Some(kind) = &self.kind {
            put("type", json!(kind));
        }
        if let Some(description) = &self.description {
            put("description", json!(description));
        }
        put("supported", json!(self.supported));
        object
    }
}

/// The resource type of the values of a list. `urn` is its schema: Okta has one of its own.
pub fn catalogue_type(list: CatalogueList, urn: &str) -> ResourceType {
    let what = list.type_name();
    ResourceType {
        name: what.to_owned(),
        endpoint: list.endpoint().to_owned(),
        description: format!("A value that {} of a user can hold", list.attribute()),
        schema: Schema {
            id: urn.to_owned(),
            name: what.to_owned(),
            description: format!("A value that {} of a user can hold", list.attribute()),
            attributes: vec![
                Attribute::string("value").required().read_only().describe("The value itself"),
                Attribute::string("display").read_only().describe("A name for the value, for people"),
                Attribute::string("displayName").required().read_only().describe("The same, under Okta's name for it"),
                Attribute::string("type").read_only().describe("What kind of value it is"),
                Attribute::string("description").read_only().describe("A sentence for people"),
                Attribute::boolean("supported").read_only().describe("Whether it can be given to users now"),
            ],
        },
        extensions: Vec::new(),
        undeclared: Vec::new(),
    }
}

impl Serialize for Catalogue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_document().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Catalogue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_document(&Object::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}
