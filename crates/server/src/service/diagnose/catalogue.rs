//! What is said of each diagnosis: message, cause and fix, in English. One entry for each key; `{names}` are parameters of the diagnosis
//! or words of the identity provider.

use serde::Serialize;

use super::provider::{self, Words};
use super::{Diagnosis, Severity};

/// The words of one diagnosis, with gaps.
#[derive(Debug)]
pub struct Entry {
    /// Code and variant.
    pub key: &'static str,
    /// What was seen, in a sentence.
    pub message: &'static str,
    /// Why that is, most probably.
    pub cause: &'static str,
    /// What to do.
    pub fix: &'static str,
}

/// The words of one diagnosis, complete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Said {
    /// For example `D05`.
    pub code: String,
    /// How much it matters.
    pub severity: Severity,
    /// What was seen.
    pub message: String,
    /// Why that is, most probably.
    pub cause: String,
    /// What to do.
    pub fix: String,
}

/// The languages in which the words are there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Language {
    /// That of the API and of the command line.
    #[default]
    English,
    /// One of the portal's.
    German,
}

impl Language {
    /// The language with this code; English for one that there is not.
    pub fn of(code: &str) -> Self {
        if code == "de" { Language::German } else { Language::English }
    }
}

macro_rules! entries {
    ($($key:literal: $message:literal, $cause:literal, $fix:literal;)+) => {
        /// All entries, in the order of their codes.
        pub const ENTRIES: &[Entry] = &[$(Entry { key: $key, message: $message, cause: $cause, fix: $fix },)+];
    };
}

mod german;

