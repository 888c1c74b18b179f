//! Realistic, varied, reproducible people: names of many languages, optional fields that are sometimes missing, characters
//! that need escaping somewhere on the way.

mod names;

use std::collections::HashSet;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use serde::Serialize;

pub(crate) use names::TEAMS;
use names::{CULTURES, Culture, DEPARTMENTS, ROLES};

/// The name by which a simulation knows a person; not sent anywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct PersonKey(pub u32);

/// A work address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Address {
    /// Street and number.
    pub street: String,
    /// Town.
    pub locality: String,
    /// State or region.
    pub region: String,
    /// Postal code.
    pub postal_code: String,
    /// Country, ISO 3166-1 alpha-2.
    pub country: String,
}

/// A person as the provider's own directory has them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Person {
    /// The simulation's own name for the person.
    pub key: PersonKey,
    /// The provider's id of the person, sent as `externalId`.
    pub idp_id: String,
    /// `userName`, unique without regard to case.
    pub user_name: String,
    /// `name.givenName`.
    pub given_name: String,
    /// `name.middleName`.
    pub middle_name: Option<String>,
    /// `name.familyName`.
    pub family_name: String,
    /// `name.honorificPrefix`.
    pub honorific_prefix: Option<String>,
    /// `displayName`.
    pub display_name: String,
    /// `nickName`.
    pub nick_name: Option<String>,
    /// `title`.
    pub title: Option<String>,
    /// `userType`.
    pub user_type: Option<String>,
    /// `locale` as language and region with a hyphen.
    pub locale: String,
    /// `timezone`, an IANA name.
    pub timezone: Option<String>,
    /// The primary e-mail address, of type work.
    pub email: String,
    /// A second e-mail address, of type home.
    pub home_email: Option<String>,
    /// Telephone at work, in the format in which it was typed.
    pub work_phone: Option<String>,
    /// Mobile telephone.
    pub mobile_phone: Option<String>,
    /// Address at work.
    pub address: Option<Address>,
    /// Enterprise `employeeNumber`.
    pub employee_number: Option<String>,
    /// Enterprise `costCenter`.
    pub cost_center: Option<String>,
    /// Enterprise `organization`.
    pub organization: Option<String>,
    /// Enterprise `division`.
    pub division: Option<String>,
    /// Enterprise `department`.
    pub department: Option<String>,
    /// The person's manager.
    pub manager: Option<PersonKey>,
    /// `workato_role` of a custom extension.
    pub role: Option<String>,
}

impl Person {
    /// A person with nothing but the attributes that every provider needs, for tests of single flows.
    #[must_use]
    pub fn plain(key: u32, idp_id: &str, given_name: &str, family_name: &str, user_name: &str) -> Self {
        Self {
            key: PersonKey(key),
            idp_id: idp_id.to_owned(),
            user_name: user_name.to_owned(),
            given_name: given_name.to_owned(),
            middle_name: None,
            family_name: family_name.to_owned(),
            honorific_prefix: None,
            display_name: format!("{given_name} {family_name}"),
            nick_name: None,
            title: None,
            user_type: None,
            locale: "en-US".to_owned(),
            timezone: None,
            email: user_name.to_owned(),
            home_email: None,
            work_phone: None,
            mobile_phone: None,
            address: None,
            employee_number: None,
            cost_center: None,
            organization: None,
            division: None,
            department: None,
            manager: None,
            role: None,
        }
    }
}

/// How a provider forms its own ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdStyle {
    /// Okta: `00u` or `00g` and 17 letters and digits.
    Okta,
    /// A GUID (Entra and others).
    Guid,
    /// A decimal number (OneLogin).
    Number,
    /// Hexadecimal digits, this many.
    Hex(usize),
}

impl IdStyle {
    /// A new id; `prefix` is Okta's `00u` or `00g` and unused elsewhere.
    pub(crate) fn mint(self, rng: &mut StdRng, prefix: &str) -> String {
        const ALPHANUMERIC: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        match self {
            Self::Okta => {
                let tail = (0..17).map(|_| char::from(ALPHANUMERIC[rng.random_range(0..ALPHANUMERIC.len())]));
                prefix.chars().chain(tail).collect()
            }
            Self::Guid => {
                let hex = format!("{:032x}", rng.random::<u128>());
                format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
            }
            Self::Number => rng.random_range(10_000_000..1_000_000_000_u64).to_string(),
            Self::Hex(digits) => (0..digits).map(|_| format!("{:x}", rng.random_range(0..16_u8))).collect(),
        }
    }
}

