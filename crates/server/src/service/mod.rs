//! What the product does, without HTTP: every surface calls these functions, and only these call the store.
//!
//! A function takes the scope that authentication made, a typed request, and answers with domain values or an
//! [`error::Error`] in domain words. Each surface turns both into its own wire form.

mod announce;
pub mod api_keys;
pub mod directories;
pub mod directory_reads;
pub mod directory_type;
pub mod error;
pub mod events;
pub mod groups;
pub mod instant;
mod joining;
pub mod label;
pub mod list;
pub mod members;
pub mod organizations;
pub mod precondition;
pub mod provision;
pub mod replay;
pub mod schema;
mod search;
pub mod tokens;
pub mod users;
pub mod view;

use std::collections::HashMap;

use doorward_store::Tx;
use doorward_store::ids::UserId;
use doorward_store::membership::MemberId;
use doorward_store::scope::DirectoryScope;
use doorward_store::user::{self, UserRow};

pub use error::Error;

/// The users among these members, in the order given: the events of a membership show the whole user.
fn user_rows(tx: &mut Tx<'_>, scope: &DirectoryScope, members: &[MemberId]) -> error::Result<Vec<UserRow>> {
    let ids: Vec<UserId> = members
        .iter()
        .filter_map(|member| match member {
            MemberId::User(id) => Some(*id),
            MemberId::Group(_) => None,
        })
        .collect();
    let mut rows: HashMap<UserId, UserRow> =
        user::get_many(tx, scope, &ids)?.into_iter().map(|row| (row.id, row)).collect();
    Ok(ids.iter().filter_map(|id| rows.remove(id)).collect())
}
