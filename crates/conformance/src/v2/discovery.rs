//! What a server says about itself (RFC 7643 sections 5 to 7, RFC 7644 section 4).

use serde_json::{Value, json};

use crate::check::{Chapter, checks};
use crate::client::{encoded, with_query};
use crate::expect::error_body;
use crate::probe::{Feature, LIST, Probe, USER, text};
use crate::verdict::{Stop, Verdict, expect, failed, skip};

const CONFIG: &str = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";
const MESSAGES: &str = "urn:ietf:params:scim:api:";
const SCHEMES: [&str; 5] = ["oauth", "oauth2", "oauthbearertoken", "httpbasic", "httpdigest"];

pub(crate) const CHAPTER: Chapter = Chapter {
    name: "discovery",
    title: "Discovery",
    needs: None,
    checks: checks![
        Must "P-7644-4-01" config: "/ServiceProviderConfig answers one object of its schema", |p| config(p);
        Must "P-7644-8.1-01" media_type: "The media type is application/scim+json", |p| media_type(p);
        Must "S-7643-5-01" config_features: "Every feature is announced as supported or not", |p| config_features(p);
        Must "S-7643-5-01" config_limits: "Limits of bulk and filter are integers", |p| config_limits(p);
        Must "S-7643-5-01" config_schemes: "authenticationSchemes have name and description", |p| config_schemes(p);
        Must "S-7643-5-04" scheme_types: "authenticationSchemes have a known type", |p| scheme_types(p);
        Should "S-7643-5-03" config_open: "/ServiceProviderConfig without a credential: readable, or 401", |p| config_open(p);
        Must "P-7644-4-02" types_list: "/ResourceTypes answers a whole list", |p| whole_list(p, "/ResourceTypes");
        Must "P-7644-4-02" schemas_list: "/Schemas answers a whole list", |p| whole_list(p, "/Schemas");
        Must "S-7643-6-01" type_members: "A resource type has name, endpoint and schema", |p| type_members(p);
        Must "S-7643-6-01" type_user: "The type User lies at /Users with the User schema", |p| type_user(p);
        Must "S-7643-6-02" type_schemas: "Every schema of a resource type is under /Schemas", |p| type_schemas(p);
        Must "P-7644-4-03" one_type: "/ResourceTypes/User answers the one type", |p| one_type(p);
        Must "P-7644-4-03" one_schema: "/Schemas/{uri} answers the one schema", |p| one_schema(p);
        Must "P-7644-4-03" no_type: "An unknown resource type is 404", |p| absent(p, "/ResourceTypes/NoSuchType");
        Must "P-7644-4-03" no_schema: "An unknown schema is 404", |p| absent(p, "/Schemas/urn:example:no:such:schema");
        Must "P-7644-3.1-01" no_messages: "Schemas of messages are not listed", |p| no_messages(p);
        Must "P-7644-4-04" not_paged: "Paging parameters are ignored", |p| not_paged(p);
        Must "P-7644-4-04" not_sorted: "Sorting parameters are ignored", |p| not_sorted(p);
        Should "P-7644-4-05" schemas_filter: "A filter on /Schemas is 403", |p| no_filter(p, "/Schemas");
        Should "P-7644-4-05" types_filter: "A filter on /ResourceTypes is 403", |p| no_filter(p, "/ResourceTypes");
        Should "P-7644-4-05" config_filter: "A filter on /ServiceProviderConfig is 403", |p| no_filter(p, "/ServiceProviderConfig");
        Must "S-7643-7-02" read_only: "/ServiceProviderConfig cannot be written", |p| read_only(p);
        Must "S-7643-5-02" patch_off: "PATCH that is not supported is 501", |p| off(p, Feature::Patch);
        Should "S-7643-5-02" bulk_off: "Bulk that is not supported is 501 or 404", |p| off(p, Feature::Bulk);
        Should "P-9865-4-01" pagination: "The kinds of paging are announced", |p| pagination(p);
    ],
};

