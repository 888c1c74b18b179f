//! The guide, a page for each step (C3): what to do at the identity provider, and beside it what has arrived.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use doorward_store::directory::DirectoryRow;
use http::StatusCode;

use super::frame::{Frame, address, find, none, page};
use super::guide::{self, Guide, Proof, Step, Value};
use super::panel::{self, Group, Person};
use super::progress::{Fact, Stand, facts, stands};
use super::tokens::{Fresh, Held, make};
use crate::app::App;
use crate::portal::findings::{self, Finding, Request};
use crate::portal::form::{Posted, Problem};
use crate::portal::gate::Administrator;
use crate::portal::page::{Failure, Page, lead_to, render};
use crate::portal::shown::Directory;
use crate::service::tokens::Lifetime;

/// The word of the last page, which is behind the steps.
const DONE: &str = "done";

/// A step as the list of them shows it.
struct Mark {
    address: String,
    title: String,
    stand: &'static str,
    here: bool,
}

/// A field of the identity provider.
struct Field {
    label: &'static str,
    /// What it is known by on the page.
    id: String,
    /// What goes into it; `None`: a secret that is not shown any more, or not there yet.
    text: Option<String>,
    /// Whether it is typed in, and not chosen from a list or ticked.
    copies: bool,
}

#[derive(Template)]
#[template(path = "setup/guides.html")]
struct GuidesPage {
    page: Page,
    frame: Frame,
    guides: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "setup/step.html")]
struct StepPage {
    page: Page,
    frame: Frame,
    marks: Vec<Mark>,
    number: i64,
    step: Step,
    fields: Vec<Field>,
    held: Held,
    fresh: bool,
    problem: Problem,
    stand: &'static str,
    /// The section of what is said of that.
    said: String,
    before: String,
    after: String,
    findings: Vec<Finding>,
    request: Option<Request>,
    people: Vec<Person>,
    groups: Vec<Group>,
    /// Whether the page asks for itself again where there is no JavaScript.
    waits: bool,
}

#[derive(Template)]
#[template(path = "setup/done.html")]
struct DonePage {
    page: Page,
    frame: Frame,
    marks: Vec<Mark>,
    facts: Vec<Fact>,
    findings: Vec<Finding>,
}

/// `GET /setup/directories/{id}/guide`: which kind of application it is, where that is a question; else the next step.
pub async fn choose(
    State(app): State<App>,
    Path(given): Path<String>,
    who: Administrator,
) -> Result<Response, Failure> {
    let row = find(&app, &who, &given).await?;
    let guides = guide::of(&row.directory_type, row.auth);
    if let [only] = guides.as_slice() {
        let stands = stands(only, &row, &[]);
        let open = stands.iter().position(|stand| !matches!(stand, Stand::Seen | Stand::Skipped));
        let slug = open.and_then(|place| only.steps.get(place)).map_or(DONE, |step| step.slug);
        return Ok(Redirect::to(&step_address(&row, only, slug)).into_response());
    }
    let text = who.view.text;
    let page = page(&who, &row, text.t("guides.title"));
    let frame = Frame::of(&app, &who, &row, &page, "guide").await?;
    let entry = |guide: &&Guide| {
        let first = guide.steps.first().map_or(DONE, |step| step.slug);
        (step_address(&row, guide, first), format!("guide_name.{}", guide.slug.replace(['-', '.'], "_")))
    };
    let guides = guides.iter().map(entry).collect();
    Ok(render(StatusCode::OK, &GuidesPage { page, frame, guides }))
}

fn step_address(row: &DirectoryRow, guide: &Guide, slug: &str) -> String {
    format!("{}/guide/{}/{slug}", address(row.id), guide.slug)
}

/// `GET /setup/directories/{id}/guide/{guide}/{step}`
pub async fn get(
    State(app): State<App>,
    Path((given, guide, step)): Path<(String, String, String)>,
    who: Administrator,
) -> Result<Response, Failure> {
    let row = find(&app, &who, &given).await?;
    let guide = found(&who, &row, &guide)?;
    if step == DONE {
        return done(&app, &who, &row, guide).await;
    }
    show(&app, &who, &row, guide, &step, None, Problem::default()).await
}

fn found(who: &Administrator, row: &DirectoryRow, slug: &str) -> Result<&'static Guide, Failure> {
    let guides = guide::of(&row.directory_type, row.auth);
    guides.into_iter().find(|guide| guide.slug == slug).ok_or_else(|| none(who, "Guide"))
}

/// `POST /setup/directories/{id}/guide/{guide}/{step}`: makes a credential, and shows it where it belongs (SEC-51).
pub async fn create_token(
    State(app): State<App>,
    Path((given, guide, step)): Path<(String, String, String)>,
    Posted { who, fields }: Posted<Administrator>,
) -> Result<Response, Failure> {
    let row = find(&app, &who, &given).await?;
    let guide = found(&who, &row, &guide)?;
    let held = Held::of(&app, &who, &row).await?;
    // Reloading the page with the secret sends the form again; then this is not the number that its page showed.
    if fields.get("made") != held.made.to_string() {
        return Ok(lead_to(&step_address(&row, guide, &step), "token_exists"));
    }
    let name = who.view.text.t("token.default_name");
    match make(&app, &who, &row, name, Lifetime::default()).await? {
        Ok(fresh) => {
            // Its state has changed: there is a credential now.
            let row = find(&app, &who, &given).await?;
            show(&app, &who, &row, guide, &step, Some(fresh), Problem::default()).await
        }
        Err(problem) => show(&app, &who, &row, guide, &step, None, problem).await,
    }
}

