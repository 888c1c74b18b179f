//! The performance goals, each as a row: which figures it reads, what it is compared with, what must come out.

use crate::figures::{Figures, Spread};
use crate::report::Goal::{AtLeast, AtMost, None as NoGoal};
use crate::report::Unit::{Mebibytes, Milliseconds, PerSecond, Percent, Times};
use crate::report::{Row, grouped};
use crate::workloads::bulk::OPERATIONS;

/// How many people and members the rows speak of.
pub struct Scale {
    /// People in the directory before the rounds.
    pub users: usize,
    /// Members of the largest group.
    pub largest: usize,
    /// Members of the group that is read whole.
    pub readable: usize,
    /// People in one import.
    pub import: usize,
}

/// All rows.
pub fn rows(figures: &Figures, scale: &Scale) -> Vec<Row> {
    let mut rows = reads(figures, scale);
    rows.extend(lists(figures, scale));
    rows.extend(writes(figures));
    rows.extend(groups(figures, scale));
    rows.extend(process(figures, scale));
    rows
}

fn row(key: &'static str, workload: impl Into<String>, beside: &'static str) -> Row {
    Row { workload: workload.into(), key, beside, value: None, unit: Percent, goal: NoGoal }
}

fn count(number: usize) -> String {
    if number < 100 { number.to_string() } else { grouped(number as f64) }
}

fn ratio(figures: &Figures, above: &str, below: &str) -> Option<Spread> {
    figures.paired([above, below], |[above, below]| above.rate / below.rate)
}

fn latency_ratio(figures: &Figures, above: &str, below: &str) -> Option<Spread> {
    figures.paired([above, below], |[above, below]| above.p50 / below.p50)
}

/// How many times faster a read was with 1,000 people, each time measured against the plain server of its own round.
fn flatness(figures: &Figures, small: &str, large: &str) -> Option<Spread> {
    figures.paired([small, "hello-small", large, "hello"], |[small, hello_small, large, hello]| {
        (small.rate / hello_small.rate) / (large.rate / hello.rate)
    })
}

/// Goals in absolute units were set for moments in which the plain server manages so many requests a second.
const FAST_HELLO: f64 = 100_000.0;

/// A rate as it would be in such a moment.
fn scaled_rate(figures: &Figures, key: &str) -> Option<Spread> {
    figures.paired([key, "hello"], |[sample, hello]| sample.rate * FAST_HELLO / hello.rate)
}

/// A median latency as it would be in such a moment.
fn scaled_p50(figures: &Figures, key: &str) -> Option<Spread> {
    figures.paired([key, "hello"], |[sample, hello]| sample.p50 * hello.rate / FAST_HELLO)
}

fn tail(figures: &Figures, key: &str) -> Option<Spread> {
    figures.paired([key], |[sample]| sample.p99 / sample.p50)
}

fn reads(figures: &Figures, scale: &Scale) -> Vec<Row> {
    let composite = figures
        .paired(["get", "hello", "db-read"], |[get, hello, read]| get.rate * (1.0 / hello.rate + 1.0 / read.rate));
    let flat = |key, small, name: &str| Row {
        value: flatness(figures, small, key),
        unit: Times,
        goal: AtMost(1.25),
        ..row(
            key,
            format!("{name}: from 1,000 to {} users", count(scale.users)),
            "slower by, hello as yardstick (flat)",
        )
    };
    vec![
        Row {
            value: composite,
            goal: AtLeast(0.6),
            ..row("get", "GET user by id, 16 callers", "1/(1/hello + 1/database read)")
        },
        flat("get", "get-small", "GET user by id"),
        Row {
            value: ratio(figures, "user-name", "get"),
            goal: AtLeast(0.8),
            ..row("user-name", "filter `userName eq`, 16 callers", "GET by id")
        },
        flat("user-name", "user-name-small", "filter `userName eq`"),
        Row {
            value: ratio(figures, "external-id", "get"),
            goal: AtLeast(0.8),
            ..row("external-id", "filter `externalId eq`, 16 callers", "GET by id")
        },
        flat("external-id", "external-id-small", "filter `externalId eq`"),
        Row {
            value: figures.rate("page-first"),
            unit: PerSecond,
            goal: AtLeast(4000.0),
            ..row("page-first", "first page, count=100, 16 callers", "pages a second")
        },
        Row {
            value: scaled_rate(figures, "page-first"),
            unit: PerSecond,
            goal: AtLeast(4000.0),
            ..row("page-first", "first page, count=100, 16 callers", "pages a second, at a hello of 100,000/s")
        },
        Row {
            value: ratio(figures, "page-first", "page-deep"),
            unit: Times,
            goal: AtMost(2.0),
            ..row(
                "page-deep",
                format!("page at the end of {} users", count(scale.users)),
                "cost against the first page",
            )
        },
        Row {
            value: tail(figures, "get-64"),
            unit: Times,
            goal: AtMost(5.0),
            ..row("get-64", "GET user by id, 64 callers", "p99 against p50")
        },
    ]
}

