//! `GET /` and `POST /.search`: users and groups at once (RFC 7644 sections 3.4.2.1 and 3.4.3).

use axum::response::Response;
use doorward_scim::quirks::Leniency;
use doorward_scim::schema::ResourceType;
use doorward_scim::sort::SortBy;

use super::call::Call;
use super::groups;
use super::list::{self, Part};
use super::refusal::Refusal;
use crate::service::list::Position;
use crate::service::root::{self, OfType, View, Wanted};
use crate::service::schema::{group_type, user_type};

/// `GET /`.
pub async fn list(call: &Call) -> Result<Response, Refusal> {
    let part = Part::read(call, "/").await?;
    let (of_users, of_groups) = (call.projection(user_type(&call.scope))?, call.projection(group_type(&call.scope))?);
    let (users, groups) = of_types(call)?;
    let start_index = match part.position {
        Position::Index(start_index) => start_index,
        Position::After(_) => 1,
    };
    let wanted = Wanted {
        users,
        groups: Some(groups).filter(|_| call.scope.settings().groups),
        order: list::order(&call.query)?,
        start_index,
        count: part.count,
        most: call.app.config().limits.root_results,
        base: call.base.clone(),
        with_groups: of_users.wants("groups"),
        with_members: groups::wanted(&of_groups),
    };
    let found = root::everything(&call.app, &call.scope, wanted).await?;
    call.form.list(part.head(call, &found), &found.items, |view, text| match view {
        View::User(user) => call.write_user(user, &of_users, text),
        View::Group(group) => call.write_group(group, &of_groups, text),
    })
}

/// What is looked for among users and among groups. An attribute that one of them lacks has no value there (P-7644-3.4.2.1-03); one that
/// both lack is as wrong here as at their own endpoints.
fn of_types(call: &Call) -> Result<(OfType, OfType), Refusal> {
    let (mut of_users, mut of_groups) = (call.leniency(), call.leniency());
    let strictly =
        (of_type(call, user_type(&call.scope), &mut of_users), of_type(call, group_type(&call.scope), &mut of_groups));
    call.tolerated.note(&of_users);
    call.tolerated.note(&of_groups);
    if let (Err(refusal), Err(_)) = strictly {
        return Err(refusal);
    }
    let or_without_values = |read: Result<OfType, Refusal>, resource_type| {
        read.or_else(|_| of_type(call, resource_type, &mut Leniency::tolerant()))
    };
    Ok((
        or_without_values(strictly.0, user_type(&call.scope))?,
        or_without_values(strictly.1, group_type(&call.scope))?,
    ))
}

fn of_type(call: &Call, resource_type: &ResourceType, leniency: &mut Leniency) -> Result<OfType, Refusal> {
    let filter = list::filter(&call.query, call.version, resource_type, leniency)?;
    let sort = call.query.sort_by().map(|text| SortBy::parse(text, resource_type, leniency)).transpose()?;
    Ok(OfType { filter, sort })
}
