//! Literals, and which of them fit which type and operator (table in section 5.1 of the requirements; D2, D7, D17, D36).

use super::lex::{Token, TokenKind, excerpt, refuse};
use super::{CompareOp, Literal};
use crate::Error;
use crate::attr::same_name;
use crate::quirks::{Leniency, Quirk};
use crate::schema::{Attribute, AttributeType};
use crate::value;

/// An operator and where it stands.
#[derive(Clone, Copy)]
pub(super) struct Operator {
    pub op: CompareOp,
    pub position: usize,
}

/// The word, if the literal has no quotes.
pub(super) fn word<'t>(token: &Token<'t>) -> Option<&'t str> {
    match token.kind {
        TokenKind::Word(word) => Some(word),
        _ => None,
    }
}

pub(super) fn is_null(token: &Token<'_>) -> bool {
    word(token) == Some("null")
}

/// The literal to compare an attribute of a known type with.
pub(super) fn of_attribute(
    attribute: &Attribute,
    operator: Operator,
    token: &Token<'_>,
    leniency: &mut Leniency,
) -> Result<Literal, Error> {
    let op = operator.op;
    let allowed = match attribute.attribute_type {
        AttributeType::String | AttributeType::Reference => true,
        AttributeType::Integer | AttributeType::Decimal | AttributeType::DateTime => !op.is_substring(),
        AttributeType::Boolean | AttributeType::Binary | AttributeType::Complex => !op.is_substring() && !op.is_order(),
    };
    if !allowed {
        let orders = !matches!(attribute.attribute_type, AttributeType::Boolean | AttributeType::Binary);
        let usable = CompareOp::ALL.into_iter().filter(|op| !op.is_substring() && (orders || !op.is_order()));
        let usable = usable.map(CompareOp::keyword).chain(["pr"]).collect::<Vec<_>>().join(", ");
        let what = format!("\"{}\" on {}, which is of type {},", op.keyword(), attribute.name, type_name(attribute));
        return Err(refuse(what, operator.position, format_args!("use one of {usable}")));
    }
    match attribute.attribute_type {
        AttributeType::Boolean => boolean(attribute, token, leniency),
        AttributeType::Integer | AttributeType::Decimal => number(token).map(Literal::Number),
        AttributeType::DateTime => {
            let advice = "write a date with a time in quotes, such as \"2026-01-31T08:00:00Z\"";
            text(token, |text| value::instant(text).is_some()).ok_or_else(|| mismatch(attribute, token, advice))
        }
        AttributeType::Binary => text(token, |text| value::bytes(text).is_some())
            .ok_or_else(|| mismatch(attribute, token, "write base64 in double quotes")),
        AttributeType::String | AttributeType::Reference | AttributeType::Complex => {
            text(token, |_| true).ok_or_else(|| mismatch(attribute, token, "put the value in double quotes"))
        }
    }
}

/// The literal to compare a value of unknown type with.
pub(super) fn undescribed(operator: Operator, token: &Token<'_>) -> Result<Literal, Error> {
    let op = operator.op;
    let literal = match &token.kind {
        TokenKind::Text(text) => Literal::Text(text.clone()),
        TokenKind::Word("true") => Literal::Bool(true),
        TokenKind::Word("false") => Literal::Bool(false),
        _ => number(token).map(Literal::Number)?,
    };
    let allowed = match literal {
        Literal::Text(_) => true,
        Literal::Number(_) => !op.is_substring(),
        Literal::Bool(_) | Literal::Null => !op.is_substring() && !op.is_order(),
    };
    if allowed {
        return Ok(literal);
    }
    let what = format!("\"{}\", which does not fit the literal behind it,", op.keyword());
    Err(refuse(what, operator.position, "co, sw and ew compare text, gt, ge, lt and le text or numbers"))
}

fn boolean(attribute: &Attribute, token: &Token<'_>, leniency: &mut Leniency) -> Result<Literal, Error> {
    match &token.kind {
        TokenKind::Word("true") => return Ok(Literal::Bool(true)),
        TokenKind::Word("false") => return Ok(Literal::Bool(false)),
        // Entra ID asks for `primary eq "True"` (D17).
        TokenKind::Text(text) if same_name(text, "true") || same_name(text, "false") => {
            let primary = attribute.name == "primary";
            if leniency.allow(if primary { Quirk::PrimaryTextCompare } else { Quirk::BooleanAsText }) {
                return Ok(Literal::Bool(same_name(text, "true")));
            }
        }
        _ => {}
    }
    Err(mismatch(attribute, token, "write true or false, in lower case and without quotes"))
}

fn number(token: &Token<'_>) -> Result<serde_json::Number, Error> {
    if let Some(parsed) = word(token).and_then(|word| serde_json::from_str(word).ok()) {
        return Ok(parsed);
    }
    match token.kind {
        TokenKind::Word(word) => {
            let what = format!("\"{}\", which is no literal,", excerpt(word));
            Err(refuse(what, token.position, "put text in double quotes; write numbers as in JSON, such as 42 or 1.5"))
        }
        _ => Err(refuse("text in the place of a number", token.position, "write the number without quotes")),
    }
}

fn text(token: &Token<'_>, fits: impl Fn(&str) -> bool) -> Option<Literal> {
    match &token.kind {
        TokenKind::Text(text) if fits(text) => Some(Literal::Text(text.clone())),
        _ => None,
    }
}

/// The literal itself is not repeated: it may be somebody's personal data.
fn mismatch(attribute: &Attribute, token: &Token<'_>, advice: &str) -> Error {
    let what = format!("a literal that does not fit {}, which is of type {},", attribute.name, type_name(attribute));
    refuse(what, token.position, advice)
}

fn type_name(attribute: &Attribute) -> &'static str {
    attribute.attribute_type.name()
}
