//! Proof that nothing hot walks a table. Every statement that the functions below run is explained: by SQLite, whose plans may hold no
//! scan of a table that grows, nor a sort of more than a page; and by PostgreSQL, which runs them on a directory of many people among
//! many small ones, with plans made for none in particular, and may not look at many rows to find a few.

use std::cell::RefCell;

use crate::batch::Batch;
use crate::directory::{self, AuthMode, DirectoryFilter, DirectoryValues, KnownUsersPolicy, Settings};
use crate::event::{self, EventQuery};
use crate::filter_sql::{self, Kind};
use crate::group::{self, GroupFilter, GroupValues};
use crate::ids::Id as _;
use crate::known_user::{self, KnownUserFilter, KnownUserValues};
use crate::link::Link;
use crate::membership::{self, MemberId};
use crate::migrate::{self, MIGRATIONS};
use crate::organization::{self, OrganizationValues};
use crate::paging::{Cursor, Indexed, Order};
use crate::pending::{self, PendingMember};
use crate::request_log::{self, Named, RequestFilter, RequestValues};
use crate::role_mapping;
use crate::scope::{OperatorScope, SystemScope};
use crate::user::{self, UserFilter, UserValues};
use crate::{Clock, Entropy, Result, SecretHash, Tx, api_key, seal, stats, token};

thread_local! {
    /// Each statement that was run, with the steps of its plan.
    static PLANS: RefCell<Vec<(String, Vec<String>)>> = const { RefCell::new(Vec::new()) };
}

/// Explains a statement of SQLite before it is run.
pub(crate) fn note(connection: &rusqlite::Connection, sql: &str) {
    // PRAGMA, SAVEPOINT and the like have no plan.
    let Ok(mut statement) = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")) else { return };
    // The parameters stay unbound: the planner does not look at them.
    let mut rows = statement.raw_query();
    let mut steps = Vec::new();
    while let Some(row) = rows.next().expect("plan") {
        steps.push(row.get::<_, String>(3).expect("step"));
    }
    PLANS.with_borrow_mut(|plans| plans.push((sql.to_owned(), steps)));
}

/// Keeps a plan of PostgreSQL.
pub(crate) fn note_lines(sql: &str, lines: Vec<String>) {
    PLANS.with_borrow_mut(|plans| plans.push((sql.to_owned(), lines)));
}

