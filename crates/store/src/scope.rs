//! Who asks: values that only authentication makes, and that every function of the tables wants first (SEC-6).
//!
//! A scope cannot be built from an id:
//!
//! ```compile_fail,E0451
//! use doorward_store::scope::OperatorScope;
//! let forged = OperatorScope { session: None, origin: doorward_store::Origin::of(doorward_store::Actor::Operator(None)) };
//! ```
//!
//! ```compile_fail,E0451
//! # fn forge(directory_id: doorward_store::ids::DirectoryId, organization_id: doorward_store::ids::OrganizationId) {
//! let forged = doorward_store::scope::DirectoryScope { directory_id, organization_id };
//! # }
//! ```
//!
//! ```compile_fail,E0451
//! # fn forge(api_key_id: doorward_store::ids::ApiKeyId) {
//! let forged = doorward_store::scope::ApplicationScope { api_key_id };
//! # }
//! ```
//!
//! No user is read with a bare id, nor with the scope of an application:
//!
//! ```compile_fail,E0308
//! # fn read(tx: &mut doorward_store::Tx<'_>, directory: doorward_store::ids::DirectoryId, user: doorward_store::ids::UserId) {
//! let row = doorward_store::user::get(tx, &directory, &user);
//! # }
//! ```
//!
//! ```compile_fail,E0308
//! # fn read(tx: &mut doorward_store::Tx<'_>, scope: doorward_store::scope::ApplicationScope, user: doorward_store::ids::UserId) {
//! let row = doorward_store::user::get(tx, &scope, &user);
//! # }
//! ```
//!
//! Nor is the id of a group taken for that of a user:
//!
//! ```compile_fail,E0308
//! # fn read(tx: &mut doorward_store::Tx<'_>, scope: doorward_store::scope::DirectoryScope, group: doorward_store::ids::GroupId) {
//! let row = doorward_store::user::get(tx, &scope, &group);
//! # }
//! ```
//!
//! Nor is SQL run from outside:
//!
//! ```compile_fail,E0624
//! # fn read(tx: &mut doorward_store::Tx<'_>) {
//! let rows = tx.execute("DELETE FROM scim_user", &[]);
//! # }
//! ```

use std::net::IpAddr;
use std::sync::Arc;

use doorward_scim::schema::Types;

use crate::api_key::KeyScopes;
use crate::directory::{AuthMode, Settings, State};
use crate::ids::{ApiKeyId, DirectoryId, OperatorId, OperatorSessionId, OrganizationId, PortalLinkId, TokenId};
use crate::origin::{Actor, Origin};
use crate::role_mapping::Remembered;

/// One directory: its own users, groups and memberships can be reached with it and nothing else.
#[derive(Debug, Clone)]
pub struct DirectoryScope {
    pub(crate) directory_id: DirectoryId,
    pub(crate) organization_id: OrganizationId,
    pub(crate) label: String,
    pub(crate) name: String,
    pub(crate) directory_type: String,
    pub(crate) state: State,
    pub(crate) auth: AuthMode,
    pub(crate) settings: Arc<Settings>,
    pub(crate) types: Arc<Types>,
    pub(crate) token_id: Option<TokenId>,
    pub(crate) token_last_used_at: Option<i64>,
    pub(crate) token_expires_at: Option<i64>,
    pub(crate) token_read_only: bool,
    pub(crate) rules: Arc<Remembered>,
    pub(crate) origin: Origin,
}

impl DirectoryScope {
    /// The directory.
    pub fn directory_id(&self) -> DirectoryId {
        self.directory_id
    }

    /// The organization that the directory belongs to.
    pub fn organization_id(&self) -> OrganizationId {
        self.organization_id
    }

    /// The directory's part of the SCIM base URL.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The directory's name for people.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The kind of identity provider, for example `okta scim v2.0`.
    pub fn directory_type(&self) -> &str {
        &self.directory_type
    }

    /// Whether the directory is switched on, as of authentication.
    pub fn state(&self) -> State {
        self.state
    }

    /// How the identity provider proves itself.
    pub fn auth(&self) -> AuthMode {
        self.auth
    }

    /// The directory's settings, as of authentication.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What users and groups of the directory may hold; made of its settings once, when the scope is made.
    pub fn types(&self) -> &Arc<Types> {
        &self.types
    }

    /// The credential with which the scope was made; `None` when an application or the operator opened it.
    pub fn token_id(&self) -> Option<TokenId> {
        self.token_id
    }

    /// When the credential was used last (Unix microseconds), as of authentication; kept to the minute.
    pub fn token_last_used_at(&self) -> Option<i64> {
        self.token_last_used_at
    }

    /// When the credential ends (Unix microseconds); `None`: never, or no credential. Who caches a scope must look at it.
    pub fn token_expires_at(&self) -> Option<i64> {
        self.token_expires_at
    }

    /// The same scope for one request, which then stands beside every change made with it.
    #[must_use]
    pub fn for_request(&self, request_id: Option<Arc<str>>, address: Option<IpAddr>) -> Self {
        let origin = Origin { actor: self.origin.actor.clone(), request_id, address };
        Self { origin, ..self.clone() }
    }

    /// Who makes the changes that are made with the scope.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Whether the credential opens the directory for reading alone.
    pub fn is_read_only(&self) -> bool {
        self.token_read_only
    }
}

