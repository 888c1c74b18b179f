//! The first page (O2): how the directories are, and what to do first.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use doorward_store::organization::OrganizationFilter;
use doorward_store::paging::{Cursor, Order};
use http::StatusCode;

use super::audit::{self, Record};
use super::events::{Shown, latest};
use super::webhooks::{self, Endpoint};
use crate::app::App;
use crate::portal::gate::Operator;
use crate::portal::page::{Failure, Page, Part, render};
use crate::portal::shown::{Time, brief};
use crate::request_log::traffic::{INTERVAL, Interval};
use crate::service::{api_keys, organizations, people, tokens};

/// Rows of each list that the page shows.
const ROWS: i64 = 8;

/// Webhooks among which failing ones are looked for.
const WEBHOOKS: i64 = 50;

/// How high the lines are drawn, in units of the picture.
const HEIGHT: f64 = 40.0;

/// One of the first steps: what to do, where, and whether it is done.
struct Step {
    name: &'static str,
    address: String,
    done: bool,
}

#[derive(Template)]
#[template(path = "operator/home.html")]
struct HomePage {
    page: Page,
    tally: Vec<(&'static str, i64)>,
    steps: Vec<Step>,
    events: Vec<Shown>,
    traffic: Chart,
    failing: Vec<Endpoint>,
    expiring: Vec<Expiring>,
    records: Vec<Record>,
}

/// A credential that ends soon.
struct Expiring {
    directory: String,
    directory_name: String,
    name: String,
    ends: Time,
}

/// What identity providers asked of this node within a day.
struct Chart {
    requests: i64,
    failures: i64,
    /// The most requests per minute, within a quarter of an hour.
    peak: String,
    /// Two lines, as the points of polylines: requests, and those that were refused.
    lines: [String; 2],
    hours: Vec<Hour>,
}

/// A row of the table beside the lines.
struct Hour {
    begins: Time,
    requests: i64,
    failures: i64,
    /// Requests per minute.
    rate: String,
    /// Refused ones, in hundredths.
    share: String,
}

impl Chart {
    fn of(day: &[Interval]) -> Self {
        let minutes = INTERVAL as f64 / 60_000_000.0;
        let most = day.iter().map(|interval| interval.requests).max().unwrap_or_default();
        let line = |count: fn(&Interval) -> u64| {
            let height = |interval: &Interval| HEIGHT - HEIGHT * count(interval) as f64 / most.max(1) as f64;
            let points = day.iter().enumerate().map(|(place, interval)| format!("{place},{:.1}", height(interval)));
            points.collect::<Vec<_>>().join(" ")
        };
        let sum = |count: fn(&Interval) -> u64, of: &[Interval]| of.iter().map(count).sum::<u64>().cast_signed();
        let requests: fn(&Interval) -> u64 = |interval| interval.requests;
        let failures: fn(&Interval) -> u64 = |interval| interval.failures;
        let hour = |four: &[Interval]| {
            let (requests, failures) = (sum(requests, four), sum(failures, four));
            Some(Hour {
                begins: Time::of(four.first()?.begins),
                requests,
                failures,
                rate: format!("{:.1}", requests as f64 / (minutes * four.len() as f64)),
                share: format!("{:.1}", 100.0 * failures as f64 / requests.max(1) as f64),
            })
        };
        Chart {
            requests: sum(requests, day),
            failures: sum(failures, day),
            peak: format!("{:.1}", most as f64 / minutes),
            lines: [line(requests), line(failures)],
            hours: day.chunks(4).rev().filter_map(hour).filter(|hour| hour.requests > 0).collect(),
        }
    }
}

/// `GET /admin`
pub async fn get(State(app): State<App>, who: Operator) -> Result<Response, Failure> {
    let fail = |error| who.view.failed(error);
    let tally = people::tally(app.store(), &who.scope).await.map_err(fail)?;
    let first = Cursor::first(1, Order::Ascending);
    let some =
        organizations::list(app.store(), &who.scope, first, OrganizationFilter::default()).await.map_err(fail)?;
    let keys = api_keys::list(app.store(), &who.scope).await.map_err(fail)?;
    let events = latest(&app, &who.scope, None, 8).await.map_err(fail)?;
    let heard = tally.iter().any(|(word, _)| matches!(*word, "active" | "connected"));
    let organization = some.items.first().map(|row| format!("/admin/organizations/{}", row.id));
    let new_directory = organization.map(|address| format!("{address}/directories/new"));
    let step = |name, address: &str, done| Step { name, address: address.to_owned(), done };
    let steps = vec![
        step("organization", "/admin/organizations/new", !some.items.is_empty()),
        step("directory", new_directory.as_deref().unwrap_or("/admin/organizations"), !tally.is_empty()),
        step("connect", "/admin/organizations", heard),
        step("api_key", "/admin/api-keys", !keys.is_empty()),
    ];
    let steps = if steps.iter().all(|step| step.done) { Vec::new() } else { steps };
    let page = who.view.page(who.view.text.t("home.title"), Some(Part::Home));
    let traffic = Chart::of(&app.request_log().traffic().last_day(app.clock().now()));
    let failing = webhooks::latest(&app, &who, WEBHOOKS).await.map_err(fail)?;
    let failing = failing.into_iter().filter(|endpoint| matches!(endpoint.status, "failing" | "stopped")).collect();
    let expiring = tokens::expiring(app.store(), &who.scope, ROWS).await.map_err(fail)?;
    let expiring = expiring
        .into_iter()
        .map(|row| Expiring {
            directory: row.directory_id.to_string(),
            directory_name: brief(&row.directory),
            name: brief(&row.name),
            ends: Time::of(row.expires_at),
        })
        .collect();
    let records = audit::latest(&app, &who, ROWS).await.map_err(fail)?;
    Ok(render(StatusCode::OK, &HomePage { page, tally, steps, events, traffic, failing, expiring, records }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_becomes_two_lines_and_a_table() {
        let mut day: Vec<Interval> =
            (0..8).map(|at| Interval { begins: at * INTERVAL, ..Interval::default() }).collect();
        day[1] = Interval { requests: 30, failures: 3, ..day[1] };
        day[7] = Interval { requests: 15, failures: 0, ..day[7] };
        let chart = Chart::of(&day);
        assert_eq!((chart.requests, chart.failures, chart.peak.as_str()), (45, 3, "2.0"));
        assert_eq!(chart.lines[0], "0,40.0 1,0.0 2,40.0 3,40.0 4,40.0 5,40.0 6,40.0 7,20.0");
        assert_eq!(chart.lines[1].split(' ').nth(1), Some("1,36.0"));
        assert_eq!(chart.hours.len(), 2);
        assert_eq!((chart.hours[1].rate.as_str(), chart.hours[1].share.as_str()), ("0.5", "10.0"));
        assert!(Chart::of(&day[2..6]).hours.is_empty());
    }
}
