//! Filter text to tokens, in one pass, with every limit applied before anything is built from them.

use super::{MAX_BYTES, MAX_DEPTH, MAX_TERMS};
use crate::Error;

/// One piece of a filter.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token<'t> {
    pub kind: TokenKind<'t>,
    /// Which character of the text it begins at, counted from 1.
    pub position: usize,
    /// Whether white space stands in front of it.
    pub spaced: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum TokenKind<'t> {
    /// `(`
    Open,
    /// `)`
    Close,
    /// `[`
    OpenBracket,
    /// `]`
    CloseBracket,
    /// A name, a keyword, a number: whatever holds none of the other characters.
    Word(&'t str),
    /// A quoted text, with its escapes resolved.
    Text(String),
}

/// The tokens of a filter, and the position behind its last character.
pub(super) struct Tokens<'t> {
    pub list: Vec<Token<'t>>,
    pub end: usize,
}

/// An error at a place in the filter.
pub(super) fn refuse(what: impl std::fmt::Display, position: usize, advice: impl std::fmt::Display) -> Error {
    Error::invalid_filter(format!("{what} at position {position}; {advice}"))
}

/// At most the first 40 characters of a word of the client, for an error.
pub(super) fn excerpt(word: &str) -> &str {
    word.char_indices().nth(40).and_then(|(end, _)| word.get(..end)).unwrap_or(word)
}

/// Splits a filter into tokens. `offset` characters stand in front of it in the text the client sent.
pub(super) fn lex(text: &str, offset: usize) -> Result<Tokens<'_>, Error> {
    if text.len() > MAX_BYTES {
        let length = text.len();
        return Err(Error::invalid_filter(format!("the filter has {length} bytes; at most {MAX_BYTES} are accepted")));
    }
    let mut lexer = Lexer { text, next: 0, position: offset + 1 };
    let mut guard = Guard { depth: 0, terms: 1 };
    let mut list = Vec::new();
    loop {
        let before = lexer.next;
        lexer.skip_spaces();
        let (position, spaced) = (lexer.position, lexer.next > before);
        let Some(kind) = lexer.token()? else {
            return Ok(Tokens { list, end: lexer.position });
        };
        guard.admit(&kind, position)?;
        list.push(Token { kind, position, spaced });
    }
}

/// Counts what could make a filter deep or long, as the tokens go by.
struct Guard {
    depth: usize,
    terms: usize,
}

impl Guard {
    fn admit(&mut self, kind: &TokenKind<'_>, position: usize) -> Result<(), Error> {
        match kind {
            TokenKind::Open | TokenKind::OpenBracket => self.depth += 1,
            TokenKind::Close | TokenKind::CloseBracket => self.depth = self.depth.saturating_sub(1),
            // These two words are reserved, so each of them joins two terms.
            TokenKind::Word(word) if is_connective(word) => self.terms += 1,
            // `emails[…].value eq "x"` becomes `emails[(…) and value eq "x"]`, which must pass too when it is printed.
            TokenKind::Word(word) if word.starts_with('.') => {
                self.terms += 1;
                return self.check(self.depth + 2, position);
            }
            TokenKind::Word(_) | TokenKind::Text(_) => {}
        }
        self.check(self.depth, position)
    }

    fn check(&self, depth: usize, position: usize) -> Result<(), Error> {
        if depth > MAX_DEPTH {
            let what = format!("more than {MAX_DEPTH} nested parentheses");
            return Err(refuse(what, position, "leave out those that are not needed"));
        }
        if self.terms > MAX_TERMS {
            let what = format!("more than {MAX_TERMS} comparisons");
            return Err(refuse(what, position, "split the filter into several requests"));
        }
        Ok(())
    }
}

fn is_connective(word: &str) -> bool {
    word.eq_ignore_ascii_case("and") || word.eq_ignore_ascii_case("or")
}

/// A place in the text, as a byte index and as a count of characters.
struct Lexer<'t> {
    text: &'t str,
    next: usize,
    position: usize,
}

impl<'t> Lexer<'t> {
    fn peek(&self) -> Option<char> {
        self.text.get(self.next..).and_then(|rest| rest.chars().next())
    }

    fn advance(&mut self, c: char) {
        self.next += c.len_utf8();
        self.position += 1;
    }

    /// One or more spaces separate words; tabs and line breaks do not (D37).
    fn skip_spaces(&mut self) {
        while self.peek() == Some(' ') {
            self.advance(' ');
        }
    }

