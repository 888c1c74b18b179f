//! `/Bulk`: many operations in one request (RFC 7644 section 3.7; SCIM 1.1 protocol section 3.5).
//!
//! Every operation is the service call of the single request, and a transaction of its own; only resources that refer to
//! each other are made in one. What refers to what, and in which order, is decided in [`doorward_scim::bulk`].

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use axum::body::Body;
use axum::response::Response;
use doorward_scim::Object;
use doorward_scim::bulk::{self, Circle, Done, Failure, Job, Kind, Method, Request, RequestError, Run, Step};
use doorward_scim::schema::ResourceType;
use doorward_store::scope::DirectoryScope;
use tokio::time::Instant;

use super::body::{self, Bounds};
use super::call::Call;
use super::conditional;
use super::refusal::Refusal;
use crate::service::circle::{self, Newcomer, Whole};
use crate::service::groups::{self, Members};
use crate::service::precondition::Precondition;
use crate::service::provision;
use crate::service::schema::{group_type, leniency, require_groups, user_type};

/// Operations that wait for the store together at most. Another request's changes come in between two such windows at the latest.
const WINDOW: usize = 64;

/// `POST /Bulk`.
pub async fn run(call: &Call, body: Body) -> Result<Response, Refusal> {
    let mut run = Run::new(read(call, body).await?);
    let deadline = Instant::now() + call.app.config().limits.request_timeout.mul_f32(0.75);
    loop {
        let steps = run.next_steps(WINDOW);
        if steps.is_empty() {
            break;
        }
        if Instant::now() > deadline {
            steps.iter().for_each(|step| out_of_time(&mut run, step));
            continue;
        }
        window(call, &mut run, steps).await;
    }
    Ok(call.form.object(run.response(call.version, &call.base)))
}

/// Steps that do not refer to each other. Each operation's job is with the store before the next operation is begun, and the store
/// does the jobs of a directory in the order in which it gets them: so they are done as if one came after the other, also those on
/// one resource, and share their commits.
async fn window(call: &Call, run: &mut Run, steps: Vec<Step>) {
    let mut jobs = Vec::with_capacity(steps.len());
    for step in steps {
        match step {
            Step::One(job) => jobs.push(job),
            // A circle comes alone.
            Step::Circle(resources) => together(call, run, resources).await,
        }
    }
    let indexes: Vec<usize> = jobs.iter().map(|job| job.index).collect();
    let outcomes = all_in_order(jobs.into_iter().map(|job| one(call, job))).await;
    for (index, outcome) in indexes.into_iter().zip(outcomes) {
        match outcome {
            Ok(done) => run.done(index, done),
            Err(refusal) => run.failed(index, refusal.into()),
        }
    }
}

