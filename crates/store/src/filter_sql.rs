//! Filters as SQL: what an index can answer, and what is left to be evaluated on each candidate.
//!
//! Indexed are `id`, `userName`, `externalId`, `emails` and `groups` of users, `displayName`, `externalId` and `members` of groups. Everything
//! else, and everything under `not`, is left over. The left-over filter is evaluated by the caller on the rendered resource.

use doorward_scim::attr::{AttrPath, fold};
use doorward_scim::filter::{CompareOp, Filter, Literal};

pub use crate::batch::Kind;
use crate::error::Result;
use crate::group::GroupRow;
use crate::ids::{GroupId, Id, UserId};
use crate::key;
use crate::membership::MemberId;
use crate::scope::DirectoryScope;
use crate::tx::Tx;
use crate::user::UserRow;
use crate::value::Param;

mod condition;

use condition::Condition;

/// How a filter is answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    kind: Kind,
    condition: Option<Condition>,
    residual: Option<Filter>,
}

impl Plan {
    /// How to answer that everything is wanted.
    pub fn all(kind: Kind) -> Self {
        Self { kind, condition: None, residual: None }
    }

    /// What has to be evaluated on each row that [`user::matching`](crate::user::matching) or
    /// [`group::matching`](crate::group::matching) gives. `None`: they are the answer.
    pub fn residual(&self) -> Option<&Filter> {
        self.residual.as_ref()
    }

    /// Whether an index narrows the candidates; otherwise all resources of the directory are.
    pub fn is_indexed(&self) -> bool {
        self.condition.is_some()
    }
}

/// How to answer this filter on users or groups.
pub fn plan(filter: &Filter, kind: Kind) -> Plan {
    let (conditions, residual) = match filter {
        Filter::And(parts) => {
            let mut conditions = Vec::new();
            let mut left = Vec::new();
            for part in parts {
                let condition = condition(part, kind);
                if !condition.as_ref().is_some_and(|condition| condition.exact) {
                    left.push(part.clone());
                }
                conditions.extend(condition);
            }
            let residual = if left.len() > 1 { Some(Filter::And(left)) } else { left.pop() };
            (conditions, residual)
        }
        other => match condition(other, kind) {
            Some(condition) => {
                let residual = (!condition.exact).then(|| other.clone());
                (vec![condition], residual)
            }
            None => (Vec::new(), Some(other.clone())),
        },
    };
    // The index of a column leads: it finds fewer than a set does.
    let (sets, columns): (Vec<_>, Vec<_>) = conditions.into_iter().partition(|condition| condition.set.is_some());
    let condition = columns.into_iter().chain(sets).reduce(Condition::and);
    Plan { kind, condition, residual }
}

/// The condition that an index answers, if there is one.
fn condition(filter: &Filter, kind: Kind) -> Option<Condition> {
    match filter {
        Filter::Compare { path, op, value: Literal::Text(text) } if path.urn.is_none() => match kind {
            Kind::User => on_user(path, *op, text),
            Kind::Group => on_group(path, *op, text),
        },
        Filter::ValuePath { path, filter } if path.urn.is_none() && path.sub.is_none() => {
            in_values(&path.attribute, filter, kind)
        }
        // All branches need an index, else all resources are candidates anyway.
        Filter::Or(parts) => {
            let parts: Option<Vec<Condition>> = parts.iter().map(|part| condition(part, kind)).collect();
            parts?.into_iter().reduce(|one, other| one.or(other, kind))
        }
        _ => None,
    }
}

fn on_user(path: &AttrPath, op: CompareOp, text: &str) -> Option<Condition> {
    match (path.attribute.as_str(), path.sub.as_deref(), op) {
        ("id", None, CompareOp::Eq) => Some(with_id(text.parse::<UserId>().ok())),
        ("userName", None, CompareOp::Eq) => Some(Condition::exact("user_name_key = ?", vec![key::user_name(text)])),
        ("userName", None, CompareOp::Sw) => beginning("user_name_key", text),
        ("externalId", None, CompareOp::Eq) => Some(Condition::exact("external_id_key = ?", vec![key::exact(text)])),
        ("emails", Some("value"), CompareOp::Eq) => Some(with_email(text)),
        ("groups", Some("value"), CompareOp::Eq) => Some(in_group(text)),
        _ => None,
    }
}

fn on_group(path: &AttrPath, op: CompareOp, text: &str) -> Option<Condition> {
    match (path.attribute.as_str(), path.sub.as_deref(), op) {
        ("id", None, CompareOp::Eq) => Some(with_id(text.parse::<GroupId>().ok())),
        ("displayName", None, CompareOp::Eq) => {
            Some(Condition::exact("display_name_key = ?", vec![key::caseless(text)]))
        }
        ("displayName", None, CompareOp::Sw) => beginning("display_name_key", text),
        ("externalId", None, CompareOp::Eq) => Some(Condition::exact("external_id_key = ?", vec![key::exact(text)])),
        ("members", Some("value"), CompareOp::Eq) => Some(with_member(text)),
        _ => None,
    }
}

