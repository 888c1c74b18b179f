use std::collections::BTreeSet;

use doorward_scim::Object;
use doorward_scim::discovery::{Features, resource_types, schemas, service_provider_config, v1};
use doorward_scim::schema::{CORE_V1, ENTERPRISE_V1, ResourceType};
use scim_v2::models::resource_types::ResourceType as TheirResourceType;
use scim_v2::models::scim_schema::Schema as TheirSchema;
use scim_v2::models::service_provider_config::ServiceProviderConfig as TheirConfig;
use serde_json::{Value, json};

use crate::fixtures::{CORE, ENT, X, user_type};

const BASE: &str = "https://x.example/scim/acme/v2";

fn types() -> [ResourceType; 2] {
    [user_type(), ResourceType::group()]
}

fn by_id<'a>(documents: &'a [Object], id: &str) -> &'a Object {
    documents.iter().find(|document| document["id"] == id).unwrap_or_else(|| panic!("{id} is listed"))
}

fn attribute<'a>(schema: &'a Object, name: &str) -> &'a Value {
    let attributes = schema["attributes"].as_array().expect("an array");
    attributes.iter().find(|attribute| attribute["name"] == name).unwrap_or_else(|| panic!("{name} is listed"))
}

#[test]
fn s_7643_5_01_the_service_provider_config_is_complete() {
    let config = service_provider_config(BASE, &Features::default());
    for name in ["patch", "bulk", "filter", "changePassword", "sort", "etag"] {
        assert!(config[name]["supported"].is_boolean(), "{name}");
    }
    for (name, limit) in [("bulk", "maxOperations"), ("bulk", "maxPayloadSize"), ("filter", "maxResults")] {
        assert!(config[name][limit].as_i64().is_some_and(|limit| limit >= 100), "{name}.{limit}");
    }
    assert_eq!(config["patch"]["supported"], true);
    assert_eq!(config["changePassword"]["supported"], false);
    assert_eq!(config["schemas"], json!(["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"]));
}

#[test]
fn s_7643_5_04_d24_authentication_schemes_have_a_type() {
    let config = service_provider_config(BASE, &Features::default());
    let schemes = config["authenticationSchemes"].as_array().expect("an array");
    let kinds: Vec<_> = schemes.iter().map(|scheme| scheme["type"].as_str()).collect();
    assert_eq!(kinds, [Some("oauthbearertoken"), Some("httpbasic")]);
    assert_eq!(schemes.iter().filter(|scheme| scheme["primary"] == true).count(), 1);
}

#[test]
fn s_7643_6_01_resource_types() {
    let documents = resource_types(&types(), BASE);
    let user = by_id(&documents, "User");
    assert_eq!(user["endpoint"], "/Users");
    assert_eq!(user["schema"], CORE);
    let extensions = json!([{"schema": ENT, "required": false}, {"schema": X, "required": false}]);
    assert_eq!(user["schemaExtensions"], extensions);
    assert_eq!(user["meta"]["location"], format!("{BASE}/ResourceTypes/User"));
    assert!(!by_id(&documents, "Group").contains_key("schemaExtensions"));
}

#[test]
fn s_7643_6_02_every_schema_a_type_names_is_listed() {
    let listed: BTreeSet<String> =
        schemas(&types(), BASE).iter().filter_map(|schema| schema["id"].as_str().map(str::to_owned)).collect();
    for document in resource_types(&types(), BASE) {
        let extensions = document.get("schemaExtensions").and_then(Value::as_array).cloned().unwrap_or_default();
        for urn in extensions.iter().map(|extension| &extension["schema"]).chain([&document["schema"]]) {
            assert!(listed.contains(urn.as_str().unwrap_or_default()), "{urn}");
        }
    }
    for name in ["ServiceProviderConfig", "ResourceType", "Schema"] {
        assert!(listed.contains(&format!("urn:ietf:params:scim:schemas:core:2.0:{name}")), "{name}");
    }
    // P-7644-3.1-01: messages are not resources.
    assert!(listed.iter().all(|urn| !urn.contains(":api:messages:")));
}

#[test]
fn s_7643_2_2_01_all_characteristics_are_explicit() {
    let documents = schemas(&types(), BASE);
    let score = attribute(by_id(&documents, X), "score");
    assert_eq!(
        *score,
        json!({
            "name": "score", "type": "decimal", "multiValued": false, "description": "", "required": false,
            "caseExact": false, "mutability": "readWrite", "returned": "default", "uniqueness": "none",
        })
    );
    let user = by_id(&documents, CORE);
    assert_eq!(attribute(user, "userName")["required"], true);
    assert_eq!(attribute(user, "userName")["uniqueness"], "server");
    assert_eq!(attribute(user, "groups")["mutability"], "readOnly");
    assert_eq!(
        attribute(by_id(&documents, "urn:ietf:params:scim:schemas:core:2.0:Group"), "displayName")["required"],
        true
    );
}

