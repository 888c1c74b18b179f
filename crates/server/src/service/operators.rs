//! The people who run the installation: how an account begins, signing in and out.

use std::net::IpAddr;

use doorward_store::ids::{OperatorId, OperatorSessionId};
use doorward_store::operator::{self, CodeUse, OperatorRow, OperatorValues};
use doorward_store::operator_session::{self, SessionRow, SignedIn};
use doorward_store::operator_totp;
use doorward_store::scope::{Authority, OperatorScope};
use doorward_store::{Actor, Conflict, Lane, NewEvent, Origin, Secret, SecretHash, Store, Tx};
use serde_json::{Value, json};

use super::directories::checked_name;
use super::error::{Error, Result};
use super::instant;
use crate::app::App;
use crate::bad_credentials::TooMany;

/// How long a one-time code can be redeemed, in microseconds: a day.
const CODE: i64 = 24 * 60 * 60 * 1_000_000;

/// Who calls: what is noted of a sign-in.
#[derive(Debug, Clone, Default)]
pub struct Client {
    /// The request's id.
    pub request_id: Option<std::sync::Arc<str>>,
    /// Where it comes from, when that is known.
    pub address: Option<IpAddr>,
    /// What the browser says it is.
    pub agent: String,
}

/// What somebody fills in who begins with a code.
#[derive(Debug, Clone)]
pub struct Beginning {
    /// The one-time code.
    pub code: Secret,
    /// The address to sign in with; not asked of somebody who only sets another password.
    pub email: String,
    /// The person's name.
    pub name: String,
    /// The password wanted.
    pub password: Secret,
}

/// How an attempt to sign in ended.
#[derive(Debug)]
pub enum Attempt {
    /// Signed in; the secret is for the cookie.
    SignedIn(Box<SignedIn>, Secret),
    /// Wrong address, wrong password, wrong code: the cases are never told apart.
    Refused,
    /// There were too many attempts.
    TooMany,
    /// The password was right; a code is asked for too, and this goes with it.
    SecondFactor(Secret),
    /// What was begun with the password is over.
    Ended,
}

/// Whether anybody has an account yet.
///
/// # Errors
/// When the database fails.
pub async fn exist(store: &Store) -> Result<bool> {
    store.read(|tx| Ok(operator::exist(tx)?)).await
}

/// All accounts, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn list(store: &Store, by: &OperatorScope) -> Result<Vec<OperatorRow>> {
    let by = by.clone();
    store.read(move |tx| Ok(operator::list(tx, &by)?)).await
}

/// Makes a one-time code with which somebody makes an account, or sets another password for the account `of`.
///
/// # Errors
/// [`Error::NotFound`] for the account, or the database fails.
pub async fn create_code(store: &Store, by: &OperatorScope, of: Option<OperatorId>) -> Result<Secret> {
    let by = by.clone();
    store
        .write(Lane::Any, move |tx| {
            let account = match of {
                Some(id) => Some(operator::get(tx, &by, &id)?.ok_or(Error::NotFound { what: "Operator" })?),
                None => None,
            };
            let wanted = of.map_or(CodeUse::NewAccount, CodeUse::NewPassword);
            let ends = tx.now() + CODE;
            let code = operator::create_code(tx, &by, wanted, ends)?;
            let data = json!({
                "object": "operator_code",
                "operator": account.as_ref().map(object),
                "expires_at": instant::text(ends),
            });
            emit(tx, by.origin(), "operator.code_created", of, data)?;
            Ok(code)
        })
        .await
}

/// What a code is good for; `None` when it opens nothing. Looking does not use it up.
///
/// # Errors
/// When the database fails.
pub async fn look_at_code(store: &Store, code: &Secret) -> Result<Option<CodeUse>> {
    let hash = code.hash();
    store.read(move |tx| Ok(operator::look_at_code(tx, &hash)?)).await
}

