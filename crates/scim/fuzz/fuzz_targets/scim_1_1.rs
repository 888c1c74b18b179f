//! Bodies of SCIM 1.1: partial resources and whole ones.
#![no_main]

use doorward_scim::version::v1;
use doorward_scim::{json, patch};
use doorward_scim_fuzz::{STORED, USER, check_stored, profiles};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    for mut leniency in profiles() {
        let Ok(body) = json::parse_object(body) else { continue };
        if let Ok(incoming) = v1::read_resource(body.clone(), &USER, &mut leniency) {
            check_stored(&incoming.resource);
        }
        let Ok(patch) = v1::read_patch(body, &USER, &mut leniency) else { continue };
        let Ok(result) = patch::apply(&STORED, &patch, &USER, &mut leniency) else { continue };
        check_stored(&result);
    }
});
