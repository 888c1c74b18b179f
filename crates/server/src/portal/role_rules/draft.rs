//! A draft of the rules as a form carries it from page to page: nothing of it is kept on the server, and nothing counts until it is
//! published.

use doorward_store::directory::RoleSettings;
use doorward_store::role_mapping::{Condition, Rule};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::portal::form::{Fields, Problem};
use crate::service::roles::publish::{Draft, DraftRule};

/// What somebody pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Takes the rule that was filled in.
    Put,
    /// Leaves it.
    Cancel,
    /// Fills a rule in, to change it.
    Edit(usize),
    /// Takes a rule away.
    Remove(usize),
    /// Puts a rule one place ahead.
    Up(usize),
    /// Puts a rule one place back.
    Down(usize),
    /// Shows what the draft would do.
    Preview,
    /// Makes it count.
    Publish,
}

impl Act {
    /// From the name of the button; anything else shows what the draft would do.
    pub fn of(word: &str) -> Self {
        let (name, index) = word.split_once('-').unwrap_or((word, ""));
        match (name, index.parse()) {
            ("put", _) => Act::Put,
            ("cancel", _) => Act::Cancel,
            ("edit", Ok(index)) => Act::Edit(index),
            ("remove", Ok(index)) => Act::Remove(index),
            ("up", Ok(index)) => Act::Up(index),
            ("down", Ok(index)) => Act::Down(index),
            ("publish", _) => Act::Publish,
            _ => Act::Preview,
        }
    }
}

/// A rule as it is filled in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// `group_name`, `group_id`, `attribute` or `attribute_role`; empty: the first.
    pub kind: String,
    /// The name of a group.
    pub group: String,
    /// The id of a group, for a rule that names one.
    pub group_id: String,
    /// Where the value stands.
    pub path: String,
    /// The value.
    pub value: String,
    /// The slug of the role.
    pub role: String,
    /// In which environment.
    pub environment: String,
}

impl Entry {
    /// The rule, for changing it.
    pub fn of(rule: &Rule) -> Self {
        let mut entry = Entry {
            role: rule.role.clone().unwrap_or_default(),
            environment: rule.environment.clone(),
            ..Entry::default()
        };
        match rule.condition.clone() {
            Condition::GroupId { group_id } => entry.group_id = group_id.to_string(),
            Condition::GroupName { group_name } => entry.group = group_name,
            Condition::Attribute { path, value } => (entry.path, entry.value) = (path, value),
            Condition::AttributeRole { path } => entry.path = path,
        }
        word(&rule.condition).clone_into(&mut entry.kind);
        entry
    }

    fn read(fields: &Fields) -> Self {
        let text = |name: &str| fields.get(name).to_owned();
        Entry {
            kind: text("kind"),
            group: text("group"),
            group_id: text("group_id"),
            path: text("path"),
            value: text("value"),
            role: text("role"),
            environment: text("environment"),
        }
    }

    /// Whether somebody has begun to fill it in.
    pub fn is_begun(&self) -> bool {
        !(self.group.is_empty() && self.path.is_empty() && self.value.is_empty())
    }

    /// The rule that it is; `None` when it names a group by an id that is none.
    pub fn rule(&self) -> Option<Rule> {
        let condition = match self.kind.as_str() {
            "group_id" => Condition::GroupId { group_id: self.group_id.parse().ok()? },
            "attribute" => Condition::Attribute { path: self.path.clone(), value: self.value.clone() },
            "attribute_role" => Condition::AttributeRole { path: self.path.clone() },
            _ => Condition::GroupName { group_name: self.group.clone() },
        };
        let role = (self.kind != "attribute_role").then(|| self.role.clone());
        Some(Rule { condition, role, environment: self.environment.clone() })
    }
}

/// The word for a kind of condition, in forms and in the catalogue.
pub fn word(condition: &Condition) -> &'static str {
    match condition {
        Condition::GroupId { .. } => "group_id",
        Condition::GroupName { .. } => "group_name",
        Condition::Attribute { .. } => "attribute",
        Condition::AttributeRole { .. } => "attribute_role",
    }
}

/// What somebody works on.
#[derive(Debug, Clone)]
pub struct Work {
    /// The draft.
    pub draft: Draft,
    /// The print of what counted when it was begun.
    pub seen: String,
    /// The print of the draft that the page before showed the effect of; empty: of none.
    pub looked: String,
    /// The user names of people to look at, one on each line.
    pub people: String,
    /// Which rule is being changed.
    pub editing: Option<usize>,
    /// The rule that is filled in.
    pub entry: Entry,
    /// Whether it was confirmed that a role is lost by everybody.
    pub sure: bool,
    /// What is wrong.
    pub problem: Problem,
    /// A word of the section `rules_notice`: what is to be said above the draft.
    pub notice: Option<&'static str>,
}

impl Work {
    /// Begins with what counts.
    pub fn begin(draft: Draft) -> Self {
        let print = draft.print();
        Work {
            draft,
            looked: print.clone(),
            seen: print,
            people: String::new(),
            editing: None,
            entry: Entry::default(),
            sure: false,
            problem: Problem::default(),
            notice: None,
        }
    }

