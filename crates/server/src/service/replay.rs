//! The state of a directory, rebuilt from its events alone.
//!
//! This is what an application does that follows the events, and the measure of invariant I-4: played from position 0,
//! the events give exactly the users, groups and memberships that the API shows.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

/// Users, groups and memberships as far as the events have told.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Replay {
    /// `directory_user` objects by id, each with the position of its last event as `sequence`.
    pub users: BTreeMap<String, Value>,
    /// `directory_group` objects by id, each with the position of its last event as `sequence`.
    pub groups: BTreeMap<String, Value>,
    /// Pairs of group and user.
    pub memberships: BTreeSet<(String, String)>,
}

/// What such events have beside the user.
const AROUND: [&str; 6] =
    ["environment", "previous_role", "previous_roles", "matched_by", "unlink_reason", "previous_attributes"];

impl Replay {
    /// Takes in one event. Types that tell of something else than users and groups change nothing.
    ///
    /// # Errors
    /// A sentence, when the event contradicts what the events before it have told.
    pub fn apply(&mut self, position: i64, event_type: &str, data: &Value) -> Result<(), String> {
        let at = |problem: &str| format!("event {position} ({event_type}): {problem}");
        match event_type {
            "dsync.user.created" => put(&mut self.users, data, position, Known::No),
            "dsync.user.updated" => put(&mut self.users, data, position, Known::Yes),
            "dsync.group.created" => put(&mut self.groups, data, position, Known::No),
            "dsync.group.updated" => put(&mut self.groups, data, position, Known::Yes),
            "dsync.user.role_changed" | "dsync.user.linked" | "dsync.user.unlinked" => self.told_again(position, data),
            "dsync.user.deleted" => remove(&mut self.users, data, self.memberships.iter().map(|pair| &pair.1)),
            "dsync.group.deleted" => remove(&mut self.groups, data, self.memberships.iter().map(|pair| &pair.0)),
            "dsync.group.user_added" | "dsync.group.user_removed" => self.membership(position, event_type, data),
            _ => Ok(()),
        }
        .map_err(|problem| at(&problem))
    }

    /// Takes in one line of a snapshot. Lines about the snapshot itself change nothing.
    ///
    /// # Errors
    /// A sentence, when an object comes twice or a membership of somebody unknown.
    pub fn load(&mut self, line: &Value) -> Result<(), String> {
        let twice = || format!("an object came twice: {line}");
        match line["object"].as_str() {
            Some("directory_user") => match self.users.insert(id(line)?, line.clone()) {
                None => Ok(()),
                Some(_) => Err(twice()),
            },
            Some("directory_group") => match self.groups.insert(id(line)?, line.clone()) {
                None => Ok(()),
                Some(_) => Err(twice()),
            },
            Some("directory_membership") => {
                let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
                let (group, user) = (text("group_id"), text("user_id"));
                if !self.groups.contains_key(&group) || !self.users.contains_key(&user) {
                    return Err(format!("a membership of somebody unknown: {line}"));
                }
                if self.memberships.insert((group, user)) { Ok(()) } else { Err(twice()) }
            }
            _ => Ok(()),
        }
    }

    /// Tells once more, by itself, what the user's last event has told already.
    fn told_again(&mut self, position: i64, data: &Value) -> Result<(), String> {
        let mut told = data.clone();
        if let Some(fields) = told.as_object_mut() {
            for name in AROUND {
                fields.remove(name);
            }
        }
        let known = self.users.get_mut(&id(data)?).ok_or("the user is not known")?;
        if *known != with_sequence(&told, known["sequence"].clone()) {
            return Err("the user differs from its last event".to_owned());
        }
        *known = with_sequence(&told, json!(position));
        Ok(())
    }

    fn membership(&mut self, position: i64, event_type: &str, data: &Value) -> Result<(), String> {
        put(&mut self.groups, &data["group"], position, Known::Yes)?;
        let user = id(&data["user"])?;
        let known = self.users.get(&user).ok_or("the user is not known")?;
        let told = with_sequence(&data["user"], known["sequence"].clone());
        if *known != told {
            return Err("the user differs from its last event".to_owned());
        }
        let pair = (id(&data["group"])?, user);
        let news = match event_type {
            "dsync.group.user_added" => self.memberships.insert(pair),
            _ => self.memberships.remove(&pair),
        };
        if news { Ok(()) } else { Err("the membership was like that already".to_owned()) }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Known {
    Yes,
    No,
}

fn put(objects: &mut BTreeMap<String, Value>, data: &Value, position: i64, known: Known) -> Result<(), String> {
    let id = id(data)?;
    let old = objects.get(&id);
    if old.is_some() != (known == Known::Yes) {
        return Err("the object came twice, or changed before it came".to_owned());
    }
    if let (Some(old), Some(previous)) = (old, data.get("previous_attributes").and_then(Value::as_object)) {
        let mut back = with_sequence(data, old["sequence"].clone());
        if previous.is_empty() {
            return Err("nothing changed".to_owned());
        }
        if let Some(back) = back.as_object_mut() {
            back.extend(previous.clone());
        }
        if back != *old {
            return Err("previous_attributes do not lead back to the object before".to_owned());
        }
    }
    objects.insert(id, with_sequence(data, json!(position)));
    Ok(())
}

fn remove<'a>(
    objects: &mut BTreeMap<String, Value>,
    data: &Value,
    mut members: impl Iterator<Item = &'a String>,
) -> Result<(), String> {
    let id = id(data)?;
    if members.any(|member| *member == id) {
        return Err("the object went before its memberships ended".to_owned());
    }
    objects.remove(&id).map(|_| ()).ok_or_else(|| "the object is not known".to_owned())
}

fn id(data: &Value) -> Result<String, String> {
    data["id"].as_str().map(str::to_owned).ok_or_else(|| "an object without id".to_owned())
}

/// The object of an event as a read shows it; without a `sequence` when there is none, as after its last event was purged.
fn with_sequence(data: &Value, sequence: Value) -> Value {
    let mut object = data.clone();
    if let Some(members) = object.as_object_mut() {
        members.remove("previous_attributes");
        if !sequence.is_null() {
            members.insert("sequence".to_owned(), sequence);
        }
    }
    object
}
