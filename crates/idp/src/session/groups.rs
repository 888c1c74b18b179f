//! The life of a pushed group: match, create or take over, rename, delete. Its members are in `members`.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Failure, Session, operation, patch, segment};
use crate::answer::{self, Violation};
use crate::client::{Message, Object};
use crate::dialect::{FindGroup, GroupSubject, Membership, Rename, profile, urn};
use crate::directory::{Group, GroupKey};
use crate::people::PersonKey;

impl Session {
    /// Pushes a group with these members: looks for it by name, then creates it or takes it over, and fills it. Returns its
    /// id. Members without an account are left out, as Okta does.
    ///
    /// # Errors
    /// The first answer that ends the provider's job.
    pub async fn push_group(&self, group: &Group, members: &[PersonKey]) -> Result<String, Failure> {
        self.state().found(group);
        let found = match self.manner.find_group {
            FindGroup::OnConflict => None,
            _ => self.find_group(&group.name).await?,
        };
        let (id, linked, sent) = match found {
            Some(id) => (id, true, 0),
            None => self.create_group(group, members).await?,
        };
        {
            let mut state = self.state();
            state.learn_group(group.key, &id);
            state.change_members(group.key, &members[..sent], &[]);
        }
        if linked && matches!(self.manner.rename, Rename::IdAndName | Rename::Partial | Rename::Whole) {
            self.send_name(group.key, &id, &group.name).await?;
        }
        self.fill(group.key, &id, members, linked, sent).await?;
        Ok(id)
    }

    /// Gives a group another name.
    ///
    /// # Errors
    /// The first answer that ends the provider's job.
    pub async fn rename_group(&self, key: GroupKey, name: &str) -> Result<(), Failure> {
        let Some(id) = self.group_id(key) else { return Ok(()) };
        if let Some(group) = self.state().groups.get_mut(&key) {
            name.clone_into(&mut group.name);
        }
        self.send_name(key, &id, name).await
    }

    /// Deletes the group at the server ("delete the group in the target app"). Its people stay. A provider that does not
    /// delete groups sends nothing, and the group stays as it is.
    ///
    /// # Errors
    /// An answer other than 204 (200 in SCIM 1.1).
    pub async fn delete_group(&self, key: GroupKey) -> Result<(), Failure> {
        let Some(id) = self.group_id(key).filter(|_| self.manner.deletes_groups) else { return Ok(()) };
        if let Some(group) = self.state().groups.get_mut(&key) {
            group.erased = true;
        }
        let path = format!("/Groups/{}", segment(&id));
        self.ask(Message::DeleteGroup, Method::DELETE, &path, None, answer::deleted).await
    }

    /// Reads a group by its id without its members, as Entra does.
    ///
    /// # Errors
    /// An answer that is not that group, or has members.
    pub async fn read_group_alone(&self, key: GroupKey) -> Result<(), Failure> {
        let Some(id) = self.group_id(key) else { return Ok(()) };
        let path = format!("/Groups/{}?excludedAttributes=members", segment(&id));
        let read = |answer| match answer::resource(answer, &id)? {
            group if group.contains_key("members") => Err(Violation::MembersNotExcluded),
            group => Ok(group),
        };
        self.ask(Message::ReadGroup, Method::GET, &path, None, read).await.map(drop)
    }

    pub(super) fn group_id(&self, key: GroupKey) -> Option<String> {
        self.state().group_id(key).map(str::to_owned)
    }

    /// GET of a group. `peopled`: members will be written back as they are read, and there must be some.
    pub(super) async fn get_group(&self, id: &str, peopled: bool) -> Result<Object, Failure> {
        let path = format!("/Groups/{}", segment(id));
        let read = |answer| match answer::resource(answer, id)? {
            group if peopled && !group.contains_key("members") => Err(Violation::NoMembers),
            group => Ok(group),
        };
        self.ask(Message::ReadGroup, Method::GET, &path, None, read).await
    }

    pub(super) async fn patch_group(&self, id: &str, body: &Object) -> Result<(), Failure> {
        let path = format!("/Groups/{}", segment(id));
        self.ask(Message::PatchGroup, Method::PATCH, &path, Some(body), |a| answer::patched(a, id)).await
    }

    /// Okta's whole group: exactly these members of the body, `id` missing in some, as documentation and captures differ.
    pub(super) async fn put_group(
        &self,
        key: GroupKey,
        id: &str,
        name: &str,
        members: &[Value],
    ) -> Result<(), Failure> {
        let mut body =
            profile::object(json!({"schemas": [urn::GROUP], "id": id, "displayName": name, "members": members}));
        if self.chance(key.0).one_in(5, "no id in group PUT") {
            body.shift_remove("id");
        }
        let path = format!("/Groups/{}", segment(id));
        self.ask(Message::ReplaceGroup, Method::PUT, &path, Some(&body), |a| answer::resource(a, id)).await.map(drop)
    }

