//! One open store per database, with an organization and a directory in it.

use doorward_store::directory::{AuthMode, DirectoryValues, Settings};
use doorward_store::group::{GroupRow, GroupValues};
use doorward_store::ids::{DirectoryId, OrganizationId};
use doorward_store::organization::OrganizationValues;
use doorward_store::scope::{ApplicationScope, DirectoryScope, OperatorScope};
use doorward_store::token::Authentication;
use doorward_store::user::{UserRow, UserValues};
use doorward_store::{
    Clock, Entropy, Error, Lane, NewEvent, Options, Store, Tx, api_key, directory, group, organization, user,
};
use doorward_testkit::TestDatabase;

pub const NOON: i64 = 1_800_000_000_000_000;

pub struct Fixture {
    pub database: TestDatabase,
    pub store: Store,
    pub clock: Clock,
    pub by: OperatorScope,
    pub organization: OrganizationId,
    pub scope: DirectoryScope,
}

impl Fixture {
    async fn new(database: TestDatabase, clock: Clock) -> Self {
        let options = Options { clock: clock.clone(), entropy: Entropy::seeded(7), ..Options::default() };
        let store = Store::open(database.url(), options).expect("open");
        let by = OperatorScope::local();
        let values = OrganizationValues { name: "Acme".into(), ..OrganizationValues::default() };
        let maker = by.clone();
        let organization =
            store.write(Lane::Any, move |tx| organization::create(tx, &maker, &values)).await.expect("organization").id;
        let scope = make_directory(&store, organization, "acme-okta").await;
        Self { database, store, clock, by, organization, scope }
    }

    /// The same on an empty database of the same kind.
    pub async fn another(&self) -> Self {
        let empty = doorward_testkit::databases().into_iter().find(|database| database.name() == self.name());
        Self::new(empty.expect("a database of this kind"), self.clock.clone()).await
    }

    pub fn lane(&self) -> Lane {
        Lane::Directory(self.scope.directory_id())
    }

    pub fn name(&self) -> &'static str {
        self.database.name()
    }

    /// Another node, or another process, on the same database.
    pub fn second_node(&self) -> Store {
        let options = Options { clock: self.clock.clone(), entropy: Entropy::seeded(8), ..Options::default() };
        Store::open(self.database.url(), options).expect("open")
    }

    /// Runs a job that writes in the directory.
    pub async fn write<T, F>(&self, mut job: F) -> Result<T, Error>
    where
        F: FnMut(&mut Tx<'_>, &DirectoryScope) -> Result<T, Error> + Send + 'static,
        T: Send + 'static,
    {
        let scope = self.scope.clone();
        self.store.write(self.lane(), move |tx| job(tx, &scope)).await
    }

    /// Runs a job that reads in the directory.
    pub async fn read<T, F>(&self, job: F) -> Result<T, Error>
    where
        F: FnOnce(&mut Tx<'_>, &DirectoryScope) -> Result<T, Error> + Send + 'static,
        T: Send + 'static,
    {
        let scope = self.scope.clone();
        self.store.read(move |tx| job(tx, &scope)).await
    }

    pub async fn user(&self, user_name: &str) -> UserRow {
        let values = person(user_name);
        self.write(move |tx, scope| user::insert(tx, scope, &values)).await.expect("user")
    }

    pub async fn group(&self, display_name: &str) -> GroupRow {
        let values = team(display_name);
        self.write(move |tx, scope| group::insert(tx, scope, &values)).await.expect("group")
    }

    pub async fn application(&self) -> ApplicationScope {
        let by = self.by.clone();
        let (_, key) =
            self.store.write(Lane::Any, move |tx| api_key::create(tx, &by, "test", None)).await.expect("key");
        let hash = key.hash();
        match self.store.read(move |tx| api_key::authenticate(tx, &hash)).await.expect("authenticate") {
            Authentication::Accepted(scope) => scope,
            Authentication::Refused(refusal) => panic!("{refusal:?}"),
        }
    }

    /// Runs SQL behind the store's back, with foreign keys checked.
    pub fn raw(&self, sql: &str) -> Result<(), String> {
        let url = self.database.url().to_owned();
        let sql = sql.to_owned();
        apart(move || match url.strip_prefix("sqlite:") {
            Some(path) => {
                let connection = rusqlite::Connection::open(path).map_err(|error| error.to_string())?;
                connection.busy_timeout(std::time::Duration::from_secs(5)).expect("timeout");
                connection.execute_batch("PRAGMA foreign_keys = ON").expect("pragma");
                connection.execute_batch(&sql).map_err(|error| error.to_string())
            }
            None => {
                let mut client = postgres::Client::connect(&url, postgres::NoTls).map_err(|error| error.to_string())?;
                client.batch_execute(&sql).map_err(|error| format!("{error:?}"))
            }
        })
    }

    /// The first column of the first row, behind the store's back.
    pub fn raw_number(&self, sql: &str) -> i64 {
        let url = self.database.url().to_owned();
        let sql = sql.to_owned();
        apart(move || match url.strip_prefix("sqlite:") {
            Some(path) => {
                let connection = rusqlite::Connection::open(path).expect("open");
                connection.query_row(&sql, [], |row| row.get(0)).expect("number")
            }
            None => {
                let mut client = postgres::Client::connect(&url, postgres::NoTls).expect("connect");
                client.query_one(&sql, &[]).expect("number").get(0)
            }
        })
    }

    /// The first column of every row as text, behind the store's back.
    pub fn raw_texts(&self, sql: &str) -> Vec<String> {
        let url = self.database.url().to_owned();
        let sql = sql.to_owned();
        apart(move || match url.strip_prefix("sqlite:") {
            Some(path) => {
                let connection = rusqlite::Connection::open(path).expect("open");
                let mut statement = connection.prepare(&sql).expect("prepare");
                let rows = statement.query_map([], |row| row.get(0)).expect("query");
                rows.map(|row| row.expect("text")).collect()
            }
            None => {
                let mut client = postgres::Client::connect(&url, postgres::NoTls).expect("connect");
                client.query(&sql, &[]).expect("query").iter().map(|row| row.get(0)).collect()
            }
        })
    }
}

/// The synchronous drivers must not run inside a runtime.
pub fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    std::thread::spawn(work).join().expect("thread")
}

