//! Whole lists, read page by page.

use doorward_server::service;
use doorward_store::paging::{Cursor, Order, Slice};

/// How many rows are read at once.
const PAGE: i64 = 100;

/// Every row of a list, oldest first. `page` reads one page, `id` names the row that the next one follows.
pub async fn all<T, I, F>(page: impl Fn(Cursor<I>) -> F, id: impl Fn(&T) -> I) -> Result<Vec<T>, service::Error>
where
    F: Future<Output = Result<Slice<T>, service::Error>>,
{
    let mut rows: Vec<T> = Vec::new();
    loop {
        let mut cursor = Cursor::first(PAGE, Order::Ascending);
        cursor.after = rows.last().map(&id);
        let slice = page(cursor).await?;
        let more = slice.more_after && !slice.items.is_empty();
        rows.extend(slice.items);
        if !more {
            return Ok(rows);
        }
    }
}