entries! {
    "D01": "Nothing has come from {idp} in the {minutes} minutes since the credential was made.",
        "The connection was not tried yet, the URL was not copied whole, or this server cannot be reached from the Internet.",
        "In {idp}, put {url} into {url_field} and the token into {token_field}, and press {test}. If nothing arrives even then, check that the address answers over https from outside.";
    "D02": "The request carried no credential.",
        "No token is set in {idp}, or another way of authentication is chosen there.",
        "Put the token into {token_field}. In Okta choose HTTP Header, not OAuth 2.0 and not Basic Auth.";
    "D02.unreadable": "The request carried {seen}.",
        "The field for the token is empty, or only the word Bearer or Basic is in it.",
        "Put the token into {token_field}.";
    "D03.bare-token": "The token came without the word Bearer before it; it was accepted.",
        "The field is one that sends what is in it as it is.",
        "Nothing has to be done. To be correct, write the word Bearer and a space before the token in {token_field}.";
    "D03.doubled-scheme": "The word Bearer came twice; the token was accepted.",
        "The field adds the word itself, and it was also typed.",
        "Nothing has to be done. To be correct, leave the word Bearer out of {token_field}.";
    "D03.other-scheme": "The token came with another word than Bearer before it; it was accepted.",
        "The name of the header's scheme was set in {idp}.",
        "Nothing has to be done. To be correct, set the scheme to Bearer.";
    "D04": "The token belongs to another directory of your organization, {directory}.",
        "The URL of one connection was combined with the token of another.",
        "Use the token of this directory, or for {directory} the URL {other_url}.";
    "D05.revoked": "The token {token} was revoked at {at} by {by}.",
        "{idp} still uses a token that has been withdrawn.",
        "Make a new token for this directory and put it into {token_field}.";
    "D05.expired": "The token {token} expired at {at}.",
        "Tokens have an end; this one has reached it.",
        "Make a new token for this directory and put it into {token_field}.";
    "D06": "The token is unknown; it has {length} characters, and Doorward's have {wanted}.",
        "It was mistyped, cut, or made for something else.",
        "Copy the whole token into {token_field}. It is shown only once: when it is lost, make a new one.";
    "D06.cut": "The token looks cut: {length} of {wanted} characters.",
        "It begins as the token {token} does, and its end is missing.",
        "Copy the whole token {token} into {token_field}, or make a new one.";
    "D06.longer": "The token is too long: {length} characters in place of {wanted}.",
        "It begins as the token {token} does; something was pasted behind it.",
        "Clear {token_field} and paste the token alone, without quotes or spaces.";
    "D06.altered": "The token resembles the token {token} and is not the same.",
        "A letter was changed when it was typed.",
        "Copy the token {token} into {token_field} instead of typing it, or make a new one.";
    "D06.api-key": "The token is a key of the application's API (sk_...), not a SCIM token.",
        "The two kinds of credential were mixed up.",
        "Put this directory's SCIM token (dw_...) into {token_field}, and revoke the key: {idp} should not have it.";
    "D06.kind": "This directory expects {wanted}.",
        "{idp} uses another way of authentication than this directory was made for.",
        "Change the way of authentication in {idp} to {wanted}, with the credential that was shown for this directory.";
    "D07.prefix": "The path {sent} lacks its beginning.",
        "Only the host, or a part of the URL, was put into {url_field}.",
        "Put this whole URL into {url_field}: {url}";
    "D07.doubled": "The path {sent} holds the base URL twice.",
        "The URL was pasted behind another one, or {idp} adds a part of it by itself.",
        "Clear {url_field} and put this URL there: {url}";
    "D07.endpoint": "The path {sent} names an endpoint twice.",
        "/Users or /Groups was written at the end of the base URL; {idp} adds it by itself.",
        "Put the URL without it into {url_field}: {url}";
    "D07.version": "The path {sent} names a version of SCIM that does not exist here.",
        "The URL was changed by hand.",
        "Put this URL into {url_field}: {url}";
    "D07.label": "The token opens this directory, but the URL names another one.",
        "The URL was mistyped, or belongs to another connection.",
        "Put this URL into {url_field}: {url}";
    "D07.unknown": "There is nothing at {sent}.",
        "The URL was mistyped; letters count, also capital ones.",
        "Put this URL into {url_field}: {url}";
    "D07.slashes": "The path {sent} has a slash too many; it was understood.",
        "The URL was entered with a slash at its end.",
        "Nothing has to be done. To be correct, put this URL into {url_field}: {url}";
    "D08.older": "The request speaks SCIM 1.1, but came to the SCIM 2.0 URL ({sent}).",
        "The application in {idp} is one for SCIM 1.1.",
        "Use an application for SCIM 2.0, or put the URL for SCIM 1.1 into {url_field}: {url}";
    "D08.newer": "The request speaks SCIM 2.0, but came to the SCIM 1.1 URL ({sent}).",
        "The application in {idp} is one for SCIM 2.0.",
        "Put the URL for SCIM 2.0 into {url_field}: {url}";
    "D09": "{count} people were looked up, not found, and not created.",
        "{idp} may look people up here, but not create them.",
        "Switch on {create}, then send the people again: {again}.";
    "D10": "The connection works since {minutes} minutes, and no person has come.",
        "Nobody is assigned to the application, or they were assigned before provisioning was switched on.",
        "Look at {assign}. Begin with one test person.";
    "D11": "The userName {name} is not an e-mail address; it was accepted.",
        "{idp} sends another attribute as user name.",
        "If the application knows its people by e-mail address, change the user name's source in {mapping} (in Okta: Application username format > Email).";
    "D12": "The name {name} is taken: {id} has it, {state}, made at {created_at}, with the identity provider's id {external_id}.",
        "The person or group exists here already: it was made by another assignment or another connection of {idp}, or its deletion did not arrive.",
        "Let {idp} take over the existing record (match on userName), rename one of the two, or delete the record here if nobody needs it.";
    "D12.other": "The change contradicts a record that exists already: {detail}",
        "A value that must be unique is in use.",
        "Rename one of the two records in {idp}.";
    "D13": "{waiting} members of this group are not known here yet.",
        "The group was sent before its people, or some of them are not assigned to the application.",
        "Assign these people to the application: {assign}. They join the group by themselves when they arrive. Use one group for assigning and another for pushing.";
    "D13.empty": "The group came without members.",
        "Many identity providers send the group first and its members in a second request; otherwise it is empty in {idp}.",
        "If it stays empty, check its members in {idp} and that these people are assigned to the application.";
    "D14.members": "{count} people who were deactivated are still members of pushed groups.",
        "The same group is probably used for assigning people and for pushing, so that its push ends before the members leave.",
        "Use two groups in {idp}: one for assigning people to the application, another for {push}.";
    "D14.replaced": "The group {id} was replaced as a whole {count} times within an hour.",
        "Two settings in {idp} write the same group, or one group is used for assigning and for pushing.",
        "Use two groups in {idp}, and push each group once: {push}.";
    "D15": "{idp} tested the connection {minutes} minutes ago and has not begun to provision.",
        "The test alone sends nobody.",
        "Press \"Start provisioning\"; the first cycle takes up to 40 minutes. For one person at once, use \"Provision on demand\".";
    "D16": "The request departs from the standard and was understood: {names}.",
        "Known habits of identity providers: {reasons}.",
        "Nothing has to be done.";
    "D17": "{attribute} has the value {value}, which is not in its list ({offered}).",
        "The value in {idp} is spelled in another way, or the list has changed.",
        "Send a value of the list (the closest is {closest}) by changing {mapping}, or add the value to the list.";
    "D18": "{attribute} came under {received}; it is expected under {expected}.",
        "The attribute was made in {idp} without its namespace, or with another one.",
        "Give the attribute the namespace {expected} in {mapping} (in Okta: the attribute's \"External namespace\").";
    "D19": "{attributes} is missing.",
        "The attribute has no mapping in {idp}, or is empty for this person.",
        "Map the attribute in {mapping}, and fill it for the people who lack it.";
    "D20": "Too many requests came; this one was told to come again after {seconds} seconds.",
        "There is a limit to how many requests are taken at once, and a lower one for credentials that are not valid.",
        "Nothing is lost: {idp} sends the request again. If it happens with a valid credential again and again, tell the operator.";
    "D21.json": "The body of {bytes} bytes is not JSON: {detail}",
        "A template in {idp} was edited and is no longer valid, or something on the way changed the body.",
        "Correct the template at the place that is named ({mapping}).";
    "D21.message": "The body is not the message that belongs here: {detail}",
        "A template in {idp} was edited, or another kind of message was sent.",
        "Correct the template ({mapping}).";
    "D21.size": "The body of {bytes} bytes is too large: {detail}",
        "A very large group was sent in one piece, or a photo stands in a person's attributes.",
        "Send the group in smaller steps or leave the large attribute out of {mapping}; the operator can raise the limit.";
    "D21.type": "The body came as {content_type}: {detail}",
        "{idp} or a proxy between names another type of content, or compresses the body.",
        "Set the Content-Type to application/scim+json, and switch compression of requests off.";
    "D21.slow": "The body did not arrive in time: {detail}",
        "The network or a proxy between is slow, or holds requests back.",
        "{idp} sends it again; if it happens often, look at the proxy.";
    "D22": "There is no {kind} {id} here.",
        "{idp} remembers an id of another directory, or of a connection that was set up anew.",
        "Let {idp} look the {kind} up again: {again}.";
    "D22.deleted": "The {kind} {id} was deleted here at {at}.",
        "{idp} still has the id of a record that is gone; ids are never used again.",
        "Let {idp} make the {kind} anew: {again}.";
    "D23": "{name} was switched between active and inactive {count} times within an hour (last at {times}).",
        "Two assignments in {idp} contradict each other, or two applications there provision into this directory.",
        "Find the person's assignments in {idp} and leave one of them.";
    "D24": "{count} of {total} people were deactivated within ten minutes, at {at}.",
        "An assignment, a group or a scope was removed in {idp}, perhaps by mistake.",
        "If it was not meant, assign them again in {idp}: they are only deactivated, and nothing of theirs is lost. If it was, nothing has to be done.";
}

