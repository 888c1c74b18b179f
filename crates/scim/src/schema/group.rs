//! The core schema of groups (RFC 7643 section 4.2).

use super::{Attribute, GROUP, Schema};

/// The core schema of groups.
pub fn group() -> Schema {
    Schema {
        id: GROUP.to_owned(),
        name: "Group".to_owned(),
        description: "A set of users and groups".to_owned(),
        attributes: vec![
            // The text of section 4.2 makes it required, the sample in 8.7.1 does not (D23).
            Attribute::string("displayName").required().describe("The name of the group, for people"),
            Attribute::complex(
                "members",
                [
                    Attribute::string("value").case_exact().immutable().describe("The id of the member"),
                    Attribute::reference("$ref", &["User", "Group"]).immutable().describe("The URI of the member"),
                    Attribute::string("type")
                        .immutable()
                        .canonical(&["User", "Group"])
                        .describe("What kind of resource the member is"),
                    Attribute::string("display").immutable().describe("The name of the member, for people"),
                ],
            )
            .multi_valued()
            .describe("Who is in the group"),
        ],
    }
}
