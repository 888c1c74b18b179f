//! The second factor of an operator's account: set up, asked for when its owner signs in, taken away.

use doorward_store::ids::OperatorId;
use doorward_store::operator::{self, OperatorRow};
use doorward_store::operator_totp::{self, TotpRow};
use doorward_store::scope::{Authority, OperatorScope, SystemScope};
use doorward_store::{Lane, Secret, SecretHash, Tx};
use serde_json::json;

use super::error::{Error, Result};
use super::operators::{self, Attempt, Client, emit, open, origin};
use super::totp;
use crate::app::App;
use crate::bad_credentials::TooMany;

/// Recovery codes that are made at once.
const RECOVERY_CODES: usize = 10;

/// Random bytes of a recovery code: nobody guesses eighty bits, so that one SHA-256 is enough to keep it.
const RECOVERY: usize = 10;

/// How things stand with somebody's second factor.
#[derive(Debug)]
pub enum Standing {
    /// There is none.
    Off,
    /// It waits for the first code.
    Begun {
        /// The secret in base 32, for who types it.
        secret: Secret,
        /// The same for a QR code.
        uri: Secret,
    },
    /// It is asked for.
    On {
        /// Recovery codes that are left.
        recovery_codes: i64,
    },
}

/// How a code was taken.
enum Code {
    Right { step: Option<i64> },
    Wrong,
    Blocked,
}

/// How things stand with the second factor of whoever is signed in.
///
/// # Errors
/// When the database fails, or the secret cannot be opened.
pub async fn standing(app: &App, by: &OperatorScope) -> Result<Standing> {
    let (by, keyring) = (by.clone(), app.keyring().await?.clone());
    app.store()
        .read(move |tx| {
            let (own, account) = account(tx, &by)?;
            match operator_totp::get(tx, &own)? {
                None => Ok(Standing::Off),
                Some(row) if row.confirmed_at.is_some() => {
                    Ok(Standing::On { recovery_codes: operator_totp::recovery_codes(tx, &by)? })
                }
                Some(row) => {
                    let secret = keyring.open(&own.to_string(), &row.secret)?;
                    let uri = Secret::new(totp::uri("Doorward", &account.email, secret.expose()));
                    Ok(Standing::Begun { secret, uri })
                }
            }
        })
        .await
}

/// The account of whoever is signed in.
fn account(tx: &mut Tx<'_>, by: &OperatorScope) -> Result<(OperatorId, OperatorRow)> {
    let own = by.operator_id().ok_or(Error::NotFound { what: "Operator" })?;
    let row = operator::get(tx, by, &own)?.ok_or(Error::NotFound { what: "Operator" })?;
    Ok((own, row))
}

/// Makes a secret for whoever is signed in, which asks nothing until [`confirm`]. One that waits already stays.
///
/// # Errors
/// When the database fails.
pub async fn begin(app: &App, by: &OperatorScope) -> Result<()> {
    let own = by.operator_id().ok_or(Error::NotFound { what: "Operator" })?;
    let mut random = [0; totp::SECRET];
    app.entropy().fill(&mut random);
    let secret = Secret::new(totp::base32(&random));
    let sealed = app.keyring().await?.seal(&app.entropy(), &own.to_string(), &secret)?;
    let by = by.clone();
    app.store()
        .write(Lane::Any, move |tx| {
            if operator_totp::begin(tx, &by, &sealed)? {
                let (own, account) = account(tx, &by)?;
                emit(tx, by.origin(), "operator.second_factor_begun", Some(own), operators::object(&account))?;
            }
            Ok(())
        })
        .await
}

/// Puts the second factor into force with a first code. The recovery codes are returned this once; `None` for a wrong code.
///
/// # Errors
/// When the database fails.
pub async fn confirm(app: &App, by: &OperatorScope, code: &str) -> Result<Option<Vec<Secret>>> {
    let mut codes = Vec::with_capacity(RECOVERY_CODES);
    for _ in 0..RECOVERY_CODES {
        let mut random = [0; RECOVERY];
        app.entropy().fill(&mut random);
        codes.push(Secret::new(recovery_text(&random)));
    }
    let hashes: Vec<SecretHash> = codes.iter().map(Secret::hash).collect();
    let (by, keyring, code) = (by.clone(), app.keyring().await?.clone(), code.to_owned());
    let confirmed = app.store().write(Lane::Any, move |tx| {
        let (own, account) = account(tx, &by)?;
        let Some(row) = operator_totp::get(tx, &own)?.filter(|row| row.confirmed_at.is_none()) else {
            return Ok(false);
        };
        let secret = keyring.open(&own.to_string(), &row.secret)?;
        let Some(step) = step_of(&secret, &code, tx.now(), &row) else { return Ok(false) };
        if !operator_totp::confirm(tx, &by, step, &hashes)? {
            return Ok(false);
        }
        emit(tx, by.origin(), "operator.second_factor_enabled", Some(own), operators::object(&account))?;
        Ok::<_, Error>(true)
    });
    Ok(confirmed.await?.then_some(codes))
}

/// Takes the second factor of whoever is signed in away, for a code of it; whether it was right. One that only waits goes without.
///
/// # Errors
/// When the database fails.
pub async fn remove(app: &App, by: &OperatorScope, code: &str) -> Result<bool> {
    let (by, keyring, code) = (by.clone(), app.keyring().await?.clone(), code.to_owned());
    app.store()
        .write(Lane::Any, move |tx| {
            let (own, account) = account(tx, &by)?;
            let Some(row) = operator_totp::get(tx, &own)? else { return Ok(true) };
            let secret = keyring.open(&own.to_string(), &row.secret)?;
            if row.confirmed_at.is_some() && !matches!(check(tx, &own, &row, &secret, &code)?, Code::Right { .. }) {
                return Ok(false);
            }
            if operator_totp::remove(tx, &own)? {
                emit(tx, by.origin(), "operator.second_factor_disabled", Some(own), operators::object(&account))?;
            }
            Ok(true)
        })
        .await
}

