//! The accounts of the portal, from the command line.

use doorward_testkit::{TestDatabase, databases};

use crate::{At, serve, string};

#[test]
fn a_code_from_the_command_line_opens_the_portal_of_a_running_server() {
    for database in databases() {
        let server = serve(&database);
        let at = At(&database);
        assert!(at.people(&["operator", "list"]).contains("doorward operator create"));
        let made = at.json(&["operator", "create", "--public-url", &server.url()]);
        assert_eq!(string(&made, "url"), format!("{}/admin/begin", server.url()));
        assert!(string(&made, "code").starts_with("dwc_"));
        assert!(at.people(&["operator", "create"]).contains("works once"));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let page = runtime.block_on(async {
            let answer = crate::client().get(string(&made, "url")).send().await.unwrap();
            assert_eq!(answer.status(), 200);
            answer.text().await.unwrap()
        });
        assert!(page.contains("Set up your account"));
        let events = at.json(&["events", "list", "--type", "operator.code_created"]);
        assert_eq!(events["data"].as_array().unwrap().len(), 2);
        assert!(!events.to_string().contains(&string(&made, "code")));
    }
}

#[test]
fn nobody_s_password_is_reset_by_mistake() {
    let database = TestDatabase::sqlite();
    let at = At(&database);
    at.people(&["operator", "create"]);
    assert!(at.refused(&["operator", "reset", "nobody@vendor.example"]).contains("doorward operator list"));
}
