//! `doorward operator`: the people who sign in to the portal.

use anyhow::{Result, anyhow};
use clap::Subcommand;
use doorward_server::service::{instant, operators};
use doorward_store::Secret;
use doorward_store::operator::OperatorRow;
use serde_json::json;

use crate::database::Administration;
use crate::output::{Output, pairs, table};

/// What can be done with operators.
#[derive(Subcommand)]
pub enum Command {
    /// Make a one-time code with which somebody sets up an account, and the database where there is none yet
    Create,
    /// Show all accounts
    List,
    /// Make a one-time code with which somebody sets another password; that ends all sessions of the account
    Reset {
        /// The account: its e-mail address or its id
        #[arg(value_name = "OPERATOR")]
        operator: String,
    },
}

pub async fn run(at: &Administration, command: Command, output: Output) -> Result<()> {
    match command {
        Command::Create => {
            let code = operators::create_code(&at.store, &at.operator, None).await?;
            show(at, &code, output)
        }
        Command::List => list(at, output).await,
        Command::Reset { operator } => {
            let rows = operators::list(&at.store, &at.operator).await?;
            let is_wanted =
                |row: &&OperatorRow| row.id.to_string() == operator || row.email.eq_ignore_ascii_case(&operator);
            let row = rows.iter().find(is_wanted);
            let row =
                row.ok_or_else(|| anyhow!("nobody signs in as {operator}; `doorward operator list` shows who does"))?;
            let code = operators::create_code(&at.store, &at.operator, Some(row.id)).await?;
            show(at, &code, output)
        }
    }
}

/// Where a one-time code is used.
pub fn address(public_url: &impl std::fmt::Display) -> String {
    format!("{public_url}/admin/begin")
}

fn show(at: &Administration, code: &Secret, output: Output) -> Result<()> {
    let address = address(&at.public_url);
    let object = json!({ "object": "operator_code", "code": code.expose(), "url": address });
    output.answer(&object, || {
        let lines = pairs(&[("open", &address), ("code", code.expose())]);
        format!("{lines}\n\nThe code works once, within a day.")
    })
}

async fn list(at: &Administration, output: Output) -> Result<()> {
    let rows = operators::list(&at.store, &at.operator).await?;
    let object = |row: &OperatorRow| {
        let mut object = operators::object(row);
        object["email"] = json!(row.email);
        object
    };
    let objects = json!({ "object": "list", "data": rows.iter().map(object).collect::<Vec<_>>() });
    output.answer(&objects, || {
        if rows.is_empty() {
            return "Nobody can sign in to the portal yet. Begin with: doorward operator create".to_owned();
        }
        let cells = |row: &OperatorRow| {
            let signed_in = row.last_sign_in_at.map_or_else(|| "never".to_owned(), instant::text);
            vec![row.id.to_string(), row.name.clone(), row.email.clone(), signed_in]
        };
        table(&["ID", "NAME", "EMAIL", "SIGNED IN"], rows.iter().map(cells))
    })
}
