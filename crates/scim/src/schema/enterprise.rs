//! The enterprise extension of users (RFC 7643 section 4.3).

use super::{Attribute, ENTERPRISE, Schema};

/// The enterprise extension of users.
pub fn enterprise() -> Schema {
    Schema {
        id: ENTERPRISE.to_owned(),
        name: "EnterpriseUser".to_owned(),
        description: "What an employer knows about a user".to_owned(),
        attributes: vec![
            Attribute::string("employeeNumber").describe("The number the employer gave the person"),
            Attribute::string("costCenter").describe("The cost center the person is charged to"),
            Attribute::string("organization").describe("The organization the person belongs to"),
            Attribute::string("division").describe("The division the person belongs to"),
            Attribute::string("department").describe("The department the person belongs to"),
            Attribute::complex(
                "manager",
                [
                    // An id, and ids are compared exactly (D25); RFC 7643 section 8.7.1 prints caseExact false.
                    Attribute::string("value").case_exact().describe("The id of the manager"),
                    Attribute::reference("$ref", &["User"]).describe("The URI of the manager"),
                    Attribute::string("displayName").read_only().describe("The displayName of the manager"),
                ],
            )
            .describe("The person's manager"),
        ],
    }
}