/// Other orders, lists without an index, cursors. performance.md has no goals for them but that walks are linear.
fn lists(figures: &Figures, scale: &Scale) -> Vec<Row> {
    let people = count(scale.users);
    let pages =
        |key, name: String| Row { value: figures.rate(key), unit: PerSecond, ..row(key, name, "pages a second") };
    let time = |key, name: String| Row { value: figures.p50(key), unit: Milliseconds, ..row(key, name, "p50") };
    let flat = |key, small, name: &str| Row {
        value: flatness(figures, small, key),
        unit: Times,
        goal: AtMost(1.25),
        ..row(key, format!("{name}: from 1,000 to {people} users"), "slower by, hello as yardstick (flat)")
    };
    vec![
        pages("sorted", "first page by `userName` descending, 16 callers".to_owned()),
        flat("sorted", "sorted-small", "first page by `userName` descending"),
        time("sorted-deep", format!("last page by `userName` of {people} users, one caller")),
        time("sort-scan-small", "first page by an attribute without index, 1,000 users".to_owned()),
        time("sort-scan", format!("first page by an attribute without index, {people} users (or `tooMany`)")),
        time("filter-scan-small", "filter `ew` on an attribute without index, 1,000 users".to_owned()),
        time("filter-scan", format!("filter `ew` on an attribute without index, {people} users (or `tooMany`)")),
        pages("walk", "walk by cursors, count=100, 16 callers".to_owned()),
        flat("walk", "walk-small", "walk by cursors"),
    ]
}

fn writes(figures: &Figures) -> Vec<Row> {
    let single = "database: one change a commit";
    let one_caller = figures.paired(["create-1", "sync"], |[create, sync]| create.p50 / (sync.p50 + 0.3));
    let beside_single =
        |key, name| Row { value: ratio(figures, key, "db-change"), goal: AtLeast(0.8), ..row(key, name, single) };
    vec![
        beside_single("create", "create, 64 callers"),
        Row {
            value: ratio(figures, "create", "db-batch"),
            ..row("create", "create, 64 callers", "database: many changes a commit")
        },
        Row {
            value: tail(figures, "create"),
            unit: Times,
            goal: AtMost(5.0),
            ..row("create", "create, 64 callers", "p99 against p50")
        },
        Row {
            value: one_caller,
            unit: Times,
            goal: AtMost(1.0),
            ..row("create-1", "create, one caller", "p50 against one fsync + 0.3 ms")
        },
        Row {
            value: figures.paired(["create-1", "sync", "hello"], |[create, sync, hello]| {
                create.p50 / (sync.p50 + 0.3 * FAST_HELLO / hello.rate)
            }),
            unit: Times,
            goal: AtMost(1.0),
            ..row("create-1", "create, one caller", "p50 against one fsync + 0.3 ms at a hello of 100,000/s")
        },
        Row {
            value: figures.paired(["bulk", "create"], |[bulk, create]| bulk.rate * OPERATIONS as f64 / create.rate),
            ..row("bulk", "bulk requests of 100 creates, 4 callers", "people a second against create")
        },
        beside_single("put", "PUT, 64 callers"),
        beside_single("patch-active", "PATCH active, 64 callers"),
    ]
}

