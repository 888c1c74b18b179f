//! What the pages say: one catalogue of messages for each language, in `locales/`.
//!
//! A message may hold `{0}`, `{1}`; one that counts something has the keys `….one` and `….other`. English is complete; what another
//! language lacks is said in English. The language `en-XA` is English in disguise, with which a test finds text that is in no catalogue.

use std::collections::HashMap;
use std::fmt::Display;
use std::sync::LazyLock;

use http::{HeaderMap, header};

/// The messages of one language.
#[derive(Debug)]
pub struct Catalogue {
    code: &'static str,
    name: &'static str,
    messages: HashMap<String, String>,
}

static CATALOGUES: LazyLock<Vec<Catalogue>> = LazyLock::new(|| {
    let english = read("en", "English", include_str!("../../locales/en.toml"));
    let disguised = english.messages.iter().map(|(key, text)| (key.clone(), disguise(text))).collect();
    let german = read("de", "Deutsch", include_str!("../../locales/de.toml"));
    vec![english, german, Catalogue { code: "en-XA", name: "", messages: disguised }]
});

fn read(code: &'static str, name: &'static str, text: &str) -> Catalogue {
    let mut messages = HashMap::new();
    // A file that cannot be read is found by the tests below.
    collect("", text.parse::<toml::Table>().unwrap_or_default(), &mut messages);
    Catalogue { code, name, messages }
}

fn collect(section: &str, table: toml::Table, messages: &mut HashMap<String, String>) {
    for (name, value) in table {
        let key = if section.is_empty() { name } else { format!("{section}.{name}") };
        match value {
            toml::Value::Table(table) => collect(&key, table, messages),
            toml::Value::String(text) => drop(messages.insert(key, text)),
            _ => {}
        }
    }
}

/// The text between brackets that no catalogue uses.
fn disguise(text: &str) -> String {
    format!("⟦{text}⟧")
}

/// The messages of the language of one page. Cheap to copy.
#[derive(Debug, Clone, Copy)]
pub struct Text(&'static Catalogue);

impl Text {
    /// In the language chosen before, else in the one that the browser likes best of those there are, else in English.
    pub fn choose(chosen: Option<&str>, headers: &HeaderMap) -> Self {
        let exactly = |wanted: &str| CATALOGUES.iter().find(|catalogue| catalogue.code.eq_ignore_ascii_case(wanted));
        let by_language =
            |wanted: &str| exactly(wanted).or_else(|| exactly(wanted.split('-').next().unwrap_or(wanted)));
        let header = headers.get(header::ACCEPT_LANGUAGE).and_then(|header| header.to_str().ok()).unwrap_or_default();
        let liked = || liked_best_first(header).into_iter().find_map(by_language);
        Text(chosen.and_then(exactly).or_else(liked).unwrap_or(&CATALOGUES[0]))
    }

    /// The languages that can be chosen: code and own name.
    pub fn languages() -> impl Iterator<Item = (&'static str, &'static str)> {
        CATALOGUES
            .iter()
            .filter(|catalogue| !catalogue.name.is_empty())
            .map(|catalogue| (catalogue.code, catalogue.name))
    }

    /// The language's code.
    pub fn code(self) -> &'static str {
        self.0.code
    }

    /// Whether there is such a message.
    pub fn has(self, key: &str) -> bool {
        CATALOGUES[0].messages.contains_key(key)
    }

    /// The message.
    pub fn t(self, key: &str) -> &'static str {
        let found = self.0.messages.get(key).or_else(|| CATALOGUES[0].messages.get(key));
        found.map_or("", String::as_str)
    }

    /// The message with `{0}` filled in.
    pub fn t1(self, key: &str, value: impl Display) -> String {
        self.t(key).replace("{0}", &value.to_string())
    }

    /// The message with `{0}` and `{1}` filled in.
    pub fn t2(self, key: &str, first: impl Display, second: impl Display) -> String {
        // In one pass, so that a value that holds `{1}` is not filled in again.
        let mut out = String::new();
        let mut rest = self.t(key);
        while let Some(place) = rest.find("{0}").into_iter().chain(rest.find("{1}")).min() {
            out.push_str(&rest[..place]);
            out.push_str(&if rest[place..].starts_with("{0}") { first.to_string() } else { second.to_string() });
            rest = &rest[place + 3..];
        }
        out + rest
    }

    /// The message for so many, with `{0}` filled in.
    pub fn n(self, key: &str, count: i64) -> String {
        let form = if count == 1 { "one" } else { "other" };
        self.t1(&format!("{key}.{form}"), self.number(count))
    }

    /// A number with its thousands apart.
    pub fn number(self, number: i64) -> String {
        let digits = number.unsigned_abs().to_string();
        let mut out = String::new();
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                out.push_str(self.t("format.thousands"));
            }
            out.push(digit);
        }
        if number < 0 { format!("-{out}") } else { out }
    }
}

