//! Lists of the application's API: keyset pages by id (creation order).

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// Oldest first.
    Ascending,
    /// Newest first.
    #[default]
    Descending,
}

/// Which part of a list is wanted. When both `after` and `before` are given, `after` counts.
#[derive(Debug, Clone, Copy)]
pub struct Cursor<I> {
    /// The items that follow this one in the wanted order.
    pub after: Option<I>,
    /// The items that come right before this one in the wanted order.
    pub before: Option<I>,
    /// At most so many items.
    pub limit: i64,
    /// The wanted order.
    pub order: Order,
}

impl<I> Cursor<I> {
    /// The first `limit` items in this order.
    pub fn first(limit: i64, order: Order) -> Self {
        Self { after: None, before: None, limit, order }
    }
}

/// A part of a list, in the wanted order.
#[derive(Debug, Clone)]
pub struct Slice<T> {
    /// The items.
    pub items: Vec<T>,
    /// Whether items precede the first one.
    pub more_before: bool,
    /// Whether items follow the last one.
    pub more_after: bool,
}

/// A part of a list that identity providers read by number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// How many there are in all.
    pub total: i64,
    /// Those of the page.
    pub items: Vec<T>,
}

/// An order in which an index holds the users or groups of a directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Indexed {
    /// `userName` of users, `displayName` of groups, folded.
    Name,
    /// The id.
    Id,
}
