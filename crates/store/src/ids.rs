//! Typed ids: `<prefix>` + 26 characters, a UUIDv7 (RFC 9562 section 5.7) in Crockford's base 32.
//!
//! Ids are minted here and nowhere else, never taken from a client (SEC-1). Stored is the 26 characters, shown is the text with
//! its prefix, and only that text is read: an id of another kind, another case or another length is no id.

use std::fmt;
use std::str::FromStr;

const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters of the stored form: 130 bits, of which the first two are zero.
const LENGTH: usize = 26;

/// The text is not an id of the wanted kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id of this kind")]
pub struct IdError;

/// What all ids have in common.
pub trait Id: Copy + Eq + Ord + fmt::Display + FromStr<Err = IdError> + sealed::Sealed + Send + Sync + 'static {
    /// What the shown form begins with, for example `directory_user_`.
    const PREFIX: &'static str;

    /// The id of these 128 bits.
    fn from_bits(bits: u128) -> Self;

    /// The 128 bits.
    fn bits(&self) -> u128;

    /// The stored form: 26 characters without the prefix.
    fn code(&self) -> &str;

    /// Reads the stored form.
    ///
    /// # Errors
    /// When the text is not 26 digits of Crockford's base 32 in upper case.
    fn from_code(code: &str) -> Result<Self, IdError>;

    /// Unix milliseconds at which it was minted.
    fn minted_at_millis(&self) -> i64 {
        (self.bits() >> 80) as i64
    }
}

mod sealed {
    pub trait Sealed {}
}

/// A UUIDv7 for `micros`: the milliseconds, then 12 bits of the fraction of the millisecond (RFC 9562 section 6.2, method 3), then
/// 62 bits of `low`.
pub(crate) fn uuid_v7(micros: i64, low: u64) -> u128 {
    let micros = u128::from(micros.max(0).unsigned_abs());
    let millis = (micros / 1000) & 0xffff_ffff_ffff;
    let fraction = (micros % 1000) * 4096 / 1000;
    (millis << 80) | (0x7 << 76) | (fraction << 64) | (0b10 << 62) | u128::from(low & LOW_BITS)
}

/// The 62 bits of a UUIDv7 that are ours to fill.
pub(crate) const LOW_BITS: u64 = (1 << 62) - 1;

fn encode(bits: u128) -> [u8; LENGTH] {
    let mut text = [b'0'; LENGTH];
    let mut rest = bits;
    for place in text.iter_mut().rev() {
        *place = DIGITS.get((rest & 31) as usize).copied().unwrap_or(b'0');
        rest >>= 5;
    }
    text
}

fn decode(code: &[u8; LENGTH]) -> u128 {
    let digit = |byte| DIGITS.binary_search(byte).unwrap_or_default() as u128;
    code.iter().fold(0, |bits, byte| (bits << 5) | digit(byte))
}

/// The text, if it is the stored form of an id. A page of people holds a thousand of them.
fn checked(text: &[u8]) -> Result<[u8; LENGTH], IdError> {
    let code: [u8; LENGTH] = text.try_into().map_err(|_| IdError)?;
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'A'..=b'Z') && !matches!(byte, b'I' | b'L' | b'O' | b'U');
    // A first digit above 7 would need more than 128 bits.
    if code[0] > b'7' || !code.iter().all(|byte| is_digit(*byte)) {
        return Err(IdError);
    }
    Ok(code)
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name([u8; LENGTH]);

        impl sealed::Sealed for $name {}

        impl Id for $name {
            const PREFIX: &'static str = $prefix;

            fn from_bits(bits: u128) -> Self {
                Self(encode(bits))
            }

            fn bits(&self) -> u128 {
                decode(&self.0)
            }

            fn code(&self) -> &str {
                std::str::from_utf8(&self.0).unwrap_or_default()
            }

            fn from_code(code: &str) -> Result<Self, IdError> {
                checked(code.as_bytes()).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str($prefix)?;
                f.write_str(self.code())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                text.strip_prefix($prefix).ok_or(IdError).and_then(Self::from_code)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl rusqlite::ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
                self.code().to_sql()
            }
        }

        impl rusqlite::types::FromSql for $name {
            fn column_result(value: rusqlite::types::ValueRef<'_>) -> rusqlite::types::FromSqlResult<Self> {
                Self::from_code(value.as_str()?).map_err(rusqlite::types::FromSqlError::other)
            }
        }

        impl tokio_postgres::types::ToSql for $name {
            fn to_sql(
                &self,
                ty: &tokio_postgres::types::Type,
                out: &mut tokio_postgres::types::private::BytesMut,
            ) -> Result<tokio_postgres::types::IsNull, Box<dyn std::error::Error + Sync + Send>> {
                self.code().to_sql(ty, out)
            }

            fn accepts(ty: &tokio_postgres::types::Type) -> bool {
                <&str as tokio_postgres::types::ToSql>::accepts(ty)
            }

            tokio_postgres::types::to_sql_checked!();
        }

        impl<'a> tokio_postgres::types::FromSql<'a> for $name {
            fn from_sql(
                ty: &tokio_postgres::types::Type,
                raw: &'a [u8],
            ) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
                Ok(Self::from_code(<&str as tokio_postgres::types::FromSql>::from_sql(ty, raw)?)?)
            }

            fn accepts(ty: &tokio_postgres::types::Type) -> bool {
                <&str as tokio_postgres::types::FromSql>::accepts(ty)
            }
        }
    };
}

