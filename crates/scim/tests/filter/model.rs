//! Random users and random filters on them, made from a small vocabulary so that matches are common.
//!
//! A filter is a tree of its own kind, so that the reference evaluator shares nothing with the crate, and is written out
//! with random letter case, spacing and superfluous parentheses.

use doorward_scim::Object;
use doorward_scim::schema::ENTERPRISE;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Map, Value, json};

/// The extension `<X>` of the hard cases.
pub const X: &str = "urn:example:params:scim:schemas:extension:acme:2.0:User";

/// How an attribute compares.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    Inexact,
    Exact,
    Boolean,
    Number,
    Date,
    Binary,
}

/// An attribute a filter may name: how it is written, the extension it lives in, where it is found, how it compares.
pub type Named = (&'static str, Option<&'static str>, &'static [&'static str], Kind);

#[rustfmt::skip]
pub const ATTRIBUTES: &[Named] = &[
    ("userName", None, &["userName"], Kind::Inexact),
    ("externalId", None, &["externalId"], Kind::Exact),
    ("name.familyName", None, &["name", "familyName"], Kind::Inexact),
    ("title", None, &["title"], Kind::Inexact),
    ("profileUrl", None, &["profileUrl"], Kind::Exact),
    ("active", None, &["active"], Kind::Boolean),
    ("emails", None, &["emails", "value"], Kind::Inexact),
    ("emails.value", None, &["emails", "value"], Kind::Inexact),
    ("emails.type", None, &["emails", "type"], Kind::Inexact),
    ("emails.primary", None, &["emails", "primary"], Kind::Boolean),
    ("meta.created", None, &["meta", "created"], Kind::Date),
    ("schemas", None, &["schemas"], Kind::Inexact),
    ("badge", Some(X), &["badge"], Kind::Number),
    ("score", Some(X), &["score"], Kind::Number),
    ("hireDate", Some(X), &["hireDate"], Kind::Date),
    ("tags", Some(X), &["tags"], Kind::Inexact),
    ("cert", Some(X), &["cert"], Kind::Binary),
    ("department", Some(ENTERPRISE), &["department"], Kind::Inexact),
    ("manager.value", Some(ENTERPRISE), &["manager", "value"], Kind::Exact),
];

/// What may stand between brackets: the attribute, and its parts.
pub const LISTS: &[(Named, &[Named])] = &[
    (
        ("emails", None, &["emails"], Kind::Inexact),
        &[
            ("value", None, &["value"], Kind::Inexact),
            ("type", None, &["type"], Kind::Inexact),
            ("primary", None, &["primary"], Kind::Boolean),
        ],
    ),
    (("tags", Some(X), &["tags"], Kind::Inexact), &[("value", None, &[], Kind::Inexact)]),
    (("name", None, &["name"], Kind::Inexact), &[("familyName", None, &["familyName"], Kind::Inexact)]),
];

pub const TEXTS: &[&str] = &["", "a", "A", "ab", "B", "ß", "SS", "é", "e\u{301}", "a b", "%", "\"", "\\", "ǅ", "😀"];
pub const DATES: &[&str] =
    &["2020-01-01T00:00:00Z", "2020-01-01T01:00:00+01:00", "2020-01-01T00:00:00.001Z", "2019-12-31T23:59:59"];
pub const NUMBERS: &[&str] = &["0", "-1", "1", "1.0", "1.5", "15e-1", "9007199254740992", "9007199254740993"];
pub const BYTES: &[&str] = &["", "QUI=", "QUI", "QUJD", "AA=="];

#[derive(Debug, Clone)]
pub enum Term {
    And(Vec<Term>),
    Or(Vec<Term>),
    Not(Box<Term>),
    /// Attribute, operator, and the literal as it is written.
    Compare(Named, &'static str, String),
    Present(Named),
    /// `eq null`, or `ne null`.
    Null(Named, bool),
    Values(Named, Box<Term>),
}

fn literal(kind: Kind) -> BoxedStrategy<(&'static str, String)> {
    const EQUAL: &[&str] = &["eq", "ne"];
    const ORDER: &[&str] = &["eq", "ne", "gt", "ge", "lt", "le"];
    const TEXT: &[&str] = &["eq", "ne", "gt", "ge", "lt", "le", "co", "sw", "ew"];
    let quoted = |texts: &'static [&'static str]| select(texts).prop_map(|text| Value::from(text).to_string());
    match kind {
        Kind::Inexact | Kind::Exact => (select(TEXT), quoted(TEXTS)).boxed(),
        Kind::Boolean => (select(EQUAL), select(&["true", "false"][..]).prop_map(str::to_owned)).boxed(),
        Kind::Number => (select(ORDER), select(NUMBERS).prop_map(str::to_owned)).boxed(),
        Kind::Date => (select(ORDER), quoted(DATES)).boxed(),
        Kind::Binary => (select(EQUAL), quoted(BYTES)).boxed(),
    }
}

fn atom(attributes: &'static [Named]) -> BoxedStrategy<Term> {
    select(attributes)
        .prop_flat_map(|named| {
            prop_oneof![
                6 => literal(named.3).prop_map(move |(op, literal)| Term::Compare(named, op, literal)),
                1 => Just(Term::Present(named)),
                1 => any::<bool>().prop_map(move |eq| Term::Null(named, eq)),
            ]
        })
        .boxed()
}

fn tree(atoms: BoxedStrategy<Term>) -> BoxedStrategy<Term> {
    atoms
        .prop_recursive(3, 12, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 2..4).prop_map(Term::And),
                prop::collection::vec(inner.clone(), 2..4).prop_map(Term::Or),
                inner.prop_map(|term| Term::Not(Box::new(term))),
            ]
        })
        .boxed()
}

