//! Filters beside the 94 hard cases: further rules and what identity providers send, in both profiles.

use doorward_scim::filter::Filter;
use doorward_scim::quirks::{Leniency, Quirk};
use doorward_scim::schema::ENTERPRISE;

use crate::cases::outcome;
use crate::data::spelled_out;
use crate::fixtures::{user_type, users};

#[derive(Debug, PartialEq)]
enum Expected {
    /// The names of the resources that match, in order.
    Users(&'static str),
    /// 400 invalidFilter.
    Refused,
}
use Expected::{Refused, Users};

/// Number, filter, expected in the tolerant and in the strict profile. `<CORE>`, `<ENT>`, `<X>` stand for URNs.
type Case = (&'static str, &'static str, Expected, Expected);

/// Each case as `number: what came out` that differs from the table.
fn differences(leniency: fn() -> Leniency, expected: impl Fn(&Case) -> &Expected) -> Vec<String> {
    let mut differences = Vec::new();
    for case in MORE_CASES {
        let text = spelled_out(case.1);
        let outcome = outcome(&text, &users(), &user_type(), &mut leniency());
        let wanted = match expected(case) {
            Refused => "invalidFilter",
            Users(names) => names,
        };
        if outcome != wanted {
            differences.push(format!("{} {text:.80}: {outcome:?} in place of {wanted:?}", case.0));
        }
    }
    differences
}

/// What the table leaves out: requirements by id, wire rows by number.
#[rustfmt::skip]
const MORE_CASES: &[Case] = &[
    ("wire 4", r#"userName eq "a@b.example""#, Users(""), Users("")),
    ("wire 59", r#"emails co "example.com""#, Users("U1"), Users("U1")),
    ("wire 62", r#"externalId eq "EXT-1""#, Users("U1"), Users("U1")),
    ("wire 62 unquoted", "externalId eq EXT-1", Users("U1"), Refused),
    ("wire 62 number", "externalId eq 4711", Users(""), Refused),
    ("wire 62 in a group", "(externalId eq EXT-1)", Users("U1"), Refused),
    ("wire 62 other operator", "externalId co EXT", Refused, Refused),
    ("D2 on externalId", "externalId eq null", Users("U3"), Users("U3")),
    ("wire 63", r#"emails[type eq "work"].value eq "jsmith@example.org""#, Users("U2"), Refused),
    ("wire 94 username", r#"username Eq "jsmith""#, Users("U2"), Users("U2")),
    ("wire 94 emails", r#"emails eq "JSmith@example.org""#, Users("U2"), Users("U2")),
    ("PingOne email", r#"email Co "example.org""#, Users("U2"), Refused),
    ("Entra manager", r#"id eq "u1" and manager eq "u2""#, Users("U1"), Refused),
    ("Entra manager exact", r#"manager eq "U2""#, Users(""), Refused),
    ("Entra manager qualified", r#"<ENT>:manager eq "u2""#, Users("U1"), Refused),
    ("wire 76", r#"roles[primary eq "True"].value eq "admin""#, Users(""), Refused),
    ("D6 pr", r#"emails[type eq "home"].value pr"#, Users("U1"), Refused),
    ("D6 or", r#"emails[type eq "home" or type eq "work"].value ew ".org""#, Users("U1 U2"), Refused),
    ("D6 two levels", r#"emails[type eq "work"].value.x eq "a""#, Refused, Refused),
    ("D6 space", r#"emails[type eq "work"] .value eq "a""#, Refused, Refused),
    ("D6 nothing behind", r#"emails[type eq "work"]."#, Refused, Refused),
    ("D1 in brackets", r#"phoneNumbers[display ne "x"]"#, Users("U1"), Users("U1")),
    ("D1 no values", r#"not (phoneNumbers.value ne "x")"#, Users(""), Users("")),
    ("D2 complex", "name eq null", Users(""), Users("")),
    ("D2 list", "emails ne null", Users("U1 U2"), Users("U1 U2")),
    ("D2 primary", "emails[primary eq null]", Users("U1 U2"), Users("U1 U2")),
    ("primary ne", "emails[primary ne true]", Users("U1 U2"), Users("U1 U2")),
    ("primary flat", "emails.primary eq false", Users("U1 U2"), Users("U1 U2")),
    ("primary flat not", "not (emails.primary eq false)", Users("U3"), Users("U3")),
    ("primary pr", "emails.primary pr", Users("U1"), Users("U1")),
    ("D3 ne", r#"shoeSize ne "44""#, Users("U1 U2 U3"), Refused),
    ("D3 pr", "shoeSize pr", Users(""), Refused),
    ("D3 brackets", r#"shoes[size eq 44]"#, Users(""), Refused),
    ("D3 inner name", r#"emails[shoe eq "x"]"#, Users(""), Refused),
    ("D3 sub", r#"name.shoe eq "x""#, Users(""), Refused),
    ("D3 URN", r#"urn:unknown:2.0:User:foo eq "x""#, Users(""), Refused),
    ("D3 nonsense stays an error", "shoeSize gt true", Refused, Refused),
    ("D3 other resource type", r#"urn:ietf:params:scim:schemas:core:2.0:Group:displayName pr"#, Users(""), Refused),
    ("D14 sub", r#"name.familyName[value eq "x"]"#, Refused, Refused),
    ("D14 simple", r#"userName[value eq "x"]"#, Refused, Refused),
    ("D14 extension", r#"<ENT>[department eq "x"]"#, Refused, Refused),
    ("D17 lower", r#"active eq "false""#, Users("U2"), Refused),
    ("D17 other text", r#"active eq "yes""#, Refused, Refused),
    ("D17 unquoted", "active eq True", Refused, Refused),
    ("D36 text for number", r#"<X>:badge eq "42""#, Refused, Refused),
    ("D36 number for text", "title eq 5", Refused, Refused),
    ("D36 boolean for text", "title eq true", Refused, Refused),
    ("D37 tab", "userName\teq \"a\"", Refused, Refused),
    ("D37 line break", "userName eq\n\"a\"", Refused, Refused),
    ("D37 around", "  ( userName pr )  ", Users("U1 U2 U3"), Users("U1 U2 U3")),
    ("S-7643-2.3.3-01", "<X>:score eq 1.50", Users("U1"), Users("U1")),
    ("S-7643-2.3.5-02", r#"meta.created eq "2011-05-13T04:42:34""#, Users("U1 U2 U3"), Users("U1 U2 U3")),
    ("date only", r#"meta.created gt "2011-05-13""#, Refused, Refused),
    ("date substring", r#"meta.created sw "2011""#, Refused, Refused),
    ("S-7643-2.3.6-01", r#"<X>:cert eq "QUI""#, Users("U1"), Users("U1")),
    ("binary case", r#"<X>:cert eq "quI=""#, Users(""), Users("")),
    ("binary text", r#"<X>:cert eq "@@@""#, Refused, Refused),
    ("number substring", "<X>:badge co 4", Refused, Refused),
    ("core root", "<CORE> pr", Refused, Refused),
    ("extension compare", r#"<ENT> eq "x""#, Refused, Refused),
    ("password pr", "password pr", Refused, Refused),
    ("password in brackets", r#"password[value sw "a"]"#, Refused, Refused),
    ("tags any", r#"<X>:tags ne "red""#, Users("U1 U2 U3"), Users("U1 U2 U3")),
    ("tags all", r#"not (<X>:tags eq "red")"#, Users("U2 U3"), Users("U2 U3")),
    ("tags other inner name", r#"<X>:tags[type eq "red"]"#, Users(""), Refused),
    ("space before bracket", r#"emails [type eq "work"]"#, Refused, Refused),
    ("missing space before value", r#"userName eq"a""#, Refused, Refused),
    ("missing space behind and", r#"userName pr and(title pr)"#, Refused, Refused),
    ("missing space before and", r#"(userName pr)and title pr"#, Refused, Refused),
    ("missing space between", r#"(userName pr)(title pr)"#, Refused, Refused),
    ("reserved", r#"not eq "x""#, Refused, Refused),
    ("reserved behind and", "userName pr and or title pr", Refused, Refused),
    ("keyword case", "title eq NULL", Refused, Refused),
    ("S-7643-2.1-02", r#"9x eq "a""#, Refused, Refused),
    ("S-7643-2.1-02 letters", r#"é eq "a""#, Refused, Refused),
    ("JSON pointer", r#"/emails/0 eq "a""#, Refused, Refused),
    ("comma", r#"userName, eq "a""#, Refused, Refused),
    ("number too large", "<X>:badge lt 1e999", Refused, Refused),
    ("number above 2^64", "<X>:badge lt 99999999999999999999", Users("U1"), Users("U1")),
    ("fold co", r#"displayName co "ÓSCAR""#, Users("U3"), Users("U3")),
    ("gt same", r#"nickName ge "BABS""#, Users("U1"), Users("U1")),
    ("gt exact", r#"externalId gt "EXT""#, Users("U1 U2"), Users("U1 U2")),
    ("D20", r#"title ne """#, Users("U1 U2 U3"), Users("U1 U2 U3")),
];

#[test]
fn further_rules_and_wire_rows() {
    let tolerant = differences(Leniency::tolerant, |case| &case.2);
    assert!(tolerant.is_empty(), "tolerant: {tolerant:#?}");
    let strict = differences(Leniency::strict, |case| &case.3);
    assert!(strict.is_empty(), "strict: {strict:#?}");
}

/// V1-API-3.2.2.1-01: what SCIM 1.1 does not have is refused in the strict profile and tolerated otherwise.
#[test]
fn v1_api_3_2_2_1_01_operators_of_1_1() {
    let user = user_type();
    for newer in
        [r#"userName ne "a""#, r#"userName ew "a""#, "not (title pr)", r#"emails[type eq "work"]"#, "title eq null"]
    {
        assert!(Filter::parse(newer, &user, &mut Leniency::strict()).is_ok(), "{newer}");
        let error = Filter::parse_1_1(newer, &user, &mut Leniency::strict()).unwrap_err();
        assert!(error.detail().contains("SCIM 1.1"), "{newer}: {error}");
        let mut leniency = Leniency::tolerant();
        assert!(Filter::parse_1_1(newer, &user, &mut leniency).is_ok(), "{newer}");
        assert_eq!(leniency.used().map(Quirk::name).collect::<Vec<_>>(), ["newer-operator"]);
    }
    let older = r#"(userName eq "a" or emails co "b" and title sw "c") and meta.created gt "2011-01-01T00:00:00Z" and title pr"#;
    assert!(Filter::parse_1_1(older, &user, &mut Leniency::strict()).is_ok());
}

/// SCIM 1.1 protocol section 3.8: attributes may be named with the schema, which is called otherwise in that version.
#[test]
fn v1_api_3_8_01_names_of_1_1_are_read_in_its_own_spelling() {
    let user = user_type();
    for (text, read) in [
        (r#"urn:scim:schemas:core:1.0:userName eq "a""#, r#"userName eq "a""#),
        (r#"URN:scim:schemas:core:1.0:name.familyName sw "a""#, r#"name.familyName sw "a""#),
        (
            r#"urn:scim:schemas:extension:enterprise:1.0:department eq "a""#,
            &format!(r#"{ENTERPRISE}:department eq "a""#),
        ),
        (
            r#"urn:scim:schemas:extension:enterprise:1.0:manager.managerId pr"#,
            &format!("{ENTERPRISE}:manager.value pr"),
        ),
    ] {
        let filter = Filter::parse_1_1(text, &user, &mut Leniency::strict());
        let expected = Filter::parse(read, &user, &mut Leniency::strict()).unwrap();
        assert_eq!(filter.unwrap().to_string(), expected.to_string(), "{text}");
        assert!(Filter::parse(text, &user, &mut Leniency::strict()).is_err(), "{text} is not of 2.0");
    }
}

/// Every tolerance is recorded under its name, and nothing else is.
#[test]
fn tolerances_are_recorded() {
    let user = user_type();
    #[rustfmt::skip]
    let cases: &[(&str, &[&str])] = &[
        (r#"userName eq "a" and not (emails[type eq "work"])"#, &[]),
        ("externalId eq EXT-1", &["unquoted-literal"]),
        (r#"emails[type eq "work"].value eq "x""#, &["filter-sub-attribute"]),
        (r#"shoeSize eq "44""#, &["unknown-filter-attribute"]),
        (r#"department eq "x""#, &["unqualified-extension-attribute"]),
        (r#"email co "x""#, &["attribute-alias"]),
        (r#"roles[primary eq "True"]"#, &["primary-text-compare"]),
        (r#"active eq "True""#, &["boolean-as-text"]),
    ];
    for (text, quirks) in cases {
        let mut leniency = Leniency::tolerant();
        Filter::parse(text, &user, &mut leniency).unwrap();
        assert_eq!(leniency.used().map(Quirk::name).collect::<Vec<_>>(), *quirks, "{text}");
    }
}

/// Namespaces no schema declares: Okta's and Entra's administrators invent them; values compare by their JSON type.
#[test]
fn undeclared_namespaces_compare_by_json_type() {
    const URN: &str = "urn:ietf:params:scim:schemas:extension:acme:2.0:User";
    let user = user_type();
    let serde_json::Value::Object(resource) = serde_json::json!({
        "userName": "a",
        URN: {"Level": 5, "team": "Blue", "vip": true, "tags": ["x", "Y"], "site": {"value": "Rome", "floor": 2}}
    }) else {
        panic!("not an object");
    };
    #[rustfmt::skip]
    let cases = [
        ("level eq 5.0", true), ("level gt 4", true), (r#"level eq "5""#, false), (r#"level ne "5""#, true),
        (r#"team eq "BLUE""#, true), (r#"team co "lu""#, true), ("vip eq true", true), ("vip eq false", false),
        (r#"tags eq "y""#, true), (r#"tags[value eq "y"]"#, false), (r#"site eq "rome""#, true), ("site.floor lt 3", true),
        ("site[floor eq 2]", true), ("team pr", true), ("nothing pr", false), (r#"nothing ne "x""#, true),
    ];
    for (text, expected) in cases {
        let text = format!("{}:{text}", URN.to_uppercase().replace("URN:", "urn:"));
        let filter = Filter::parse(&text, &user, &mut Leniency::tolerant()).unwrap();
        assert_eq!(filter.matches(&resource, &user), expected, "{text}");
        assert!(Filter::parse(&text, &user, &mut Leniency::strict()).is_err(), "{text}");
    }
    let present = Filter::parse(&format!("{URN} pr"), &user, &mut Leniency::tolerant()).unwrap();
    assert!(present.matches(&resource, &user));
    assert!(!present.matches(&users()[0].1, &user));
}

/// The form other crates compile to SQL.
#[test]
fn parsed_filters_are_canonical() {
    let user = user_type();
    #[rustfmt::skip]
    let cases = [
        (r#"<CORE>:USERNAME EQ "a""#, r#"userName eq "a""#),
        (r#"emails co "a""#, r#"emails.value co "a""#),
        (r#"email co "a""#, r#"emails.value co "a""#),
        (r#"Manager eq "a""#, r#"<ENT>:manager.value eq "a""#),
        (r#"department sw "a""#, r#"<ENT>:department sw "a""#),
        (r#"EMAILS[TYPE EQ "work"].VALUE EQ "a""#, r#"emails[type eq "work" and value eq "a"]"#),
        (r#"emails[type eq "a" or type eq "b"].value pr"#, r#"emails[(type eq "a" or type eq "b") and value pr]"#),
        (r#"(((title pr)) and (active eq "TRUE" and (id pr)))"#, "title pr and active eq true and id pr"),
        (r#"(title pr and id pr) or (active eq true)"#, "title pr and id pr or active eq true"),
        ("externalId eq 007", r#"externalId eq "007""#),
        ("not(title pr)", "not (title pr)"),
        (r#"title eq "a\u0022\\\/\n""#, r#"title eq "a\"\\/\u000a""#),
    ];
    for (text, canonical) in cases {
        let filter = Filter::parse(&spelled_out(text), &user, &mut Leniency::tolerant()).unwrap();
        assert_eq!(filter.to_string(), spelled_out(canonical), "{text}");
    }
}
