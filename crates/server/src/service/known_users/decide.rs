//! Whose account it is: the one place that decides, without a database.

use doorward_store::directory::KnownUsersPolicy as Policy;
use doorward_store::known_user::{Candidate, KnownUserId};

/// When a person is compared with the accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    /// The identity provider sends the person for the first time.
    Arrived,
    /// It has changed what the person is compared by.
    Changed,
    /// The accounts are loaded, and the person is there already.
    Present,
}

/// Why somebody has to say which account it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::service) enum Reason {
    /// The policy says so.
    Asked,
    /// More than one account fits.
    Ambiguous,
    /// The account belongs to another person of the directory.
    AlreadyLinked,
    /// The account belongs to a person of another directory of the organization.
    LinkedInAnotherDirectory,
    /// Another attribute is the same than the one that the policy links by.
    OtherAttribute,
    /// The address is the same, but the organization has not proved that its domain is its own.
    UnverifiedDomain,
    /// Both sides have an `externalId`, and not the same.
    ExternalIdDiffers,
    /// The person was there, and came to fit the account by a change.
    ChangedLater,
    /// The person was there before the account was loaded, and would have been refused.
    PresentBefore,
}

impl Reason {
    /// The word in objects and events.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Ambiguous => "ambiguous",
            Self::AlreadyLinked => "already_linked",
            Self::LinkedInAnotherDirectory => "linked_in_another_directory",
            Self::OtherAttribute => "other_attribute",
            Self::UnverifiedDomain => "unverified_domain",
            Self::ExternalIdDiffers => "external_id_differs",
            Self::ChangedLater => "changed_later",
            Self::PresentBefore => "present_before",
        }
    }

    /// What it means, for people, by its word.
    pub(super) fn sentence(word: &str) -> &'static str {
        match word {
            "asked" => "An account fits, and the directory is set to ask.",
            "ambiguous" => "More than one account fits.",
            "already_linked" => "The account belongs to another person of this directory.",
            "linked_in_another_directory" => {
                "The account belongs to a person of another directory of this organization."
            }
            "other_attribute" => "An account fits by another attribute than the one that this directory links by.",
            "unverified_domain" => "The address fits, but the organization has not verified its domain.",
            "external_id_differs" => "An account fits, but its external_id is not this person's.",
            "changed_later" => "The person came to fit the account by a change, which never links.",
            "present_before" => "The person was there before the account was loaded.",
            _ => "Somebody has to decide.",
        }
    }
}

/// What becomes of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Decision {
    /// Nothing: the person is new.
    Nothing,
    /// The person must not come; by this attribute an account is the same.
    Refuse(&'static str),
    /// The account is the person's; by what it was found.
    Link(KnownUserId, &'static str),
    /// Somebody is asked which of these it is.
    Ask(Reason, Vec<KnownUserId>),
}

/// Decides. `elsewhere`: the one candidate is linked in another directory of the organization. `verified` says whether an address is of a
/// domain that the organization has verified.
pub(super) fn decide(
    policy: Policy,
    moment: Moment,
    candidates: &[Candidate],
    elsewhere: bool,
    verified: impl Fn(&str) -> bool,
) -> Decision {
    if policy == Policy::Off {
        return Decision::Nothing;
    }
    let free = |candidate: &&Candidate| candidate.known.user_id.is_none() && !candidate.contradicts;
    let returned = Vec::from_iter(candidates.iter().filter(|candidate| candidate.returned).filter(free));
    if let ([one], Moment::Arrived, false) = (returned.as_slice(), moment, elsewhere) {
        return Decision::Link(one.known.values.id.clone(), "return");
    }
    let fitting = candidates.iter().filter(|one| one.by_user_name || one.by_email.is_some() || one.by_external_id);
    let fitting = Vec::from_iter(fitting);
    let ids = || fitting.iter().map(|one| one.known.values.id.clone()).collect();
    let ask = |reason| Decision::Ask(reason, ids());
    if policy == Policy::Refuse {
        return match fitting.iter().find_map(|one| refused_by(one)) {
            Some(attribute) if moment != Moment::Present => Decision::Refuse(attribute),
            Some(_) => ask(Reason::PresentBefore),
            None => Decision::Nothing,
        };
    }
    let only = match fitting.as_slice() {
        [] => return Decision::Nothing,
        [only] => only,
        _ => return ask(Reason::Ambiguous),
    };
    match against(policy, only, elsewhere, verified) {
        Some(reason) => ask(reason),
        None if moment == Moment::Changed => ask(Reason::ChangedLater),
        None if policy == Policy::LinkEmail => Decision::Link(only.known.values.id.clone(), "email"),
        None => Decision::Link(only.known.values.id.clone(), "username"),
    }
}

/// What speaks against linking the one account that fits.
fn against(policy: Policy, only: &Candidate, elsewhere: bool, verified: impl Fn(&str) -> bool) -> Option<Reason> {
    if only.known.user_id.is_some() {
        return Some(Reason::AlreadyLinked);
    }
    if elsewhere {
        return Some(Reason::LinkedInAnotherDirectory);
    }
    if only.contradicts {
        return Some(Reason::ExternalIdDiffers);
    }
    match (policy, &only.by_email) {
        (Policy::LinkUsername, _) if only.by_user_name => None,
        (Policy::LinkEmail, Some(email)) if verified(email) => None,
        (Policy::LinkEmail, Some(_)) => Some(Reason::UnverifiedDomain),
        (Policy::LinkUsername | Policy::LinkEmail, _) => Some(Reason::OtherAttribute),
        (Policy::Ask | Policy::Off | Policy::Refuse, _) => Some(Reason::Asked),
    }
}

fn refused_by(one: &Candidate) -> Option<&'static str> {
    if one.by_user_name {
        return Some("userName");
    }
    one.by_email.as_ref().map(|_| "emails.value")
}

