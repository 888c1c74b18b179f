//! Lists: which part is asked for, and the envelope it comes in (app-api: Conventions).

use std::fmt::Display;
use std::str::FromStr;

use doorward_store::paging::{Cursor, Order, Slice};
use serde::Serialize;

use super::parameters::Parameters;
use super::reply::Failure;

/// How many objects a page holds when nothing is asked.
const DEFAULT_LIMIT: i64 = 10;

/// The most objects of a page.
const MOST: i64 = 100;

/// Reads `limit`, `order`, `before` and `after`.
///
/// # Errors
/// 422 naming the parameter.
pub fn cursor<I: FromStr>(parameters: &Parameters, default_order: Order) -> Result<Cursor<I>, Failure> {
    let order = match parameters.text("order") {
        None => default_order,
        Some(text) if text.eq_ignore_ascii_case("asc") => Order::Ascending,
        Some(text) if text.eq_ignore_ascii_case("desc") => Order::Descending,
        Some(_) => return Err(Failure::Parameter { field: "order", message: "must be asc or desc".to_owned() }),
    };
    let (after, before) = (parameters.id("after")?, parameters.id("before")?);
    if after.is_some() && before.is_some() {
        // One of them would have to be ignored, and its sender would take the answer for something else than it is.
        return Err(Failure::Parameter { field: "before", message: "cannot be given together with after".to_owned() });
    }
    Ok(Cursor { after, before, limit: parameters.number("limit", 1, MOST)?.unwrap_or(DEFAULT_LIMIT), order })
}

/// A list as it goes over the wire.
#[derive(Debug, Serialize)]
pub struct List<T> {
    object: &'static str,
    data: Vec<T>,
    list_metadata: Metadata,
}

#[derive(Debug, Serialize)]
struct Metadata {
    before: Option<String>,
    after: Option<String>,
}

impl<T> List<T> {
    /// The envelope around a list that has one page.
    pub fn whole(data: Vec<T>) -> Self {
        List { object: "list", data, list_metadata: Metadata { before: None, after: None } }
    }

    /// The envelope around a slice. `id` names the object that the cursors point at.
    ///
    /// # Errors
    /// Those of `object`.
    pub fn new<R, I: Display, E>(
        slice: Slice<R>,
        id: impl Fn(&R) -> I,
        object: impl FnMut(R) -> Result<T, E>,
    ) -> Result<Self, E> {
        let cursor = |more: bool, row: Option<&R>| row.filter(|_| more).map(|row| id(row).to_string());
        let list_metadata = Metadata {
            before: cursor(slice.more_before, slice.items.first()),
            after: cursor(slice.more_after, slice.items.last()),
        };
        let data = slice.items.into_iter().map(object).collect::<Result<_, E>>()?;
        Ok(List { object: "list", data, list_metadata })
    }
}
