//! What a sequence of PATCH requests leaves in the database is what a second implementation makes of the same user.

#[path = "../../../../scim/tests/patch/model.rs"]
mod model;
#[path = "../../../../scim/tests/patch/reference.rs"]
mod reference;

use std::sync::Arc;

use doorward_scim::quirks::Leniency;
use doorward_scim::resource;
use doorward_scim::version::v2;
use doorward_server::App;
use doorward_server::service::precondition::Precondition;
use doorward_server::service::tolerated::Tolerated;
use doorward_server::service::users::UserView;
use doorward_server::service::{Error, provision, schema};
use doorward_store::scope::DirectoryScope;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use tokio::runtime::Handle;

use super::{THREADS, cases, object, scope};
use crate::custom_schemas::{declare, x};
use crate::random_filters::random;
use crate::support::{Kind, PATCH_OP, on_each_database};
use model::Operation;
use reference::Rules;

/// PATCH requests of one sequence.
const REQUESTS: usize = 3;

/// What is stored, without the list of schemas.
fn plain(user: &UserView) -> Value {
    let mut document = object(serde_json::from_str(&user.row.doc).unwrap());
    document.shift_remove("schemas");
    Value::Object(document)
}

/// The keyword of a refusal.
fn keyword(error: &Error) -> &'static str {
    match error {
        Error::Scim(error) => error.scim_type(),
        other => panic!("{other}"),
    }
}

struct Player<'a> {
    app: &'a App,
    scope: &'a Arc<DirectoryScope>,
    runtime: &'a Handle,
    rules: Rules,
}

impl Player<'_> {
    /// Sends one PATCH request as a client writes it.
    fn patch(&self, id: &str, operations: &[Operation]) -> Result<UserView, &'static str> {
        let list: Vec<Value> = operations.iter().map(Operation::write).collect();
        let message = object(json!({"schemas": [PATCH_OP], "Operations": list}));
        let patch = v2::read_patch(message, schema::user_type(self.scope), &mut schema::leniency(self.scope));
        let patch = patch.map_err(|error| error.scim_type())?;
        let tolerated = Tolerated::default();
        let job = provision::patch_user(self.app, self.scope, id, patch, &tolerated, Precondition::None, false);
        self.runtime.block_on(job).map_err(|error| keyword(&error))
    }

    fn sequence(&self, body: Value, requests: &[Vec<Operation>]) {
        let incoming = resource::read(object(body), schema::user_type(self.scope), &mut Leniency::tolerant()).unwrap();
        let user = self.runtime.block_on(provision::create_user(self.app, self.scope, incoming, false)).unwrap();
        let id = user.row.id.to_string();
        let mut state = plain(&user);
        for operations in requests {
            let written: Vec<Value> = operations.iter().map(Operation::write).collect();
            let wanted = self.rules.run(&state, operations);
            let answer = self.patch(&id, operations).map(|user| plain(&user));
            assert_eq!(answer, wanted, "{} on {state}", Value::Array(written.clone()));
            state = wanted.unwrap_or(state);
            let stored = self.runtime.block_on(provision::get_user(self.app, self.scope, &id, false)).unwrap();
            assert_eq!(plain(&stored), state, "after {}", Value::Array(written));
        }
        self.runtime.block_on(provision::delete_user(self.app, self.scope, &id, Precondition::None)).unwrap();
    }
}

#[tokio::test]
async fn random_patch_sequences_in_the_service() {
    on_each_database(async |service| {
        let mut scopes = Vec::new();
        for number in 0..THREADS {
            let kind = if number % 2 == 0 { Kind::okta() } else { Kind::strict() };
            let directory = service.directory(kind).await;
            declare(&directory, x()).await;
            scopes.push((scope(&directory).await, Rules { strict: number % 2 == 1 }));
        }
        let (app, runtime) = (&service.app, &Handle::current());
        std::thread::scope(|threads| {
            for (scope, rules) in &scopes {
                threads.spawn(|| {
                    let player = Player { app, scope, runtime, rules: *rules };
                    let (mut runner, users, patches) = (TestRunner::default(), model::users(), model::operations());
                    for _ in 0..cases(240) {
                        let requests: Vec<_> = (0..REQUESTS).map(|_| random(&mut runner, &patches)).collect();
                        player.sequence(random(&mut runner, &users), &requests);
                    }
                });
            }
        });
    })
    .await;
}
