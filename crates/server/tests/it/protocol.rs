//! HTTP itself: methods, headers, media types, discovery, paths that lead nowhere (`h039`…`h059`).

use serde_json::json;

use crate::answers::{encoded, error, error_v1, list};
use crate::support::{GROUP, Kind, USER, okta_user, with_directory, with_json};

#[tokio::test]
async fn p_7644_3_2_04_methods_that_a_path_does_not_have() {
    with_directory(Kind::okta(), async |idp| {
        let id = idp.user("ada").await;
        for (path, allow) in [
            ("/Users".to_owned(), "GET, HEAD, POST"),
            (format!("/Users/{id}"), "GET, HEAD, PUT, PATCH, DELETE"),
            ("/Groups".to_owned(), "GET, HEAD, POST"),
            ("/Bulk".to_owned(), "POST"),
            ("/Schemas".to_owned(), "GET, HEAD"),
            (format!("/Schemas/{USER}"), "GET, HEAD"),
            ("/ResourceTypes/User".to_owned(), "GET, HEAD"),
            ("/ServiceProviderConfig".to_owned(), "GET, HEAD"),
        ] {
            for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PURGE"] {
                if allow.split(", ").any(|known| known == method) {
                    continue;
                }
                let answer = with_json(idp.v2(method, &path), json!({})).send().await;
                assert_eq!(answer.header("allow"), Some(allow), "{method} {path}");
                error(answer, 405, None);
            }
            let options = idp.v2("OPTIONS", &path).send().await.expect(204);
            assert_eq!(options.header("allow"), Some(allow));
        }
        error_v1(idp.send_v1("DELETE", "/Users", json!({})).await, 405);
    })
    .await;
}

#[tokio::test]
async fn p_7644_http_02_head_is_get_without_a_body() {
    with_directory(Kind::okta(), async |idp| {
        let id = idp.user("ada").await;
        for path in ["/Users".to_owned(), format!("/Users/{id}"), "/Schemas".to_owned(), "/Users/nope".to_owned()] {
            let (get, head) = (idp.get(&path).await, idp.v2("HEAD", &path).send().await);
            assert_eq!((head.status, head.body.as_str()), (get.status, ""), "{path}");
            assert_eq!(head.header("content-length"), get.header("content-length"), "{path}");
            assert_eq!(head.header("etag"), get.header("etag"));
        }
    })
    .await;
}

#[tokio::test]
async fn h039_h040_discovery_is_neither_filtered_nor_paged() {
    with_directory(Kind::okta(), async |idp| {
        for path in ["/Schemas", "/ResourceTypes", "/ServiceProviderConfig"] {
            error(idp.get(&format!("{path}?filter=id%20pr")).await, 403, None);
            let whole = idp.get(path).await.expect(200).body;
            assert_eq!(idp.get(&format!("{path}?startIndex=2&count=1&attributes=id")).await.body, whole, "{path}");
        }
        for path in ["/Schemas/urn:nope", "/Schemas/urn:ietf:params:scim:api:messages:2.0:Error", "/ResourceTypes/Nope"]
        {
            error(idp.get(path).await, 404, None);
        }
        let schemas = list(idp.get("/Schemas").await);
        for kind in list(idp.get("/ResourceTypes").await) {
            let extensions = kind["schemaExtensions"].as_array().cloned().unwrap_or_default();
            let urns = extensions.iter().map(|extension| &extension["schema"]).chain([&kind["schema"]]);
            for urn in urns {
                assert!(schemas.iter().any(|schema| schema["id"] == *urn), "{urn} is described");
            }
        }
        assert!(!idp.get("/Schemas").await.body.contains("\"password\""), "SEC-12");
    })
    .await;
}

#[tokio::test]
async fn h049_h051_h057_paths_that_lead_nowhere() {
    with_directory(Kind::okta(), async |idp| {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            error(with_json(idp.v2(method, "/Me"), json!({})).send().await, 501, None);
        }
        for path in ["/users", "/Nope", "/Users/a/b", "/serviceConfiguration"] {
            error(idp.get(path).await, 404, None);
        }
        error(idp.raw("GET", "/scim/v9/Users").send().await, 400, Some("invalidVers"));
        error(idp.raw("GET", &format!("/scim/{}/v3/Users", idp.label)).send().await, 400, Some("invalidVers"));
        for path in ["/ResourceTypes", "/Me", "/Users/.search", "/nope"] {
            error_v1(idp.get_v1(path).await, 404);
        }
    })
    .await;
}

#[tokio::test]
async fn h050_p_7644_3_13_02_slashes_and_a_missing_version() {
    with_directory(Kind::okta(), async |idp| {
        let id = idp.user("ada").await;
        let label = &idp.label;
        for path in [
            format!("/scim/{label}/v2/Users/{id}/"),
            format!("/scim//{label}//v2//Users//{id}"),
            format!("/scim/v2/Users/{id}"),
            format!("/scim/Users/{id}"),
            format!("/scim/{label}/Users/{id}"),
        ] {
            assert_eq!(idp.raw("GET", &path).send().await.expect(200).json()["id"], json!(id), "{path}");
        }
        assert_eq!(list(idp.get("/Users/").await).len(), 1);
    })
    .await;
}

