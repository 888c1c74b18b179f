//! Members: rows of their own, resolved and kept inside the directory.

use std::sync::Arc;

use doorward_store::group::GroupRow;
use doorward_store::membership::{self, MemberId};
use doorward_store::pending::{self, PendingMember};
use doorward_store::scope::DirectoryScope;
use doorward_store::{Error, Lane, Tx, group, stats, user};

use crate::common::{Fixture, make_directory, on_both, person, team};

async fn fresh(fixture: &Fixture, group: &GroupRow) -> GroupRow {
    let id = group.id;
    fixture.read(move |tx, scope| group::get(tx, scope, &id)).await.expect("read").expect("group")
}

/// Adds or removes members in a job of its own; those really touched, and the group as the job left it.
async fn change(fixture: &Fixture, group: &GroupRow, members: Vec<MemberId>, add: bool) -> (Vec<MemberId>, GroupRow) {
    let id = group.id;
    fixture
        .write(move |tx, scope| {
            let mut group = group::get_for_update(tx, scope, &id)?.ok_or(Error::Closed)?;
            let touched = if add {
                membership::add(tx, scope, &mut group, &members)?
            } else {
                membership::remove(tx, scope, &mut group, &members)?
            };
            Ok((touched, group))
        })
        .await
        .expect("change")
}

#[test]
fn members_are_added_and_removed_by_name_alone() {
    on_both(async |fixture: Fixture| {
        let mut people = Vec::new();
        for number in 0..5 {
            people.push(MemberId::User(fixture.user(&format!("user{number}")).await.id));
        }
        let team = fixture.group("Team").await;
        let (added, row) = change(&fixture, &team, vec![people[2], people[0], people[2]], true).await;
        assert_eq!(added, [people[2], people[0]], "in the order given, each once");
        assert_eq!((row.members_count, row.version), (2, 2));
        assert_eq!(fresh(&fixture, &team).await, row);
        let (added, row) = change(&fixture, &team, vec![people[0], people[2]], true).await;
        assert_eq!((added.len(), row.version), (0, 2), "nothing changed, nothing counted");
        let (removed, row) = change(&fixture, &team, vec![people[4], people[2]], false).await;
        assert_eq!(removed, [people[2]], "only who was a member");
        assert_eq!((row.members_count, row.version), (1, 3));
        let everyone = people.clone();
        let id = team.id;
        let present =
            fixture.read(move |tx, scope| membership::present(tx, scope, &id, &everyone)).await.expect("present");
        assert_eq!(present, [people[0]]);
        let id = team.id;
        let cleared = fixture
            .write(move |tx, scope| {
                let mut group = group::get_for_update(tx, scope, &id)?.ok_or(Error::Closed)?;
                membership::clear(tx, scope, &mut group)
            })
            .await
            .expect("clear");
        assert_eq!(cleared, [people[0]]);
        assert_eq!(fresh(&fixture, &team).await.members_count, 0);
    });
}

#[test]
fn thousands_of_members_are_paged_in_order() {
    on_both(async |fixture: Fixture| {
        let people: Vec<MemberId> = fixture
            .write(|tx, scope| {
                (0..1300)
                    .map(|n| user::insert(tx, scope, &person(&format!("u{n}"))).map(|row| MemberId::User(row.id)))
                    .collect()
            })
            .await
            .expect("people");
        let inner = fixture.group("inner").await;
        let team = fixture.group("team").await;
        let mut wanted = people.clone();
        wanted.push(MemberId::Group(inner.id));
        let (added, row) = change(&fixture, &team, wanted.clone(), true).await;
        assert_eq!((added.len(), row.members_count), (1301, 1301));
        let mut walked = Vec::new();
        loop {
            let (id, last) = (team.id, walked.last().map(|member: &membership::Member| member.id));
            let page = fixture
                .read(move |tx, scope| membership::members(tx, scope, &id, last.as_ref(), 200))
                .await
                .expect("page");
            if page.is_empty() {
                break;
            }
            walked.extend(page);
        }
        wanted.sort();
        assert_eq!(walked.iter().map(|member| member.id).collect::<Vec<_>>(), wanted);
        assert_eq!(walked.last().map(|member| member.display.as_str()), Some("inner"));
        assert!(walked.iter().any(|member| member.display == "The u7"));
        let id = team.id;
        let all =
            fixture.read(move |tx, scope| membership::members(tx, scope, &id, None, i64::MAX)).await.expect("all");
        assert_eq!(all, walked);
        let ids = vec![team.id, inner.id];
        let by_group = fixture.read(move |tx, scope| membership::members_of(tx, scope, &ids)).await.expect("of");
        assert_eq!((by_group.len(), by_group[&team.id].len()), (1, 1301));
        // A new name is shown in every group.
        let MemberId::User(first) = people[0] else { panic!("a user") };
        fixture
            .write(move |tx, scope| {
                let row = user::get_for_update(tx, scope, &first)?.ok_or(Error::Closed)?;
                let values = user::UserValues { display_name: "New Name".into(), ..person(&row.user_name) };
                user::update(tx, scope, &row, &values)
            })
            .await
            .expect("rename");
        let page = fixture.read(move |tx, scope| membership::members(tx, scope, &id, None, 1300)).await.expect("page");
        assert_eq!(page.iter().filter(|member| member.display == "New Name").count(), 1);
        // All out again, in one request.
        let (removed, row) = change(&fixture, &team, wanted, false).await;
        assert_eq!((removed.len(), row.members_count), (1301, 0));
    });
}

