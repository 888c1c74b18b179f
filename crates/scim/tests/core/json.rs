use std::thread;
use std::time::{Duration, Instant};

use doorward_scim::json::{self, Limits};
use serde_json::json;

fn refusal(body: &[u8]) -> (&'static str, String) {
    let error = json::parse_object(body).expect_err("the body is refused");
    (error.scim_type(), error.detail().to_owned())
}

#[test]
fn sec_10_the_same_key_twice_anywhere() {
    let table = [
        r#"{"userName":"a","userName":"b"}"#,
        r#"{"userName":"a","USERNAME":"b"}"#,
        r#"{"userName":"a","username":"a"}"#,
        r#"{"id":"1","\u0069d":"2"}"#,
        r#"{"id":"1","\u0049D":"2"}"#,
        r#"{"name":{"givenName":"a","GIVENNAME":"b"}}"#,
        r#"{"emails":[{"value":"a"},{"value":"a","Value":"b"}]}"#,
        r#"{"emails":[{"value":"a","value":null}]}"#,
        r#"{"schemas":[],"Schemas":[]}"#,
        r#"{"active":true,"x":1,"y":2,"Active":false}"#,
        r#"{"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"a","department":"b"}}"#,
        r#"{"urn:x:1.0:User":{},"URN:X:1.0:USER":{}}"#,
        r#"{"Operations":[{"op":"add","op":"remove"}]}"#,
        r#"{"Operations":[{"op":"add","value":1,"value":2}]}"#,
        r#"{"Operations":[{"op":"add","value":{"active":true,"ACTIVE":false}}]}"#,
        r#"{"Operations":[],"operations":[]}"#,
        r#"{"a":{"b":{"c":{"d":1,"D":2}}}}"#,
        r#"{"a":[[{"b":1},{"b":1,"b":1}]]}"#,
        r#"{"":1,"":2}"#,
        r#"{"members":[{"$ref":"a","$REF":"b"}]}"#,
        r#"{"meta":{"attributes":[],"Attributes":[]}}"#,
        r#"{"password":"a","Password":"b"}"#,
    ];
    for body in table {
        let (scim_type, detail) = refusal(body.as_bytes());
        assert_eq!(scim_type, "invalidSyntax", "{body}");
        assert!(detail.contains("twice") && detail.contains("line 1"), "{body}: {detail}");
    }
}

#[test]
fn sec_10_the_same_key_in_different_objects_is_no_repetition() {
    let table = [
        r#"{"value":{"value":{"value":1}}}"#,
        r#"{"emails":[{"value":"a"},{"value":"b"}]}"#,
        r#"{"a":1,"aa":2,"a-":3,"á":4,"Á":5}"#,
        r#"{"userName":"a","user_name":"b"}"#,
    ];
    for body in table {
        assert!(json::parse_object(body.as_bytes()).is_ok(), "{body}");
    }
}

#[test]
fn h012_bodies_that_are_no_json_object() {
    let table: [(&[u8], &str); 14] = [
        (b"", "empty"),
        (b" \r\n\t ", "empty"),
        (b"[]", "an array"),
        (b"[{}]", "an array"),
        (b"7", "a number"),
        (b"\"text\"", "a string"),
        (b"null", "null"),
        (b"true", "a boolean"),
        (b"{\"a\":1", "line 1"),
        (b"{\"a\":1}}", "trailing"),
        (b"{\"a\":1} {\"b\":2}", "trailing"),
        (b"{a:1}", "line 1 column 2"),
        (b"{\"a\":\n  01}", "line 2"),
        (b"<xml/>", "line 1 column 1"),
    ];
    for (body, word) in table {
        let (scim_type, detail) = refusal(body);
        assert_eq!(scim_type, "invalidSyntax");
        assert!(detail.contains(word), "{}: {detail}", String::from_utf8_lossy(body));
    }
}

#[test]
fn p_7644_3_8_01_utf_8_and_nothing_else() {
    let (scim_type, detail) = refusal(b"{\n \"userName\": \"\xC3\x28\"}");
    assert_eq!(scim_type, "invalidSyntax");
    assert!(detail.contains("UTF-8 at line 2, column 15"), "{detail}");
    assert_eq!(refusal(b"{\"a\":\"\\ud83d\"}").0, "invalidSyntax", "a lone surrogate");
    assert_eq!(refusal(b"\xff\xfe{\x00}\x00").0, "invalidSyntax", "UTF-16");
    assert_eq!(json::parse("\u{feff}{\"a\":\"é😀\"}".as_bytes()), Ok(json!({"a": "é😀"})), "a byte order mark");
}

#[test]
fn s_7643_2_3_1_01_nul_is_refused_and_never_truncates() {
    for body in [r#"{"userName":"a\u0000b"}"#, r#"{"a":[{"b":"\u0000"}]}"#, r#"{"a\u0000":1}"#] {
        let (scim_type, detail) = refusal(body.as_bytes());
        assert_eq!(scim_type, "invalidValue", "{body}");
        assert!(detail.contains("U+0000"), "{detail}");
    }
}

#[test]
fn sec_25_numbers_without_end() {
    for number in ["1e400", "-1e400", &"9".repeat(400)] {
        let body = format!("{{\"a\":{number}}}");
        assert_eq!(refusal(body.as_bytes()).0, "invalidSyntax", "{number}");
    }
    assert!(json::parse_object(b"{\"a\":123456789012345678901234567890,\"b\":-0.0,\"c\":1e-400}").is_ok());
}

#[test]
fn h013_sec_25_depth_is_bounded_before_a_tree_exists() {
    // A server thread may have little stack left; 256 KiB is far less than any has.
    let small = thread::Builder::new().stack_size(256 * 1024).spawn(|| {
        for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[{\"a\":", "}]")] {
            for depth in [33, 100, 10_000, 1_000_000] {
                for last in ["1", "oops", ""] {
                    let body = format!("{{\"x\":{}{last}{}}}", open.repeat(depth), close.repeat(depth));
                    let (scim_type, detail) = refusal(body.as_bytes());
                    assert_eq!(scim_type, "invalidSyntax");
                    assert!(detail.contains("32 levels"), "{detail}");
                    let unclosed = open.repeat(depth);
                    assert!(json::parse(unclosed.as_bytes()).is_err());
                }
            }
        }
        // What is allowed fits the stack too, at the deepest limit anybody can ask for.
        let deep = format!("{}1{}", "[".repeat(100), "]".repeat(100));
        assert!(json::parse_within(deep.as_bytes(), Limits { depth: 1000 }).is_ok());
        assert!(json::parse(format!("{}1{}", "[".repeat(32), "]".repeat(32)).as_bytes()).is_ok());
        assert!(json::parse(format!("{}1{}", "[".repeat(33), "]".repeat(33)).as_bytes()).is_err());
    });
    small.expect("a thread").join().expect("no overflow and no panic");
}

#[test]
fn sec_26_many_keys_cost_in_proportion() {
    let body = |keys: usize| {
        let members: Vec<String> = (0..keys).map(|key| format!("\"key{key}\":{key}")).collect();
        format!("{{{}}}", members.join(","))
    };
    let large = body(100_000);
    let start = Instant::now();
    assert!(json::parse(large.as_bytes()).is_ok());
    assert!(start.elapsed() < Duration::from_secs(5), "100,000 keys took {:?}", start.elapsed());
}

#[test]
fn order_and_numbers_survive() {
    let text = r#"{"z":1,"a":{"c":-7,"b":[1.5,18446744073709551615,true,null,"\""]}}"#;
    let value = json::parse(text.as_bytes()).expect("valid");
    assert_eq!(value.to_string(), text);
}
