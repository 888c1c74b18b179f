//! Lists, filters and projections over HTTP (`h024`…`h040`, `h053`).

use serde_json::{Value, json};

use crate::answers::{encoded, error, group, list, user};
use crate::support::{Directory, ENTERPRISE, GROUP, Kind, USER, okta_user, with_directory};

async fn three(idp: &Directory) {
    for (name, active) in [("ann", true), ("bob", false), ("eve", true)] {
        let mut body = okta_user(&format!("{name}@corp.example"));
        body["active"] = json!(active);
        body["title"] = json!(format!("{name}'s title"));
        body[ENTERPRISE] = json!({"department": name, "manager": {"value": "m-1"}});
        idp.post("/Users", body).await.expect(201);
    }
}

fn names(users: &[Value]) -> Vec<&str> {
    users.iter().map(|user| user["userName"].as_str().unwrap().split('@').next().unwrap()).collect()
}

#[tokio::test]
async fn h024_to_h029_sec_32_paging() {
    with_directory(Kind::okta(), async |idp| {
        three(&idp).await;
        for (query, start, expected) in [
            ("count=0", 1, vec![]),
            ("count=-5", 1, vec![]),
            ("startIndex=0", 1, vec!["ann", "bob", "eve"]),
            ("startIndex=-3&count=1", 1, vec!["ann"]),
            ("startIndex=2&count=1", 2, vec!["bob"]),
            ("startIndex=99", 99, vec![]),
            ("startIndex=9223372036854775808&count=99999999999999999999", i64::MAX, vec![]),
            ("count=1000000", 1, vec!["ann", "bob", "eve"]),
            ("sortOrder=descending&sortBy=&foo=bar&_=1", 1, vec!["ann", "bob", "eve"]),
        ] {
            for filter in ["", "&filter=active%20pr", "&filter=userName%20pr%20or%20userName%20eq%20%22x%22"] {
                let answer = idp.get(&format!("/Users?{query}{filter}")).await;
                assert_eq!(
                    (&answer.json()["totalResults"], &answer.json()["startIndex"]),
                    (&json!(3), &json!(start)),
                    "{query}"
                );
                assert_eq!(names(&list(answer)), expected, "{query}{filter}");
            }
        }
        for query in ["count=abc", "startIndex=1.5", "count=1e2"] {
            error(idp.get(&format!("/Users?{query}")).await, 400, Some("invalidValue"));
        }
        error(idp.get("/Users?filter=id%20pr&filter=id%20pr").await, 400, Some("invalidSyntax"));
    })
    .await;
}

