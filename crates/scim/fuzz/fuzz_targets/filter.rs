//! Filters: no text breaks the parser, what was read prints as text that reads as the same, and every filter and its
//! opposite disagree on every resource.
#![no_main]

use doorward_scim::filter::Filter;
use doorward_scim_fuzz::{STORED, USER, profiles};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for mut leniency in profiles() {
        let _ = Filter::parse_1_1(text, &USER, &mut leniency);
        let Ok(filter) = Filter::parse(text, &USER, &mut leniency) else { continue };
        let printed = filter.to_string();
        match Filter::parse(&printed, &USER, &mut leniency) {
            Ok(again) => assert_eq!(again, filter, "{printed}"),
            // Printing adds parentheses and URNs, so that a filter at a limit may leave it.
            Err(error) => assert!(printed.len() > text.len(), "{printed}: {error}"),
        }
        let holds = filter.matches(STORED.as_object(), &USER);
        let opposite = Filter::Not(Box::new(filter));
        assert_ne!(opposite.matches(STORED.as_object(), &USER), holds);
    }
});