#[test]
fn the_groups_of_a_page_are_those_of_its_users() {
    on_both(async |fixture: Fixture| {
        let checked = fixture.write(|tx, scope| {
            let people: Vec<user::UserRow> =
                (0..12).map(|n| user::insert(tx, scope, &person(&format!("p{n}")))).collect::<Result<_, Error>>()?;
            // One of them is in so many groups that a small page is not read in one stretch.
            for n in 0..400 {
                let mut group = group::insert(tx, scope, &team(&format!("g{n}")))?;
                let others =
                    people.iter().enumerate().filter(|(place, _)| n < 20 && (n + place) % 3 == 0).map(|(_, row)| row);
                let members: Vec<MemberId> = others.chain([&people[4]]).map(|row| MemberId::User(row.id)).collect();
                membership::add(tx, scope, &mut group, &members)?;
            }
            Ok(people)
        });
        let people: Vec<user::UserRow> = checked.await.expect("people");
        for page in [&people[..0], &people[..3], &people[..5], &people[2..8], &people[5..], &people[..]] {
            let (page, ids) = (page.to_vec(), page.iter().map(|row| row.id).collect::<Vec<_>>());
            let read = move |tx: &mut Tx<'_>, scope: &DirectoryScope| {
                Ok((user::groups_of_page(tx, scope, &page)?, user::groups_of(tx, scope, &ids)?))
            };
            let (of_page, of_ids) = fixture.read(read).await.expect("groups");
            assert_eq!(of_page, of_ids);
        }
    });
}

#[test]
fn the_groups_of_users_come_with_them() {
    on_both(async |fixture: Fixture| {
        let ann = fixture.user("ann").await.id;
        let bob = fixture.user("bob").await.id;
        let names = ["a", "9:x", "", "naïve 😀 group", "12:00000000000000000000000000ab"];
        let mut groups = Vec::new();
        for name in names {
            let group = fixture.group(name).await;
            change(&fixture, &group, vec![MemberId::User(ann)], true).await;
            groups.push(group);
        }
        groups.sort_by_key(|group| group.id);
        let expected: Vec<(String, String)> =
            groups.iter().map(|group| (group.id.to_string(), group.display_name.clone())).collect();
        let (single, many) = fixture
            .read(move |tx, scope| {
                let (_, single) = user::with_groups(tx, scope, &ann)?.ok_or(Error::Closed)?;
                Ok((single, user::groups_of(tx, scope, &[ann, bob])?))
            })
            .await
            .expect("groups");
        let shown = |groups: &[user::GroupRef]| {
            groups.iter().map(|group| (group.id.to_string(), group.display.clone())).collect::<Vec<_>>()
        };
        assert_eq!(shown(&single), expected);
        assert_eq!(shown(&many[&ann]), expected);
        assert!(!many.contains_key(&bob));
        let of_member = fixture
            .read(move |tx, scope| membership::groups_of_member(tx, scope, &MemberId::User(ann)))
            .await
            .expect("groups");
        assert_eq!(of_member, groups.iter().map(|group| group.id).collect::<Vec<_>>());
    });
}

