//! The same verdict seen by an application: reads the directory out of the application's API and compares.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::Method;
use serde_json::Value;

use super::{Difference, Findings};
use crate::client::{Client, Credential, Headers, Message, Object};
use crate::error::Error;
use crate::intended::{Intended, IntendedGroup, IntendedUser};
use crate::session::Session;

const HEADERS: Headers = Headers {
    accept: "application/json",
    content_type: "application/json",
    user_agent: Some("doorward-idp"),
    charset_and_encoding: false,
    content_type_on_delete: false,
};

/// An application that reads the directory.
#[derive(Clone)]
pub struct Application {
    /// The root of the API.
    pub url: String,
    /// The API key.
    pub api_key: String,
    /// The directory's id.
    pub directory: String,
}

impl std::fmt::Debug for Application {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Application")
            .field("url", &self.url)
            .field("directory", &self.directory)
            .finish_non_exhaustive()
    }
}

impl Application {
    /// Compares what the API shows with what the session intended.
    ///
    /// # Errors
    /// [`Error::Url`] and [`Error::Credential`] as for a client, [`Error::Connection`] when the API cannot be read.
    pub async fn compare(&self, session: &Session) -> Result<Vec<Difference>, Error> {
        let client =
            Client::new(self.url.trim_end_matches('/'), HEADERS, &Credential::bearer(self.api_key.as_str()), None)?;
        let intended = session.intended();
        let mut findings = Findings::new("application");
        let users = self.read_all(&client, &format!("/directory_users?directory={}", self.directory)).await?;
        for user in intended.users.values() {
            check_user(user, &users, &mut findings);
        }
        let groups = self.read_all(&client, &format!("/directory_groups?directory={}", self.directory)).await?;
        for group in intended.groups.values() {
            let Some(id) = &group.id else { continue };
            let subject = format!("group \"{}\"", group.name);
            match (groups.get(id), group.erased) {
                (Some(_), true) => findings.add(&subject, "was deleted but is still there"),
                (None, true) => {}
                (None, false) => findings.add(&subject, format!("is missing; its id was {id}")),
                (Some(found), false) => {
                    expect(&subject, "name", found.get("name"), &Value::from(group.name.as_str()), &mut findings);
                    let members = self.read_all(&client, &format!("/directory_users?group={id}")).await?;
                    check_members(group, &members.into_keys().collect(), &intended, &mut findings);
                }
            }
        }
        Ok(findings.list)
    }

    /// Follows the cursor through all pages.
    async fn read_all(&self, client: &Client, path: &str) -> Result<BTreeMap<String, Object>, Error> {
        let mut all = BTreeMap::new();
        let mut after = String::new();
        loop {
            let page = format!("{path}&limit=100&order=asc{after}");
            let fail = |what: String| Error::Connection(format!("the application's API, GET {page}: {what}"));
            let answer =
                client.send(Message::Verdict, Method::GET, &page, None).await.map_err(|v| fail(v.to_string()))?;
            let status = answer.status;
            let body = answer.json.filter(|_| status == 200).ok_or_else(|| fail(format!("status {status}")))?;
            for item in body["data"].as_array().ok_or_else(|| fail("no list".to_owned()))? {
                let item = item.as_object().cloned().unwrap_or_default();
                let id = item.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
                if all.insert(id.clone(), item).is_some() {
                    return Err(fail(format!("{id} is on two pages")));
                }
            }
            match body["list_metadata"]["after"].as_str() {
                Some(cursor) => after = format!("&after={cursor}"),
                None => return Ok(all),
            }
        }
    }
}

fn check_user(user: &IntendedUser, users: &BTreeMap<String, Object>, findings: &mut Findings) {
    let Some(id) = &user.id else { return };
    let person = &user.person;
    let subject = format!("user {}", person.user_name);
    let found = match (users.get(id), user.erased) {
        (Some(_), true) => return findings.add(&subject, "was deleted but is still there"),
        (None, true) => return,
        (None, false) => return findings.add(&subject, format!("is missing; its id was {id}")),
        (Some(found), false) => found,
    };
    let state = if user.active { "active" } else { "inactive" };
    for (name, value) in [
        ("state", state),
        ("username", &person.user_name),
        ("first_name", &person.given_name),
        ("last_name", &person.family_name),
        ("email", &person.email),
        ("idp_id", &person.idp_id),
    ] {
        expect(&subject, name, found.get(name), &Value::from(value), findings);
    }
}

fn expect(subject: &str, name: &str, found: Option<&Value>, expected: &Value, findings: &mut Findings) {
    let found = found.unwrap_or(&Value::Null);
    if found != expected {
        findings.add(subject, format!("{name} is {found}, should be {expected}"));
    }
}

fn check_members(group: &IntendedGroup, found: &BTreeSet<String>, intended: &Intended, findings: &mut Findings) {
    let subject = format!("group \"{}\"", group.name);
    let due: BTreeSet<String> =
        group.members.iter().filter_map(|key| intended.user_id(*key).map(str::to_owned)).collect();
    for id in due.difference(found) {
        findings.add(&subject, format!("lacks the member {id}"));
    }
    for id in found.difference(&due).filter(|id| !group.inherited.contains(*id)) {
        findings.add(&subject, format!("has the member {id} who should not be there"));
    }
}
