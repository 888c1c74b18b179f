//! Random PATCH sequences on random users: the crate against a second implementation.

use doorward_scim::patch;
use doorward_scim::quirks::{Leniency, Profile};
use doorward_scim::resource::{self, Resource};
use doorward_scim::version::v2;
use proptest::prelude::*;
use serde_json::Value;

use crate::data::long_run;
use crate::fixtures::user_type;
use crate::model::{Operation, operations, users};
use crate::reference::Rules;
use crate::support;

fn plain(resource: &Resource) -> Value {
    let mut object = resource.as_object().clone();
    object.shift_remove("schemas");
    Value::Object(object)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: long_run(2_000), failure_persistence: None, ..ProptestConfig::default() })]

    /// The whole matrix of chapter 6.1, in sequences, in both profiles.
    #[test]
    fn random_sequences_against_the_reference(body in users(), operations in operations()) {
        let user_type = user_type();
        let Value::Object(body) = body else { unreachable!() };
        let current = resource::read(body, &user_type, &mut Leniency::tolerant()).expect("a user").resource;
        for profile in [Profile::Tolerant, Profile::Strict] {
            let list: Vec<Value> = operations.iter().map(Operation::write).collect();
            let mut leniency = Leniency::new(profile);
            let ours = v2::read_patch(support::operations(Value::Array(list.clone())), &user_type, &mut leniency)
                .and_then(|patch| patch::apply(&current, &patch, &user_type, &mut leniency));
            let wanted = Rules { strict: profile == Profile::Strict }.run(&plain(&current), &operations);
            let ours = ours.as_ref().map(plain).map_err(doorward_scim::Error::scim_type);
            prop_assert_eq!(ours, wanted, "{:?} {} on {}", profile, Value::Array(list), plain(&current));
        }
    }
}