#[test]
fn deleting_ends_memberships_and_keeps_counts() {
    on_both(async |fixture: Fixture| {
        let ann = fixture.user("ann").await;
        let bob = fixture.user("bob").await;
        let team = fixture.group("team").await;
        let outer = fixture.group("outer").await;
        change(&fixture, &team, vec![MemberId::User(ann.id), MemberId::User(bob.id)], true).await;
        change(&fixture, &outer, vec![MemberId::User(ann.id), MemberId::Group(team.id)], true).await;
        let before = fresh(&fixture, &team).await;
        let ended = fixture.write(move |tx, scope| user::delete(tx, scope, &ann)).await.expect("delete");
        assert_eq!(ended.len(), 2);
        let after = fresh(&fixture, &team).await;
        assert_eq!((after.members_count, after.version), (1, before.version + 1));
        assert!(after.updated_at >= before.updated_at + 1_000);
        assert_eq!(fresh(&fixture, &outer).await.members_count, 1);
        let ended = fixture.write(move |tx, scope| group::delete(tx, scope, &after)).await.expect("delete");
        assert_eq!(ended.members, [MemberId::User(bob.id)]);
        assert_eq!(ended.parents, [outer.id]);
        assert_eq!(fresh(&fixture, &outer).await.members_count, 0);
        assert_eq!(fixture.raw_number("SELECT COUNT(*) FROM membership"), 0);
        let id = team.id;
        assert!(fixture.read(move |tx, scope| group::is_deleted(tx, scope, &id)).await.expect("read"));
    });
}

#[test]
fn d27_a_group_is_no_member_of_itself_but_groups_may_contain_each_other() {
    on_both(async |fixture: Fixture| {
        let first = fixture.group("first").await;
        let second = fixture.group("second").await;
        let (added, _) = change(&fixture, &first, vec![MemberId::Group(first.id)], true).await;
        assert_eq!(added, []);
        for (outer, inner) in [(&first, &second), (&second, &first)] {
            let (added, row) = change(&fixture, outer, vec![MemberId::Group(inner.id)], true).await;
            assert_eq!((added.len(), row.members_count), (1, 1));
        }
        let row = fresh(&fixture, &first).await;
        let ended = fixture.write(move |tx, scope| group::delete(tx, scope, &row)).await.expect("delete");
        assert_eq!((ended.members, ended.parents), (vec![MemberId::Group(second.id)], vec![second.id]));
        assert_eq!(fresh(&fixture, &second).await.members_count, 0);
    });
}

#[test]
fn the_first_members_belong_to_the_first_version() {
    on_both(async |fixture: Fixture| {
        let ann = MemberId::User(fixture.user("ann").await.id);
        let row = fixture
            .write(move |tx, scope| {
                let mut group = group::insert(tx, scope, &crate::common::team("team"))?;
                assert_eq!(membership::add_first(tx, scope, &mut group, &[ann, ann])?, [ann]);
                Ok(group)
            })
            .await
            .expect("group");
        assert_eq!((row.members_count, row.version, row.updated_at), (1, 1, row.created_at));
        assert_eq!(fresh(&fixture, &row).await, row);
    });
}

#[test]
fn d26_unknown_members_wait_and_join_their_own_directory_only() {
    on_both(async |fixture: Fixture| {
        let team = fixture.group("team").await;
        let wait = |value: &str| PendingMember { group_id: team.id, value: value.into(), display: None };
        let waiting = [wait("00u-ann"), wait("BOB"), wait("carl"), wait("00u-ann")];
        let added = fixture.write(move |tx, scope| pending::add(tx, scope, &waiting)).await.expect("add");
        assert_eq!(added, ["00u-ann", "BOB", "carl"]);
        assert_eq!(fixture.read(stats::counts).await.expect("counts").pending, 3);
        let other = make_directory(&fixture.store, fixture.organization, "other").await;
        let foreign = fixture
            .store
            .write(Lane::Directory(other.directory_id()), move |tx| {
                pending::take(tx, &other, "x", Some("00u-ann"), Some("bob"))
            })
            .await
            .expect("take");
        assert_eq!(foreign, [], "another directory's arrivals are not waited for");
        let take = async |id: &'static str, external: Option<&'static str>, name: Option<&'static str>| {
            let taken =
                fixture.write(move |tx, scope| pending::take(tx, scope, id, external, name)).await.expect("take");
            taken.into_iter().map(|member| member.value).collect::<Vec<_>>()
        };
        assert!(take("x", Some("00U-ANN"), None).await.is_empty(), "externalId is case-exact");
        assert_eq!(take("x", Some("00u-ann"), Some("bob")).await, ["00u-ann", "BOB"]);
        assert!(take("x", Some("00u-ann"), Some("bob")).await.is_empty());
        let id = team.id;
        let removed = fixture
            .write(move |tx, scope| pending::remove(tx, scope, &id, &["nobody".to_owned(), "carl".to_owned()]))
            .await
            .expect("remove");
        assert_eq!(removed, ["carl"]);
        assert_eq!(fixture.read(stats::counts).await.expect("counts").pending, 0);
        let waiting = [wait("d"), wait("e")];
        fixture.write(move |tx, scope| pending::add(tx, scope, &waiting)).await.expect("add");
        let listed = fixture.read(move |tx, scope| pending::list(tx, scope, &id, 10)).await.expect("list");
        assert_eq!(listed.len(), 2);
        let row = fresh(&fixture, &team).await;
        assert_eq!(row.members_count, 0, "who waits is no member");
        fixture.write(move |tx, scope| group::delete(tx, scope, &row)).await.expect("delete");
        assert_eq!(fixture.read(stats::counts).await.expect("counts").pending, 0);
    });
}

