//! The other identity providers (docs/idp/entra-id.md, onelogin.md, jumpcloud.md, ping.md, cyberark.md, rippling.md, authentik.md, custom.md).

use doorward_store::directory::AuthMode;

use super::{Guide, Proof, Step, Value, step};

const TEST_HINTS: &[&str] = &["guide.hint_saved", "guide.hint_reach"];
const GROUP_HINTS: &[&str] = &["guide.hint_group_people_first"];

static ENTRA: [Step; 5] = [
    step(
        "app",
        &["guide.entra_new", "guide.entra_own"],
        &[("Enterprise applications → New application", Value::Text("Create your own application"))],
        Proof::Connected,
        &[],
    ),
    step(
        "connect",
        &["guide.entra_provisioning", "guide.fill_in", "guide.entra_test"],
        &[("Tenant URL", Value::Endpoint), ("Secret Token", Value::Secret)],
        Proof::Connected,
        &["guide.hint_entra_path", "guide.hint_reach"],
    ),
    step(
        "person",
        &["guide.entra_mapping", "guide.entra_assign", "guide.entra_demand"],
        &[],
        Proof::Person,
        &["guide.hint_entra_scope", "guide.hint_entra_log", "guide.hint_entra_cycle"],
    ),
    step(
        "group",
        &["guide.entra_group_mapping", "guide.entra_group"],
        &[],
        Proof::Group,
        &["guide.hint_entra_cycle", "guide.hint_entra_nested"],
    ),
    step(
        "everyone",
        &["guide.entra_everyone", "guide.entra_start"],
        &[("Overview", Value::Text("Start provisioning"))],
        Proof::Everyone,
        &["guide.hint_entra_cycle"],
    ),
];

static ONELOGIN: [Step; 6] = [
    step(
        "app",
        &["guide.onelogin_add", "guide.onelogin_name"],
        &[("Applications → Add App", Value::Text("SCIM Provisioner with SAML (SCIM v2 Enterprise)"))],
        Proof::Connected,
        &[],
    ),
    step(
        "connect",
        &["guide.onelogin_configuration", "guide.onelogin_template", "guide.onelogin_enable"],
        &[("SCIM Base URL", Value::Endpoint), ("SCIM Bearer Token", Value::Secret)],
        Proof::Connected,
        TEST_HINTS,
    ),
    step(
        "actions",
        &["guide.onelogin_provisioning", "guide.onelogin_suspend", "guide.onelogin_parameters"],
        &[("Provisioning", Value::Text("Enable provisioning")), ("Parameters → scimusername", Value::Text("Email"))],
        Proof::Person,
        &[],
    ),
    step(
        "person",
        &["guide.onelogin_assign", "guide.onelogin_pending"],
        &[],
        Proof::Person,
        &["guide.hint_onelogin_pending", "guide.hint_onelogin_template"],
    ),
    step(
        "group",
        &["guide.onelogin_groups", "guide.onelogin_rule"],
        &[("Parameters → Groups", Value::Text("Include in User Provisioning"))],
        Proof::Group,
        GROUP_HINTS,
    ),
    step("everyone", &["guide.onelogin_everyone"], &[], Proof::Everyone, &["guide.hint_onelogin_pending"]),
];

static JUMPCLOUD: [Step; 5] = [
    step("app", &["guide.jumpcloud_app", "guide.jumpcloud_identity"], &[], Proof::Connected, &[]),
    step(
        "connect",
        &["guide.fill_in", "guide.jumpcloud_test_address", "guide.jumpcloud_test"],
        &[("SCIM Version", Value::Text("SCIM 2.0")), ("Base URL", Value::Endpoint), ("Token Key", Value::Secret)],
        Proof::Connected,
        TEST_HINTS,
    ),
    step("person", &["guide.jumpcloud_person"], &[], Proof::Person, &["guide.hint_jumpcloud_group"]),
    step("group", &["guide.jumpcloud_groups"], &[], Proof::Group, GROUP_HINTS),
    step("everyone", &["guide.jumpcloud_everyone"], &[], Proof::Everyone, &[]),
];

const PING_RULE: Step = step(
    "person",
    &["guide.pingone_rule", "guide.pingone_filter", "guide.pingone_on"],
    &[],
    Proof::Person,
    &["guide.hint_pingone_rule"],
);
const PING_GROUP: Step = step("group", &["guide.pingone_groups"], &[], Proof::Group, GROUP_HINTS);
const PING_EVERYONE: Step = step("everyone", &["guide.pingone_everyone"], &[], Proof::Everyone, &[]);
const PINGONE_APP: Step = step(
    "app",
    &["guide.pingone_connection"],
    &[("Identity Store", Value::Text("SCIM Outbound"))],
    Proof::Connected,
    &[],
);
const PINGONE_LINES: &[&str] = &["guide.fill_in", "guide.pingone_test", "guide.pingone_preferences"];

