//! The schemas that a server publishes (RFC 7643 sections 2, 4, 7).

use serde_json::Value;

use crate::check::{Chapter, checks};
use crate::probe::{GROUP, Probe, USER, text};
use crate::verdict::{Stop, Verdict, expect, skip};

const TYPES: [&str; 8] = ["string", "boolean", "decimal", "integer", "dateTime", "binary", "reference", "complex"];

pub(crate) const CHAPTER: Chapter = Chapter {
    name: "schemas",
    title: "Schemas",
    needs: None,
    checks: checks![
        Must "S-7643-7-01" members: "A schema has id and attributes", |p| members(p);
        Must "S-7643-7-01" attribute_members: "An attribute has name, type and multiValued", |p| attribute_members(p);
        Must "S-7643-2.2-01" attribute_types: "Attributes have the defined types", |p| attribute_types(p);
        Must "S-7643-7-04" mutability: "mutability has a defined value", |p| one_of(p, "mutability", &["readOnly", "readWrite", "immutable", "writeOnly"]);
        Must "S-7643-7-05" returned: "returned has a defined value", |p| one_of(p, "returned", &["always", "never", "default", "request"]);
        Must "S-7643-7-06" uniqueness: "uniqueness has a defined value", |p| one_of(p, "uniqueness", &["none", "server", "global"]);
        Must "S-7643-7-07" reference_types: "referenceTypes stands with references only", |p| reference_types(p);
        Must "S-7643-2.3.8-02" no_nesting: "Complex attributes have no complex sub-attributes", |p| no_nesting(p);
        Must "S-7643-2.1-02" names: "Attribute names begin with a letter", |p| names(p);
        Must "S-7643-4.1.1-01" user_name: "userName is required and unique", |p| user_name(p);
        Must "S-7643-4.1.1-08" password: "password, if there, is never returned", |p| password(p);
        Must "S-7643-4.1.2-07" groups: "A user's groups, if there, are readOnly", |p| groups(p);
        Should "S-7643-4.2-01" group_name: "A group's displayName is required", |p| group_name(p);
        Must "S-7643-4.2-02" member_parts: "The value of a group's member is immutable", |p| member_parts(p);
    ],
};

async fn schemas(p: &Probe) -> Result<Vec<Value>, Stop> {
    Ok(p.get("/Schemas").await?.resources()?.to_vec())
}

/// Every attribute and sub-attribute with a path for messages.
async fn attributes(p: &Probe) -> Result<Vec<(String, Value)>, Stop> {
    let mut all = Vec::new();
    for schema in schemas(p).await? {
        collect(text(&schema["id"]), &schema["attributes"], &mut all);
    }
    Ok(all)
}

fn collect(path: &str, attributes: &Value, all: &mut Vec<(String, Value)>) {
    for attribute in attributes.as_array().map(Vec::as_slice).unwrap_or_default() {
        let path = format!("{path} {}", text(&attribute["name"]));
        collect(&path, &attribute["subAttributes"], all);
        all.push((path, attribute.clone()));
    }
}

/// One attribute of one schema; a check about what a server does not have is skipped.
async fn attribute(p: &Probe, schema: &str, name: &str) -> Result<Value, Stop> {
    let all = schemas(p).await?;
    let Some(schema) = all.iter().find(|one| one["id"] == schema) else { return skip(format!("there is no {schema}")) };
    let attributes = schema["attributes"].as_array().map(Vec::as_slice).unwrap_or_default();
    match attributes.iter().find(|one| one["name"] == name) {
        Some(found) => Ok(found.clone()),
        None => skip(format!("the schema has no {name}")),
    }
}

async fn members(p: &Probe) -> Verdict {
    for schema in schemas(p).await? {
        let whole = schema["id"].is_string() && schema["attributes"].is_array();
        expect(whole, "each schema has id and attributes", schema["id"].to_string())?;
    }
    Ok(())
}

async fn attribute_members(p: &Probe) -> Verdict {
    for (path, one) in attributes(p).await? {
        let whole = one["name"].is_string() && one["type"].is_string() && one["multiValued"].is_boolean();
        expect(whole, format!("{path} has name, type and multiValued"), one.to_string())?;
    }
    Ok(())
}

async fn attribute_types(p: &Probe) -> Verdict {
    for (path, one) in attributes(p).await? {
        expect(
            TYPES.contains(&text(&one["type"])),
            format!("{path} has one of the types {}", TYPES.join(", ")),
            one["type"].to_string(),
        )?;
    }
    Ok(())
}

async fn one_of(p: &Probe, member: &str, known: &[&str]) -> Verdict {
    for (path, one) in attributes(p).await? {
        let value = &one[member];
        let right = value.is_null() || known.contains(&text(value));
        expect(right, format!("{member} of {path} is one of {}", known.join(", ")), value.to_string())?;
    }
    Ok(())
}

async fn reference_types(p: &Probe) -> Verdict {
    for (path, one) in attributes(p).await? {
        let given = one["referenceTypes"].as_array().is_some_and(|types| !types.is_empty());
        expect(!given || one["type"] == "reference", format!("{path} has no referenceTypes"), one.to_string())?;
    }
    Ok(())
}

async fn no_nesting(p: &Probe) -> Verdict {
    for schema in schemas(p).await?.iter().filter(|schema| !text(&schema["id"]).ends_with(":2.0:Schema")) {
        for one in schema["attributes"].as_array().map(Vec::as_slice).unwrap_or_default() {
            let inner = one["subAttributes"].as_array().map(Vec::as_slice).unwrap_or_default();
            let nested = inner.iter().find(|sub| sub["type"] == "complex");
            expect(nested.is_none(), format!("no complex sub-attribute in {}", one["name"]), format!("{nested:?}"))?;
        }
    }
    Ok(())
}

async fn names(p: &Probe) -> Verdict {
    for (path, one) in attributes(p).await? {
        let name = text(&one["name"]);
        // `$ref` is RFC 7643's own exception.
        let right = name == "$ref"
            || (name.starts_with(|first: char| first.is_ascii_alphabetic())
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"$-_".contains(&byte)));
        expect(right, "a letter followed by letters, digits, $, - and _", path)?;
    }
    Ok(())
}

async fn user_name(p: &Probe) -> Verdict {
    let one = attribute(p, USER, "userName").await?;
    let unique = matches!(text(&one["uniqueness"]), "server" | "global");
    expect(one["required"] == true && unique, "userName with required true and uniqueness server", one.to_string())
}

async fn password(p: &Probe) -> Verdict {
    let one = attribute(p, USER, "password").await?;
    let right = one["mutability"] == "writeOnly" && one["returned"] == "never";
    expect(right, "password with mutability writeOnly and returned never", one.to_string())
}

async fn groups(p: &Probe) -> Verdict {
    let one = attribute(p, USER, "groups").await?;
    expect(one["mutability"] == "readOnly", "groups with mutability readOnly", one["mutability"].to_string())
}

async fn group_name(p: &Probe) -> Verdict {
    let one = attribute(p, GROUP, "displayName").await?;
    expect(one["required"] == true, "displayName with required true", one.to_string())
}

async fn member_parts(p: &Probe) -> Verdict {
    let members = attribute(p, GROUP, "members").await?;
    let parts = members["subAttributes"].as_array().map(Vec::as_slice).unwrap_or_default();
    let value = parts.iter().find(|part| part["name"] == "value").cloned().unwrap_or_default();
    expect(value["mutability"] == "immutable", "members.value with mutability immutable", value.to_string())
}
