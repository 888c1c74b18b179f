//! Memberships, in each provider's way: whole lists, deltas in batches, one by one, partial resources.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use serde_json::{Value, json};

use super::{Failure, Session, operation, patch};
use crate::client::{Message, Object};
use crate::dialect::{Dialect, Membership, Removal, profile, urn};
use crate::directory::GroupKey;
use crate::people::PersonKey;

impl Session {
    /// Adds people to a group and removes others from it. People without an account are left out.
    ///
    /// # Errors
    /// The first answer that ends the provider's job.
    pub async fn change_members(&self, key: GroupKey, add: &[PersonKey], remove: &[PersonKey]) -> Result<(), Failure> {
        let Some(id) = self.group_id(key) else { return Ok(()) };
        let (add, remove) = (self.with_account(add), self.with_account(remove));
        if add.is_empty() && remove.is_empty() {
            return Ok(());
        }
        let peopled = self.state().change_members(key, &add, &remove);
        match self.manner.membership {
            Membership::ReadReplace => {
                let server = self.get_group(&id, peopled).await?;
                self.rewrite(key, &id, &server, &add, &remove).await
            }
            Membership::Delta => self.send_delta(key, &id, &add, &remove).await,
            Membership::Partial => self.send_partial(key, &id, &add, &remove).await,
            Membership::Entra(flagged) => self.send_entra(&id, &add, &remove, flagged).await,
            Membership::Plain(removal) => self.send_plain(&id, &add, &remove, removal).await,
            Membership::Single { removal, each } => self.send_singly(key, &id, &add, &remove, (removal, each)).await,
        }
    }

    /// "Push now": overwrites the whole list. Only Okta has it; nothing is sent by the others.
    ///
    /// # Errors
    /// The first answer that ends the provider's job.
    pub async fn overwrite_members(&self, key: GroupKey, members: &[PersonKey]) -> Result<(), Failure> {
        let Some(id) = self.group_id(key) else { return Ok(()) };
        let overwrites =
            matches!(self.manner.membership, Membership::ReadReplace | Membership::Delta | Membership::Partial);
        if !overwrites {
            return Ok(());
        }
        let members = self.with_account(members);
        self.state().overwrite_members(key, &members);
        self.send_whole(key, &id, &members).await
    }

    /// Fills a group that was just created (`sent` of its members went with the POST) or found.
    pub(super) async fn fill(
        &self,
        key: GroupKey,
        id: &str,
        members: &[PersonKey],
        linked: bool,
        sent: usize,
    ) -> Result<(), Failure> {
        match self.manner.membership {
            // Every push ends in the whole list, an empty one too.
            Membership::ReadReplace => return self.overwrite_members(key, members).await,
            Membership::Delta | Membership::Partial if linked => return self.overwrite_members(key, members).await,
            _ => {}
        }
        let mut surplus = Vec::new();
        if linked && !matches!(self.manner.membership, Membership::Entra(_)) {
            let server = self.get_group(id, false).await?;
            let wanted: BTreeSet<_> = members.iter().filter_map(|member| self.user_id(*member)).collect();
            surplus =
                self.people_of(&server).into_iter().filter(|(id, _)| !wanted.contains(id)).map(|(_, p)| p).collect();
        }
        self.change_members(key, &members[sent..], &surplus).await
    }

    /// `{"value","display"}` of each, as Okta writes members: no type, no `$ref`.
    pub(super) fn entries(&self, people: &[PersonKey]) -> Vec<Value> {
        let state = self.state();
        let entry = |key: &PersonKey| {
            let user = state.users.get(key)?;
            Some(json!({"value": user.id.as_deref()?, "display": user.person.user_name}))
        };
        people.iter().filter_map(entry).collect()
    }

    fn with_account(&self, people: &[PersonKey]) -> Vec<PersonKey> {
        let state = self.state();
        people.iter().copied().filter(|key| state.user_id(*key).is_some()).collect()
    }