static PINGONE: [Step; 5] = [
    PINGONE_APP,
    step(
        "connect",
        PINGONE_LINES,
        &[
            ("SCIM Base URL", Value::Endpoint),
            ("Users Resource", Value::Text("/Users")),
            ("Groups Resource", Value::Text("/Groups")),
            ("SCIM Version", Value::Text("2.0")),
            ("Authentication Method", Value::Text("OAuth 2 Bearer Token")),
            ("OAuth Access Token", Value::Secret),
            ("Auth Type Header", Value::Text("Bearer")),
        ],
        Proof::Connected,
        TEST_HINTS,
    ),
    PING_RULE,
    PING_GROUP,
    PING_EVERYONE,
];

static PINGONE_BASIC: [Step; 5] = [
    PINGONE_APP,
    step(
        "connect",
        PINGONE_LINES,
        &[
            ("SCIM Base URL", Value::Endpoint),
            ("Users Resource", Value::Text("/Users")),
            ("Groups Resource", Value::Text("/Groups")),
            ("SCIM Version", Value::Text("2.0")),
            ("Authentication Method", Value::Text("Basic Authentication")),
            ("Basic Auth User", Value::Username),
            ("Basic Auth Password", Value::Secret),
            ("Auth Type Header", Value::Text("Basic")),
        ],
        Proof::Connected,
        TEST_HINTS,
    ),
    PING_RULE,
    PING_GROUP,
    PING_EVERYONE,
];

const FEDERATE_PERSON: Step = step(
    "person",
    &["guide.pingfederate_source"],
    &[
        ("User Create, User Update, User Disable / Delete", Value::Text("✓")),
        ("Remove User Action", Value::Text("Disable")),
    ],
    Proof::Person,
    &["guide.hint_pingfederate_source"],
);
const FEDERATE_GROUP: Step = step("group", &["guide.pingfederate_groups"], &[], Proof::Group, GROUP_HINTS);
const FEDERATE_EVERYONE: Step = step("everyone", &["guide.pingfederate_everyone"], &[], Proof::Everyone, &[]);

static PINGFEDERATE: [Step; 4] = [
    step(
        "connect",
        &["guide.pingfederate_connection", "guide.fill_in"],
        &[
            ("SCIM URL", Value::Endpoint),
            ("SCIM Version", Value::Text("2.0")),
            ("Authentication Methods", Value::Text("OAuth 2 Bearer Token")),
            ("Access Token", Value::Secret),
            ("Unique User Identifier", Value::Text("userName")),
        ],
        Proof::Connected,
        TEST_HINTS,
    ),
    FEDERATE_PERSON,
    FEDERATE_GROUP,
    FEDERATE_EVERYONE,
];

/// The provisioning that PingFederate brings along: SCIM 1.1 with Basic, and whole addresses of the resources.
static PINGFEDERATE_V1: [Step; 4] = [
    step(
        "connect",
        &["guide.pingfederate_builtin", "guide.fill_in"],
        &[
            ("Users Resource URL", Value::Users),
            ("Groups Resource URL", Value::Groups),
            ("User", Value::Username),
            ("Password", Value::Secret),
        ],
        Proof::Connected,
        TEST_HINTS,
    ),
    step("person", &["guide.pingfederate_source"], &[], Proof::Person, &["guide.hint_pingfederate_source"]),
    FEDERATE_GROUP,
    FEDERATE_EVERYONE,
];

static CYBERARK: [Step; 5] = [
    step("app", &["guide.cyberark_app"], &[], Proof::Connected, &[]),
    step(
        "connect",
        &["guide.cyberark_fill", "guide.cyberark_verify"],
        &[("SCIM URL", Value::Endpoint), ("Access Token", Value::Secret)],
        Proof::Connected,
        TEST_HINTS,
    ),
    step(
        "person",
        &["guide.cyberark_role", "guide.cyberark_sync"],
        &[("Role Mappings", Value::Text("Add"))],
        Proof::Person,
        &["guide.hint_cyberark_role"],
    ),
    step(
        "group",
        &["guide.cyberark_group"],
        &[("Role Mappings", Value::Text("Destination Group"))],
        Proof::Group,
        GROUP_HINTS,
    ),
    step("everyone", &["guide.cyberark_everyone"], &[], Proof::Everyone, &[]),
];

