//! What the command line says of one connection.

use doorward_testkit::databases;
use serde_json::{Value, json};

use crate::{At, client, serve, string, text};

/// What the directory's log says, once the server has written it.
fn requests(at: &At<'_>, id: &str, more: &[&str], count: usize) -> Vec<Value> {
    for _ in 0..200 {
        let list = at.json(&[&["directory", "requests", id], more].concat());
        let found = list["data"].as_array().unwrap().clone();
        if found.len() >= count {
            return found;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("fewer than {count} requests were recorded");
}

#[test]
fn d05_d12_doctor_says_what_is_wrong_with_a_directory_and_fails_while_it_is() {
    for database in databases() {
        let server = serve(&database);
        let at = At(&database);
        let made = at.directory(&["--public-url", &server.url(), "--type", "okta scim v2.0"]);
        let (id, label, endpoint) = (string(&made, "id"), string(&made, "label"), string(&made, "endpoint"));
        let well = at.json(&["doctor", &id]);
        assert_eq!((&well["ok"], &well["status"], &well["diagnoses"]), (&json!(true), &json!("waiting"), &json!([])));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let send = |token: &str| {
            let user = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ada@x.example"});
            let request = client().post(format!("{endpoint}/Users")).bearer_auth(token).body(user.to_string());
            let request = request.header("Content-Type", "application/scim+json");
            runtime.block_on(async { request.send().await.unwrap().status().as_u16() })
        };
        let token = string(&made, "token");
        assert_eq!([send(&token), send(&token), send(&token)], [201, 409, 409]);
        requests(&at, &id, &[], 3);
        let output = at.run(&["doctor", &label]);
        assert_eq!(output.status.code(), Some(1));
        let told = text(&output.stdout);
        for words in ["ERROR", "D12", "ada@x.example is taken", "→ Let Okta take over", "2 times"] {
            assert!(told.contains(words), "{words}: {told}");
        }
        let tokens = at.json(&["token", "list", &id]);
        at.people(&["token", "revoke", &string(&tokens["data"][0], "id")]);
        std::thread::sleep(std::time::Duration::from_secs(1));
        assert_eq!(send(&token), 401);
        let failed = requests(&at, &id, &["--failed", "--diagnosis", "d05"], 1);
        let request = string(&failed[0], "request_id");
        let told = at.people(&["directory", "requests", &label]);
        assert!(told.contains("D05") && told.contains(&request) && !told.contains(&token), "{told}");
        let shown = at.json(&["directory", "requests", &id, "--request", &request]);
        assert_eq!((&shown["status"], &shown["credential"]), (&json!(401), &json!("bearer")));
        let whole = at.run(&["doctor", &id, "--json"]);
        let whole: Value = serde_json::from_slice(&whole.stdout).unwrap();
        assert_eq!(whole["ok"], false);
        assert!(whole["diagnoses"].as_array().unwrap().iter().any(|found| found["code"] == "D05"), "{whole}");
        assert!(at.refused(&["doctor", "nobody"]).contains("neither an id nor a label"));
    }
}
