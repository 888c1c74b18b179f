//! Bodies of POST and PUT: whatever is accepted can be stored, and sending it back changes nothing.
#![no_main]

use doorward_scim::version::v2;
use doorward_scim::json;
use doorward_scim_fuzz::{USER, check_stored, profiles};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    for mut leniency in profiles() {
        let Ok(body) = json::parse_object(body) else { continue };
        let Ok(incoming) = v2::read_resource(body, &USER, &mut leniency) else { continue };
        check_stored(&incoming.resource);
    }
});