    fn token(&mut self) -> Result<Option<TokenKind<'t>>, Error> {
        let Some(first) = self.peek() else {
            return Ok(None);
        };
        let kind = match first {
            '(' => TokenKind::Open,
            ')' => TokenKind::Close,
            '[' => TokenKind::OpenBracket,
            ']' => TokenKind::CloseBracket,
            '"' => return self.quoted().map(|text| Some(TokenKind::Text(text))),
            _ => return self.word().map(|word| Some(TokenKind::Word(word))),
        };
        self.advance(first);
        Ok(Some(kind))
    }

    fn word(&mut self) -> Result<&'t str, Error> {
        let start = self.next;
        while let Some(c) = self.peek() {
            match c {
                ' ' | '(' | ')' | '[' | ']' | '"' => break,
                c if c.is_control() => {
                    let what = format!("a tab, line break or other control character (U+{:04X})", u32::from(c));
                    return Err(refuse(what, self.position, "separate words by spaces"));
                }
                c => self.advance(c),
            }
        }
        Ok(self.text.get(start..self.next).unwrap_or_default())
    }

    /// A JSON string (RFC 8259 section 7).
    fn quoted(&mut self) -> Result<String, Error> {
        let opened = self.position;
        let mut value = String::new();
        self.advance('"');
        while let Some(c) = self.peek() {
            let position = self.position;
            self.advance(c);
            match c {
                '"' => return Ok(value),
                '\\' => value.push(self.escape(position)?),
                c if c < ' ' => {
                    let what = format!("a control character (U+{:04X}) inside quotes", u32::from(c));
                    return Err(refuse(what, position, "write it as an escape such as \\n or \\t"));
                }
                c => value.push(c),
            }
        }
        Err(refuse("a quoted text without end begins", opened, "close it with \""))
    }

    /// What an escape stands for; the backslash, at `position`, has been read.
    fn escape(&mut self, position: usize) -> Result<char, Error> {
        let unknown = || {
            let advice = r#"use one of \" \\ \/ \b \f \n \r \t \uXXXX, or double the backslash"#;
            refuse("an unknown escape", position, advice)
        };
        let letter = self.peek().ok_or_else(unknown)?;
        self.advance(letter);
        Ok(match letter {
            '"' | '\\' | '/' => letter,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => return self.code_point(position),
            _ => return Err(unknown()),
        })
    }

    /// The character of `\uXXXX`, or of two of them that form a surrogate pair.
    fn code_point(&mut self, position: usize) -> Result<char, Error> {
        let lone = || refuse("half of a surrogate pair", position, "a character above U+FFFF takes two \\u escapes");
        let unit = self.hex4(position)?;
        let code = if (0xD800..0xDC00).contains(&unit) {
            if !self.text.get(self.next..).is_some_and(|rest| rest.starts_with("\\u")) {
                return Err(lone());
            }
            self.advance('\\');
            self.advance('u');
            let low = self.hex4(position)?;
            if !(0xDC00..0xE000).contains(&low) {
                return Err(lone());
            }
            0x1_0000 + ((unit - 0xD800) << 10) + (low - 0xDC00)
        } else {
            unit
        };
        match char::from_u32(code) {
            // No value can hold it: PostgreSQL has no text with U+0000, so bodies with it are refused too.
            Some('\0') => Err(refuse("the character U+0000", position, "no attribute can hold it")),
            Some(c) => Ok(c),
            None => Err(lone()),
        }
    }

    fn hex4(&mut self, position: usize) -> Result<u32, Error> {
        let mut unit = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|c| Some((c, c.to_digit(16)?)));
            let Some((c, digit)) = digit else {
                return Err(refuse("an incomplete \\u escape", position, "four hexadecimal digits belong behind \\u"));
            };
            self.advance(c);
            unit = unit * 16 + digit;
        }
        Ok(unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(source: &str) -> Result<String, String> {
        let tokens = lex(source, 0).map_err(|error| error.detail().to_owned())?;
        match tokens.list.as_slice() {
            [Token { kind: TokenKind::Text(text), .. }] => Ok(text.clone()),
            other => Err(format!("{other:?}")),
        }
    }

    #[test]
    fn p_7644_3_4_2_2_10_quoted_text_follows_json() {
        let accepted = [
            r#""""#,
            r#""a\"\\\/\b\f\n\r\tz""#,
            r#""\u00f3\u00D3""#,
            r#""\ud83d\ude00""#,
            r#""😀é""#,
            r#""( [ ) ]""#,
            "\"\u{7f}\u{85}\"",
        ];
        for source in accepted {
            let json: String = serde_json::from_str(source).unwrap();
            assert_eq!(text(source), Ok(json), "{source}");
        }
        let refused = [
            r#""\q""#,
            r#""\ud800""#,
            r#""\ude00""#,
            r#""\ud800\ud800""#,
            r#""\ud800x""#,
            r#""\u12""#,
            r#""\u12g4""#,
            "\"\t\"",
            "\"\n\"",
            r#""abc"#,
            r#""abc\"#,
            r#""abc\""#,
            r#""\u+123""#,
        ];
        for source in refused {
            assert!(serde_json::from_str::<String>(source).is_err(), "{source}");
            assert!(text(source).is_err(), "{source}");
        }
        assert!(text(r#""\u0000""#).is_err(), "no value can hold U+0000");
    }

    #[test]
    fn positions_count_characters() {
        let tokens = lex("é  eq \"ó\" x", 10).unwrap();
        let places: Vec<_> = tokens.list.iter().map(|token| (token.position, token.spaced)).collect();
        assert_eq!(places, [(11, false), (14, true), (17, true), (21, true)]);
        assert_eq!(tokens.end, 22);
    }

    #[test]
    fn d37_only_spaces_separate() {
        for source in ["a\tpr", "a\npr", "a\u{b}pr", "a pr\r"] {
            let error = lex(source, 0).err().map(|error| error.detail().to_owned());
            assert!(error.is_some_and(|detail| detail.contains("control character")), "{source:?}");
        }
    }
}
