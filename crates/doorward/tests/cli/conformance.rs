//! `doorward conformance` against a real server: exit codes, and the report in its three forms.

use std::time::{Duration, Instant};

use doorward_testkit::TestDatabase;
use serde_json::Value;

use crate::{At, doorward, serve, string, text};

#[test]
fn conformance_reports_to_people_programs_and_browsers() {
    let database = TestDatabase::sqlite();
    let server = serve(&database);
    let at = At(&database);
    let made = at.directory(&["--public-url", &server.url(), "--profile", "strict"]);
    let (endpoint, token, id) = (string(&made, "endpoint"), string(&made, "token"), string(&made, "id"));
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("report.html");
    let against = ["conformance", "--url", &endpoint, "--token", &token];
    let output = doorward(&against).args(["--json", "--html"]).arg(&page).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}{}", text(&output.stdout), text(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&report["conforms"], &report["clean"], &report["version"]),
        (&true.into(), &true.into(), &"2.0".into())
    );
    assert_eq!(report["counts"]["failed"], 0, "{report}");
    let first = &report["checks"][0];
    assert_eq!((&first["requirement"], &first["level"]), (&"P-7644-4-01".into(), &"MUST".into()));
    assert_eq!((&first["outcome"], &first["exchanges"][0]["status"]), (&"passed".into(), &200.into()));
    let html = std::fs::read_to_string(&page).unwrap();
    assert!(html.contains("RFC 7644, section 4") && html.contains("</html>"));
    for outside in ["<script", "<link", "<img", "<iframe", "<a ", "src=", "href=", "@import", "url(", &token] {
        assert!(!html.contains(outside), "the page has {outside}");
    }
    // What the server sent is text, and never markup.
    assert!(html.contains("&quot;userName&quot;") && !html.contains("\"userName\""));
    let counted = at.json(&["directory", "show", &id]);
    assert_eq!(counted["metadata"]["users"]["active"], 0, "{counted}");
    let older = endpoint.replace("/v2", "/v1");
    let output = doorward(&["conformance", "--url", &older, "--token", &token, "--version", "1.1"]).output().unwrap();
    let printed = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{printed}");
    assert!(printed.contains("SCIM 1.1 at") && printed.contains("No MUST of SCIM 1.1"), "{printed}");
    assert!(printed.contains("resources were made and deleted; nothing with the prefix scimtest-"), "{printed}");
}

#[test]
fn conformance_tells_a_failure_from_a_server_that_cannot_be_tested() {
    let database = TestDatabase::sqlite();
    let server = serve(&database);
    let at = At(&database);
    let made = at.directory(&["--public-url", &server.url(), "--auth", "basic"]);
    let endpoint = string(&made, "endpoint");
    let basic = format!("{}:{}", string(&made, "username"), string(&made, "password"));
    let run = |more: &[&str]| doorward(&[&["conformance", "--url"], more].concat()).output().unwrap();
    let deviates = run(&[&endpoint, "--basic", &basic, "--only", "patch-refusals"]);
    let printed = text(&deviates.stdout);
    assert_eq!(deviates.status.code(), Some(1), "{printed}");
    assert!(printed.contains("FAILED  patch-refusals/replace_no_match_sub"), "{printed}");
    assert!(printed.contains("MUST P-7644-3.5.2.3-07 (RFC 7644, section 3.5.2.3)"), "{printed}");
    assert_eq!(run(&[&endpoint, "--basic", &basic, "--only", "read"]).status.code(), Some(0));
    let wrong = run(&[&endpoint, "--token", "dw_wrong"]);
    assert_eq!((wrong.status.code(), wrong.stdout.len()), (Some(2), 0));
    assert!(text(&wrong.stderr).contains("refuses the credential"), "{}", text(&wrong.stderr));
    assert_eq!(run(&["http://127.0.0.1:1/scim", "--token", "x", "--json"]).status.code(), Some(2));
    assert_eq!(run(&[&endpoint]).status.code(), Some(2), "no credential");
    assert_eq!(run(&[&endpoint, "--token", "x", "--only", "nothing"]).status.code(), Some(2));
}

#[cfg(unix)]
#[test]
fn conformance_cleans_up_when_it_is_interrupted() {
    let database = TestDatabase::sqlite();
    let server = serve(&database);
    let at = At(&database);
    let made = at.directory(&["--public-url", &server.url(), "--profile", "strict"]);
    let (endpoint, token, id) = (string(&made, "endpoint"), string(&made, "token"), string(&made, "id"));
    let arguments = ["conformance", "--url", &endpoint, "--token", &token, "--json"];
    let child = doorward(&arguments).stdout(std::process::Stdio::piped()).spawn().unwrap();
    let people = || at.json(&["directory", "show", &id])["metadata"]["users"]["active"].as_i64().unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    while people() < 5 {
        assert!(Instant::now() < deadline, "the run never began");
    }
    std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let output = child.wait_with_output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), &report["interrupted"]), (Some(2), &true.into()));
    assert_eq!((people(), &report["clean"]), (0, &true.into()));
}
