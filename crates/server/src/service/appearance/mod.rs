//! How the portal looks to customers (O17): name, logo, colour, whom to ask, where to go back to.

pub mod color;
pub mod png;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use doorward_store::appearance::{self, AppearanceRow};
use doorward_store::scope::{Authority, OperatorScope};
use doorward_store::{Lane, NewEvent, Store, Tx};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::error::{Error, Result};
use color::Color;

/// The longest name of a product, in characters.
const LONGEST_NAME: usize = 60;

/// The longest address, in bytes.
const LONGEST: usize = 300;

/// What customers see, now.
///
/// # Errors
/// When the database fails.
pub async fn get(store: &Store) -> Result<AppearanceRow> {
    store.read(|tx| Ok(appearance::get(tx)?)).await
}

/// The bytes of the logo with this hash, a PNG.
///
/// # Errors
/// [`Error::NotFound`] for another hash, or the database fails.
pub async fn logo(store: &Store, hash: String) -> Result<Vec<u8>> {
    let found = store.read(move |tx| Ok::<_, Error>(appearance::logo(tx, &hash)?)).await?;
    let found = found.ok_or(Error::NotFound { what: "Logo" })?;
    STANDARD.decode(found).map_err(|error| Error::Internal(format!("the stored logo is damaged: {error}")))
}

/// Changes the texts and the colour; the logo stays. Nothing changed means no event.
///
/// # Errors
/// [`Error::Invalid`] naming the field.
pub async fn update(store: &Store, by: &OperatorScope, wanted: AppearanceRow) -> Result<AppearanceRow> {
    let wanted = checked(&wanted)?;
    let by = by.clone();
    store
        .write(Lane::Any, move |tx| {
            let before = appearance::get(tx)?;
            let row = AppearanceRow { logo_hash: before.logo_hash.clone(), ..wanted.clone() };
            save(tx, &by, &before, row, None)
        })
        .await
}

/// Sets another logo: a PNG that [`png::check`] lets through.
///
/// # Errors
/// [`Error::Invalid`] for anything else.
pub async fn set_logo(store: &Store, by: &OperatorScope, bytes: &[u8]) -> Result<AppearanceRow> {
    png::check(bytes).map_err(|reason| invalid("logo", reason))?;
    let digest: [u8; 32] = Sha256::digest(bytes).into();
    let hash: String = digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    let (by, text) = (by.clone(), STANDARD.encode(bytes));
    store
        .write(Lane::Any, move |tx| {
            let before = appearance::get(tx)?;
            let row = AppearanceRow { logo_hash: hash.clone(), ..before.clone() };
            save(tx, &by, &before, row, Some(&text))
        })
        .await
}

/// Takes the logo away.
///
/// # Errors
/// When the database fails.
pub async fn remove_logo(store: &Store, by: &OperatorScope) -> Result<AppearanceRow> {
    let by = by.clone();
    store
        .write(Lane::Any, move |tx| {
            let before = appearance::get(tx)?;
            let row = AppearanceRow { logo_hash: String::new(), ..before.clone() };
            save(tx, &by, &before, row, None)
        })
        .await
}

fn save(
    tx: &mut Tx<'_>,
    by: &OperatorScope,
    before: &AppearanceRow,
    row: AppearanceRow,
    logo: Option<&str>,
) -> Result<AppearanceRow> {
    if row == *before {
        return Ok(row);
    }
    appearance::save(tx, by, &row, logo)?;
    let (old, mut data) = (object(before), object(&row));
    let previous: Map<String, Value> = old.into_iter().filter(|(key, value)| data.get(key) != Some(value)).collect();
    data.insert("previous_attributes".to_owned(), Value::Object(previous));
    let event = NewEvent {
        event_type: "portal.appearance.updated",
        organization_id: None,
        directory_id: None,
        subject_id: None,
        data: Value::Object(data),
    };
    tx.emit(by.origin(), event)?;
    Ok(row)
}