async fn config(p: &Probe) -> Verdict {
    let answer = p.get("/ServiceProviderConfig").await?;
    let object = answer.resource(200)?;
    answer.has_schema(CONFIG)?;
    expect(object.get("Resources").is_none(), "the object itself, not a list", answer.told())
}

async fn media_type(p: &Probe) -> Verdict {
    p.get("/ServiceProviderConfig").await?.media_type(&["application/scim+json"])
}

async fn config_features(p: &Probe) -> Verdict {
    let config = p.read("/ServiceProviderConfig").await?;
    for feature in ["patch", "bulk", "filter", "changePassword", "sort", "etag"] {
        let supported = &config[feature]["supported"];
        expect(supported.is_boolean(), format!("{feature}.supported is a boolean"), supported.to_string())?;
    }
    Ok(())
}

async fn config_limits(p: &Probe) -> Verdict {
    let config = p.read("/ServiceProviderConfig").await?;
    for (feature, limit) in [("bulk", "maxOperations"), ("bulk", "maxPayloadSize"), ("filter", "maxResults")] {
        let value = &config[feature][limit];
        expect(value.is_u64(), format!("{feature}.{limit} is an integer"), value.to_string())?;
    }
    Ok(())
}

async fn schemes(p: &Probe) -> Result<Vec<Value>, Stop> {
    let config = p.read("/ServiceProviderConfig").await?;
    match config["authenticationSchemes"].as_array() {
        Some(schemes) => Ok(schemes.clone()),
        None => Err(failed("authenticationSchemes is a list", config["authenticationSchemes"].to_string())),
    }
}

async fn config_schemes(p: &Probe) -> Verdict {
    for scheme in schemes(p).await? {
        let named = scheme["name"].is_string() && scheme["description"].is_string();
        expect(named, "each scheme has a name and a description", scheme.to_string())?;
    }
    Ok(())
}

async fn scheme_types(p: &Probe) -> Verdict {
    for scheme in schemes(p).await? {
        let known = SCHEMES.contains(&text(&scheme["type"]));
        expect(known, format!("type is one of {}", SCHEMES.join(", ")), scheme.to_string())?;
    }
    Ok(())
}

async fn config_open(p: &Probe) -> Verdict {
    let request = crate::client::Request::new("GET", "/ServiceProviderConfig").anonymous();
    p.send(request).await?.one_of(&[200, 401]).map(|_| ())
}

async fn whole_list(p: &Probe, path: &str) -> Verdict {
    let answer = p.get(path).await?;
    answer.resource(200)?;
    answer.has_schema(LIST)?;
    let (resources, total) = (answer.resources()?.len() as u64, answer.total()?);
    expect(
        resources == total && total > 0,
        "totalResults equals the number of Resources",
        format!("{total} and {resources}"),
    )
}

async fn type_members(p: &Probe) -> Verdict {
    let answer = p.get("/ResourceTypes").await?;
    for one in answer.resources()? {
        for member in ["name", "endpoint", "schema"] {
            expect(one[member].is_string(), format!("each resource type has a {member}"), one.to_string())?;
        }
        for extension in one["schemaExtensions"].as_array().map(Vec::as_slice).unwrap_or_default() {
            let whole = extension["schema"].is_string() && extension["required"].is_boolean();
            expect(whole, "each schema extension has schema and required", extension.to_string())?;
        }
    }
    Ok(())
}

async fn type_user(p: &Probe) -> Verdict {
    let answer = p.get("/ResourceTypes").await?;
    let Some(user) = answer.resources()?.iter().find(|one| one["name"] == "User") else {
        return skip("the server has no resource type User");
    };
    let right = text(&user["endpoint"]).trim_end_matches('/').ends_with("/Users") && user["schema"] == USER;
    expect(right, format!("endpoint /Users and schema {USER}"), user.to_string())
}

