//! Lists in statements: `IN ($2, $3, …)` and `VALUES (…), (…)`, in few sizes, so that few statements have to be prepared.

use crate::batch::portion;

/// Cuts a list into portions that are a few sizes long.
pub(crate) fn portions<T>(mut items: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        if items.is_empty() {
            return None;
        }
        let (now, later) = items.split_at(portion(items.len()));
        items = later;
        Some(now)
    })
}

/// `$first, $first+1, …`: `count` parameters.
pub(crate) fn numbered(first: usize, count: usize) -> String {
    let numbers: Vec<String> = (first..first + count).map(|number| format!("${number}")).collect();
    numbers.join(", ")
}
