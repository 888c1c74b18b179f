//! Hints, and statements that are not waited for, change how long a batch takes and nothing else.

use std::time::Duration;

use doorward_store::group::GroupRow;
use doorward_store::membership::{self, MemberId};
use doorward_store::scope::DirectoryScope;
use doorward_store::user::{self, UserRow};
use doorward_store::{Error, Hints, Lane, Tx, group};

use crate::common::{Fixture, event, on_both, person};

/// A small generator, so that a failure can be repeated.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

#[derive(Debug, Clone, Copy)]
struct Step {
    what: u64,
    user: usize,
    other: usize,
    group: usize,
    fails: bool,
}

const USERS: usize = 6;
const GROUPS: usize = 3;

fn steps(chance: &mut Chance, count: usize) -> Vec<Step> {
    let step = |_| Step {
        what: chance.below(10),
        user: chance.below(USERS as u64) as usize,
        other: chance.below(USERS as u64) as usize,
        group: chance.below(GROUPS as u64) as usize,
        fails: chance.below(8) == 0,
    };
    (0..count).map(step).collect()
}

/// Whom the steps are about; ids differ from run to run.
#[derive(Clone)]
struct Cast {
    users: Vec<UserRow>,
    groups: Vec<GroupRow>,
}

/// Does one step and tells what it saw, without ids.
fn perform(tx: &mut Tx<'_>, scope: &DirectoryScope, cast: &Cast, step: Step) -> Result<String, Error> {
    let (user_id, other_id) = (cast.users[step.user].id, cast.users[step.other].id);
    let members = [MemberId::User(user_id), MemberId::User(other_id)];
    let members = if step.user == step.other { &members[..1] } else { &members[..] };
    let told = match step.what {
        0 => {
            let name = format!("new{}@example.com", step.user);
            let row = user::insert(tx, scope, &person(&name))?;
            format!("made {} {}", row.user_name, row.seq)
        }
        1..=4 => {
            let Some(row) = user::get_for_update(tx, scope, &user_id)? else { return Ok("gone".into()) };
            let mut values = person(&row.user_name);
            values.active = row.active != (step.what == 1);
            values.display_name =
                if step.what == 2 { format!("Name {}", step.other) } else { row.display_name.clone() };
            values.emails = (0..=step.other % 3).map(|number| format!("{}-{number}@x.example", step.user)).collect();
            if step.what == 3 {
                values.user_name = format!("person{}@example.com", step.other);
            }
            let row = user::update(tx, scope, &row, &values)?;
            format!("{} {} {} v{}", row.user_name, row.active, row.display_name, row.version)
        }
        5 | 6 => {
            let Some(mut group) = group::get_for_update(tx, scope, &cast.groups[step.group].id)? else {
                return Ok("no group".into());
            };
            let known = membership::resolve(tx, scope, members)?;
            let known: Vec<MemberId> = known.into_iter().flatten().map(|member| member.id).collect();
            let changed = if step.what == 5 {
                membership::add(tx, scope, &mut group, &known)?
            } else {
                membership::remove(tx, scope, &mut group, members)?
            };
            format!("{} of {} changed, {} now, v{}", changed.len(), known.len(), group.members_count, group.version)
        }
        7 => {
            let row = user::get(tx, scope, &user_id)?;
            let groups = user::groups_of(tx, scope, &[user_id])?.remove(&user_id).unwrap_or_default();
            let names: Vec<String> = groups.into_iter().map(|group| group.display).collect();
            format!("{:?} in {names:?}", row.map(|row| row.display_name))
        }
        8 => {
            let mut names = Vec::new();
            for member in membership::members(tx, scope, &cast.groups[step.group].id, None, 100)? {
                names.push(member.display);
            }
            format!("members {names:?}")
        }
        _ if step.other == 0 && step.group == 0 => {
            let Some(row) = user::get_for_update(tx, scope, &user_id)? else { return Ok("gone".into()) };
            format!("left {} groups", user::delete(tx, scope, &row)?.len())
        }
        _ => format!("{} users", user::get_many(tx, scope, &[user_id, other_id])?.len()),
    };
    tx.emit(scope.origin(), event(scope, "step", step.what as i64))?;
    if step.fails { Err(Error::Database(format!("on purpose after {told}"))) } else { Ok(told) }
}

fn hints(cast: &Cast, step: Step) -> Hints {
    let users = vec![cast.users[step.user].id, cast.users[step.other].id];
    let group = cast.groups[step.group].id;
    Hints {
        memberships: users.iter().map(|user| (group, *user)).collect(),
        users,
        user_names: vec![format!("New{}@example.com", step.user)],
        groups: vec![group],
        members_of: vec![group],
    }
}

async fn cast(fixture: &Fixture) -> Cast {
    let mut cast = Cast { users: Vec::new(), groups: Vec::new() };
    for number in 0..USERS {
        cast.users.push(fixture.user(&format!("person{number}@example.com")).await);
    }
    for number in 0..GROUPS {
        cast.groups.push(fixture.group(&format!("Group {number}")).await);
    }
    cast
}

