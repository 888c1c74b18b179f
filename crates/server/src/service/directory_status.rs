//! The one word for how a directory's connection is doing (portal-and-sso 2.1): the same in the API, on every screen and in events.

use doorward_store::directory::{DirectoryRow, State};

/// An hour in microseconds.
const HOUR: i64 = 3_600_000_000;

/// How many failures within the last hour or two make a connection degraded, when they are a tenth of its requests.
const FAILURES: i64 = 5;

/// How a connection is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// There is no credential that could be used.
    NoToken,
    /// There is one, and nothing has come.
    Waiting,
    /// Requests come, and none of them is let in.
    AuthFailing,
    /// Requests are let in; there are no people yet.
    Connected,
    /// There are people.
    Active,
    /// There are people, and nothing has come for longer than is usual. Not an error.
    Quiet,
    /// Many requests are refused.
    Degraded,
    /// Switched off by somebody.
    Disabled,
    /// On its way out.
    Deleting,
}

impl Status {
    /// The word of the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::NoToken => "no_token",
            Status::Waiting => "waiting",
            Status::AuthFailing => "auth_failing",
            Status::Connected => "connected",
            Status::Active => "active",
            Status::Quiet => "quiet",
            Status::Degraded => "degraded",
            Status::Disabled => "disabled",
            Status::Deleting => "deleting",
        }
    }
}

/// The status of a directory.
pub fn of(row: &DirectoryRow) -> Status {
    let traffic = &row.traffic;
    match row.state {
        State::Deleting => return Status::Deleting,
        State::Unlinked => return Status::Disabled,
        State::Validating | State::Linked => {}
    }
    if traffic.credential_until.is_none() {
        return Status::NoToken;
    }
    // Refused ones after the last accepted one, and not only a single stray request long ago.
    let refused = traffic.refused_at > traffic.accepted_at && (traffic.refused > 0 || traffic.accepted_at.is_none());
    match row.state {
        State::Validating if refused => Status::AuthFailing,
        State::Validating => Status::Waiting,
        _ if refused && traffic.requests == traffic.refused => Status::AuthFailing,
        _ if traffic.failures >= FAILURES && traffic.failures * 10 >= traffic.requests => Status::Degraded,
        _ if row.counts.users() == 0 => Status::Connected,
        _ if is_quiet(row) => Status::Quiet,
        _ => Status::Active,
    }
}

/// Entra polls every 40 minutes, so that four hours of silence mean something; the others send only what changes, and may have nothing
/// to send for weeks. A directory without any request in its log (one older than the log) is not called quiet.
fn is_quiet(row: &DirectoryRow) -> bool {
    let patience = if row.directory_type.starts_with("azure") { 4 * HOUR } else { 14 * 24 * HOUR };
    row.traffic.accepted_at.is_some_and(|last| row.traffic.now - last > patience)
}

#[cfg(test)]
mod tests {
    use doorward_store::directory::{AuthMode, Settings};
    use doorward_store::ids::{DirectoryId, Id as _, OrganizationId};
    use doorward_store::traffic::Traffic;

    use super::*;

    const NOW: i64 = 1_800_000_000_000_000;

    fn row(state: State, users: i64, traffic: &Traffic) -> DirectoryRow {
        DirectoryRow {
            id: DirectoryId::from_bits(1),
            organization_id: OrganizationId::from_bits(1),
            label: "acme".to_owned(),
            name: "Acme".to_owned(),
            directory_type: "azure scim v2.0".to_owned(),
            state,
            auth: AuthMode::Bearer,
            domain: None,
            external_key: String::new(),
            settings: Settings::default(),
            counts: doorward_store::Counts { users_active: users, ..Default::default() },
            traffic: Traffic { now: NOW, credential_until: Some(i64::MAX), ..traffic.clone() },
            first_contact_at: None,
            delete_at: None,
            removal_began_at: None,
            created_at: 0,
            updated_at: 0,
        }
    }

    #[test]
    fn every_status_has_its_reason() {
        let quiet = Traffic::default();
        let ago = |hours: i64| Some(NOW - hours * HOUR);
        let refused = Traffic { refused_at: ago(0), requests: 3, refused: 3, ..Traffic::default() };
        let was_good = Traffic { accepted_at: ago(9), ..refused.clone() };
        let mixed = Traffic { accepted_at: ago(0), requests: 60, failures: 6, ..Traffic::default() };
        let few = Traffic { requests: 600, ..mixed.clone() };
        let silent = Traffic { accepted_at: ago(5), ..Traffic::default() };
        for (state, users, traffic, want) in [
            (State::Deleting, 1, &quiet, "deleting"),
            (State::Unlinked, 1, &quiet, "disabled"),
            (State::Validating, 0, &quiet, "waiting"),
            (State::Validating, 0, &refused, "auth_failing"),
            (State::Linked, 7, &was_good, "auth_failing"),
            (State::Linked, 0, &quiet, "connected"),
            (State::Linked, 0, &mixed, "degraded"),
            (State::Linked, 7, &mixed, "degraded"),
            (State::Linked, 7, &few, "active"),
            (State::Linked, 7, &silent, "quiet"),
            (State::Linked, 7, &quiet, "active"),
        ] {
            assert_eq!(of(&row(state, users, traffic)).as_str(), want, "{state:?} {users} {traffic:?}");
        }
        let mut without = row(State::Linked, 7, &quiet);
        without.traffic.credential_until = None;
        assert_eq!(of(&without).as_str(), "no_token");
        let mut okta = row(State::Linked, 7, &silent);
        okta.directory_type = "okta scim v2.0".to_owned();
        assert_eq!(of(&okta).as_str(), "active", "Okta may be silent for weeks");
    }
}