#[tokio::test]
async fn p_7644_http_04_segments_are_decoded_once() {
    with_directory(Kind::okta(), async |idp| {
        let id = idp.user("ada").await;
        idp.get(&format!("/Users/{}", id.replace('_', "%5F"))).await.expect(200);
        for path in [
            format!("/Users/{}", id.replace('_', "%255F")),
            "/Users/..".to_owned(),
            format!("/Users/..%2FUsers%2F{id}"),
        ] {
            error(idp.get(&path).await, 404, None);
        }
    })
    .await;
}

#[tokio::test]
async fn p_7644_http_05_a_plus_in_an_address() {
    with_directory(Kind::okta(), async |idp| {
        idp.user("ada+test@corp.example").await;
        let path = format!("/Users?filter={}", encoded("userName eq \"ada+test@corp.example\""));
        assert_eq!(list(idp.get(&path).await).len(), 1);
        assert_eq!(
            list(idp.get("/Users?filter=userName+eq+%22ada+test%40corp.example%22").await).len(),
            0,
            "a bare plus is a space"
        );
    })
    .await;
}

#[tokio::test]
async fn p_7644_3_8_h058_h059_media_types() {
    with_directory(Kind::okta(), async |idp| {
        for (n, content_type) in
            ["application/json", "application/json; charset=utf-8", "application/scim+json"].into_iter().enumerate()
        {
            let request = idp.v2("POST", "/Users").header("Content-Type", content_type);
            request.body(okta_user(&format!("u{n}")).to_string()).send().await.expect(201);
        }
        idp.v2("POST", "/Users").body(okta_user("none").to_string()).send().await.expect(201);
        for content_type in ["text/plain", "application/xml", "application/json; charset=iso-8859-1"] {
            let request = idp.v2("POST", "/Users").header("Content-Type", content_type);
            error(request.body(okta_user("x").to_string()).send().await, 415, None);
        }
        let zipped = idp.v2("POST", "/Users").header("Content-Encoding", "gzip").body(vec![0x1f, 0x8b]);
        error(zipped.send().await, 415, None);
        for accept in ["text/html", "*/*", "application/xml", ""] {
            let answer = idp.v2("GET", "/Users").without("Accept").header("Accept", accept).send().await.expect(200);
            assert_eq!(answer.header("content-type"), Some("application/scim+json"), "{accept}");
        }
        let answer =
            idp.v2("GET", "/Users").without("Accept").header("Accept", "application/json").send().await.expect(200);
        assert_eq!(answer.header("content-type"), Some("application/json"));
    })
    .await;
}

#[tokio::test]
async fn p_7644_http_01_answers_are_not_kept_on_the_way() {
    with_directory(Kind::okta(), async |idp| {
        let id = idp.user("ada").await;
        let list = idp.get("/Users").await;
        assert_eq!(list.header("cache-control"), Some("no-store"));
        assert!(list.header("vary").unwrap().contains("Authorization"));
        let one = idp.get(&format!("/Users/{id}")).await;
        assert_eq!(one.header("cache-control"), Some("private, no-cache"));
        assert!(one.header("access-control-allow-origin").is_none());
        assert!(one.header("x-request-id").is_some());
    })
    .await;
}

#[tokio::test]
async fn h012_h013_sec_10_sec_25_malformed_bodies_are_explained() {
    with_directory(Kind::okta(), async |idp| {
        let id = idp.user("ada").await;
        let deep = |open: &str, count: usize| open.repeat(count).into_bytes();
        let bodies: Vec<(Vec<u8>, u16)> = vec![
            (b"".to_vec(), 400),
            (b"{".to_vec(), 400),
            (b"[]".to_vec(), 400),
            (b"7".to_vec(), 400),
            (b"null".to_vec(), 400),
            (b"{\"userName\":\"a\"} x".to_vec(), 400),
            (b"{\"userName\":\"a\",\"USERNAME\":\"b\"}".to_vec(), 400),
            (b"{\"userName\":\"a\",\"name\":{\"givenName\":\"x\",\"\\u0067ivenName\":\"y\"}}".to_vec(), 400),
            (b"{\"userName\":\"\xff\xfe\"}".to_vec(), 400),
            (b"{\"userName\":\"a\\ud800\"}".to_vec(), 400),
            (b"{\"userName\":\"a\\u0000b\"}".to_vec(), 400),
            (b"{\"userName\":7}".to_vec(), 400),
            (b"{\"userName\":{\"a\":1}}".to_vec(), 400),
            (b"{\"userName\":\"a\",\"active\":\"maybe\"}".to_vec(), 400),
            (b"{\"userName\":\"a\",\"emails\":\"x\",\"name\":7}".to_vec(), 400),
            (b"{\"userName\":\"a\",\"emails\":[{\"value\":\"a\",\"primary\":true},{\"value\":\"b\",\"primary\":true}]}".to_vec(), 400),
            (deep("[", 100_000), 400),
            (deep("{\"a\":", 100_000), 400),
            (deep("[", 1_000_000), 400),
            (deep("[", 2_000_000), 413),
            (vec![b' '; 20_000_000], 413),
        ];
        for (body, status) in bodies {
            for (method, path) in [("POST", "/Users".to_owned()), ("PUT", format!("/Users/{id}")), ("PATCH", format!("/Users/{id}"))] {
                let head = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
                let answer = idp.v2(method, &path).header("Content-Type", "application/json").body(body.clone()).send().await;
                assert_eq!(answer.status, status, "{method} {head}: {}", answer.body);
                let shown = answer.json();
                assert!(shown["detail"].as_str().is_some_and(|detail| detail.len() > 15), "{method} {head}: {shown}");
                assert_eq!(shown["status"], status.to_string());
            }
        }
        assert_eq!(list(idp.get("/Users").await).len(), 1, "the process lives and nothing was made");
    })
    .await;
}

