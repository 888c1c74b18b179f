//! The test of the connection, as each provider makes it when its administrator presses the button.

use std::sync::atomic::Ordering;

use reqwest::Method;
use serde_json::{Value, json};

use super::{Failure, Session, operation, patch, segment};
use crate::answer::{self, Violation};
use crate::client::Message;
use crate::dialect::{Family, Probe, Version, profile, urn};
use crate::people::IdStyle;

impl Session {
    /// Does what the provider does on "Test connection".
    ///
    /// # Errors
    /// The first answer that the provider does not accept.
    pub async fn test_connection(&self) -> Result<(), Failure> {
        match self.manner.probe {
            Probe::Reads(paths) => {
                for path in paths {
                    self.read_for_test(path).await?;
                }
                Ok(())
            }
            Probe::NobodyThere => self.ask_for_nobody().await,
            Probe::Rehearsal => self.rehearse().await,
        }
    }

    /// Sends the first request of the test, for which the server must say 401 with an error message of the protocol and a
    /// challenge. For sessions with a credential that is wrong, revoked or missing.
    ///
    /// # Errors
    /// Any other answer.
    pub async fn expect_refusal(&self) -> Result<(), Failure> {
        let v1 = self.manner.version == Version::V1;
        let read = |answer: crate::client::Answer| {
            if answer.status != 401 {
                return Err(Violation::Status { expected: "401", status: answer.status, detail: None });
            }
            let body = answer.json.ok_or(Violation::ErrorBody(answer.excerpt))?;
            let fits = if v1 {
                body.pointer("/Errors/0/description").is_some_and(Value::is_string)
            } else {
                body["schemas"] == json!(["urn:ietf:params:scim:api:messages:2.0:Error"]) && body["status"] == "401"
            };
            if !fits {
                return Err(Violation::ErrorBody(body.to_string()));
            }
            if answer.challenged { Ok(()) } else { Err(Violation::ErrorBody("no WWW-Authenticate".to_owned())) }
        };
        self.ask(Message::Test, Method::GET, "/Users?startIndex=1&count=2", None, read).await
    }

    /// Reads ServiceProviderConfig; authentik does so before every synchronisation and takes its limits from it.
    ///
    /// # Errors
    /// An answer that is not an object.
    pub async fn read_configuration(&self) -> Result<(), Failure> {
        let path = match self.manner.version {
            Version::V1 => "/ServiceProviderConfigs",
            Version::V2 => "/ServiceProviderConfig",
        };
        self.read_for_test(path).await
    }

    /// Reads what an integration with entitlements or a gallery app reads: /ResourceTypes and /Schemas.
    ///
    /// # Errors
    /// An answer that is not a list.
    pub async fn discover(&self) -> Result<(), Failure> {
        self.list(Message::Discovery, "/ResourceTypes").await.map(drop)?;
        self.list(Message::Discovery, "/Schemas").await.map(drop)
    }

    async fn read_for_test(&self, path: &str) -> Result<(), Failure> {
        if path.starts_with("/Users") || path.starts_with("/Groups") {
            return self.list(Message::Test, path).await.map(drop);
        }
        let body = self.ask(Message::Discovery, Method::GET, path, None, answer::object).await?;
        if self.manner.family == Family::Authentik {
            let most = body.get("bulk").and_then(|bulk| bulk.get("maxOperations")).and_then(Value::as_u64).unwrap_or(0);
            self.max_operations.store(usize::try_from(most).unwrap_or(usize::MAX), Ordering::Relaxed);
        }
        Ok(())
    }

    /// Entra asks for a random GUID; the answer must be an empty list and never a 404.
    async fn ask_for_nobody(&self) -> Result<(), Failure> {
        let nobody = self.invented_guid();
        let path = format!("/Users?filter={}", self.filter("userName", "eq", &nobody));
        let found = self.list(Message::Test, &path).await?;
        if found.resources.is_empty() && found.total == 0 {
            return Ok(());
        }
        Err(self.object_to(Message::Test, &path, &Violation::WrongMatch(format!("a user named {nobody}"))))
    }

    fn invented_guid(&self) -> String {
        use rand::SeedableRng as _;
        IdStyle::Guid.mint(&mut rand::rngs::StdRng::seed_from_u64(self.seed), "")
    }

    /// JumpCloud makes a test user and a test group, changes both, and deletes both.
    async fn rehearse(&self) -> Result<(), Failure> {
        let name = format!("jumpcloud-test-{:08x}@corp.example", self.chance(u32::MAX).of(1 << 32, "rehearsal"));
        let lookup = format!("/Users?filter={}", self.filter("userName", "eq", &name));
        self.list(Message::Test, &lookup).await?;
        let mut user = profile::object(json!({
            "schemas": [urn::USER],
            "userName": name,
            "name": {"givenName": "Test", "familyName": "User"},
            "emails": [{"type": "work", "value": name, "primary": true}],
            "active": true,
        }));
        let (id, _) = self.ask(Message::Test, Method::POST, "/Users", Some(&user), answer::created).await?;
        let path = format!("/Users/{}", segment(&id));
        user.insert("title".to_owned(), json!("Test"));
        self.ask(Message::Test, Method::PUT, &path, Some(&user), |a| answer::resource(a, &id)).await?;
        self.ask(Message::Test, Method::GET, &path, None, |a| answer::resource(a, &id)).await?;
        let title = name.split('@').next().unwrap_or_default();
        self.rehearse_group(title, &id).await?;
        self.ask(Message::Test, Method::DELETE, &path, None, answer::deleted).await
    }

    async fn rehearse_group(&self, name: &str, member: &str) -> Result<(), Failure> {
        let lookup = format!("/Groups?filter={}", self.filter("displayName", "eq", name));
        self.list(Message::Test, &lookup).await?;
        let group = profile::object(json!({"schemas": [urn::GROUP], "displayName": name}));
        let (id, _) = self.ask(Message::Test, Method::POST, "/Groups", Some(&group), answer::created).await?;
        let path = format!("/Groups/{}", segment(&id));
        let add = patch(&[operation("add", Some("members"), Some(json!([{"value": member}])))]);
        self.ask(Message::Test, Method::PATCH, &path, Some(&add), |a| answer::patched(a, &id)).await?;
        self.ask(Message::Test, Method::GET, &path, None, |a| answer::resource(a, &id)).await?;
        self.ask(Message::Test, Method::DELETE, &path, None, answer::deleted).await
    }
}
