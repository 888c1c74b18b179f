//! `bulkId:x` for what another operation makes.

use serde_json::json;

use super::{add_member, bulk, id, new_group, new_user, outcomes, statuses};
use crate::answers::list;
use crate::history::assert_told_is_stored;
use crate::support::{ENTERPRISE, GROUP, Kind, PATCH_OP, USER, with_directory};

#[tokio::test]
async fn h062_p_7644_3_7_2_01_references_in_any_order() {
    with_directory(Kind::okta(), async |idp| {
        let mut boss = new_user("w", "worker");
        boss["data"][ENTERPRISE] = json!({"manager": {"value": "bulkId:x"}});
        boss["data"]["urn:acme:scim:schemas:1.0:User"] = json!({"buddies": ["bulkId:x", "bulkId:v"]});
        let results = bulk(
            &idp,
            json!([new_group("g", &["bulkId:x", "bulkId:w"]), boss, new_user("x", "ada"), new_user("v", "val")]),
        )
        .await;
        assert_eq!(statuses(&results), ["201"; 4]);
        let ids: Vec<String> = results.iter().map(id).collect();
        let mut members = idp.members(&ids[0]).await;
        members.sort();
        let mut expected = vec![ids[1].clone(), ids[2].clone()];
        expected.sort();
        assert_eq!(members, expected);
        let worker = idp.get(&format!("/Users/{}", ids[1])).await.json();
        assert_eq!(worker[ENTERPRISE]["manager"]["value"], ids[2]);
        assert_eq!(worker["urn:acme:scim:schemas:1.0:User"]["buddies"], json!([ids[2], ids[3]]));
        assert_told_is_stored(&idp).await;
    })
    .await;
}

#[tokio::test]
async fn h063_p_7644_3_7_1_01_resources_that_refer_to_each_other() {
    for kind in [Kind::okta(), Kind::strict()] {
        with_directory(kind, async |idp| {
            let ada = idp.user("ada").await;
            let results = bulk(
                &idp,
                json!([
                    new_group("a", &["bulkId:b", &ada]),
                    new_group("b", &["bulkId:a", "bulkId:c"]),
                    new_group("c", &[])
                ]),
            )
            .await;
            assert_eq!(statuses(&results), ["201"; 3]);
            let ids: Vec<String> = results.iter().map(id).collect();
            let sorted = |mut ids: Vec<String>| {
                ids.sort();
                ids
            };
            assert_eq!(sorted(idp.members(&ids[0]).await), sorted(vec![ids[1].clone(), ada.clone()]));
            assert_eq!(sorted(idp.members(&ids[1]).await), sorted(vec![ids[0].clone(), ids[2].clone()]));
            for (result, id) in results.iter().zip(&ids) {
                assert_eq!(idp.get(&format!("/Groups/{id}")).await.json()["meta"]["version"], result["version"]);
            }
            let person = |name: &str, manager: &str| {
                let mut user = new_user(name, name);
                user["data"]["schemas"] = json!([USER, ENTERPRISE]);
                user["data"][ENTERPRISE] =
                    json!({"department": "R", "manager": {"value": format!("bulkId:{manager}")}});
                user
            };
            let results = bulk(&idp, json!([person("u", "v"), person("v", "u"), person("self", "self")])).await;
            assert_eq!(statuses(&results), ["201"; 3]);
            for (n, manager) in [(0, 1), (1, 0), (2, 2)] {
                let read = idp.get(&format!("/Users/{}", id(&results[n]))).await.json();
                assert_eq!(read[ENTERPRISE]["manager"]["value"], id(&results[manager]));
                assert_eq!(read["meta"]["version"], results[n]["version"]);
            }
            assert_told_is_stored(&idp).await;
        })
        .await;
    }
}

#[tokio::test]
async fn p_7644_3_7_1_01_d27_a_circle_is_made_whole_or_not_at_all() {
    with_directory(Kind::okta(), async |idp| {
        idp.user("taken").await;
        let manager = |name: &str, user_name: &str, manager: &str| {
            let mut user = new_user(name, user_name);
            user["data"][ENTERPRISE] = json!({"manager": {"value": format!("bulkId:{manager}")}});
            user
        };
        let before = idp.head().await;
        let results = bulk(
            &idp,
            json!([
                manager("u", "u", "v"), manager("v", "taken", "w"), manager("w", "w", "u"), // one userName is taken
                new_group("me", &["bulkId:me"]), // D27: not in itself
                new_group("a", &["bulkId:b"]), {"method": "POST", "path": "/Groups", "bulkId": "b",
                    "data": {"schemas": [GROUP], "members": [{"value": "bulkId:a"}]}}, // no displayName
                add_member("/Groups/bulkId:a", "x"),
            ]),
        )
        .await;
        assert_eq!(statuses(&results), ["409", "409", "409", "400", "409", "400", "409"]);
        let keywords: Vec<_> = outcomes(&results).into_iter().map(|(_, keyword)| keyword).collect();
        let expected = [None, Some("uniqueness"), None, Some("invalidValue"), None, Some("invalidValue"), None];
        assert_eq!(keywords, expected.map(|keyword| keyword.map(str::to_owned)));
        assert_eq!(idp.head().await, before, "nothing happened");
        assert_eq!(list(idp.get("/Groups").await).len(), 0);
    })
    .await;
}