/// Runs every statement once; `fill` is called with the directory's id when there is one.
fn run(mut link: Link, fill: impl FnOnce(&mut Tx<'_>, &str) -> Result<()>) -> Result<()> {
    let clock = Clock::system();
    let entropy = Entropy::seeded(3);
    migrate::run(&mut link, &clock, MIGRATIONS)?;
    PLANS.with_borrow_mut(Vec::clear);
    link.control("BEGIN").map_err(|failed| failed.error)?;
    let mut batch = Batch::default();
    let mut tx = Tx::new(&mut link, &clock, &entropy, Some(&mut batch));
    let tx = &mut tx;
    let by = OperatorScope::local();
    let values = OrganizationValues { name: "Acme".into(), external_id: Some("a".into()), ..Default::default() };
    let organization = organization::create(tx, &by, &values)?.id;
    let values = DirectoryValues {
        label: "acme".into(),
        name: "Acme".into(),
        directory_type: "generic scim v2.0".into(),
        auth: AuthMode::Bearer,
        domain: None,
        settings: Settings::default(),
    };
    let directory = directory::create(tx, &by, &organization, &values)?.expect("directory").id;
    let scope = directory::scope(tx, &by, &directory)?.expect("scope");
    let scope = &scope;
    fill(tx, directory.code())?;
    token::create_bearer(tx, scope, "t", token::Terms::default())?;
    token::authenticate_bearer(tx, &SecretHash::of("x"))?;
    token::authenticate_basic(tx, "u", &SecretHash::of("x"))?;
    api_key::authenticate(tx, &SecretHash::of("x"))?;
    token::list(tx, scope)?;
    let mut values = UserValues {
        user_name: "ann".into(),
        external_id: Some("x".into()),
        display_name: "Ann".into(),
        active: true,
        emails: vec!["a@x".into(), "b@x".into()],
        doc: "{}".into(),
    };
    let ann = user::insert(tx, scope, &values)?;
    values.user_name = "ann2".into();
    let ann = user::update(tx, scope, &ann, &values)?;
    user::get_for_update(tx, scope, &ann.id)?;
    user::get_many(tx, scope, &[ann.id])?;
    user::by_user_name(tx, scope, "ann")?;
    user::by_external_id(tx, scope, "x")?;
    let api_key_id = tx.mint();
    let origin = crate::Origin::of(crate::Actor::ApiKey(api_key_id));
    let application = crate::scope::ApplicationScope {
        api_key_id,
        scopes: crate::api_key::KeyScopes::default(),
        organization_id: None,
        last_used_at: None,
        expires_at: None,
        origin,
    };
    user::find(tx, &application, &ann.id)?;
    known_users(tx, scope, &ann)?;
    user::page(tx, scope, 1, 10)?;
    user::after(tx, scope, 5, 10)?;
    for order in [(Indexed::Name, false), (Indexed::Id, true)] {
        user::page_by(tx, scope, order, 1, 10)?;
        group::page_by(tx, scope, order, 1, 10)?;
    }
    crate::server_secret::get_or_create(tx, "cursor")?;
    stats::counts(tx, scope)?;
    let values = GroupValues { display_name: "team".into(), external_id: Some("g".into()), doc: "{}".into() };
    let mut team = group::insert(tx, scope, &values)?;
    let inner = group::insert(tx, scope, &values)?;
    team = group::update(tx, scope, &team, &values)?;
    group::get_many(tx, scope, &[team.id, inner.id])?;
    group::by_display_name(tx, scope, "team")?;
    group::by_external_id(tx, scope, "g")?;
    group::find(tx, &application, &team.id)?;
    group::page(tx, scope, 1, 10)?;
    let members = [MemberId::User(ann.id), MemberId::Group(inner.id)];
    membership::add(tx, scope, &mut team, &members)?;
    membership::present(tx, scope, &team.id, &members)?;
    membership::members(tx, scope, &team.id, None, 10)?;
    membership::members_of(tx, scope, &[team.id])?;
    membership::pairs(tx, scope, None, 10)?;
    membership::pairs(tx, scope, Some((team.id, ann.id)), 10)?;
    membership::groups_of_member(tx, scope, &members[0])?;
    membership::groups_of_member(tx, scope, &members[1])?;
    membership::resolve(tx, scope, &members)?;
    membership::resolve_names(tx, scope, &["ann".to_owned()])?;
    user::with_groups(tx, scope, &ann.id)?;
    user::groups_of(tx, scope, &[ann.id])?;
    let page = user::page(tx, scope, 1, 10)?;
    let several: Vec<_> = page.items.iter().map(|row| row.id).collect();
    user::groups_of_page(tx, scope, &page.items)?;
    user::groups_of(tx, scope, &[several.as_slice(), &[ann.id; 9]].concat())?;
    membership::remove(tx, scope, &mut team, &members)?;
    membership::add(tx, scope, &mut team, &members)?;
    let waiting = PendingMember { group_id: team.id, value: "v".into(), display: None };
    pending::add(tx, scope, std::slice::from_ref(&waiting))?;
    pending::take(tx, scope, "v", None, Some("w"))?;
    pending::add(tx, scope, &[waiting])?;
    pending::remove(tx, scope, &team.id, &["v".to_owned()])?;
    pending::list(tx, scope, &team.id, 10)?;
    filters(tx, scope)?;
    lists(tx, scope, &team.id, &ann.id)?;
    event::last_position(tx, scope, "x")?;
    request_logs(tx, scope)?;
    event::last_positions(tx, scope, &["x".to_owned()])?;
    for query in [
        EventQuery { after: Some(5), limit: 10, order: Order::Ascending, ..EventQuery::default() },
        EventQuery { limit: 10, directory_id: Some(directory), ..EventQuery::default() },
        EventQuery { limit: 10, organization_id: Some(organization), ..EventQuery::default() },
        EventQuery { limit: 10, actor: Some("operator".into()), ..EventQuery::default() },
        EventQuery { limit: 10, actor_id: Some("token_x".into()), ..EventQuery::default() },
        EventQuery { limit: 10, subject_id: Some("x".into()), ..EventQuery::default() },
    ] {
        event::list(tx, &by, &query)?;
    }
    seals(tx, &by)?;
    roles(tx, scope, &ann)?;
    group::delete(tx, scope, &team)?;
    user::delete(tx, scope, &ann)?;
    user::is_deleted(tx, scope, &ann.id)?;
    user::buried_access_version(tx, scope, &ann.id)?;
    batch.keep_job();
    batch.flush(&mut link).map_err(|failed| failed.error)?;
    // What only a job that reads does.
    let mut tx = Tx::new(&mut link, &clock, &entropy, None);
    user::page(&mut tx, scope, 5_000, 10)?;
    group::page(&mut tx, scope, 5_000, 10)?;
    stats::counts(&mut tx, scope)?;
    link.control("ROLLBACK").map_err(|failed| failed.error)
}

/// What follows the log.
fn seals(tx: &mut Tx<'_>, by: &OperatorScope) -> Result<()> {
    let system = SystemScope::job("plans");
    seal::records(tx, by, 5, 10)?;
    seal::last(tx, by)?;
    seal::list(tx, by, 5, 10)?;
    seal::ending_at(tx, by, 256)?;
    let expiry = seal::Expiry { before: 0, awaited_after: 0, at_last: 0 };
    seal::purge(tx, &system, expiry, 10)?;
    Ok(())
}

fn roles(tx: &mut Tx<'_>, scope: &crate::scope::DirectoryScope, ann: &user::UserRow) -> Result<()> {
    let condition = role_mapping::Condition::AttributeRole { path: "title".into() };
    let rule = role_mapping::Rule { condition, role: None, environment: String::new() };
    let mapping = role_mapping::create(tx, scope, 1, &rule)?;
    role_mapping::find(tx, &OperatorScope::local(), &mapping.id)?;
    role_mapping::changed(tx, scope)?;
    role_mapping::policy(tx, scope)?;
    user::set_roles(tx, scope, ann, Some("{}".into()), true)?;
    role_mapping::note_unknown(tx, scope, &ann.id, &[("title".into(), "Boss".into())])?;
    role_mapping::begin_recompute(tx, scope)?;
    role_mapping::recompute(tx, scope)?;
    role_mapping::access_epoch(tx, scope)?;
    Ok(())
}

fn request_logs(tx: &mut Tx<'_>, scope: &crate::scope::DirectoryScope) -> Result<()> {
    let by = crate::scope::SystemScope::job("plans");
    let values = RequestValues { request_id: "req_1".into(), ..RequestValues::of(scope.directory_id(), 1) };
    request_log::add(tx, &by, &[values])?;
    request_log::list(tx, scope, &Cursor::first(10, Order::Descending), &RequestFilter::default())?;
    request_log::get(tx, scope, Named::Request("req_1"))?;
    request_log::recent(tx, scope, 5, 10)?;
    request_log::deleted_at(tx, scope, "directory_user_x")?;
    request_log::crowded(tx, &by, 10, 10)?;
    request_log::with_requests(tx, &by, None, 10)?;
    request_log::purge_before(tx, &by, &scope.directory_id(), 5, 10)?;
    request_log::purge_beyond(tx, &by, &scope.directory_id(), 5, 10)?;
    event::of_request(tx, scope, "req_1", 5, 10)?;
    Ok(())
}

fn known_users(tx: &mut Tx<'_>, scope: &crate::scope::DirectoryScope, ann: &user::UserRow) -> Result<()> {
    let account = KnownUserValues {
        id: "a".parse().expect("id"),
        user_name: Some("ann".into()),
        email: Some("a@x".into()),
        external_id: Some("x".into()),
        name: None,
    };
    let id = account.id.clone();
    known_user::load(tx, scope, std::slice::from_ref(&account))?;
    known_user::policy_changed(tx, scope, KnownUsersPolicy::Ask)?;
    known_user::candidates(tx, scope, ann, &["a@x".into(), "b@x".into()])?;
    known_user::is_linked_elsewhere(tx, scope, &id)?;
    known_user::people_like(tx, scope, &[account])?;
    known_user::get(tx, scope, &id)?;
    known_user::list(tx, scope, &Cursor::first(10, Order::Ascending), &KnownUserFilter::default())?;
    let asked = known_user::open_conflict(tx, scope, (&ann.id, "ann"), "asked", std::slice::from_ref(&id))?;
    known_user::conflicts_naming(tx, scope, &id, 10)?;
    known_user::conflicts(tx, scope, &Cursor::first(10, Order::Descending))?;
    known_user::close_conflict(tx, scope, &asked.expect("conflict").id)?;
    let ann = known_user::link(tx, scope, &id, ann)?;
    known_user::unlink(tx, scope, &ann)?;
    known_user::keep_apart(tx, scope, &id, &ann.id)?;
    known_user::depart(tx, scope, &ann)?;
    known_user::delete(tx, scope, &id)
}

fn filters(tx: &mut Tx<'_>, scope: &crate::scope::DirectoryScope) -> Result<()> {
    use doorward_scim::filter::Filter;
    use doorward_scim::quirks::Leniency;
    use doorward_scim::schema::ResourceType;
    for text in [
        r#"userName eq "a""#,
        r#"userName sw "a""#,
        r#"externalId eq "a""#,
        r#"emails.value eq "a""#,
        r#"userName eq "a" or externalId eq "b""#,
        r#"emails.value eq "a" or externalId eq "b""#,
        r#"emails.value eq "a" and userName eq "b""#,
        r#"emails.value eq "a" and groups.value eq "b""#,
        r#"groups.value eq "b""#,
    ] {
        let filter = Filter::parse(text, &ResourceType::user(), &mut Leniency::strict()).expect(text);
        let plan = filter_sql::plan(&filter, Kind::User);
        user::matching(tx, scope, &plan, -1, 10)?;
        user::count_matching(tx, scope, &plan)?;
    }
    for text in [
        r#"displayName eq "a""#,
        r#"externalId eq "a""#,
        r#"displayName eq "a" or externalId eq "b""#,
        r#"members.value eq "00000000-0000-7000-8000-000000000000""#,
        r#"members[value eq "00000000-0000-7000-8000-000000000000"] and displayName sw "a""#,
    ] {
        let filter = Filter::parse(text, &ResourceType::group(), &mut Leniency::strict()).expect(text);
        let plan = filter_sql::plan(&filter, Kind::Group);
        group::matching(tx, scope, &plan, -1, 10)?;
        group::count_matching(tx, scope, &plan)?;
    }
    Ok(())
}

fn lists(
    tx: &mut Tx<'_>,
    scope: &crate::scope::DirectoryScope,
    team: &crate::ids::GroupId,
    ann: &crate::ids::UserId,
) -> Result<()> {
    for filter in [
        UserFilter::default(),
        UserFilter { group: Some(*team), ..UserFilter::default() },
        UserFilter { idp_id: Some("x".into()), ..UserFilter::default() },
        UserFilter { email: Some("x".into()), ..UserFilter::default() },
        UserFilter { email: Some("x".into()), group: Some(*team), idp_id: Some("x".into()), ..UserFilter::default() },
        UserFilter { user_name: Some("x".into()), ..UserFilter::default() },
    ] {
        user::list(tx, scope, &Cursor::first(10, Order::Descending), &filter)?;
    }
    for filter in [GroupFilter::default(), GroupFilter { user: Some(*ann), ..GroupFilter::default() }] {
        group::list(tx, scope, &Cursor::first(10, Order::Descending), &filter)?;
    }
    directory::list(tx, &OperatorScope::local(), &Cursor::first(10, Order::Ascending), &DirectoryFilter::default())?;
    Ok(())
}

#[test]
fn hot_lookups_use_an_index() {
    let connection = rusqlite::Connection::open_in_memory().expect("open");
    crate::sqlite::prepared_once(&connection).expect("prepare");
    run(Link::Sqlite(connection), |_, _| Ok(())).expect("run");
    let plans = PLANS.take();
    assert!(plans.len() > 60, "the statements were seen: {}", plans.len());
    for (sql, steps) in plans {
        for step in &steps {
            let scans = step.starts_with("SCAN ")
                // Small results of subqueries, a single row, and the list of all directories.
                && !["SCAN below", "SCAN w", "SCAN wanted", "SCAN found", "SCAN b", "SCAN sums", "SCAN (subquery", "SCAN CONSTANT ROW", "SCAN d USING INDEX", "SCAN 2"]
                    .iter()
                    .any(|small| step.starts_with(small));
            assert!(!scans, "{sql}\n{steps:#?}");
        }
        // `directory_id` alone narrows nothing: a second column must be in the search, unless the whole directory is asked for.
        let lists = [
            "ORDER BY u.seq LIMIT",
            "ORDER BY g.seq LIMIT",
            "ORDER BY u.id",
            "ORDER BY g.id",
            "ORDER BY u.user_name_key",
            "ORDER BY g.display_name_key",
            "block",
            "ORDER BY id",
            "ORDER BY k.id",
            "ORDER BY q.id",
            "SELECT 1 FROM known_user WHERE directory_id = $1 LIMIT 1",
            "ORDER BY place",
        ];
        for step in steps.iter().filter(|step| step.starts_with("SEARCH") && step.contains("(directory_id=?)")) {
            let single = ["directory_stats", "SEARCH d ", "request_traffic", "SEARCH c ", "role_recompute"]
                .iter()
                .any(|table| step.contains(table));
            assert!(single || lists.iter().any(|list| sql.contains(list)), "{sql}\n{steps:#?}");
        }
    }
}

/// A directory of 5,000 people and 50 groups, a hundred people in each; 300 directories of three people; and the log of all that.
const MANY: &str = "
    INSERT INTO directory SELECT lpad(n::text, 26, '0'), organization_id, 'label' || n, name, name_key, directory_type, state, auth, domain, 'k' || n,
        settings, created_at, updated_at FROM directory, generate_series(1, 300) n WHERE id = '$D';
    INSERT INTO directory_stats SELECT lpad(n::text, 26, '0'), 3, 0, 3, 0, 0, 0 FROM generate_series(1, 300) n;
    INSERT INTO scim_user SELECT d.id, lpad((row_number() OVER ())::text, 26, '0'), n, 'user' || n, 'user' || n, 'e' || n, 'e' || n, 'User',
        'mail' || n, true, 1, 0, 0, '{}' FROM directory d, generate_series(0, CASE WHEN d.id = '$D' THEN 4999 ELSE 2 END) n;
    INSERT INTO user_email SELECT directory_id, id, 'home' || seq FROM scim_user;
    INSERT INTO scim_group SELECT '$D', lpad(n::text, 26, '6'), n, 'group' || n, 'group' || n, 'g' || n, 'g' || n, 1, 100, 0, 0, '{}'
        FROM generate_series(0, 49) n;
    INSERT INTO membership SELECT '$D', g.id, u.id, 'User' FROM scim_group g JOIN scim_user u
        ON u.directory_id = '$D' AND u.seq BETWEEN g.seq * 100 AND g.seq * 100 + 99;
    INSERT INTO pending_member SELECT '$D', g.id, 'waits' || n, 'waits' || n, NULL FROM scim_group g, generate_series(1, 20) n;
    INSERT INTO user_block SELECT '$D', n, CASE n WHEN 4 THEN 904 ELSE 1024 END FROM generate_series(0, 4) n;
    INSERT INTO event SELECT row_number() OVER (), 'dsync.user.created', o.id, u.directory_id, 'directory_user_' || u.id, 0, '{}',
        'scim_auto_sync', 'token_' || u.directory_id, NULL, NULL FROM scim_user u, organization o;
    INSERT INTO event SELECT (SELECT MAX(position) FROM event) + n, 'dsync.token.created', NULL, NULL, 'token_' || n, 0, '{}', 'operator', NULL,
        NULL, NULL FROM generate_series(1, 50) n;
    INSERT INTO event_seal SELECT n * 256, n * 256 - 255, '', '', '', 0, 0 FROM generate_series(1, 20) n;
    UPDATE counter SET value = (SELECT COUNT(*) FROM event) WHERE name = 'event';
    UPDATE directory_stats SET user_seq = 5000, group_seq = 50, users_active = 5000, groups_total = 50, members_pending = 1000
        WHERE directory_id = '$D';
    ANALYZE; SET plan_cache_mode = force_generic_plan";

/// Rows that a statement may look at in vain: a block of a list that is skipped, and a page.
const IN_VAIN: u64 = 1_200;

/// The number after `label` in a line of a plan.
fn number(line: &str, label: &str) -> u64 {
    let digits = line.split(label).nth(1).unwrap_or_default();
    digits.split(|c: char| !c.is_ascii_digit()).next().and_then(|digits| digits.parse().ok()).unwrap_or_default()
}

#[test]
fn postgres_finds_few_rows_by_looking_at_few() {
    let database = doorward_testkit::TestDatabase::postgres();
    let url = database.url().to_owned();
    // On a thread of its own, as in the store: the connection has a runtime.
    let plans = std::thread::spawn(move || {
        let link = crate::link::Target::parse(&url).expect("url").connect_writer().expect("connect");
        run(link, |tx, directory| {
            tx.simple(&MANY.replace("$D", directory))?;
            PLANS.with_borrow_mut(Vec::clear);
            crate::postgres::explain_from_now_on();
            Ok(())
        })
        .expect("run");
        PLANS.take()
    });
    let plans = plans.join().expect("plans");
    assert!(plans.len() > 60, "the statements were seen: {}", plans.len());
    for (sql, lines) in plans {
        for line in &lines {
            let vain = number(line, "Rows Removed by Filter: ") + number(line, "Rows Removed by Join Filter: ");
            let (rows, loops) = (number(line, "actual rows="), number(line, "loops="));
            let many = line.contains("Scan") && rows * loops > IN_VAIN;
            assert!(vain * loops.max(1) <= IN_VAIN && !many, "{sql}\n{}", lines.join("\n"));
        }
    }
}
