//! The ways in which providers do the same thing, and the table of one provider's choices among them.

use super::{Chance, Family, Subject};
use crate::client::{Headers, Object, TokenForm};
use crate::people::IdStyle;

/// Protocol version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    V1,
    V2,
}

/// How spaces of a query are encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spaces {
    /// `%20`, as Okta today.
    Percent,
    /// `+`, as Microsoft's collection and Okta in 2018.
    Plus,
}

/// The test of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Probe {
    /// These GETs; what ends in a list must be one.
    Reads(&'static [&'static str]),
    /// A filter on a random GUID, which must find nothing (Entra).
    NobodyThere,
    /// A test user and a test group are made, changed and deleted (JumpCloud).
    Rehearsal,
}

/// One lookup by filter: attribute, operator as written, and which of the person's values is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lookup {
    pub(crate) attribute: &'static str,
    pub(crate) operator: &'static str,
    pub(crate) by: LookupBy,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LookupBy {
    UserName,
    Email,
}

/// How an account that exists already is taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Link {
    /// As a profile update.
    Update,
    /// PUT of the profile without reading, then activation where needed (Okta catalog, 1.1).
    Replace,
}

/// How a changed profile is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Update {
    /// GET, the provider's values laid over the server's representation, PUT.
    ReadReplace,
    /// PUT of the provider's own view.
    Replace,
    /// Lookup by filter, then PUT of the provider's own view.
    FindReplace,
    /// PATCH, one path-less replace with the whole profile.
    PatchProfile,
    /// PATCH, operations for what changed (Entra); `true`: with the flag.
    Operations(bool),
}

/// How `active` is switched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Activation {
    /// By the profile update.
    Update,
    /// PATCH, path-less replace.
    PatchValue,
    /// PATCH, replace with path `active` and a JSON boolean.
    PatchPath,
    /// PATCH, `Replace` with the text "True" or "False" (Entra by default).
    PatchText,
    /// PATCH with a partial resource (1.1).
    Partial,
}

/// How an existing group is found before one is created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FindGroup {
    /// Filter on displayName, followed by this.
    Filter(&'static str),
    /// The same with `excludedAttributes=members` before it (Entra).
    FilterExcluding,
    /// The list is read (CyberArk).
    List,
    /// Only after a 409 (authentik).
    OnConflict,
}

/// How a group gets another name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rename {
    /// GET, PUT of the whole group.
    ReadReplace,
    /// Path-less replace of id and displayName (Okta).
    IdAndName,
    /// Path-less replace of displayName (JumpCloud).
    Name,
    /// Replace with path displayName; the operation as written.
    Path(&'static str),
    /// Partial resource (1.1).
    Partial,
    /// Path-less replace of the whole group (authentik).
    Whole,
}

/// How members are changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Membership {
    /// GET, PUT of the whole group.
    ReadReplace,
    /// Okta: removes with filter paths and one add in one request, then GET, then the name again.
    Delta,
    /// 1.1: partial resource, then the name again.
    Partial,
    /// Entra: `Add` with `$ref: null`; removal by value list, or with the flag by filter paths.
    Entra(bool),
    /// One request with one add, one request with the removals.
    Plain(Removal),
    /// One operation per member; `each`: one operation per request as well.
    Single { removal: Removal, each: bool },
}

/// How a member is named for removal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Removal {
    /// `members[value eq "…"]`.
    FilterPath,
    /// `members` with a value list.
    ValueList,
}

/// How everything is read back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Import {
    /// Nothing is read.
    Never,
    /// Users, and groups when `true`, by `startIndex=1&count=100`, `startIndex=101` …
    Pages { groups: bool },
    /// Groups, with startIndex and no count (authentik).
    GroupsWithoutCount,
}

/// One provider's habits.
#[derive(Debug)]
pub(crate) struct Manner {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) family: Family,
    pub(crate) version: Version,
    pub(crate) headers: Headers,
    pub(crate) token: TokenForm,
    /// A feature flag that travels as a query parameter.
    pub(crate) flag: Option<&'static str>,
    pub(crate) ids: IdStyle,
    pub(crate) spaces: Spaces,
    pub(crate) probe: Probe,
    /// Lookups before a create, each tried when the one before found nothing; none: only after a 409.
    pub(crate) find_user: &'static [Lookup],
    /// What follows the filter of a lookup.
    pub(crate) find_suffix: &'static str,
    /// The body of a create.
    pub(crate) create_user: fn(&Subject) -> Object,
    /// The provider's view of a person as far as it is mapped, for updates and for the verdict.
    pub(crate) profile: fn(&Subject) -> Object,
    /// The attributes of which the provider is the master: missing in `profile` means cleared at the server.
    pub(crate) mapped: &'static [&'static str],
    pub(crate) link: Link,
    pub(crate) update: Update,
    pub(crate) activation: Activation,
    /// Accounts are deleted when a person is deleted; Okta never does.
    pub(crate) erases: bool,
    pub(crate) find_group: FindGroup,
    /// The body of a create, without members.
    pub(crate) create_group: fn(&GroupSubject) -> Object,
    pub(crate) rename: Rename,
    pub(crate) membership: Membership,
    /// Groups are deleted at the server.
    pub(crate) deletes_groups: bool,
    pub(crate) import: Import,
    /// Writes in cycles: users, references, groups, memberships (Entra).
    pub(crate) cycles: bool,
}

/// A group as a body is made from it.
pub(crate) struct GroupSubject<'a> {
    pub(crate) name: &'a str,
    pub(crate) idp_id: &'a str,
    pub(crate) chance: Chance,
}

/// Schema URNs as they are written.
pub(crate) mod urn {
    pub(crate) const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
    pub(crate) const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
    pub(crate) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    pub(crate) const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
    pub(crate) const CORE_V1: &str = "urn:scim:schemas:core:1.0";
    pub(crate) const ENTERPRISE_V1: &str = "urn:scim:schemas:extension:enterprise:1.0";
    pub(crate) const WORKATO: &str = "urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole";
}
