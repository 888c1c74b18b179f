//! The text of a stored document: compact JSON, looked through without a tree.

use std::borrow::Cow;
use std::ops::Range;

/// The name that a key stands for; names of extensions that nobody declared can hold anything.
pub(crate) fn unescaped(written_key: &str) -> Cow<'_, str> {
    if !written_key.contains('\\') {
        return Cow::Borrowed(written_key);
    }
    serde_json::from_str(&format!("\"{written_key}\"")).map_or(Cow::Borrowed(written_key), Cow::Owned)
}

pub(crate) fn slice(text: &str, range: Range<usize>) -> &str {
    text.get(range).unwrap_or_default()
}

/// The members of one object in compact JSON text: each key as it is written, and where its value stands.
pub(crate) struct Members<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Members<'t> {
    /// `start` is where the brace of the object stands.
    pub fn of(text: &'t str, start: usize) -> Self {
        Self { text, at: start + 1 }
    }
}

impl<'t> Iterator for Members<'t> {
    type Item = (&'t str, Range<usize>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.text.as_bytes().get(self.at) == Some(&b',') {
            self.at += 1;
        }
        if self.text.as_bytes().get(self.at) != Some(&b'"') {
            return None;
        }
        let key_end = value_end(self.text, self.at);
        let key = self.text.get(self.at + 1..key_end - 1)?;
        let start = key_end + 1;
        let end = value_end(self.text, start);
        self.at = end;
        Some((key, start..end))
    }
}

/// Where the JSON value that begins at `start` ends.
fn value_end(text: &str, start: usize) -> usize {
    let mut depth = 0_usize;
    let mut bytes = text.as_bytes().iter().enumerate().skip(start);
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => {
                while let Some((_, byte)) = bytes.next() {
                    match byte {
                        b'\\' => drop(bytes.next()),
                        b'"' => break,
                        _ => {}
                    }
                }
                if depth == 0 {
                    return bytes.next().map_or(text.len(), |(next, _)| next);
                }
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                if depth <= 1 {
                    return if depth == 1 { at + 1 } else { at };
                }
                depth -= 1;
            }
            b',' if depth == 0 => return at,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::{Members, unescaped, value_end};

    #[test]
    fn members_of_an_object_are_found_whatever_their_text_holds() {
        let text = r#"{"a":"}\"],","b":[{"c":"]"},2],"d":{"e":{}},"f":-1.5e3,"g":true}"#;
        let found: Vec<_> = Members::of(text, 0).map(|(key, span)| (key, &text[span])).collect();
        let expected =
            [("a", r#""}\"],""#), ("b", r#"[{"c":"]"},2]"#), ("d", r#"{"e":{}}"#), ("f", "-1.5e3"), ("g", "true")];
        assert_eq!(found, expected);
        assert_eq!(Members::of("{}", 0).count(), 0);
        assert_eq!(value_end(r#""\\""#, 0), 4);
        assert_eq!((unescaped("a"), unescaped(r#"a\"\u0062"#)), ("a".into(), "a\"b".into()));
    }

    #[test]
    fn damaged_text_does_not_panic() {
        for text in ["", "{", "{\"", "{\"a", "{\"a\"", "{\"a\":", "{\"schemas\":", "{\"schemas\":[", "]", "}\"é"] {
            let found = Members::of(text, 0).count();
            assert!(found <= 1, "{text}");
        }
    }
}
