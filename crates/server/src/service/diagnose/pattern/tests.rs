//! Each pattern with the past that shows it, and with one that nearly does.

use super::*;

const NOW: i64 = 1_800_000_000_000_000;

fn directory_of(directory_type: &str, users: i64) -> Directory {
    Directory {
        now: NOW,
        directory_type: directory_type.to_owned(),
        enabled: true,
        credential_since: Some(NOW - 600 * MINUTE),
        first_at: Some(NOW - 600 * MINUTE),
        accepted_at: Some(NOW),
        users,
        ..Directory::default()
    }
}

fn past(ago: i64, method: &str, path: &str, subject: &str) -> Past {
    Past {
        at: NOW - ago * MINUTE,
        method: method.to_owned(),
        path: path.to_owned(),
        accepted: true,
        succeeded: true,
        subject: (!subject.is_empty()).then(|| subject.to_owned()),
        facts: Facts::default(),
    }
}

fn lookup(ago: i64) -> Past {
    let facts = Facts { looked_up: Some("userName".to_owned()), found: Some(0), ..Facts::default() };
    Past { facts, ..past(ago, "GET", "/scim/acme/v2/Users", "") }
}

fn active(ago: i64, subject: &str, active: bool) -> Past {
    let facts = Facts { active: Some(active), ..Facts::default() };
    Past { facts, ..past(ago, "PATCH", "/scim/acme/v2/Users/x", subject) }
}

fn keys(past: &[Past], about: &Directory) -> Vec<String> {
    directory(past, about).into_iter().map(|found| found.diagnosis.key).collect()
}

#[test]
fn d01_silence_is_told_after_five_minutes_and_is_an_error_after_thirty() {
    let mut about = Directory { first_at: None, accepted_at: None, ..directory_of("okta scim v2.0", 0) };
    for (minutes, want) in [(4, None), (5, Some(Severity::Warning)), (30, Some(Severity::Error))] {
        about.credential_since = Some(NOW - minutes * MINUTE);
        let found = directory(&[], &about);
        assert_eq!(found.first().map(|found| found.diagnosis.severity), want, "{minutes}");
    }
    about.enabled = false;
    assert!(keys(&[], &about).is_empty(), "it was switched off");
}

#[test]
fn d09_a_lookup_without_a_creation_is_told_unless_one_followed() {
    let okta = directory_of("okta scim v2.0", 0);
    assert_eq!(keys(&[lookup(3)], &okta), ["D09"]);
    assert!(keys(&[lookup(1)], &okta).is_empty(), "the creation may still come");
    let created = past(2, "POST", "/scim/acme/v2/Users", "directory_user_1");
    assert!(keys(&[lookup(3), created], &directory_of("okta scim v2.0", 1)).is_empty());
}

#[test]
fn d10_and_d15_nobody_came() {
    let test = past(16, "GET", "/scim/acme/v2/ServiceProviderConfig", "");
    let okta = directory_of("okta scim v2.0", 0);
    assert_eq!(keys(std::slice::from_ref(&test), &okta), ["D10"]);
    assert!(keys(&[Past { at: NOW - 14 * MINUTE, ..test.clone() }], &okta).is_empty());
    assert!(keys(&[test], &directory_of("okta scim v2.0", 1)).is_empty(), "somebody is there");
    let entra = directory_of("azure scim v2.0", 0);
    assert_eq!(keys(&[lookup(61)], &entra), ["D15"]);
    assert!(keys(&[lookup(59)], &entra).is_empty());
}

#[test]
fn d14_groups_that_keep_their_members_or_are_written_twice() {
    let mut okta = directory_of("okta scim v2.0", 9);
    okta.stale_members = 2;
    let push = past(60, "PATCH", "/scim/acme/v2/Groups/x", "directory_group_1");
    assert_eq!(keys(&[push, active(20, "directory_user_1", false)], &okta), ["D14.members"]);
    assert!(keys(&[active(20, "directory_user_1", false)], &okta).is_empty(), "no group is pushed");
    let put = |ago| past(ago, "PUT", "/scim/acme/v2/Groups/x", "directory_group_1");
    assert_eq!(keys(&[put(50), put(30), put(10)], &okta), ["D14.replaced"]);
    assert!(keys(&[put(150), put(80), put(10)], &okta).is_empty());
}

#[test]
fn d23_three_turns_within_an_hour() {
    let okta = directory_of("okta scim v2.0", 9);
    let turns: Vec<Past> = (0..4).map(|turn| active(50 - turn * 10, "directory_user_1", turn % 2 == 0)).collect();
    let found = directory(&turns, &okta);
    assert_eq!((found[0].diagnosis.key.as_str(), found[0].diagnosis.parameters["count"].as_str()), ("D23", "3"));
    assert!(keys(&turns[..3], &okta).is_empty());
    let of_two: Vec<Past> =
        (0..4).map(|turn| active(50 - turn, if turn % 2 == 0 { "one" } else { "two" }, turn % 2 == 0)).collect();
    assert!(keys(&of_two, &okta).is_empty());
}

#[test]
fn d24_a_fifth_of_the_people_within_ten_minutes() {
    let gone: Vec<Past> = (0..10).map(|n| active(9, &format!("directory_user_{n}"), false)).collect();
    assert_eq!(keys(&gone, &directory_of("okta scim v2.0", 50)), ["D24"]);
    assert!(keys(&gone, &directory_of("okta scim v2.0", 51)).is_empty());
    assert!(keys(&gone[..4], &directory_of("okta scim v2.0", 4)).is_empty(), "a few are no alarm");
    let slowly: Vec<Past> = (0..10).rev().map(|n| active(11 * n, &format!("directory_user_{n}"), false)).collect();
    assert!(keys(&slowly, &directory_of("okta scim v2.0", 50)).is_empty());
    let again: Vec<Past> = (0..10).map(|_| active(5, "directory_user_1", false)).collect();
    assert!(keys(&again, &directory_of("okta scim v2.0", 20)).is_empty(), "one person is one person");
}