#[test]
fn d24_the_corrected_forms() {
    let documents = schemas(&types(), BASE);
    let subs = |schema: &str, name: &str| -> Vec<String> {
        let found = attribute(by_id(&documents, schema), name)["subAttributes"].as_array().cloned().unwrap_or_default();
        found.iter().filter_map(|sub| sub["name"].as_str().map(str::to_owned)).collect()
    };
    assert!(subs(CORE, "addresses").contains(&"primary".to_owned()));
    assert!(!subs(CORE, "addresses").contains(&"value".to_owned()), "S-7643-4.1.2-05");
    let config = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";
    assert_eq!(subs(config, "etag"), ["supported"]);
    assert!(subs(config, "authenticationSchemes").contains(&"type".to_owned()));
    let extensions =
        attribute(by_id(&documents, "urn:ietf:params:scim:schemas:core:2.0:ResourceType"), "schemaExtensions");
    assert_eq!((&extensions["multiValued"], &extensions["required"]), (&json!(true), &json!(false)));
    let schema = attribute(by_id(&documents, "urn:ietf:params:scim:schemas:core:2.0:Schema"), "attributes");
    assert!(schema["subAttributes"][1]["canonicalValues"].as_array().expect("types").contains(&json!("binary")));
}

#[test]
fn sec_12_no_document_invites_a_password() {
    let documents = schemas(&types(), BASE);
    let user = by_id(&documents, CORE)["attributes"].as_array().expect("an array");
    assert!(user.iter().all(|attribute| attribute["name"] != "password"));
    for document in v1::schemas(&types(), BASE) {
        assert!(!Value::Object(document).to_string().contains("\"password\""));
    }
}

#[test]
fn s_7643_7_07_reference_types_only_for_references_and_no_null_anywhere() {
    fn walk(attribute: &Value) {
        assert_eq!(attribute["type"] == "reference", attribute.get("referenceTypes").is_some(), "{attribute}");
        assert_eq!(attribute["type"] == "complex", attribute.get("subAttributes").is_some(), "{attribute}");
        assert!(!attribute.as_object().expect("an object").values().any(Value::is_null));
        attribute["subAttributes"].as_array().into_iter().flatten().for_each(walk);
    }
    for schema in schemas(&types(), BASE) {
        schema["attributes"].as_array().expect("an array").iter().for_each(walk);
    }
}

#[test]
fn another_implementation_reads_the_documents() {
    let read = |document: Object| serde_json::to_string(&document).expect("JSON");
    let config: TheirConfig =
        serde_json::from_str(&read(service_provider_config(BASE, &Features::default()))).expect("a configuration");
    assert_eq!(config.bulk.max_operations, 1000);
    for document in resource_types(&types(), BASE) {
        serde_json::from_str::<TheirResourceType>(&read(document)).expect("a resource type");
    }
    for document in schemas(&types(), BASE) {
        let count = document["attributes"].as_array().map(Vec::len);
        let schema: TheirSchema = serde_json::from_str(&read(document)).expect("a schema");
        assert_eq!(Some(schema.attributes.len()), count);
    }
}

#[test]
fn v1_core_9_01_the_configuration_of_1_1() {
    let config = v1::service_provider_configs("https://x.example/scim/acme/v1", &Features::default());
    assert_eq!(config["schemas"], json!([CORE_V1]));
    assert_eq!(config["xmlDataFormat"], json!({"supported": false}));
    let scheme = &config["authenticationSchemes"][0];
    assert!(scheme.get("specUrl").is_some() && scheme.get("specUri").is_none());
    assert_eq!(config["meta"], json!({"location": "https://x.example/scim/acme/v1/ServiceProviderConfigs"}));
}

#[test]
fn v1_core_10_01_the_schemas_of_1_1() {
    let documents = v1::schemas(&types(), "https://x.example/scim/acme/v1");
    assert_eq!(documents.len(), 2);
    let user = by_id(&documents, "urn:scim:schemas:core:1.0:User");
    assert_eq!(
        (&user["name"], &user["endpoint"], &user["schema"]),
        (&json!("User"), &json!("/Users"), &json!(CORE_V1))
    );
    let emails = attribute(user, "emails");
    assert_eq!((&emails["multiValuedAttributeChildName"], &emails["readOnly"]), (&json!("email"), &json!(false)));
    assert_eq!(attribute(user, "addresses")["multiValuedAttributeChildName"], "address");
    assert_eq!(attribute(user, "id")["readOnly"], true);
    let manager = attribute(user, "manager");
    assert_eq!(manager["schema"], ENTERPRISE_V1);
    let parts: Vec<_> =
        manager["subAttributes"].as_array().expect("parts").iter().map(|sub| sub["name"].clone()).collect();
    assert_eq!(parts, ["managerId", "displayName"]);
    let text = Value::from(documents.into_iter().map(Value::Object).collect::<Vec<_>>()).to_string();
    assert!(
        !text.contains("urn:ietf:params:scim:schemas:core")
            && !text.contains("$ref")
            && !text.contains("\"reference\"")
    );
}
