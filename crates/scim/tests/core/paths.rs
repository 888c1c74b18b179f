use doorward_scim::attr::AttrPath;
use doorward_scim::schema::{Mutability, ResourceType};

use crate::fixtures::{CORE, ENT, X, user_type};

const WORKATO: &str = "urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole";

fn parse(text: &str) -> AttrPath {
    AttrPath::parse(text, &user_type()).unwrap_or_else(|reason| panic!("{text}: {reason}"))
}

#[test]
fn p_7644_3_10_02_the_urn_ends_where_a_known_schema_says() {
    // The path, then its URN, attribute and sub-attribute.
    let table = [
        ("userName".to_owned(), None, "userName", None),
        ("name.givenName".to_owned(), None, "name", Some("givenName")),
        (format!("{CORE}:name.givenName"), Some(CORE.to_owned()), "name", Some("givenName")),
        (format!("{ENT}:manager.$ref"), Some(ENT.to_owned()), "manager", Some("$ref")),
        (format!("{}:BADGE", X.to_uppercase()), Some(X.to_uppercase()), "BADGE", None),
        (ENT.to_owned(), Some(ENT.to_owned()), "", None),
        (format!("{WORKATO}:workato_role"), Some(WORKATO.to_owned()), "workato_role", None),
        (WORKATO.to_owned(), Some(WORKATO.to_owned()), "", None),
        (
            "urn:scim:schemas:extension:acme:1.0:badge.number".to_owned(),
            Some("urn:scim:schemas:extension:acme:1.0".to_owned()),
            "badge",
            Some("number"),
        ),
        ("urn:unknown:2.0:User:foo".to_owned(), Some("urn:unknown:2.0:User".to_owned()), "foo", None),
    ];
    for (text, urn, attribute, sub) in table {
        let path = parse(&text);
        assert_eq!((path.urn.clone(), path.attribute.as_str(), path.sub.as_deref()), (urn, attribute, sub), "{text}");
        assert_eq!(path.to_string(), text, "printed as it was written");
    }
}

#[test]
fn p079_p085_p086_paths_outside_the_grammar() {
    for text in [
        "".to_owned(),
        format!("{ENT}.department"),
        "/emails/0/value".to_owned(),
        "emails.value.x".to_owned(),
        "name.".to_owned(),
        ".name".to_owned(),
        "user name".to_owned(),
        format!("{ENT}:"),
        format!("{ENT}:a:b"),
        format!("{WORKATO}:a:b"),
        "urn:".to_owned(),
        "urn:a:".to_owned(),
    ] {
        assert!(AttrPath::parse(&text, &user_type()).is_err(), "{text}");
    }
}

#[test]
fn p076_p077_p078_unknown_names_resolve_to_nothing() {
    for text in
        ["shoeSize", "name.shoe", "urn:unknown:2.0:User:foo", "urn:ietf:params:scim:schemas:core:2.0:Group:displayName"]
    {
        assert!(user_type().resolve(&parse(text)).is_none(), "{text}");
    }
    assert!(user_type().resolve(&parse(&format!("{ENT}:shoeSize"))).is_none());
}

#[test]
fn s_7643_2_1_01_names_resolve_in_any_letter_case_to_the_canonical_spelling() {
    let types = user_type();
    let path = parse(&format!("{}:MANAGER.DISPLAYNAME", ENT.to_uppercase()));
    let target = types.resolve(&path).expect("known");
    assert_eq!(target.extension, Some(ENT));
    assert_eq!(target.attribute.map(|attribute| attribute.name.as_str()), Some("manager"));
    assert_eq!(target.leaf().map(|leaf| leaf.mutability), Some(Mutability::ReadOnly));
    for common in ["ID", "EXTERNALID", "Meta.LastModified", "SCHEMAS"] {
        assert!(types.resolve(&parse(common)).is_some(), "{common}");
    }
}

#[test]
fn wb_09_custom_namespaces_are_addressed_without_a_schema() {
    let types = user_type();
    let path = parse(&format!("{WORKATO}:workato_role"));
    let target = types.resolve(&path).expect("kept in a tolerant directory");
    assert_eq!((target.extension, target.attribute), (Some(WORKATO), None));
    let mut known = ResourceType::user();
    known.undeclared.push("urn:okta:custom:user:1.0".to_owned());
    let path = AttrPath::parse("URN:okta:custom:user:1.0:badge", &known).expect("a known URN");
    assert_eq!(known.resolve(&path).and_then(|target| target.extension), Some("urn:okta:custom:user:1.0"));
}

#[test]
fn p_7644_3_10_03_unqualified_names_must_be_unique() {
    let types = user_type();
    assert_eq!(types.unqualified("DEPARTMENT").map(|(urn, _)| urn), Some(ENT));
    assert_eq!(types.unqualified("badge").map(|(urn, _)| urn), Some(X));
    assert!(types.unqualified("title").is_none(), "a core attribute");
    let mut twice = types.clone();
    let mut other = twice.extensions[1].clone();
    other.schema.id = "urn:example:other".to_owned();
    twice.extensions.push(other);
    assert!(twice.unqualified("badge").is_none(), "two extensions have it");
}
