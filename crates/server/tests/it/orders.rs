//! Sorted lists, walks by cursors, and queries over all types at once (`h041`…`h048`, `h069`…`h071`).

use doorward_server::config::Limits;
use doorward_store::Options;
use doorward_testkit::databases;
use serde_json::{Value, json};

use crate::answers::{encoded, error, list};
use crate::support::{Directory, Kind, Service, USER, on_each_database, with_directory};

const SEARCH: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

fn person(user_name: &str) -> Value {
    json!({"schemas": [USER], "userName": user_name})
}

/// The people of the hard cases, as far as orders see them: U1, U2, U3, created in another order.
async fn people(idp: &Directory) {
    let emails = |values: &[(&str, bool)]| -> Value {
        values.iter().map(|(value, primary)| json!({"value": value, "primary": primary})).collect()
    };
    for (name, title, emails) in [
        ("óscar", None, json!([])),
        ("JSmith", None, emails(&[("jsmith@example.org", false)])),
        ("bjensen@example.com", Some("Tour Guide"), emails(&[("zzz@x.org", false), ("bjensen@example.com", true)])),
    ] {
        let mut body = person(name);
        body["emails"] = emails;
        body["title"] = json!(title);
        idp.post("/Users", body).await.expect(201);
    }
}

async fn names(idp: &Directory, query: &str) -> Vec<String> {
    let found = list(idp.get(&format!("/Users?{query}")).await);
    found.iter().map(|user| user["userName"].as_str().unwrap().chars().take(2).collect()).collect()
}

#[tokio::test]
async fn h044_to_h048_sorting() {
    with_directory(Kind::okta(), async |idp| {
        people(&idp).await;
        for (query, expected) in [
            ("", ["ós", "JS", "bj"]),
            ("sortBy=title", ["bj", "ós", "JS"]),
            ("sortBy=title&sortOrder=Descending", ["ós", "JS", "bj"]),
            ("sortBy=emails", ["bj", "JS", "ós"]),
            ("sortBy=emails.value&sortOrder=descending", ["ós", "JS", "bj"]),
            ("sortBy=userName", ["bj", "JS", "ós"]),
            ("sortBy=USERNAME&sortOrder=descending", ["ós", "JS", "bj"]),
            ("sortBy=userName&filter=userName%20pr", ["bj", "JS", "ós"]),
            ("sortBy=id&sortOrder=descending", ["bj", "JS", "ós"]),
            ("sortBy=meta.created&sortOrder=descending", ["bj", "JS", "ós"]),
            ("sortBy=groups.display", ["ós", "JS", "bj"]),
            ("sortBy=nobodyHasThis", ["ós", "JS", "bj"]),
            ("sortOrder=descending", ["ós", "JS", "bj"]),
            ("sortOrder=upwards", ["ós", "JS", "bj"]),
        ] {
            assert_eq!(names(&idp, query).await, expected, "{query}");
        }
        assert_eq!(names(&idp, "sortBy=userName&startIndex=2&count=1").await, ["JS"]);
        assert_eq!(names(&idp, "sortBy=title&startIndex=3&count=5").await, ["JS"]);
        assert_eq!(names(&idp, "sortBy=title&count=0").await, [""; 0]);
        for query in ["sortBy=name", "sortBy=password", "sortBy=title&sortOrder=upwards", "sortBy=a%20b"] {
            error(idp.get(&format!("/Users?{query}")).await, 400, Some("invalidValue"));
        }
        let first = idp.get_v1("/Users?sortBy=userName&count=1").await.expect(200).json();
        assert_eq!(first["Resources"][0]["userName"], "bjensen@example.com");
        let body = json!({"schemas": [SEARCH], "sortBy": "title", "sortOrder": "descending", "count": 1});
        let searched = idp.post("/Users/.search", body).await.expect(200).json();
        assert_eq!((&searched["totalResults"], &searched["Resources"][0]["userName"]), (&json!(3), &json!("óscar")));
    })
    .await;
    with_directory(Kind::strict(), async |idp| {
        error(idp.get("/Users?sortBy=nobodyHasThis").await, 400, Some("invalidValue"));
    })
    .await;
}