/// The languages of an `Accept-Language` header, the best liked first (RFC 9110 section 12.5.4).
fn liked_best_first(header: &str) -> Vec<&str> {
    let mut liked: Vec<(&str, f32)> = header
        .split(',')
        .take(20)
        .filter_map(|part| {
            let (code, weight) = part.split_once(";q=").unwrap_or((part, "1"));
            Some((code.trim(), weight.trim().parse().ok()?))
        })
        .filter(|(_, weight)| *weight > 0.0)
        .collect();
    liked.sort_by(|one, other| other.1.total_cmp(&one.1));
    liked.into_iter().map(|(code, _)| code).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    fn placeholders(text: &str) -> BTreeSet<&str> {
        ["{0}", "{1}"].into_iter().filter(|mark| text.contains(mark)).collect()
    }

    #[test]
    fn every_language_says_everything_with_the_same_blanks() {
        let english = &CATALOGUES[0];
        assert!(english.messages.len() > 100, "the catalogue was read");
        for other in &CATALOGUES[1..2] {
            let keys = |catalogue: &Catalogue| catalogue.messages.keys().cloned().collect::<BTreeSet<_>>();
            let (ours, theirs) = (keys(english), keys(other));
            assert_eq!(ours.symmetric_difference(&theirs).collect::<Vec<_>>(), Vec::<&String>::new());
            for (key, text) in &english.messages {
                assert_eq!(placeholders(text), placeholders(&other.messages[key]), "{key}");
                assert!(!other.messages[key].is_empty() && !text.is_empty(), "{key}");
            }
        }
    }

    /// The keys in quotes of a file: `word.word`.
    fn keys_in(text: &str, known: &HashMap<String, String>) -> BTreeSet<String> {
        let sections: BTreeSet<&str> = known.keys().filter_map(|key| key.split('.').next()).collect();
        let looks = |text: &&str| {
            text.split_once('.').is_some_and(|(section, rest)| {
                sections.contains(section)
                    && !rest.is_empty()
                    && !text.ends_with(".html")
                    && rest
                        .bytes()
                        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_.".contains(&byte))
            })
        };
        text.split('"').filter(looks).map(str::to_owned).collect()
    }

    fn all_files(folder: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                all_files(&path, found);
            } else if !path.ends_with("language.rs") {
                found.push(std::fs::read_to_string(path).unwrap());
            }
        }
    }

    #[test]
    fn every_message_asked_for_is_there() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut files = Vec::new();
        all_files(&root.join("templates"), &mut files);
        all_files(&root.join("src/portal"), &mut files);
        let known = &CATALOGUES[0].messages;
        let mut asked = BTreeSet::new();
        for file in &files {
            asked.extend(keys_in(file, known));
        }
        assert!(asked.len() > 80, "keys were found in the templates");
        let is_known = |key: &&String| {
            // A prefix to which the code adds a word.
            known.contains_key(*key)
                || known
                    .keys()
                    .any(|full| full.starts_with(&format!("{key}.")) || (key.ends_with('.') && full.starts_with(*key)))
        };
        let missing: Vec<&String> = asked.iter().filter(|key| !is_known(key)).collect();
        assert_eq!(missing, Vec::<&String>::new());
    }

    #[test]
    fn numbers_and_counts_are_said_as_the_language_does() {
        let german = Text::choose(
            None,
            &HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, "fr, de-AT;q=0.9, en;q=0.5".parse().unwrap())]),
        );
        assert_eq!(german.code(), "de");
        assert_eq!(german.number(4_213_000), "4.213.000");
        let english = Text::choose(Some("tlh"), &HeaderMap::new());
        assert_eq!((english.code(), english.number(-1213).as_str(), english.number(7).as_str()), ("en", "-1,213", "7"));
        assert_eq!(english.t2("none.such", "a", "b"), "");
    }
}