/// As many memberships as pairs of groups: they must not cost a statement each. `DOORWARD_CIRCLE` makes it larger.
#[tokio::test]
async fn p_7644_3_7_1_01_groups_that_all_contain_each_other() {
    let size = std::env::var("DOORWARD_CIRCLE").ok().and_then(|size| size.parse().ok()).unwrap_or(30);
    with_directory(Kind::okta(), async |idp| {
        let name = |n: usize| format!("g{n}");
        let group = |n: usize| {
            let others: Vec<String> = (0..size).filter(|m| *m != n).map(|m| format!("bulkId:g{m}")).collect();
            new_group(&name(n), &others.iter().map(String::as_str).collect::<Vec<_>>())
        };
        let begun = std::time::Instant::now();
        let results = bulk(&idp, (0..size).map(group).collect()).await;
        eprintln!("a circle of {size} on {}: {:?}", idp.service.database(), begun.elapsed());
        assert!(statuses(&results).iter().all(|status| *status == "201"), "{results:?}");
        for result in [&results[0], &results[size - 1]] {
            assert_eq!(idp.members(&id(result)).await.len(), size - 1);
        }
        assert_told_is_stored(&idp).await;
    })
    .await;
}

#[tokio::test]
async fn h064_h065_p_7644_3_7_2_02_references_that_lead_nowhere() {
    for kind in [Kind::okta(), Kind::strict()] {
        with_directory(kind, async |idp| {
            idp.user("ada").await;
            let results = bulk(
                &idp,
                json!([
                    new_group("g", &["bulkId:unknown"]), new_group("h", &["bulkId:x"]), new_user("x", "ada"),
                    add_member("/Groups/bulkId:h", "bulkId:fine"), new_user("fine", "fine"),
                    {"method": "DELETE", "path": "/Users/bulkId:unknown"},
                ]),
            )
            .await;
            let text = |status: &str, keyword: Option<&str>| (status.to_owned(), keyword.map(str::to_owned));
            assert_eq!(
                outcomes(&results),
                [
                    text("400", Some("invalidValue")),
                    text("409", None),
                    text("409", Some("uniqueness")),
                    text("409", None),
                    text("201", None),
                    text("400", Some("invalidValue")),
                ]
            );
            assert_eq!(list(idp.get("/Groups").await).len(), 0);
        })
        .await;
    }
}

#[tokio::test]
async fn h066_p_7644_3_7_2_01_references_in_paths_and_patches() {
    with_directory(Kind::okta(), async |idp| {
        let results = bulk(&idp, json!([
            add_member("/Groups/bulkId:g", "bulkId:x"), new_group("g", &["bulkId:y"]), new_user("x", "x"), new_user("y", "y"),
            {"method": "PATCH", "path": "/Groups/bulkId:g", "data": {"schemas": [PATCH_OP], "Operations": [
                {"op": "remove", "path": "members[value eq \"bulkId:y\"]"}, {"op": "replace", "path": "displayName", "value": "G"}]}},
            {"method": "PUT", "path": "/Users/bulkId:y", "data": {"schemas": [USER], "userName": "z"}},
            new_user("gone", "gone"), {"method": "DELETE", "path": "/Users/bulkId:gone"},
        ])).await;
        assert_eq!(statuses(&results), ["200", "201", "201", "201", "200", "200", "201", "204"]);
        let (group, x, y) = (id(&results[1]), id(&results[2]), id(&results[3]));
        assert_eq!(id(&results[0]), group, "the location of an operation on a bulkId is that of the resource");
        assert_eq!(idp.members(&group).await, [x]);
        assert_eq!(idp.get(&format!("/Users/{y}")).await.json()["userName"], "z");
        idp.get(&format!("/Users/{}", id(&results[6]))).await.expect(404);
        assert_told_is_stored(&idp).await;
    })
    .await;
}
