//! All simulated identity providers at once against one server, each on a directory of its own. None may find a difference
//! between what it meant and what is there, and the one log of all their events, played from position 0, must give exactly
//! the state that the API shows (I-3, I-4).
//!
//! The ordinary run is a sample. `DOORWARD_SOAK_CHANGES=20000` makes it long, `DOORWARD_SOAK_DATABASE=sqlite` (or
//! `postgres`) takes one database, `DOORWARD_SOAK_SEED` plays other histories; docs/evidence.md has the command.

use std::collections::BTreeMap;
use std::time::Instant;

use doorward_idp::{Application, Dialect, Phase, Plan, Report, run};
use doorward_server::service::replay::Replay;
use doorward_server::service::{api_keys, tokens::Lifetime};
use doorward_store::Options;
use doorward_store::event::{self, EventQuery, EventRow};
use doorward_store::ids::DirectoryId;
use doorward_store::paging::Order;
use doorward_store::scope::OperatorScope;

use crate::history::stored;
use crate::support::{Directory, Kind, Service};

const SAMPLE: usize = 300;

/// Progress is told after so many changes of a dialect.
const TOLD_EVERY: usize = 2_000;

/// Events read at a time.
const PAGE: i64 = 5_000;

fn number(variable: &str, otherwise: usize) -> usize {
    let text = std::env::var(variable).ok();
    text.map_or(otherwise, |text| text.parse().unwrap_or_else(|_| panic!("{variable} is not a number: {text}")))
}

/// The kind of directory that each provider's administrator would make.
fn directory_type(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::OktaWizard | Dialect::OktaCatalog | Dialect::OktaOin => "okta scim v2.0",
        Dialect::OktaV1 => "okta scim v1.1",
        Dialect::Entra | Dialect::EntraFlag => "azure scim v2.0",
        Dialect::OneLogin => "onelogin scim v2.0",
        Dialect::JumpCloud => "jump cloud scim v2.0",
        Dialect::Ping => "pingfederate scim v2.0",
        Dialect::CyberArk => "cyberark scim v2.0",
        Dialect::Rippling => "rippling scim v2.0",
        Dialect::Authentik => "generic scim v2.0",
    }
}

fn plan(dialect: Dialect, idp: &Directory, api_key: &str, changes: usize) -> Plan {
    let url = idp.base(if dialect.is_v1() { "v1" } else { "v2" });
    Plan {
        users: 60,
        groups: 8,
        changes,
        seed: number("DOORWARD_SOAK_SEED", 1) as u64,
        // A provider that deletes frees a userName; at four requests at a time the newcomer who gets it may come first.
        concurrency: if dialect.customs().erases { 1 } else { 4 },
        application: Some(Application {
            url: format!("http://{}", idp.service.address),
            api_key: api_key.to_owned(),
            directory: idp.id.to_string(),
        }),
        ..Plan::new(dialect, url, dialect.credential(&idp.secret))
    }
}

async fn live(plan: Plan) -> Report {
    let (dialect, mut told) = (plan.dialect, 0);
    let mut progress = |progress: doorward_idp::Progress| {
        if progress.phase == Phase::Changes && progress.done >= told + TOLD_EVERY {
            told = progress.done;
            eprintln!("{dialect}: {} of {} changes, {} requests", progress.done, progress.total, progress.requests);
        }
    };
    run(plan, &mut progress).await.unwrap_or_else(|error| panic!("{dialect}: {error}"))
}

/// What the whole log tells, directory by directory.
#[derive(Default)]
struct Told {
    directories: BTreeMap<DirectoryId, Replay>,
    /// The position of the last event, which is the number of events.
    events: i64,
    /// How often the next event was another directory's.
    turns: usize,
    latest: Option<DirectoryId>,
}

impl Told {
    fn take(&mut self, event: &EventRow) {
        assert_eq!(event.position, self.events + 1, "positions have no gaps");
        self.events = event.position;
        let Some(directory) = event.directory_id else { return };
        self.turns += usize::from(self.latest.replace(directory) != Some(directory));
        let data = serde_json::from_str(&event.data).unwrap();
        let replay = self.directories.entry(directory).or_default();
        replay.apply(event.position, &event.event_type, &data).unwrap();
    }
}

async fn told(service: &Service) -> Told {
    let mut told = Told::default();
    loop {
        let query =
            EventQuery { after: Some(told.events), limit: PAGE, order: Order::Ascending, ..EventQuery::default() };
        let page = service.app.store().read(move |tx| event::list(tx, &OperatorScope::local(), &query)).await.unwrap();
        if page.is_empty() {
            return told;
        }
        page.iter().for_each(|event| told.take(event));
    }
}

async fn soak(service: &std::sync::Arc<Service>, changes: usize) {
    let store = service.app.store();
    let (_, key) = api_keys::create(store, &OperatorScope::local(), "soak", Lifetime::Unlimited).await.unwrap();
    let begun = Instant::now();
    let mut lives = Vec::new();
    for dialect in Dialect::ALL {
        let idp = service.directory(Kind::of(directory_type(dialect))).await;
        let plan = plan(dialect, &idp, key.expose(), changes);
        lives.push((idp, tokio::spawn(live(plan))));
    }
    let (mut directories, mut requests, mut lived) = (Vec::new(), 0, 0);
    for (idp, life) in lives {
        let report = life.await.unwrap();
        assert!(report.is_clean(), "on {}: {report}", service.database());
        let seconds = report.duration.as_secs_f64();
        eprintln!("{}: {} changes, {} requests in {seconds:.0} s", report.dialect, report.changes, report.requests);
        requests += report.requests;
        lived += report.changes;
        directories.push(idp);
    }
    let seconds = begun.elapsed().as_secs_f64();
    let told = told(service).await;
    for idp in &directories {
        let (told, stored) = (&told.directories[&idp.id], stored(idp).await);
        assert_eq!(told.users, stored.users);
        assert_eq!(told.groups, stored.groups);
        assert_eq!(told.memberships, stored.memberships);
    }
    eprintln!(
        "{}: {} dialects, {lived} changes, {requests} requests in {seconds:.0} s, {} events, {} turns from one directory to \
         another; {:.0} s with the replay",
        service.database(),
        directories.len(),
        told.events,
        told.turns,
        begun.elapsed().as_secs_f64(),
    );
    assert_eq!(lived, changes * Dialect::ALL.len());
    // One after the other would be one turn for each; here the directories take turns all the time.
    assert!(told.turns > lived / 10, "{} turns", told.turns);
}

#[tokio::test(flavor = "multi_thread")]
async fn i_03_i_04_all_dialects_at_once_leave_what_they_meant() {
    let changes = number("DOORWARD_SOAK_CHANGES", SAMPLE);
    let wanted = std::env::var("DOORWARD_SOAK_DATABASE").ok();
    for database in doorward_testkit::databases() {
        if wanted.as_deref().is_none_or(|name| name == database.name()) {
            // A server of its own, so that its log has no other events.
            soak(&Service::start(database, Options::default()), changes).await;
        }
    }
}
