//! Tokens to a checked [`Filter`], by recursive descent. Only parentheses and brackets recurse, and [`lex`] has counted
//! them already.

use super::check::{Checker, Operand, Scope};
use super::lex::{Token, TokenKind, Tokens, excerpt, lex, refuse};
use super::literal::{self, Operator};
use super::{CompareOp, Filter};
use crate::Error;
use crate::quirks::{Leniency, Quirk};
use crate::schema::{Attribute, ResourceType};
use crate::version::Version;

/// See [`Filter::parse`].
pub(super) fn parse(
    text: &str,
    resource_type: &ResourceType,
    version: Version,
    leniency: &mut Leniency,
) -> Result<Filter, Error> {
    let tokens = lex(text, 0)?;
    parse_tokens(&tokens, Scope::Resource(resource_type), version, leniency)
}

/// See [`Filter::parse_value_filter`]. `offset` characters stand in front of `text` in the path the client sent.
pub(crate) fn parse_in_path(
    text: &str,
    offset: usize,
    attribute: &Attribute,
    leniency: &mut Leniency,
) -> Result<Filter, Error> {
    let tokens = lex(text, offset)?;
    let scope = Scope::Value { attribute: Some(attribute), in_path: true };
    parse_tokens(&tokens, scope, Version::V2, leniency)
}

fn parse_tokens(
    tokens: &Tokens<'_>,
    scope: Scope<'_>,
    version: Version,
    leniency: &mut Leniency,
) -> Result<Filter, Error> {
    if tokens.list.is_empty() {
        let advice = "write an expression such as userName eq \"ada\"";
        return Err(Error::invalid_filter(format!("the filter is empty; {advice}")));
    }
    let checker = Checker { scope, version, leniency };
    let mut parser = Parser { tokens: &tokens.list, next: 0, end: tokens.end, checker };
    let filter = parser.or_filter()?;
    match parser.take() {
        None => Ok(filter),
        Some(token) => Err(unexpected(token)),
    }
}

struct Parser<'p, 't, 'a, 'l> {
    tokens: &'p [Token<'t>],
    next: usize,
    end: usize,
    checker: Checker<'a, 'l>,
}

