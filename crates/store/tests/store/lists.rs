//! Lists: kept counts, pages at any depth, keyset pages. Checked against a model over random histories.

use std::collections::BTreeMap;

use doorward_store::ids::UserId;
use doorward_store::paging::{Cursor, Order, Slice};
use doorward_store::user::{UserFilter, UserRow, UserValues};
use doorward_store::{Counts, Error, group, stats, user};
use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};

use crate::common::{Fixture, on_both, person, team};

/// What one step of a history does.
#[derive(Debug, Clone)]
enum Step {
    Insert(bool),
    Delete(usize),
    Switch(usize),
    InsertGroup,
    DeleteGroup(usize),
}

#[derive(Default, Clone)]
struct Model {
    users: Vec<UserRow>,
    groups: Vec<group::GroupRow>,
    made: u64,
}

fn step(random: &mut StdRng) -> Step {
    let place = random.next_u32() as usize;
    match random.random_range(0..10) {
        0..=4 => Step::Insert(random.random_bool(0.7)),
        5 | 6 => Step::Delete(place),
        7 => Step::Switch(place),
        8 => Step::InsertGroup,
        _ => Step::DeleteGroup(place),
    }
}

async fn perform(fixture: &Fixture, model: &mut Model, steps: Vec<Step>, fails: bool) {
    let mut after = model.clone();
    let before = model.clone();
    let outcome = fixture
        .write(move |tx, scope| {
            // Jobs are repeatable: every run begins with what was there before.
            let mut model = before.clone();
            for step in &steps {
                match step {
                    Step::Insert(active) => {
                        model.made += 1;
                        let values = UserValues { active: *active, ..person(&format!("user{}", model.made)) };
                        model.users.push(user::insert(tx, scope, &values)?);
                    }
                    Step::Delete(place) if !model.users.is_empty() => {
                        let row = model.users.remove(place % model.users.len());
                        user::delete(tx, scope, &row)?;
                    }
                    Step::Switch(place) if !model.users.is_empty() => {
                        let place = place % model.users.len();
                        let row = &model.users[place];
                        let values = UserValues { active: !row.active, ..person(&row.user_name) };
                        model.users[place] = user::update(tx, scope, row, &values)?;
                    }
                    Step::InsertGroup => model.groups.push(group::insert(tx, scope, &team("team"))?),
                    Step::DeleteGroup(place) if !model.groups.is_empty() => {
                        let row = model.groups.remove(place % model.groups.len());
                        group::delete(tx, scope, &row)?;
                    }
                    Step::Delete(_) | Step::Switch(_) | Step::DeleteGroup(_) => (),
                }
            }
            assert_eq!(stats::counts(tx, scope)?, counts(&model), "a job sees its own changes");
            let first = user::page(tx, scope, 1, 3)?;
            assert!(model.users.iter().take(3).eq(&first.items), "and its own rows");
            assert_eq!(first.total, model.users.len() as i64);
            if fails { Err(Error::Busy) } else { Ok(model) }
        })
        .await;
    match outcome {
        Ok(done) => after = done,
        Err(error) => assert!(fails, "{error:?}"),
    }
    *model = after;
}

fn counts(model: &Model) -> Counts {
    let active = model.users.iter().filter(|row| row.active).count() as i64;
    Counts {
        users_active: active,
        users_inactive: model.users.len() as i64 - active,
        groups: model.groups.len() as i64,
        pending: 0,
    }
}

#[test]
fn counts_blocks_and_pages_are_right_after_random_histories() {
    on_both(async |fixture: Fixture| {
        let mut random = StdRng::seed_from_u64(42);
        let mut model = Model::default();
        for _ in 0..120 {
            let length = random.random_range(1..8);
            let steps = (0..length).map(|_| step(&mut random)).collect();
            let fails = random.random_bool(0.2);
            perform(&fixture, &mut model, steps, fails).await;
        }
        assert_eq!(fixture.read(stats::counts).await.expect("counts"), counts(&model));
        check_blocks(&fixture);
        for start in [1, 2, 10, model.users.len() as i64, model.users.len() as i64 + 1] {
            let page = fixture.read(move |tx, scope| user::page(tx, scope, start, 7)).await.expect("page");
            let expected: Vec<&UserRow> = model.users.iter().skip(start as usize - 1).take(7).collect();
            assert_eq!(page.total, model.users.len() as i64);
            assert_eq!(page.items.iter().collect::<Vec<_>>(), expected, "{start}");
        }
    });
}

/// Every block counts the rows that are in it.
fn check_blocks(fixture: &Fixture) {
    for (rows, blocks) in [("scim_user", "user_block"), ("scim_group", "group_block")] {
        let sql = format!(
            "SELECT COUNT(*) FROM {blocks} b WHERE b.live <> \
             (SELECT COUNT(*) FROM {rows} r WHERE r.directory_id = b.directory_id AND r.seq / 1024 = b.block)"
        );
        assert_eq!(fixture.raw_number(&sql), 0, "{blocks}");
        let sql =
            format!("SELECT COUNT(*) - (SELECT CAST(COALESCE(SUM(live), 0) AS BIGINT) FROM {blocks}) FROM {rows}");
        assert_eq!(fixture.raw_number(&sql), 0, "{rows}");
    }
}

