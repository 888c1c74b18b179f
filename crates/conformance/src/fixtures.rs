//! Three users and a group that the reading chapters share: made once, looked at by many.

use serde_json::{Value, json};

use crate::check::Version;
use crate::probe::{CORE_V1, ENTERPRISE, Feature, Probe, USER, path_of, text};
use crate::verdict::{Stop, Verdict, expect, skip};

pub(crate) const ENTERPRISE_V1: &str = "urn:scim:schemas:extension:enterprise:1.0";

/// The shared resources; those that the server would not take are absent, with its answer.
#[derive(Debug, Default)]
pub(crate) struct Fixtures {
    made: Vec<(&'static str, Value)>,
    refusal: Option<String>,
}

impl Fixtures {
    /// `ada`, `bob` and `cai` are users, `guides` is the group of Ada and Bob.
    fn get(&self, name: &str) -> Result<&Value, Stop> {
        let found = self.made.iter().find(|(other, _)| *other == name);
        found.map(|(_, made)| made).ok_or_else(|| {
            let why = self.refusal.as_deref().unwrap_or("it was not made");
            Stop::Skipped(format!("what this check looks at is missing: {why}"))
        })
    }

    /// Which of the users these resources are; an id that is none of them stays an id.
    fn names(&self, resources: &[Value]) -> Vec<String> {
        let name = |resource: &Value| {
            let found = self.made.iter().find(|(_, made)| made["id"] == resource["id"]);
            found.map_or_else(|| text(&resource["id"]).to_owned(), |(name, _)| (*name).to_owned())
        };
        let mut names: Vec<String> = resources.iter().map(name).collect();
        names.sort_unstable();
        names
    }
}

impl Probe {
    /// With what the names of the shared resources begin.
    pub(crate) fn shared_prefix(&self) -> String {
        format!("{}-fix", self.prefix)
    }

    /// One of the shared resources, as the server gave it back when it was made.
    pub(crate) fn shared(&self, name: &str) -> Result<&Value, Stop> {
        self.fixtures.get(name)
    }

    /// The id of one of the shared resources.
    pub(crate) fn shared_id(&self, name: &str) -> Result<&str, Stop> {
        Ok(text(&self.shared(name)?["id"]))
    }

    /// The path of one of the shared users.
    pub(crate) fn shared_path(&self, name: &str) -> Result<String, Stop> {
        Ok(path_of(if name == "guides" { "/Groups" } else { "/Users" }, self.shared(name)?))
    }

    /// Makes the shared resources. Interruption ends it; a refusal is remembered.
    pub(crate) async fn make_shared(&mut self) -> Result<(), Stop> {
        for (name, body) in [("ada", self.ada()), ("bob", self.bob()), ("cai", self.cai())] {
            self.make_one(name, "/Users", &body).await?;
        }
        if self.features.has(Feature::Groups)
            && let (Ok(ada), Ok(bob)) = (self.shared_id("ada"), self.shared_id("bob"))
        {
            let mut body = self.team("", &[ada, bob], json!({}));
            body["displayName"] = json!(format!("{} Guides", self.shared_prefix()));
            self.make_one("guides", "/Groups", &body).await?;
        }
        Ok(())
    }

    async fn make_one(&mut self, name: &'static str, endpoint: &str, body: &Value) -> Result<(), Stop> {
        match self.made(endpoint, body).await {
            Ok(made) => self.fixtures.made.push((name, made)),
            Err(Stop::Interrupted) => return Err(Stop::Interrupted),
            Err(Stop::Skipped(why) | Stop::Silent(why)) => {
                self.fixtures.refusal.get_or_insert(why);
            }
            Err(Stop::Failed { got, .. }) => {
                self.fixtures.refusal.get_or_insert(got);
            }
        }
        Ok(())
    }

