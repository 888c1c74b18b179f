//! What lists of users and lists of groups have in common: rows that a filter or an order is applied to in the very form that the
//! client would be shown, of which only the part is made that is looked at.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use doorward_scim::filter::Matcher;
use doorward_scim::needed::Needed;
use doorward_scim::schema::{ENTERPRISE, ResourceType};
use doorward_scim::version::{GroupRef, Parts, v2};
use doorward_scim::{Error as ScimError, ErrorKind, Object};
use doorward_store::Tx;
use doorward_store::filter_sql::{Kind, Plan};
use doorward_store::group::{self, GroupRow};
use doorward_store::membership;
use doorward_store::paging::{Indexed, Page};
use doorward_store::scope::DirectoryScope;
use doorward_store::user::{self, UserRow};

use super::error::Result;
use super::members::member_refs;
use super::schema::{group_type, stored_part, user_type};
use super::users;

/// How long a list without an index may look through a directory (SEC-28).
const PATIENCE: Duration = Duration::from_secs(2);

/// Candidates taken from the store at a time.
pub(super) const PORTION: i64 = 500;

/// A row of users or of groups.
pub(super) trait Listed: Sized + Clone {
    /// Which of the two.
    const KIND: Kind;
    /// What is computed from other rows: `groups` of users, `members` of groups.
    const COMPUTED: &'static str;

    fn resource_type(scope: &DirectoryScope) -> &ResourceType;
    fn seq(&self) -> i64;
    /// The id, whose text sorts as the id does.
    fn id(&self) -> String;

