//! PATCH paths: no text breaks the parser, and what was read prints as text that reads as the same.
#![no_main]

use doorward_scim::patch::PatchPath;
use doorward_scim_fuzz::{USER, profiles};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for mut leniency in profiles() {
        let Ok(path) = PatchPath::parse(text, &USER, &mut leniency) else { continue };
        let printed = path.to_string();
        match PatchPath::parse(&printed, &USER, &mut leniency) {
            Ok(again) => assert_eq!(again, path, "{printed}"),
            Err(error) => assert!(printed.len() > text.len(), "{printed}: {error}"),
        }
    }
});
