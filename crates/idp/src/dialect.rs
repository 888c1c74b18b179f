//! How each provider writes. One file per provider holds its bodies and its [`Manner`]: a table of which of the known ways
//! it uses for each task. The ways themselves are carried out in [`crate::session`].

mod authentik;
mod chance;
mod cyberark;
pub(crate) mod entra;
mod jumpcloud;
mod manner;
pub(crate) mod okta;
mod okta_catalog;
mod okta_oin;
mod okta_v1;
mod okta_wizard;
mod onelogin;
mod ping;
pub(crate) mod profile;
mod rippling;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub(crate) use chance::Chance;
pub(crate) use manner::{
    Activation, FindGroup, GroupSubject, Import, Link, Lookup, LookupBy, Manner, Membership, Probe, Removal, Rename,
    Spaces, Update, Version, urn,
};
pub(crate) use profile::{Manager, Subject};

use crate::client::{Credential, Headers};
use crate::error::Error;
use crate::history::Customs;
use crate::people::IdStyle;

/// An identity provider and the kind of app by which it writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Dialect {
    /// Okta, an app made by the App Integration Wizard: GET then PUT for everything.
    #[serde(rename = "okta-wizard")]
    OktaWizard,
    /// Okta, the catalog's "SCIM 2.0 Test App": PUT for profiles, PATCH for activation and groups.
    #[serde(rename = "okta-catalog")]
    OktaCatalog,
    /// Okta, an app published by its vendor: PATCH throughout, token without a scheme.
    #[serde(rename = "okta-oin")]
    OktaOin,
    /// Okta, "SCIM 1.1 Test App".
    #[serde(rename = "okta-1.1")]
    OktaV1,
    /// Microsoft Entra ID as it is by default.
    #[serde(rename = "entra")]
    Entra,
    /// Microsoft Entra ID with `aadOptscim062020` in the tenant URL.
    #[serde(rename = "entra-flag")]
    EntraFlag,
    /// OneLogin, "SCIM Provisioner with SAML (SCIM v2)".
    #[serde(rename = "onelogin")]
    OneLogin,
    /// JumpCloud, custom SCIM integration.
    #[serde(rename = "jumpcloud")]
    JumpCloud,
    /// PingOne and PingFederate's SCIM provisioner.
    #[serde(rename = "ping")]
    Ping,
    /// CyberArk Identity.
    #[serde(rename = "cyberark")]
    CyberArk,
    /// Rippling, custom SCIM app.
    #[serde(rename = "rippling")]
    Rippling,
    /// authentik.
    #[serde(rename = "authentik")]
    Authentik,
}

impl Dialect {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::OktaWizard,
        Self::OktaCatalog,
        Self::OktaOin,
        Self::OktaV1,
        Self::Entra,
        Self::EntraFlag,
        Self::OneLogin,
        Self::JumpCloud,
        Self::Ping,
        Self::CyberArk,
        Self::Rippling,
        Self::Authentik,
    ];

    /// The name by which it is chosen, such as `okta-wizard`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.manner().name
    }

    /// One line for people.
    #[must_use]
    pub fn title(self) -> &'static str {
        self.manner().title
    }

    /// Speaks SCIM 1.1.
    #[must_use]
    pub fn is_v1(self) -> bool {
        self.manner().version == Version::V1
    }

    /// The provider behind the dialect.
    #[must_use]
    pub fn family(self) -> Family {
        self.manner().family
    }

    /// The form in which this provider sends a token.
    #[must_use]
    pub fn credential(self, token: &str) -> Credential {
        Credential::Token(token.to_owned(), self.manner().token)
    }

    /// How the provider forms its own ids.
    #[must_use]
    pub fn ids(self) -> IdStyle {
        self.manner().ids
    }

    /// What the provider's days contain beyond what all have.
    #[must_use]
    pub fn customs(self) -> Customs {
        Customs { erases: self.manner().erases }
    }

    /// The headers of the provider's requests.
    #[must_use]
    pub fn headers(self) -> Headers {
        self.manner().headers
    }

    pub(crate) fn manner(self) -> &'static Manner {
        match self {
            Self::OktaWizard => &okta_wizard::MANNER,
            Self::OktaCatalog => &okta_catalog::MANNER,
            Self::OktaOin => &okta_oin::MANNER,
            Self::OktaV1 => &okta_v1::MANNER,
            Self::Entra => &entra::MANNER,
            Self::EntraFlag => &entra::FLAGGED,
            Self::OneLogin => &onelogin::MANNER,
            Self::JumpCloud => &jumpcloud::MANNER,
            Self::Ping => &ping::MANNER,
            Self::CyberArk => &cyberark::MANNER,
            Self::Rippling => &rippling::MANNER,
            Self::Authentik => &authentik::MANNER,
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Dialect {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|dialect| dialect.name().eq_ignore_ascii_case(name))
            .ok_or_else(|| Error::Dialect { name: name.to_owned(), known: Self::ALL.map(Self::name).join(", ") })
    }
}

/// Whose habits an answer is judged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Okta.
    Okta,
    /// Microsoft Entra ID.
    Entra,
    /// authentik.
    Authentik,
    /// Providers whose reactions are not documented.
    Other,
}

/// The headers of a client of which nothing particular is known.
const PLAIN_HEADERS: Headers = Headers {
    accept: "application/scim+json",
    content_type: "application/scim+json",
    user_agent: None,
    charset_and_encoding: false,
    content_type_on_delete: false,
};

const USER_NAME: Lookup = Lookup { attribute: "userName", operator: "eq", by: LookupBy::UserName };

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dialect_is_found_by_its_name() {
        for dialect in Dialect::ALL {
            assert_eq!(dialect.name().parse::<Dialect>().unwrap(), dialect);
            assert_eq!(serde_json::to_value(dialect).unwrap(), dialect.name());
        }
        assert!("okta".parse::<Dialect>().unwrap_err().to_string().contains("okta-wizard"));
    }
}