#[tokio::test]
async fn p_7644_3_4_2_3_05_pages_over_equal_keys_hold_everybody_once() {
    with_directory(Kind::okta(), async |idp| {
        for number in 0..40 {
            let mut body = person(&format!("p{number}"));
            body["title"] = json!("Guide");
            idp.post("/Users", body).await.expect(201);
        }
        for number in 0..7 {
            idp.group(["Same", "same", "SAME"][number % 3], &[]).await;
        }
        for (path, total) in [("/Users?sortBy=title", 40), ("/Groups?sortBy=displayName&sortOrder=descending", 7)] {
            let mut seen = Vec::new();
            for start in (1..=total).step_by(7) {
                let page = list(idp.get(&format!("{path}&startIndex={start}&count=7")).await);
                seen.extend(page.iter().map(|user| user["id"].as_str().unwrap().to_owned()));
            }
            assert!(seen.is_sorted(), "ties are broken by id");
            seen.dedup();
            assert_eq!(seen.len(), total, "{path}");
        }
    })
    .await;
}

/// Follows the cursors to the end; the ids, and how many pages there were.
async fn walk(idp: &Directory, path: &str) -> (Vec<String>, usize) {
    let (mut seen, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let page = idp.get(&format!("{path}&cursor={cursor}")).await.expect(200).json();
        assert!(page.get("startIndex").is_none() && page.get("previousCursor").is_none(), "{page}");
        let resources = page["Resources"].as_array().unwrap();
        seen.extend(resources.iter().map(|user| user["id"].as_str().unwrap().to_owned()));
        pages += 1;
        assert_eq!(page["itemsPerPage"], resources.len());
        match page.get("nextCursor") {
            Some(next) => cursor = next.as_str().unwrap().to_owned(),
            None => return (seen, pages),
        }
    }
}

#[tokio::test]
async fn h069_p_9865_2_02_a_walk_meets_everybody_once() {
    with_directory(Kind::okta(), async |idp| {
        let mut ids = Vec::new();
        for number in 0..23 {
            ids.push(idp.user(&format!("p{number:02}")).await);
        }
        let newest: Vec<String> = ids.iter().rev().cloned().collect();
        for (path, expected) in [
            ("/Users?count=5", &ids),
            ("/Users?count=5&filter=userName%20sw%20%22p%22", &ids),
            ("/Users?count=5&filter=active%20eq%20true", &ids),
            ("/Users?count=5&sortBy=userName&sortOrder=descending", &newest),
            ("/Users?count=5&sortBy=meta.created&sortOrder=descending&filter=active%20eq%20true", &newest),
        ] {
            assert_eq!(walk(&idp, path).await, (expected.clone(), 5), "{path}");
        }
        assert_eq!(walk(&idp, "/Users?count=23").await, (ids.clone(), 1));
        assert_eq!(walk(&idp, "/Users?count=0").await, (Vec::new(), 1));
        assert_eq!(walk(&idp, "/?count=7").await.0, ids);
        // Without a cursor there is none, and 1.1 does not know them.
        assert!(idp.get("/Users?count=5").await.json().get("nextCursor").is_none());
        assert_eq!(idp.get_v1("/Users?count=5&cursor=").await.json()["startIndex"], 1);
        // In a body, and whoever goes meanwhile takes nobody along.
        let first = json!({"schemas": [SEARCH], "cursor": "", "count": 10});
        let first = idp.post("/Users/.search", first).await.expect(200).json();
        for id in &ids[..4] {
            idp.delete(&format!("/Users/{id}")).await.expect(204);
        }
        let second = json!({"schemas": [SEARCH], "cursor": first["nextCursor"], "count": 10});
        let second = idp.post("/Users/.search", second).await.expect(200).json();
        assert_eq!((&second["Resources"][0]["id"], &second["totalResults"]), (&json!(ids[10]), &json!(19)));
    })
    .await;
}