/// Uses a code up, and signs its owner in.
///
/// # Errors
/// [`Error::Invalid`] for the name, the address or the password; [`Error::Conflict`] when the address has an account.
pub async fn begin(app: &App, client: Client, with: Beginning) -> Result<Attempt> {
    if let Err(TooMany) = app.sign_ins().count(client.address, "code") {
        return Ok(Attempt::TooMany);
    }
    let Some(wanted) = look_at_code(app.store(), &with.code).await? else { return Ok(Attempt::Refused) };
    let (email, name) = match wanted {
        CodeUse::NewAccount => (checked_email(&with.email)?, checked_name(&with.name)?),
        CodeUse::NewPassword(_) => (String::new(), String::new()),
    };
    let password_hash = app.passwords().hash(&app.entropy(), with.password).await?;
    let (values, hash) = (OperatorValues { email, name, password_hash }, with.code.hash());
    let attempt = app.store().write(Lane::Any, move |tx| redeem(tx, &client, &hash, &values)).await?;
    Ok(attempt.map_or(Attempt::Refused, |(signed_in, secret)| Attempt::SignedIn(Box::new(signed_in), secret)))
}

fn redeem(
    tx: &mut Tx<'_>,
    client: &Client,
    hash: &SecretHash,
    values: &OperatorValues,
) -> Result<Option<(SignedIn, Secret)>> {
    let Some((wanted, row)) = operator::redeem_code(tx, hash, values).map_err(taken)? else { return Ok(None) };
    let event_type = match wanted {
        CodeUse::NewAccount => "operator.created",
        CodeUse::NewPassword(_) => "operator.password_changed",
    };
    emit(tx, &origin(client, row.id), event_type, Some(row.id), object(&row))?;
    // Whoever can open the database helps somebody whose device is lost.
    if operator_totp::remove(tx, &row.id)? {
        emit(tx, &origin(client, row.id), "operator.second_factor_disabled", Some(row.id), object(&row))?;
    }
    let proved = operator::Credentials { id: row.id, password_hash: values.password_hash.clone() };
    open(tx, client, &proved)
}

/// Signs somebody in with address and password.
///
/// # Errors
/// When the database fails.
pub async fn sign_in(app: &App, client: Client, email: String, password: Secret) -> Result<Attempt> {
    if let Err(TooMany) = app.sign_ins().count(client.address, &email) {
        return Ok(Attempt::TooMany);
    }
    let wanted = email.clone();
    let found = app.store().read(move |tx| Ok::<_, Error>(operator::credentials(tx, &wanted)?)).await?;
    let stored = found.as_ref().map(|credentials| credentials.password_hash.clone());
    let is_right = app.passwords().verify(password, stored).await?;
    let (Some(proved), true) = (found, is_right) else {
        tracing::warn!("an attempt to sign in to the portal was refused");
        return Ok(Attempt::Refused);
    };
    app.sign_ins().forget(client.address, &email);
    let enter = move |tx: &mut Tx<'_>| {
        if operator_totp::get(tx, &proved.id)?.is_some_and(|factor| factor.confirmed_at.is_some()) {
            return Ok(Attempt::SecondFactor(operator_totp::challenge(tx, &proved)?));
        }
        let opened = open(tx, &client, &proved)?;
        Ok::<_, Error>(opened.map_or(Attempt::Refused, |(who, secret)| Attempt::SignedIn(Box::new(who), secret)))
    };
    app.store().write(Lane::Any, enter).await
}

pub(super) fn open(
    tx: &mut Tx<'_>,
    client: &Client,
    proved: &operator::Credentials,
) -> Result<Option<(SignedIn, Secret)>> {
    let Some((signed_in, secret)) = operator_session::open(tx, proved, &client.agent, client.address)? else {
        return Ok(None);
    };
    let data = session_object(&signed_in.operator, &signed_in.session);
    emit(tx, &origin(client, proved.id), "operator.signed_in", Some(proved.id), data)?;
    Ok(Some((signed_in, secret)))
}

