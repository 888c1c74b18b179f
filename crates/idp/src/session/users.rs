//! The life of an account: match, create or take over, update, deactivate, reactivate, delete.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Failure, Session, operation, patch, segment};
use crate::answer::{self, Violation};
use crate::client::{Message, Object};
use crate::dialect::{Activation, Family, Link, Lookup, LookupBy, Update, entra, okta, profile, urn};
use crate::people::{Person, PersonKey};

/// A manager whom the provider does not know.
const STRANGER: PersonKey = PersonKey(u32::MAX);

impl Session {
    /// Assigns a person to the application: looks for the account, then creates it or takes it over. Returns its id.
    ///
    /// A manager is written at once where the provider does so; Entra writes references later, see [`Self::refer`].
    ///
    /// # Errors
    /// The first answer that ends the provider's job.
    pub async fn assign(&self, person: &Person) -> Result<String, Failure> {
        let referred = person.manager.filter(|_| !self.manner.cycles);
        self.state().employ(person, referred);
        for lookup in self.manner.find_user {
            if let Some((id, found)) = self.find_user(person, lookup).await? {
                self.learn(person.key, &id);
                self.take_over(person, &id, &found).await?;
                return Ok(id);
            }
        }
        self.create(person).await
    }

    /// Sends a changed profile (user name, names, anything that is mapped), as the provider does it. An account whose
    /// creation failed is assigned instead.
    ///
    /// # Errors
    /// The first answer that ends the provider's job.
    pub async fn update(&self, person: &Person) -> Result<(), Failure> {
        let Some(id) = self.user_id(person.key) else { return self.assign(person).await.map(drop) };
        let old = self.state().users.get(&person.key).map(|user| user.person.clone());
        let old_profile = old.as_ref().map(|old| self.expected(old, true)).unwrap_or_default();
        let active = self.replace_intention(person);
        if let Update::Operations(flagged) = self.manner.update {
            let before = old.map(|person| entra::sent(&person)).unwrap_or_default();
            return match entra::changes(&before, person, flagged, self.chance(person.key.0)) {
                Some(body) => self.patch_user(&id, &body).await,
                None => Ok(()),
            };
        }
        self.send_profile(person, &id, active, &old_profile).await
    }

    /// Deactivates: the person was deactivated, unassigned, or left the group by which they were assigned.
    ///
    /// # Errors
    /// The first answer that ends the provider's job.
    pub async fn deactivate(&self, key: PersonKey) -> Result<(), Failure> {
        self.switch(key, false).await
    }

    /// Reactivates: the account is looked up again and must be the same as before.
    ///
    /// # Errors
    /// The first answer that ends the provider's job, another id among them.
    pub async fn reactivate(&self, key: PersonKey) -> Result<(), Failure> {
        let Some(person) = self.state().users.get(&key).map(|user| user.person.clone()) else { return Ok(()) };
        let Some(expected) = self.user_id(key) else { return self.assign(&person).await.map(drop) };
        if let Some(lookup) = self.manner.find_user.first() {
            let Some((found, _)) = self.find_user(&person, lookup).await? else {
                let violation = Violation::WrongMatch(format!("nobody, but {} has an account", person.user_name));
                return Err(self.object_to(Message::FindUser, "/Users?filter=…", &violation));
            };
            if found != expected {
                return Err(self.object_to(
                    Message::FindUser,
                    "/Users?filter=…",
                    &Violation::OtherId { expected, found },
                ));
            }
        }
        self.switch(key, true).await
    }

    /// Pushes a password, as Okta does when password synchronisation is on: by PUT where the profile goes by PUT and PATCH is
    /// not used at all, else by PATCH. The server must accept and drop it. Nothing is sent by the others.
    ///
    /// # Errors
    /// An answer that is no success, or one that contains the password.
    pub async fn push_password(&self, key: PersonKey) -> Result<(), Failure> {
        let Some(id) = self.user_id(key).filter(|_| self.manner.family == Family::Okta) else { return Ok(()) };
        let password = json!(self.chance(key.0).password());
        match self.manner.activation {
            Activation::Update => {
                let mut body = self.get_user(&id).await?;
                body.insert("password".to_owned(), password);
                self.put_user(&id, &body).await
            }
            Activation::Partial => {
                let body = profile::object(json!({"schemas": [urn::CORE_V1], "id": id, "password": password}));
                self.patch_user(&id, &body).await
            }
            // The body is not published; it is written by analogy with activation.
            _ => {
                let operations = [operation("replace", None, Some(json!({"password": password})))];
                self.patch_user(&id, &patch(&operations)).await
            }
        }
    }

