//! The schemas of the discovery documents themselves (RFC 7643 sections 5 to 7), with the corrections of D24.

use super::{Attribute, RESOURCE_TYPE, SCHEMA, SERVICE_PROVIDER_CONFIG, Schema};

/// The schema of /ServiceProviderConfig.
pub fn service_provider_config() -> Schema {
    let switch = |name: &str, description: &str| {
        Attribute::complex(name, [supported()]).required().describe(description).read_only()
    };
    Schema {
        id: SERVICE_PROVIDER_CONFIG.to_owned(),
        name: "Service Provider Configuration".to_owned(),
        description: "What this service supports".to_owned(),
        attributes: vec![
            Attribute::reference("documentationUri", &["external"]).read_only().describe("A page for people"),
            switch("patch", "Whether resources can be changed by PATCH"),
            Attribute::complex(
                "bulk",
                [
                    supported(),
                    Attribute::integer("maxOperations").required().describe("How many operations one request may hold"),
                    Attribute::integer("maxPayloadSize").required().describe("How many bytes one request may have"),
                ],
            )
            .required()
            .read_only()
            .describe("Whether several operations can be sent in one request"),
            Attribute::complex(
                "filter",
                [
                    supported(),
                    Attribute::integer("maxResults").required().describe("How many resources one response may hold"),
                ],
            )
            .required()
            .read_only()
            .describe("Whether lists can be filtered"),
            switch("changePassword", "Whether passwords can be changed"),
            switch("sort", "Whether lists can be sorted"),
            switch("etag", "Whether versions of resources are given as entity tags"),
            pagination(),
            authentication_schemes(),
        ],
    }
}

/// RFC 9865 section 4.
fn pagination() -> Attribute {
    Attribute::complex(
        "pagination",
        [
            Attribute::boolean("cursor").required().describe("Whether cursors work"),
            Attribute::boolean("index").required().describe("Whether startIndex works"),
            Attribute::string("defaultPaginationMethod")
                .canonical(&["cursor", "index"])
                .describe("Which one is used when the client names none"),
            Attribute::integer("defaultPageSize").describe("How many resources a page has unless the client says"),
            Attribute::integer("maxPageSize").describe("How many resources a page has at most"),
            Attribute::integer("cursorTimeout").describe("How many seconds a cursor is good for"),
        ],
    )
    .read_only()
    .describe("How lists are paged through")
}

fn supported() -> Attribute {
    Attribute::boolean("supported").required().describe("Whether it works here")
}

fn authentication_schemes() -> Attribute {
    Attribute::complex(
        "authenticationSchemes",
        [
            // The sample in RFC 7643 section 8.7.2 lacks `type` and `primary` (erratum 8011).
            Attribute::string("type")
                .required()
                .canonical(&["oauth", "oauth2", "oauthbearertoken", "httpbasic", "httpdigest"])
                .describe("Which scheme"),
            Attribute::string("name").required().describe("A name for people"),
            Attribute::string("description").required().describe("A sentence for people"),
            Attribute::reference("specUri", &["external"]).describe("The specification of the scheme"),
            Attribute::reference("documentationUri", &["external"]).describe("How to use the scheme here"),
            Attribute::boolean("primary").describe("Whether this is the preferred scheme"),
        ],
    )
    .multi_valued()
    .required()
    .read_only()
    .describe("How clients may authenticate")
}

/// The schema of /ResourceTypes.
pub fn resource_type() -> Schema {
    Schema {
        id: RESOURCE_TYPE.to_owned(),
        name: "ResourceType".to_owned(),
        description: "A kind of resource of this service".to_owned(),
        attributes: vec![
            Attribute::string("id").read_only().describe("The name of the kind"),
            Attribute::string("name").required().read_only().describe("The name of the kind"),
            Attribute::string("description").read_only().describe("A sentence for people"),
            Attribute::reference("endpoint", &["uri"]).required().read_only().describe("Its path under the base URL"),
            Attribute::reference("schema", &["uri"]).required().read_only().describe("The URN of its core schema"),
            // Printed single-valued and required in RFC 7643 section 8.7.2, against the text of section 6 (D24).
            Attribute::complex(
                "schemaExtensions",
                [
                    Attribute::reference("schema", &["uri"]).required().describe("The URN of the extension"),
                    Attribute::boolean("required").required().describe("Whether every resource must have it"),
                ],
            )
            .multi_valued()
            .read_only()
            .describe("What extends the core schema"),
        ],
    }
}

/// The schema of /Schemas.
pub fn schema() -> Schema {
    let mut attributes = characteristics();
    attributes.push(Attribute::complex("subAttributes", characteristics()).multi_valued().describe("Its parts"));
    Schema {
        id: SCHEMA.to_owned(),
        name: "Schema".to_owned(),
        description: "A set of attributes and what they may hold".to_owned(),
        attributes: vec![
            Attribute::string("id").required().read_only().describe("The URN of the schema"),
            Attribute::string("name").read_only().describe("A name for people"),
            Attribute::string("description").read_only().describe("A sentence for people"),
            Attribute::complex("attributes", attributes)
                .multi_valued()
                .required()
                .read_only()
                .describe("The attributes of the schema"),
        ],
    }
}

fn characteristics() -> Vec<Attribute> {
    vec![
        Attribute::string("name").required().case_exact().describe("The name"),
        Attribute::string("type")
            .required()
            .canonical(&["string", "complex", "boolean", "decimal", "integer", "dateTime", "reference", "binary"])
            .describe("The data type"),
        Attribute::boolean("multiValued").required().describe("Whether it holds a list"),
        Attribute::string("description").describe("A sentence for people"),
        Attribute::boolean("required").required().describe("Whether a resource must have it"),
        Attribute::string("canonicalValues").multi_valued().case_exact().describe("Usual values"),
        Attribute::boolean("caseExact").describe("Whether letter case matters"),
        Attribute::string("mutability")
            .canonical(&["readOnly", "readWrite", "immutable", "writeOnly"])
            .describe("Who may change it"),
        Attribute::string("returned")
            .canonical(&["always", "never", "default", "request"])
            .describe("When it is returned"),
        Attribute::string("uniqueness").canonical(&["none", "server", "global"]).describe("Where a value is unique"),
        Attribute::string("referenceTypes").multi_valued().case_exact().describe("What a reference may point at"),
    ]
}
