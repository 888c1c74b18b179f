//! Okta: the catalog's test apps, one's own SAML app, and what somebody with an OIDC app does (docs/idp/okta.md, okta-1.1.md).

use doorward_store::directory::AuthMode;

use super::{Guide, Proof, Step, Value, step};

const V2: &[&str] = &["okta scim v2.0"];
const V1: &[&str] = &["okta scim v1.1"];

const CATALOG: &[&str] = &["guide.okta_catalog", "guide.okta_add", "guide.okta_label"];
const CONFIGURE: &[&str] = &["guide.okta_configure", "guide.fill_in", "guide.okta_test"];

const ACTIONS: Step = step(
    "actions",
    &["guide.okta_to_app", "guide.okta_ticks", "guide.okta_no_password"],
    &[("To App", Value::Text("Create Users, Update User Attributes, Deactivate Users"))],
    Proof::Person,
    &[],
);

const PERSON: Step = step(
    "person",
    &["guide.okta_assign", "guide.okta_check_form"],
    &[],
    Proof::Person,
    &["guide.hint_okta_ticks", "guide.hint_okta_red_mark", "guide.hint_okta_tasks"],
);

const GROUP: Step = Step {
    two_groups: true,
    ..step(
        "group",
        &["guide.okta_push", "guide.okta_push_find"],
        &[],
        Proof::Group,
        &["guide.hint_okta_push_status", "guide.hint_group_people_first"],
    )
};

const EVERYONE: Step =
    step("everyone", &["guide.okta_assign_groups", "guide.okta_provision_old"], &[], Proof::Everyone, &[]);

const fn tail(app: Step, connect: Step) -> [Step; 6] {
    [app, connect, ACTIONS, PERSON, GROUP, EVERYONE]
}

const fn from_catalog(name: &'static [(&'static str, Value)]) -> Step {
    step("app", CATALOG, name, Proof::Connected, &[])
}

const fn connect(fields: &'static [(&'static str, Value)]) -> Step {
    step("connect", CONFIGURE, fields, Proof::Connected, &["guide.hint_saved", "guide.hint_reach"])
}

static OAUTH: [Step; 6] = tail(
    from_catalog(&[("Browse App Catalog", Value::Text("SCIM 2.0 Test App (OAuth Bearer Token)"))]),
    connect(&[("SCIM 2.0 Base Url", Value::Endpoint), ("OAuth Bearer Token", Value::Secret)]),
);

static HEADER: [Step; 6] = tail(
    from_catalog(&[("Browse App Catalog", Value::Text("SCIM 2.0 Test App (Header Auth)"))]),
    connect(&[("Base URL", Value::Endpoint), ("API Token", Value::WithBearer)]),
);

static BASIC: [Step; 6] = tail(
    from_catalog(&[("Browse App Catalog", Value::Text("SCIM 2.0 Test App (Basic Auth)"))]),
    connect(&[("SCIM 2.0 Base Url", Value::Endpoint), ("Username", Value::Username), ("Password", Value::Secret)]),
);

const OWN_APP: Step = step(
    "app",
    &["guide.okta_own", "guide.okta_general"],
    &[("General → App Settings → Provisioning", Value::Text("SCIM"))],
    Proof::Connected,
    &[],
);

const WIZARD: &[&str] = &["guide.okta_integration", "guide.fill_in", "guide.okta_wizard_test"];
const PUSHES: Value =
    Value::Text("Import New Users and Profile Updates, Push New Users, Push Profile Updates, Push Groups");

static SAML: [Step; 6] = tail(
    OWN_APP,
    step(
        "connect",
        WIZARD,
        &[
            ("SCIM connector base URL", Value::Endpoint),
            ("Unique identifier field for users", Value::Text("userName")),
            ("Supported provisioning actions", PUSHES),
            ("Authentication Mode", Value::Text("HTTP Header")),
            ("Authorization: Bearer", Value::Secret),
        ],
        Proof::Connected,
        &["guide.hint_saved", "guide.hint_reach"],
    ),
);

static SAML_BASIC: [Step; 6] = tail(
    OWN_APP,
    step(
        "connect",
        WIZARD,
        &[
            ("SCIM connector base URL", Value::Endpoint),
            ("Unique identifier field for users", Value::Text("userName")),
            ("Supported provisioning actions", PUSHES),
            ("Authentication Mode", Value::Text("Basic Auth")),
            ("Username", Value::Username),
            ("Password", Value::Secret),
        ],
        Proof::Connected,
        &["guide.hint_saved", "guide.hint_reach"],
    ),
);

/// Okta offers SCIM in apps for SAML and SWA only, so that an OIDC app gets a second one beside it.
static OIDC: [Step; 6] = [
    step(
        "app",
        &["guide.okta_oidc", "guide.okta_catalog", "guide.okta_add", "guide.okta_hide"],
        &[("Browse App Catalog", Value::Text("SCIM 2.0 Test App (OAuth Bearer Token)"))],
        Proof::Connected,
        &[],
    ),
    connect(&[("SCIM 2.0 Base Url", Value::Endpoint), ("OAuth Bearer Token", Value::Secret)]),
    ACTIONS,
    PERSON,
    GROUP,
    step("everyone", &["guide.okta_assign_groups", "guide.okta_assign_both"], &[], Proof::Everyone, &[]),
];

static OAUTH_V1: [Step; 6] = tail(
    from_catalog(&[("Browse App Catalog", Value::Text("SCIM 1.1 Test App (Oauth Bearer Token)"))]),
    connect(&[("SCIM 1.1 Base URL", Value::Endpoint), ("OAuth Bearer Token", Value::Secret)]),
);

static HEADER_V1: [Step; 6] = tail(
    from_catalog(&[("Browse App Catalog", Value::Text("SCIM 1.1 Test App (Header Auth)"))]),
    connect(&[("Base URL", Value::Endpoint), ("API Token", Value::WithBearer)]),
);

static BASIC_V1: [Step; 6] = tail(
    from_catalog(&[("Browse App Catalog", Value::Text("SCIM 1.1 Test App (Basic Auth)"))]),
    connect(&[("SCIM 1.1 Base URL", Value::Endpoint), ("Username", Value::Username), ("Password", Value::Secret)]),
);

/// Okta's guides.
pub(super) static GUIDES: [Guide; 9] = [
    Guide { slug: "okta-catalog", types: V2, auth: AuthMode::Bearer, steps: &OAUTH },
    Guide { slug: "okta-saml", types: V2, auth: AuthMode::Bearer, steps: &SAML },
    Guide { slug: "okta-oidc", types: V2, auth: AuthMode::Bearer, steps: &OIDC },
    Guide { slug: "okta-header", types: V2, auth: AuthMode::Bearer, steps: &HEADER },
    Guide { slug: "okta-basic", types: V2, auth: AuthMode::Basic, steps: &BASIC },
    Guide { slug: "okta-saml-basic", types: V2, auth: AuthMode::Basic, steps: &SAML_BASIC },
    Guide { slug: "okta-catalog-1.1", types: V1, auth: AuthMode::Bearer, steps: &OAUTH_V1 },
    Guide { slug: "okta-header-1.1", types: V1, auth: AuthMode::Bearer, steps: &HEADER_V1 },
    Guide { slug: "okta-basic-1.1", types: V1, auth: AuthMode::Basic, steps: &BASIC_V1 },
];
