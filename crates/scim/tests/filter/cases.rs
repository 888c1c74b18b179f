//! The 94 filters of section 16.1, in both profiles, and those on groups.

use doorward_scim::Object;
use doorward_scim::filter::Filter;
use doorward_scim::quirks::{Leniency, Quirk};
use doorward_scim::schema::{ENTERPRISE, ResourceType, USER};

use crate::fixtures::{X, groups, user_type, users};

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

#[rustfmt::skip]
const CASES: &[Case] = &[
    ("F001", r#"userName eq "BJENSEN@EXAMPLE.COM""#, Users("U1"), Users("U1")),
    ("F002", r#"USERNAME Eq "bjensen@example.com""#, Users("U1"), Users("U1")),
    ("F003", r#"<CORE>:userName sw "J""#, Users("U2"), Users("U2")),
    ("F004", r#"<CORE in upper case>:USERNAME sw "j""#, Users("U2"), Users("U2")),
    ("F005", r#"externalId eq "ext-1""#, Users(""), Users("")),
    ("F006", r#"externalId eq "EXT-1""#, Users("U1"), Users("U1")),
    ("F007", r#"id eq "U1""#, Users(""), Users("")),
    ("F008", r#"title pr"#, Users("U1"), Users("U1")),
    ("F009", r#"not (title pr)"#, Users("U2 U3"), Users("U2 U3")),
    ("F010", r#"not(title pr)"#, Users("U2 U3"), Users("U2 U3")),
    ("F011", r#"NOT (title PR)"#, Users("U2 U3"), Users("U2 U3")),
    ("F012", r#"not title pr"#, Refused, Refused),
    ("F013", r#"userType eq "Employee" or userType eq "Intern" and active eq false"#, Users("U1"), Users("U1")),
    ("F014", r#"(userType eq "Employee" or userType eq "Intern") and active eq true"#, Users("U1 U3"), Users("U1 U3")),
    ("F015", r#"not (userType eq "Employee") and active eq true"#, Users("U3"), Users("U3")),
    ("F016", r#"userType ne "Employee""#, Users("U2 U3"), Users("U2 U3")),
    ("F017", r#"emails.type ne "work""#, Users("U1 U3"), Users("U1 U3")),
    ("F018", r#"not (emails.type eq "work")"#, Users("U3"), Users("U3")),
    ("F019", r#"emails co "example.com""#, Users("U1"), Users("U1")),
    ("F020", r#"emails[type eq "work" and value co "@example.com"]"#, Users("U1"), Users("U1")),
    ("F021", r#"emails[type eq "home" and value co "@example.com"]"#, Users(""), Users("")),
    ("F022", r#"emails.type eq "home" and emails.value co "@example.com""#, Users("U1"), Users("U1")),
    ("F023", r#"emails[type eq "work"].value eq "bjensen@example.com""#, Users("U1"), Refused),
    ("F024", r#"emails[type eq "work" or (type eq "home" and value ew "@jensen.org")]"#, Users("U1 U2"), Users("U1 U2")),
    ("F025", r#"emails[type eq "work" and emails[value pr]]"#, Refused, Refused),
    ("F026", r#"emails[not (type eq "work")]"#, Users("U1"), Users("U1")),
    ("F027", r#"emails[emails.type eq "work"]"#, Refused, Refused),
    ("F028", r#"emails[]"#, Refused, Refused),
    ("F029", r#"emails[primary eq true]"#, Users("U1"), Users("U1")),
    ("F030", r#"emails[primary eq false]"#, Users("U1 U2"), Users("U1 U2")),
    ("F031", r#"emails pr"#, Users("U1 U2"), Users("U1 U2")),
    ("F032", r#"emails.value.x eq "a""#, Refused, Refused),
    ("F033", r#"name eq "Jensen""#, Refused, Refused),
    ("F034", r#"name pr"#, Users("U1 U2 U3"), Users("U1 U2 U3")),
    ("F035", r#"name[familyName eq "Jensen"]"#, Users("U1"), Users("U1")),
    ("F036", r#"addresses co "Hollywood""#, Refused, Refused),
    ("F037", r#"userName eq bjensen"#, Refused, Refused),
    ("F038", r#"userName eq 'bjensen@example.com'"#, Refused, Refused),
    ("F039", r#"displayName eq "Óscar \"Oz\" O'Malley""#, Users("U3"), Users("U3")),
    ("F040", r#"displayName co "\u0022Oz\u0022""#, Users("U3"), Users("U3")),
    ("F041", r#"userName eq "\u00f3scar""#, Users("U3"), Users("U3")),
    ("F042", r#"userName eq "ÓSCAR""#, Users("U3"), Users("U3")),
    ("F043", r#"userName eq "o\u0301scar""#, Users("U3"), Users("U3")),
    ("F044", r#"displayName eq "a\qb""#, Refused, Refused),
    ("F045", r#"userName eq "abc"#, Refused, Refused),
    ("F046", r#"displayName eq "\ud800""#, Refused, Refused),
    ("F047", r#"active eq true"#, Users("U1 U3"), Users("U1 U3")),
    ("F048", r#"active eq "True""#, Users("U1 U3"), Refused),
    ("F049", r#"active gt false"#, Refused, Refused),
    ("F050", r#"active co "r""#, Refused, Refused),
    ("F051", r#"<X>:cert gt "AA==""#, Refused, Refused),
    ("F052", r#"meta.lastModified gt "2011-05-13T04:42:34Z""#, Users("U2"), Users("U2")),
    ("F053", r#"meta.lastModified ge "2011-05-13T06:42:34+02:00""#, Users("U1 U2 U3"), Users("U1 U2 U3")),
    ("F054", r#"meta.lastModified eq "2011-05-13T04:42:34.000Z""#, Users("U1 U3"), Users("U1 U3")),
    ("F055", r#"meta.lastModified gt "yesterday""#, Refused, Refused),
    ("F056", r#"<X>:badge ge 42"#, Users("U1"), Users("U1")),
    ("F057", r#"<X>:badge eq 4.2e1"#, Users("U1"), Users("U1")),
    ("F058", r#"<X>:badge eq 042"#, Refused, Refused),
    ("F059", r#"<X>:badge gt "41""#, Refused, Refused),
    ("F060", r#"nickName eq null"#, Users("U2 U3"), Users("U2 U3")),
    ("F061", r#"nickName ne null"#, Users("U1"), Users("U1")),
    ("F062", r#"nickName gt null"#, Refused, Refused),
    ("F063", r#"shoeSize eq "44""#, Users(""), Refused),
    ("F064", r#"userName regex "x""#, Refused, Refused),
    ("F065", r#"userName eq"#, Refused, Refused),
    ("F066", r#"userName"#, Refused, Refused),
    ("F067", r#""#, Refused, Refused),
    ("F068", r#"(userName eq "a""#, Refused, Refused),
    ("F069", r#"userName eq "a")"#, Refused, Refused),
    ("F070", r#"userName eq "a" and"#, Refused, Refused),
    ("F071", r#"and userName eq "a""#, Refused, Refused),
    ("F072", r#"userName eq "a"or userName eq "b""#, Refused, Refused),
    ("F073", r#"userName  eq   "JSmith""#, Users("U2"), Users("U2")),
    ("F074", r#"<ENT>:manager.value eq "u2""#, Users("U1"), Users("U1")),
    ("F075", r#"<ENT>:department co "tour""#, Users("U1"), Users("U1")),
    ("F076", r#"department eq "Tour Operations""#, Users("U1"), Refused),
    ("F077", r#"<ENT> pr"#, Users("U1"), Refused),
    ("F078", r#"schemas eq "<ENT>""#, Users("U1"), Users("U1")),
    ("F079", r#"schemas eq "<ENT in upper case>""#, Users("U1"), Users("U1")),
    ("F080", r#"meta.resourceType eq "User""#, Users("U1 U2 U3"), Users("U1 U2 U3")),
    ("F081", r#"meta.resourceType eq "user""#, Users(""), Users("")),
    ("F082", r#"groups.value eq "g1""#, Users("U1 U2"), Users("U1 U2")),
    ("F083", r#"<X>:tags eq "RED""#, Users("U1"), Users("U1")),
    ("F084", r#"<X>:tags[value eq "red"]"#, Users("U1"), Users("U1")),
    ("F085", r#"userName gt "k""#, Users("U3"), Users("U3")),
    ("F086", r#"userName sw """#, Users("U1 U2 U3"), Users("U1 U2 U3")),
    ("F087", r#"userName co "%""#, Users(""), Users("")),
    ("F088", r#"userName co "_""#, Users(""), Users("")),
    ("F089", r#"userType eq "Employee" and not (emails co "example.com" or emails.value co "example.org")"#, Users(""), Users("")),
    ("F090", r#"userType ne "Intern" and not (emails co "example.com")"#, Users("U2"), Users("U2")),
    ("F091", r#"<X>:hireDate lt "2020-01-01T00:00:00.001Z""#, Users("U1"), Users("U1")),
    ("F092", r#"<40 parentheses>"#, Users("U1 U2 U3"), Users("U1 U2 U3")),
    ("F093", r#"<5000 parentheses>"#, Refused, Refused),
    ("F094", r#"password eq "x""#, Refused, Refused),
];

/// Each case as `number: what came out` that differs from the table.
fn differences(
    cases: &[Case],
    resources: &[(&str, Object)],
    resource_type: &ResourceType,
    leniency: fn() -> Leniency,
    expected: impl Fn(&Case) -> &Expected,
) -> Vec<String> {
    let mut differences = Vec::new();
    for case in cases {
        let (number, text) = (case.0, expand(case.1));
        let outcome = match Filter::parse(&text, resource_type, &mut leniency()) {
            Err(error) if (error.status(), error.scim_type()) == (400, "invalidFilter") => "refused".to_owned(),
            Err(error) => format!("{} {error}", error.scim_type()),
            Ok(filter) => {
                let matching = resources.iter().filter(|(_, resource)| filter.matches(resource, resource_type));
                matching.map(|(name, _)| *name).collect::<Vec<_>>().join(" ")
            }
        };
        let wanted = match expected(case) {
            Refused => "refused",
            Users(names) => names,
        };
        if outcome != wanted {
            differences.push(format!("{number} {text:.80}: {outcome:?} in place of {wanted:?}"));
        }
    }
    differences
}

fn expand(text: &str) -> String {
    for depth in [40, 5000] {
        if text == format!("<{depth} parentheses>") {
            return format!("{}userName pr{}", "(".repeat(depth), ")".repeat(depth));
        }
    }
    text.replace("<CORE in upper case>", &USER.to_uppercase())
        .replace("<ENT in upper case>", &ENTERPRISE.to_uppercase())
        .replace("<CORE>", USER)
        .replace("<ENT>", ENTERPRISE)
        .replace("<X>", X)
}

#[test]
fn f001_to_f094_tolerant() {
    assert_eq!(CASES.len(), 94);
    let found = differences(CASES, &users(), &user_type(), Leniency::tolerant, |case| &case.2);
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn f001_to_f094_strict() {
    let found = differences(CASES, &users(), &user_type(), Leniency::strict, |case| &case.3);
    assert!(found.is_empty(), "{found:#?}");
}

/// The cases on groups below the table, and what Entra ID asks of them (idp-wire rows 79, 86, 104).
#[rustfmt::skip]
const GROUP_CASES: &[Case] = &[
    ("members.value", r#"members.value eq "u1""#, Users("G1"), Users("G1")),
    ("members", r#"members eq "u1""#, Users("G1"), Users("G1")),
    ("members[]", r#"members[value eq "u1"]"#, Users("G1"), Users("G1")),
    ("members.type", r#"members.type eq "Group""#, Users("G2"), Users("G2")),
    ("displayName", r#"displayName eq "tour guides""#, Users("G1"), Users("G1")),
    ("D25", r#"members eq "U1""#, Users(""), Users("")),
    ("S-7643-2.1-03", r#"members.$ref co "Users""#, Users("G1"), Users("G1")),
    ("wire 79", r#"displayName eq "Employees""#, Users("G2"), Users("G2")),
    ("wire 86", r#"id eq "g1" and members eq "u2""#, Users("G1"), Users("G1")),
    ("wire 90", r#"DisplayName eq "tour guides""#, Users("G1"), Users("G1")),
    ("wire 104", r#"displayName EQ "Employees""#, Users("G2"), Users("G2")),
    ("P-7644-3.4.2.1-03", r#"userName pr"#, Users(""), Refused),
    ("root query", r#"userName sw "b""#, Users(""), Refused),
];

#[test]
fn section_16_1_filters_on_groups() {
    for leniency in [Leniency::tolerant, Leniency::strict] {
        let strict = !leniency().is_tolerant();
        let found = differences(GROUP_CASES, &groups(), &ResourceType::group(), leniency, |case| {
            if strict { &case.3 } else { &case.2 }
        });
        assert!(found.is_empty(), "{found:#?}");
    }
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
    let tolerant = differences(MORE_CASES, &users(), &user_type(), Leniency::tolerant, |case| &case.2);
    assert!(tolerant.is_empty(), "tolerant: {tolerant:#?}");
    let strict = differences(MORE_CASES, &users(), &user_type(), Leniency::strict, |case| &case.3);
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
        let filter = Filter::parse(&expand(text), &user, &mut Leniency::tolerant()).unwrap();
        assert_eq!(filter.to_string(), expand(canonical), "{text}");
    }
}
