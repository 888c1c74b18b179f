//! Rules, previews and reasons as the pages show them.

use std::collections::HashMap;

use doorward_store::role::RoleRow;
use doorward_store::role_mapping::{Condition, Rule};
use serde_json::Value;

use super::draft::{Entry, Work, word, word_of};
use crate::portal::form::Problem;
use crate::portal::page::Page;
use crate::portal::shown::{Time, brief, text_of};

/// The names of roles by their slugs.
pub struct Names(HashMap<String, String>);

impl Names {
    /// Of these roles.
    pub fn of(roles: &[RoleRow]) -> Self {
        Names(roles.iter().map(|role| (role.slug.clone(), brief(&role.name))).collect())
    }

    /// The name, or the slug of a role that is no more.
    pub fn name(&self, slug: &str) -> String {
        self.0.get(slug).cloned().unwrap_or_else(|| brief(slug))
    }

    /// Name and environment of each role of a person, as previews have it.
    fn all(&self, roles: &Value) -> Vec<Part> {
        let slugs = |roles: &Value| -> Vec<String> {
            let roles = roles.as_array().map(Vec::as_slice).unwrap_or_default();
            roles.iter().map(|role| text_of(role, "slug")).collect()
        };
        let part = |environment: &str, slug: &str| Part { role: self.name(slug), environment: environment.to_owned() };
        let usual = roles.get("roles").map(slugs).unwrap_or_default();
        let mut parts: Vec<Part> = usual.iter().map(|slug| part("", slug)).collect();
        let others = roles.get("environment_roles").and_then(Value::as_object);
        for (environment, of) in others.into_iter().flatten() {
            let slugs = of.get("roles").map(slugs).unwrap_or_default();
            parts.extend(slugs.iter().map(|slug| part(environment, slug)));
        }
        parts
    }
}

/// A role, in an environment.
pub struct Part {
    /// The name of the role.
    pub role: String,
    /// The environment; empty: the usual one.
    pub environment: String,
}

/// What a rule says.
pub struct Said {
    /// A word of the section `rule`: what kind of condition it is.
    pub kind: &'static str,
    /// The group, or the path.
    pub what: String,
    /// The value; empty where there is none.
    pub value: String,
}

impl Said {
    /// The condition; `group`: the name of the group that it names by its id.
    pub fn of(condition: &Condition, group: Option<&str>) -> Self {
        let (what, value) = match condition {
            Condition::GroupId { group_id } => (group.map_or_else(|| group_id.to_string(), brief), String::new()),
            Condition::GroupName { group_name } => (brief(group_name), String::new()),
            Condition::Attribute { path, value } => (brief(path), brief(value)),
            Condition::AttributeRole { path } => (brief(path), String::new()),
        };
        Said { kind: word(condition), what, value }
    }
}

/// A rule of the list.
pub struct Row {
    /// Its place, from 1.
    pub place: usize,
    /// Its place, from 0, as buttons name it.
    pub index: usize,
    /// As the form carries it.
    pub json: String,
    /// Its condition.
    pub said: Said,
    /// The role that it gives; empty: the value is the role.
    pub role: String,
    /// In which environment.
    pub environment: String,
    /// Why it cannot be; empty: it can.
    pub problem: &'static str,
    /// Whether nobody has a value at its attribute.
    pub missing: bool,
    /// Where values of that name arrive instead (D18); mostly empty.
    pub near: String,
    /// Whether it is being changed.
    pub editing: bool,
    /// Whether it is the last.
    pub last: bool,
}

/// A value that is the name of no role.
pub struct Unknown {
    /// The value.
    pub value: String,
    /// Where it stands.
    pub path: String,
    /// How many people have it.
    pub people: i64,
    /// The role that is most like it; empty: none is.
    pub closest: String,
}

impl Unknown {
    /// From its form in the API.
    pub fn new(object: &Value) -> Self {
        let closest = object.get("closest_role").map(|role| brief(&text_of(role, "name"))).unwrap_or_default();
        Unknown {
            value: brief(&text_of(object, "value")),
            path: brief(&text_of(object, "path")),
            people: number(object, "people"),
            closest,
        }
    }
}