impl<'p, 't, 'a> Parser<'p, 't, 'a, '_> {
    fn peek(&self) -> Option<&'p Token<'t>> {
        self.tokens.get(self.next)
    }

    fn take(&mut self) -> Option<&'p Token<'t>> {
        let token = self.peek()?;
        self.next += 1;
        Some(token)
    }

    fn or_filter(&mut self) -> Result<Filter, Error> {
        let mut filters = vec![self.and_filter()?];
        while self.connective("or")? {
            filters.push(self.and_filter()?);
        }
        Ok(join(filters, Filter::Or))
    }

    fn and_filter(&mut self) -> Result<Filter, Error> {
        let mut filters = vec![self.factor()?];
        while self.connective("and")? {
            filters.push(self.factor()?);
        }
        Ok(join(filters, Filter::And))
    }

    /// Reads `and` or `or`, if it is the next word; spaces belong on both sides of it (F072).
    fn connective(&mut self, keyword: &str) -> Result<bool, Error> {
        let Some(token) = self.peek() else {
            return Ok(false);
        };
        if !matches!(token.kind, TokenKind::Word(word) if word.eq_ignore_ascii_case(keyword)) {
            return Ok(false);
        }
        spaced(token, keyword)?;
        self.next += 1;
        match self.peek() {
            Some(token) => spaced(token, "the expression behind it").map(|()| true),
            None => {
                let what = format!("nothing behind \"{keyword}\"");
                Err(refuse(what, self.end, "another expression belongs there, or leave the word out"))
            }
        }
    }

    fn factor(&mut self) -> Result<Filter, Error> {
        let Some(token) = self.take() else {
            return Err(refuse("an expression is missing", self.end, "write one such as userName eq \"ada\""));
        };
        match token.kind {
            TokenKind::Open => self.group(token.position),
            TokenKind::Word(word) if word.eq_ignore_ascii_case("not") => self.negation(token),
            TokenKind::Word(word) => self.expression(word, token.position),
            _ => Err(unexpected(token)),
        }
    }

    /// What stands behind `not`: a parenthesis, with or without spaces in front of it (D4).
    fn negation(&mut self, not: &Token<'t>) -> Result<Filter, Error> {
        self.newer("not", not.position)?;
        match self.take() {
            Some(Token { kind: TokenKind::Open, position, .. }) => Ok(Filter::Not(Box::new(self.group(*position)?))),
            _ => Err(refuse("\"not\" without parenthesis", not.position, "write not (…)")),
        }
    }

    /// What stands behind an opening parenthesis, up to the closing one.
    fn group(&mut self, opened: usize) -> Result<Filter, Error> {
        let filter = self.or_filter()?;
        match self.take() {
            Some(Token { kind: TokenKind::Close, .. }) => Ok(filter),
            Some(token) => Err(unexpected(token)),
            None => Err(refuse("an open parenthesis", opened, "close it with )")),
        }
    }

    fn expression(&mut self, word: &str, position: usize) -> Result<Filter, Error> {
        let operand = self.checker.operand(word, position)?;
        match self.peek() {
            Some(bracket @ Token { kind: TokenKind::OpenBracket, spaced: false, .. }) => {
                self.next += 1;
                self.value_path(operand, bracket.position)
            }
            _ => self.comparison(operand),
        }
    }

    /// `pr`, or an operator and its literal.
    fn comparison(&mut self, operand: Operand<'a>) -> Result<Filter, Error> {
        const OPERATORS: &str = "use one of eq, ne, co, sw, ew, gt, ge, lt, le, pr";
        let (word, position) = match self.take() {
            Some(Token { kind: TokenKind::Word(word), position, .. }) => (*word, *position),
            Some(bracket @ Token { kind: TokenKind::OpenBracket, .. }) => return Err(unexpected(bracket)),
            other => {
                let what = format!("no operator behind \"{}\"", excerpt(&operand.path.to_string()));
                return Err(refuse(what, other.map_or(self.end, |token| token.position), OPERATORS));
            }
        };
        if word.eq_ignore_ascii_case("pr") {
            return self.checker.present(operand);
        }
        let Some(op) = CompareOp::from_keyword(word) else {
            return Err(refuse(format_args!("unknown operator \"{}\"", excerpt(word)), position, OPERATORS));
        };
        if matches!(op, CompareOp::Ne | CompareOp::Ew) {
            self.newer(op.keyword(), position)?;
        }
        let literal = match self.take() {
            Some(literal @ Token { kind: TokenKind::Word(_) | TokenKind::Text(_), .. }) => literal,
            Some(other) => return Err(no_literal(op, other.position)),
            None => return Err(no_literal(op, self.end)),
        };
        spaced(literal, "the value")?;
        if literal::is_null(literal) {
            self.newer("null", literal.position)?;
        }
        self.checker.compare(operand, Operator { op, position }, literal)
    }

    /// What stands behind an opening bracket, up to the closing one and the sub-attribute some clients put behind it.
    fn value_path(&mut self, operand: Operand<'a>, opened: usize) -> Result<Filter, Error> {
        if let Scope::Value { .. } = self.checker.scope {
            return Err(refuse("brackets inside brackets", opened, "join the conditions by and"));
        }
        self.newer("[", opened)?;
        let outside = self.checker.scope;
        self.checker.scope = self.checker.inside(&operand)?;
        let mut filter = self.or_filter()?;
        match self.take() {
            Some(Token { kind: TokenKind::CloseBracket, .. }) => {}
            Some(token) => return Err(unexpected(token)),
            None => return Err(refuse("an open bracket", opened, "close it with ]")),
        }
        if let Some(Token { kind: TokenKind::Word(word), position, spaced: false }) = self.peek()
            && let Some(sub) = word.strip_prefix('.')
        {
            self.next += 1;
            filter = join(vec![filter, self.behind_brackets(sub, *position)?], Filter::And);
        }
        self.checker.scope = outside;
        Ok(Filter::ValuePath { path: operand.path, filter: Box::new(filter) })
    }

    /// Entra ID matches users by `emails[type eq "work"].value eq "…"`, which the grammar does not have (D6).
    fn behind_brackets(&mut self, sub: &str, position: usize) -> Result<Filter, Error> {
        if !self.checker.leniency.allow(Quirk::FilterSubAttribute) {
            let what = "a sub-attribute behind brackets";
            return Err(refuse(what, position, "write its condition between the brackets, joined by and"));
        }
        let operand = self.checker.operand(sub, position + 1)?;
        self.comparison(operand)
    }

    /// Refuses what SCIM 1.1 does not have (V1-API-3.2.2.1-01).
    fn newer(&mut self, what: &str, position: usize) -> Result<(), Error> {
        if self.checker.version == Version::V1 && !self.checker.leniency.allow(Quirk::NewerOperator) {
            let what = format!("\"{what}\", which SCIM 1.1 does not have,");
            return Err(refuse(
                what,
                position,
                "use eq, co, sw, gt, ge, lt, le, pr, and, or, parentheses, or SCIM 2.0",
            ));
        }
        Ok(())
    }
}

/// One filter for several; lists of the same kind become one, so that depth comes from parentheses alone.
fn join(mut filters: Vec<Filter>, list: fn(Vec<Filter>) -> Filter) -> Filter {
    if filters.len() == 1
        && let Some(single) = filters.pop()
    {
        return single;
    }
    let is_and = matches!(list(Vec::new()), Filter::And(_));
    let mut flat = Vec::with_capacity(filters.len());
    for filter in filters {
        match filter {
            Filter::And(inner) if is_and => flat.extend(inner),
            Filter::Or(inner) if !is_and => flat.extend(inner),
            other => flat.push(other),
        }
    }
    list(flat)
}

fn spaced(token: &Token<'_>, name: &str) -> Result<(), Error> {
    if token.spaced {
        return Ok(());
    }
    Err(refuse("a missing space", token.position, format_args!("put a space in front of {name}")))
}

fn no_literal(op: CompareOp, position: usize) -> Error {
    let what = format!("no value behind \"{}\"", op.keyword());
    refuse(what, position, "write text in double quotes, a number, true, false or null")
}

fn unexpected(token: &Token<'_>) -> Error {
    let (what, advice) = match &token.kind {
        TokenKind::Open => ("an unexpected (".to_owned(), "join expressions by and or or"),
        TokenKind::Close => ("an unexpected )".to_owned(), "every ) needs a ( and an expression between them"),
        TokenKind::OpenBracket => ("an unexpected [".to_owned(), "brackets follow an attribute without a space"),
        TokenKind::CloseBracket => ("an unexpected ]".to_owned(), "every ] needs a [ and an expression between them"),
        TokenKind::Text(_) => ("an unexpected quoted text".to_owned(), "an expression begins with an attribute"),
        TokenKind::Word(word) => (format!("an unexpected \"{}\"", excerpt(word)), "join expressions by and or or"),
    };
    refuse(what, token.position, advice)
}