#[test]
fn deep_pages_equal_the_naive_order_after_deletions() {
    on_both(async |fixture: Fixture| {
        let mut random = StdRng::seed_from_u64(1);
        let mut users: Vec<UserRow> = Vec::new();
        for batch in 0..9 {
            let rows = fixture
                .write(move |tx, scope| {
                    (0..500).map(|n| user::insert(tx, scope, &person(&format!("u{batch}-{n}")))).collect()
                })
                .await
                .expect("users");
            let rows: Vec<UserRow> = rows;
            users.extend(rows);
        }
        // One block goes entirely, others in part.
        let (gone, kept): (Vec<UserRow>, Vec<UserRow>) =
            users.into_iter().partition(|row| row.seq / 1024 == 1 || random.random_bool(0.3));
        for part in gone.chunks(300) {
            let part = part.to_vec();
            fixture
                .write(move |tx, scope| part.iter().try_for_each(|row| user::delete(tx, scope, row).map(drop)))
                .await
                .expect("delete");
        }
        check_blocks(&fixture);
        assert_eq!(fixture.read(user::total).await.expect("total"), kept.len() as i64);
        let ids: Vec<UserId> = kept.iter().map(|row| row.id).collect();
        let starts = (1..=ids.len() + 60).step_by(53).chain([1024, 1025, 1026, ids.len()]);
        for start in starts {
            let page = fixture.read(move |tx, scope| user::page(tx, scope, start as i64, 50)).await.expect("page");
            assert_eq!(page.total, ids.len() as i64);
            let page: Vec<UserId> = page.items.iter().map(|row| row.id).collect();
            let expected: Vec<UserId> = ids.iter().copied().skip(start - 1).take(50).collect();
            assert_eq!(page, expected, "{} {start}", fixture.name());
        }
        let mut walked = Vec::new();
        let mut seq = -1;
        loop {
            let rows = fixture.read(move |tx, scope| user::after(tx, scope, seq, 400)).await.expect("after");
            let Some(last) = rows.last() else { break };
            seq = last.seq;
            walked.extend(rows.iter().map(|row| row.id));
        }
        assert_eq!(walked, ids);
    });
}

async fn slice(fixture: &Fixture, cursor: Cursor<UserId>, filter: UserFilter) -> Slice<UserRow> {
    fixture.read(move |tx, scope| user::list(tx, scope, &cursor, &filter)).await.expect("list")
}

#[test]
fn cursors_walk_both_ways_and_meet() {
    on_both(async |fixture: Fixture| {
        let mut ids = Vec::new();
        for number in 0..10 {
            ids.push(fixture.user(&format!("user{number}")).await.id);
        }
        for order in [Order::Ascending, Order::Descending] {
            let mut expected = ids.clone();
            expected.sort();
            if order == Order::Descending {
                expected.reverse();
            }
            let first = slice(&fixture, Cursor::first(4, order), UserFilter::default()).await;
            let shown = |slice: &Slice<UserRow>| slice.items.iter().map(|row| row.id).collect::<Vec<_>>();
            assert_eq!(shown(&first), expected[..4]);
            assert!(!first.more_before && first.more_after);
            let cursor = Cursor { after: Some(expected[7]), ..Cursor::first(4, order) };
            let last = slice(&fixture, cursor, UserFilter::default()).await;
            assert_eq!(shown(&last), expected[8..]);
            assert!(last.more_before && !last.more_after);
            let cursor = Cursor { before: Some(expected[8]), ..Cursor::first(4, order) };
            let back = slice(&fixture, cursor, UserFilter::default()).await;
            assert_eq!(shown(&back), expected[4..8]);
            assert!(back.more_before && back.more_after);
        }
    });
}

#[test]
fn lists_of_the_application_are_narrowed() {
    on_both(async |fixture: Fixture| {
        let mut made = BTreeMap::new();
        for name in ["ann", "bob", "carl"] {
            made.insert(name, fixture.user(name).await);
        }
        let nameless = UserValues { external_id: None, active: false, ..person("dora") };
        fixture.write(move |tx, scope| user::insert(tx, scope, &nameless)).await.expect("dora");
        let mut team = fixture.group("team").await;
        let bob = doorward_store::membership::MemberId::User(made["bob"].id);
        let team_id = team.id;
        fixture
            .write(move |tx, scope| doorward_store::membership::add(tx, scope, &mut team, &[bob]))
            .await
            .expect("add");
        let cases: [(UserFilter, &[&str]); 7] = [
            (UserFilter { group: Some(team_id), ..UserFilter::default() }, &["bob"]),
            (UserFilter { idp_id: Some("00u-ann".into()), ..UserFilter::default() }, &["ann"]),
            (UserFilter { idp_id: Some("dora".into()), ..UserFilter::default() }, &["dora"]),
            (UserFilter { idp_id: Some("ann".into()), ..UserFilter::default() }, &[]),
            (UserFilter { email: Some("CARL".into()), ..UserFilter::default() }, &["carl"]),
            (UserFilter { active: Some(false), ..UserFilter::default() }, &["dora"]),
            (UserFilter { user_name: Some("BOB".into()), active: Some(true), ..UserFilter::default() }, &["bob"]),
        ];
        for (filter, expected) in cases {
            let text = format!("{filter:?}");
            let found = slice(&fixture, Cursor::first(10, Order::Ascending), filter).await;
            let names: Vec<&str> = found.items.iter().map(|row| row.user_name.as_str()).collect();
            assert_eq!(names, expected, "{} {text}", fixture.name());
        }
    });
}
