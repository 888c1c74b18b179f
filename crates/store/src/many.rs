//! Lists in statements, in few sizes, so that few statements have to be prepared.

use crate::batch::portion;
use crate::value::Param;

/// The most keys that one statement looks up.
pub(crate) const MOST: usize = 512;

/// No key is empty: it fills up the sizes.
static NO_KEY: &str = "";

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

/// For each portion of the keys the head of a statement, `WITH wanted (key) AS (VALUES …)`, and all its parameters: the fixed ones, then
/// the keys. A table is looked up with `FROM wanted w LEFT JOIN t ON t.… = w.key WHERE COALESCE(t.id, '') <> ''`, which both databases
/// run as one index lookup per key, whatever they believe about the table: they may not turn an outer join round, and do not see that
/// the condition makes it an inner one. An inner join or `IN (…)` leaves them the choice of reading the whole directory. A key that is
/// given twice is found twice.
pub(crate) fn wanted<'a, P: Param>(
    fixed: &[&'a dyn Param],
    keys: &'a [P],
) -> impl Iterator<Item = (String, Vec<&'a dyn Param>)> {
    keys.chunks(MOST).map(move |chunk| {
        let size = chunk.len().next_power_of_two();
        let rows: Vec<String> = (fixed.len() + 1..=fixed.len() + size).map(|number| format!("(${number})")).collect();
        let mut params: Vec<&'a dyn Param> = fixed.to_vec();
        params.extend(chunk.iter().map(|key| key as &dyn Param));
        params.resize(fixed.len() + size, &NO_KEY);
        (format!("WITH wanted (key) AS (VALUES {})", rows.join(", ")), params)
    })
}

/// As [`wanted`], with two keys a row: `key` and `second`.
pub(crate) fn wanted_pairs<'a, P: Param, Q: Param>(
    fixed: &[&'a dyn Param],
    pairs: &'a [(P, Q)],
) -> impl Iterator<Item = (String, Vec<&'a dyn Param>)> {
    pairs.chunks(MOST).map(move |chunk| {
        let size = chunk.len().next_power_of_two();
        let first = fixed.len() + 1;
        let rows: Vec<String> =
            (0..size).map(|row| format!("(${}, ${})", first + 2 * row, first + 2 * row + 1)).collect();
        let mut params: Vec<&'a dyn Param> = fixed.to_vec();
        params.extend(chunk.iter().flat_map(|(key, second)| [key as &dyn Param, second as &dyn Param]));
        params.resize(fixed.len() + 2 * size, &NO_KEY);
        (format!("WITH wanted (key, second) AS (VALUES {})", rows.join(", ")), params)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_filled_up_to_few_sizes() {
        let fixed: i64 = 1;
        let keys: Vec<String> = (0..MOST + 3).map(|number| number.to_string()).collect();
        let heads: Vec<(String, usize)> = wanted(&[&fixed], &keys).map(|(head, params)| (head, params.len())).collect();
        assert_eq!(heads.len(), 2);
        assert_eq!(heads[0].1, 1 + MOST);
        assert_eq!(heads[1], ("WITH wanted (key) AS (VALUES ($2), ($3), ($4), ($5))".to_owned(), 5));
        assert_eq!(wanted(&[&fixed], &keys[..0]).count(), 0);
    }
}
