//! Bodies of PATCH: whatever is accepted leaves a user that can be stored, keeps its name, and says the same again.
#![no_main]

use doorward_scim::version::v2;
use doorward_scim::{json, patch};
use doorward_scim_fuzz::{STORED, USER, check_stored, profiles};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    for mut leniency in profiles() {
        let Ok(message) = json::parse_object(body) else { continue };
        let Ok(patch) = v2::read_patch(message, &USER, &mut leniency) else { continue };
        let Ok(result) = patch::apply(&STORED, &patch, &USER, &mut leniency) else { continue };
        check_stored(&result);
        assert!(result.text("userName").is_some_and(|name| !name.trim().is_empty()));
        assert_eq!(patch::apply(&STORED, &patch, &USER, &mut leniency), Ok(result));
    }
});
