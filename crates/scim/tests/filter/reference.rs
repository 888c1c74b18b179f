//! Random filters on random users: the crate against the second evaluator.

use doorward_scim::filter::Filter;
use doorward_scim::quirks::Leniency;
use proptest::prelude::*;
use serde_json::Value;

use crate::data::long_run;
use crate::evaluator::expected;
use crate::fixtures::user_type;
use crate::model::{filters, resources, write};

proptest! {
    #![proptest_config(ProptestConfig { cases: long_run(4_000), failure_persistence: None, ..ProptestConfig::default() })]

    /// SEC-27, and the truth tables of P-7644-3.4.2.2-07: no difference, in either profile.
    #[test]
    fn sec_27_random_filters_against_the_reference(
        term in filters(),
        choices in prop::collection::vec(any::<u8>(), 1..24),
        users in prop::collection::vec(resources(), 4),
    ) {
        let user_type = user_type();
        let text = write(&term, &choices);
        let strict = Filter::parse(&text, &user_type, &mut Leniency::strict());
        let tolerant = Filter::parse(&text, &user_type, &mut Leniency::tolerant());
        prop_assert_eq!(&strict, &tolerant, "{}", text);
        let filter = strict.map_err(|error| TestCaseError::fail(format!("{text}: {error}")))?;
        for user in users {
            let wanted = expected(&term, &Value::Object(user.clone()), false);
            prop_assert_eq!(filter.matches(&user, &user_type), wanted, "{}\n{}", text, Value::Object(user));
        }
    }
}
