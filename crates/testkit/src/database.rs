//! A fresh, empty database for one test.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use anyhow::Context;
use tempfile::TempDir;

use crate::cluster::postgres_cluster;
use crate::{fail, random};

/// One empty database. An SQLite file goes when this value goes; a PostgreSQL database loses its connections then and
/// goes with its cluster.
#[derive(Debug)]
pub struct TestDatabase {
    name: &'static str,
    url: String,
    home: Home,
}

#[derive(Debug)]
enum Home {
    Directory { _directory: TempDir },
    Cluster { database: String },
}

impl TestDatabase {
    /// An SQLite file in a temporary directory of its own.
    ///
    /// # Panics
    /// When no temporary directory can be made.
    #[must_use]
    pub fn sqlite() -> Self {
        let directory = tempfile::Builder::new().prefix("doorward-sqlite-").tempdir().context("temporary directory");
        let directory = directory.unwrap_or_else(|error| fail(&error));
        let url = format!("sqlite:{}", directory.path().join("doorward.db").display());
        Self { name: "sqlite", url, home: Home::Directory { _directory: directory } }
    }

    /// An empty database in [`postgres_cluster`].
    ///
    /// # Panics
    /// When PostgreSQL is missing or refuses.
    #[must_use]
    pub fn postgres() -> Self {
        Self::postgres_like("template0")
    }

    fn postgres_like(template: &str) -> Self {
        let cluster = postgres_cluster();
        let database = format!("test_{}", random::hex());
        cluster
            .administer(&format!("CREATE DATABASE {database} TEMPLATE {template}"))
            .unwrap_or_else(|error| fail(&error));
        Self { name: "postgres", url: cluster.url(&database), home: Home::Cluster { database } }
    }

    /// `sqlite` or `postgres`: for messages and for the few tests that must know.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What `Store::open` and `--database` take.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Home::Cluster { database } = &self.home {
            // DROP DATABASE forces a checkpoint of the whole cluster, which costs more than most tests do, and the cluster
            // is thrown away as a whole. What a test must not keep is its connections: their number is limited.
            let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname";
            let _ = postgres_cluster().administer(&format!("{end} = '{database}'"));
        }
    }
}

/// One fresh database of each kind: the list that a test runs over.
///
/// # Panics
/// When PostgreSQL is missing or refuses.
#[must_use]
pub fn databases() -> Vec<TestDatabase> {
    vec![TestDatabase::sqlite(), TestDatabase::postgres()]
}

/// A PostgreSQL database that is a copy of a template which `init` fills on first use in this process (typically: runs the
/// migrations). `init` must have closed its connections when it returns, because PostgreSQL copies only idle databases.
///
/// # Panics
/// When PostgreSQL is missing or refuses.
pub fn postgres_from_template(name: &'static str, init: impl FnOnce(&str)) -> TestDatabase {
    static TEMPLATES: Mutex<Option<HashMap<&'static str, TestDatabase>>> = Mutex::new(None);
    let mut templates = TEMPLATES.lock().unwrap_or_else(PoisonError::into_inner);
    let template = templates.get_or_insert_default().entry(name).or_insert_with(|| {
        let empty = TestDatabase::postgres();
        init(empty.url());
        empty
    });
    match &template.home {
        Home::Cluster { database } => TestDatabase::postgres_like(database),
        Home::Directory { .. } => TestDatabase::postgres(),
    }
}

#[cfg(test)]
mod tests {
    use postgres::{Client, NoTls};

    use super::*;

    #[test]
    fn every_kind_of_database_is_offered_once() {
        let names: Vec<_> = databases().iter().map(TestDatabase::name).collect();
        assert_eq!(names, ["sqlite", "postgres"]);
    }

    #[test]
    fn a_postgres_database_is_durable_empty_and_its_own() {
        let (one, two) = (TestDatabase::postgres(), TestDatabase::postgres());
        let mut client = Client::connect(one.url(), NoTls).unwrap();
        client.batch_execute("CREATE TABLE t (a BIGINT)").unwrap();
        let fsync: String = client.query_one("SHOW fsync", &[]).unwrap().get(0);
        assert_eq!(fsync, "on");
        let mut other = Client::connect(two.url(), NoTls).unwrap();
        assert!(other.batch_execute("SELECT * FROM t").is_err());
    }

    #[test]
    fn a_finished_test_keeps_no_connections() {
        let database = TestDatabase::postgres();
        let mut open = Client::connect(database.url(), NoTls).unwrap();
        open.batch_execute("SELECT 1").unwrap();
        drop(database);
        assert!(open.batch_execute("SELECT 1").is_err());
    }

    #[test]
    fn a_template_is_filled_once_and_copied() {
        let fill = |url: &str| Client::connect(url, NoTls).unwrap().batch_execute("CREATE TABLE t (a BIGINT)").unwrap();
        for _ in 0..2 {
            let copy = postgres_from_template("testkit", fill);
            Client::connect(copy.url(), NoTls).unwrap().batch_execute("SELECT a FROM t").unwrap();
        }
    }
}
