//! `/access_checks`: may this person enter?

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use doorward_store::scope::ApplicationScope;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Deserialize;
use serde_json::Value;
use tokio::time::Instant;
use utoipa::ToSchema;

use super::auth::Caller;
use super::body::Input;
use super::events::{LONGEST_WAIT, LOOK_AGAIN, PAUSE, woken};
use super::page::List;
use super::parameters::Parameters;
use super::reply::Failure;
use crate::app::App;
use crate::service::Error;
use crate::service::access::{self, Answer, Person, Question};

/// The most questions of one request.
const MOST: usize = 100;

/// `GET /access_checks`; `organization` and one of `user_id`, `idp_id`, `username`, `email`, `user`. With `wait` and `version` it
/// answers when the version is another one, or when the seconds are over.
pub async fn get(
    State(app): State<App>,
    Caller(by): Caller,
    parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let question = AccessQuestion::of(&parameters)?.question()?;
    let version = parameters.number("version", 0, i64::MAX)?;
    let wait = parameters.number("wait", 0, LONGEST_WAIT)?.filter(|_| version.is_some()).unwrap_or(0);
    let deadline = Instant::now() + Duration::from_secs(wait.unsigned_abs());
    // Taken before the first look, so that a change between the look and the wait wakes it.
    let mut wakeup = app.store().event_wakeup();
    let mut pause = Duration::ZERO;
    let answer = loop {
        let answer = one(&app, &by, question.clone()).await?;
        if Some(answer.version()) != version || Instant::now() >= deadline || app.ending().is_cancelled() {
            break answer;
        }
        let again = deadline.min(Instant::now() + LOOK_AGAIN);
        pause = if woken(&mut wakeup, pause, again, app.ending()).await { PAUSE } else { Duration::ZERO };
    };
    Ok(reply(&app, answer, &headers))
}

async fn one(app: &App, by: &ApplicationScope, question: Question) -> Result<Answer, Failure> {
    let answer = access::check(app.store(), by, vec![question]).await?.pop();
    answer.ok_or_else(|| Failure::Service(Error::Internal("a question without an answer".to_owned())))
}

fn reply(app: &App, answer: Answer, headers: &HeaderMap) -> Response {
    let etag = answer.etag.clone();
    let known = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let unchanged = known.flat_map(|list| list.split(',')).any(|tag| tag.trim() == etag);
    let mut response = match unchanged {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => Json(answer.at(app.clock().now())).into_response(),
    };
    if let Ok(value) = HeaderValue::from_str(&etag) {
        response.headers_mut().insert(header::ETAG, value);
    }
    // Whoever keeps an answer keeps somebody in who was put out.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Questions about people.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccessChecksInput {
    /// The questions, answered in their order.
    #[schema(min_items = 1, max_items = 100)]
    checks: Vec<AccessQuestion>,
}

/// May this person enter: the organization, and one of `user_id`, `idp_id`, `username`, `email` and `user`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub struct AccessQuestion {
    /// Its id or your own id of it.
    organization: String,
    /// The person, by id.
    user_id: Option<String>,
    /// The person, by the id at the identity provider.
    idp_id: Option<String>,
    /// The person, by userName.
    username: Option<String>,
    /// The person, by address.
    email: Option<String>,
    /// The person, by any of these.
    user: Option<String>,
}

impl AccessQuestion {
    fn of(parameters: &Parameters) -> Result<Self, Failure> {
        let text = |name: &str| parameters.text(name).map(str::to_owned);
        Ok(AccessQuestion {
            organization: text("organization").ok_or_else(|| Failure::wrong("organization", "is required"))?,
            user_id: text("user_id"),
            idp_id: text("idp_id"),
            username: text("username"),
            email: text("email"),
            user: text("user"),
        })
    }

    fn question(self) -> Result<Question, Failure> {
        let by_id = self.user_id.map(|id| id.parse().map(Person::Id).map_err(|_| Failure::not_found("User")));
        let persons = [
            by_id.transpose()?,
            self.idp_id.map(Person::IdpId),
            self.username.map(Person::UserName),
            self.email.map(Person::Email),
            self.user.map(Person::Any),
        ];
        let mut persons = persons.into_iter().flatten();
        match (persons.next(), persons.next()) {
            (Some(person), None) => Ok(Question { organization: self.organization, person }),
            _ => Err(Failure::wrong("user", "is required, or one alone of user_id, idp_id, username and email")),
        }
    }
}

/// `POST /access_checks`; `checks`: at most a hundred of what GET takes as parameters. Answered in their order, as of one moment.
pub async fn batch(
    State(app): State<App>,
    Caller(by): Caller,
    Input(input): Input<AccessChecksInput>,
) -> Result<Json<List<Value>>, Failure> {
    if input.checks.is_empty() || input.checks.len() > MOST {
        return Err(Failure::wrong("checks", "must have 1 to 100 entries"));
    }
    let questions = input.checks.into_iter().map(AccessQuestion::question).collect::<Result<_, _>>()?;
    let answers = access::check(app.store(), &by, questions).await?;
    let now = app.clock().now();
    Ok(Json(List::whole(answers.into_iter().map(|answer| answer.at(now)).collect())))
}
