//! Which resource types a directory has, and how strictly it is read.

use std::sync::LazyLock;

use doorward_scim::quirks::{Leniency, Profile};
use doorward_scim::schema::ResourceType;
use doorward_store::directory::Strictness;
use doorward_store::scope::DirectoryScope;

use super::error::{Error, Result};

/// Building the tables allocates a few hundred strings, so that is done once.
static USER: LazyLock<ResourceType> = LazyLock::new(ResourceType::user);
static GROUP: LazyLock<ResourceType> = LazyLock::new(ResourceType::group);

/// The type of users.
pub fn user_type() -> &'static ResourceType {
    &USER
}

/// The type of groups.
pub fn group_type() -> &'static ResourceType {
    &GROUP
}

/// The types that the directory really has: discovery says no more than that (WB-7).
pub fn types(scope: &DirectoryScope) -> Vec<ResourceType> {
    let mut types = vec![user_type().clone()];
    if scope.settings().groups {
        types.push(group_type().clone());
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
