//! Paths of PATCH operations: the path cases of section 16.2.

use doorward_scim::patch::PatchPath;
use doorward_scim::quirks::Leniency;
use doorward_scim::schema::{ENTERPRISE, ResourceType, USER};

use crate::fixtures::{X, user_type};

fn expand(text: &str) -> String {
    text.replace("<CORE>", USER).replace("<ENT>", ENTERPRISE).replace("<X>", X)
}

/// The scimType, or the path as it prints.
fn outcome(text: &str, resource_type: &ResourceType, mut leniency: Leniency) -> String {
    match PatchPath::parse(&expand(text), resource_type, &mut leniency) {
        Ok(path) => path.to_string(),
        Err(error) => {
            assert_eq!(error.status(), 400);
            error.scim_type().to_owned()
        }
    }
}

#[test]
fn p044_to_p087_paths() {
    #[rustfmt::skip]
    let cases = [
        ("P044", r#"EMAILS[TYPE EQ "work"].VALUE"#, r#"emails[type eq "work"].value"#),
        ("P045", r#"<CORE>:emails[type eq "work"].value"#, r#"emails[type eq "work"].value"#),
        ("P046", "<CORE>:name.familyName", "name.familyName"),
        ("P019", "<ENT>", "<ENT>"),
        ("P020", "<ENT>:employeeNumber", "<ENT>:employeeNumber"),
        ("P069", "<ENT>:manager.displayName", "<ENT>:manager.displayName"),
        ("P074", r#"addresses[type eq "work"].streetAddress"#, r#"addresses[type eq "work"].streetAddress"#),
        ("P075", "emails.type", "emails.type"),
        ("P076", "shoeSize", "invalidPath"),
        ("P077", "name.shoe", "invalidPath"),
        ("P078", "urn:unknown:2.0:User:foo", "invalidPath"),
        ("P079", "<ENT>.department", "invalidPath"),
        ("P080", r#"name[familyName eq "Jensen"].givenName"#, "invalidPath"),
        ("P081", r#"emails[type eq "work""#, "invalidPath"),
        ("P082", r#"emails[type xx "work"].value"#, "invalidFilter"),
        ("P083", r#"emails[foo eq "work"].value"#, "invalidFilter"),
        ("P084", "emails[0].value", "invalidFilter"),
        ("P085", "/emails/0/value", "invalidPath"),
        ("P086", r#"emails[type eq "work"].value.x"#, "invalidPath"),
        ("P087", "", "invalidPath"),
        ("P100", r#"<X>:tags[value eq "red"]"#, r#"<X>:tags[value eq "red"]"#),
        ("P101", "<X>:tags[value pr]", "<X>:tags[value pr]"),
        ("simple sub", r#"<X>:tags[value eq "red"].value"#, "invalidPath"),
        ("unknown behind", r#"emails[type eq "work"].foo"#, "invalidPath"),
        ("no dot behind", r#"emails[type eq "work"]value"#, "invalidPath"),
        ("two brackets", r#"emails[type eq "work"][value pr]"#, "invalidPath"),
        ("sub before", r#"emails.value[type eq "work"]"#, "invalidPath"),
        ("unknown before", r#"shoes[size eq 44]"#, "invalidPath"),
        ("nothing before", r#"[type eq "work"]"#, "invalidPath"),
        ("nothing inside", "emails[]", "invalidFilter"),
        ("F025", r#"emails[type eq "work" and emails[value pr]].value"#, "invalidFilter"),
        ("F027", r#"emails[emails.type eq "work"]"#, "invalidFilter"),
        ("D6 inside", r#"emails[a[b pr].c pr]"#, "invalidFilter"),
        ("open quotes", r#"emails[type eq "work]"#, "invalidFilter"),
        ("bracket in quotes", r#"emails[type eq "]\"["].value"#, r#"emails[type eq "]\"["].value"#),
        ("closing alone", "emails]", "invalidPath"),
        ("space", " emails", "invalidPath"),
        ("space before bracket", r#"emails [type eq "work"]"#, "invalidPath"),
        ("simple single", r#"userName[value eq "x"]"#, "invalidPath"),
        ("core alone", "<CORE>", "invalidPath"),
        ("reserved", "not", "invalidPath"),
        ("root with brackets", "<ENT>[department pr]", "invalidPath"),
    ];
    for (number, text, expected) in cases {
        for leniency in [Leniency::tolerant(), Leniency::strict()] {
            assert_eq!(outcome(text, &user_type(), leniency), expand(expected), "{number}");
        }
    }
}

#[test]
fn paths_that_depend_on_the_profile() {
    let user = user_type();
    // Row 76 of idp-wire: Entra ID compares a boolean with text.
    let roles = r#"roles[primary eq "True"].value"#;
    assert_eq!(outcome(roles, &user, Leniency::tolerant()), "roles[primary eq true].value");
    assert_eq!(outcome(roles, &user, Leniency::strict()), "invalidFilter");
    // Row 73 of idp-wire: Entra ID leaves out the URN of the enterprise extension.
    for (path, qualified) in [("MANAGER", "<ENT>:manager"), ("manager.VALUE", "<ENT>:manager.value")] {
        assert_eq!(outcome(path, &user, Leniency::tolerant()), expand(qualified));
        assert_eq!(outcome(path, &user, Leniency::strict()), "invalidPath");
    }
    // Namespaces no schema declares are kept by a tolerant directory.
    let custom = "urn:ietf:params:scim:schemas:extension:other:2.0:User";
    for path in [custom.to_owned(), format!("{custom}:level"), format!("{custom}:site.floor")] {
        assert_eq!(outcome(&path, &user, Leniency::tolerant()), path);
        assert_eq!(outcome(&path, &user, Leniency::strict()), "invalidPath");
    }
    assert_eq!(outcome(&format!("{custom}:tags[value pr]"), &user, Leniency::tolerant()), "invalidPath");
}

#[test]
fn paths_of_groups() {
    let group = ResourceType::group();
    let cases = [
        (r#"members[value eq "u1" or value eq "u2"]"#, r#"members[value eq "u1" or value eq "u2"]"#),
        (r#"members[$ref eq "https://x.example/Users/u1"]"#, r#"members[$ref eq "https://x.example/Users/u1"]"#),
        ("members", "members"),
        ("userName", "invalidPath"),
    ];
    for (text, expected) in cases {
        assert_eq!(outcome(text, &group, Leniency::strict()), expected);
    }
}

#[test]
fn parts_of_a_path() {
    let user = user_type();
    let parse = |text: &str| PatchPath::parse(text, &user, &mut Leniency::strict()).unwrap();
    let plain = parse("NAME.givenname");
    assert_eq!((plain.attr.sub.as_deref(), plain.filter, plain.sub), (Some("givenName"), None, None));
    let chosen = parse(r#"emails[type eq "work"].VALUE"#);
    assert_eq!((chosen.attr.sub, chosen.filter.is_some(), chosen.sub.as_deref()), (None, true, Some("value")));
    assert!(parse(&ENTERPRISE.to_uppercase().replace("URN:", "urn:")).attr.is_root());
}

#[test]
fn errors_count_positions_in_the_whole_path() {
    let error = PatchPath::parse(r#"emails[type xx "work"].value"#, &user_type(), &mut Leniency::strict()).unwrap_err();
    assert!(error.detail().starts_with(r#"unknown operator "xx" at position 13; "#), "{error}");
    let error = PatchPath::parse(r#"emails[type eq "work""#, &user_type(), &mut Leniency::strict()).unwrap_err();
    assert_eq!(error.detail(), "the [ at position 7 is not closed; close it with ]");
}

/// SEC-25: a path is short, apart from what stands between its brackets.
#[test]
fn sec_25_long_paths() {
    let user = user_type();
    assert_eq!(outcome(&"a".repeat(513), &user, Leniency::tolerant()), "invalidPath");
    assert_eq!(outcome(&format!("{}[type pr]", "a".repeat(513)), &user, Leniency::tolerant()), "invalidPath");
    let value = "v".repeat(600);
    let path = format!(r#"emails[value eq "{value}"].type"#);
    assert_eq!(outcome(&path, &user, Leniency::strict()), path);
}