    /// As the form brings it; `None` when that was no form of ours.
    pub fn read(fields: &Fields) -> Option<Self> {
        let mut rules: Vec<DraftRule> = Vec::new();
        loop {
            let text = fields.get(&format!("rule-{}", rules.len()));
            if text.is_empty() {
                break;
            }
            rules.push(serde_json::from_str(text).ok()?);
        }
        let settings =
            RoleSettings { mode: of_word(fields.get("mode"))?, unknown_values: of_word(fields.get("unknown_values"))? };
        Some(Work {
            draft: Draft { rules, settings },
            seen: fields.get("seen").to_owned(),
            looked: fields.get("looked").to_owned(),
            people: fields.get("people").to_owned(),
            editing: fields.get("editing").parse().ok(),
            entry: Entry::read(fields),
            sure: !fields.get("sure").is_empty(),
            problem: Problem::default(),
            notice: None,
        })
    }

    /// Whether it would make a difference.
    pub fn is_changed(&self) -> bool {
        self.draft.print() != self.seen
    }

    /// Whether a rule was filled in and not taken yet.
    pub fn is_entry_open(&self) -> bool {
        match self.editing.and_then(|index| self.draft.rules.get(index)) {
            Some(rule) => self.entry != Entry::of(&rule.rule),
            None => self.entry.is_begun(),
        }
    }

    /// Puts a rule in the place of the one that is being changed, or at the end.
    pub fn put(&mut self, rule: Rule) {
        match self.editing.and_then(|index| self.draft.rules.get_mut(index)) {
            Some(changed) => changed.rule = rule,
            None => self.draft.rules.push(DraftRule { id: None, rule }),
        }
        self.close();
    }

    /// Ends the changing of a rule.
    pub fn close(&mut self) {
        (self.editing, self.entry) = (None, Entry::default());
    }

    /// Changes the order, or takes a rule away, or begins to change one.
    pub fn arrange(&mut self, act: Act) {
        let rules = &mut self.draft.rules;
        let last = rules.len().saturating_sub(1);
        match act {
            Act::Edit(index) => {
                if let Some(rule) = rules.get(index) {
                    (self.editing, self.entry) = (Some(index), Entry::of(&rule.rule));
                }
                return;
            }
            Act::Remove(index) if index <= last && !rules.is_empty() => drop(rules.remove(index)),
            Act::Up(index) if index > 0 && index <= last => rules.swap(index, index - 1),
            Act::Down(index) if index < last => rules.swap(index, index + 1),
            _ => return,
        }
        // The numbers are others now.
        if self.editing.is_some() {
            self.close();
        }
    }
}

/// The word of a setting.
pub fn word_of(setting: impl Serialize) -> String {
    match serde_json::to_value(setting) {
        Ok(Value::String(word)) => word,
        _ => String::new(),
    }
}

fn of_word<T: DeserializeOwned>(word: &str) -> Option<T> {
    serde_json::from_value(Value::String(word.to_owned())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(name: &str) -> Rule {
        let condition = Condition::GroupName { group_name: name.to_owned() };
        Rule { condition, role: Some("admin".to_owned()), environment: String::new() }
    }

    fn work(names: &[&str]) -> Work {
        let rules = names.iter().map(|name| DraftRule { id: None, rule: rule(name) }).collect();
        Work::begin(Draft { rules, settings: RoleSettings::default() })
    }

    fn names(work: &Work) -> Vec<String> {
        work.draft.rules.iter().map(|draft| Entry::of(&draft.rule).group).collect()
    }

    #[test]
    fn rules_move_within_their_list_and_no_further() {
        let mut work = work(&["a", "b", "c"]);
        for (act, order) in [
            (Act::Up(0), ["a", "b", "c"]),
            (Act::Down(2), ["a", "b", "c"]),
            (Act::Up(7), ["a", "b", "c"]),
            (Act::Remove(3), ["a", "b", "c"]),
            (Act::Down(0), ["b", "a", "c"]),
            (Act::Up(2), ["b", "c", "a"]),
        ] {
            work.arrange(act);
            assert_eq!(names(&work), order, "{act:?}");
        }
        assert!(work.is_changed());
        work.arrange(Act::Remove(1));
        assert_eq!(names(&work), ["b", "a"]);
        work.arrange(Act::Edit(1));
        assert!(!work.is_entry_open(), "nothing was changed yet");
        work.entry.group = "z".to_owned();
        assert!(work.is_entry_open());
        let changed = work.entry.rule().unwrap();
        work.put(changed);
        assert_eq!((names(&work), work.editing), (vec!["b".to_owned(), "z".to_owned()], None));
        work.put(rule("new"));
        assert_eq!(names(&work), ["b", "z", "new"]);
    }

    #[test]
    fn what_is_filled_in_is_the_rule_that_it_was_made_of() {
        let id = "directory_group_01h455vb4pex5vsknk084sn02q";
        for json in [
            serde_json::json!({"condition": {"type": "group_name", "group_name": "A"}, "role": "admin"}),
            serde_json::json!({"condition": {"type": "attribute", "path": "title", "value": "x"}, "role": "admin", "environment": "prod"}),
            serde_json::json!({"condition": {"type": "attribute_role", "path": "roles"}}),
        ] {
            let rule: Rule = serde_json::from_value(json).unwrap();
            assert_eq!(Entry::of(&rule).rule(), Some(rule));
        }
        assert_eq!(Entry { kind: "group_id".into(), group_id: format!("{id}x"), ..Entry::default() }.rule(), None);
        assert_eq!((Act::of("up-3"), Act::of("up-x"), Act::of("")), (Act::Up(3), Act::Preview, Act::Preview));
    }
}
