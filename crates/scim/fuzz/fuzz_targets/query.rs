//! Query strings: none breaks the reader, and a value that was read is read again from its encoded form.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../../server/src/scim_api/query.rs"]
mod query;

/// What the server makes of it is not looked at here.
mod refusal {
    pub struct Refusal;

    impl Refusal {
        pub fn invalid_syntax(_: String) -> Self {
            Self
        }
    }
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

fuzz_target!(|text: &str| {
    let _ = query::percent_decode(text, false);
    assert_eq!(query::percent_decode(&encoded(text), true), text);
    let Ok(read) = query::Query::parse(Some(text)) else { return };
    if let Some(filter) = &read.filter {
        let again = query::Query::parse(Some(&format!("filter={}", encoded(filter))));
        assert!(again.is_ok_and(|again| again.filter.as_ref() == Some(filter)));
    }
});
