//! Tokens, passwords and API keys: shown once, stored as hashes, ended at once.

use doorward_store::directory::State;
use doorward_store::scope::DirectoryScope;
use doorward_store::token::{self, Authentication, Refusal};
use doorward_store::{Conflict, Error, Lane, Secret, SecretHash, api_key, directory};

use crate::common::{Fixture, NOON, apart, on_both_at_noon};

const HOUR: i64 = 3_600_000_000;

async fn bearer(fixture: &Fixture, presented: &str) -> Result<DirectoryScope, Refusal> {
    let hash = SecretHash::of(presented);
    match fixture.store.read(move |tx| token::authenticate_bearer(tx, &hash)).await.expect("authenticate") {
        Authentication::Accepted(scope) => Ok(scope),
        Authentication::Refused(refusal) => Err(refusal),
    }
}

#[test]
fn sec_19_a_token_is_stored_as_its_hash_alone() {
    on_both_at_noon(async |fixture: Fixture| {
        let (row, secret) = fixture
            .write(|tx, scope| token::create_bearer(tx, scope, "Okta", token::Terms::until(Some(NOON + HOUR))))
            .await
            .expect("token");
        let text = secret.expose().to_owned();
        assert!(text.starts_with("dw_") && text.len() == 52, "{}", text.len());
        assert!(text.starts_with(&row.prefix) && text.ends_with(&row.last_four) && row.last_four.len() == 4);
        let scope = bearer(&fixture, &text).await.expect("accepted");
        assert_eq!(scope.directory_id(), fixture.scope.directory_id());
        assert_eq!((scope.token_id(), scope.token_expires_at()), (Some(row.id), Some(NOON + HOUR)));
        // The secret itself is in no file of the database.
        fixture.store.close().await;
        if let Some(path) = fixture.database.url().strip_prefix("sqlite:") {
            for file in [path.to_owned(), format!("{path}-wal")] {
                let bytes = std::fs::read(&file).unwrap_or_default();
                let middle = &text.as_bytes()[10..40];
                assert!(!bytes.windows(middle.len()).any(|window| window == middle), "{file}");
            }
        } else {
            let sql = format!("SELECT COUNT(*) FROM credential c WHERE position('{}' in c::text) > 0", &text[10..40]);
            assert_eq!(fixture.raw_number(&sql), 0);
        }
    });
}

#[test]
fn sec_20_tokens_end_by_time_by_hand_and_with_their_directory() {
    on_both_at_noon(async |fixture: Fixture| {
        let (_, short) = fixture
            .write(|tx, scope| token::create_bearer(tx, scope, "short", token::Terms::until(Some(NOON + HOUR))))
            .await
            .expect("token");
        let (row, long) = fixture
            .write(|tx, scope| token::create_bearer(tx, scope, "long", token::Terms::until(None)))
            .await
            .expect("token");
        assert!(bearer(&fixture, short.expose()).await.is_ok() && bearer(&fixture, long.expose()).await.is_ok());
        assert_eq!(bearer(&fixture, "dw_unknown").await.err(), Some(Refusal::Unknown));
        assert_eq!(bearer(&fixture, "").await.err(), Some(Refusal::Unknown));
        fixture.clock.advance(HOUR);
        assert_eq!(bearer(&fixture, short.expose()).await.err(), Some(Refusal::Expired));
        let id = row.id;
        let revoked = fixture.write(move |tx, scope| token::revoke(tx, scope, &id)).await.expect("revoke");
        assert_eq!(revoked.and_then(|row| row.revoked_at), Some(NOON + HOUR));
        assert_eq!(fixture.write(move |tx, scope| token::revoke(tx, scope, &id)).await.expect("again"), None);
        assert_eq!(bearer(&fixture, long.expose()).await.err(), Some(Refusal::Revoked));
        let listed = fixture.read(token::list).await.expect("list");
        assert_eq!(listed.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(), ["short", "long"]);
        let (_, last) = fixture
            .write(|tx, scope| token::create_bearer(tx, scope, "last", token::Terms::until(None)))
            .await
            .expect("token");
        let (by, id) = (fixture.by.clone(), fixture.scope.directory_id());
        fixture
            .store
            .write(Lane::Directory(id), move |tx| directory::set_state(tx, &by, &id, State::Unlinked))
            .await
            .expect("disable");
        assert_eq!(bearer(&fixture, last.expose()).await.map(|scope| scope.state()), Ok(State::Unlinked));
        let by = fixture.by.clone();
        fixture
            .store
            .write(Lane::Directory(id), move |tx| directory::set_state(tx, &by, &id, State::Deleting))
            .await
            .expect("delete");
        assert_eq!(bearer(&fixture, last.expose()).await.err(), Some(Refusal::Revoked));
    });
}