async fn type_schemas(p: &Probe) -> Verdict {
    let (types, schemas) = (p.get("/ResourceTypes").await?, p.get("/Schemas").await?);
    let known: Vec<&str> = schemas.resources()?.iter().map(|schema| text(&schema["id"])).collect();
    for one in types.resources()? {
        let extensions = one["schemaExtensions"].as_array().map(Vec::as_slice).unwrap_or_default();
        for uri in extensions.iter().map(|extension| &extension["schema"]).chain([&one["schema"]]) {
            expect(known.contains(&text(uri)), format!("{uri} is under /Schemas"), known.join(", "))?;
        }
    }
    Ok(())
}

async fn one_type(p: &Probe) -> Verdict {
    let types = p.get("/ResourceTypes").await?;
    let Some(listed) = types.resources()?.first().cloned() else { return skip("there are no resource types") };
    let one = p.read(&format!("/ResourceTypes/{}", text(&listed["name"]))).await?;
    crate::expect::same("endpoint", &listed["endpoint"], &one["endpoint"])
}

async fn one_schema(p: &Probe) -> Verdict {
    let one = p.read(&format!("/Schemas/{}", encoded(USER))).await?;
    expect(one["id"] == USER && one["attributes"].is_array(), format!("the schema {USER}"), one.to_string())
}

async fn absent(p: &Probe, path: &str) -> Verdict {
    error_body(p.version, &p.get(path).await?, &[404])
}

async fn no_messages(p: &Probe) -> Verdict {
    let answer = p.get("/Schemas").await?;
    let message = answer.resources()?.iter().find(|schema| text(&schema["id"]).starts_with(MESSAGES));
    expect(
        message.is_none(),
        format!("no schema begins with {MESSAGES}"),
        message.map_or_else(String::new, Value::to_string),
    )
}

async fn not_paged(p: &Probe) -> Verdict {
    let all = p.get("/Schemas").await?.resources()?.len();
    let paged = p.query("/Schemas", &[("startIndex", "2"), ("count", "1")]).await?.resources()?.len();
    expect(all == paged, format!("all {all} schemas"), format!("{paged} schemas"))
}

async fn not_sorted(p: &Probe) -> Verdict {
    let all = p.get("/ResourceTypes").await?.resources()?.len();
    let sorted =
        p.query("/ResourceTypes", &[("sortBy", "name"), ("sortOrder", "descending")]).await?.resources()?.len();
    expect(all == sorted, format!("all {all} resource types"), format!("{sorted} resource types"))
}

async fn no_filter(p: &Probe, path: &str) -> Verdict {
    error_body(p.version, &p.get(&with_query(path, &[("filter", "id pr")])).await?, &[403])
}

async fn read_only(p: &Probe) -> Verdict {
    p.put("/ServiceProviderConfig", &json!({"schemas": [CONFIG]})).await?.refused().map(|_| ())
}

/// A feature that is said to be off is off.
async fn off(p: &Probe, feature: Feature) -> Verdict {
    if p.features.has(feature) || p.features.config.is_null() {
        return skip(format!("the server advertises {feature}"));
    }
    if feature == Feature::Bulk {
        let body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": []});
        return p.post("/Bulk", &body).await?.one_of(&[404, 405, 501]).map(|_| ());
    }
    let (_, path) = p.user("no-patch", json!({})).await?;
    let operations = json!([{"op": "replace", "path": "nickName", "value": "x"}]);
    p.operations(&path, operations).await?.one_of(&[501]).map(|_| ())
}

async fn pagination(p: &Probe) -> Verdict {
    let pagination = &p.read("/ServiceProviderConfig").await?["pagination"];
    if pagination.is_null() {
        return skip("the server does not speak of RFC 9865");
    }
    let told = pagination["cursor"].is_boolean() && pagination["index"].is_boolean();
    expect(told, "pagination.cursor and pagination.index are booleans", pagination.to_string())
}