    /// Deletes the account for good. Okta and others never do so: nothing is sent and the account stays as it is.
    ///
    /// # Errors
    /// An answer other than 204 (200 in SCIM 1.1).
    pub async fn delete(&self, key: PersonKey) -> Result<(), Failure> {
        if !self.manner.erases {
            return Ok(());
        }
        let id = self.user_id(key);
        self.state().erase(key);
        let Some(id) = id else { return Ok(()) };
        let path = format!("/Users/{}", segment(&id));
        self.ask(Message::DeleteUser, Method::DELETE, &path, None, answer::deleted).await
    }

    /// Writes the reference to the person's manager, for providers that do so in a step of their own (Entra): a check by
    /// filter whether it is there already, then a PATCH. Nothing is sent by the others.
    ///
    /// # Errors
    /// The first answer that ends the provider's job.
    pub async fn refer(&self, key: PersonKey) -> Result<(), Failure> {
        let Update::Operations(flagged) = self.manner.update else { return Ok(()) };
        let (id, wanted, current, manager) = {
            let state = self.state();
            let Some(user) = state.users.get(&key).filter(|user| !user.erased) else { return Ok(()) };
            let wanted = user.person.manager.filter(|manager| state.user_id(*manager).is_some());
            let Some(id) = user.id.clone() else { return Ok(()) };
            (id, wanted, user.referred, wanted.and_then(|manager| state.user_id(manager)).map(str::to_owned))
        };
        if wanted == current {
            return Ok(());
        }
        if let Some(user) = self.state().users.get_mut(&key) {
            user.referred = wanted;
        }
        if let Some(manager) = &manager {
            let text = format!("id eq {} and manager eq {}", json!(id), json!(manager));
            let path = format!("/Users?filter={}&attributes=id", self.encode(&text));
            if self.list(Message::FindUser, &path).await?.total > 0 {
                return Ok(());
            }
        }
        let location = manager.as_ref().map(|manager| format!("{}/Users/{manager}", self.client.base()));
        let reference = manager.as_deref().zip(location.as_deref());
        let body = entra::manager_patch(reference, current.is_none(), flagged, self.chance(key.0));
        self.patch_user(&id, &body).await
    }

    /// Reads an account by its id, as Entra does at random to prove its credential.
    ///
    /// # Errors
    /// An answer that is not that account.
    pub async fn read_user(&self, key: PersonKey) -> Result<(), Failure> {
        match self.user_id(key) {
            Some(id) => self.get_user(&id).await.map(drop),
            None => Ok(()),
        }
    }

    async fn create(&self, person: &Person) -> Result<String, Failure> {
        let body = self.with_subject(person, true, self.manner.create_user);
        let created = self.attempt(Message::CreateUser, Method::POST, "/Users", Some(&body), answer::created).await;
        match created {
            Ok((id, _)) => {
                self.learn(person.key, &id);
                Ok(id)
            }
            // authentik creates without asking and looks the account up when it exists.
            Err(refusal)
                if self.manner.find_user.is_empty()
                    && matches!(refusal.violation, Violation::Status { status: 409, .. }) =>
            {
                let lookup = Lookup { attribute: "userName", operator: "eq", by: LookupBy::UserName };
                let Some((id, _)) = self.find_user(person, &lookup).await? else {
                    return Err(self.complain(refusal));
                };
                self.learn(person.key, &id);
                self.send_profile(person, &id, true, &Object::new()).await?;
                Ok(id)
            }
            Err(refusal) => Err(self.complain(refusal)),
        }
    }