/// How far a change of rules has come in a large directory.
pub struct Progress {
    /// People done.
    pub looked_at: i64,
    /// People in all.
    pub total: i64,
}

impl Progress {
    /// From its form in the API; `None` when nothing is under way.
    pub fn new(object: &Value) -> Option<Self> {
        object.is_object().then(|| Progress { looked_at: number(object, "looked_at"), total: number(object, "total") })
    }
}

/// What becomes of one role.
pub struct Share {
    /// The role.
    pub part: Part,
    /// How many people would gain it.
    pub gain: i64,
    /// How many would lose it.
    pub lose: i64,
    /// How many would have it.
    pub people: i64,
}

/// What becomes of one person.
pub struct Person {
    /// The id.
    pub id: String,
    /// The name, or the user name.
    pub name: String,
    /// The user name.
    pub username: String,
    /// The roles now.
    pub before: Vec<Part>,
    /// The roles then.
    pub after: Vec<Part>,
    /// Whether they differ.
    pub changed: bool,
}

/// What a draft would do.
pub struct Preview {
    /// How many people were looked at.
    pub looked_at: i64,
    /// How many there are.
    pub total: i64,
    /// Whether that is everybody.
    pub complete: bool,
    /// How many of them would have other roles.
    pub changed: i64,
    /// What becomes of the roles.
    pub shares: Vec<Share>,
    /// What becomes of some of the people.
    pub people: Vec<Person>,
    /// The roles that nobody would have any more.
    pub lost: Vec<String>,
}

impl Preview {
    /// From its form in the API.
    pub fn new(object: &Value, names: &Names) -> Self {
        let list = |name: &str| object.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let share = |role: &Value| Share {
            part: Part { role: names.name(&text_of(role, "slug")), environment: text_of(role, "environment") },
            gain: number(role, "gain"),
            lose: number(role, "lose"),
            people: number(role, "people"),
        };
        let person = |user: &Value| {
            let (name, username) = (brief(&text_of(user, "name")), brief(&text_of(user, "username")));
            Person {
                id: text_of(user, "id"),
                name: if name.is_empty() { username.clone() } else { name },
                username,
                before: user.get("before").map(|roles| names.all(roles)).unwrap_or_default(),
                after: user.get("after").map(|roles| names.all(roles)).unwrap_or_default(),
                changed: user.get("changed") == Some(&Value::Bool(true)),
            }
        };
        let shares: Vec<Share> = list("roles").iter().map(share).collect();
        let is_lost = |share: &&Share| share.people == 0 && share.lose > 0;
        Preview {
            looked_at: number(object, "looked_at"),
            total: number(object, "total"),
            complete: object.get("complete") == Some(&Value::Bool(true)),
            changed: number(object, "changed"),
            lost: shares.iter().filter(is_lost).map(|share| share.part.role.clone()).collect(),
            shares,
            people: list("users").iter().map(person).collect(),
        }
    }
}

fn number(object: &Value, name: &str) -> i64 {
    object.get(name).and_then(Value::as_i64).unwrap_or_default()
}

/// Everything that the editor of the rules shows.
pub struct Rules {
    /// The address of the page, where the form goes.
    pub address: String,
    /// Whether names lead to the operator's pages of people.
    pub links: bool,
    /// The rules.
    pub rows: Vec<Row>,
    /// The roles there are: slug and name.
    pub roles: Vec<(String, String)>,
    /// The default role; empty: there is none.
    pub default: String,
    /// `single` or `multiple`.
    pub mode: String,
    /// `flag`, `ignore` or `reject`.
    pub unknown_values: String,
    /// The rule that is filled in.
    pub entry: Entry,
    /// The index of the rule that is being changed; empty: none is.
    pub editing: String,
    /// Its place, from 1.
    pub editing_place: usize,
    /// The name of the group that the rule being changed names by its id.
    pub entry_group: String,
    /// People to look at, as they were filled in.
    pub people: String,
    /// The print of what counts.
    pub seen: String,
    /// The print of the draft whose effect is shown.
    pub looked: String,
    /// Whether the draft differs from what counts.
    pub changed: bool,
    /// What is wrong.
    pub problem: Problem,
    /// A word of the section `rules_notice`; empty: nothing is to be said.
    pub notice: &'static str,
    /// What the draft would do; `None` while it cannot be said.
    pub preview: Option<Preview>,
    /// How far the change before has come.
    pub progress: Option<Progress>,
    /// Values that are no role.
    pub unknown: Vec<Unknown>,
    /// Names of groups, to choose from.
    pub groups: Vec<String>,
    /// Paths that people have values at, to choose from.
    pub paths: Vec<String>,
}

