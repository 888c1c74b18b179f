//! `doorward access`: may this person enter?

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};
use doorward_server::service::access::{self, Person, Question};
use doorward_store::ids::UserId;

use crate::database::Administration;
use crate::output::{Output, pairs};

/// What can be asked.
#[derive(Subcommand)]
pub enum Command {
    /// Say whether somebody may enter, why, and with which roles
    Check(Check),
}

/// The question.
#[derive(Args)]
pub struct Check {
    /// The organization: its id, or the application's own id of it
    #[arg(long, value_name = "ID")]
    org: String,
    #[command(flatten)]
    who: Who,
}

/// Who is meant.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub struct Who {
    /// Any of the names below
    #[arg(value_name = "PERSON")]
    user: Option<String>,
    /// Doorward's id
    #[arg(long, value_name = "ID")]
    user_id: Option<UserId>,
    /// The identity provider's id
    #[arg(long, value_name = "ID")]
    idp_id: Option<String>,
    /// The userName
    #[arg(long, value_name = "NAME")]
    username: Option<String>,
    /// An e-mail address
    #[arg(long)]
    email: Option<String>,
}

impl Who {
    fn person(self) -> Option<Person> {
        let named = self.user_id.map(Person::Id).or_else(|| self.idp_id.map(Person::IdpId));
        let named = named.or_else(|| self.username.map(Person::UserName)).or_else(|| self.email.map(Person::Email));
        named.or_else(|| self.user.map(Person::Any))
    }
}

pub async fn run(at: &Administration, command: Command, output: Output) -> Result<()> {
    let Command::Check(Check { org, who }) = command;
    let person = who.person().context("say who is meant")?;
    let answers = access::check(&at.store, &at.operator, vec![Question { organization: org, person }]).await?;
    let now = at.store.clock().now();
    let answer = answers.into_iter().next().context("the question was not answered")?.at(now);
    output.answer(&answer, || {
        let text = |name: &str| answer[name].as_str().map_or_else(|| "-".to_owned(), str::to_owned);
        let slugs = answer["roles"].as_array().into_iter().flatten().filter_map(|role| role["slug"].as_str());
        pairs(&[
            ("allowed", if answer["allowed"] == true { "yes" } else { "no" }),
            ("reason", &text("reason")),
            ("roles", &slugs.collect::<Vec<_>>().join(", ")),
            ("user", &text("user_id")),
            ("directory", &text("directory_id")),
            ("version", &answer["version"].to_string()),
        ])
    })
}