    async fn find_user(&self, person: &Person, lookup: &Lookup) -> Result<Option<(String, Object)>, Failure> {
        let wanted = match lookup.by {
            LookupBy::UserName => &person.user_name,
            LookupBy::Email => &person.email,
        };
        let filter = self.filter(lookup.attribute, lookup.operator, wanted);
        let path = format!("/Users?filter={filter}{}", self.manner.find_suffix);
        let okta = self.manner.family == Family::Okta;
        let read = |answer: crate::client::Answer| {
            // Okta takes a 404 with an error message for "nobody"; no other provider does.
            if okta && answer.status == 404 && answer.json.is_some() {
                return Ok(Vec::new());
            }
            answer::list(answer).map(|list| list.resources)
        };
        let mut found = self.ask(Message::FindUser, Method::GET, &path, None, read).await?;
        if found.len() > 1 {
            return Err(self.object_to(Message::FindUser, &path, &Violation::Ambiguous(found.len())));
        }
        let Some(user) = found.pop() else { return Ok(None) };
        if !holds(&user, lookup.by, wanted) {
            let name = user.get("userName").cloned().unwrap_or_default();
            return Err(self.object_to(Message::FindUser, &path, &Violation::WrongMatch(name.to_string())));
        }
        Ok(Some((user["id"].as_str().unwrap_or_default().to_owned(), user)))
    }

    async fn take_over(&self, person: &Person, id: &str, found: &Object) -> Result<(), Failure> {
        let inactive = found.get("active") == Some(&Value::Bool(false));
        if let Update::Operations(flagged) = self.manner.update {
            self.learn_manager(person.key, found);
            let before = entra::observed(found, person);
            if let Some(body) = entra::changes(&before, person, flagged, self.chance(person.key.0)) {
                self.patch_user(id, &body).await?;
            }
        } else if self.manner.link == Link::Replace {
            // The documented body of 1.1 has `active`; the 2.0 catalog app switches it by PATCH.
            let mut body = self.expected(person, true);
            if self.manner.activation == Activation::PatchValue {
                body.remove("active");
            }
            body.insert("id".to_owned(), json!(id));
            body.insert("groups".to_owned(), json!([]));
            self.put_user(id, &body).await?;
        } else {
            self.send_profile(person, id, true, found).await?;
        }
        if inactive && self.manner.activation != Activation::Update {
            return self.patch_user(id, &self.activation_body(person, id, true)).await;
        }
        Ok(())
    }

    async fn switch(&self, key: PersonKey, active: bool) -> Result<(), Failure> {
        let person = {
            let mut state = self.state();
            let Some(user) = state.users.get_mut(&key) else { return Ok(()) };
            user.active = active;
            user.person.clone()
        };
        let Some(id) = self.user_id(key) else { return Ok(()) };
        if self.manner.activation == Activation::Update {
            return self.send_profile(&person, &id, active, &Object::new()).await;
        }
        self.patch_user(&id, &self.activation_body(&person, &id, active)).await
    }

    fn activation_body(&self, person: &Person, id: &str, active: bool) -> Object {
        match self.manner.activation {
            Activation::PatchText => {
                patch(&[operation("Replace", Some("active"), Some(json!(entra::title_case(active))))])
            }
            Activation::PatchPath => patch(&[operation("replace", Some("active"), Some(json!(active)))]),
            Activation::Partial => {
                // Old captures have another id in the body; the path decides.
                let other = self.chance(person.key.0).one_in(16, "other id in the body");
                let id = if other { &person.idp_id } else { id };
                profile::object(json!({"schemas": [urn::CORE_V1], "id": id, "active": active}))
            }
            Activation::PatchValue | Activation::Update => {
                patch(&[operation("replace", None, Some(json!({"active": active})))])
            }
        }
    }

