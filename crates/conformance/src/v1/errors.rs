//! How a server says no (SCIM 1.1 protocol sections 3, 3.9).

use crate::check::{Chapter, checks};
use crate::client::Request;
use crate::expect::error_body;
use crate::probe::{Feature, Probe};
use crate::verdict::{Verdict, expect};

pub(crate) const CHAPTER: Chapter = Chapter {
    name: "errors",
    title: "Errors",
    needs: None,
    checks: checks![
        Must "V1-API-3.9-01" not_found: "A 404 has Errors with code and description", |p| not_found(p);
        Must "V1-API-3.9-01" not_json: "A body that is not JSON is 400 with Errors", |p| not_json(p);
        Must "V1-API-3.9-01" bad_filter: "A wrong filter is 400 with Errors", |p| bad_filter(p);
        Must "V1-API-3.9-01" no_scim_type: "There is no scimType", |p| no_scim_type(p);
        Must "V1-API-3-01" no_resource_types: "There is no /ResourceTypes", |p| absent(p, "/ResourceTypes");
        Must "V1-API-3-01" no_me: "There is no /Me", |p| absent(p, "/Me");
        Should "V1-API-3.9-02" bulk_off: "Bulk that is not supported is 501, 403 or 404", |p| bulk_off(p);
    ],
};

async fn not_found(p: &Probe) -> Verdict {
    error_body(p.version, &p.get("/Users/no-such-id-4f1c").await?, &[404])
}

async fn not_json(p: &Probe) -> Verdict {
    error_body(p.version, &p.send(Request::new("POST", "/Users").text("{")).await?, &[400])
}

async fn bad_filter(p: &Probe) -> Verdict {
    p.needs(Feature::Filter)?;
    error_body(p.version, &p.query("/Users", &[("filter", "userName")]).await?, &[400])
}

async fn no_scim_type(p: &Probe) -> Verdict {
    let answer = p.get("/Users/no-such-id-4f1c").await?;
    let object = answer.status(404)?.object()?;
    expect(!crate::expect::mentions(object, "scimType"), "no scimType, which is of 2.0", answer.told())
}

async fn absent(p: &Probe, path: &str) -> Verdict {
    p.get(path).await?.one_of(&[404, 501]).map(|_| ())
}

async fn bulk_off(p: &Probe) -> Verdict {
    if p.features.has(Feature::Bulk) || p.features.config.is_null() {
        return crate::verdict::skip("the server advertises bulk");
    }
    let body = serde_json::json!({"schemas": [crate::probe::CORE_V1], "Operations": []});
    p.post("/Bulk", &body).await?.one_of(&[403, 404, 405, 501]).map(|_| ())
}
