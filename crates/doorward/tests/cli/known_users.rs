//! Existing accounts from the command line.

use doorward_testkit::databases;

use crate::At;

#[test]
fn wt_20_accounts_are_loaded_listed_and_the_policy_set() {
    for database in databases() {
        let at = At(&database);
        at.directory(&["--label", "acme"]);
        let of = |command: &'static str, more: &[&'static str]| -> Vec<&'static str> {
            [&["known-users", command, "--directory", "acme"], more].concat()
        };
        assert_eq!(at.json(&of("policy", &["link-username"]))["policy"], "link_username");
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(
            file.path(),
            "{\"id\": 7, \"username\": \"ann\"}\n{\n{\"id\": \"8\", \"email\": \"bob@x.example\"}",
        )
        .unwrap();
        let path = file.path().to_str().unwrap();
        let import = ["known-users", "import", "--directory", "acme", "--file", path];
        let report = at.json(&import);
        assert_eq!((&report["created"], &report["failed"]), (&2.into(), &1.into()));
        assert_eq!(report["errors"][0]["line"], 2);
        assert!(at.people(&import).contains("2 as before"));
        let listed = at.people(&of("list", &["--search", "bob"]));
        assert!(listed.contains("bob@x.example") && !listed.contains("ann"), "{listed}");
        assert!(at.people(&of("list", &["--state", "linked"])).contains("No such account"));
        assert!(at.people(&of("conflicts", &[])).contains("Nobody has to decide"));
        std::fs::write(file.path(), "{").unwrap();
        assert!(at.refused(&import).contains("line 1"));
        let nowhere = "identity_conflict_01ARZ3NDEKTSV4RRFFQ69G5FAV";
        assert!(at.refused(&of("accept", &[nowhere])).contains("not found"));
        assert!(at.refused(&of("refuse", &[nowhere])).contains("not found"));
    }
}
