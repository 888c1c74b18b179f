//! What identity providers send beside the RFCs, each departure under its own name.
//!
//! A directory is tolerant by default and strict on request (the conformance profile). Tolerance is a matter of spelling:
//! it never loosens authentication, tenancy, mutability, uniqueness or atomicity. Every use of a tolerance is recorded, so
//! that the administrator can see what a connection relies on.

use std::collections::BTreeSet;

/// How a directory treats messages that depart from the RFCs in a known way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Profile {
    /// Only what the RFCs allow; for conformance tests.
    Strict,
    /// Everything in [`Quirk`] as well; the default for identity providers.
    #[default]
    Tolerant,
}

macro_rules! quirks {
    ($($(#[doc = $doc:literal])+ $variant:ident, $name:literal, $why:literal;)+) => {
        /// One known departure from the RFCs.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Quirk {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Quirk {
            /// Every quirk, in the order of this page.
            pub const ALL: &'static [Quirk] = &[$(Quirk::$variant,)+];

            /// A stable name in kebab case, for logs and reports.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// Who sends it, or which text leaves it open.
            pub fn why(self) -> &'static str {
                match self { $(Self::$variant => $why,)+ }
            }
        }
    };
}

quirks! {
    /// `"True"` or `"false"` where a boolean belongs (D17).
    BooleanAsText, "boolean-as-text", "Entra ID sends active as \"True\" and \"False\" without its aadOptscim062020 flag";
    /// A JSON number where a string belongs; its digits are kept as the string.
    NumberAsText, "number-as-text", "Okta attribute mappings do not validate types, so employeeNumber may arrive as a number";
    /// `""` clears a single-valued attribute (D20).
    EmptyStringClears, "empty-string-clears", "Okta pushes cleared attributes and Entra ID clears a manager as the empty string";
    /// `name.givenName` as a key of an object (P-7644-3.5.2-15).
    DottedKey, "dotted-key", "Entra ID with aadOptscim062020 sends attribute paths as keys of a PATCH without path";
    /// `urn:…:User:department` as a key of an object that is not a PATCH value.
    QualifiedKey, "qualified-key", "Entra ID with aadOptscim062020 sends attribute paths as keys";
    /// A one-element array for a single complex attribute (D38).
    ArrayForSingle, "array-for-single", "Entra ID sends manager as an array with one object";
    /// One object, or one value, where an array belongs.
    SingleForArray, "single-for-array", "JSON templates written by administrators (OneLogin) leave out the brackets";
    /// A bare string for a complex value; it becomes `value` (P010, P031).
    TextForComplex, "text-for-complex", "Entra ID sends the manager's id as a plain string; SCIM 1.1 lists may be plain strings";
    /// A bare string for a group member (D38).
    TextForMember, "text-for-member", "Microsoft's Postman collection adds a member by its bare id";
    /// `replace` through a filter without match creates the value (D9).
    ReplaceCreates, "replace-creates", "Entra ID uses Add and Replace alike on emails[type eq \"work\"].value";
    /// `add` through a filter without match creates the value (D8).
    AddCreates, "add-creates", "Entra ID adds typed e-mails, phones and addresses through a filter path";
    /// A filter operand without quotes.
    UnquotedLiteral, "unquoted-literal", "Microsoft's documentation prints externalId eq jyoung without quotes";
    /// `emails[type eq "work"].value eq "x"` in a filter (D6).
    FilterSubAttribute, "filter-sub-attribute", "Entra ID matches users by emails[type eq \"work\"].value";
    /// A URI in `schemas` that the resource type does not have.
    UnknownSchemaUri, "unknown-schema-uri", "Entra ID creates groups with an http:// schema URI of its own";
    /// An attribute no schema describes; it is kept as it was sent (D18).
    UnknownAttribute, "unknown-attribute", "Okta and OneLogin let administrators map attributes under any name";
    /// A filter that names an attribute no schema describes; it has no value (D3).
    UnknownFilterAttribute, "unknown-filter-attribute", "PingFederate sends filters with names of its own";
    /// A body without `schemas`.
    MissingSchemas, "missing-schemas", "SCIM 1.1 allows it and some 2.0 clients kept the habit";
    /// `schemas` of a PATCH as one string instead of an array.
    SchemasAsText, "schemas-as-text", "JSON templates written by administrators (OneLogin) leave out the brackets";
    /// An extension object whose URI is not listed in `schemas`.
    ExtensionNotListed, "extension-not-listed", "Entra ID does not list the URIs of custom extensions";
    /// `"path": null` in a PATCH operation (D38).
    PathNull, "path-null", "clients that serialise absent members as null";
    /// Extra members in a PATCH operation or beside `Operations` (D38).
    ExtraOperationKey, "extra-operation-key", "Microsoft's Postman collection adds id and name";
    /// `department` without the URI of its extension.
    UnqualifiedExtensionAttribute, "unqualified-extension-attribute", "Entra ID sends manager unqualified";
    /// `username`, `email` for `userName`, `emails.value`.
    AttributeAlias, "attribute-alias", "PingOne and PingFederate match with username and email";
    /// `primary eq "True"`: a boolean compared with text (D17).
    PrimaryTextCompare, "primary-text-compare", "Entra ID sends roles[primary eq \"True\"].value";
    /// `id` of another resource in a PATCH value; the URL decides (P071).
    ForeignId, "foreign-id", "captures of Okta show an id in the body that differs from the URL";
    /// A value that is no URI where one belongs.
    LooseReference, "loose-reference", "administrators map free text to profileUrl and photos";
    /// A language, time zone or country code that is none.
    LooseCode, "loose-code", "Entra ID and HR systems send country names and display names of time zones";
    /// PEM text or a chain where one DER certificate belongs.
    LooseCertificate, "loose-certificate", "certificates are copied from PEM files";
    /// `user` or `group` as the type of a member.
    MemberTypeCase, "member-type-case", "examples of SCIM 1.1 print user and group in lower case";
    /// SCIM 2.0 filter operators in a SCIM 1.1 request.
    NewerOperator, "newer-operator", "clients that speak both versions share one filter builder";
}

