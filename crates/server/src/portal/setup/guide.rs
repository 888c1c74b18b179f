//! What the administrator does at each kind of identity provider. The names of fields are the provider's own (docs/idp), and are not
//! translated; the sentences are in the catalogue, under `guide`.

/// What stands in a field of the identity provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    /// The SCIM base URL.
    Endpoint,
    /// The secret made on this page.
    Token,
    /// This text.
    Text(&'static str),
}

/// By what a step is seen to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// It cannot be seen from here; a later step shows it.
    Later,
    /// A request was accepted.
    Connected,
    /// A person arrived.
    Person,
    /// A group arrived.
    Group,
}

/// One step.
#[derive(Debug)]
pub struct Step {
    /// The key of its sentence.
    pub text: &'static str,
    /// Fields of the identity provider, and what goes into them.
    pub fields: &'static [(&'static str, Value)],
    /// By what it is seen to be done.
    pub proof: Proof,
}

const fn step(text: &'static str, fields: &'static [(&'static str, Value)], proof: Proof) -> Step {
    Step { text, fields, proof }
}

static OKTA: [Step; 6] = [
    step(
        "guide.okta_app",
        &[("Browse App Catalog", Value::Text("SCIM 2.0 Test App (OAuth Bearer Token)"))],
        Proof::Later,
    ),
    step(
        "guide.okta_connect",
        &[("SCIM 2.0 Base Url", Value::Endpoint), ("OAuth Bearer Token", Value::Token)],
        Proof::Connected,
    ),
    step(
        "guide.okta_actions",
        &[("Provisioning → To App", Value::Text("Create Users, Update User Attributes, Deactivate Users"))],
        Proof::Later,
    ),
    step("guide.okta_person", &[], Proof::Person),
    step("guide.okta_group", &[], Proof::Group),
    step("guide.everyone", &[], Proof::Later),
];

static OKTA_V1: [Step; 6] = [
    step(
        "guide.okta_app",
        &[("Browse App Catalog", Value::Text("SCIM 1.1 Test App (Oauth Bearer Token)"))],
        Proof::Later,
    ),
    step(
        "guide.okta_connect",
        &[("SCIM 1.1 Base Url", Value::Endpoint), ("OAuth Bearer Token", Value::Token)],
        Proof::Connected,
    ),
    step(
        "guide.okta_actions",
        &[("Provisioning → To App", Value::Text("Create Users, Update User Attributes, Deactivate Users"))],
        Proof::Later,
    ),
    step("guide.okta_person", &[], Proof::Person),
    step("guide.okta_group", &[], Proof::Group),
    step("guide.everyone", &[], Proof::Later),
];

static ENTRA: [Step; 5] = [
    step("guide.entra_app", &[("Enterprise applications", Value::Text("Create your own application"))], Proof::Later),
    step("guide.entra_connect", &[("Tenant URL", Value::Endpoint), ("Secret Token", Value::Token)], Proof::Connected),
    step("guide.entra_person", &[("Provision on demand", Value::Text(""))], Proof::Person),
    step("guide.entra_group", &[], Proof::Group),
    step("guide.entra_start", &[("Overview", Value::Text("Start provisioning"))], Proof::Later),
];

static ONELOGIN: [Step; 4] = [
    step(
        "guide.onelogin_app",
        &[("Applications → Add App", Value::Text("SCIM Provisioner with SAML (SCIM v2 Enterprise)"))],
        Proof::Later,
    ),
    step(
        "guide.onelogin_connect",
        &[("SCIM Base URL", Value::Endpoint), ("SCIM Bearer Token", Value::Token)],
        Proof::Connected,
    ),
    step("guide.onelogin_person", &[("Provisioning", Value::Text("Enable provisioning"))], Proof::Person),
    step("guide.everyone", &[], Proof::Later),
];

static JUMPCLOUD: [Step; 4] = [
    step("guide.jumpcloud_app", &[("SCIM Version", Value::Text("SCIM 2.0"))], Proof::Later),
    step("guide.jumpcloud_connect", &[("Base URL", Value::Endpoint), ("Token Key", Value::Token)], Proof::Connected),
    step("guide.jumpcloud_person", &[], Proof::Person),
    step("guide.everyone", &[], Proof::Later),
];

static OTHER: [Step; 4] = [
    step("guide.other_connect", &[("Base URL", Value::Endpoint), ("Token", Value::Token)], Proof::Connected),
    step("guide.other_person", &[], Proof::Person),
    step("guide.other_group", &[], Proof::Group),
    step("guide.everyone", &[], Proof::Later),
];

/// The steps for a kind of directory.
pub fn steps(directory_type: &str) -> &'static [Step] {
    match directory_type {
        "okta scim v2.0" => &OKTA,
        "okta scim v1.1" => &OKTA_V1,
        "azure scim v2.0" => &ENTRA,
        "onelogin scim v2.0" => &ONELOGIN,
        "jump cloud scim v2.0" => &JUMPCLOUD,
        _ => &OTHER,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::directory_type::DIRECTORY_TYPES;

    #[test]
    fn every_guide_tells_where_endpoint_and_token_go_and_sees_a_person_arrive() {
        for kind in DIRECTORY_TYPES {
            let steps = steps(kind);
            let fields: Vec<Value> = steps.iter().flat_map(|step| step.fields).map(|(_, value)| *value).collect();
            assert!(fields.contains(&Value::Endpoint) && fields.contains(&Value::Token), "{kind}");
            for proof in [Proof::Connected, Proof::Person] {
                assert!(steps.iter().any(|step| step.proof == proof), "{kind}");
            }
        }
    }
}
