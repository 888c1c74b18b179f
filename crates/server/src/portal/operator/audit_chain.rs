//! The hash chain over the audit log (O16): where it ends, and whether every record is as it was written.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;

use crate::app::App;
use crate::portal::form::{Posted, Problem};
use crate::portal::gate::Operator;
use crate::portal::page::{Failure, Page, Part, render};
use crate::service::sealing::{self, Head, Verification};

/// Findings that the page names.
const MOST: usize = 100;

#[derive(Template)]
#[template(path = "operator/audit_chain.html")]
struct ChainPage {
    page: Page,
    /// The end of the chain; empty when nothing is sealed yet.
    head: String,
    unsealed: i64,
    begins_after: i64,
    kept: String,
    problem: Problem,
    /// What came of the comparison, when there was one.
    outcome: Option<Outcome>,
}

struct Outcome {
    verified: i64,
    /// Position and a word of the section `audit_problem`.
    findings: Vec<(i64, &'static str)>,
    more: bool,
}

/// `GET /admin/audit/chain`
pub async fn get(State(app): State<App>, who: Operator) -> Result<Response, Failure> {
    let now = sealing::head(app.store(), &who.scope).await.map_err(|error| who.view.failed(error))?;
    Ok(render(StatusCode::OK, &chain_page(&who, &now, String::new(), Problem::default(), None)))
}

fn chain_page(
    who: &Operator,
    now: &Verification,
    kept: String,
    problem: Problem,
    outcome: Option<Outcome>,
) -> ChainPage {
    let text = who.view.text;
    let page =
        who.view.page(text.t("audit_chain.title"), Some(Part::Audit)).below("/admin/audit", text.t("audit.title"));
    let head = now.head.as_ref().map(Head::to_string).unwrap_or_default();
    ChainPage { page, head, unsealed: now.unsealed, begins_after: now.begins_after, kept, problem, outcome }
}

/// `POST /admin/audit/chain`: compares every record with the seals, and the chain with an end of it that was kept.
pub async fn verify(State(app): State<App>, Posted { who, fields }: Posted) -> Result<Response, Failure> {
    let fail = |error| who.view.failed(error);
    let kept = fields.get("head").to_owned();
    let parsed = fields.some("head").map(|text| text.parse::<Head>()).transpose();
    let Ok(parsed) = parsed else {
        let now = sealing::head(app.store(), &who.scope).await.map_err(fail)?;
        let problem = Problem::new(&who.view, "head", "audit_chain.no_head");
        return Ok(render(StatusCode::UNPROCESSABLE_ENTITY, &chain_page(&who, &now, kept, problem, None)));
    };
    let found = sealing::verify(app.store(), &who.scope, parsed).await.map_err(fail)?;
    let findings = found.findings.iter().take(MOST).map(|finding| (finding.position, finding.problem)).collect();
    let outcome = Outcome { verified: found.verified, findings, more: found.findings.len() > MOST };
    Ok(render(StatusCode::OK, &chain_page(&who, &found, kept, Problem::default(), Some(outcome))))
}