/// What one directory tolerates, and which tolerances one request made use of.
///
/// ```
/// use doorward_scim::quirks::{Leniency, Quirk};
///
/// let mut leniency = Leniency::tolerant();
/// assert!(leniency.allow(Quirk::BooleanAsText));
/// assert_eq!(leniency.used().map(Quirk::name).collect::<Vec<_>>(), ["boolean-as-text"]);
/// assert!(!Leniency::strict().allow(Quirk::BooleanAsText));
/// ```
#[derive(Debug, Clone, Default)]
pub struct Leniency {
    profile: Profile,
    used: BTreeSet<Quirk>,
}

impl Leniency {
    /// Nothing used yet, under the given profile.
    pub fn new(profile: Profile) -> Self {
        Self { profile, used: BTreeSet::new() }
    }

    /// Only what the RFCs allow.
    pub fn strict() -> Self {
        Self::new(Profile::Strict)
    }

    /// Every known quirk.
    pub fn tolerant() -> Self {
        Self::new(Profile::Tolerant)
    }

    /// The profile this was made with.
    pub fn profile(&self) -> Profile {
        self.profile
    }

    /// Whether the profile is the tolerant one. Unlike [`allow`](Self::allow) this records nothing.
    pub fn is_tolerant(&self) -> bool {
        self.profile == Profile::Tolerant
    }

    /// Whether the quirk may pass. If so, its use is recorded.
    pub fn allow(&mut self, quirk: Quirk) -> bool {
        let tolerant = self.is_tolerant();
        if tolerant {
            self.used.insert(quirk);
        }
        tolerant
    }

    /// The quirks that were made use of, each once.
    pub fn used(&self) -> impl Iterator<Item = Quirk> {
        self.used.iter().copied()
    }
}
