//! `doorward role-mapping`: the rules that give people of a directory roles.

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand, ValueEnum};
use doorward_server::service::roles::{mappings, recompute, settings, unknown};
use doorward_store::directory::{RoleMode, RoleSettings, UnknownRoles};
use doorward_store::ids::{GroupId, RoleMappingId};
use doorward_store::role_mapping::{Condition, MappingRow, Rule};
use serde_json::{Value, json};

use super::directory_schema::Of;
use crate::database::Administration;
use crate::output::{Output, table};

/// What can be done with rules.
#[derive(Subcommand)]
pub enum Command {
    /// Add a rule; people have what is due by it at once
    Add(Add),
    /// Show the rules in order, with how they are read
    List(Of),
    /// Put a rule at another place of the order
    Move {
        /// Its id
        #[arg(value_name = "RULE")]
        id: RoleMappingId,
        /// The place, from 1
        #[arg(value_parser = clap::value_parser!(i64).range(1..))]
        position: i64,
    },
    /// Remove a rule; people lose what they had by it
    Remove {
        /// Its id
        #[arg(value_name = "RULE")]
        id: RoleMappingId,
    },
    /// Say how the rules are read
    Settings {
        #[command(flatten)]
        of: Of,
        /// One role, that of the first rule that matches, or those of all
        #[arg(long, value_enum)]
        mode: Option<Mode>,
        /// What becomes of a value that is no role
        #[arg(long, value_enum)]
        unknown: Option<Unknown>,
    },
    /// Show the values that people have where a rule expects a role, and that are none
    Unknown(Of),
}

/// A rule.
#[derive(Args)]
pub struct Add {
    #[command(flatten)]
    of: Of,
    #[command(flatten)]
    who: Who,
    /// The value that must be there; without it the value is the role
    #[arg(long, requires = "path")]
    value: Option<String>,
    /// The slug of the role
    #[arg(long)]
    role: Option<String>,
    /// The environment of your application in which it counts [default: the usual one]
    #[arg(long, default_value = "")]
    environment: String,
    /// The place in the order, from 1 [default: the last]
    #[arg(long, value_parser = clap::value_parser!(i64).range(1..))]
    position: Option<i64>,
}