pub fn filters() -> BoxedStrategy<Term> {
    let brackets = select(LISTS)
        .prop_flat_map(|(list, parts)| tree(atom(parts)).prop_map(move |inner| Term::Values(list, Box::new(inner))));
    tree(prop_oneof![3 => atom(ATTRIBUTES), 1 => brackets].boxed())
}

/// Chooses among the ways a filter can be written.
struct Pen<'a> {
    choices: &'a [u8],
    next: usize,
}

impl Pen<'_> {
    fn choose(&mut self) -> u8 {
        self.next += 1;
        self.choices.get(self.next % self.choices.len().max(1)).copied().unwrap_or_default()
    }

    fn case(&mut self, word: &str) -> String {
        match self.choose() % 4 {
            0 => word.to_ascii_uppercase(),
            1 => word.to_ascii_lowercase(),
            _ => word.to_owned(),
        }
    }

    fn path(&mut self, named: Named) -> String {
        let name = self.case(named.0);
        named.1.map_or(name.clone(), |urn| format!("{urn}:{name}"))
    }

    fn spaces(&mut self) -> &'static str {
        if self.choose().is_multiple_of(5) { "   " } else { " " }
    }

    fn write(&mut self, term: &Term) -> String {
        let text = match term {
            Term::And(terms) => {
                let terms: Vec<_> = terms.iter().map(|term| self.within(term)).collect();
                terms.join(&format!("{}{} ", self.spaces(), self.case("and")))
            }
            Term::Or(terms) => {
                let terms: Vec<_> = terms.iter().map(|term| self.within(term)).collect();
                terms.join(&format!(" {}{}", self.case("or"), self.spaces()))
            }
            Term::Not(term) => {
                let space = if self.choose().is_multiple_of(2) { "" } else { " " };
                format!("{}{space}({})", self.case("not"), self.write(term))
            }
            Term::Compare(named, op, literal) => {
                format!("{} {}{}{literal}", self.path(*named), self.case(op), self.spaces())
            }
            Term::Present(named) => format!("{} {}", self.path(*named), self.case("pr")),
            Term::Null(named, eq) => format!("{} {} null", self.path(*named), if *eq { "eq" } else { "NE" }),
            Term::Values(named, inner) => format!("{}[{}]", self.path(*named), self.write(inner)),
        };
        if self.choose().is_multiple_of(7) { format!("({text})") } else { text }
    }

    /// A term of a list: parentheses where precedence asks for them.
    fn within(&mut self, term: &Term) -> String {
        match term {
            Term::And(_) | Term::Or(_) => format!("({})", self.write(term)),
            _ => self.write(term),
        }
    }
}

pub fn write(term: &Term, choices: &[u8]) -> String {
    Pen { choices, next: 0 }.write(term)
}

/// A text that the schema would accept, from the vocabulary of one kind.
fn value(kind: Kind) -> BoxedStrategy<Value> {
    match kind {
        Kind::Inexact | Kind::Exact => select(TEXTS).prop_map(Value::from).boxed(),
        Kind::Boolean => any::<bool>().prop_map(Value::from).boxed(),
        Kind::Number => select(NUMBERS).prop_map(|number| serde_json::from_str(number).unwrap()).boxed(),
        Kind::Date => select(DATES).prop_map(Value::from).boxed(),
        Kind::Binary => select(BYTES).prop_map(Value::from).boxed(),
    }
}

fn parts(members: &'static [(&'static str, Kind)]) -> BoxedStrategy<Map<String, Value>> {
    let each: Vec<_> = members
        .iter()
        .map(|&(name, kind)| {
            prop::option::of(value(kind)).prop_map(move |value| value.map(|value| (name.to_owned(), value)))
        })
        .collect();
    each.prop_map(|members| members.into_iter().flatten().collect()).boxed()
}

pub fn resources() -> BoxedStrategy<Object> {
    use Kind::{Binary, Boolean, Date, Exact, Inexact, Number};
    let top = parts(&[
        ("userName", Inexact),
        ("externalId", Exact),
        ("title", Inexact),
        ("profileUrl", Exact),
        ("active", Boolean),
    ]);
    let emails = prop::collection::vec(parts(&[("value", Inexact), ("type", Inexact), ("primary", Boolean)]), 0..4);
    let tags = prop::collection::vec(select(TEXTS), 0..3);
    let acme = parts(&[("badge", Number), ("score", Number), ("hireDate", Date), ("cert", Binary)]);
    let enterprise = (parts(&[("department", Inexact)]), prop::option::of(parts(&[("value", Exact)])));
    let schemas = any::<Index>();
    (top, parts(&[("familyName", Inexact)]), emails, tags, acme, enterprise, select(DATES), schemas)
        .prop_map(|(mut user, name, emails, tags, mut acme, (mut enterprise, manager), created, schemas)| {
            user.insert("schemas".to_owned(), json!([TEXTS[schemas.index(TEXTS.len())], X]));
            user.insert("meta".to_owned(), json!({ "created": created }));
            if !name.is_empty() {
                user.insert("name".to_owned(), Value::Object(name));
            }
            if !emails.is_empty() {
                user.insert("emails".to_owned(), json!(emails));
            }
            if !tags.is_empty() {
                acme.insert("tags".to_owned(), json!(tags));
            }
            if let Some(manager) = manager {
                enterprise.insert("manager".to_owned(), Value::Object(manager));
            }
            for (urn, extension) in [(X, acme), (ENTERPRISE, enterprise)] {
                if !extension.is_empty() {
                    user.insert(urn.to_owned(), Value::Object(extension));
                }
            }
            user
        })
        .boxed()
}
