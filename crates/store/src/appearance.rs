//! How the portal looks to customers: whose product it speaks for.

use crate::error::Result;
use crate::key::without_nul;
use crate::scope::OperatorScope;
use crate::tx::Tx;

/// The one row there is.
const ID: &str = "portal";

/// What customers see. Empty texts mean Doorward's own look.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AppearanceRow {
    /// The product that customers know.
    pub product_name: String,
    /// Where customers ask: an e-mail address, or an https address.
    pub support_contact: String,
    /// Where customers come from, and go back to: an https address.
    pub return_url: String,
    /// The colour of links and buttons: `#` and six hexadecimal digits.
    pub accent: String,
    /// The hash of the logo's bytes; empty without a logo.
    pub logo_hash: String,
}

/// What customers see. Asked by pages that nobody is signed in to.
///
/// # Errors
/// When the database fails.
pub fn get(tx: &mut Tx<'_>) -> Result<AppearanceRow> {
    let sql = "SELECT product_name, support_contact, return_url, accent, logo_hash FROM appearance WHERE id = $1";
    let found = tx.query_one(sql, &[&ID], |row| {
        Ok(AppearanceRow {
            product_name: row.get(0)?,
            support_contact: row.get(1)?,
            return_url: row.get(2)?,
            accent: row.get(3)?,
            logo_hash: row.get(4)?,
        })
    })?;
    Ok(found.unwrap_or_default())
}

/// The logo with this hash, in base64; `None` when it is another by now. Asked by pages that nobody is signed in to.
///
/// # Errors
/// When the database fails.
pub fn logo(tx: &mut Tx<'_>, hash: &str) -> Result<Option<String>> {
    let sql = "SELECT logo FROM appearance WHERE id = $1 AND logo_hash = $2 AND logo_hash <> ''";
    tx.query_one(sql, &[&ID, &hash], |row| row.get(0))
}

/// Stores what customers see. With a logo in base64 that too; else the one that is there stays, as long as the row names one.
///
/// # Errors
/// When the database fails.
pub fn save(tx: &mut Tx<'_>, by: &OperatorScope, row: &AppearanceRow, logo: Option<&str>) -> Result<()> {
    let _ = by;
    let now = tx.now();
    let keep = logo.is_none() && !row.logo_hash.is_empty();
    let logo = logo.unwrap_or_default();
    tx.execute(
        "INSERT INTO appearance (id, product_name, support_contact, return_url, accent, logo_hash, logo, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO UPDATE SET product_name = excluded.product_name, \
         support_contact = excluded.support_contact, return_url = excluded.return_url, accent = excluded.accent, \
         logo_hash = excluded.logo_hash, logo = CASE WHEN $9 THEN appearance.logo ELSE excluded.logo END, \
         updated_at = excluded.updated_at",
        &[
            &ID,
            &without_nul(&row.product_name),
            &without_nul(&row.support_contact),
            &without_nul(&row.return_url),
            &row.accent,
            &row.logo_hash,
            &logo,
            &now,
            &keep,
        ],
    )
    .map(drop)
}