fn object(row: &AppearanceRow) -> Map<String, Value> {
    let pairs = [
        ("object", "portal_appearance"),
        ("product_name", row.product_name.as_str()),
        ("support_contact", row.support_contact.as_str()),
        ("return_url", row.return_url.as_str()),
        ("accent", row.accent.as_str()),
        ("logo", row.logo_hash.as_str()),
    ];
    pairs.into_iter().map(|(key, value)| (key.to_owned(), json!(value))).collect()
}

fn checked(wanted: &AppearanceRow) -> Result<AppearanceRow> {
    let name = wanted.product_name.trim();
    // What turns the direction of text, or cannot be seen, has no place in a name that stands on every page.
    let unseen = |c: char| {
        c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}')
    };
    if name.chars().count() > LONGEST_NAME || name.chars().any(unseen) {
        return Err(invalid("product_name", "must be one line of at most 60 characters"));
    }
    let contact = wanted.support_contact.trim();
    let is_mail = contact.split_once('@').is_some_and(|(local, host)| !local.is_empty() && host.contains('.'))
        && contact.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"@.-_+".contains(&byte));
    if !(contact.is_empty() || is_mail || is_https(contact)) || contact.len() > LONGEST {
        return Err(invalid("support_contact", "must be an e-mail address or an https address"));
    }
    let back = wanted.return_url.trim();
    if !(back.is_empty() || is_https(back)) {
        return Err(invalid("return_url", "must be an https address"));
    }
    let accent = wanted.accent.trim();
    if !accent.is_empty() && !accent.parse::<Color>().is_ok_and(Color::is_readable) {
        return Err(invalid("accent", "must be # and six hexadecimal digits, dark enough for white text on it"));
    }
    Ok(AppearanceRow {
        product_name: name.to_owned(),
        support_contact: contact.to_owned(),
        return_url: back.to_owned(),
        accent: accent.to_ascii_lowercase(),
        logo_hash: String::new(),
    })
}

/// An https address of a host, without a user name: other schemes may run scripts, and names before an `@` deceive.
fn is_https(text: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(text) else { return false };
    let clean = url.username().is_empty() && url.password().is_none() && url.host_str().is_some();
    url.scheme() == "https"
        && clean
        && text.len() <= LONGEST
        && !text.chars().any(|c| c.is_control() || c.is_whitespace())
}

fn invalid(field: &str, message: &str) -> Error {
    Error::Invalid { field: field.to_owned(), message: message.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sec_47_what_customers_see_is_checked() {
        let row = AppearanceRow::default();
        let refused = [
            AppearanceRow { product_name: "a\u{202e}b".into(), ..row.clone() },
            AppearanceRow { product_name: "x".repeat(61), ..row.clone() },
            AppearanceRow { support_contact: "javascript:alert(1)".into(), ..row.clone() },
            AppearanceRow { support_contact: "a@b.example?subject=<script>".into(), ..row.clone() },
            AppearanceRow { return_url: "http://app.example".into(), ..row.clone() },
            AppearanceRow { return_url: "https://app.example@evil.example/".into(), ..row.clone() },
            AppearanceRow { accent: "red".into(), ..row.clone() },
            AppearanceRow { accent: "#ffff00".into(), ..row.clone() },
        ];
        for wrong in refused {
            assert!(checked(&wrong).is_err(), "{wrong:?}");
        }
        let good = AppearanceRow {
            product_name: " Acme Analytics ".into(),
            support_contact: "help@acme.example".into(),
            return_url: "https://app.acme.example/settings".into(),
            accent: "#8A1C7C".into(),
            logo_hash: "ignored".into(),
        };
        let found = checked(&good).unwrap();
        assert_eq!((found.product_name.as_str(), found.accent.as_str()), ("Acme Analytics", "#8a1c7c"));
        assert!(found.logo_hash.is_empty());
    }
}
