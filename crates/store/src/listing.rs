//! Conditions and keyset pages for the lists of the application's API.

use crate::error::Result;
use crate::paging::{Cursor, Order, Slice};
use crate::tx::Tx;
use crate::value::{Param, Row};

/// A condition that is put together, with its parameters.
#[derive(Default)]
pub(crate) struct Conditions {
    text: String,
    params: Vec<Box<dyn Param>>,
    /// The id of the table that was joined last, when the conditions stand in its `ON`.
    joined: Option<&'static str>,
}

impl Conditions {
    /// Adds a parameter; its name in the statement.
    pub(crate) fn bind(&mut self, param: impl Param + 'static) -> String {
        self.params.push(Box::new(param));
        format!("${}", self.params.len())
    }

    /// Adds parameters; their names in the statement, for `IN (…)`.
    pub(crate) fn bind_all<P: Param + 'static>(&mut self, params: impl IntoIterator<Item = P>) -> String {
        let names: Vec<String> = params.into_iter().map(|param| self.bind(param)).collect();
        names.join(", ")
    }

    /// Adds a condition that must hold too.
    pub(crate) fn and(&mut self, condition: &str) {
        self.text.push_str(if self.text.is_empty() { "" } else { " AND " });
        self.text.push_str(condition);
    }

    /// The conditions follow the `ON` of an outer join, whose table has this id: so the table before it leads, see `many::wanted`.
    pub(crate) fn join(&mut self, id: &'static str) {
        self.joined = Some(id);
    }

    /// ` WHERE …`, or nothing.
    pub(crate) fn text(&self) -> String {
        match self.joined {
            None if self.text.is_empty() => String::new(),
            None => format!(" WHERE {}", self.text),
            Some(id) => format!(" ON {} WHERE COALESCE({id}, '') <> ''", self.text),
        }
    }

    /// The parameters in the order of their names.
    pub(crate) fn params(&self) -> Vec<&dyn Param> {
        self.params.iter().map(|param| &**param).collect()
    }
}

/// `select` (which ends in `FROM `) of a table whose rows have their `id` in all of these sets (`SELECT` statements). The first set leads;
/// without one the table is walked.
pub(crate) fn led_by(
    sets: &[String],
    select: &str,
    table: &str,
    id: &'static str,
    conditions: &mut Conditions,
) -> String {
    let Some((lead, others)) = sets.split_first() else { return format!("{select}{table}") };
    for set in others {
        conditions.and(&format!("{id} IN ({set})"));
    }
    conditions.and(&format!("{id} = found.key"));
    conditions.join(id);
    format!("WITH found (key) AS ({lead}) {select}found LEFT JOIN {table}")
}

/// The part of a list that a cursor asks for. `select` ends before its `WHERE`; `key` is the column of the id.
pub(crate) fn slice<I: Param + Clone + 'static, T>(
    tx: &mut Tx<'_>,
    select: &str,
    key: &str,
    mut conditions: Conditions,
    cursor: &Cursor<I>,
    read: impl FnMut(&Row<'_>) -> Result<T>,
) -> Result<Slice<T>> {
    let backwards = cursor.after.is_none() && cursor.before.is_some();
    let ascending = (cursor.order == Order::Ascending) != backwards;
    let (compare, direction) = if ascending { (">", "ASC") } else { ("<", "DESC") };
    if let Some(id) = cursor.after.clone().or_else(|| cursor.before.clone()) {
        let id = conditions.bind(id);
        conditions.and(&format!("{key} {compare} {id}"));
    }
    let limit = cursor.limit.max(0);
    // One more than wanted tells whether there are more.
    let one_more = conditions.bind(limit.saturating_add(1));
    let sql = format!("{select}{} ORDER BY {key} {direction} LIMIT {one_more}", conditions.text());
    let mut items = tx.query(&sql, &conditions.params(), read)?;
    let more = items.len() as i64 > limit;
    if more {
        items.pop();
    }
    if backwards {
        items.reverse();
        return Ok(Slice { items, more_before: more, more_after: true });
    }
    Ok(Slice { items, more_before: cursor.after.is_some(), more_after: more })
}
