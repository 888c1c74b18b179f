//! Which resource types a directory has, and how strictly it is read.

use doorward_scim::Object;
use doorward_scim::needed::Needed;
use doorward_scim::quirks::{Leniency, Profile};
use doorward_scim::resource::{self, Resource};
use doorward_scim::schema::ResourceType;
use doorward_store::directory::Strictness;
use doorward_store::scope::DirectoryScope;

use super::error::{Error, Result};

/// The type of users of the directory, with the extensions that it declares.
pub fn user_type(scope: &DirectoryScope) -> &ResourceType {
    &scope.types().user
}

/// The type of groups of the directory, with the extensions that it declares.
pub fn group_type(scope: &DirectoryScope) -> &ResourceType {
    &scope.types().group
}

/// Reads a stored document. What was kept undeclared until the directory declared it takes the form of its schema here.
///
/// # Errors
/// [`Error::Internal`] when the document is damaged.
pub fn stored(scope: &DirectoryScope, doc: &str, resource_type: &ResourceType) -> Result<Resource> {
    let resource = Resource::from_stored(doc)
        .map_err(|error| Error::Internal(format!("a stored document is damaged: {error}")))?;
    Ok(if scope.types().is_usual() { resource } else { resource::adopt(resource, resource_type) })
}

/// Reads the part of a stored document that is needed, in the same form as [`stored`] reads it.
///
/// # Errors
/// [`Error::Internal`] when the document is damaged.
pub fn stored_part(scope: &DirectoryScope, doc: &str, needed: &Needed, resource_type: &ResourceType) -> Result<Object> {
    // What is adopted may move between two spellings of a URN, and `schemas` is made of all that is there.
    if !scope.types().is_usual() && !needed.is_core() {
        return Ok(stored(scope, doc, resource_type)?.into_object());
    }
    needed.read(doc).map_err(|error| Error::Internal(format!("a stored document is damaged: {error}")))
}

/// The types that the directory really has: discovery says no more than that (WB-7).
pub fn types(scope: &DirectoryScope) -> Vec<ResourceType> {
    let mut types = vec![user_type(scope).clone()];
    if scope.settings().groups {
        types.push(group_type(scope).clone());
    }
    types
}

/// Lets a request for groups pass, or not, as the directory is set up.
///
/// # Errors
/// [`Error::NotOffered`] when the directory takes users only.
pub fn require_groups(scope: &DirectoryScope) -> Result<()> {
    if scope.settings().groups {
        Ok(())
    } else {
        Err(Error::NotOffered("this directory takes users only; groups are switched off"))
    }
}

/// What the directory tolerates, with nothing used yet.
pub fn leniency(scope: &DirectoryScope) -> Leniency {
    Leniency::new(match scope.settings().profile {
        Strictness::Strict => Profile::Strict,
        Strictness::Tolerant => Profile::Tolerant,
    })
}