fn marks(who: &Administrator, row: &DirectoryRow, guide: &Guide, stands: &[Stand], here: &str) -> Vec<Mark> {
    let text = who.view.text;
    let mark = |(step, stand): (&Step, &Stand)| Mark {
        address: step_address(row, guide, step.slug),
        title: text.t(&format!("step_title.{}", step.slug)).to_owned(),
        stand: stand.word(),
        here: step.slug == here,
    };
    let mut marks: Vec<Mark> = guide.steps.iter().zip(stands).map(mark).collect();
    marks.push(Mark {
        address: step_address(row, guide, DONE),
        title: text.t("step_title.done").to_owned(),
        stand: "todo",
        here: here == DONE,
    });
    marks
}

async fn show(
    app: &App,
    who: &Administrator,
    row: &DirectoryRow,
    guide: &'static Guide,
    slug: &str,
    fresh: Option<Fresh>,
    problem: Problem,
) -> Result<Response, Failure> {
    let place = guide.steps.iter().position(|step| step.slug == slug).ok_or_else(|| none(who, "Step"))?;
    let step = *guide.steps.get(place).ok_or_else(|| none(who, "Step"))?;
    let page = page(who, row, who.view.text.t(&format!("step_title.{slug}")));
    let mut frame = Frame::of(app, who, row, &page, "guide").await?;
    frame.own = step_address(row, guide, slug);
    let findings = findings::of(app, &who.scope, row).await.map_err(|error| who.view.failed(error))?;
    let stands = stands(guide, row, &findings);
    let stand = stands.get(place).copied().unwrap_or(Stand::Todo);
    let at = |place: usize| guide.steps.get(place).map(|step| step_address(row, guide, step.slug));
    let held = Held::of(app, who, row).await?;
    let status = if problem.is_some() { StatusCode::CONFLICT } else { StatusCode::OK };
    let page = StepPage {
        marks: marks(who, row, guide, &stands, slug),
        number: i64::try_from(place + 1).unwrap_or(i64::MAX),
        fields: fields(&step, &frame.directory, &held, fresh.as_ref()),
        before: place.checked_sub(1).and_then(at).unwrap_or_default(),
        after: at(place + 1).unwrap_or_else(|| step_address(row, guide, DONE)),
        request: match step.proof {
            Proof::Connected => panel::last_request(app, who, row).await?,
            _ => None,
        },
        people: match step.proof {
            Proof::Person | Proof::Everyone => panel::people(app, who, row).await?,
            _ => Vec::new(),
        },
        groups: match step.proof {
            Proof::Group => panel::groups(app, who, row).await?,
            _ => Vec::new(),
        },
        stand: stand.word(),
        said: format!("stand_{}", step.proof.word()),
        // A page that asks for itself again would take the secret away.
        waits: fresh.is_none() && matches!(stand, Stand::Waiting | Stand::Failed),
        fresh: fresh.is_some(),
        page,
        frame,
        step,
        held,
        problem,
        findings,
    };
    Ok(render(status, &page))
}

fn fields(step: &Step, directory: &Directory, held: &Held, fresh: Option<&Fresh>) -> Vec<Field> {
    let secret = fresh.map(|fresh| fresh.secret.expose());
    let field = |(place, (label, value)): (usize, &(&'static str, Value))| {
        let endpoint = &directory.endpoint;
        let (id, text) = match value {
            Value::Endpoint => ("endpoint".to_owned(), Some(endpoint.clone())),
            Value::Users => ("endpoint".to_owned(), Some(format!("{endpoint}/Users"))),
            Value::Groups => ("endpoint-groups".to_owned(), Some(format!("{endpoint}/Groups"))),
            Value::Secret => ("fresh-secret".to_owned(), secret.map(str::to_owned)),
            Value::WithBearer => ("fresh-secret".to_owned(), secret.map(|secret| format!("Bearer {secret}"))),
            Value::Username => {
                let made = fresh.map(|fresh| fresh.username.clone());
                ("fresh-username".to_owned(), made.or_else(|| held.username.clone()))
            }
            Value::Text(text) => (format!("field-{place}"), Some((*text).to_owned())),
        };
        let copies = !text.as_ref().is_some_and(|text| text.contains(", ") || text == "✓");
        Field { label, id, text, copies }
    };
    step.fields.iter().enumerate().map(field).collect()
}

async fn done(app: &App, who: &Administrator, row: &DirectoryRow, guide: &'static Guide) -> Result<Response, Failure> {
    let page = page(who, row, who.view.text.t("done_page.title"));
    let mut frame = Frame::of(app, who, row, &page, "guide").await?;
    frame.own = step_address(row, guide, DONE);
    let findings = findings::of(app, &who.scope, row).await.map_err(|error| who.view.failed(error))?;
    let marks = marks(who, row, guide, &stands(guide, row, &findings), DONE);
    let facts = facts(app, who, row).await?;
    Ok(render(StatusCode::OK, &DonePage { page, frame, marks, facts, findings }))
}
