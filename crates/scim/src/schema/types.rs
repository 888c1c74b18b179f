//! The resource types of one directory.

use std::sync::{Arc, LazyLock};

use super::{Catalogue, CatalogueList, Declaration, Extended, ResourceType};

/// The types of users and groups of one directory, with what it declares.
#[derive(Debug, PartialEq, Eq)]
pub struct Types {
    /// Users.
    pub user: ResourceType,
    /// Groups.
    pub group: ResourceType,
}

/// Building the tables allocates a few hundred strings, so that is done once for all who declare nothing.
static USUAL: LazyLock<Arc<Types>> =
    LazyLock::new(|| Arc::new(Types { user: ResourceType::user(), group: ResourceType::group() }));

impl Types {
    /// The types of a directory that declares nothing.
    pub fn usual() -> Arc<Self> {
        Arc::clone(&USUAL)
    }

    /// The types of a directory with these declarations, whose users have the roles and entitlements of this catalogue.
    pub fn of(declarations: &[Declaration], catalogue: &Catalogue) -> Arc<Self> {
        let closed = |list| catalogue.list(list).is_some_and(|offer| offer.closed);
        if declarations.is_empty() && !CatalogueList::ALL.into_iter().any(closed) {
            return Self::usual();
        }
        let (mut user, mut group) = (USUAL.user.clone(), USUAL.group.clone());
        for declaration in declarations {
            let Declaration { resource_type, required, schema } = declaration.clone();
            match resource_type {
                Extended::User => user = user.with_extension(schema, required),
                Extended::Group => group = group.with_extension(schema, required),
            }
        }
        for list in CatalogueList::ALL {
            let attribute = user.schema.attributes.iter_mut().find(|attribute| attribute.name == list.attribute());
            if let (Some(offer), Some(attribute)) = (catalogue.list(list), attribute) {
                offer.close(attribute);
            }
        }
        Arc::new(Self { user, group })
    }

    /// Whether the directory declares nothing.
    pub fn is_usual(&self) -> bool {
        std::ptr::eq(self, Arc::as_ptr(&USUAL))
    }
}