#[test]
fn sec_17_no_credential_works_as_another_kind() {
    on_both_at_noon(async |fixture: Fixture| {
        let (row, password) = fixture
            .write(|tx, scope| token::create_basic(tx, scope, "Okta", token::Terms::until(None)))
            .await
            .expect("basic");
        let (_, token) = fixture
            .write(|tx, scope| token::create_bearer(tx, scope, "t", token::Terms::until(None)))
            .await
            .expect("bearer");
        let by = fixture.by.clone();
        let (_, key) =
            fixture.store.write(Lane::Any, move |tx| api_key::create(tx, &by, "app", None)).await.expect("key");
        assert!(key.expose().starts_with("sk_"));
        let username = row.username.expect("username");
        let accepted = async |username: &str, password: &Secret| {
            let (username, hash) = (username.to_owned(), password.hash());
            let outcome = fixture.store.read(move |tx| token::authenticate_basic(tx, &username, &hash)).await;
            matches!(outcome, Ok(Authentication::Accepted(_)))
        };
        assert!(accepted(&username, &password).await);
        assert!(!accepted("someone", &password).await);
        assert!(!accepted(&username, &token).await);
        assert!(!accepted(&username, &key).await);
        assert!(bearer(&fixture, password.expose()).await.is_err());
        assert!(bearer(&fixture, key.expose()).await.is_err());
        for (secret, expected) in [(&key, true), (&token, false), (&password, false)] {
            let hash = secret.hash();
            let outcome = fixture.store.read(move |tx| api_key::authenticate(tx, &hash)).await.expect("read");
            assert_eq!(matches!(outcome, Authentication::Accepted(_)), expected);
        }
    });
}

#[test]
fn a_use_is_noted_once_a_minute() {
    on_both_at_noon(async |fixture: Fixture| {
        let (_, secret) = fixture
            .write(|tx, scope| token::create_bearer(tx, scope, "t", token::Terms::until(None)))
            .await
            .expect("token");
        let scope = bearer(&fixture, secret.expose()).await.expect("accepted");
        assert_eq!(scope.token_last_used_at(), None);
        let mut noted = Vec::new();
        for seconds in [0, 30, 30, 1] {
            fixture.clock.advance(seconds * 1_000_000);
            let scope = scope.clone();
            let lane = fixture.lane();
            let outcome = fixture.store.write(lane, move |tx| token::touch_last_used(tx, &scope)).await;
            noted.push(outcome.expect("touch"));
        }
        assert_eq!(noted, [true, false, true, false]);
        let scope = bearer(&fixture, secret.expose()).await.expect("accepted");
        assert_eq!(scope.token_last_used_at(), Some(NOON + 60_000_000));
    });
}

#[test]
fn sec_18_an_operators_own_token_must_be_long_and_new() {
    on_both_at_noon(async |fixture: Fixture| {
        let import = async |text: &str| {
            let (by, secret) = (fixture.by.clone(), Secret::new(text));
            fixture
                .write(move |tx, scope| token::import(tx, &by, scope, "moved", &secret, token::Terms::until(None)))
                .await
        };
        let text = "an-operators-token-of-forty-characters!!";
        assert!(import("").await.is_err());
        assert!(import("short").await.is_err());
        assert!(import(text).await.is_ok());
        assert!(matches!(import(text).await, Err(Error::Conflict(Conflict::Other))));
        assert!(bearer(&fixture, text).await.is_ok());
    });
}

#[test]
fn api_keys_end_too() {
    on_both_at_noon(async |fixture: Fixture| {
        let by = fixture.by.clone();
        let (row, key) = fixture
            .store
            .write(Lane::Any, move |tx| api_key::create(tx, &by, "app", Some(NOON + HOUR)))
            .await
            .expect("key");
        let check = async || {
            let hash = key.hash();
            match fixture.store.read(move |tx| api_key::authenticate(tx, &hash)).await.expect("read") {
                Authentication::Accepted(scope) => Ok(scope.api_key_id()),
                Authentication::Refused(refusal) => Err(refusal),
            }
        };
        assert_eq!(check().await, Ok(row.id));
        fixture.clock.advance(HOUR);
        assert_eq!(check().await, Err(Refusal::Expired));
        let (by, id) = (fixture.by.clone(), row.id);
        let revoked = fixture.store.write(Lane::Any, move |tx| api_key::revoke(tx, &by, &id)).await.expect("revoke");
        assert!(revoked.is_some());
        assert_eq!(check().await, Err(Refusal::Revoked));
        let by = fixture.by.clone();
        assert_eq!(fixture.store.read(move |tx| api_key::list(tx, &by)).await.expect("list").len(), 1);
    });
}

#[cfg(unix)]
#[test]
fn sec_23_the_database_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("doorward.db");
    let url = format!("sqlite:{}", path.display());
    apart(move || {
        let store = doorward_store::Store::open(&url, doorward_store::Options::default()).expect("open");
        drop(store);
    });
    let mode = std::fs::metadata(&path).expect("file").permissions().mode();
    assert_eq!(mode & 0o077, 0, "{mode:o}");
}
