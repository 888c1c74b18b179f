//! A second evaluator of filters, which is slow, shares nothing with the crate, and says what the rules say.

use std::cmp::Ordering;

use jiff::Timestamp;
use serde_json::Value;

use super::model::{Kind, Named, Term};

/// The values an attribute has, as a plain list. `None` is a part that an existing value lacks.
fn values(holder: &Value, named: Named) -> Vec<Option<Value>> {
    let start = match named.1 {
        Some(urn) => holder.get(urn).cloned(),
        None => Some(holder.clone()),
    };
    let mut found = vec![start];
    for (depth, name) in named.2.iter().enumerate() {
        let mut next = Vec::new();
        for value in found {
            match value.as_ref().and_then(|value| value.get(name)) {
                Some(Value::Array(list)) => next.extend(list.iter().cloned().map(Some)),
                Some(value) => next.push(Some(value.clone())),
                // A list that is not there has no values; an element without this part has the value "none".
                None if depth > 0 => next.push(None),
                None => {}
            }
        }
        found = next;
    }
    if named.2.is_empty() { vec![Some(holder.clone())] } else { found }
}

/// Values inside brackets: the one element, or its one part.
fn part(element: &Value, named: Named) -> Vec<Option<Value>> {
    match named.2 {
        [] => vec![Some(element.clone())],
        [name, ..] => vec![element.get(name).cloned()],
    }
}

fn has_value(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(list) => list.iter().any(has_value),
        Value::Object(members) => members.values().any(has_value),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

/// The vocabulary without regard to case and spelling, by hand.
fn fold(text: &str) -> String {
    match text {
        "ß" | "SS" => "ss".to_owned(),
        "e\u{301}" => "é".to_owned(),
        "ǅ" => "d\u{17e}".to_owned(),
        plain => plain.to_ascii_lowercase(),
    }
}

fn instant(text: &str) -> Timestamp {
    text.parse().or_else(|_| format!("{text}Z").parse()).unwrap()
}

fn decode(text: &str) -> Vec<u8> {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bits: Vec<bool> = Vec::new();
    for byte in text.bytes().filter(|byte| *byte != b'=') {
        let six = alphabet.iter().position(|known| *known == byte).unwrap();
        bits.extend((0..6).rev().map(|bit| six >> bit & 1 == 1));
    }
    bits.chunks_exact(8).map(|byte| byte.iter().fold(0, |value, bit| value << 1 | u8::from(*bit))).collect()
}

/// A number as a count of tenths, which is exact for the whole vocabulary.
fn tenths(number: &Value) -> i128 {
    match number.as_i64() {
        Some(integer) => i128::from(integer) * 10,
        None => (number.as_f64().unwrap() * 10.0).round() as i128,
    }
}

fn order(kind: Kind, a: &Value, b: &Value) -> Ordering {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    match kind {
        Kind::Inexact => fold(&text(a)).chars().cmp(fold(&text(b)).chars()),
        Kind::Exact => text(a).chars().cmp(text(b).chars()),
        Kind::Boolean => a.as_bool().cmp(&b.as_bool()),
        Kind::Number => tenths(a).cmp(&tenths(b)),
        Kind::Date => instant(&text(a)).cmp(&instant(&text(b))),
        Kind::Binary => decode(&text(a)).cmp(&decode(&text(b))),
    }
}

fn compares(kind: Kind, op: &str, actual: &Value, literal: &Value) -> bool {
    let part = |test: fn(&str, &str) -> bool| {
        let form = |value: &Value| {
            let text = value.as_str().unwrap();
            if kind == Kind::Exact { text.to_owned() } else { fold(text) }
        };
        test(&form(actual), &form(literal))
    };
    match op {
        "co" => part(|text, piece| (0..=text.len()).any(|at| text.as_bytes()[at..].starts_with(piece.as_bytes()))),
        "sw" => part(|text, piece| text.as_bytes().starts_with(piece.as_bytes())),
        "ew" => part(|text, piece| text.as_bytes().ends_with(piece.as_bytes())),
        _ => {
            let order = order(kind, actual, literal);
            match op {
                "eq" => order == Ordering::Equal,
                "ne" => order != Ordering::Equal,
                "gt" => order == Ordering::Greater,
                "ge" => order != Ordering::Less,
                "lt" => order == Ordering::Less,
                "le" => order != Ordering::Greater,
                other => panic!("{other}"),
            }
        }
    }
}

/// Whether a resource, or one value inside brackets, satisfies a filter.
pub fn expected(term: &Term, holder: &Value, inside: bool) -> bool {
    let look_up = |named: Named| if inside { part(holder, named) } else { values(holder, named) };
    let present = |named: Named| {
        // A bare `emails pr` asks for the whole values, not for their `value`.
        let whole = (named.0 == "emails").then_some((named.0, named.1, &["emails"][..], named.3)).filter(|_| !inside);
        look_up(whole.unwrap_or(named)).iter().flatten().any(has_value)
    };
    match term {
        Term::And(terms) => !terms.iter().any(|term| !expected(term, holder, inside)),
        Term::Or(terms) => terms.iter().any(|term| expected(term, holder, inside)),
        Term::Not(term) => !expected(term, holder, inside),
        Term::Present(named) => present(*named),
        Term::Null(named, eq) => present(*named) != *eq,
        Term::Compare(named, op, literal) => {
            let literal: Value = serde_json::from_str(literal).unwrap();
            let mut found = look_up(*named);
            if named.2.last() == Some(&"primary") {
                found.iter_mut().for_each(|value| _ = value.get_or_insert(Value::Bool(false)));
            }
            let found: Vec<Value> = found.into_iter().flatten().collect();
            (*op == "ne" && found.is_empty()) || found.iter().any(|value| compares(named.3, op, value, &literal))
        }
        Term::Values(named, inner) => {
            values(holder, *named).iter().flatten().any(|element| expected(inner, element, true))
        }
    }
}
