//! Error texts: what is wrong, where, and what to do.

use doorward_scim::filter::Filter;
use doorward_scim::quirks::Leniency;

use crate::fixtures::user_type;

#[test]
fn errors_say_what_where_and_what_to_do() {
    #[rustfmt::skip]
    let cases = [
        (r#"userName regex "x""#, r#"unknown operator "regex" at position 10; use one of eq, ne, co, sw, ew, gt, ge, lt, le, pr"#),
        ("userName", r#"no operator behind "userName" at position 9; use one of eq, ne, co, sw, ew, gt, ge, lt, le, pr"#),
        ("userName eq", r#"no value behind "eq" at position 12; write text in double quotes, a number, true, false or null"#),
        ("", r#"the filter is empty; write an expression such as userName eq "ada""#),
        (r#"(userName eq "a""#, "an open parenthesis at position 1; close it with )"),
        (r#"userName eq "a")"#, "an unexpected ) at position 16; every ) needs a ( and an expression between them"),
        (r#"userName eq "a" and"#, r#"nothing behind "and" at position 20; another expression belongs there, or leave the word out"#),
        (r#"userName eq "a"or title pr"#, "a missing space at position 16; put a space in front of or"),
        ("not title pr", r#""not" without parenthesis at position 1; write not (…)"#),
        (r#"userName eq "abc"#, r#"a quoted text without end begins at position 13; close it with ""#),
        (r#"title eq "a\qb""#, r#"an unknown escape at position 12; use one of \" \\ \/ \b \f \n \r \t \uXXXX, or double the backslash"#),
        ("userName eq ada", "a literal that does not fit userName, which is of type string, at position 13; put the value in double quotes"),
        ("active gt false", r#""gt" on active, which is of type boolean, at position 8; use one of eq, ne, pr"#),
        (r#"name eq "x""#, r#"a comparison of "name", which has no single value, at position 1; compare one of its sub-attributes: formatted, familyName, givenName, middleName, honorificPrefix, honorificSuffix"#),
        (r#"emails.foo eq "x""#, r#"unknown sub-attribute "foo" of emails at position 1; it has value, display, type, primary"#),
        (r#"shoeSize eq "44""#, r#"unknown attribute "shoeSize" at position 1; the attributes of a User are listed by /Schemas"#),
        (r#"password eq "x""#, r#"the attribute "password", which is never returned, at position 1; it cannot be filtered by"#),
        (r#"emails [type eq "work"]"#, "an unexpected [ at position 8; brackets follow an attribute without a space"),
        ("nickName gt null", r#"null behind "gt" at position 13; null is compared by eq and ne only"#),
    ];
    for (text, detail) in cases {
        let error = Filter::parse(text, &user_type(), &mut Leniency::strict()).unwrap_err();
        assert_eq!((error.status(), error.scim_type(), error.detail()), (400, "invalidFilter", detail), "{text}");
    }
}

/// SEC-27: an error never grows with its input, and never repeats a literal.
#[test]
fn sec_27_errors_repeat_no_literal_and_little_else() {
    let long = "x".repeat(10_000);
    for text in [
        format!(r#"{long} eq "a""#),
        format!(r#"userName {long} "a""#),
        format!("userName eq {long}"),
        format!(r#"userName eq "a" {long}"#),
        format!(r#"emails[{long} eq "a"]"#),
        format!(r#"emails[type eq "a"].{long} eq "a""#),
        format!(r#"urn:{long}:a:b eq "x""#),
        format!("{long} gt null"),
    ] {
        let error = Filter::parse(&text, &user_type(), &mut Leniency::strict()).unwrap_err();
        assert!(error.detail().len() < 400, "{}", error.detail());
        let tolerant = Filter::parse(&text, &user_type(), &mut Leniency::tolerant());
        assert!(tolerant.err().is_none_or(|error| error.detail().len() < 400));
    }
    for text in [
        r#"active eq "hunter2""#,
        r#"meta.created gt "hunter2""#,
        r#"urn:example:params:scim:schemas:extension:acme:2.0:User:badge gt "hunter2""#,
        r#"title eq "hunter2" "hunter2""#,
        r#"title eq "hunter2\q""#,
        "userName eq hunter2",
        "password eq hunter2",
    ] {
        let error = Filter::parse(text, &user_type(), &mut Leniency::tolerant()).unwrap_err();
        assert!(!error.detail().contains("hunter2"), "{error}");
    }
}
