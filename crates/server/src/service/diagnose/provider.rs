//! The identity providers' own words for what an administrator has to look for.

/// The words of one identity provider, as its console spells them.
#[derive(Debug, PartialEq, Eq)]
pub struct Words {
    /// Its name.
    pub name: &'static str,
    /// Where the SCIM base URL goes.
    pub url_field: &'static str,
    /// Where the token goes.
    pub token_field: &'static str,
    /// What tries the connection.
    pub test: &'static str,
    /// Where creating people is switched on.
    pub create: &'static str,
    /// What sends people.
    pub assign: &'static str,
    /// What sends groups.
    pub push: &'static str,
    /// Where attributes are mapped.
    pub mapping: &'static str,
    /// How one person is sent again.
    pub again: &'static str,
}

const OKTA: Words = Words {
    name: "Okta",
    url_field: "\"SCIM connector base URL\" (Provisioning > Integration; in catalog apps \"Base URL\")",
    token_field: "\"Authorization\" under Authentication Mode \"HTTP Header\" (in catalog apps \"OAuth Bearer Token\" or \"API Token\")",
    test: "\"Test Connector Configuration\" (in catalog apps \"Test API Credentials\")",
    create: "\"Create Users\" under Provisioning > To App",
    assign: "the \"Assignments\" tab; for people assigned before provisioning was on, \"Provision User\"",
    push: "the \"Push Groups\" tab",
    mapping: "Provisioning > To App > Attribute Mappings, and the app's profile in the Profile Editor",
    again: "unassign the person and assign them again; for a group, unlink it under Push Groups and push it again",
};

const ENTRA: Words = Words {
    name: "Microsoft Entra ID",
    url_field: "\"Tenant URL\" (Provisioning > Admin Credentials)",
    token_field: "\"Secret Token\" (Provisioning > Admin Credentials)",
    test: "\"Test Connection\"",
    create: "\"Create\" under Provisioning > Mappings > Provision Microsoft Entra ID Users > Target Object Actions",
    assign: "\"Users and groups\" of the enterprise application, then \"Start provisioning\" or \"Provision on demand\"",
    push: "\"Users and groups\" of the enterprise application, with Provision Microsoft Entra ID Groups enabled",
    mapping: "Provisioning > Mappings > Provision Microsoft Entra ID Users",
    again: "use \"Provision on demand\" for the person or group, or restart provisioning",
};

const ONELOGIN: Words = Words {
    name: "OneLogin",
    url_field: "\"SCIM Base URL\" (Configuration)",
    token_field: "\"SCIM Bearer Token\" (Configuration)",
    test: "\"Enable\" beside API Status",
    create: "\"Enable provisioning\" under Provisioning, without \"Create user\" waiting for approval",
    assign: "the \"Users\" tab or the application's Access rules",
    push: "Rules that set groups, with Groups included under Parameters",
    mapping: "Parameters, and the \"SCIM JSON Template\" under Configuration",
    again: "open the person under Users and choose \"Reapply entitlement mappings\", or remove and add the application",
};

const JUMPCLOUD: Words = Words {
    name: "JumpCloud",
    url_field: "\"Base URL\" (Identity Management)",
    token_field: "\"Token Key\" (Identity Management)",
    test: "\"Test Connection\"",
    create: "the connection's activation under Identity Management",
    assign: "the \"User Groups\" tab of the application",
    push: "\"Enable management of User Groups and Group Membership in this application\"",
    mapping: "Attribute Mapping under Identity Management",
    again: "remove the person from the application's user group and add them again",
};

const PING: Words = Words {
    name: "Ping",
    url_field: "\"SCIM Base URL\" of the outbound connection (in PingFederate \"Users Resource URL\" and \"Groups Resource URL\")",
    token_field: "\"OAuth Access Token\" with Authentication Method \"OAuth 2 Bearer Token\", or user name and password",
    test: "\"Test Connection\"",
    create: "\"Create Users\" among the connection's actions, and a Rule that connects it with a population",
    assign: "the Rule's user filter",
    push: "the Rule's group provisioning",
    mapping: "the Rule's Attribute Mapping",
    again: "trigger a full synchronization of the connection",
};

const GENERIC: Words = Words {
    name: "the identity provider",
    url_field: "the SCIM base URL",
    token_field: "the SCIM token",
    test: "the connection test",
    create: "creating users in its provisioning settings",
    assign: "the assignment of people to the application",
    push: "the push of groups",
    mapping: "its attribute mapping",
    again: "remove the person or group from the application and add it again",
};

/// The words for a directory of this type, for example `okta scim v2.0`.
pub fn words(directory_type: &str) -> &'static Words {
    match directory_type.split(" scim").next().unwrap_or_default() {
        "okta" => &OKTA,
        "azure" => &ENTRA,
        "onelogin" => &ONELOGIN,
        "jump cloud" => &JUMPCLOUD,
        "pingfederate" => &PING,
        _ => &GENERIC,
    }
}

impl Words {
    /// The word for a name that stands in a text between braces.
    pub fn word(&self, name: &str) -> Option<&'static str> {
        Some(match name {
            "idp" => self.name,
            "url_field" => self.url_field,
            "token_field" => self.token_field,
            "test" => self.test,
            "create" => self.create,
            "assign" => self.assign,
            "push" => self.push,
            "mapping" => self.mapping,
            "again" => self.again,
            _ => return None,
        })
    }
}