/// `emails[type eq "work" and value eq "x"]`, `members[value eq "x"]`: the comparison of `value` narrows, the whole decides.
fn in_values(attribute: &str, filter: &Filter, kind: Kind) -> Option<Condition> {
    let parts = match filter {
        Filter::And(parts) => parts.as_slice(),
        other => std::slice::from_ref(other),
    };
    let text = parts.iter().find_map(|part| match part {
        Filter::Compare { path, op: CompareOp::Eq, value: Literal::Text(text) } if path.attribute == "value" => {
            Some(text)
        }
        _ => None,
    })?;
    let mut condition = match (kind, attribute) {
        (Kind::User, "emails") => with_email(text),
        (Kind::User, "groups") => in_group(text),
        (Kind::Group, "members") => with_member(text),
        _ => return None,
    };
    condition.exact &= parts.len() == 1;
    Some(condition)
}

/// No id is empty: what is no id finds nothing.
fn with_id<I: Id>(id: Option<I>) -> Condition {
    Condition::exact("id = ?", vec![id.map(|id| id.code().to_owned()).unwrap_or_default()])
}

fn with_email(text: &str) -> Condition {
    let key = key::caseless(text.trim());
    Condition::set(
        "SELECT id FROM scim_user WHERE directory_id = $1 AND email_key = ? \
         UNION SELECT user_id FROM user_email WHERE directory_id = $1 AND email_key = ?",
        vec![key.clone(), key],
    )
}

fn in_group(text: &str) -> Condition {
    let group = text.parse::<GroupId>().map(|id| id.code().to_owned()).unwrap_or_default();
    Condition::set("SELECT user_id FROM membership WHERE directory_id = $1 AND group_id = ?", vec![group])
}

fn with_member(text: &str) -> Condition {
    match text.parse::<MemberId>() {
        Ok(MemberId::User(id)) => Condition::set(
            "SELECT group_id FROM membership WHERE directory_id = $1 AND user_id = ?",
            vec![id.code().to_owned()],
        ),
        Ok(MemberId::Group(id)) => Condition::set(
            "SELECT group_id FROM nested_group WHERE directory_id = $1 AND child_id = ?",
            vec![id.code().to_owned()],
        ),
        Err(_) => with_id::<GroupId>(None),
    }
}

/// Keys that begin so lie between the text and the next one that does not. Keys are trimmed and, when very long, cut: such texts
/// are left to evaluation.
fn beginning(column: &str, text: &str) -> Option<Condition> {
    let folded = fold(text);
    if folded.is_empty() || folded.trim() != folded || folded.chars().count() > key::SEARCHABLE {
        return None;
    }
    let from = key::exact(&folded);
    let Some(end) = successor(&from) else {
        return Some(Condition::candidates(&format!("{column} >= ?"), vec![from]));
    };
    Some(Condition::candidates(&format!("({column} >= ? AND {column} < ?)"), vec![from, end]))
}

/// The first text, by its bytes, that comes after all texts that begin with this one.
fn successor(text: &str) -> Option<String> {
    let mut chars: Vec<char> = text.chars().collect();
    while let Some(last) = chars.pop() {
        // The next scalar value; there is none between U+D7FF and U+E000.
        let next = (u32::from(last) + 1..=u32::from(char::MAX)).find_map(char::from_u32);
        if let Some(next) = next {
            chars.push(next);
            return Some(chars.into_iter().collect());
        }
    }
    None
}

/// At most `limit` users that pass the plan's condition and whose number is above `seq`, in the order of creation; start with -1.
///
/// # Errors
/// When the database fails.
pub(crate) fn users(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    plan: &Plan,
    seq: i64,
    limit: i64,
) -> Result<Vec<UserRow>> {
    match (&plan.condition, plan.kind) {
        (_, Kind::Group) => Ok(Vec::new()),
        (None, Kind::User) => crate::user::after(tx, scope, seq, limit),
        (Some(condition), Kind::User) => {
            let sql = page(condition, plan.kind, crate::user::COLUMNS);
            tx.query(&sql, &params(scope, condition, &seq, &limit), UserRow::read)
        }
    }
}

/// At most `limit` groups that pass the plan's condition and whose number is above `seq`, in the order of creation; start with -1.
///
/// # Errors
/// When the database fails.
pub(crate) fn groups(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    plan: &Plan,
    seq: i64,
    limit: i64,
) -> Result<Vec<GroupRow>> {
    match (&plan.condition, plan.kind) {
        (_, Kind::User) => Ok(Vec::new()),
        (None, Kind::Group) => crate::group::after(tx, scope, seq, limit),
        (Some(condition), Kind::Group) => {
            let sql = page(condition, plan.kind, crate::group::COLUMNS);
            tx.query(&sql, &params(scope, condition, &seq, &limit), GroupRow::read)
        }
    }
}