/// The words of a diagnosis for a directory of this type, in English.
pub fn say(diagnosis: &Diagnosis, directory_type: &str) -> Said {
    say_in(Language::English, diagnosis, directory_type)
}

/// The words of a diagnosis for a directory of this type.
pub fn say_in(language: Language, diagnosis: &Diagnosis, directory_type: &str) -> Said {
    let (entries, words) = match language {
        Language::English => (ENTRIES, provider::words(directory_type)),
        Language::German => (german::ENTRIES, german::words(directory_type)),
    };
    // A row that another version wrote may have a variant that this one does not know.
    let entry = find(entries, &diagnosis.key).or_else(|| find(entries, diagnosis.code()));
    let fill = |text: &str| fill(language, text, diagnosis, words);
    Said {
        code: diagnosis.code().to_owned(),
        severity: diagnosis.severity,
        message: entry.map_or_else(|| diagnosis.key.clone(), |entry| fill(entry.message)),
        cause: entry.map(|entry| fill(entry.cause)).unwrap_or_default(),
        fix: entry.map(|entry| fill(entry.fix)).unwrap_or_default(),
    }
}

fn find(entries: &'static [Entry], key: &str) -> Option<&'static Entry> {
    entries.iter().find(|entry| entry.key == key)
}

/// Puts parameters and words into the gaps. A gap for which there is nothing stays empty. Parameters are not looked into: they are
/// other people's texts.
fn fill(language: Language, text: &str, diagnosis: &Diagnosis, words: &Words) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, behind)) = after.split_once('}') else { break };
        match diagnosis.parameters.get(name) {
            Some(value) if language == Language::German => out.push_str(german::parameter(name, value)),
            Some(value) => out.push_str(value),
            None => out.push_str(words.word(name).unwrap_or_default()),
        }
        rest = behind;
    }
    out.push_str(rest);
    let mut letters = out.chars();
    match letters.next() {
        // A sentence that begins with "the identity provider".
        Some(first) if first.is_lowercase() && text.starts_with("{idp}") => {
            first.to_uppercase().chain(letters).collect()
        }
        _ => out,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_found_by_its_key_and_leaves_no_gap_open() {
        for entry in ENTRIES {
            assert_eq!(
                find(ENTRIES, entry.key).map(|found| found.message),
                Some(entry.message),
                "{} stands there twice",
                entry.key
            );
            for text in [entry.message, entry.cause, entry.fix] {
                assert!(!text.is_empty() && text.matches('{').count() == text.matches('}').count(), "{}", entry.key);
            }
            for directory_type in ["okta scim v2.0", "azure scim v2.0", "generic scim v1.1"] {
                let said = say(&Diagnosis::new(entry.key, Severity::Note), directory_type);
                assert!(!said.fix.contains('{') && said.code.len() == 3, "{said:?}");
                assert!(said.cause.chars().next().is_some_and(|first| !first.is_lowercase()), "{said:?}");
            }
        }
    }

    /// The gaps of a text that the request fills.
    fn gaps(texts: [&str; 3]) -> std::collections::BTreeSet<String> {
        let names =
            texts.into_iter().flat_map(|text| text.split('{').skip(1).map(|rest| rest.split('}').next().unwrap()));
        // The reasons of tolerances are told in English only.
        let of_request = |name: &&str| provider::words("").word(name).is_none() && *name != "reasons";
        names.filter(of_request).map(str::to_owned).collect()
    }

    #[test]
    fn german_says_everything_that_english_says() {
        let keys = |entries: &[Entry]| entries.iter().map(|entry| entry.key).collect::<Vec<_>>();
        assert_eq!(keys(german::ENTRIES), keys(ENTRIES));
        for (english, german) in ENTRIES.iter().zip(german::ENTRIES) {
            let texts = |entry: &Entry| [entry.message, entry.cause, entry.fix];
            assert_eq!(gaps(texts(german)), gaps(texts(english)), "{}", english.key);
            for directory_type in ["okta scim v2.0", "azure scim v2.0", "onelogin scim v2.0", "generic scim v1.1"] {
                let said = say_in(Language::German, &Diagnosis::new(english.key, Severity::Note), directory_type);
                assert!(!said.fix.contains('{') && !said.cause.is_empty(), "{said:?}");
            }
        }
    }

    #[test]
    fn in_german_our_own_words_are_german_and_what_was_sent_stays() {
        let diagnosis = Diagnosis::new("D12", Severity::Error).with("name", "active").with("state", "active");
        let said = say_in(Language::German, &diagnosis, "okta scim v2.0").message;
        assert!(said.starts_with("Der Name active ist vergeben") && said.contains("aktiv, angelegt"), "{said}");
    }

    #[test]
    fn a_parameter_is_never_read_as_a_gap() {
        let diagnosis = Diagnosis::new("D11", Severity::Note).with("name", "{idp}{x");
        assert_eq!(
            say(&diagnosis, "okta scim v2.0").message,
            "The userName {idp}{x is not an e-mail address; it was accepted."
        );
    }

    #[test]
    fn the_fix_speaks_of_the_provider_s_own_fields() {
        let diagnosis = Diagnosis::new("D02", Severity::Error);
        assert!(say(&diagnosis, "azure scim v2.0").fix.contains("\"Secret Token\""));
        assert!(say(&diagnosis, "onelogin scim v2.0").fix.contains("\"SCIM Bearer Token\""));
    }
}
