//! The way back: the provider reads users and groups page by page, and cannot know what it does not get.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Failure, Session};
use crate::answer::Violation;
use crate::client::{Message, Object};
use crate::dialect::Import;

/// Okta advances by this many, whatever it received.
const PAGE: usize = 100;

/// What an import brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Imported {
    /// Users in the list, deactivated ones included.
    pub users: usize,
    /// Those of them whom Okta would take over: the active ones.
    pub active: usize,
    /// Groups in the list.
    pub groups: usize,
}

impl Session {
    /// Reads everything as the provider's import does; providers without one send nothing.
    ///
    /// # Errors
    /// A list that changes its total, repeats an item, or has a short page before the last.
    pub async fn import(&self) -> Result<Imported, Failure> {
        let mut imported = Imported::default();
        match self.manner.import {
            Import::Never => {}
            Import::Pages { groups } => {
                let users = self.pages(Message::ListUsers, "/Users").await?;
                imported.users = users.len();
                imported.active = users.iter().filter(|user| user.get("active") != Some(&Value::Bool(false))).count();
                if groups {
                    imported.groups = self.pages(Message::ListGroups, "/Groups").await?.len();
                }
            }
            Import::GroupsWithoutCount => imported.groups = self.groups_without_count().await?,
        }
        Ok(imported)
    }

    async fn pages(&self, message: Message, endpoint: &str) -> Result<Vec<Object>, Failure> {
        let (mut all, mut ids, mut start, mut promised) = (Vec::new(), BTreeSet::new(), 1, None);
        loop {
            let path = format!("{endpoint}?startIndex={start}&count={PAGE}");
            let page = self.list(message, &path).await?;
            let fail = |what: String| self.object_to(message, &path, &Violation::Page(what));
            if page.start != start as i64 {
                return Err(self.object_to(
                    message,
                    &path,
                    &Violation::StartIndex { asked: start as i64, found: page.start },
                ));
            }
            let total = *promised.get_or_insert(page.total);
            if total != page.total {
                return Err(fail(format!("totalResults went from {total} to {} between two pages", page.total)));
            }
            let received = page.resources.len();
            let expected = (total - start as i64 + 1).clamp(0, PAGE as i64);
            if received as i64 != expected {
                return Err(fail(format!("the page has {received} items where {expected} were due")));
            }
            for item in page.resources {
                let id = item.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
                if !ids.insert(id.clone()) {
                    return Err(fail(format!("{id} is on two pages")));
                }
                all.push(item);
            }
            start += PAGE;
            if start as i64 > total {
                return Ok(all);
            }
        }
    }

    async fn groups_without_count(&self) -> Result<usize, Failure> {
        let mut seen = 0_usize;
        loop {
            let path = if seen == 0 { "/Groups".to_owned() } else { format!("/Groups?startIndex={}", seen + 1) };
            let page = self.list(Message::ListGroups, &path).await?;
            seen += page.resources.len();
            if seen as i64 >= page.total {
                return Ok(seen);
            }
            if page.resources.is_empty() {
                let what = format!("an empty page after {seen} of {} groups", page.total);
                return Err(self.object_to(Message::ListGroups, &path, &Violation::Page(what)));
            }
        }
    }
}
