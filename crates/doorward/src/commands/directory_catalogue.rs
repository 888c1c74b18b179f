//! `doorward directory catalogue`: the roles and entitlements that a directory offers.

use anyhow::Result;
use clap::Subcommand;
use doorward_scim::schema::{Catalogue, CatalogueList};
use doorward_server::service::catalogue;
use doorward_store::directory::DirectoryRow;

use super::directory_schema::{File, Of};
use crate::database::Administration;
use crate::output::{Output, table};

/// What can be done with the catalogue.
#[derive(Subcommand)]
pub enum Command {
    /// Set the roles and entitlements that are offered; the list that the document leaves out is off
    Set {
        #[command(flatten)]
        of: Of,
        #[command(flatten)]
        file: File,
    },
    /// Show what is offered
    List(Of),
    /// Offer nothing; what people have stays
    Remove(Of),
}

pub async fn run(at: &Administration, command: Command, output: Output) -> Result<()> {
    match command {
        Command::Set { of, file } => {
            let wanted = Catalogue::from_document(&file.read()?)?;
            set(at, &of.named().find(at).await?, wanted, output).await
        }
        Command::List(of) => {
            let row = of.named().find(at).await?;
            show(&row, &catalogue::get(&at.store, &at.operator, row.id).await?, output)
        }
        Command::Remove(of) => set(at, &of.named().find(at).await?, Catalogue::default(), output).await,
    }
}

async fn set(at: &Administration, row: &DirectoryRow, wanted: Catalogue, output: Output) -> Result<()> {
    show(row, &catalogue::set(&at.store, &at.operator, row.id, wanted).await?, output)
}

fn show(row: &DirectoryRow, offered: &Catalogue, output: Output) -> Result<()> {
    output.answer(&catalogue::object(row.id, offered), || {
        let mut rows = Vec::new();
        for list in CatalogueList::ALL {
            for value in offered.list(list).into_iter().flat_map(|offer| &offer.values) {
                let kind = value.kind.clone().unwrap_or_else(|| "-".to_owned());
                let supported = if value.supported { "yes" } else { "no" };
                let list = list.attribute().to_owned();
                rows.push(vec![list, value.value.clone(), value.display.clone(), kind, supported.to_owned()]);
            }
        }
        if offered.is_empty() {
            return "This directory offers no roles and no entitlements.".to_owned();
        }
        table(&["LIST", "VALUE", "DISPLAY", "TYPE", "SUPPORTED"], rows)
    })
}