id!(
    /// A customer of the application.
    OrganizationId,
    "org_"
);
id!(
    /// A domain that an organization claims.
    DomainId,
    "org_domain_"
);
id!(
    /// One connection of an organization with its identity provider.
    DirectoryId,
    "directory_"
);
id!(
    /// A user of a directory; its text is the SCIM `id`.
    UserId,
    "directory_user_"
);
id!(
    /// A group of a directory; its text is the SCIM `id`.
    GroupId,
    "directory_group_"
);
id!(
    /// An event; its low 62 bits are its position in the log.
    EventId,
    "event_"
);
id!(
    /// A credential of an identity provider.
    TokenId,
    "token_"
);
id!(
    /// A credential of the application.
    ApiKeyId,
    "api_key_"
);
id!(
    /// The account of somebody who runs the installation.
    OperatorId,
    "operator_"
);
id!(
    /// A sign-in of an operator, from then until signing out.
    OperatorSessionId,
    "operator_session_"
);
id!(
    /// A setup link for a customer's administrator.
    PortalLinkId,
    "portal_link_"
);
id!(
    /// A role of the application.
    RoleId,
    "role_"
);
id!(
    /// A rule that gives people of a directory a role.
    RoleMappingId,
    "role_mapping_"
);
id!(
    /// A person of whom it is not clear which account of the application is theirs.
    IdentityConflictId,
    "identity_conflict_"
);
id!(
    /// A request in the log of its directory; it begins with the time at which the request came.
    RequestLogId,
    "request_"
);
id!(
    /// An address of the application that events are sent to.
    EndpointId,
    "we_"
);
id!(
    /// What became of an event at an endpoint; its bits are the event's.
    DeliveryId,
    "delivery_"
);
id!(
    /// A part of the log that is sent to an endpoint once more.
    ReplayId,
    "replay_"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sec_01_text_form_round_trips_and_keeps_order() {
        let early = UserId::from_bits(uuid_v7(1_700_000_000_000_000, 7));
        let late = UserId::from_bits(uuid_v7(1_700_000_000_000_300, 3));
        assert!(early < late, "microseconds order ids");
        assert_eq!(early.to_string().parse::<UserId>(), Ok(early));
        assert_eq!(early.to_string().len(), "directory_user_".len() + 26);
        assert_eq!(early.minted_at_millis(), 1_700_000_000_000);
        assert_eq!(UserId::from_bits(u128::MAX).bits(), u128::MAX);
        assert_eq!(uuid_v7(0, u64::MAX) >> 62 & 0b11, 0b10, "variant bits");
        assert_eq!(uuid_v7(0, u64::MAX) >> 76 & 0xf, 7, "version bits");
    }

    #[test]
    fn sec_01_other_shapes_are_refused() {
        let id = UserId::from_bits(uuid_v7(1, 1));
        let text = id.to_string();
        let wrong = [
            String::new(),
            id.code().to_owned(),
            text.to_lowercase(),
            format!("{text} "),
            format!("{text}0"),
            text.replace("directory_user_", "directory_group_"),
            text.replace("directory_user_", "directory_"),
            format!("directory_user_8{}", &id.code()[1..]),
            format!("directory_user_{}U", &id.code()[1..]),
            "directory_user_é0000000000000000000000000".to_owned(),
        ];
        for text in wrong {
            assert_eq!(text.parse::<UserId>(), Err(IdError), "{text}");
        }
    }
}
