//! What the administrator does at each kind of identity provider. The names of fields are the provider's own (docs/idp), and are not
//! translated; the sentences are in the catalogue, under `guide`.

mod okta;
mod others;

use doorward_store::directory::AuthMode;

/// What stands in a field of the identity provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    /// The SCIM base URL.
    Endpoint,
    /// The SCIM base URL with `/Users`.
    Users,
    /// The SCIM base URL with `/Groups`.
    Groups,
    /// The secret: the token, or the password of Basic.
    Secret,
    /// The secret with the word `Bearer` before it.
    WithBearer,
    /// The user name of Basic.
    Username,
    /// This text.
    Text(&'static str),
}

/// By what a step is seen to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// A request was accepted.
    Connected,
    /// A person arrived.
    Person,
    /// A group arrived.
    Group,
    /// A second person arrived.
    Everyone,
}

impl Proof {
    /// Its word in the sections `stand_…`.
    pub fn word(self) -> &'static str {
        match self {
            Proof::Connected => "connected",
            Proof::Person => "person",
            Proof::Group => "group",
            Proof::Everyone => "everyone",
        }
    }
}

/// One step, which is one page.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// Its word in addresses, and the word of its title in the section `step_title`.
    pub slug: &'static str,
    /// The keys of what is to be done, in order.
    pub lines: &'static [&'static str],
    /// Fields of the identity provider, and what goes into them.
    pub fields: &'static [(&'static str, Value)],
    /// By what it is seen to be done. What cannot be seen from here is done when what follows from it is seen.
    pub proof: Proof,
    /// Whether the rule of the two groups is to be told first.
    pub two_groups: bool,
    /// Keys of what to look at when nothing comes, the likeliest first.
    pub hints: &'static [&'static str],
}

impl Step {
    /// Whether the connection is made in it, so that it shows the credential.
    pub fn connects(&self) -> bool {
        self.fields.iter().any(|(_, value)| *value == Value::Endpoint || *value == Value::Users)
    }
}

const fn step(
    slug: &'static str,
    lines: &'static [&'static str],
    fields: &'static [(&'static str, Value)],
    proof: Proof,
    hints: &'static [&'static str],
) -> Step {
    Step { slug, lines, fields, proof, two_groups: false, hints }
}

/// The way through the setup of one kind of application at one kind of identity provider.
#[derive(Debug)]
pub struct Guide {
    /// Its word in addresses, and of its name in the section `guide_name`.
    pub slug: &'static str,
    /// The kinds of directory that it is for.
    pub types: &'static [&'static str],
    /// How the identity provider proves itself in it.
    pub auth: AuthMode,
    /// Its steps.
    pub steps: &'static [Step],
}

/// All guides; the first that fits is the one that is advised.
fn all() -> impl Iterator<Item = &'static Guide> {
    okta::GUIDES.iter().chain(others::GUIDES.iter())
}

/// The guides for a kind of directory, never none.
pub fn of(directory_type: &str, auth: AuthMode) -> Vec<&'static Guide> {
    let mut found: Vec<&Guide> =
        all().filter(|guide| guide.types.contains(&directory_type) && guide.auth == auth).collect();
    if found.is_empty() {
        // Somebody who may do everything has made a directory that its provider has no fields for.
        found.extend(all().filter(|guide| guide.slug == "other" && guide.auth == auth));
    }
    found
}

/// Whether identity providers of this kind can sign in like this.
pub fn takes(directory_type: &str, auth: AuthMode) -> bool {
    all().any(|guide| guide.types.contains(&directory_type) && guide.auth == auth)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::directory_type::DIRECTORY_TYPES;

    #[test]
    fn every_kind_has_a_guide_that_tells_where_everything_goes_and_sees_a_person_arrive() {
        for kind in DIRECTORY_TYPES {
            assert!(takes(kind, AuthMode::Bearer) || *kind == "generic scim v1.1", "{kind}");
            for auth in [AuthMode::Bearer, AuthMode::Basic] {
                for guide in of(kind, auth) {
                    let name = format!("{kind} {}", guide.slug);
                    let values: Vec<Value> =
                        guide.steps.iter().flat_map(|step| step.fields).map(|(_, value)| *value).collect();
                    assert!(values.contains(&Value::Endpoint) || values.contains(&Value::Users), "{name}");
                    assert!(values.contains(&Value::Secret) || values.contains(&Value::WithBearer), "{name}");
                    assert_eq!(values.contains(&Value::Username), auth == AuthMode::Basic, "{name}");
                    for proof in [Proof::Connected, Proof::Person, Proof::Everyone] {
                        assert!(guide.steps.iter().any(|step| step.proof == proof), "{name}");
                    }
                    assert_eq!(guide.steps.iter().filter(|step| step.connects()).count(), 1, "{name}");
                    let mut slugs: Vec<&str> = guide.steps.iter().map(|step| step.slug).collect();
                    slugs.sort_unstable();
                    slugs.dedup();
                    assert_eq!(slugs.len(), guide.steps.len(), "{name}");
                }
            }
        }
    }

    #[test]
    fn no_two_guides_for_one_kind_have_one_address() {
        for kind in DIRECTORY_TYPES {
            for auth in [AuthMode::Bearer, AuthMode::Basic] {
                let mut slugs: Vec<&str> = of(kind, auth).iter().map(|guide| guide.slug).collect();
                let count = slugs.len();
                slugs.sort_unstable();
                slugs.dedup();
                assert_eq!(slugs.len(), count, "{kind}");
            }
        }
    }

    #[test]
    fn entra_offers_no_user_name_and_password() {
        assert!(!takes("azure scim v2.0", AuthMode::Basic));
        assert!(takes("okta scim v2.0", AuthMode::Basic) && takes("okta scim v1.1", AuthMode::Basic));
    }
}
