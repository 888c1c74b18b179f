//! The core schema of users (RFC 7643 section 4.1).

use super::{Attribute, Schema, USER};

/// The core schema of users.
///
/// `password` is part of the table, so that it is recognised wherever it turns up, although this library drops every
/// password it reads and no discovery document lists it.
pub fn user() -> Schema {
    let mut attributes = singular();
    attributes.extend(contact());
    attributes.extend(access());
    Schema {
        id: USER.to_owned(),
        name: "User".to_owned(),
        description: "A person or another account".to_owned(),
        attributes,
    }
}

fn singular() -> Vec<Attribute> {
    vec![
        Attribute::string("userName")
            .required()
            .unique()
            .describe("The name the person signs in with, unique in the directory without regard to case"),
        Attribute::complex(
            "name",
            [
                Attribute::string("formatted").describe("The full name, ready for display"),
                Attribute::string("familyName").describe("The family name, or last name"),
                Attribute::string("givenName").describe("The given name, or first name"),
                Attribute::string("middleName").describe("The middle names"),
                Attribute::string("honorificPrefix").describe("The title in front of the name"),
                Attribute::string("honorificSuffix").describe("The suffix behind the name"),
            ],
        )
        .describe("The parts of the person's name"),
        Attribute::string("displayName").describe("The name to show to other people"),
        Attribute::string("nickName").describe("The casual way to address the person"),
        Attribute::reference("profileUrl", &["external"]).describe("The URL of a page about the person"),
        Attribute::string("title").describe("The person's title, such as Vice President"),
        Attribute::string("userType").describe("How the person relates to the organization, such as Contractor"),
        Attribute::string("preferredLanguage").describe("The languages the person prefers, as in Accept-Language"),
        Attribute::string("locale").describe("The person's locale for currency, dates and numbers"),
        Attribute::string("timezone").describe("The person's time zone by its IANA name"),
        Attribute::boolean("active").describe("Whether the person may use the application"),
        Attribute::string("password").case_exact().write_only().describe("Accepted and dropped at once"),
    ]
}

/// `value`, `display`, `type` and `primary` of a list, with the usual types.
fn list(name: &str, value: Attribute, types: &[&str], description: &str) -> Attribute {
    Attribute::complex(
        name,
        [
            value.describe("The value itself"),
            Attribute::string("display").describe("A name for the value, for people"),
            Attribute::string("type").canonical(types).describe("What the value is used for"),
            Attribute::boolean("primary").describe("Whether this is the preferred value; true at most once"),
        ],
    )
    .multi_valued()
    .describe(description)
}

fn contact() -> Vec<Attribute> {
    vec![
        list("emails", Attribute::string("value"), &["work", "home", "other"], "E-mail addresses"),
        list(
            "phoneNumbers",
            Attribute::string("value"),
            &["work", "home", "mobile", "fax", "pager", "other"],
            "Telephone numbers",
        ),
        list(
            "ims",
            Attribute::string("value"),
            &["aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo", "other"],
            "Instant messaging addresses",
        ),
        list("photos", Attribute::reference("value", &["external"]), &["photo", "thumbnail"], "URLs of pictures"),
        Attribute::complex(
            "addresses",
            [
                Attribute::string("formatted").describe("The whole address, ready for a label"),
                Attribute::string("streetAddress").describe("Street, house number, apartment"),
                Attribute::string("locality").describe("The city"),
                Attribute::string("region").describe("The state or region"),
                Attribute::string("postalCode").describe("The postal code"),
                Attribute::string("country").describe("The country, as an ISO 3166-1 alpha-2 code"),
                Attribute::string("type")
                    .canonical(&["work", "home", "other"])
                    .describe("What the address is used for"),
                Attribute::boolean("primary").describe("Whether this is the preferred address; true at most once"),
            ],
        )
        .multi_valued()
        .describe("Postal addresses"),
    ]
}

fn access() -> Vec<Attribute> {
    vec![
        Attribute::complex(
            "groups",
            [
                Attribute::string("value").case_exact().describe("The id of the group"),
                Attribute::reference("$ref", &["Group"]).describe("The URI of the group"),
                Attribute::string("display").describe("The name of the group, for people"),
                Attribute::string("type").canonical(&["direct", "indirect"]).describe("How the membership came about"),
            ],
        )
        .multi_valued()
        .read_only()
        .describe("The groups the person belongs to; changed through the groups"),
        list("entitlements", Attribute::string("value"), &[], "Things the person has"),
        list("roles", Attribute::string("value"), &[], "Roles the person plays"),
        list("x509Certificates", Attribute::binary("value"), &[], "Certificates issued to the person, one DER each"),
    ]
}