fn step_of(secret: &Secret, code: &str, now: i64, row: &TotpRow) -> Option<i64> {
    totp::matching(&totp::from_base32(secret.expose())?, code, now, row.last_step)
}

/// Looks at a code and uses it up; a wrong one is noted, and after some of them none is looked at for a while.
fn check(tx: &mut Tx<'_>, operator: &OperatorId, row: &TotpRow, secret: &Secret, code: &str) -> Result<Code> {
    let now = tx.now();
    if row.blocked_until > now {
        return Ok(Code::Blocked);
    }
    if let Some(step) = step_of(secret, code, now, row)
        && operator_totp::accept(tx, operator, step)?
    {
        return Ok(Code::Right { step: Some(step) });
    }
    if operator_totp::recover(tx, operator, &SecretHash::of(&read_recovery(code)))? {
        return Ok(Code::Right { step: None });
    }
    operator_totp::fail(tx, operator)?;
    Ok(Code::Wrong)
}

/// Signs somebody in who has given the right password, with a code or a recovery code.
///
/// # Errors
/// When the database fails.
pub async fn finish(app: &App, client: Client, challenge: Secret, code: String) -> Result<Attempt> {
    let asked = challenge.hash();
    let asked = app.store().read(move |tx| Ok::<_, Error>(operator_totp::challenged(tx, &asked)?)).await?;
    let Some(asked) = asked else { return Ok(Attempt::Ended) };
    // Counted only for who knows the password, so that nobody else can use the attempts up. Guesses from one network end here, those from
    // everywhere with the account's own count, in the database.
    let counted = format!("second factor of {}", asked.id);
    if let Err(TooMany) = app.sign_ins().count(client.address, &counted) {
        return Ok(Attempt::TooMany);
    }
    let (keyring, hash) = (app.keyring().await?.clone(), challenge.hash());
    let address = client.address;
    let attempt = app.store().write(Lane::Any, move |tx| {
        let Some(proved) = operator_totp::challenged(tx, &hash)? else { return Ok(Attempt::Ended) };
        let Some(row) = operator_totp::get(tx, &proved.id)? else { return Ok(Attempt::Ended) };
        let secret = keyring.open(&proved.id.to_string(), &row.secret)?;
        let step = match check(tx, &proved.id, &row, &secret, &code)? {
            Code::Right { step } => step,
            Code::Wrong => return Ok(Attempt::Refused),
            Code::Blocked => return Ok(Attempt::TooMany),
        };
        if !operator_totp::answer(tx, &hash)? {
            return Ok(Attempt::Ended);
        }
        if step.is_none() {
            let data = json!({ "object": "operator", "id": proved.id });
            emit(tx, &origin(&client, proved.id), "operator.recovery_code_used", Some(proved.id), data)?;
        }
        let opened = open(tx, &client, &proved)?;
        Ok::<_, Error>(opened.map_or(Attempt::Ended, |(who, secret)| Attempt::SignedIn(Box::new(who), secret)))
    });
    let attempt = attempt.await?;
    match &attempt {
        Attempt::SignedIn(..) => app.sign_ins().forget(address, &counted),
        _ => tracing::warn!("a second factor was refused"),
    }
    Ok(attempt)
}

/// Seals what was sealed with an older key once more, with the present one. How many secrets that were.
///
/// # Errors
/// When the database fails, or a secret cannot be opened.
pub(crate) async fn reseal(app: &App, by: &SystemScope) -> Result<usize> {
    let reader = by.clone();
    let sealed = app.store().read(move |tx| Ok::<_, Error>(operator_totp::secrets(tx, &reader)?)).await?;
    if sealed.is_empty() {
        return Ok(0);
    }
    let (by, keyring, entropy) = (by.clone(), app.keyring().await?.clone(), app.entropy());
    let outdated: Vec<_> = sealed.into_iter().filter(|(_, old)| keyring.is_outdated(old)).collect();
    if outdated.is_empty() {
        return Ok(0);
    }
    app.store()
        .write(Lane::Any, move |tx| {
            let mut count = 0;
            for (id, old) in &outdated {
                let name = id.to_string();
                let new = keyring.seal(&entropy, &name, &keyring.open(&name, old)?)?;
                if operator_totp::reseal(tx, &by, id, old, &new)? {
                    let data = json!({ "object": "operator", "id": id });
                    emit(tx, by.origin(), "operator.second_factor_resealed", Some(*id), data)?;
                    count += 1;
                }
            }
            Ok(count)
        })
        .await
}

/// `ABCD-EFGH-IJKL-MNOP`.
fn recovery_text(random: &[u8]) -> String {
    let digits = totp::base32(random);
    let parts: Vec<&str> = (0..digits.len()).step_by(4).filter_map(|at| digits.get(at..at + 4)).collect();
    parts.join("-")
}

/// A recovery code as somebody typed it: in small letters, without the hyphens.
fn read_recovery(text: &str) -> String {
    let digits: String = text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect();
    let parts: Vec<&str> = (0..digits.len()).step_by(4).filter_map(|at| digits.get(at..at + 4)).collect();
    parts.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recovery_codes_are_read_however_they_are_typed() {
        let text = recovery_text(&[7; RECOVERY]);
        assert_eq!(text.len(), 19);
        assert_eq!(read_recovery(&text.to_lowercase().replace('-', " ")), text);
        assert_ne!(read_recovery("x"), text);
    }
}