    fn page(tx: &mut Tx<'_>, scope: &DirectoryScope, start_index: i64, count: i64) -> Result<Page<Self>>;
    fn page_by(
        tx: &mut Tx<'_>,
        scope: &DirectoryScope,
        order: (Indexed, bool),
        start_index: i64,
        count: i64,
    ) -> Result<Page<Self>>;
    fn matching(tx: &mut Tx<'_>, scope: &DirectoryScope, plan: &Plan, after: i64, limit: i64) -> Result<Vec<Self>>;
    fn count_matching(tx: &mut Tx<'_>, scope: &DirectoryScope, plan: &Plan) -> Result<i64>;
    fn get_many(tx: &mut Tx<'_>, scope: &DirectoryScope, ids: &[String]) -> Result<Vec<Self>>;

    /// Shows each row with the part of its resource that is looked at, as the client would see it.
    fn each_resource(
        tx: &mut Tx<'_>,
        scope: &DirectoryScope,
        rows: Vec<Self>,
        form: Form<'_>,
        show: &mut dyn FnMut(Self, &Object) -> Result<()>,
    ) -> Result<()>;
}

/// How resources are rendered to be looked at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Form<'a> {
    /// The SCIM base URL under which the client sees resources.
    pub base: &'a str,
    /// What of them is looked at.
    pub needed: &'a Needed,
    /// Until when that may take.
    pub deadline: Deadline,
}

/// The end of a list's patience.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline(Instant);

impl Deadline {
    /// From now on.
    pub fn begin() -> Self {
        Deadline(Instant::now())
    }

    /// Whether there is time left.
    ///
    /// # Errors
    /// `tooMany` when there is none.
    pub fn check(self) -> Result<()> {
        if self.0.elapsed() <= PATIENCE {
            return Ok(());
        }
        let detail = "the list has to look at too many resources; filter by userName, externalId or an e-mail address, and leave out sortBy";
        Err(ScimError::new(ErrorKind::TooMany, detail).into())
    }
}

/// What of each candidate's resource decides whether it belongs to the list.
pub(super) struct Test<'f>(Option<Matcher<'f>>);

impl<'f> Test<'f> {
    /// What the index has left of a filter.
    pub fn new<R: Listed>(scope: &'f DirectoryScope, plan: &'f Plan) -> Self {
        Test(plan.residual().map(|rest| Matcher::new(rest, R::resource_type(scope))))
    }

    /// Whether the index has left anything.
    pub fn is_needed(&self) -> bool {
        self.0.is_some()
    }

    /// What of a resource it looks at.
    pub fn needed(&self) -> Needed {
        self.0.as_ref().map(Matcher::needed).unwrap_or_default()
    }

    /// Whether a resource belongs to the list.
    pub fn holds(&self, resource: &Object) -> bool {
        self.0.as_ref().is_none_or(|matcher| matcher.matches(resource))
    }
}

/// Shows all resources that pass the plan and the test, in the order of creation, portion by portion.
///
/// # Errors
/// `tooMany` when that takes too long.
pub(super) fn scan<R: Listed>(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    (plan, test): (&Plan, &Test<'_>),
    form: Form<'_>,
    show: &mut dyn FnMut(R, &Object) -> Result<()>,
) -> Result<()> {
    let mut after = -1;
    loop {
        let rows = R::matching(tx, scope, plan, after, PORTION)?;
        let last = is_last(&rows);
        after = rows.last().map_or(i64::MAX, R::seq);
        R::each_resource(tx, scope, rows, form, &mut |row, resource| match test.holds(resource) {
            true => show(row, resource),
            false => Ok(()),
        })?;
        if last {
            return Ok(());
        }
        form.deadline.check()?;
    }
}

/// Puts what was read by ids into the order of the ids.
pub(super) fn put_in_order<T>(items: &mut [T], ids: &[String], id: impl Fn(&T) -> String) {
    let places: HashMap<&str, usize> = ids.iter().enumerate().map(|(place, id)| (id.as_str(), place)).collect();
    items.sort_by_cached_key(|item| places.get(id(item).as_str()).copied());
}

/// Whether a portion is the last one.
pub(super) fn is_last<R>(rows: &[R]) -> bool {
    i64::try_from(rows.len()).unwrap_or(i64::MAX) < PORTION
}

impl Listed for UserRow {
    const KIND: Kind = Kind::User;
    const COMPUTED: &'static str = "groups";

    fn resource_type(scope: &DirectoryScope) -> &ResourceType {
        user_type(scope)
    }

    fn seq(&self) -> i64 {
        self.seq
    }

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn page(tx: &mut Tx<'_>, scope: &DirectoryScope, start_index: i64, count: i64) -> Result<Page<Self>> {
        Ok(user::page(tx, scope, start_index, count)?)
    }

    fn page_by(
        tx: &mut Tx<'_>,
        scope: &DirectoryScope,
        order: (Indexed, bool),
        start_index: i64,
        count: i64,
    ) -> Result<Page<Self>> {
        Ok(user::page_by(tx, scope, order, start_index, count)?)
    }

    fn matching(tx: &mut Tx<'_>, scope: &DirectoryScope, plan: &Plan, after: i64, limit: i64) -> Result<Vec<Self>> {
        Ok(user::matching(tx, scope, plan, after, limit)?)
    }

    fn count_matching(tx: &mut Tx<'_>, scope: &DirectoryScope, plan: &Plan) -> Result<i64> {
        Ok(user::count_matching(tx, scope, plan)?)
    }

    fn get_many(tx: &mut Tx<'_>, scope: &DirectoryScope, ids: &[String]) -> Result<Vec<Self>> {
        let ids: Vec<_> = ids.iter().filter_map(|id| id.parse().ok()).collect();
        Ok(user::get_many(tx, scope, &ids)?)
    }

    fn each_resource(
        tx: &mut Tx<'_>,
        scope: &DirectoryScope,
        rows: Vec<Self>,
        form: Form<'_>,
        show: &mut dyn FnMut(Self, &Object) -> Result<()>,
    ) -> Result<()> {
        let Form { base, needed, .. } = form;
        let views = match needed.names(ENTERPRISE) || needed.names(Self::COMPUTED) {
            true => users::views(tx, scope, rows, needed.names(Self::COMPUTED))?,
            false => rows.into_iter().map(users::bare).collect(),
        };
        for user in views {
            let group_ref =
                |group: &user::GroupRef| GroupRef { id: group.id.to_string(), display: group.display.clone() };
            let groups: Vec<GroupRef> = user.groups.iter().map(group_ref).collect();
            let id = user.row.id.to_string();
            let parts = Parts {
                id: &id,
                created: user.row.created_at,
                last_modified: user.row.updated_at,
                version: user.row.version,
                location: &format!("{base}/Users/{id}"),
                groups: Some(&groups),
                members: None,
                base,
                manager_display: user.manager_display.as_deref(),
            };
            let part = stored_part(scope, &user.row.doc, needed, user_type(scope))?;
            let resource = v2::render_part(part, needed, &parts, user_type(scope));
            show(user.row, &resource)?;
        }
        Ok(())
    }
}

impl Listed for GroupRow {
    const KIND: Kind = Kind::Group;
    const COMPUTED: &'static str = "members";

    fn resource_type(scope: &DirectoryScope) -> &ResourceType {
        group_type(scope)
    }

    fn seq(&self) -> i64 {
        self.seq
    }

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn page(tx: &mut Tx<'_>, scope: &DirectoryScope, start_index: i64, count: i64) -> Result<Page<Self>> {
        Ok(group::page(tx, scope, start_index, count)?)
    }

    fn page_by(
        tx: &mut Tx<'_>,
        scope: &DirectoryScope,
        order: (Indexed, bool),
        start_index: i64,
        count: i64,
    ) -> Result<Page<Self>> {
        Ok(group::page_by(tx, scope, order, start_index, count)?)
    }

    fn matching(tx: &mut Tx<'_>, scope: &DirectoryScope, plan: &Plan, after: i64, limit: i64) -> Result<Vec<Self>> {
        Ok(group::matching(tx, scope, plan, after, limit)?)
    }

    fn count_matching(tx: &mut Tx<'_>, scope: &DirectoryScope, plan: &Plan) -> Result<i64> {
        Ok(group::count_matching(tx, scope, plan)?)
    }

    fn get_many(tx: &mut Tx<'_>, scope: &DirectoryScope, ids: &[String]) -> Result<Vec<Self>> {
        let ids: Vec<_> = ids.iter().filter_map(|id| id.parse().ok()).collect();
        Ok(group::get_many(tx, scope, &ids)?)
    }

    fn each_resource(
        tx: &mut Tx<'_>,
        scope: &DirectoryScope,
        rows: Vec<Self>,
        form: Form<'_>,
        show: &mut dyn FnMut(Self, &Object) -> Result<()>,
    ) -> Result<()> {
        let Form { base, needed, deadline } = form;
        let with_members = needed.names(Self::COMPUTED);
        for row in rows {
            deadline.check()?;
            // One group's members at a time: they can be very many.
            let members =
                if with_members { membership::members(tx, scope, &row.id, None, i64::MAX)? } else { Vec::new() };
            let members = member_refs(&members);
            let id = row.id.to_string();
            let parts = Parts {
                id: &id,
                created: row.created_at,
                last_modified: row.updated_at,
                version: row.version,
                location: &format!("{base}/Groups/{id}"),
                groups: None,
                members: Some(&members),
                base,
                manager_display: None,
            };
            let part = stored_part(scope, &row.doc, needed, group_type(scope))?;
            let resource = v2::render_part(part, needed, &parts, group_type(scope));
            show(row, &resource)?;
        }
        Ok(())
    }
}
