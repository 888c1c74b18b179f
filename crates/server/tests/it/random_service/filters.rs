//! What the lists of the service find is what a second evaluator finds in the same people as GET shows them (SEC-27).

use std::sync::Arc;

use doorward_scim::filter::Filter;
use doorward_scim::quirks::Leniency;
use doorward_server::App;
use doorward_server::service::list::{self, Position, Wanted};
use doorward_store::scope::DirectoryScope;
use proptest::prelude::any;
use proptest::strategy::Strategy as _;
use proptest::test_runner::TestRunner;
use serde_json::Value;
use tokio::runtime::Handle;

use super::{THREADS, cases, scope};
use crate::random_filters::{asks_for_x, evaluator, ids, model, people, random};
use crate::support::{Kind, with_directory};

/// Asks so many filters.
fn ask(app: &App, scope: &Arc<DirectoryScope>, people: &[Value], runtime: &Handle, count: u32) {
    let mut runner = TestRunner::default();
    let filters = (model::filters(), proptest::collection::vec(any::<u8>(), 1..24))
        .prop_filter("the directory has no such extension", |(term, _)| !asks_for_x(term));
    for _ in 0..count {
        let (term, choices) = random(&mut runner, &filters);
        let text = model::write(&term, &choices);
        let filter = Filter::parse(&text, &scope.types().user, &mut Leniency::tolerant()).unwrap();
        let wanted = Wanted {
            filter: Some(filter),
            sort: None,
            position: Position::Index(1),
            count: 1_000,
            base: "https://x.example/v2".to_owned(),
        };
        let list = runtime.block_on(list::users(app, scope, wanted, false)).unwrap();
        let mut found: Vec<String> = list.items.iter().map(|user| user.row.id.to_string()).collect();
        found.sort();
        let expected = ids(people.iter().filter(|person| evaluator::expected(&term, person, false)));
        assert_eq!(found, expected, "{text} on {people:#?}");
        assert_eq!(list.total, i64::try_from(expected.len()).unwrap(), "{text}");
    }
}

#[tokio::test]
async fn sec_27_random_filters_in_the_service() {
    with_directory(Kind::okta(), async |directory| {
        let people = people(&directory, &mut TestRunner::default()).await;
        let (app, scope, runtime) = (&directory.service.app, scope(&directory).await, Handle::current());
        std::thread::scope(|threads| {
            for _ in 0..THREADS {
                threads.spawn(|| ask(app, &scope, &people, &runtime, cases(800)));
            }
        });
    })
    .await;
}