/// Runs futures together. The first poll of each, which hands its job over, comes in their order; that the combinators of others do
/// the same is not promised.
async fn all_in_order<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut waiting: Vec<_> = futures.map(|future| (Box::pin(future), None)).collect();
    poll_fn(|context| {
        for (future, output) in waiting.iter_mut().filter(|(_, output)| output.is_none()) {
            if let Poll::Ready(ready) = future.as_mut().poll(context) {
                *output = Some(ready);
            }
        }
        if waiting.iter().all(|(_, output)| output.is_some()) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    waiting.into_iter().filter_map(|(_, output)| output).collect()
}

/// Reads the message. Too large a body and too many operations are refused with the name of the limit, as
/// ServiceProviderConfig publishes it, before anything is done (RFC 7644 section 3.7.4).
async fn read(call: &Call, body: Body) -> Result<Request, Refusal> {
    let limits = &call.app.config().limits;
    if limits.bulk_operations == 0 {
        return Err(Refusal::new(501, "Bulk requests are switched off."));
    }
    let bounds = Bounds { bytes: limits.bulk_body, bytes_name: "maxPayloadSize", depth: bulk::DEPTH };
    let message = body::object_within(&call.headers, body, bounds).await?;
    let mut leniency = call.leniency();
    let request = Request::read(message, call.version, limits.bulk_operations, &mut leniency)?;
    call.tolerated.note(&leniency);
    Ok(request)
}

/// The single request that an operation stands for.
async fn one(call: &Call, job: Job) -> Result<Done, Refusal> {
    // A POST has no earlier version that could be meant.
    let condition = conditional::version(job.version.as_deref().filter(|_| job.method != Method::Post))?;
    match job.kind {
        Kind::User => one_user(call, job, condition).await,
        Kind::Group => one_group(call, job, condition).await,
    }
}

async fn one_user(call: &Call, job: Job, condition: Precondition) -> Result<Done, Refusal> {
    let (app, scope, Job { method, id, data, .. }) = (&call.app, &call.scope, job);
    let user = match method {
        Method::Post => provision::create_user(app, scope, call.resource(data, user_type(scope))?, false).await?,
        Method::Put => {
            provision::replace_user(app, scope, &id, call.resource(data, user_type(scope))?, condition, false).await?
        }
        Method::Patch => {
            provision::patch_user(
                app,
                scope,
                &id,
                call.edits(data, user_type(scope))?,
                &call.tolerated,
                condition,
                false,
            )
            .await?
        }
        Method::Delete => {
            provision::delete_user(app, scope, &id, condition).await?;
            return Ok(Done { id, version: None });
        }
    };
    Ok(Done { id: user.row.id.to_string(), version: Some(user.row.version) })
}

async fn one_group(call: &Call, job: Job, condition: Precondition) -> Result<Done, Refusal> {
    let (app, scope, Job { method, id, data, .. }) = (&call.app, &call.scope, job);
    require_groups(scope)?;
    let unwanted = Members::Unwanted;
    let group = match method {
        Method::Post => groups::create_group(app, scope, call.resource(data, group_type(scope))?, unwanted).await?,
        Method::Put => {
            groups::replace_group(app, scope, &id, call.resource(data, group_type(scope))?, condition, unwanted).await?
        }
        Method::Patch => {
            groups::patch_group(
                app,
                scope,
                &id,
                call.edits(data, group_type(scope))?,
                &call.tolerated,
                condition,
                unwanted,
            )
            .await?
        }
        Method::Delete => {
            groups::delete_group(app, scope, &id, condition).await?;
            return Ok(Done { id, version: None });
        }
    };
    Ok(Done { id: group.row.id.to_string(), version: Some(group.row.version) })
}

/// Resources that refer to each other.
async fn together(call: &Call, run: &mut Run, resources: Vec<Circle>) {
    let indexes: Vec<usize> = resources.iter().map(|resource| resource.index).collect();
    let at = |place: usize| indexes.get(place).copied().unwrap_or_default();
    let newcomers = match newcomers(call, resources) {
        Ok(newcomers) => newcomers,
        Err((place, refusal)) => return run.circle_failed(&indexes, at(place), &refusal.into()),
    };
    match circle::create(&call.app, &call.scope, newcomers).await {
        Ok(made) => {
            for (index, made) in indexes.iter().zip(made) {
                run.done(*index, Done { id: made.id, version: Some(made.version) });
            }
        }
        Err(failed) => {
            let failure = Failure::from(Refusal::from(failed.error));
            match failed.place {
                Some(place) => run.circle_failed(&indexes, at(place), &failure),
                None => indexes.iter().for_each(|index| run.failed(*index, failure.clone())),
            }
        }
    }
}

/// Each resource as it is made first, and how it is read when the ids are known. The place of one that cannot be read.
fn newcomers(call: &Call, resources: Vec<Circle>) -> Result<Vec<Newcomer>, (usize, Refusal)> {
    let read = |(place, resource): (usize, Circle)| {
        let is_group = resource.kind == Kind::Group;
        let first =
            call.resource(resource.first, type_of(&call.scope, is_group)).map_err(|refusal| (place, refusal))?;
        let whole = whole(call, is_group, resource.whole);
        Ok(Newcomer { name: resource.bulk_id, is_group, first, whole })
    };
    resources.into_iter().enumerate().map(read).collect()
}

fn type_of(scope: &DirectoryScope, is_group: bool) -> &ResourceType {
    if is_group { group_type(scope) } else { user_type(scope) }
}

fn whole(call: &Call, is_group: bool, data: Object) -> Whole {
    let (version, scope) = (call.version, Arc::clone(&call.scope));
    Box::new(move |ids| {
        let mut data = data.clone();
        bulk::substitute(&mut data, ids);
        Ok(version.read_resource(data, type_of(&scope, is_group), &mut leniency(&scope))?)
    })
}

/// What is left when the time of the request is nearly over: better said than lost with the results of the others.
fn out_of_time(run: &mut Run, step: &Step) {
    let indexes = match step {
        Step::One(job) => vec![job.index],
        Step::Circle(circle) => circle.iter().map(|resource| resource.index).collect(),
    };
    for index in indexes {
        let refusal = Refusal::new(503, "Not done, because the operations before it took too long. Send it again.");
        run.failed(index, refusal.into());
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Failure { status: refusal.status, scim_type: refusal.scim_type, detail: refusal.detail }
    }
}

impl From<RequestError> for Refusal {
    fn from(error: RequestError) -> Self {
        match error {
            RequestError::Message(error) => error.into(),
            too_many @ RequestError::TooManyOperations { .. } => Refusal::new(413, too_many.to_string()),
        }
    }
}