#[tokio::test]
async fn h070_h071_p_9865_5_01_a_cursor_is_good_for_its_own_query_alone() {
    on_each_database(async |service| {
        let (idp, other) = (service.directory(Kind::okta()).await, service.directory(Kind::okta()).await);
        for name in ["a", "b", "c"] {
            idp.user(name).await;
            other.user(name).await;
        }
        let page = idp.get("/Users?cursor&count=1&attributes=userName").await.expect(200).json();
        let cursor = page["nextCursor"].as_str().unwrap();
        idp.get(&format!("/Users?count=1&attributes=userName&cursor={cursor}")).await.expect(200);
        idp.get(&format!("/Users?attributes=userName&cursor={cursor}")).await.expect(200);
        let flipped = format!("{}{}", if cursor.starts_with('A') { "B" } else { "A" }, &cursor[1..]);
        let mut details = Vec::new();
        for (idp, path) in [
            (&idp, format!("/Users?count=1&attributes=userName&cursor={flipped}")),
            (&idp, format!("/Users?count=1&attributes=name&cursor={cursor}")),
            (&idp, format!("/Users?count=1&attributes=userName&filter=id%20pr&cursor={cursor}")),
            (&idp, format!("/Users?count=1&attributes=userName&sortBy=id&cursor={cursor}")),
            (&idp, format!("/Groups?count=1&attributes=userName&cursor={cursor}")),
            (&other, format!("/Users?count=1&attributes=userName&cursor={cursor}")),
            (&other, "/Users?count=1&attributes=userName&cursor=garbage".to_owned()),
        ] {
            details.push(error(idp.get(&path).await, 400, Some("invalidCursor"))["detail"].clone());
        }
        details.dedup();
        assert_eq!(details.len(), 1, "one text for all: {details:?}");
        let refused = |query: &str| format!("/Users?attributes=userName&{query}");
        let both = idp.get(&refused("cursor=&startIndex=1")).await;
        error(both, 400, Some("invalidValue"));
        error(idp.get(&refused(&format!("count=2&cursor={cursor}"))).await, 400, Some("invalidCount"));
        error(idp.get(&refused("count=x&cursor=")).await, 400, Some("invalidCount"));
        let many = idp.get(&refused("count=5000&cursor=")).await.expect(200).json();
        assert_eq!(many["itemsPerPage"], 3);
    })
    .await;
}

#[tokio::test]
async fn h041_h042_queries_over_all_types() {
    with_directory(Kind::okta(), async |idp| {
        people(&idp).await;
        let member = list(idp.get("/Users?sortBy=userName").await)[0]["id"].as_str().unwrap().to_owned();
        idp.group("Tour Guides", &[&member]).await;
        idp.group("Employees", &[]).await;
        let shown = async |query: &str| -> Vec<String> {
            let found = list(idp.get(&format!("/?{query}")).await);
            let name =
                |found: &Value| found.get("userName").unwrap_or(&found["displayName"]).as_str().map(str::to_owned);
            found.iter().filter_map(name).collect()
        };
        let (all_people, all_groups) = (["óscar", "JSmith", "bjensen@example.com"], ["Tour Guides", "Employees"]);
        assert_eq!(shown("").await, [&all_people[..], &all_groups].concat());
        for (filter, expected) in [
            ("userName sw \"b\"", &["bjensen@example.com"][..]),
            ("meta.resourceType eq \"Group\"", &all_groups),
            ("meta.resourceType eq \"User\" and userName pr", &all_people),
            ("userName pr", &all_people),
            ("displayName sw \"t\" or userName eq \"jsmith\"", &["JSmith", "Tour Guides"]),
            ("members pr", &["Tour Guides"]),
            ("title pr and members pr", &[]),
        ] {
            assert_eq!(shown(&format!("filter={}", encoded(filter))).await, expected, "{filter}");
        }
        assert_eq!(shown("sortBy=displayName&count=2").await, ["Employees", "Tour Guides"]);
        assert_eq!(shown("startIndex=3&count=2").await, ["bjensen@example.com", "Tour Guides"]);
        let one = idp.get("/?startIndex=4&count=1").await.json();
        assert_eq!((&one["totalResults"], &one["Resources"][0]["members"][0]["value"]), (&json!(5), &json!(member)));
        let body = json!({"schemas": [SEARCH], "filter": "displayName sw \"t\"", "attributes": ["displayName"]});
        let searched = idp.post("/.search", body).await.expect(200).json();
        assert_eq!(searched["Resources"].as_array().unwrap().len(), 1);
        assert_eq!(searched["Resources"][0]["displayName"], "Tour Guides");
        error(idp.post("/.search", json!({"schemas": [USER]})).await, 400, Some("invalidSyntax"));
        error(idp.get("/?filter=userName").await, 400, Some("invalidFilter"));
        error(idp.v2("GET", "/.search").send().await, 405, None);
        error(idp.v2("POST", "/").send().await, 405, None);
    })
    .await;
    with_directory(Kind::users_only(), async |idp| {
        idp.user("ada").await;
        assert_eq!(list(idp.get("/").await).len(), 1);
    })
    .await;
    with_directory(Kind::strict(), async |idp| {
        idp.group("Team", &[]).await;
        assert_eq!(list(idp.get("/?filter=userName%20pr").await).len(), 0);
        error(idp.get("/?filter=nobodyHasThis%20pr").await, 400, Some("invalidFilter"));
    })
    .await;
}

