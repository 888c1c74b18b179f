//! Lists in another order than that of creation (RFC 7644 section 3.4.2.3).
//!
//! The orders of `userName`, of a group's `displayName` and of `id` are read from an index. For any other one, or with a filter, all
//! matches are looked at and as many kept as the page needs, within limits of time and memory.

use std::cmp::Ordering;

use doorward_scim::Object;
use doorward_scim::sort::{SortBy, SortKey, SortOrder};
use doorward_scim::{Error as ScimError, ErrorKind};
use doorward_store::Tx;
use doorward_store::filter_sql::Kind;
use doorward_store::paging::Indexed;
use doorward_store::scope::DirectoryScope;

use super::error::Result;
use super::list::{Found, Position, Wanted};
use super::listed::{Deadline, Form, Listed, Test, put_in_order, scan};
use super::search;

/// What may be kept of the matches while they are sorted, in bytes.
const MOST_KEPT: usize = 64 << 20;

/// The part of a sorted list. Its positions are places: an order has no others.
pub(super) fn find<R: Listed>(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    wanted: &Wanted,
    (by, order): (&SortBy, SortOrder),
) -> Result<Found<R>> {
    let start_index = match wanted.position {
        Position::Index(start_index) => start_index,
        Position::After(_) => 1,
    };
    let (total, items) = match indexed::<R>(by).filter(|_| wanted.filter.is_none()) {
        Some(index) => {
            let descending = order == SortOrder::Descending;
            let page = R::page_by(tx, scope, (index, descending), start_index, wanted.count)?;
            (page.total, page.items)
        }
        None => sort(tx, scope, wanted, (by, order), start_index)?,
    };
    let behind = start_index.saturating_add(i64::try_from(items.len()).unwrap_or(i64::MAX));
    let next = (!items.is_empty() && behind <= total).then_some(Position::Index(behind));
    Ok(Found { total, items, next })
}

/// The index that holds this order.
fn indexed<R: Listed>(by: &SortBy) -> Option<Indexed> {
    let name = if R::KIND == Kind::User { "userName" } else { "displayName" };
    [(name, Indexed::Name), ("id", Indexed::Id)].into_iter().find(|(name, _)| by.is_plain(name)).map(|(_, index)| index)
}

fn sort<R: Listed>(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    wanted: &Wanted,
    (by, order): (&SortBy, SortOrder),
    start_index: i64,
) -> Result<(i64, Vec<R>)> {
    let plan = search::plan::<R>(wanted.filter.as_ref());
    let test = Test::new::<R>(scope, &plan);
    let needed = test.needed().and(&by.needed());
    let form = Form { base: &wanted.base, needed: &needed, deadline: Deadline::begin() };
    let mut kept = Kept::new(order, start_index, wanted.count);
    scan(tx, scope, (&plan, &test), form, &mut |row: R, resource: &Object| kept.add(by.key(resource), row.id()))?;
    let (total, ids) = kept.page();
    let mut rows = R::get_many(tx, scope, &ids)?;
    put_in_order(&mut rows, &ids, R::id);
    Ok((total, rows))
}

/// The first resources of an order, as many as the page needs.
pub(super) struct Kept<T> {
    order: SortOrder,
    skipped: usize,
    needed: usize,
    entries: Vec<(Option<SortKey>, T)>,
    /// What the entries take up.
    size: usize,
    total: i64,
}

impl<T: Ord> Kept<T> {
    /// For the page of `count` entries from the `start_index`-th on.
    pub fn new(order: SortOrder, start_index: i64, count: i64) -> Self {
        let skipped = usize::try_from(start_index.max(1) - 1).unwrap_or(usize::MAX);
        let needed = skipped.saturating_add(usize::try_from(count).unwrap_or(0));
        Kept { order, skipped, needed, entries: Vec::new(), size: 0, total: 0 }
    }

    /// Takes one more resource into account.
    ///
    /// # Errors
    /// `tooMany` when the page is so deep that too many would have to be kept.
    pub fn add(&mut self, key: Option<SortKey>, entry: T) -> Result<()> {
        self.total += 1;
        self.size += size_of::<(Option<SortKey>, T)>() + key.as_ref().map_or(0, SortKey::size);
        self.entries.push((key, entry));
        if self.entries.len() >= self.needed.saturating_mul(2).max(1000) || self.size > MOST_KEPT {
            self.shrink();
        }
        if self.size > MOST_KEPT {
            let detail = "this page of the sorted list lies too deep; narrow it with a filter, or leave out sortBy";
            return Err(ScimError::new(ErrorKind::TooMany, detail).into());
        }
        Ok(())
    }

    fn shrink(&mut self) {
        let order = self.order;
        self.entries.sort_unstable_by(|a, b| compare(order, a, b));
        self.entries.truncate(self.needed);
        let key_sizes = self.entries.iter().map(|(key, _)| key.as_ref().map_or(0, SortKey::size));
        self.size = self.entries.len() * size_of::<(Option<SortKey>, T)>() + key_sizes.sum::<usize>();
    }

    /// How many there were in all, and those of the page.
    pub fn page(mut self) -> (i64, Vec<T>) {
        self.shrink();
        (self.total, self.entries.into_iter().skip(self.skipped).map(|(_, entry)| entry).collect())
    }
}

/// Equal keys are told apart by what is kept, the smaller first in either order (P-7644-3.4.2.3-05).
fn compare<T: Ord>(order: SortOrder, a: &(Option<SortKey>, T), b: &(Option<SortKey>, T)) -> Ordering {
    order.compare(a.0.as_ref(), b.0.as_ref()).then_with(|| a.1.cmp(&b.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_an_order_are_kept_whatever_comes_when() {
        for order in [SortOrder::Ascending, SortOrder::Descending] {
            for (start_index, count) in [(1, 10), (1, 0), (700, 50), (2_990, 100), (5_000, 10)] {
                let mut kept = Kept::new(order, start_index, count);
                let key = |entry: usize| {
                    (!entry.is_multiple_of(7)).then(|| SortKey::Text((entry * 7919 % 1_000).to_string()))
                };
                (0..3_000).for_each(|entry| kept.add(key(entry), entry).unwrap());
                let mut all: Vec<_> = (0..3_000).map(|entry| (key(entry), entry)).collect();
                all.sort_by(|a, b| compare(order, a, b));
                let page = all.into_iter().map(|(_, entry)| entry);
                let page: Vec<usize> = page.skip(start_index as usize - 1).take(count as usize).collect();
                assert_eq!(kept.page(), (3_000, page), "{order:?} {start_index} {count}");
            }
        }
    }

    #[test]
    fn sec_28_what_would_take_too_much_memory_is_refused_and_first_pages_do_not() {
        let fill = |start_index| {
            let mut kept = Kept::new(SortOrder::Ascending, start_index, 10);
            (0..100).try_for_each(|entry| kept.add(Some(SortKey::Text("x".repeat(1 << 20))), entry))
        };
        assert!(fill(1).is_ok());
        let refused = fill(1_000_000).unwrap_err().to_string();
        assert!(refused.contains("filter"), "{refused}");
    }
}