#[cfg(test)]
mod tests {
    use doorward_store::ids::{Id as _, UserId};
    use doorward_store::known_user::{KnownUserRow, KnownUserValues};

    use super::*;

    fn account(id: &str) -> Candidate {
        let values =
            KnownUserValues { id: id.parse().unwrap(), user_name: None, email: None, external_id: None, name: None };
        let known = KnownUserRow {
            values,
            user_id: None,
            linked_at: None,
            former_user_id: None,
            in_conflict: false,
            created_at: 0,
            updated_at: 0,
        };
        Candidate {
            known,
            by_user_name: false,
            by_email: None,
            by_external_id: false,
            contradicts: false,
            returned: false,
        }
    }

    fn named() -> Candidate {
        Candidate { by_user_name: true, ..account("a") }
    }

    fn addressed() -> Candidate {
        Candidate { by_email: Some("ann@acme.com".into()), ..account("a") }
    }

    fn arrive(policy: Policy, candidates: &[Candidate]) -> Decision {
        decide(policy, Moment::Arrived, candidates, false, |_| false)
    }

    fn asked(decision: Decision) -> Reason {
        match decision {
            Decision::Ask(reason, _) => reason,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn wt_20_each_policy_links_by_its_own_attribute_and_no_other() {
        assert!(matches!(arrive(Policy::LinkUsername, &[named()]), Decision::Link(_, "username")));
        assert_eq!(asked(arrive(Policy::LinkUsername, &[addressed()])), Reason::OtherAttribute);
        assert_eq!(asked(arrive(Policy::LinkEmail, &[named()])), Reason::OtherAttribute);
        assert_eq!(asked(arrive(Policy::Ask, &[named()])), Reason::Asked);
        assert_eq!(arrive(Policy::Refuse, &[named()]), Decision::Refuse("userName"));
        assert_eq!(arrive(Policy::Refuse, &[addressed()]), Decision::Refuse("emails.value"));
        for policy in [Policy::Off, Policy::Refuse, Policy::LinkUsername, Policy::LinkEmail, Policy::Ask] {
            assert_eq!(arrive(policy, &[]), Decision::Nothing);
            assert_eq!(arrive(policy, &[account("stranger")]), Decision::Nothing);
        }
        assert_eq!(arrive(Policy::Off, &[named()]), Decision::Nothing);
    }

    #[test]
    fn sec_04_an_address_links_only_when_its_domain_is_verified() {
        assert_eq!(asked(arrive(Policy::LinkEmail, &[addressed()])), Reason::UnverifiedDomain);
        let linked = decide(Policy::LinkEmail, Moment::Arrived, &[addressed()], false, |email| email == "ann@acme.com");
        assert!(matches!(linked, Decision::Link(_, "email")));
    }

    #[test]
    fn wt_25_what_is_not_clear_is_asked_whatever_the_policy() {
        for policy in [Policy::LinkUsername, Policy::LinkEmail, Policy::Ask] {
            assert_eq!(asked(arrive(policy, &[named(), addressed()])), Reason::Ambiguous);
            let mut taken = named();
            taken.known.user_id = Some(UserId::from_bits(7));
            assert_eq!(asked(arrive(policy, &[taken])), Reason::AlreadyLinked);
            let other = Candidate { contradicts: true, ..named() };
            assert_eq!(asked(arrive(policy, &[other])), Reason::ExternalIdDiffers);
            let elsewhere = decide(policy, Moment::Arrived, &[named()], true, |_| true);
            assert_eq!(asked(elsewhere), Reason::LinkedInAnotherDirectory);
        }
        assert_eq!(asked(decide(Policy::Refuse, Moment::Present, &[named()], false, |_| true)), Reason::PresentBefore);
    }

    #[test]
    fn sec_03_a_change_never_links() {
        for (policy, one) in [(Policy::LinkUsername, named()), (Policy::LinkEmail, addressed())] {
            let decision = decide(policy, Moment::Changed, std::slice::from_ref(&one), false, |_| true);
            assert_eq!(asked(decision), Reason::ChangedLater);
            let returned = Candidate { returned: true, ..one };
            assert_eq!(asked(decide(policy, Moment::Changed, &[returned], false, |_| true)), Reason::ChangedLater);
        }
    }

    #[test]
    fn wt_35_who_comes_back_is_linked_again_whatever_the_policy() {
        let returned = Candidate { returned: true, ..account("a") };
        for policy in [Policy::Refuse, Policy::LinkUsername, Policy::LinkEmail, Policy::Ask] {
            assert!(matches!(arrive(policy, std::slice::from_ref(&returned)), Decision::Link(_, "return")));
        }
    }
}