/// A source of people: the same seed gives the same people in the same order.
#[derive(Debug)]
pub struct Population {
    seed: u64,
    /// How often the population was asked; each time begins with dice of its own, so that a copy goes on alike.
    draws: u64,
    rng: StdRng,
    ids: IdStyle,
    next: u32,
    taken: HashSet<String>,
}

impl Population {
    /// A population from a seed, with ids in the provider's style.
    #[must_use]
    pub fn new(seed: u64, ids: IdStyle) -> Self {
        Self { seed, draws: 0, rng: StdRng::seed_from_u64(seed), ids, next: 0, taken: HashSet::new() }
    }

    fn begin(&mut self) {
        self.draws += 1;
        self.rng = StdRng::seed_from_u64(self.seed ^ self.draws.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    }

    /// The next person.
    pub fn hire(&mut self) -> Person {
        self.begin();
        let key = self.next;
        self.next += 1;
        let culture = pick(&mut self.rng, CULTURES);
        let given = pick(&mut self.rng, culture.given);
        let family = pick(&mut self.rng, culture.family);
        let idp_id = self.ids.mint(&mut self.rng, "00u");
        let user_name = self.user_name(given.1, family.1);
        let mut person = Person::plain(key, &idp_id, given.0, family.0, &user_name);
        person.email = self.email(&user_name, given.1, family.1);
        person.locale = culture.locale.to_owned();
        self.decorate(&mut person, culture);
        self.employ(&mut person);
        person
    }

    /// The person with another family name, and the user name and address that follow from it.
    pub fn marry(&mut self, person: &Person) -> Person {
        self.begin();
        let culture = CULTURES.iter().find(|c| c.locale == person.locale).unwrap_or(&CULTURES[0]);
        let family = pick(&mut self.rng, culture.family);
        let given = culture.given.iter().find(|g| g.0 == person.given_name).map_or("x", |g| g.1);
        let mut person = person.clone();
        person.family_name = family.0.to_owned();
        person.display_name = format!("{} {}", person.given_name, person.family_name);
        person.user_name = self.user_name(given, family.1);
        person.email = self.email(&person.user_name.clone(), given, family.1);
        person
    }

    /// The person with a few other values: a new post, a new telephone, something cleared.
    pub fn edit(&mut self, person: &Person) -> Person {
        self.begin();
        let mut person = person.clone();
        match self.rng.random_range(0..7) {
            0 => self.employ(&mut person),
            1 => person.title = None,
            2 => {
                person.mobile_phone = self.maybe(0.7, |rng| format!("+1 (217) 555-{:04}", rng.random_range(0..10_000)));
            }
            3 => person.nick_name = self.maybe(0.6, |rng| (*pick(rng, &["Babs", "Änni", "Mo", "T.J."])).to_owned()),
            4 => person.role = self.maybe(0.8, |rng| (*pick(rng, ROLES)).to_owned()),
            5 => person.display_name = format!("{}, {}", person.family_name, person.given_name),
            _ => {
                person.department = None;
                person.employee_number = self.maybe(0.9, |rng| format!("{:06}", rng.random_range(0..1_000_000)));
            }
        }
        person
    }

    /// A GUID or other id for a group, in the provider's style.
    pub(crate) fn group_id(&mut self) -> String {
        self.begin();
        self.ids.mint(&mut self.rng, "00g")
    }

    fn decorate(&mut self, person: &mut Person, culture: &Culture) {
        person.middle_name = self.maybe(0.15, |rng| pick(rng, culture.given).0.to_owned());
        person.honorific_prefix = self.maybe(0.06, |rng| (*pick(rng, &["Dr.", "Prof.", "Ms."])).to_owned());
        person.nick_name = self.maybe(0.1, |rng| pick(rng, culture.given).0.to_owned());
        person.user_type = self.maybe(0.5, |rng| (*pick(rng, &["Employee", "Contractor", "Intern"])).to_owned());
        person.timezone = self.maybe(0.4, |_| culture.timezone.to_owned());
        person.home_email =
            self.maybe(0.1, |rng| format!("{}.{}@home.example", person.key.0, rng.random_range(10..100)));
        person.work_phone = self.maybe(0.5, |rng| format!("{} {:04}", culture.dial, rng.random_range(0..10_000)));
        person.mobile_phone = self.maybe(0.3, |rng| format!("{}-{:04}", culture.dial, rng.random_range(0..10_000)));
        person.address = self.maybe(0.3, |rng| Address {
            street: format!("{} {}", culture.street, rng.random_range(1..200)),
            locality: culture.city.to_owned(),
            region: culture.region.to_owned(),
            postal_code: culture.postal_code.to_owned(),
            country: culture.country.to_owned(),
        });
        person.role = self.maybe(0.25, |rng| (*pick(rng, ROLES)).to_owned());
    }

    fn employ(&mut self, person: &mut Person) {
        let (department, division, cost_center, titles) = *pick(&mut self.rng, DEPARTMENTS);
        person.department = Some(department.to_owned());
        person.division = self.maybe(0.5, |_| division.to_owned());
        person.cost_center = self.maybe(0.5, |_| cost_center.to_owned());
        person.organization = self.maybe(0.3, |_| "Example Corporation".to_owned());
        person.title = self.maybe(0.9, |rng| (*pick(rng, titles)).to_owned());
        if person.employee_number.is_none() {
            // Leading zeros must survive: the attribute is text.
            person.employee_number = self.maybe(0.8, |rng| format!("{:06}", rng.random_range(0..1_000_000)));
        }
    }

    /// A user name nobody has, mostly in lower case; some as people type it.
    fn user_name(&mut self, given: &str, family: &str) -> String {
        let mixed = self.rng.random_bool(0.1);
        let tag = if self.rng.random_bool(0.03) { "+ext" } else { "" };
        let mut count = 1_u32;
        loop {
            let number = if count == 1 { String::new() } else { count.to_string() };
            let name = format!("{given}.{family}{number}{tag}@corp.example");
            if self.taken.insert(name.to_lowercase()) {
                return if mixed { name } else { name.to_lowercase() };
            }
            count += 1;
        }
    }

    /// Mostly the user name; some firms form addresses otherwise.
    fn email(&mut self, user_name: &str, given: &str, family: &str) -> String {
        if self.rng.random_bool(0.9) {
            return user_name.to_owned();
        }
        let initial = given.chars().next().unwrap_or('x');
        format!("{initial}{family}{}@mail.corp.example", self.next).to_lowercase()
    }

    fn maybe<T>(&mut self, probability: f64, make: impl FnOnce(&mut StdRng) -> T) -> Option<T> {
        self.rng.random_bool(probability).then(|| make(&mut self.rng))
    }
}

impl Clone for Population {
    fn clone(&self) -> Self {
        let Self { seed, draws, ids, next, ref taken, .. } = *self;
        Self { seed, draws, rng: StdRng::seed_from_u64(seed), ids, next, taken: taken.clone() }
    }
}

fn pick<'a, T>(rng: &mut StdRng, items: &'a [T]) -> &'a T {
    // Every list is a constant of this crate and has at least one element.
    items.choose(rng).unwrap_or(&items[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_people() {
        let people = |seed| {
            let mut population = Population::new(seed, IdStyle::Okta);
            (0..200).map(|_| population.hire()).collect::<Vec<_>>()
        };
        assert_eq!(people(7), people(7));
        assert_ne!(people(7), people(8));
    }

    #[test]
    fn wb_03_user_names_are_unique_without_regard_to_case() {
        let mut population = Population::new(3, IdStyle::Guid);
        let mut seen = HashSet::new();
        for _ in 0..5_000 {
            let person = population.hire();
            assert!(seen.insert(person.user_name.to_lowercase()), "{} twice", person.user_name);
            assert!(person.user_name.is_ascii(), "{}", person.user_name);
        }
    }

    #[test]
    fn ids_have_the_providers_shape() {
        let mut rng = StdRng::seed_from_u64(1);
        let okta = IdStyle::Okta.mint(&mut rng, "00u");
        assert!(okta.starts_with("00u") && okta.len() == 20, "{okta}");
        let guid = IdStyle::Guid.mint(&mut rng, "");
        assert_eq!(guid.split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12], "{guid}");
        assert_eq!(IdStyle::Hex(24).mint(&mut rng, "").len(), 24);
    }

    #[test]
    fn people_are_varied() {
        let mut population = Population::new(1, IdStyle::Okta);
        let people: Vec<_> = (0..300).map(|_| population.hire()).collect();
        assert!(people.iter().any(|p| !p.given_name.is_ascii()));
        assert!(people.iter().any(|p| p.user_name.contains('\'')));
        assert!(people.iter().any(|p| p.user_name != p.user_name.to_lowercase()));
        assert!(people.iter().any(|p| p.title.is_none()) && people.iter().any(|p| p.role.is_some()));
    }
}