#[test]
fn members_are_resolved_inside_the_directory() {
    on_both(async |fixture: Fixture| {
        let ann = fixture.user("Ann").await;
        let team_row = fixture.group("team").await;
        let twin = doorward_store::user::UserValues { external_id: Some("twin".into()), ..person("t1") };
        let twin_too = doorward_store::user::UserValues { external_id: Some("twin".into()), ..person("t2") };
        fixture.write(move |tx, scope| user::insert(tx, scope, &twin)).await.expect("twin");
        fixture.write(move |tx, scope| user::insert(tx, scope, &twin_too)).await.expect("twin");
        let other = make_directory(&fixture.store, fixture.organization, "other").await;
        let scope = other.clone();
        let foreign = fixture
            .store
            .write(Lane::Directory(other.directory_id()), move |tx| user::insert(tx, &scope, &person("foreign")))
            .await
            .expect("foreign");
        fixture
            .read(move |tx, scope| {
                let ids = [MemberId::User(foreign.id), MemberId::User(ann.id), MemberId::Group(team_row.id)];
                let found = membership::resolve(tx, scope, &ids)?;
                let names: Vec<Option<&str>> =
                    found.iter().map(|member| member.as_ref().map(|member| member.display.as_str())).collect();
                assert_eq!(names, [None, Some("The Ann"), Some("team")]);
                let texts = ["00u-Ann", "ANN", "00u-foreign", "foreign", "twin", "nobody"].map(str::to_owned);
                let found = membership::resolve_names(tx, scope, &texts)?;
                let ann = Some(MemberId::User(ann.id));
                let ids: Vec<Option<MemberId>> = found.iter().map(|member| member.as_ref().map(|m| m.id)).collect();
                assert_eq!(ids, [ann, ann, None, None, None, None]);
                Ok(())
            })
            .await
            .expect("read");
    });
}

#[test]
fn sec_39_two_hundred_parallel_additions_lose_nobody() {
    on_both(async |fixture: Fixture| {
        let fixture = Arc::new(fixture);
        let second = fixture.second_node();
        let people: Vec<MemberId> = fixture
            .write(|tx, scope| {
                (0..200)
                    .map(|n| user::insert(tx, scope, &person(&format!("u{n}"))).map(|row| MemberId::User(row.id)))
                    .collect()
            })
            .await
            .expect("people");
        let team = fixture.group("team").await;
        let mut tasks = Vec::new();
        for (number, member) in people.into_iter().enumerate() {
            let store = if number % 2 == 0 { fixture.store.clone() } else { second.clone() };
            let scope = fixture.scope.clone();
            let id = team.id;
            tasks.push(tokio::spawn(async move {
                store
                    .write(Lane::Directory(scope.directory_id()), move |tx| {
                        let mut group = group::get_for_update(tx, &scope, &id)?.ok_or(Error::Closed)?;
                        membership::add(tx, &scope, &mut group, &[member])
                    })
                    .await
            }));
        }
        for task in tasks {
            assert_eq!(task.await.expect("task").expect("add").len(), 1);
        }
        let row = fresh(&fixture, &team).await;
        assert_eq!((row.members_count, row.version), (200, 201));
        assert_eq!(fixture.raw_number("SELECT COUNT(*) FROM membership"), 200);
        second.close().await;
    });
}