    /// The profile update, `active` included, in the provider's way. `before` is what the provider knows of the account.
    async fn send_profile(&self, person: &Person, id: &str, active: bool, before: &Object) -> Result<(), Failure> {
        let chance = self.chance(person.key.0);
        let mut body = self.expected(person, active);
        match self.manner.update {
            Update::ReadReplace => {
                let server = self.get_user(id).await?;
                let mut body = okta::merge(server, &body, self.manner, chance);
                if self.manner.family == Family::Okta && chance.one_in(10, "password in PUT") {
                    body.insert("password".to_owned(), json!(chance.password()));
                }
                self.put_user(id, &body).await
            }
            Update::PatchProfile => {
                body.remove("schemas");
                body.remove("active");
                okta::name_cleared(&mut body, before, self.manner, chance);
                self.patch_user(id, &patch(&[operation("replace", None, Some(Value::Object(body)))])).await
            }
            Update::FindReplace => {
                self.find_user(person, &Lookup { attribute: "userName", operator: "eq", by: LookupBy::UserName })
                    .await?;
                self.put_user(id, &body).await
            }
            Update::Replace | Update::Operations(_) => {
                body.insert("id".to_owned(), json!(id));
                self.put_or_create(person, id, &body).await
            }
        }
    }

    /// authentik drops its link when a PUT meets 404, and creates the account again.
    async fn put_or_create(&self, person: &Person, id: &str, body: &Object) -> Result<(), Failure> {
        let path = format!("/Users/{}", segment(id));
        let read = |answer| answer::resource(answer, id);
        match self.attempt(Message::ReplaceUser, Method::PUT, &path, Some(body), read).await {
            Ok(_) => Ok(()),
            Err(refusal)
                if self.manner.family == Family::Authentik
                    && matches!(refusal.violation, Violation::Status { status: 404, .. }) =>
            {
                Box::pin(self.create(person)).await.map(drop)
            }
            Err(refusal) => Err(self.complain(refusal)),
        }
    }

    async fn get_user(&self, id: &str) -> Result<Object, Failure> {
        let path = format!("/Users/{}", segment(id));
        self.ask(Message::ReadUser, Method::GET, &path, None, |a| answer::resource(a, id)).await
    }

    async fn put_user(&self, id: &str, body: &Object) -> Result<(), Failure> {
        let path = format!("/Users/{}", segment(id));
        self.ask(Message::ReplaceUser, Method::PUT, &path, Some(body), |a| answer::resource(a, id)).await.map(drop)
    }

    async fn patch_user(&self, id: &str, body: &Object) -> Result<(), Failure> {
        let path = format!("/Users/{}", segment(id));
        self.ask(Message::PatchUser, Method::PATCH, &path, Some(body), |a| answer::patched(a, id)).await
    }

    fn learn(&self, key: PersonKey, id: &str) {
        let mut state = self.state();
        state.foreign.remove(id);
        if let Some(user) = state.users.get_mut(&key) {
            user.id = Some(id.to_owned());
        }
    }

    /// Notes to whom an account that was found refers, so that the reference is compared like every other value.
    fn learn_manager(&self, key: PersonKey, found: &Object) {
        let Some(manager) = found.get(urn::ENTERPRISE).and_then(|e| e["manager"]["value"].as_str()) else { return };
        let mut state = self.state();
        let known = state.users.iter().find(|(_, user)| user.id.as_deref() == Some(manager)).map(|(key, _)| *key);
        if let Some(user) = state.users.get_mut(&key) {
            user.referred = Some(known.unwrap_or(STRANGER));
        }
    }

    /// Notes the person's new values; returns whether the account should be active.
    fn replace_intention(&self, person: &Person) -> bool {
        let mut state = self.state();
        let Some(user) = state.users.get_mut(&person.key) else { return true };
        if !self.manner.cycles {
            user.referred = person.manager;
        }
        user.person = person.clone();
        user.active
    }
}

/// A user found by a filter really has the value: user names and addresses compare without case.
fn holds(user: &Object, by: LookupBy, wanted: &str) -> bool {
    let same = |value: &Value| value.as_str().is_some_and(|text| text.to_lowercase() == wanted.to_lowercase());
    match by {
        LookupBy::UserName => user.get("userName").is_some_and(same),
        LookupBy::Email => user
            .get("emails")
            .and_then(Value::as_array)
            .is_some_and(|emails| emails.iter().any(|email| same(&email["value"]))),
    }
}