    fn ada(&self) -> Value {
        let f = self.shared_prefix();
        let (schemas, enterprise) = match self.version {
            Version::V1 => (json!([CORE_V1, ENTERPRISE_V1]), ENTERPRISE_V1),
            Version::V2 => (json!([USER, ENTERPRISE]), ENTERPRISE),
        };
        self.person("", json!({
            "schemas": schemas,
            "userName": format!("{f}-ada@example.com"),
            "externalId": format!("{f}-EXT-Ada"),
            "name": {"formatted": "Countess Ada Lovelace", "familyName": format!("{f}-Lovelace"), "givenName": "Ada"},
            "displayName": format!("{f} Ada \"Oz\" 100%"),
            "nickName": format!("{f}-Countess"),
            "title": format!("{f}-Tour Guide"),
            "userType": format!("{f}-Employee"),
            "active": true,
            "emails": [
                {"value": format!("{f}-ada@example.com"), "type": "work", "primary": true},
                {"value": format!("{f}-ada@home.example"), "type": "home"},
            ],
            (enterprise): {"employeeNumber": "701984", "department": format!("{f}-Tours")},
        }))
    }

    fn bob(&self) -> Value {
        let f = self.shared_prefix();
        self.person(
            "",
            json!({
                "userName": format!("{f}-Bob@example.com"),
                "externalId": format!("{f}-EXT-Bob"),
                "name": {"familyName": format!("{f}-Babbage"), "givenName": "Charles"},
                "displayName": format!("{f} Bob"),
                "userType": format!("{f}-Intern"),
                "active": false,
                "emails": [{"value": format!("{f}-bob@example.com"), "type": "work", "primary": true}],
            }),
        )
    }

    /// Without `active`, so that the server's default shows.
    fn cai(&self) -> Value {
        let f = self.shared_prefix();
        self.person(
            "",
            json!({
                "userName": format!("{f}-cai@example.com"),
                "name": {"familyName": format!("{f}-Zuse"), "givenName": "Konrad"},
                "displayName": format!("{f} Çai"),
                "userType": format!("{f}-Employee"),
                "active": null,
                "emails": [{"value": format!("{f}-cai@home.example"), "type": "home"}],
            }),
        )
    }
}

/// A filter on `/Users` finds exactly these of the shared users (names in alphabetical order). `{f}` in the filter stands
/// for their prefix.
pub(crate) async fn finds(probe: &Probe, filter: &str, expected: &str) -> Verdict {
    for name in ["ada", "bob", "cai"] {
        probe.shared(name)?;
    }
    let filter = filter.replace("{f}", &probe.shared_prefix());
    let answer = probe.query("/Users", &[("filter", &filter)]).await?;
    let found = probe.fixtures.names(answer.resources()?).join(" ");
    let none = |names: &str| if names.is_empty() { "nobody".to_owned() } else { names.to_owned() };
    expect(found == expected, format!("`{filter}` finds {}", none(expected)), format!("it finds {}", none(&found)))
}

/// As [`finds`], among the shared users only: for conditions that others of the directory may fulfil too.
pub(crate) async fn finds_shared(probe: &Probe, condition: &str, expected: &str) -> Verdict {
    finds(probe, &format!(r#"userName sw "{{f}}" and ({condition})"#), expected).await
}

/// A filter that is not to be understood.
pub(crate) async fn refuses(probe: &Probe, filter: &str) -> Verdict {
    let answer = probe.query("/Users", &[("filter", &filter.replace("{f}", &probe.shared_prefix()))]).await?;
    match probe.version {
        Version::V2 => answer.refusal(400, "invalidFilter"),
        Version::V1 => answer.status(400).map(|_| ()),
    }
}

/// Skips where the group of the shared users is missing.
pub(crate) fn guides(probe: &Probe) -> Result<&Value, Stop> {
    probe.needs(Feature::Groups)?;
    match probe.shared("guides") {
        Ok(guides) => Ok(guides),
        Err(_) => skip("the group that this check looks at could not be made"),
    }
}