/// Runs the test on both databases, with the time of the machine.
pub fn on_both(test: impl AsyncFn(Fixture)) {
    run(test, Clock::system);
}

/// Runs the test on both databases, with a clock that stands at [`NOON`].
pub fn on_both_at_noon(test: impl AsyncFn(Fixture)) {
    run(test, || Clock::fixed(NOON));
}

fn run(test: impl AsyncFn(Fixture), clock: impl Fn() -> Clock) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("runtime");
    for database in doorward_testkit::databases() {
        runtime.block_on(async {
            let fixture = Fixture::new(database, clock()).await;
            let store = fixture.store.clone();
            test(fixture).await;
            store.close().await;
        });
    }
}

pub async fn make_directory(store: &Store, organization: OrganizationId, label: &str) -> DirectoryScope {
    let values = directory_values(label);
    let made = store
        .write(Lane::Any, move |tx| {
            let by = OperatorScope::local();
            let row = directory::create(tx, &by, &organization, &values)?.expect("organization");
            Ok::<DirectoryId, Error>(row.id)
        })
        .await
        .expect("directory");
    store.read(move |tx| directory::scope(tx, &OperatorScope::local(), &made)).await.expect("read").expect("scope")
}

pub fn directory_values(label: &str) -> DirectoryValues {
    DirectoryValues {
        label: label.into(),
        name: label.to_uppercase(),
        directory_type: "okta scim v2.0".into(),
        auth: AuthMode::Bearer,
        domain: Some("acme.example".into()),
        settings: Settings::default(),
    }
}

pub fn person(user_name: &str) -> UserValues {
    UserValues {
        user_name: user_name.into(),
        external_id: Some(format!("00u-{user_name}")),
        display_name: format!("The {user_name}"),
        active: true,
        emails: vec![user_name.to_owned()],
        doc: serde_json::json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": user_name,
        })
        .to_string(),
    }
}

pub fn team(display_name: &str) -> GroupValues {
    GroupValues {
        display_name: display_name.into(),
        external_id: None,
        doc: serde_json::json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
            "displayName": display_name,
        })
        .to_string(),
    }
}

pub fn event(scope: &DirectoryScope, subject: &str, number: i64) -> NewEvent {
    NewEvent {
        event_type: "dsync.user.created",
        organization_id: Some(scope.organization_id()),
        directory_id: Some(scope.directory_id()),
        subject_id: Some(subject.to_owned()),
        data: serde_json::json!({ "number": number }),
    }
}