    fn ids(&self, people: &[PersonKey]) -> Vec<String> {
        let state = self.state();
        people.iter().filter_map(|key| state.user_id(*key).map(str::to_owned)).collect()
    }

    /// The members of a group read from the server whom this session knows.
    fn people_of(&self, server: &Object) -> Vec<(String, PersonKey)> {
        let state = self.state();
        let known = |id: &str| state.users.iter().find(|(_, user)| user.id.as_deref() == Some(id)).map(|(key, _)| *key);
        let values = plain(server);
        values.iter().filter_map(|m| m["value"].as_str()).filter_map(|id| Some((id.to_owned(), known(id)?))).collect()
    }

    fn name_of(&self, key: GroupKey) -> String {
        self.state().groups.get(&key).map(|group| group.name.clone()).unwrap_or_default()
    }

    /// PUT of the list that was read, changed: what the GET left out is lost.
    async fn rewrite(
        &self,
        key: GroupKey,
        id: &str,
        server: &Object,
        add: &[PersonKey],
        remove: &[PersonKey],
    ) -> Result<(), Failure> {
        let (gone, new) = (self.ids(remove), self.entries(add));
        let mut members = plain(server);
        members.retain(|member| !gone.iter().any(|id| member["value"] == *id));
        for entry in new {
            if !members.iter().any(|member| member["value"] == entry["value"]) {
                members.push(entry);
            }
        }
        self.put_group(key, id, &self.name_of(key), &members).await
    }

    async fn send_delta(
        &self,
        key: GroupKey,
        id: &str,
        add: &[PersonKey],
        remove: &[PersonKey],
    ) -> Result<(), Failure> {
        let (mut gone, mut new) = (self.ids(remove).into_iter(), self.entries(add).into_iter());
        loop {
            let mut operations: Vec<_> = gone.by_ref().take(self.batch).map(|id| removal(&id)).collect();
            let room = self.batch - operations.len();
            let added: Vec<_> = new.by_ref().take(room).collect();
            if !added.is_empty() {
                operations.push(operation("add", Some("members"), Some(Value::Array(added))));
            }
            if operations.is_empty() {
                break;
            }
            self.patch_group(id, &patch(&operations)).await?;
        }
        self.confirm_name(key, id).await
    }

    /// After each change of members Okta reads the group and sends its name again.
    async fn confirm_name(&self, key: GroupKey, id: &str) -> Result<(), Failure> {
        self.get_group(id, false).await?;
        self.send_name(key, id, &self.name_of(key)).await
    }

    async fn send_partial(
        &self,
        key: GroupKey,
        id: &str,
        add: &[PersonKey],
        remove: &[PersonKey],
    ) -> Result<(), Failure> {
        let mut members = self.entries(add);
        members.extend(self.entries(remove).into_iter().map(|mut entry| {
            entry["operation"] = json!("delete");
            entry
        }));
        for chunk in members.chunks(self.batch) {
            let body = profile::object(json!({"schemas": [urn::CORE_V1], "members": chunk}));
            self.patch_group(id, &body).await?;
        }
        self.send_name(key, id, &self.name_of(key)).await
    }

    async fn send_entra(
        &self,
        id: &str,
        add: &[PersonKey],
        remove: &[PersonKey],
        flagged: bool,
    ) -> Result<(), Failure> {
        let mut new = self.ids(add);
        if let [member] = new.as_slice() {
            // The check that precedes a reference, as with managers.
            let text = format!("id eq {} and members eq {}", json!(id), json!(member));
            let path = format!("/Groups?filter={}&attributes=id", self.encode(&text));
            if self.list(Message::FindGroup, &path).await?.total > 0 {
                new.clear();
            }
        }
        for chunk in new.chunks(self.batch) {
            let values: Vec<_> = chunk.iter().map(|id| json!({"$ref": null, "value": id})).collect();
            let op = if flagged { "add" } else { "Add" };
            self.patch_group(id, &patch(&[operation(op, Some("members"), Some(Value::Array(values)))])).await?;
        }
        for chunk in self.ids(remove).chunks(self.batch) {
            let operations = if flagged {
                chunk.iter().map(|id| removal(id)).collect()
            } else {
                vec![operation("Remove", Some("members"), Some(values(chunk)))]
            };
            self.patch_group(id, &patch(&operations)).await?;
        }
        Ok(())
    }

