//! What holds for the tables of checks as a whole.

use std::collections::HashSet;

use doorward_conformance::{Version, titles};

#[test]
fn names_are_unique_and_requirements_have_ids() {
    for (version, least) in [(Version::V2, 120), (Version::V1, 40)] {
        let all = titles(version);
        assert!(all.len() >= least, "{} checks for {version}", all.len());
        let names: HashSet<&String> = all.iter().map(|(name, _)| name).collect();
        assert_eq!(names.len(), all.len());
        for (name, requirement) in &all {
            let parts: Vec<&str> = requirement.split('-').collect();
            let numbered = parts.last().is_some_and(|number| number.len() == 2 && number.parse::<u8>().is_ok());
            assert!(parts.len() == 4 && numbered, "{name}: {requirement}");
        }
    }
}