#[tokio::test]
async fn filters_find_what_they_say_and_count_it_truly() {
    with_directory(Kind::okta(), async |idp| {
        three(&idp).await;
        let ann = list(idp.get("/Users").await)[0]["id"].as_str().unwrap().to_owned();
        let team = idp.group("Team", &[&ann]).await;
        for (filter, expected) in [
            ("userName eq \"ANN@corp.example\"", vec!["ann"]),
            ("active eq true", vec!["ann", "eve"]),
            ("not (active eq true)", vec!["bob"]),
            ("userName sw \"b\" or title co \"eve\"", vec!["bob", "eve"]),
            ("userName eq \"ann@corp.example\" and active eq false", vec![]),
            ("userName eq \"ann@corp.example\" and active eq true", vec!["ann"]),
            ("emails.value ew \"corp.example\" and userName ne \"bob@corp.example\"", vec!["ann", "eve"]),
            ("emails[type eq \"work\" and value co \"bob\"]", vec!["bob"]),
            (&format!("{ENTERPRISE}:department eq \"eve\""), vec!["eve"]),
            ("meta.lastModified gt \"2020-01-01T00:00:00Z\"", vec!["ann", "bob", "eve"]),
            ("meta.resourceType eq \"User\" and id pr", vec!["ann", "bob", "eve"]),
            (&format!("id eq \"{ann}\""), vec!["ann"]),
            (&format!("id eq \"{ann}\" and {ENTERPRISE}:manager eq \"m-1\""), vec!["ann"]),
            (&format!("groups eq \"{team}\""), vec!["ann"]),
            (&format!("groups.value eq \"{team}\" or userName eq \"eve@corp.example\""), vec!["ann", "eve"]),
            ("groups.display eq \"team\"", vec!["ann"]),
            (&format!("meta.location eq \"{}/Users/{ann}\"", idp.base("v2")), vec!["ann"]),
            ("shoeSize eq 44", vec![]),
        ] {
            let answer = idp.get(&format!("/Users?filter={}", encoded(filter))).await;
            assert_eq!(answer.json()["totalResults"], expected.len(), "{filter}: {}", answer.body);
            assert_eq!(names(&list(answer)), expected, "{filter}");
        }
        for filter in [
            "",
            "userName",
            "userName eq",
            "userName regex \"x\"",
            "userName eq ann",
            "(userName pr",
            "password sw \"a\"",
        ] {
            let refused =
                error(idp.get(&format!("/Users?filter={}", encoded(filter))).await, 400, Some("invalidFilter"));
            if filter.contains("regex") {
                assert!(refused["detail"].as_str().unwrap().contains("regex"), "{refused}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn group_filters_see_members_only_when_they_ask_for_them() {
    with_directory(Kind::okta(), async |idp| {
        let (ada, alan) = (idp.user("ada").await, idp.user("alan").await);
        let one = idp.group("One", &[&ada]).await;
        let two = idp.group("Two", &[&ada, &alan, &one]).await;
        for (filter, expected) in [
            (format!("members eq \"{ada}\""), vec![&one, &two]),
            (format!("members.value eq \"{alan}\""), vec![&two]),
            (format!("members[value eq \"{one}\" and type eq \"Group\"]"), vec![&two]),
            (format!("id eq \"{one}\" and members eq \"{alan}\""), vec![]),
            ("displayName eq \"TWO\"".to_owned(), vec![&two]),
            ("displayName sw \"o\" or members.type eq \"Group\"".to_owned(), vec![&one, &two]),
        ] {
            let found = list(idp.get(&format!("/Groups?filter={}", encoded(&filter))).await);
            let ids: Vec<&str> = found.iter().map(|group| group["id"].as_str().unwrap()).collect();
            assert_eq!(ids, expected, "{filter}");
        }
    })
    .await;
}

#[tokio::test]
async fn h030_to_h038_projections() {
    with_directory(Kind::okta(), async |idp| {
        three(&idp).await;
        let ann = list(idp.get("/Users").await)[0].clone();
        let id = ann["id"].as_str().unwrap();
        let base = json!({"schemas": [USER, ENTERPRISE], "id": id});
        let with = |name: &str, value: &Value| {
            let mut expected = base.clone();
            expected[name] = value.clone();
            expected
        };
        error(
            idp.get(&format!("/Users/{id}?attributes=userName&excludedAttributes=emails")).await,
            400,
            Some("invalidValue"),
        );
        for (query, expected) in [
            ("attributes=name.givenName", with("name", &json!({"givenName": "Ada"}))),
            ("attributes=password", base.clone()),
            ("attributes=unknown", base.clone()),
            ("attributes=", ann.clone()),
            (&format!("attributes={ENTERPRISE}"), with(ENTERPRISE, &ann[ENTERPRISE])),
            (
                &format!("attributes={ENTERPRISE}:manager.value"),
                with(ENTERPRISE, &json!({"manager": {"value": "m-1"}})),
            ),
            ("attributes=%20userName%20,%20", with("userName", &ann["userName"])),
        ] {
            assert_eq!(idp.get(&format!("/Users/{id}?{query}")).await.expect(200).json(), expected, "{query}");
            let separator = format!("/Users?{query}&count=1");
            assert_eq!(idp.get(&separator).await.expect(200).json()["Resources"][0], expected, "{query} in a list");
        }
        let mut less = ann.clone();
        less.as_object_mut().unwrap().remove("title");
        assert_eq!(idp.get(&format!("/Users/{id}?excludedAttributes=id,schemas,title")).await.json(), less);
        let mut less = ann.clone();
        less["emails"][0].as_object_mut().unwrap().remove("type");
        assert_eq!(idp.get(&format!("/Users/{id}?excludedAttributes=emails.type")).await.json(), less);
        let created = idp.post("/Users?attributes=userName", okta_user("new")).await.expect(201);
        assert!(created.header("location").is_some() && created.json().get("name").is_none(), "{}", created.body);
    })
    .await;
}

#[tokio::test]
async fn h053_a_version_that_is_held_is_not_sent_again() {
    with_directory(Kind::okta(), async |idp| {
        let id = idp.user("ada").await;
        let team = idp.group("Team", &[&id]).await;
        for path in [format!("/Users/{id}"), format!("/Groups/{team}")] {
            let tag = idp.get(&path).await.header("etag").unwrap().to_owned();
            for held in [tag.as_str(), "*", &format!("\"99\", {tag}"), tag.trim_start_matches("W/")] {
                let answer = idp.v2("GET", &path).header("If-None-Match", held).send().await.expect(304);
                assert_eq!((answer.body.as_str(), answer.header("etag")), ("", Some(tag.as_str())), "{held}");
            }
            idp.v2("GET", &path).header("If-None-Match", "W/\"99\"").send().await.expect(200);
        }
    })
    .await;
}

#[tokio::test]
async fn d32_groups_are_no_part_of_a_users_version() {
    with_directory(Kind::okta(), async |idp| {
        let id = idp.user("ada").await;
        let before = user(idp.get(&format!("/Users/{id}")).await, 200);
        let team = idp.group("Team", &[&id]).await;
        let after = user(idp.get(&format!("/Users/{id}")).await, 200);
        assert_eq!(after["meta"], before["meta"]);
        assert_eq!(after["groups"], json!([{"value": team, "$ref": format!("{}/Groups/{team}", idp.base("v2")), "display": "Team", "type": "direct"}]));
        let body = json!({"schemas": [GROUP], "displayName": "Renamed"});
        group(idp.put(&format!("/Groups/{team}"), body).await, 200);
        assert_eq!(user(idp.get(&format!("/Users/{id}")).await, 200)["groups"][0]["display"], "Renamed");
    })
    .await;
}
