//! Malformed input: always an error body of the right form with a `detail` that helps, never a 5xx, and the process lives.

use doorward_testkit::databases;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::running::{Directory, Running, patch, read};

/// Name, body.
fn bodies() -> Vec<(&'static str, Vec<u8>)> {
    let nested =
        |depth: usize| format!(r#"{{"userName":"x","a":{}{}}}"#, "[".repeat(depth), "]".repeat(depth)).into_bytes();
    vec![
        ("empty", vec![]),
        ("white space", b"  \n ".to_vec()),
        ("not JSON", b"userName=ada".to_vec()),
        ("XML", b"<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY x \"y\">]><User>&x;</User>".to_vec()),
        ("cut off", br#"{"userName":"ad"#.to_vec()),
        ("trailing data", br#"{"userName":"a"} {"userName":"b"}"#.to_vec()),
        ("trailing comma", br#"{"userName":"a",}"#.to_vec()),
        ("single quotes", b"{'userName':'a'}".to_vec()),
        ("array", b"[]".to_vec()),
        ("array of users", br#"[{"userName":"a"}]"#.to_vec()),
        ("number", b"42".to_vec()),
        ("text", br#""ada""#.to_vec()),
        ("null", b"null".to_vec()),
        ("invalid UTF-8", b"{\"userName\":\"\xff\xfe\"}".to_vec()),
        ("lone surrogate", br#"{"userName":"\ud800"}"#.to_vec()),
        ("raw control character", b"{\"userName\":\"a\x01b\"}".to_vec()),
        ("same key twice", br#"{"userName":"a","userName":"b"}"#.to_vec()),
        ("same key in two spellings", br#"{"userName":"a","USERNAME":"b"}"#.to_vec()),
        ("same key escaped", br#"{"id":"a","\u0069d":"b"}"#.to_vec()),
        ("same key deep inside", br#"{"userName":"a","name":{"givenName":"x","GivenName":"y"}}"#.to_vec()),
        ("nested 100", nested(100)),
        ("nested 10,000", nested(10_000)),
        ("nested 1,000,000 and cut off", "[".repeat(1_000_000).into_bytes()),
        ("nested objects", r#"{"a":"#.repeat(200_000).into_bytes()),
        ("number out of range", br#"{"userName":"a","x":1e999}"#.to_vec()),
        ("userName a number", br#"{"userName":5}"#.to_vec()),
        ("userName an object", br#"{"userName":{"value":"a"}}"#.to_vec()),
        ("userName a list", br#"{"userName":["a","b"]}"#.to_vec()),
        ("userName null", br#"{"userName":null}"#.to_vec()),
        ("userName empty", br#"{"userName":""}"#.to_vec()),
        ("userName blank", br#"{"userName":"   "}"#.to_vec()),
        ("userName missing", br#"{"displayName":"a"}"#.to_vec()),
        ("userName with a bidi override", "{\"userName\":\"a\u{202e}b\"}".as_bytes().to_vec()),
        ("active a number", br#"{"userName":"a","active":1}"#.to_vec()),
        ("active a word", br#"{"userName":"a","active":"yes"}"#.to_vec()),
        ("emails a number", br#"{"userName":"a","emails":7}"#.to_vec()),
        (
            "two primaries",
            br#"{"userName":"a","emails":[{"value":"a@x","primary":true},{"value":"b@x","primary":true}]}"#.to_vec(),
        ),
        ("name a text", br#"{"userName":"a","name":"Ada"}"#.to_vec()),
        ("schemas a text", br#"{"schemas":"x","userName":"a"}"#.to_vec()),
        ("schemas of numbers", br#"{"schemas":[1],"userName":"a"}"#.to_vec()),
        (
            "extension a text",
            br#"{"userName":"a","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":"x"}"#.to_vec(),
        ),
    ]
}

fn patches() -> Vec<(&'static str, Value)> {
    let op = |op: Value| patch(op);
    vec![
        ("no operations", json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"]})),
        ("empty operations", json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": []})),
        ("operations a text", json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": "x"})),
        (
            "operation a number",
            json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [1]}),
        ),
        ("no op", op(json!({"path": "title", "value": "x"}))),
        ("unknown op", op(json!({"op": "move", "path": "title", "value": "x"}))),
        ("op a number", op(json!({"op": 1, "path": "title", "value": "x"}))),
        ("path a number", op(json!({"op": "add", "path": 1, "value": "x"}))),
        ("path empty", op(json!({"op": "add", "path": "", "value": "x"}))),
        ("pointer", op(json!({"op": "add", "path": "/emails/0", "value": "x"}))),
        ("index", op(json!({"op": "add", "path": "emails[0].value", "value": "x"}))),
        ("prototype", op(json!({"op": "add", "path": "__proto__.x", "value": "x"}))),
        ("unclosed", op(json!({"op": "add", "path": "emails[type eq \"work\"", "value": "x"}))),
        (
            "deep path",
            op(json!({"op": "add", "path": format!("emails[{}type pr]", "(".repeat(100_000)), "value": "x"})),
        ),
        ("long path", op(json!({"op": "add", "path": "a.".repeat(100_000), "value": "x"}))),
        ("remove without path", op(json!({"op": "remove"}))),
        ("remove required", op(json!({"op": "remove", "path": "userName"}))),
        ("replace id", op(json!({"op": "replace", "path": "id", "value": "x"}))),
        ("replace meta", op(json!({"op": "replace", "path": "meta.version", "value": "x"}))),
        ("value missing", op(json!({"op": "add", "path": "title"}))),
        ("value of wrong type", op(json!({"op": "replace", "path": "active", "value": {"a": 1}}))),
        ("path-less text", op(json!({"op": "add", "value": "x"}))),
        (
            "too many operations",
            json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": vec![json!({"op": "replace", "path": "title", "value": "x"}); 5000]}),
        ),
    ]
}

fn queries() -> Vec<String> {
    let deep = |open: &str, n: usize| format!("filter={}userName%20pr", open.repeat(n));
    let mut queries: Vec<String> = [
        "filter=",
        "filter=userName",
        "filter=userName%20eq",
        "filter=userName%20eq%20bjensen",
        "filter=userName%20regex%20%22x%22",
        "filter=(userName%20eq%20%22a%22",
        "filter=userName%20eq%20%22a",
        "filter=emails%5B%5D",
        "filter=%00",
        "filter=%FF%FE",
        "filter=userName%20eq%20%22%5Cud800%22",
        "filter=active%20gt%20true",
        "filter=password%20eq%20%22x%22",
        "filter=' OR 1=1 --",
        "filter=userName+eq+%22a%22%3B+DROP+TABLE+scim_user",
        "count=abc",
        "count=1.5",
        "startIndex=abc",
        "filter=id%20pr&filter=id%20pr",
        "attributes=userName&excludedAttributes=emails",
    ]
    .map(|query| query.replace(' ', "%20"))
    .to_vec();
    queries.extend([
        deep("(", 5000),
        deep("not%20(", 5000),
        format!("filter={}", "userName%20pr%20and%20".repeat(500)),
    ]);
    queries
}

#[tokio::test(flavor = "multi_thread")]
async fn i_11_malformed_input_gets_a_helpful_error_and_the_process_lives() {
    for database in databases() {
        let running = Running::start(database);
        let directory = running.directory("hostile", "okta scim v2.0");
        let user = directory.create_user("ada@x.example").await;
        let group = directory.create_group("Group", &[]).await;
        let pid = running.server.pid();
        for (name, body) in bodies() {
            for path in ["/Users".to_owned(), format!("/Users/{user}"), format!("/Groups/{group}")] {
                // What is wrong with a user's attributes alone may be right for a group.
                let about_users = body.starts_with(br#"{"userName""#) || name == "userName missing";
                if path.starts_with("/Groups") && about_users {
                    continue;
                }
                let method = if path == "/Users" { Method::POST } else { Method::PUT };
                let request = directory.request(method, &path).header("content-type", "application/scim+json");
                expect_error(name, read(request.body(body.clone()).send().await.unwrap()).await, 400..=400);
                let v1 = format!("{}{}", directory.v1, if path == "/Users" { "/Users" } else { &path });
                let request = directory.client.post(v1).bearer_auth(&directory.token);
                let request =
                    request.header("content-type", "application/json").header("x-http-method-override", "PATCH");
                // A partial user without userName is a PATCH of 1.1, and `schemas` is optional there.
                if path != "/Users" && name != "userName missing" && !name.starts_with("schemas") {
                    expect_v1_error(name, read(request.body(body.clone()).send().await.unwrap()).await);
                }
            }
        }
        for (name, body) in patches() {
            expect_error(name, directory.send(Method::PATCH, &format!("/Users/{user}"), &body).await, 400..=400);
        }
        for query in queries() {
            expect_error(&query, directory.get(&format!("/Users?{query}")).await, 400..=400);
        }
        assert_eq!(running.server.pid(), pid, "{}", running.database.name());
        let (status, body) = directory.get(&format!("/Users/{user}")).await;
        assert_eq!((status, body["title"].as_str()), (200, None), "a refused request changed something");
        assert_eq!(body["meta"]["created"], body["meta"]["lastModified"], "a refused request changed something");
        crate::replay::assert_log_rebuilds_state(&running, &directory.id).await;
    }
}

fn expect_error(name: &str, (status, body): (u16, Value), expected: std::ops::RangeInclusive<u16>) {
    assert!(expected.contains(&status), "{name}: {status} {body}");
    assert_eq!(body["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]), "{name}: {body}");
    assert_eq!(body["status"], json!(status.to_string()), "{name}");
    let detail = body["detail"].as_str().unwrap_or_default();
    assert!(detail.len() >= 15 && detail.contains(' '), "{name}: a detail that helps nobody: {detail:?}");
    assert!(detail.len() < 1000, "{name}: the detail repeats the input");
}

fn expect_v1_error(name: &str, (status, body): (u16, Value)) {
    assert!((400..=413).contains(&status), "{name}: {status} {body}");
    assert_eq!(body["Errors"][0]["code"], json!(status.to_string()), "{name}: {body}");
    assert!(body["Errors"][0]["description"].as_str().is_some_and(|text| text.contains(' ')), "{name}: {body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn rel_43_wrong_types_sizes_methods_and_routes_get_scim_errors() {
    for database in databases() {
        let running = Running::start(database);
        let directory = running.directory("hostile", "okta scim v2.0");
        let post = |content_type: &str, body: Vec<u8>| {
            directory.request(Method::POST, "/Users").header("content-type", content_type).body(body).send()
        };
        expect_error("text/plain", read(post("text/plain", b"{}".to_vec()).await.unwrap()).await, 415..=415);
        expect_error(
            "form",
            read(post("application/x-www-form-urlencoded", b"a=b".to_vec()).await.unwrap()).await,
            415..=415,
        );
        expect_error("xml", read(post("application/xml", b"<a/>".to_vec()).await.unwrap()).await, 415..=415);
        let latin = post("application/json; charset=iso-8859-1", b"{}".to_vec()).await.unwrap();
        expect_error("charset", read(latin).await, 415..=415);
        let huge = format!(r#"{{"userName":"a","x":"{}"}}"#, "y".repeat(2 << 20)).into_bytes();
        expect_error("2 MiB", read(post("application/scim+json", huge).await.unwrap()).await, 413..=413);
        let zipped = directory.request(Method::POST, "/Users").header("content-encoding", "gzip");
        let zipped = zipped.header("content-type", "application/scim+json").body(vec![31, 139, 8, 0]);
        expect_error("compressed", read(zipped.send().await.unwrap()).await, 415..=415);

        for (method, path, status) in [
            (Method::PUT, "/Users", 405),
            (Method::DELETE, "/Groups", 405),
            (Method::PATCH, "/Schemas", 405),
            (Method::POST, "/ServiceProviderConfig", 405),
            (Method::GET, "/users", 404),
            (Method::GET, "/Nothing", 404),
            (Method::GET, "/Users/a/b", 404),
            (Method::GET, "/Users/..%2f..%2fetc", 404),
            (Method::GET, "/Me", 501),
        ] {
            let answer = read(directory.request(method.clone(), path).body("{}").send().await.unwrap()).await;
            expect_error(&format!("{method} {path}"), answer, status..=status);
        }
        let unknown =
            directory.client.get(format!("{}/scim/v9/Users", running.server.url())).bearer_auth(&directory.token);
        expect_error("v9", read(unknown.send().await.unwrap()).await, 400..=400);
        let root = directory.client.get(format!("{}/nowhere", running.server.url())).send().await.unwrap();
        assert_eq!(root.status(), 404);
        let body: Value = root.json().await.unwrap();
        assert!(body["message"].is_string() && body["code"].is_string(), "{body}");
    }
}

/// Bytes that no HTTP client library would send. The answer may be a bare HTTP error or a closed connection; the server lives.
#[tokio::test(flavor = "multi_thread")]
async fn sec_30_broken_http_does_not_end_the_process() {
    let running = Running::start(doorward_testkit::TestDatabase::sqlite());
    let directory = running.directory("hostile", "okta scim v2.0");
    let address = running.server.address();
    let long = format!("GET /scim/v2/Users HTTP/1.1\r\nhost: x\r\nx: {}\r\n\r\n", "y".repeat(1 << 20));
    let bare =
        "POST /scim/v2/Users HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n";
    for request in [
        "\0\0\0\0",
        "GET\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        &long,
        bare,
        "POST / HTTP/1.1\r\ncontent-length: -1\r\n\r\n",
    ] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let _ = stream.write_all(request.as_bytes()).await;
        let _ = stream.shutdown().await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        let answer = String::from_utf8_lossy(&answer).into_owned();
        assert!(!answer.contains(" 500 "), "{request:.40}: {answer}");
    }
    assert_eq!(directory.get("/Users").await.0, 200);
}

/// Every answer to a bad credential is the same bytes, but for the request id and the date.
#[tokio::test(flavor = "multi_thread")]
async fn sec_07_sec_18_all_bad_credentials_get_the_same_401() {
    for database in databases() {
        let running = Running::start(database);
        let directory = running.directory("hostile", "okta scim v2.0");
        let revoked = running.cli(&["token", "create", "--directory", &directory.id, "--name", "old"]);
        running.cli(&["token", "revoke", revoked["id"].as_str().unwrap()]);
        let revoked = format!("Bearer {}", revoked["token"].as_str().unwrap());
        let almost = format!("Bearer {}x", directory.token);
        let mut answers = Vec::new();
        let cases = [
            Some("Bearer"),
            Some("Bearer "),
            Some("Bearer x"),
            Some("Basic"),
            Some("Basic %%%"),
            Some("Digest a"),
            Some("Basic YTpi"),
            Some(revoked.as_str()),
            Some(almost.as_str()),
            Some("Bearer null"),
            Some("Bearer undefined"),
        ];
        for case in cases {
            answers.push((case, unauthorized(&directory, case).await));
        }
        // RFC 6750 section 3: who shows no credential at all is not told of an invalid one.
        let nothing = unauthorized(&directory, None).await;
        assert!(nothing.contains("www-authenticate") && !nothing.contains("invalid_token"), "{nothing}");
        for (case, answer) in &answers {
            assert_eq!(answer, &answers[0].1, "{case:?}");
        }
        assert!(answers[0].1.contains("www-authenticate"), "{}", answers[0].1);
        assert!(answers[0].1.contains("urn:ietf:params:scim:api:messages:2.0:Error"), "{}", answers[0].1);
    }
}

async fn unauthorized(directory: &Directory, authorization: Option<&str>) -> String {
    let mut request = directory.client.get(format!("{}/Users", directory.v2));
    if let Some(value) = authorization {
        request = request.header("authorization", value);
    }
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 401, "{authorization:?}");
    let mut headers: Vec<String> =
        response.headers().iter().map(|(name, value)| format!("{name}: {value:?}")).collect();
    headers.retain(|line| !line.starts_with("x-request-id") && !line.starts_with("date"));
    headers.sort();
    format!("{}\n{}", headers.join("\n"), response.text().await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn rel_16_a_cursor_that_this_log_never_gave_out_is_refused() {
    for database in databases() {
        let running = Running::start(database);
        let events = running.all("/events").await;
        let last = events.last().unwrap()["id"].as_str().unwrap().to_owned();
        let url = |id: &str| format!("{}/events?after={id}", running.server.url());
        let ask = |id: &str| running.client.get(url(id)).bearer_auth(&running.api_key).send();
        assert_eq!(ask(&last).await.unwrap().status(), 200);
        let foreign = ask("event_01ARZ3NDEKTSV4RRFFQ69G5FAV").await.unwrap();
        assert_eq!(foreign.status(), 422, "{}", running.database.name());
        let body: Value = foreign.json().await.unwrap();
        assert!(body.to_string().contains("this log has no event"), "{body}");
    }
}
