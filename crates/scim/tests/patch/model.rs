//! Random users and random PATCH operations on them as trees of their own kind, from a small vocabulary, so that values meet.

use doorward_scim::schema::ENTERPRISE;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

/// The extension `<X>` of the hard cases.
const X: &str = "urn:example:params:scim:schemas:extension:acme:2.0:User";

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Op {
    Add,
    Replace,
    Remove,
}

/// What stands between brackets.
#[derive(Debug, Clone)]
pub enum Condition {
    /// Terms with `eq`, joined by `and`.
    All(Vec<(&'static str, Value)>),
    /// The same joined by `or`.
    Any(Vec<(&'static str, Value)>),
    Ne(&'static str, Value),
    Starts(&'static str, &'static str),
    Present(&'static str),
    Not(Box<Condition>),
}

/// What a path names. Attributes of extensions have the URN in front.
#[derive(Debug, Clone)]
pub enum Target {
    /// No path.
    Resource,
    Extension(&'static str),
    /// An attribute with one simple value.
    Simple(Option<&'static str>, &'static str),
    /// An attribute with one complex value, and a part of it.
    Complex(Option<&'static str>, &'static str),
    Part(Option<&'static str>, &'static str, &'static str),
    /// A list, a part of every element, some elements, a part of those.
    List(Option<&'static str>, &'static str),
    Every(&'static str, &'static str),
    Some(&'static str, Condition),
    SomePart(&'static str, Condition, &'static str),
}

#[derive(Debug, Clone)]
pub struct Operation {
    pub op: Op,
    pub target: Target,
    /// None for a removal that names nothing.
    pub value: Option<Value>,
}

impl Condition {
    fn write(&self) -> String {
        let joined = |terms: &[(&str, Value)], word: &str| {
            let terms: Vec<_> = terms.iter().map(|(name, value)| format!("{name} eq {value}")).collect();
            terms.join(word)
        };
        match self {
            Self::All(terms) => joined(terms, " and "),
            Self::Any(terms) => joined(terms, " or "),
            Self::Ne(name, value) => format!("{name} ne {value}"),
            Self::Starts(name, text) => format!("{name} sw \"{text}\""),
            Self::Present(name) => format!("{name} pr"),
            Self::Not(inner) => format!("not ({})", inner.write()),
        }
    }
}

impl Operation {
    /// The operation as a client writes it.
    pub fn write(&self) -> Value {
        let named = |urn: &Option<&str>, name: &str| urn.map_or(name.to_owned(), |urn| format!("{urn}:{name}"));
        let path = match &self.target {
            Target::Resource => None,
            Target::Extension(urn) => Some((*urn).to_owned()),
            Target::Simple(urn, name) | Target::Complex(urn, name) | Target::List(urn, name) => Some(named(urn, name)),
            Target::Part(urn, name, sub) => Some(format!("{}.{sub}", named(urn, name))),
            Target::Every(name, sub) => Some(format!("{name}.{sub}")),
            Target::Some(name, condition) => Some(format!("{name}[{}]", condition.write())),
            Target::SomePart(name, condition, sub) => Some(format!("{name}[{}].{sub}", condition.write())),
        };
        let op = match self.op {
            Op::Add => "add",
            Op::Replace => "replace",
            Op::Remove => "remove",
        };
        let mut message = json!({ "op": op });
        if let Some(path) = path {
            message["path"] = json!(path);
        }
        if let Some(value) = &self.value {
            message["value"] = value.clone();
        }
        message
    }
}

/// Text that may say "nothing" in one profile or both, and what is no text.
fn text() -> BoxedStrategy<Value> {
    prop_oneof![
        12 => select(vec!["a", "A", "b", "é", "É", "work"]).prop_map(Value::from),
        1 => Just(json!("")),
        1 => Just(Value::Null),
        1 => Just(json!(7)),
    ]
    .boxed()
}

fn word() -> impl Strategy<Value = Value> {
    select(vec!["a", "A", "b", "é", "work"]).prop_map(Value::from)
}

fn boolean() -> BoxedStrategy<Value> {
    prop_oneof![8 => any::<bool>().prop_map(Value::from), 1 => Just(json!("True")), 1 => Just(Value::Null)].boxed()
}

fn kind() -> impl Strategy<Value = Value> {
    select(vec!["work", "Work", "home", "other"]).prop_map(Value::from)
}

fn address_of_mail() -> impl Strategy<Value = Value> {
    select(vec!["a@x.org", "A@x.org", "b@x.org", "c@x.org"]).prop_map(Value::from)
}

fn object(pairs: Vec<(&'static str, Option<Value>)>) -> Value {
    let present = |(name, value): (&str, Option<Value>)| value.map(|value| (name.to_owned(), value));
    Value::Object(pairs.into_iter().filter_map(present).collect::<Map<_, _>>())
}

fn email() -> impl Strategy<Value = Value> {
    let primary = option::weighted(0.3, any::<bool>().prop_map(Value::from));
    (address_of_mail(), option::of(kind()), primary, option::of(word())).prop_map(|(value, kind, primary, display)| {
        object(vec![("value", Some(value)), ("type", kind), ("primary", primary), ("display", display)])
    })
}

fn address() -> impl Strategy<Value = Value> {
    (option::of(word()), option::of(kind())).prop_map(|(locality, kind)| {
        object(vec![("locality", locality), ("type", kind), ("country", Some(json!("US")))])
    })
}

fn elements(list: &'static str) -> BoxedStrategy<Value> {
    match list {
        "emails" => vec(email(), 0..4).prop_map(Value::from).boxed(),
        "addresses" => vec(address(), 0..3).prop_map(Value::from).boxed(),
        _ => vec(word(), 0..4).prop_map(Value::from).boxed(),
    }
}

/// A list that may be stored: at most one primary, no value twice.
fn stored_elements(list: &'static str) -> BoxedStrategy<Value> {
    elements(list)
        .prop_filter("a stored list is in order", |list| {
            let primaries = list.as_array().unwrap().iter().filter(|element| element["primary"] == true).count();
            primaries < 2
        })
        .boxed()
}

/// The body of a user.
pub fn users() -> BoxedStrategy<Value> {
    let name = (option::of(word()), option::of(word()));
    let enterprise = (option::of(word()), option::of(word()));
    let acme = (option::of(any::<i8>()), stored_elements("tags"));
    (
        option::of(word()),
        name,
        option::of(any::<bool>()),
        stored_elements("emails"),
        stored_elements("addresses"),
        enterprise,
        acme,
    )
        .prop_map(|(nick, (given, family), active, emails, addresses, (department, manager), (badge, tags))| {
            object(vec![
                ("userName", Some(json!("ada"))),
                ("nickName", nick),
                ("name", Some(object(vec![("givenName", given), ("familyName", family)]))),
                ("active", active.map(Value::from)),
                ("emails", Some(emails)),
                ("addresses", Some(addresses)),
                (
                    ENTERPRISE,
                    Some(object(vec![
                        ("department", department),
                        ("manager", manager.map(|manager| json!({ "value": manager }))),
                    ])),
                ),
                (X, Some(object(vec![("badge", badge.map(Value::from)), ("tags", Some(tags))]))),
            ])
        })
        .boxed()
}

fn term(list: &'static str) -> BoxedStrategy<(&'static str, Value)> {
    let primary = any::<bool>().prop_map(|value| ("primary", Value::from(value)));
    match list {
        "emails" => prop_oneof![
            3 => kind().prop_map(|kind| ("type", kind)),
            2 => address_of_mail().prop_map(|value| ("value", value)),
            1 => primary,
        ]
        .boxed(),
        _ => prop_oneof![2 => kind().prop_map(|kind| ("type", kind)), 1 => word().prop_map(|word| ("locality", word))]
            .boxed(),
    }
}

fn condition(list: &'static str) -> BoxedStrategy<Condition> {
    let simple = prop_oneof![
        6 => vec(term(list), 1..3).prop_map(Condition::All),
        1 => vec(term(list), 2..3).prop_map(Condition::Any),
        1 => term(list).prop_map(|(name, value)| Condition::Ne(name, value)),
        1 => select(vec!["w", "H"]).prop_map(|start| Condition::Starts("type", start)),
        1 => select(vec!["type", "display"]).prop_filter("addresses have no display", move |name| list == "emails" || *name == "type")
            .prop_map(Condition::Present),
    ];
    prop_oneof![6 => simple.clone(), 1 => simple.prop_map(|inner| Condition::Not(Box::new(inner)))].boxed()
}

/// Some parts of an element, one of which may be taken away.
fn parts_of(list: &'static str) -> BoxedStrategy<Value> {
    let gone = prop_oneof![3 => word(), 1 => Just(Value::Null)];
    match list {
        "emails" => {
            (option::of(address_of_mail()), option::of(gone), option::weighted(0.2, any::<bool>()), option::of(kind()))
                .prop_map(|(value, display, primary, kind)| {
                    object(vec![
                        ("value", value),
                        ("display", display),
                        ("primary", primary.map(Value::from)),
                        ("type", kind),
                    ])
                })
                .boxed()
        }
        _ => (option::of(gone), option::of(kind()))
            .prop_map(|(locality, kind)| object(vec![("locality", locality), ("type", kind)]))
            .boxed(),
    }
}

fn sub_of(list: &'static str) -> BoxedStrategy<(&'static str, Value)> {
    match list {
        "emails" => prop_oneof![
            3 => (Just("display"), text()),
            2 => (Just("value"), address_of_mail()),
            1 => (Just("type"), kind()),
            2 => (Just("primary"), boolean()),
        ]
        .boxed(),
        _ => prop_oneof![2 => (Just("locality"), text()), 1 => (Just("type"), kind())].boxed(),
    }
}

fn nothing() -> impl Strategy<Value = Value> {
    select(vec![Value::Null, json!("")])
}

fn place() -> BoxedStrategy<(Target, Value)> {
    let list = || select(vec!["emails", "addresses"]);
    let names = select(vec![
        (None, "nickName"),
        (None, "title"),
        (None, "externalId"),
        (None, "userName"),
        (Some(ENTERPRISE), "department"),
    ]);
    let name = || {
        (option::of(text()), option::of(text()))
            .prop_map(|(given, family)| object(vec![("givenName", given), ("familyName", family)]))
    };
    let manager = || prop_oneof![2 => word().prop_map(|id| json!({ "value": id })), 1 => word()];
    prop_oneof![
        4 => (names, text()).prop_map(|((urn, name), value)| (Target::Simple(urn, name), value)),
        1 => boolean().prop_map(|value| (Target::Simple(None, "active"), value)),
        1 => prop_oneof![any::<i8>().prop_map(Value::from), text()].prop_map(|value| (Target::Simple(Some(X), "badge"), value)),
        1 => prop_oneof![4 => name(), 1 => nothing()].prop_map(|value| (Target::Complex(None, "name"), value)),
        1 => prop_oneof![4 => manager(), 1 => nothing()].prop_map(|value| (Target::Complex(Some(ENTERPRISE), "manager"), value)),
        1 => text().prop_map(|value| (Target::Part(Some(ENTERPRISE), "manager", "value"), value)),
        2 => (select(vec!["givenName", "familyName"]), text()).prop_map(|(sub, value)| (Target::Part(None, "name", sub), value)),
        3 => list().prop_flat_map(|list| prop_oneof![6 => elements(list), 1 => Just(Value::Null)].prop_map(move |value| (Target::List(None, list), value))),
        2 => elements("tags").prop_map(|value| (Target::List(Some(X), "tags"), value)),
        2 => list().prop_flat_map(|list| sub_of(list).prop_map(move |(sub, value)| (Target::Every(list, sub), value))),
        3 => list().prop_flat_map(|list| (condition(list), prop_oneof![8 => parts_of(list), 1 => Just(Value::Null)])
            .prop_map(move |(condition, value)| (Target::Some(list, condition), value))),
        5 => list().prop_flat_map(|list| (condition(list), sub_of(list))
            .prop_map(move |(condition, (sub, value))| (Target::SomePart(list, condition, sub), value))),
        1 => (option::of(text()), option::of(manager())).prop_map(|(department, manager)|
            (Target::Extension(ENTERPRISE), object(vec![("department", department), ("manager", manager)]))),
        1 => Just((Target::Extension(ENTERPRISE), Value::Null)),
        2 => (option::of(text()), option::of(elements("emails")), option::of(name())).prop_map(|(nick, emails, name)|
            (Target::Resource, object(vec![("nickName", nick), ("emails", emails), ("name", name)]))),
    ]
    .boxed()
}

pub fn operations() -> BoxedStrategy<Vec<Operation>> {
    let operation = (select(vec![Op::Add, Op::Add, Op::Replace, Op::Replace, Op::Remove]), place(), any::<bool>())
        .prop_filter("a removal names something", |(op, (target, _), _)| {
            *op != Op::Remove || !matches!(target, Target::Resource)
        })
        .prop_map(|(op, (target, value), listed)| {
            // Only a removal from a list may say which values.
            let lists = matches!(target, Target::List(..)) && listed && value.is_array();
            let value = (op != Op::Remove || lists).then_some(value);
            Operation { op, target, value }
        });
    vec(operation, 1..6).boxed()
}