/// All steps of a round at once, behind a job that keeps the writer busy: so they share a transaction, in this order.
async fn together(fixture: &Fixture, cast: &Cast, steps: &[Step]) -> Vec<String> {
    let busy = fixture.write(|_, _| {
        std::thread::sleep(Duration::from_millis(30));
        Ok(())
    });
    let jobs = steps.iter().map(|step| {
        let (step, cast, scope) = (*step, cast.clone(), fixture.scope.clone());
        // Some know nothing beforehand.
        let hints = if step.other == 5 { Hints::default() } else { hints(&cast, step) };
        let lane = Lane::Directory(scope.directory_id());
        fixture.store.write_with(lane, hints, move |tx| perform(tx, &scope, &cast, step))
    });
    let (busy, outcomes) = futures_util::future::join(busy, futures_util::future::join_all(jobs)).await;
    busy.expect("busy");
    outcomes.into_iter().map(|outcome: Result<String, Error>| format!("{outcome:?}")).collect()
}

async fn one_by_one(fixture: &Fixture, cast: &Cast, steps: &[Step]) -> Vec<String> {
    let mut told = Vec::new();
    for step in steps {
        let (step, cast) = (*step, cast.clone());
        told.push(format!("{:?}", fixture.write(move |tx, scope| perform(tx, scope, &cast, step)).await));
    }
    told
}

/// What is in the tables, without ids and times.
fn state(fixture: &Fixture) -> Vec<String> {
    [
        "SELECT user_name || ' ' || display_name || ' ' || version || ' ' || seq || ' ' || COALESCE(email_key, '-') FROM scim_user \
         ORDER BY user_name",
        "SELECT u.user_name || ' ' || e.email_key FROM user_email e JOIN scim_user u ON u.id = e.user_id ORDER BY 1",
        "SELECT display_name || ' ' || version || ' ' || members_count FROM scim_group ORDER BY display_name",
        "SELECT g.display_name || ' ' || u.user_name || ' ' || m.display FROM membership m JOIN scim_user u ON u.id = m.user_id \
         JOIN scim_group g ON g.id = m.group_id ORDER BY 1",
        "SELECT users_active || ' ' || users_inactive || ' ' || user_seq FROM directory_stats",
        "SELECT position || ' ' || subject_id FROM event ORDER BY position",
    ]
    .into_iter()
    .flat_map(|sql| fixture.raw_texts(sql))
    .collect()
}

#[test]
fn hints_change_nothing_but_the_time() {
    on_both(async |hurried: Fixture| {
        let careful = hurried.another().await;
        let casts = (cast(&hurried).await, cast(&careful).await);
        let mut chance = Chance(20);
        for round in 0..25 {
            let mut steps = steps(&mut chance, 24);
            if round % 2 == 0 {
                // A job that fails has the whole batch run again statement by statement: half of the rounds have none.
                steps.iter_mut().for_each(|step| step.fails = false);
            }
            let told = together(&hurried, &casts.0, &steps).await;
            let expected = one_by_one(&careful, &casts.1, &steps).await;
            for ((told, expected), step) in told.iter().zip(&expected).zip(&steps) {
                assert_eq!(told, expected, "{}, round {round}, {step:?}", hurried.name());
            }
            assert_eq!(state(&hurried), state(&careful), "{}, round {round}", hurried.name());
        }
    });
}

/// The driver stops at an answer that nobody takes, when it is longer than what it reads at once.
#[test]
fn long_answers_are_read_while_another_is_waited_for() {
    on_both(async |fixture: Fixture| {
        let users = fixture
            .write(|tx, scope| {
                let insert = |number| user::insert(tx, scope, &person(&format!("person{number}@example.com")));
                (0..512).map(insert).collect::<Result<Vec<UserRow>, Error>>()
            })
            .await
            .expect("users");
        let group = fixture.group("Everybody").await.id;
        let ids: Vec<_> = users.iter().map(|user| user.id).collect();
        let members: Vec<MemberId> = ids.iter().copied().map(MemberId::User).collect();
        for joins in [true, false] {
            let hints = Hints {
                memberships: ids.iter().map(|user| (group, *user)).collect(),
                users: ids.clone(),
                groups: vec![group],
                ..Hints::default()
            };
            let (scope, members) = (fixture.scope.clone(), members.clone());
            let job = move |tx: &mut Tx<'_>| {
                let mut group = group::get_for_update(tx, &scope, &group)?.expect("group");
                let change = if joins { membership::add } else { membership::remove };
                let changed = change(tx, &scope, &mut group, &members)?.len();
                tx.emit(scope.origin(), event(&scope, "x", 0))?;
                Ok::<_, Error>((changed, group.members_count))
            };
            let written = fixture.store.write_with(fixture.lane(), hints, job);
            let outcome = tokio::time::timeout(Duration::from_secs(30), written).await.expect("an answer");
            assert_eq!(outcome.expect("write"), (512, if joins { 512 } else { 0 }), "{}", fixture.name());
        }
    });
}

#[test]
fn who_is_named_twice_is_found_once_whether_known_or_not() {
    on_both(async |fixture: Fixture| {
        let ann = fixture.user("ann").await.id;
        for hints in [Hints::default(), Hints { users: vec![ann, ann], ..Hints::default() }] {
            let scope = fixture.scope.clone();
            let job = move |tx: &mut Tx<'_>| Ok::<_, Error>(user::get_many(tx, &scope, &[ann, ann])?.len());
            assert_eq!(fixture.store.write_with(fixture.lane(), hints, job).await.expect("users"), 1);
        }
    });
}