/// An application with an API key: it reads and administers every organization of the installation, or the one that its key is for.
#[derive(Debug, Clone)]
pub struct ApplicationScope {
    pub(crate) api_key_id: ApiKeyId,
    pub(crate) scopes: KeyScopes,
    pub(crate) organization_id: Option<OrganizationId>,
    pub(crate) last_used_at: Option<i64>,
    pub(crate) expires_at: Option<i64>,
    pub(crate) origin: Origin,
}

impl ApplicationScope {
    /// The same scope for one request, which then stands beside every change made with it.
    #[must_use]
    pub fn for_request(&self, request_id: Option<Arc<str>>, address: Option<IpAddr>) -> Self {
        let origin = Origin { actor: self.origin.actor.clone(), request_id, address };
        Self { origin, ..self.clone() }
    }

    /// The key with which the scope was made.
    pub fn api_key_id(&self) -> ApiKeyId {
        self.api_key_id
    }

    /// What the key may do.
    pub fn scopes(&self) -> KeyScopes {
        self.scopes
    }

    /// When the key was used last (Unix microseconds), as of authentication; kept to the minute.
    pub fn last_used_at(&self) -> Option<i64> {
        self.last_used_at
    }

    /// When the key ends (Unix microseconds); `None`: never. Who caches a scope must look at it.
    pub fn expires_at(&self) -> Option<i64> {
        self.expires_at
    }
}

/// The person who runs the installation.
#[derive(Debug, Clone)]
pub struct OperatorScope {
    session: Option<(OperatorId, OperatorSessionId)>,
    origin: Origin,
}

impl OperatorScope {
    /// For the command line: whoever can open the database is the operator. Never to be called while a request is served.
    pub fn local() -> Self {
        Self { session: None, origin: Origin::of(Actor::Operator(None)) }
    }

    /// For the authentication of sessions alone.
    pub(crate) fn signed_in(operator: OperatorId, session: OperatorSessionId) -> Self {
        let origin = Origin::of(Actor::Operator(Some(operator.to_string())));
        Self { session: Some((operator, session)), origin }
    }

    /// The account that is signed in; `None` on the command line.
    pub fn operator_id(&self) -> Option<OperatorId> {
        self.session.map(|(operator, _)| operator)
    }

    /// The session that the scope was made of; `None` on the command line.
    pub fn session_id(&self) -> Option<OperatorSessionId> {
        self.session.map(|(_, session)| session)
    }

    /// The same scope for one request, which then stands beside every change made with it.
    #[must_use]
    pub fn for_request(&self, request_id: Option<Arc<str>>, address: Option<IpAddr>) -> Self {
        let origin = Origin { actor: self.origin.actor.clone(), request_id, address };
        Self { origin, ..self.clone() }
    }
}

/// Doorward itself, in a job that nobody asked for: retention, the end of a grace period, deliveries.
#[derive(Debug, Clone)]
pub struct SystemScope {
    origin: Origin,
}

impl SystemScope {
    /// For the jobs of a node. Never to be called while a request is served.
    pub fn job(name: &'static str) -> Self {
        Self { origin: Origin::of(Actor::System(name)) }
    }
}

/// A customer's administrator with an opened setup link: one organization, for one intent.
#[derive(Debug, Clone)]
pub struct PortalScope {
    link_id: PortalLinkId,
    organization_id: OrganizationId,
    intent: String,
    origin: Origin,
}

impl PortalScope {
    pub(crate) fn of(link_id: PortalLinkId, organization_id: OrganizationId, intent: String) -> Self {
        Self { link_id, organization_id, intent, origin: Origin::of(Actor::Portal(link_id.to_string())) }
    }

    /// The link with which the session was opened.
    pub fn link_id(&self) -> PortalLinkId {
        self.link_id
    }

    /// What may be set up with it. Whoever changes something with the scope looks at it first.
    pub fn intent(&self) -> &str {
        &self.intent
    }

    /// The same scope for one request, which then stands beside every change made with it.
    #[must_use]
    pub fn for_request(&self, request_id: Option<Arc<str>>, address: Option<IpAddr>) -> Self {
        let origin = Origin { actor: self.origin.actor.clone(), request_id, address };
        Self { origin, ..self.clone() }
    }
}

impl Authority for PortalScope {
    fn origin(&self) -> &Origin {
        &self.origin
    }

    fn organization_id(&self) -> Option<OrganizationId> {
        Some(self.organization_id)
    }
}

/// A scope that administers the installation or one organization of it: [`ApplicationScope`], [`PortalScope`], [`OperatorScope`] or [`SystemScope`].
pub trait Authority: sealed::Sealed + Sync {
    /// Who makes the changes that are made with the scope.
    fn origin(&self) -> &Origin;

    /// The one organization that the scope is for; `None`: all of them.
    fn organization_id(&self) -> Option<OrganizationId> {
        None
    }

    /// Whether what belongs to this organization exists for the scope.
    fn sees(&self, organization: &OrganizationId) -> bool {
        self.organization_id().is_none_or(|own| own == *organization)
    }
}

impl Authority for ApplicationScope {
    fn origin(&self) -> &Origin {
        &self.origin
    }

    fn organization_id(&self) -> Option<OrganizationId> {
        self.organization_id
    }
}

impl Authority for OperatorScope {
    fn origin(&self) -> &Origin {
        &self.origin
    }
}

impl Authority for SystemScope {
    fn origin(&self) -> &Origin {
        &self.origin
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::ApplicationScope {}
    impl Sealed for super::OperatorScope {}
    impl Sealed for super::PortalScope {}
    impl Sealed for super::SystemScope {}
}