#[tokio::test]
async fn p_7644_3_4_3_h043_searching_by_post() {
    with_directory(Kind::okta(), async |idp| {
        let ada = idp.user("ada").await;
        idp.user("alan").await;
        idp.group("Team", &[&ada]).await;
        let search = |body: serde_json::Value| {
            let mut message = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]});
            message.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
            message
        };
        let found = idp
            .post(
                "/Users/.search?count=0&filter=x",
                search(json!({"filter": "userName sw \"a\"", "startIndex": 2, "count": 1})),
            )
            .await;
        assert_eq!((&found.json()["totalResults"], &found.json()["startIndex"]), (&json!(2), &json!(2)));
        assert_eq!(list(found)[0]["userName"], "alan");
        for attributes in [json!(["userName"]), json!("userName")] {
            let found = list(
                idp.post("/Users/.search", search(json!({"filter": "userName eq \"ADA\"", "attributes": attributes})))
                    .await,
            );
            assert_eq!(found, [json!({"schemas": [USER], "id": ada, "userName": "ada"})]);
        }
        let found = list(idp.post("/Groups/.search", search(json!({"excludedAttributes": ["members"]}))).await);
        assert!(found.len() == 1 && found[0].get("members").is_none(), "{found:?}");
        error(idp.post("/Users/.search", json!({"schemas": [USER]})).await, 400, Some("invalidSyntax"));
        for wrong in [json!({"filter": 7}), json!({"count": "1"}), json!({"attributes": [7]})] {
            error(idp.post("/Users/.search", search(wrong)).await, 400, Some("invalidSyntax"));
        }
        let get = idp.get("/Users/.search").await;
        assert_eq!(get.header("allow"), Some("POST"));
        error(get, 405, None);
    })
    .await;
}

#[tokio::test]
async fn i_9_i_11_malformed_group_bodies_and_filters_are_explained() {
    with_directory(Kind::okta(), async |idp| {
        let ada = idp.user("ada").await;
        let team = idp.group("Team", &[&ada]).await;
        let path = format!("/Groups/{team}");
        let before = idp.get(&path).await.body;
        for members in [
            json!("x"),
            json!(7),
            json!([7]),
            json!([{"display": "x"}]),
            json!([[]]),
            json!([{"value": {"a": 1}}]),
            json!([null]),
        ] {
            let body = json!({"schemas": [GROUP], "displayName": "Team", "members": members});
            let written = idp.put(&path, body).await;
            assert!(written.status < 500, "{members}: {}", written.body);
            let operations = json!([{"op": "add", "path": "members", "value": members}]);
            let patched = idp.operations(&path, operations).await;
            assert!(patched.status < 500, "{members}: {}", patched.body);
            for answer in [written, patched] {
                if answer.status == 400 {
                    assert!(
                        answer.json()["detail"].as_str().is_some_and(|detail| detail.len() > 15),
                        "{members}: {}",
                        answer.body
                    );
                }
            }
            idp.put(&path, json!({"schemas": [GROUP], "displayName": "Team", "members": [{"value": ada}]}))
                .await
                .expect(200);
        }
        let read = idp.get(&path).await;
        assert_eq!(read.json()["members"], serde_json::from_str::<serde_json::Value>(&before).unwrap()["members"]);
        let many: Vec<_> =
            (0..1001).map(|n| json!({"op": "remove", "path": format!("members[value eq \"{n}\"]")})).collect();
        error(idp.operations(&path, json!(many)).await, 400, Some("invalidValue"));
        let long = "x".repeat(20_000);
        for filter in [
            "(".repeat(5000),
            "not (".repeat(3000),
            format!("userName eq \"{long}\""),
            vec!["userName pr"; 500].join(" and "),
            "emails[".repeat(100),
            "userName eq \"a\" and".to_owned(),
            "userName\teq\t\"a\"".to_owned(),
            "userName eq \"\\u0000\"".to_owned(),
            "\u{0}".to_owned(),
        ] {
            let answer = idp.get(&format!("/Users?filter={}", encoded(&filter))).await;
            error(answer, 400, Some("invalidFilter"));
        }
        assert_eq!(list(idp.get("/Users").await).len(), 1, "the process lives");
    })
    .await;
}