/// How many users or groups pass the plan's condition. Without one, all of them do.
///
/// # Errors
/// When the database fails.
pub(crate) fn count(tx: &mut Tx<'_>, scope: &DirectoryScope, plan: &Plan) -> Result<i64> {
    let Some(condition) = &plan.condition else {
        let counts = crate::stats::counts(tx, scope)?;
        return Ok(if plan.kind == Kind::User { counts.users() } else { counts.groups });
    };
    let sql = condition.statement(plan.kind, "COUNT(*)", "");
    let mut params: Vec<&dyn Param> = vec![&scope.directory_id];
    params.extend(condition.params.iter().map(|param| param as &dyn Param));
    Ok(tx.query_one(&sql, &params, |row| row.get(0))?.unwrap_or_default())
}

/// `seq + 0` keeps the planners from walking the directory in order instead of using the index of the key: on PostgreSQL a fresh table
/// and a small limit make that look cheap.
fn page(condition: &Condition, kind: Kind, columns: &str) -> String {
    let next = 2 + condition.params.len();
    let statement = condition.statement(kind, columns, &format!(" AND t.seq + 0 > ${next}"));
    format!("{statement} ORDER BY t.seq + 0 LIMIT ${}", next + 1)
}

fn params<'a>(scope: &'a DirectoryScope, condition: &'a Condition, seq: &'a i64, limit: &'a i64) -> Vec<&'a dyn Param> {
    let mut params: Vec<&dyn Param> = vec![&scope.directory_id];
    params.extend(condition.params.iter().map(|param| param as &dyn Param));
    params.extend([seq as &dyn Param, limit]);
    params
}

#[cfg(test)]
mod tests {
    use doorward_scim::quirks::Leniency;
    use doorward_scim::schema::ResourceType;

    use super::*;

    fn planned(text: &str, kind: Kind) -> Plan {
        let resource_type = if kind == Kind::User { ResourceType::user() } else { ResourceType::group() };
        let filter = Filter::parse(text, &resource_type, &mut Leniency::tolerant()).expect(text);
        plan(&filter, kind)
    }

    #[test]
    fn what_an_index_answers_needs_no_evaluation() {
        for text in [
            r#"userName eq "Joe""#,
            r#"externalId eq "x""#,
            r#"id eq "nonsense""#,
            r#"emails.value eq "a@b""#,
            r#"emails[value eq "a@b"]"#,
            r#"userName eq "a" or externalId eq "b""#,
        ] {
            let plan = planned(text, Kind::User);
            assert!(plan.is_indexed() && plan.residual().is_none(), "{text}: {plan:?}");
        }
        for text in [r#"displayName eq "Joe""#, r#"externalId eq "x""#, r#"members.value eq "x""#] {
            let plan = planned(text, Kind::Group);
            assert!(plan.is_indexed() && plan.residual().is_none(), "{text}: {plan:?}");
        }
    }

    #[test]
    fn one_indexed_term_narrows_the_others() {
        let plan = planned(r#"active eq true and userName eq "joe""#, Kind::User);
        assert!(plan.is_indexed());
        assert_eq!(plan.residual().map(ToString::to_string).as_deref(), Some("active eq true"));
        let plan = planned(r#"emails[type eq "work" and value eq "a@b"]"#, Kind::User);
        assert!(plan.is_indexed() && plan.residual().is_some());
        let plan = planned(r#"userName sw "jo""#, Kind::User);
        assert!(plan.is_indexed() && plan.residual().is_some());
    }

    #[test]
    fn the_rest_is_evaluated() {
        for text in [
            r#"not (userName eq "joe")"#,
            r#"userName ne "joe""#,
            r#"userName eq "joe" or active eq true"#,
            r#"name.familyName eq "Doe""#,
            r#"userName sw " jo""#,
        ] {
            let plan = planned(text, Kind::User);
            assert!(!plan.is_indexed() && plan.residual().is_some(), "{text}: {plan:?}");
        }
    }

    #[test]
    fn the_end_of_a_range_is_the_next_text() {
        assert_eq!(successor("ab").as_deref(), Some("ac"));
        assert_eq!(successor("a\u{d7ff}").as_deref(), Some("a\u{e000}"));
        assert_eq!(successor("a\u{10ffff}").as_deref(), Some("b"));
        assert_eq!(successor("\u{10ffff}"), None);
    }

    #[test]
    fn parameters_are_numbered_in_order() {
        let plan = planned(r#"userName eq "a" and emails.value eq "b""#, Kind::User);
        let condition = plan.condition.expect("indexed");
        assert_eq!(
            condition.statement(Kind::User, "t.id", ""),
            "SELECT t.id FROM scim_user t WHERE directory_id = $1 AND user_name_key = $2 AND id IN \
             (SELECT id FROM scim_user WHERE directory_id = $1 AND email_key = $3 \
             UNION SELECT user_id FROM user_email WHERE directory_id = $1 AND email_key = $4)"
        );
        assert_eq!(condition.params, ["a", "b", "b"]);
    }
}