/// Whom a rule is about.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub struct Who {
    /// Those who are directly in the group of this id
    #[arg(long, value_name = "ID")]
    group_id: Option<GroupId>,
    /// Those who are directly in a group of this name
    #[arg(long, value_name = "NAME")]
    group: Option<String>,
    /// Those who have the value at this path, such as title or urn:…:User:department
    #[arg(long)]
    path: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Mode {
    /// That of the first rule that matches
    Single,
    /// Those of all rules that match
    Multiple,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Unknown {
    /// The identity provider is refused
    Reject,
    /// It gives no role
    Ignore,
    /// It gives no role and is listed
    Flag,
}

pub async fn run(at: &Administration, command: Command, output: Output) -> Result<()> {
    let (store, by) = (&at.store, &at.operator);
    match command {
        Command::Add(add) => {
            let directory = add.of.named().find(at).await?;
            let condition = match (add.who.group_id, add.who.group, add.who.path, add.value) {
                (Some(group_id), ..) => Condition::GroupId { group_id },
                (None, Some(group_name), ..) => Condition::GroupName { group_name },
                (None, None, path, Some(value)) => Condition::Attribute { path: path.unwrap_or_default(), value },
                (None, None, path, None) => Condition::AttributeRole { path: path.unwrap_or_default() },
            };
            let rule = Rule { condition, role: add.role, environment: add.environment };
            show(&mappings::create(store, by, directory.id, rule, add.position).await?, output)
        }
        Command::List(of) => list(at, of, output).await,
        Command::Move { id, position } => {
            let moved = mappings::update(store, by, id, Some(position), |_| ()).await;
            show(&moved.with_context(|| id.to_string())?, output)
        }
        Command::Remove { id } => {
            mappings::delete(store, by, id).await.with_context(|| id.to_string())?;
            let gone = json!({ "object": "role_mapping", "id": id, "deleted": true });
            output.answer(&gone, || format!("removed {id}"))
        }
        Command::Settings { of, mode, unknown } => set(at, of, mode, unknown, output).await,
        Command::Unknown(of) => list_unknown(at, of, output).await,
    }
}

fn show(row: &MappingRow, output: Output) -> Result<()> {
    output.answer(&mappings::object(row), || cells(row).join("  "))
}

fn cells(row: &MappingRow) -> Vec<String> {
    let condition = match &row.rule.condition {
        Condition::GroupId { group_id } => format!("in {group_id}"),
        Condition::GroupName { group_name } => format!("in a group named {group_name}"),
        Condition::Attribute { path, value } => format!("{path} is {value}"),
        Condition::AttributeRole { path } => format!("{path} names the role"),
    };
    let role = row.rule.role.clone().unwrap_or_else(|| "-".to_owned());
    let environment = if row.rule.environment.is_empty() { "-" } else { &row.rule.environment };
    vec![row.place.to_string(), row.id.to_string(), condition, role, environment.to_owned()]
}

async fn list(at: &Administration, of: Of, output: Output) -> Result<()> {
    let directory = of.named().find(at).await?;
    let rows = mappings::list(&at.store, &at.operator, directory.id).await?;
    let recomputing = recompute::progress(&at.store, &at.operator, directory.id).await?;
    let objects: Vec<Value> = rows.iter().map(|row| Value::Object(mappings::object(row))).collect();
    let settings = settings::object(directory.id, directory.settings.roles);
    let all = json!({ "object": "list", "data": objects, "settings": settings, "recomputing": recomputing });
    output.answer(&all, || {
        if rows.is_empty() {
            return "This directory has no rules; nobody has a role.".to_owned();
        }
        let rules = table(&["PLACE", "ID", "WHO", "ROLE", "ENVIRONMENT"], rows.iter().map(cells));
        let word = |name: &str| settings[name].as_str().unwrap_or("-").to_owned();
        let read = format!("mode {}, unknown values {}", word("mode"), word("unknown_values"));
        match &recomputing {
            Value::Null => format!("{rules}\n\n{read}"),
            state => format!("{rules}\n\n{read}\n{} of {} people looked at so far", state["looked_at"], state["total"]),
        }
    })
}

async fn set(at: &Administration, of: Of, mode: Option<Mode>, unknown: Option<Unknown>, output: Output) -> Result<()> {
    let directory = of.named().find(at).await?;
    let mode = mode.map(|mode| match mode {
        Mode::Single => RoleMode::Single,
        Mode::Multiple => RoleMode::Multiple,
    });
    let unknown = unknown.map(|unknown| match unknown {
        Unknown::Reject => UnknownRoles::Reject,
        Unknown::Ignore => UnknownRoles::Ignore,
        Unknown::Flag => UnknownRoles::Flag,
    });
    let edit = move |settings: &mut RoleSettings| {
        settings.mode = mode.unwrap_or(settings.mode);
        settings.unknown_values = unknown.unwrap_or(settings.unknown_values);
    };
    let set = settings::object(directory.id, settings::change(&at.store, &at.operator, directory.id, edit).await?);
    output.answer(&set, || format!("mode {}, unknown values {}", set["mode"], set["unknown_values"]).replace('"', ""))
}

async fn list_unknown(at: &Administration, of: Of, output: Output) -> Result<()> {
    let directory = of.named().find(at).await?;
    let values = unknown::list(&at.store, &at.operator, directory.id).await?;
    output.answer(&json!({ "object": "list", "data": values }), || {
        if values.is_empty() {
            return "Nobody has a value that is no role.".to_owned();
        }
        let cells = values.iter().map(|value| {
            let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
            let closest = text(&value["closest_role"]["slug"]);
            vec![
                text(&value["value"]),
                value["people"].to_string(),
                closest,
                text(&value["last_seen_at"]),
                text(&value["path"]),
            ]
        });
        table(&["VALUE", "PEOPLE", "CLOSEST ROLE", "LAST SEEN", "PATH"], cells)
    })
}