    async fn send_plain(&self, id: &str, add: &[PersonKey], remove: &[PersonKey], by: Removal) -> Result<(), Failure> {
        for chunk in self.ids(add).chunks(self.batch) {
            self.patch_group(id, &patch(&[operation("add", Some("members"), Some(values(chunk)))])).await?;
        }
        for chunk in self.ids(remove).chunks(self.batch) {
            let operations = match by {
                Removal::FilterPath => chunk.iter().map(|id| removal(id)).collect(),
                Removal::ValueList => vec![operation("remove", Some("members"), Some(values(chunk)))],
            };
            self.patch_group(id, &patch(&operations)).await?;
        }
        Ok(())
    }

    async fn send_singly(
        &self,
        key: GroupKey,
        id: &str,
        add: &[PersonKey],
        remove: &[PersonKey],
        (by, each): (Removal, bool),
    ) -> Result<(), Failure> {
        let one = |id: &String| values(std::slice::from_ref(id));
        let mut operations: Vec<_> =
            self.ids(add).iter().map(|id| operation("add", Some("members"), Some(one(id)))).collect();
        operations.extend(self.ids(remove).iter().map(|id| match by {
            Removal::FilterPath => removal(id),
            Removal::ValueList => operation("remove", Some("members"), Some(one(id))),
        }));
        if !each {
            // authentik writes the group as a whole first, reads it, then changes members.
            self.send_name(key, id, &self.name_of(key)).await?;
            self.get_group(id, false).await?;
        }
        let limit = match (each, self.max_operations.load(Ordering::Relaxed)) {
            (true, _) => 1,
            (false, 0) => operations.len().max(1),
            (false, limit) => limit,
        };
        for chunk in operations.chunks(limit) {
            self.patch_group(id, &patch(chunk)).await?;
        }
        Ok(())
    }

    async fn send_whole(&self, key: GroupKey, id: &str, members: &[PersonKey]) -> Result<(), Failure> {
        let entries = self.entries(members);
        if self.manner.membership == Membership::ReadReplace {
            self.get_group(id, false).await?;
            return self.put_group(key, id, &self.name_of(key), &entries).await;
        }
        let first = &entries[..entries.len().min(self.batch)];
        let body = match self.manner.membership {
            Membership::Partial => profile::object(json!({
                "schemas": [urn::CORE_V1], "meta": {"attributes": ["members"]}, "members": first,
            })),
            // A path-less form has been reported as well.
            _ if self.dialect == Dialect::OktaOin => {
                patch(&[operation("replace", None, Some(json!({"members": first})))])
            }
            _ => patch(&[operation("replace", Some("members"), Some(json!(first)))]),
        };
        self.patch_group(id, &body).await?;
        let rest = &members[members.len().min(self.batch)..];
        match self.manner.membership {
            Membership::Partial => self.send_partial(key, id, rest, &[]).await,
            _ => self.send_delta(key, id, rest, &[]).await,
        }
    }
}

/// The members of a group as Okta writes them back: `value` and `display` only.
pub(super) fn plain(group: &Object) -> Vec<Value> {
    let members = group.get("members").and_then(Value::as_array);
    let entry = |member: &Value| {
        let mut entry = Object::new();
        for name in ["value", "display"] {
            profile::put(&mut entry, name, member.get(name).cloned());
        }
        Value::Object(entry)
    };
    members.into_iter().flatten().map(entry).collect()
}

fn removal(id: &str) -> Value {
    operation("remove", Some(&format!("members[value eq {}]", json!(id))), None)
}

fn values(ids: &[String]) -> Value {
    ids.iter().map(|id| json!({"value": id})).collect()
}
