//! Filters as text: what is printed reads back as the same filter.

use std::fmt::{self, Write as _};

use super::{Filter, Literal};

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::And(filters) => write_list(f, filters, " and "),
            Self::Or(filters) => write_list(f, filters, " or "),
            Self::Not(filter) => write!(f, "not ({filter})"),
            Self::Compare { path, op, value } => write!(f, "{path} {} {value}", op.keyword()),
            Self::Present(path) => write!(f, "{path} pr"),
            Self::ValuePath { path, filter } => write!(f, "{path}[{filter}]"),
        }
    }
}

/// Parentheses stand only where reading back needs them: with more, a filter at the depth limit could not be read again.
fn write_list(f: &mut fmt::Formatter<'_>, filters: &[Filter], connective: &str) -> fmt::Result {
    for (index, filter) in filters.iter().enumerate() {
        if index > 0 {
            f.write_str(connective)?;
        }
        let binds_tighter = matches!(filter, Filter::And(_)) && connective == " or ";
        if matches!(filter, Filter::And(_) | Filter::Or(_)) && !binds_tighter {
            write!(f, "({filter})")?;
        } else {
            write!(f, "{filter}")?;
        }
    }
    Ok(())
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => write_text(f, text),
        }
    }
}

/// A JSON string.
fn write_text(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' | '\\' => write!(f, "\\{c}")?,
            c if c.is_control() => write!(f, "\\u{:04x}", u32::from(c))?,
            c => f.write_char(c)?,
        }
    }
    f.write_char('"')
}
