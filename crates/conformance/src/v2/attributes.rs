//! Attributes of users keep what they were given (RFC 7643 sections 2, 4.1, 4.3).

use serde_json::json;

use super::create::{kept, refused};
use crate::check::{Chapter, checks};
use crate::expect::same;
use crate::probe::{ENTERPRISE, Probe, USER};
use crate::verdict::{Verdict, expect, skip};

pub(crate) const CHAPTER: Chapter = Chapter {
    name: "attributes",
    title: "Attributes",
    needs: None,
    checks: checks![
        Must "S-7643-2.3.1-01" unicode: "Any Unicode text comes back", |p| kept(p, json!({"displayName": "Ωmega \u{1F600} e\u{301} 漢字"}));
        Must "S-7643-7-03" letter_case: "Text keeps its letter case", |p| kept(p, json!({"nickName": "McLovelace"}));
        Must "S-7643-4.1.1-04" free_text: "displayName, nickName, title, userType are free text",
            |p| kept(p, json!({"displayName": "A/B <&> \"x\"", "nickName": "%_*", "title": "Dr. ' OR 1=1", "userType": "any"}));
        Should "S-7643-4.1.1-03" name: "name keeps formatted beside its components",
            |p| kept(p, json!({"name": {"formatted": "Dr. X", "familyName": "Lovelace", "givenName": "Ada", "middleName": "King", "honorificPrefix": "Dr.", "honorificSuffix": "II"}}));
        Should "S-7643-4.1.1-06" locales: "preferredLanguage, locale, timezone come back",
            |p| kept(p, json!({"preferredLanguage": "en-US,en;q=0.8", "locale": "en-US", "timezone": "America/Los_Angeles"}));
        Should "S-7643-4.1.1-05" profile_url: "profileUrl comes back", |p| kept(p, json!({"profileUrl": "https://example.com/~Ada"}));
        Must "S-7643-4.1.1-07" inactive: "A user may be made inactive", |p| kept(p, json!({"active": false}));
        Must "S-7643-2.4-01" several: "Several values of an attribute come back",
            |p| kept(p, json!({"emails": [{"value": "a@example.com", "type": "work", "primary": true}, {"value": "b@example.com", "type": "home"}]}));
        Should "S-7643-2.4-05" same_value_two_types: "One value with two types is two values",
            |p| kept(p, json!({"emails": [{"value": "a@example.com", "type": "work"}, {"value": "a@example.com", "type": "home"}]}));
        Should "S-7643-4.1.2-02" phones: "Phone numbers of any form come back",
            |p| kept(p, json!({"phoneNumbers": [{"value": "555-555-5555", "type": "work"}, {"value": "tel:+1-201-555-0123", "type": "mobile"}]}));
        Should "S-7643-4.1.2-03" ims: "Instant messaging of an unlisted type comes back", |p| kept(p, json!({"ims": [{"value": "ada", "type": "teams"}]}));
        Must "S-7643-4.1.2-04" photos: "Photos come back", |p| kept(p, json!({"photos": [{"value": "https://photos.example.com/ada.png", "type": "photo"}]}));
        Must "S-7643-4.1.2-05" addresses: "Addresses come back, line breaks too",
            |p| kept(p, json!({"addresses": [{"type": "work", "formatted": "1 Road\nTown", "streetAddress": "1 Road", "locality": "Town", "region": "CA", "postalCode": "91608", "country": "US"}]}));
        Must "S-7643-4.1.2-09" roles: "Roles and entitlements have no fixed words",
            |p| kept(p, json!({"roles": [{"value": "anything at all", "type": "x", "primary": true}], "entitlements": [{"value": "42"}]}));
        Must "S-7643-4.3-01" enterprise: "Enterprise attributes come back under their URN", |p| enterprise(p);
        Must "S-7643-3-05" extension_place: "Extension attributes stand nowhere else", |p| extension_place(p);
        Must "S-7643-3-01" schemas_order: "The order of schemas has no meaning", |p| schemas_order(p);
        Must "S-7643-4.3-01" manager_name: "manager.displayName is the server's", |p| manager_name(p);
        Must "S-7643-2.3.6-01" not_base64: "A certificate that is not base64 is 400", |p| refused(p, json!({"x509Certificates": [{"value": "@@@"}]}));
        Must "S-7643-2.3.8-01" member_order: "The order of members has no meaning", |p| member_order(p);
        Option "S-7643-2.5-02" no_nulls: "Attributes without value are left out", |p| no_nulls(p);
    ],
};

/// Skips where the server does not have the enterprise extension.
fn enterprise_offered(p: &Probe) -> Verdict {
    let ada = p.shared("ada")?;
    let named = ada["schemas"].as_array().is_some_and(|all| all.iter().any(|uri| uri == ENTERPRISE));
    if named { Ok(()) } else { skip("the server did not take the enterprise extension of another user") }
}

async fn enterprise(p: &Probe) -> Verdict {
    enterprise_offered(p)?;
    let all = json!({"employeeNumber": "701984", "costCenter": "4130", "organization": "Analytical", "division": "Engines", "department": "Tours"});
    kept(p, json!({"schemas": [USER, ENTERPRISE], (ENTERPRISE): all})).await
}

async fn extension_place(p: &Probe) -> Verdict {
    enterprise_offered(p)?;
    let read = p.read(&p.shared_path("ada")?).await?;
    expect(read[ENTERPRISE]["department"].is_string(), format!("department under {ENTERPRISE}"), read.to_string())?;
    expect(read["department"].is_null(), "no department at the top", read["department"].to_string())
}

async fn schemas_order(p: &Probe) -> Verdict {
    enterprise_offered(p)?;
    kept(p, json!({"schemas": [ENTERPRISE, USER], (ENTERPRISE): {"department": "Tours"}})).await
}

async fn manager_name(p: &Probe) -> Verdict {
    enterprise_offered(p)?;
    let manager = json!({"value": p.shared_id("ada")?, "displayName": "Somebody Else"});
    let body = json!({"schemas": [USER, ENTERPRISE], (ENTERPRISE): {"manager": manager}});
    let (_, path) = p.user("managed", body).await?;
    let got = &p.read(&path).await?[ENTERPRISE]["manager"];
    same("manager.value", &manager["value"], &got["value"])?;
    expect(got["displayName"] != "Somebody Else", "the manager's own displayName, or none", got.to_string())
}

async fn member_order(p: &Probe) -> Verdict {
    let text = format!(
        r#"{{"name":{{"givenName":"Ada","familyName":"L"}},"userName":"{}","schemas":["{USER}"]}}"#,
        p.fresh("order")
    );
    p.send(crate::client::Request::new("POST", "/Users").text(text)).await?.status(201).map(|_| ())
}

async fn no_nulls(p: &Probe) -> Verdict {
    let read = p.read(&p.shared_path("cai")?).await?;
    let empty = read
        .as_object()
        .into_iter()
        .flatten()
        .find(|(_, value)| value.is_null() || value.as_array().is_some_and(Vec::is_empty));
    expect(empty.is_none(), "neither null nor []", format!("{empty:?}"))
}