impl Rules {
    /// The draft itself; what has to be looked up is added by the caller.
    pub fn of(work: Work, address: String, links: bool, roles: &[RoleRow]) -> Self {
        let names = Names::of(roles);
        let last = work.draft.rules.len();
        let row = |(index, draft): (usize, &crate::service::roles::publish::DraftRule)| Row {
            place: index + 1,
            index,
            json: serde_json::to_string(draft).unwrap_or_default(),
            said: Said::of(&draft.rule.condition, None),
            role: draft.rule.role.as_deref().map(|slug| names.name(slug)).unwrap_or_default(),
            environment: brief(&draft.rule.environment),
            problem: "",
            missing: false,
            near: String::new(),
            editing: work.editing == Some(index),
            last: index + 1 == last,
        };
        Rules {
            address,
            links,
            rows: work.draft.rules.iter().enumerate().map(row).collect(),
            roles: roles.iter().map(|role| (role.slug.clone(), brief(&role.name))).collect(),
            default: roles.iter().find(|role| role.is_default).map(|role| brief(&role.name)).unwrap_or_default(),
            mode: word_of(work.draft.settings.mode),
            unknown_values: word_of(work.draft.settings.unknown_values),
            editing: work.editing.map(|index| index.to_string()).unwrap_or_default(),
            editing_place: work.editing.map_or(0, |index| index + 1),
            entry_group: String::new(),
            changed: work.is_changed(),
            entry: work.entry,
            people: work.people,
            seen: work.seen,
            looked: String::new(),
            problem: work.problem,
            notice: work.notice.unwrap_or_default(),
            preview: None,
            progress: None,
            unknown: Vec::new(),
            groups: Vec::new(),
            paths: Vec::new(),
        }
    }

    /// What is said of the page: its notice, in the language of the page.
    pub fn said(&self, page: &Page) -> String {
        page.word("rules_notice", self.notice)
    }
}

/// Why somebody has a role.
pub struct Reason {
    /// The role.
    pub part: Part,
    /// The place of the rule that gave it; 0: it is the default role.
    pub place: i64,
    /// What the rule says; `None` for the default role.
    pub said: Option<Said>,
    /// What of the person matched.
    pub matched: String,
    /// Since when.
    pub since: Time,
}

impl Reason {
    /// From its form in the API.
    pub fn new(object: &Value, names: &Names) -> Self {
        let mapping = object.get("role_mapping");
        let condition = mapping.and_then(|mapping| mapping.get("condition"));
        let condition: Option<Condition> = condition.and_then(|found| serde_json::from_value(found.clone()).ok());
        let matched = object.get("matched");
        let group = matched.and_then(|matched| matched.get("group")).map(|group| text_of(group, "name"));
        let values = matched.and_then(|matched| matched.get("values")).and_then(Value::as_array);
        let values: Vec<&str> = values.into_iter().flatten().filter_map(Value::as_str).collect();
        Reason {
            part: Part {
                role: object.get("role").map(|role| names.name(&text_of(role, "slug"))).unwrap_or_default(),
                environment: text_of(object, "environment"),
            },
            place: mapping.map(|mapping| number(mapping, "position")).unwrap_or_default(),
            said: condition.map(|condition| Said::of(&condition, group.as_deref().filter(|name| !name.is_empty()))),
            matched: brief(&values.join(", ")),
            since: Time::read(&text_of(object, "since")),
        }
    }
}

/// What the rule of a draft gives, for whoever compares it.
pub fn group_of(rule: &Rule) -> Option<doorward_store::ids::GroupId> {
    match rule.condition {
        Condition::GroupId { group_id } => Some(group_id),
        _ => None,
    }
}
