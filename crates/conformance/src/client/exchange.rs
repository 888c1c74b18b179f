//! What was sent and what came, as the report shows it.

use serde::Serialize;

/// Beyond this a body is cut in the report, in characters.
const SHOWN: usize = 2_000;

/// One request and its answer. The credential is in neither.
#[derive(Debug, Clone, Serialize)]
pub struct Exchange {
    /// HTTP method.
    pub method: String,
    /// Path and query below the base URL.
    pub path: String,
    /// Headers that this check sent beyond the usual ones, as `name: value`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<String>,
    /// The body that was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// HTTP status; 0 when no answer came.
    pub status: u16,
    /// Headers of the answer that SCIM gives a meaning to, as `name: value`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub answer_headers: Vec<String>,
    /// The body of the answer, cut after 2,000 characters; or why no answer came.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub answer: String,
}

impl Exchange {
    /// The request in one line.
    #[must_use]
    pub fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// Takes the secrets out and cuts what is long.
    pub(super) fn fit(mut self, secrets: &[String]) -> Self {
        let clean = |text: &str| secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret, "…"));
        self.path = clean(&self.path);
        self.headers = self.headers.iter().map(|header| clean(header)).collect();
        self.body = self.body.map(|body| cut(&clean(&body)));
        self.answer_headers = self.answer_headers.iter().map(|header| clean(header)).collect();
        self.answer = cut(&clean(&self.answer));
        self
    }
}

/// The beginning of a long text, with a mark that it goes on.
pub(crate) fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}… ({} bytes in all)", &text[..end], text.len()),
        None => text.to_owned(),
    }
}