    /// The name in the provider's way.
    pub(super) async fn send_name(&self, key: GroupKey, id: &str, name: &str) -> Result<(), Failure> {
        let body = match self.manner.rename {
            Rename::ReadReplace => {
                let peopled = self.state().groups.get(&key).is_some_and(|group| !group.members.is_empty());
                let server = self.get_group(id, peopled).await?;
                return self.put_group(key, id, name, &super::members::plain(&server)).await;
            }
            Rename::IdAndName => patch(&[operation("replace", None, Some(json!({"id": id, "displayName": name})))]),
            Rename::Name => patch(&[operation("replace", None, Some(json!({"displayName": name})))]),
            Rename::Path(op) => patch(&[operation(op, Some("displayName"), Some(json!(name)))]),
            Rename::Partial => profile::object(json!({"schemas": [urn::CORE_V1], "id": id, "displayName": name})),
            Rename::Whole => {
                let external_id = self.state().groups.get(&key).map(|group| group.idp_id.clone()).unwrap_or_default();
                let whole = json!({
                    "schemas": [urn::GROUP], "id": id, "externalId": external_id, "displayName": name,
                });
                patch(&[operation("replace", None, Some(whole))])
            }
        };
        self.patch_group(id, &body).await
    }

    /// Creates the group. Okta's PATCH apps and 1.1 sometimes send the first members with it; says how many.
    async fn create_group(&self, group: &Group, members: &[PersonKey]) -> Result<(String, bool, usize), Failure> {
        let chance = self.chance(group.key.0);
        let subject = GroupSubject { name: &group.name, idp_id: &group.idp_id, chance };
        let mut body = (self.manner.create_group)(&subject);
        let mut sent = 0;
        let with_members = matches!(self.manner.membership, Membership::Delta | Membership::Partial);
        if with_members && chance.one_in(2, "members in POST") {
            sent = members.len().min(self.batch);
            body.insert("members".to_owned(), Value::Array(self.entries(&members[..sent])));
        }
        match self.attempt(Message::CreateGroup, Method::POST, "/Groups", Some(&body), answer::created).await {
            Ok((id, _)) => Ok((id, false, sent)),
            Err(refusal)
                if self.manner.find_group == FindGroup::OnConflict
                    && matches!(refusal.violation, Violation::Status { status: 409, .. }) =>
            {
                match self.find_group(&group.name).await? {
                    Some(id) => Ok((id, true, 0)),
                    None => Err(self.complain(refusal)),
                }
            }
            Err(refusal) => Err(self.complain(refusal)),
        }
    }

    async fn find_group(&self, name: &str) -> Result<Option<String>, Failure> {
        let filter = self.filter("displayName", "eq", name);
        let path = match self.manner.find_group {
            FindGroup::Filter(suffix) => format!("/Groups?filter={filter}{suffix}"),
            FindGroup::FilterExcluding => format!("/Groups?excludedAttributes=members&filter={filter}"),
            FindGroup::OnConflict => format!("/Groups?filter={filter}"),
            FindGroup::List => return self.search_group(name).await,
        };
        let mut found = self.list(Message::FindGroup, &path).await?.resources;
        if found.len() > 1 {
            return Err(self.object_to(Message::FindGroup, &path, &Violation::Ambiguous(found.len())));
        }
        let Some(group) = found.pop() else { return Ok(None) };
        if self.manner.find_group == FindGroup::FilterExcluding && group.contains_key("members") {
            return Err(self.object_to(Message::FindGroup, &path, &Violation::MembersNotExcluded));
        }
        if !named(&group, name) {
            let found = group.get("displayName").cloned().unwrap_or_default().to_string();
            return Err(self.object_to(Message::FindGroup, &path, &Violation::WrongMatch(found)));
        }
        Ok(id_of(&group))
    }

    /// CyberArk's list of requests has no filter on groups: it reads the list.
    async fn search_group(&self, name: &str) -> Result<Option<String>, Failure> {
        let mut seen = 0;
        loop {
            let path = if seen == 0 { "/Groups".to_owned() } else { format!("/Groups?startIndex={}", seen + 1) };
            let page = self.list(Message::FindGroup, &path).await?;
            if let Some(group) = page.resources.iter().find(|group| named(group, name)) {
                return Ok(id_of(group));
            }
            seen += page.resources.len();
            if page.resources.is_empty() || seen as i64 >= page.total {
                return Ok(None);
            }
        }
    }
}

fn named(group: &Object, name: &str) -> bool {
    let found = group.get("displayName").and_then(Value::as_str).unwrap_or_default();
    found.to_lowercase() == name.to_lowercase()
}

fn id_of(group: &Object) -> Option<String> {
    group.get("id").and_then(Value::as_str).map(str::to_owned)
}
