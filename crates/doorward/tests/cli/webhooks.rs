//! `doorward webhook`.

use doorward_testkit::databases;

use crate::{At, string};

#[test]
fn endpoints_are_made_listed_stopped_and_deleted() {
    for database in databases() {
        let at = At(&database);
        at.organization();
        let made = at.json(&["webhook", "create", "https://app.example.com/hooks", "--events", "dsync.user.created"]);
        let (id, secret) = (string(&made, "id"), string(&made, "secret"));
        assert!(secret.starts_with("whsec_"));
        let listed = at.people(&["webhook", "list"]);
        assert!(listed.contains(&id) && listed.contains("enabled") && !listed.contains(&secret), "{listed}");
        let rotated = at.json(&["webhook", "rotate", &id]);
        assert_ne!(string(&rotated, "secret"), secret);
        assert!(at.people(&["webhook", "disable", &id]).contains("disabled"));
        assert_eq!(at.json(&["webhook", "list"])["data"][0]["disabled_reason"], "requested");
        assert!(at.refused(&["webhook", "test", &id]).contains("enable"));
        at.people(&["webhook", "enable", &id]);
        at.people(&["webhook", "test", &id]);
        assert!(at.people(&["webhook", "deliveries", &id]).contains("no such deliveries"));
        assert!(at.people(&["webhook", "retry", &id, "--parked"]).starts_with("0 parked"));
        assert!(at.refused(&["webhook", "delete", &id]).contains("--yes"));
        at.people(&["webhook", "delete", &id, "--yes"]);
        assert!(at.people(&["webhook", "list"]).contains("no endpoint"));
    }
}

#[test]
fn sec_42_what_is_not_public_needs_the_operators_word() {
    for database in databases() {
        let at = At(&database);
        at.organization();
        let create = ["webhook", "create", "http://10.1.2.3/hooks"];
        assert!(at.refused(&create).contains("https"), "plain http");
        assert!(at.refused(&["webhook", "create", "https://10.1.2.3/hooks"]).contains("not public"));
        at.people(&[&create[..], &["--webhook-allow-network", "10.1.0.0/16"]].concat());
        assert!(at.refused(&[&create[..], &["--webhook-allow-network", "ten"]].concat()).contains("allow_networks"));
    }
}