fn groups(figures: &Figures, scale: &Scale) -> Vec<Row> {
    let members = |key, size: usize| Row {
        value: ratio(figures, key, "create"),
        goal: AtLeast(0.6),
        ..row(key, format!("add or remove one member of {}, 64 callers", count(size)), "create")
    };
    let against_ten = |key, size: usize| Row {
        value: latency_ratio(figures, key, "member-10"),
        unit: Times,
        goal: AtMost(1.5),
        ..row(key, format!("add or remove one member of {}, 64 callers", count(size)), "p50 against the group of 10")
    };
    let thousand = |key, size: usize| Row {
        value: figures.p50(key),
        unit: Milliseconds,
        goal: AtMost(60.0),
        ..row(key, format!("PATCH adding 1,000 members to a group of {}", count(size)), "p50")
    };
    let scaled = |key, name: String| Row {
        value: scaled_p50(figures, key),
        unit: Milliseconds,
        ..row(key, name, "p50, at a hello of 100,000/s")
    };
    let thousand_scaled = |key, size: usize| Row {
        goal: AtMost(60.0),
        ..scaled(key, format!("PATCH adding 1,000 members to a group of {}", count(size)))
    };
    vec![
        members("member-10", 10),
        members("member-1000", 1_000),
        members("member-largest", scale.largest),
        against_ten("member-1000", 1_000),
        against_ten("member-largest", scale.largest),
        thousand("thousand-empty", 0),
        thousand_scaled("thousand-empty", 0),
        thousand("thousand-largest", scale.largest),
        thousand_scaled("thousand-largest", scale.largest),
        Row {
            value: figures.p50("group"),
            unit: Milliseconds,
            goal: AtMost(10.0),
            ..row("group", format!("GET group of {} members", count(scale.readable)), "p50")
        },
        Row { goal: AtMost(10.0), ..scaled("group", format!("GET group of {} members", count(scale.readable))) },
        Row {
            value: latency_ratio(figures, "group-bare", "get-1"),
            unit: Times,
            goal: AtMost(1.2),
            ..row("group-bare", "the same without members", "p50 against GET user, one caller")
        },
        Row {
            value: figures.rate("import"),
            unit: PerSecond,
            goal: AtLeast(4000.0),
            ..row("import", format!("Okta import: match GET + POST of {} users", count(scale.import)), "users a second")
        },
        Row {
            value: scaled_rate(figures, "import"),
            unit: PerSecond,
            goal: AtLeast(4000.0),
            ..row(
                "import",
                format!("Okta import: match GET + POST of {} users", count(scale.import)),
                "users a second, at a hello of 100,000/s",
            )
        },
        Row {
            value: figures.rate("import-groups"),
            unit: PerSecond,
            ..row("import-groups", "Okta import: POST + PATCH of groups of 100", "groups a second")
        },
    ]
}

fn process(figures: &Figures, scale: &Scale) -> Vec<Row> {
    let memory = |key, name: String, goal| Row {
        value: figures.rate(key),
        unit: Mebibytes,
        goal,
        ..row(key, name, "resident memory")
    };
    let start = |key, name: String, goal| Row {
        value: figures.p50(key),
        unit: Milliseconds,
        goal: AtMost(goal),
        ..row(key, name, "process start to first SCIM answer")
    };
    let filled = if scale.users > 100_000 + 20_000 { 150.0 } else { 60.0 };
    vec![
        memory("memory-idle", "memory, idle".to_owned(), AtMost(20.0)),
        memory("memory-filled", format!("memory after {} users", count(scale.users)), AtMost(filled)),
        memory("memory-end", "memory after all loads".to_owned(), NoGoal),
        start("start-empty", "cold start, empty".to_owned(), 100.0),
        start("start-filled", format!("cold start with {} users", count(scale.users)), 300.0),
    ]
}
