//! `doorward directory schema`: the extensions that a directory declares, and what it received without declaring it.

use std::io::Read as _;

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};
use doorward_scim::Object;
use doorward_scim::json;
use doorward_scim::schema::Declaration;
use doorward_server::service::{received, schemas};
use serde_json::{Value, json as value};

use super::directory::Named;
use crate::database::Administration;
use crate::output::{Output, table};

/// What can be done with schemas.
#[derive(Subcommand)]
pub enum Command {
    /// Declare an extension of users or groups, or declare it anew; counts within a second
    Set {
        #[command(flatten)]
        of: Of,
        #[command(flatten)]
        file: File,
    },
    /// Show the declared extensions
    List(Of),
    /// Take a declaration back; what people have in the extension stays
    Remove {
        #[command(flatten)]
        of: Of,
        /// The URN of the extension
        #[arg(value_name = "URN")]
        urn: String,
    },
    /// Show what the identity provider sent although nothing declares it
    Received(Of),
}

/// The directory that is meant.
#[derive(Args)]
pub struct Of {
    /// The directory's id or label
    #[arg(long, value_name = "DIRECTORY")]
    directory: String,
}

impl Of {
    /// As the other commands have it.
    pub fn named(self) -> Named {
        Named { directory: self.directory }
    }
}

/// Where a document stands.
#[derive(Args)]
pub struct File {
    /// The JSON document; - reads standard input
    #[arg(long, value_name = "FILE")]
    file: String,
}

impl File {
    /// Reads the document.
    pub fn read(&self) -> Result<Object> {
        let mut bytes = Vec::new();
        if self.file == "-" {
            std::io::stdin().lock().read_to_end(&mut bytes).context("reading standard input")?;
        } else {
            bytes = std::fs::read(&self.file).with_context(|| format!("reading {}", self.file))?;
        }
        json::parse_object(&bytes).with_context(|| format!("{} is not the JSON that is needed", self.file))
    }
}

pub async fn run(at: &Administration, command: Command, output: Output) -> Result<()> {
    match command {
        Command::Set { of, file } => set(at, of, &file, output).await,
        Command::List(of) => list(at, of, output).await,
        Command::Remove { of, urn } => remove(at, of, urn, output).await,
        Command::Received(of) => list_received(at, of, output).await,
    }
}

async fn set(at: &Administration, of: Of, file: &File, output: Output) -> Result<()> {
    let declaration = Declaration::from_document(&file.read()?)?;
    let row = of.named().find(at).await?;
    let declaration = schemas::put(&at.store, &at.operator, row.id, declaration).await?;
    output.answer(&schemas::object(row.id, &declaration), || {
        let (schema, of) = (&declaration.schema, declaration.resource_type.name());
        format!("{} declares {} with {} attributes of {of}", row.label, schema.id, schema.attributes.len())
    })
}

async fn list(at: &Administration, of: Of, output: Output) -> Result<()> {
    let row = of.named().find(at).await?;
    let declarations = schemas::list(&at.store, &at.operator, row.id).await?;
    let objects: Vec<Value> = declarations.iter().map(|declaration| schemas::object(row.id, declaration)).collect();
    output.answer(&value!({ "object": "list", "data": objects }), || {
        if declarations.is_empty() {
            return "This directory declares no schema of its own.".to_owned();
        }
        let cells = |declaration: &Declaration| {
            let names: Vec<&str> = declaration.schema.attributes.iter().map(|one| one.name.as_str()).collect();
            let required = if declaration.required { "yes" } else { "no" };
            let of = declaration.resource_type.name();
            vec![declaration.schema.id.clone(), of.to_owned(), required.to_owned(), names.join(", ")]
        };
        table(&["URN", "EXTENDS", "REQUIRED", "ATTRIBUTES"], declarations.iter().map(cells))
    })
}

async fn remove(at: &Administration, of: Of, urn: String, output: Output) -> Result<()> {
    let row = of.named().find(at).await?;
    schemas::remove(&at.store, &at.operator, row.id, urn.clone())
        .await
        .with_context(|| format!("`{urn}`; `doorward directory schema list --directory {}` shows all", row.label))?;
    let gone = value!({ "object": "directory_schema", "directory_id": row.id, "id": urn, "deleted": true });
    output.answer(&gone, || format!("{} declares {urn} no more; what people have in it stays", row.label))
}

async fn list_received(at: &Administration, of: Of, output: Output) -> Result<()> {
    let row = of.named().find(at).await?;
    let names = received::list(&at.store, &at.operator, row.id).await?;
    output.answer(&value!({ "object": "list", "data": names }), || {
        if names.is_empty() {
            return "Nothing was received that is not declared.".to_owned();
        }
        let cells = |name: &Value| {
            let text = |key: &str| name[key].as_str().unwrap_or("-").to_owned();
            ["resource_type", "urn", "attribute", "declared_in", "first_received_at"].map(text).to_vec()
        };
        table(&["OF", "URN", "ATTRIBUTE", "DECLARED IN", "FIRST RECEIVED"], names.iter().map(cells))
    })
}
