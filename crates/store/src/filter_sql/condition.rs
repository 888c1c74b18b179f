//! One condition of a filter, in SQL.

use super::Kind;

/// A condition in SQL; `?` stands for the next parameter.
///
/// A column of the table itself is compared as it stands, and its index leads. Whatever needs more than one index is a set of ids too,
/// which leads: the planners would else walk the directory and test each row.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Condition {
    pub(super) text: String,
    /// `SELECT … UNION SELECT …`: the ids, with the same parameters as `text`. `None` where a column is compared.
    pub(super) set: Option<String>,
    /// What must hold of the members of the set too.
    pub(super) rest: String,
    pub(super) params: Vec<String>,
    /// Whether it says the same as the filter, or only lets too many through.
    pub(super) exact: bool,
}

impl Condition {
    pub(super) fn exact(text: &str, params: Vec<String>) -> Self {
        Self { text: text.to_owned(), set: None, rest: String::new(), params, exact: true }
    }

    pub(super) fn candidates(text: &str, params: Vec<String>) -> Self {
        Self { exact: false, ..Self::exact(text, params) }
    }

    /// Those whose id is in the set.
    pub(super) fn set(set: &str, params: Vec<String>) -> Self {
        Self { set: Some(set.to_owned()), ..Self::exact(&format!("id IN ({set})"), params) }
    }

    /// It as a set, whatever it is.
    pub(super) fn as_set(&self, kind: Kind) -> String {
        debug_assert!(self.rest.is_empty(), "only what one index or set finds is joined by OR");
        let select = || format!("SELECT id FROM {} WHERE directory_id = $1 AND {}", table(kind), self.text);
        self.set.clone().unwrap_or_else(select)
    }

    /// Both hold. The first one leads.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            text: format!("{} AND {}", self.text, other.text),
            rest: format!("{} AND {}", self.rest, other.text),
            params: self.params.into_iter().chain(other.params).collect(),
            exact: self.exact && other.exact,
            set: self.set,
        }
    }

    /// One of both holds.
    pub(super) fn or(self, other: Self, kind: Kind) -> Self {
        let set = format!("{} UNION {}", self.as_set(kind), other.as_set(kind));
        let exact = self.exact && other.exact;
        Self { exact, ..Self::set(&set, self.params.into_iter().chain(other.params).collect()) }
    }

    /// A statement on the rows that pass this and `more`. `$1` is the directory, the parameters begin with `$2`, the table is `t`.
    pub(super) fn statement(&self, kind: Kind, columns: &str, more: &str) -> String {
        let table = table(kind);
        let Some(set) = &self.set else {
            let text = numbered(&self.text);
            return format!("SELECT {columns} FROM {table} t WHERE directory_id = $1 AND {text}{more}");
        };
        // For the form of the join see `many::wanted`: what else must hold stands in ON, because in WHERE it would make the join an
        // inner one.
        let statement = format!(
            "WITH found (key) AS ({set}) SELECT {columns} FROM found LEFT JOIN {table} t \
             ON t.directory_id = $1 AND t.id = found.key{}",
            self.rest
        );
        format!("{}{more} WHERE COALESCE(t.id, '') <> ''", numbered(&statement))
    }
}

fn table(kind: Kind) -> &'static str {
    match kind {
        Kind::User => "scim_user",
        Kind::Group => "scim_group",
    }
}

/// The text with its parameters numbered from 2 on.
fn numbered(text: &str) -> String {
    let mut parts = text.split('?');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for (index, part) in parts.enumerate() {
        text.push_str(&format!("${}{part}", 2 + index));
    }
    text
}