#[tokio::test]
async fn p_7644_3_4_2_1_04_a_root_query_that_finds_too_many_is_refused() {
    for database in databases() {
        let limits = Limits { root_results: 3, ..Limits::default() };
        let service = Service::start_within(database, Options::default(), limits);
        let idp = service.directory(Kind::okta()).await;
        idp.user("ada").await;
        idp.user("alan").await;
        idp.group("Team", &[]).await;
        assert_eq!(list(idp.get("/").await).len(), 3);
        idp.user("grace").await;
        for query in ["", "?filter=id%20pr", "?count=1"] {
            error(idp.get(&format!("/{query}")).await, 400, Some("tooMany"));
        }
        assert_eq!(list(idp.get("/?filter=userName%20sw%20%22a%22").await).len(), 2);
        assert_eq!(list(idp.get("/Users").await).len(), 3, "the types page");
        service.end();
    }
}

#[tokio::test]
async fn p_7644_7_5_2_01_filters_can_be_kept_out_of_urls() {
    for database in databases() {
        let limits = Limits { filters_in_urls: false, ..Limits::default() };
        let service = Service::start_within(database, Options::default(), limits);
        let idp = service.directory(Kind::okta()).await;
        idp.user("ada").await;
        error(idp.get("/Users?filter=userName%20eq%20%22ada%22").await, 403, Some("sensitive"));
        let body = json!({"schemas": [SEARCH], "filter": "userName eq \"ada\""});
        assert_eq!(list(idp.post("/Users/.search", body).await.expect(200)).len(), 1);
        assert_eq!(list(idp.get("/Users").await).len(), 1);
        service.end();
    }
}

#[tokio::test]
async fn p_9865_4_01_s_7643_5_02_the_configuration_tells_what_is_offered() {
    with_directory(Kind::okta(), async |idp| {
        let config = idp.get("/ServiceProviderConfig").await.expect(200).json();
        let pagination = json!({"cursor": true, "index": true, "defaultPaginationMethod": "index",
            "defaultPageSize": 100, "maxPageSize": 1000, "cursorTimeout": 3600});
        assert_eq!(config["pagination"], pagination);
        for feature in ["patch", "bulk", "filter", "sort", "etag"] {
            assert_eq!(config[feature]["supported"], true, "{feature}");
        }
        assert_eq!(config["changePassword"]["supported"], false);
        let older = idp.get_v1("/ServiceProviderConfigs").await.expect(200).json();
        assert_eq!((&older["sort"]["supported"], older.get("pagination")), (&json!(true), None));
    })
    .await;
}
