//! Setup links (O12): made for an organization, shown once, revoked.

use axum::extract::{Path, State};
use axum::response::Response;
use doorward_store::ids::{OrganizationId, PortalLinkId};
use doorward_store::paging::{Cursor, Order};
use http::StatusCode;

use super::directories::confirm as confirmed;
use super::id;
use super::organizations::show;
use crate::app::App;
use crate::portal::form::{Posted, Problem};
use crate::portal::gate::Operator;
use crate::portal::page::{Failure, Part, lead_to};
use crate::portal::shown::Time;
use crate::service::portal_links::{self, NewLink};

/// Links that the page of an organization shows.
const LINKS: i64 = 20;

/// A link as a page shows it.
pub struct Link {
    /// Its id.
    pub id: String,
    /// A word of the section `link_status`.
    pub status: &'static str,
    /// Whether there is something to revoke.
    pub live: bool,
    /// When it was made.
    pub created: Time,
    /// Until when it can be opened.
    pub expires: Time,
    /// When it was opened, and from where.
    pub opened: Option<(Time, String)>,
}

/// The links of an organization, newest first.
///
/// # Errors
/// When the database fails.
pub async fn of(app: &App, who: &Operator, organization: OrganizationId) -> Result<Vec<Link>, Failure> {
    let first = Cursor::first(LINKS, Order::Descending);
    let slice = portal_links::list(app.store(), &who.scope, first, Some(organization)).await;
    let now = app.clock().now();
    let link = |row: &doorward_store::portal_link::PortalLinkRow| Link {
        id: row.id.to_string(),
        status: row.status(now),
        live: matches!(row.status(now), "active" | "opened"),
        created: Time::of(row.created_at),
        expires: Time::of(row.expires_at),
        opened: row.opened_at.map(|at| (Time::of(at), row.opened_from.clone().unwrap_or_default())),
    };
    Ok(slice.map_err(|error| who.view.failed(error))?.items.iter().map(link).collect())
}

/// `POST /admin/organizations/{id}/links`. The answer itself shows the link: it is in no page that can be asked for again.
pub async fn create(
    State(app): State<App>,
    Path(given): Path<String>,
    Posted { who, fields }: Posted,
) -> Result<Response, Failure> {
    let organization: OrganizationId = id(&who.view, &given)?;
    let new = NewLink {
        organization_id: organization,
        intent: "dsync".to_owned(),
        return_url: None,
        success_url: fields.some("success_url"),
        external_user_id: None,
        contacts: Vec::new(),
        lifetime: fields.get("lifetime").parse().unwrap_or(7 * 24 * 60 * 60),
    };
    match portal_links::create(app.store(), &who.scope, new).await {
        Ok((_, secret)) => {
            let link = portal_links::address(app.public_url(), &secret);
            show(&app, &who, organization, StatusCode::OK, Some(link), Problem::default()).await
        }
        Err(error) => {
            let problem = Problem::of(&who.view, error).map_err(|error| who.view.failed(error))?;
            show(&app, &who, organization, StatusCode::UNPROCESSABLE_ENTITY, None, problem).await
        }
    }
}

/// `GET /admin/links/{id}/revoke`
pub async fn confirm(State(app): State<App>, Path(given): Path<String>, who: Operator) -> Result<Response, Failure> {
    let link: PortalLinkId = id(&who.view, &given)?;
    let row = portal_links::get(app.store(), &who.scope, link).await.map_err(|error| who.view.failed(error))?;
    let text = who.view.text;
    let page = who.view.page(text.t("link.revoke_title"), Some(Part::Organizations));
    let back = format!("/admin/organizations/{}", row.organization_id);
    let said = text.t("link.revoke_text").to_owned();
    Ok(confirmed(page, said, format!("/admin/links/{link}/revoke"), "link.revoke", back))
}

/// `POST /admin/links/{id}/revoke`
pub async fn revoke(
    State(app): State<App>,
    Path(given): Path<String>,
    Posted { who, .. }: Posted,
) -> Result<Response, Failure> {
    let link: PortalLinkId = id(&who.view, &given)?;
    let row = portal_links::revoke(app.store(), &who.scope, link).await.map_err(|error| who.view.failed(error))?;
    Ok(lead_to(&format!("/admin/organizations/{}", row.organization_id), "link_revoked"))
}