/// Who is signed in with the secret of a cookie; `None` when nobody is.
///
/// # Errors
/// When the database fails.
pub async fn authenticate(store: &Store, secret: &Secret) -> Result<Option<SignedIn>> {
    let hash = secret.hash();
    let found = store.read(move |tx| Ok::<_, Error>(operator_session::authenticate(tx, &hash)?)).await?;
    if let Some(signed_in) = &found
        && store.clock().now() - signed_in.session.last_seen_at >= 60_000_000
    {
        let (scope, store) = (signed_in.scope.clone(), store.clone());
        // A page that only reads does not wait for this note, nor fail with it.
        tokio::spawn(async move {
            let noted = store.write(Lane::Any, move |tx| Ok::<_, Error>(operator_session::touch(tx, &scope)?)).await;
            if let Err(error) = noted {
                tracing::warn!(%error, "the use of a session could not be noted");
            }
        });
    }
    Ok(found)
}

/// The live sessions of whoever is signed in, newest first.
///
/// # Errors
/// When the database fails.
pub async fn sessions(store: &Store, by: &OperatorScope) -> Result<Vec<SessionRow>> {
    let by = by.clone();
    store.read(move |tx| Ok(operator_session::list(tx, &by)?)).await
}

/// Ends a session of whoever is signed in; the scope's own is signing out. One that has ended already stays so.
///
/// # Errors
/// When the database fails.
pub async fn end_session(store: &Store, by: &OperatorScope, id: OperatorSessionId) -> Result<()> {
    let by = by.clone();
    store
        .write(Lane::Any, move |tx| {
            if operator_session::end(tx, &by, &id)? {
                let data = json!({ "object": "operator_session", "id": id, "operator_id": by.operator_id() });
                emit(tx, by.origin(), "operator.signed_out", by.operator_id(), data)?;
            }
            Ok(())
        })
        .await
}

/// The account as people and the event log see it. The address stays out of the log, which applications read.
pub fn object(row: &OperatorRow) -> Value {
    json!({
        "object": "operator",
        "id": row.id,
        "name": row.name,
        "created_at": instant::text(row.created_at),
        "updated_at": instant::text(row.updated_at),
        "last_sign_in_at": row.last_sign_in_at.map(instant::text),
    })
}

fn session_object(operator: &OperatorRow, session: &SessionRow) -> Value {
    json!({
        "object": "operator_session",
        "id": session.id,
        "operator_id": operator.id,
        "operator_name": operator.name,
        "created_at": instant::text(session.created_at),
        "expires_at": instant::text(session.expires_at),
    })
}

pub(super) fn origin(client: &Client, operator: OperatorId) -> Origin {
    let actor = Actor::Operator(Some(operator.to_string()));
    Origin { actor, request_id: client.request_id.clone(), address: client.address }
}

pub(super) fn emit(
    tx: &mut Tx<'_>,
    origin: &Origin,
    event_type: &'static str,
    subject: Option<OperatorId>,
    data: Value,
) -> Result<()> {
    let subject_id = subject.map(|id| id.to_string());
    Ok(tx.emit(origin, NewEvent { event_type, organization_id: None, directory_id: None, subject_id, data })?)
}

/// Something on both sides of one `@`, on one line: whether the address works is not known before a message arrives there.
fn checked_email(text: &str) -> Result<String> {
    let text = text.trim();
    let clean =
        |part: &str| !part.is_empty() && !part.contains(|c: char| c == '@' || c.is_whitespace() || c.is_control());
    if text.len() <= 254 && text.split_once('@').is_some_and(|(local, domain)| clean(local) && clean(domain)) {
        return Ok(text.to_owned());
    }
    Err(Error::Invalid { field: "email".to_owned(), message: "must be an e-mail address".to_owned() })
}

fn taken(error: doorward_store::Error) -> Error {
    match error {
        doorward_store::Error::Conflict(Conflict::Other) => Error::Conflict { what: "an account", attribute: "email" },
        other => other.into(),
    }
}
