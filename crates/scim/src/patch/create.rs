//! Making the value a filter asks for (D8, D9): Entra ID writes `emails[type eq "work"].value` whether or not there is
//! such an e-mail, with `Add` and `Replace` alike.

use serde_json::Value;

use crate::filter::{CompareOp, Filter, Literal};
use crate::quirks::Leniency;
use crate::schema::Attribute;
use crate::value::{accept_value, same_value};
use crate::{Error, Object};

/// The parts of an element that satisfies the filter, when it is made of `eq` terms joined by `and`. Anything else
/// names no element in particular, and `None` is returned.
pub(super) fn element_of(
    filter: &Filter,
    attribute: &Attribute,
    leniency: &mut Leniency,
) -> Result<Option<Object>, Error> {
    let mut terms = Vec::new();
    if !collect(filter, &mut terms) {
        return Ok(None);
    }
    let mut element = Object::new();
    for (name, literal) in terms {
        let Some(sub) = attribute.sub(name).filter(|sub| !sub.is_read_only()) else { return Ok(None) };
        let literal = match literal {
            Literal::Null => return Ok(None),
            Literal::Bool(value) => Value::from(*value),
            Literal::Number(value) => Value::Number(value.clone()),
            Literal::Text(value) => Value::from(value.as_str()),
        };
        let Some(value) = accept_value(sub, literal, leniency)? else { return Ok(None) };
        match element.get(&sub.name) {
            Some(other) if !same_value(Some(sub), other, &value) => return Ok(None),
            _ => drop(element.insert(sub.name.clone(), value)),
        }
    }
    Ok(Some(element))
}

fn collect<'f>(filter: &'f Filter, terms: &mut Vec<(&'f str, &'f Literal)>) -> bool {
    match filter {
        Filter::And(filters) => filters.iter().all(|filter| collect(filter, terms)),
        Filter::Compare { path, op: CompareOp::Eq, value } => {
            terms.push((&path.attribute, value));
            true
        }
        _ => false,
    }
}
