//! What a server says about itself (SCIM 1.1 core schema sections 9 and 10), and who may enter.

use serde_json::Value;

use crate::check::{Chapter, checks};
use crate::probe::{Feature, Probe, text};
use crate::v2::authentication;
use crate::verdict::{Stop, Verdict, expect, failed};

pub(crate) const CHAPTER: Chapter = Chapter {
    name: "discovery",
    title: "Discovery",
    needs: None,
    checks: checks![
        Must "V1-CORE-9-01" config: "/ServiceProviderConfigs answers one object", |p| config(p);
        Must "V1-CORE-9-01" config_features: "Every feature is announced as supported or not", |p| config_features(p);
        Must "V1-CORE-9-01" config_limits: "Limits of bulk and filter are integers", |p| config_limits(p);
        Must "V1-CORE-9-01" config_schemes: "authenticationSchemes have name and description", |p| config_schemes(p);
        Must "V1-CORE-3-01" schema: "The configuration carries the core schema", |p| schema(p, "/ServiceProviderConfigs");
        Must "V1-API-3.6-01" media_type: "The media type is application/json", |p| media_type(p, "/ServiceProviderConfigs");
        Must "V1-CORE-10-01" schemas: "/Schemas/User describes the user", |p| one_schema(p, "User", "userName");
        Must "V1-CORE-10-01" group_schema: "/Schemas/Group describes the group", |p| group_schema(p);
        Must "V1-CORE-10-01" attribute_members: "An attribute has name, type, multiValued, readOnly, required, caseExact", |p| attribute_members(p);
        Must "V1-CORE-3.1-01" attribute_types: "Attributes have the defined types", |p| attribute_types(p);
        Should "V1-API-2-01" challenge: "Without a credential: 401 and WWW-Authenticate", |p| authentication::challenge(p);
        Should "V1-API-2-01" wrong_token: "A wrong token is 401", |p| authentication::wrong_token(p);
        Must "V1-API-3.9-01" challenge_form: "The 401 has an error body", |p| authentication::error_form(p);
        Should "V1-API-2-01" anonymous_write: "Without a credential nothing is made", |p| authentication::anonymous_write(p);
    ],
};

const TYPES: [&str; 7] = ["string", "boolean", "decimal", "integer", "datetime", "binary", "complex"];

async fn config(p: &Probe) -> Verdict {
    let answer = p.get("/ServiceProviderConfigs").await?;
    expect(answer.resource(200)?.get("Resources").is_none(), "the object itself, not a list", answer.told())
}

async fn config_features(p: &Probe) -> Verdict {
    let config = p.read("/ServiceProviderConfigs").await?;
    for feature in ["patch", "bulk", "filter", "changePassword", "sort", "etag", "xmlDataFormat"] {
        let supported = &config[feature]["supported"];
        expect(supported.is_boolean(), format!("{feature}.supported is a boolean"), supported.to_string())?;
    }
    Ok(())
}

async fn config_limits(p: &Probe) -> Verdict {
    let config = p.read("/ServiceProviderConfigs").await?;
    for (feature, limit) in [("bulk", "maxOperations"), ("bulk", "maxPayloadSize"), ("filter", "maxResults")] {
        let value = &config[feature][limit];
        expect(value.is_u64(), format!("{feature}.{limit} is an integer"), value.to_string())?;
    }
    Ok(())
}

async fn config_schemes(p: &Probe) -> Verdict {
    let config = p.read("/ServiceProviderConfigs").await?;
    let Some(schemes) = config["authenticationSchemes"].as_array() else {
        return Err(failed("authenticationSchemes is a list", config["authenticationSchemes"].to_string()));
    };
    for scheme in schemes {
        let named = scheme["name"].is_string() && scheme["description"].is_string();
        expect(named, "each scheme has a name and a description", scheme.to_string())?;
    }
    Ok(())
}

pub(super) async fn schema(p: &Probe, path: &str) -> Verdict {
    let answer = p.get(path).await?;
    answer.resource(200)?;
    answer.has_schema(crate::probe::CORE_V1)
}

pub(super) async fn media_type(p: &Probe, path: &str) -> Verdict {
    p.get(path).await?.media_type(&["application/json"])
}

/// The attributes of the schema that is called so.
async fn attributes(p: &Probe, name: &str) -> Result<Vec<Value>, Stop> {
    let answer = p.get(&format!("/Schemas/{name}")).await?;
    match answer.resource(200)?["attributes"].as_array() {
        Some(attributes) => Ok(attributes.clone()),
        None => Err(failed("attributes is a list", answer.told())),
    }
}

async fn one_schema(p: &Probe, name: &str, attribute: &str) -> Verdict {
    let all = attributes(p, name).await?;
    let names: Vec<&str> = all.iter().map(|one| text(&one["name"])).collect();
    expect(names.contains(&attribute), format!("the attribute {attribute}"), names.join(", "))
}

async fn group_schema(p: &Probe) -> Verdict {
    p.needs(Feature::Groups)?;
    one_schema(p, "Group", "displayName").await
}

async fn attribute_members(p: &Probe) -> Verdict {
    for one in attributes(p, "User").await? {
        let flags = ["multiValued", "readOnly", "required", "caseExact"];
        let whole = one["type"].is_string() && flags.iter().all(|flag| one[*flag].is_boolean());
        expect(whole, format!("type, {}", flags.join(", ")), one.to_string())?;
    }
    Ok(())
}

async fn attribute_types(p: &Probe) -> Verdict {
    for one in attributes(p, "User").await? {
        let kind = text(&one["type"]).to_ascii_lowercase();
        expect(TYPES.contains(&kind.as_str()), format!("one of {}", TYPES.join(", ")), one["type"].to_string())?;
    }
    Ok(())
}