static RIPPLING: [Step; 5] = [
    step(
        "app",
        &["guide.rippling_app", "guide.rippling_name"],
        &[("IT → Third-Party Access → Add Integration", Value::Text("Create New Custom Integration"))],
        Proof::Connected,
        &[],
    ),
    step(
        "connect",
        &["guide.fill_in", "guide.rippling_attributes", "guide.rippling_install"],
        &[
            ("SCIM Version", Value::Text("2.0")),
            ("SCIM Base URL", Value::Endpoint),
            ("SCIM Authorization Method", Value::Text("Bearer Token")),
            ("Bearer Token", Value::Secret),
        ],
        Proof::Connected,
        TEST_HINTS,
    ),
    step("person", &["guide.rippling_rules", "guide.rippling_person"], &[], Proof::Person, &["guide.hint_rippling"]),
    step(
        "group",
        &["guide.rippling_groups"],
        &[(
            "SCIM",
            Value::Text("Supports Groups, Supports Pagination, Create & Delete Groups, Use PATCH to edit Groups"),
        )],
        Proof::Group,
        GROUP_HINTS,
    ),
    step("everyone", &["guide.rippling_everyone"], &[], Proof::Everyone, &[]),
];

static AUTHENTIK: [Step; 4] = [
    step(
        "connect",
        &["guide.authentik_provider", "guide.fill_in", "guide.authentik_backchannel"],
        &[("URL", Value::Endpoint), ("Token", Value::Secret)],
        Proof::Connected,
        &["guide.hint_authentik_backchannel", "guide.hint_reach"],
    ),
    step("person", &["guide.authentik_person"], &[], Proof::Person, &["guide.hint_authentik_backchannel"]),
    step("group", &["guide.authentik_group"], &[], Proof::Group, GROUP_HINTS),
    step("everyone", &["guide.everyone"], &[], Proof::Everyone, &[]),
];

const OTHER_PERSON: Step = step("person", &["guide.other_person"], &[], Proof::Person, &["guide.hint_other_assigned"]);
const OTHER_GROUP: Step = step("group", &["guide.other_group"], &[], Proof::Group, GROUP_HINTS);
const OTHER_EVERYONE: Step = step("everyone", &["guide.everyone"], &[], Proof::Everyone, &[]);
const OTHER_LINES: &[&str] = &["guide.other_connect", "guide.other_matching", "guide.other_test"];

static OTHER: [Step; 4] = [
    step(
        "connect",
        OTHER_LINES,
        &[("Base URL", Value::Endpoint), ("Token", Value::Secret)],
        Proof::Connected,
        TEST_HINTS,
    ),
    OTHER_PERSON,
    OTHER_GROUP,
    OTHER_EVERYONE,
];

static OTHER_BASIC: [Step; 4] = [
    step(
        "connect",
        OTHER_LINES,
        &[("Base URL", Value::Endpoint), ("Username", Value::Username), ("Password", Value::Secret)],
        Proof::Connected,
        TEST_HINTS,
    ),
    OTHER_PERSON,
    OTHER_GROUP,
    OTHER_EVERYONE,
];

const GENERIC: &[&str] = &["generic scim v2.0", "generic scim v1.1", "sailpoint scim v2.0"];
const PING: &[&str] = &["pingfederate scim v2.0"];

/// Everybody's but Okta's.
pub(super) static GUIDES: [Guide; 12] = [
    Guide { slug: "entra", types: &["azure scim v2.0"], auth: AuthMode::Bearer, steps: &ENTRA },
    Guide { slug: "onelogin", types: &["onelogin scim v2.0"], auth: AuthMode::Bearer, steps: &ONELOGIN },
    Guide { slug: "jumpcloud", types: &["jump cloud scim v2.0"], auth: AuthMode::Bearer, steps: &JUMPCLOUD },
    Guide { slug: "pingone", types: PING, auth: AuthMode::Bearer, steps: &PINGONE },
    Guide { slug: "pingfederate", types: PING, auth: AuthMode::Bearer, steps: &PINGFEDERATE },
    Guide { slug: "pingone-basic", types: PING, auth: AuthMode::Basic, steps: &PINGONE_BASIC },
    Guide { slug: "cyberark", types: &["cyberark scim v2.0"], auth: AuthMode::Bearer, steps: &CYBERARK },
    Guide { slug: "rippling", types: &["rippling scim v2.0"], auth: AuthMode::Bearer, steps: &RIPPLING },
    Guide { slug: "other", types: GENERIC, auth: AuthMode::Bearer, steps: &OTHER },
    Guide { slug: "other", types: GENERIC, auth: AuthMode::Basic, steps: &OTHER_BASIC },
    Guide { slug: "authentik", types: &["generic scim v2.0"], auth: AuthMode::Bearer, steps: &AUTHENTIK },
    Guide { slug: "pingfederate-1.1", types: &["generic scim v1.1"], auth: AuthMode::Basic, steps: &PINGFEDERATE_V1 },
];
