//! What the pages say: nothing that is in no catalogue, and in the language wanted.

use reqwest::StatusCode;

use crate::screens::addresses;
use crate::support::{Portal, Visitor};

/// The text of a page outside of scripts and of what is marked as data, in pieces.
fn texts(html: &str) -> Vec<String> {
    let (mut texts, mut open, mut data): (Vec<String>, Vec<String>, Option<usize>) = (Vec::new(), Vec::new(), None);
    for piece in html.split('<').skip(1) {
        let (tag, text) = piece.split_once('>').unwrap();
        let name = tag.split([' ', '/', '\n']).find(|word| !word.is_empty()).unwrap_or_default().to_owned();
        if tag.starts_with('/') {
            open.pop();
            if data.is_some_and(|depth| open.len() < depth) {
                data = None;
            }
        } else if !tag.starts_with('!') && !tag.ends_with('/') {
            let is_void = ["meta", "link", "input", "img", "br"].contains(&name.as_str());
            if !is_void {
                open.push(name);
                if data.is_none() && tag.contains("translate=\"no\"") {
                    data = Some(open.len());
                }
            }
            let in_data = data.is_some() || tag.contains("translate=\"no\"");
            for attribute in ["aria-label=\"", "placeholder=\"", "data-label=\"", "alt=\""] {
                if let Some(rest) = tag.split(attribute).nth(1).filter(|_| !in_data || attribute == "placeholder=\"") {
                    texts.push(rest.split('"').next().unwrap().to_owned());
                }
            }
        }
        if data.is_none() {
            texts.push(text.trim().to_owned());
        }
    }
    texts.retain(|text| text.chars().any(char::is_alphabetic));
    texts
}

async fn in_language(visitor: &Visitor, path: &str, language: &str) -> String {
    let request = visitor.request(reqwest::Method::GET, path).header("Accept-Language", language);
    visitor.send(request).await.body
}

#[tokio::test]
async fn every_text_is_in_the_catalogue() {
    let portal = Portal::sqlite().await;
    let acme = portal.acme().await;
    let operator = portal.operator().await;
    let administrator = crate::setup::administrator(&portal, acme.organization).await;
    operator.cookies.borrow_mut().extend(administrator.cookies.borrow().clone());
    for (name, path) in addresses(&portal, &acme, &operator).await {
        // The pages for somebody who is not signed in look the same to somebody who is.
        let page = in_language(&operator, &path, "en-XA").await;
        let bare: Vec<String> = texts(&page).into_iter().filter(|text| !text.contains('⟦')).collect();
        assert_eq!(bare, Vec::<String>::new(), "{name}");
        assert!(page.contains("⟦"), "{name}");
    }
}

#[tokio::test]
async fn pages_speak_the_language_that_was_chosen() {
    let portal = Portal::sqlite().await;
    let operator = portal.operator().await;
    let german = in_language(&operator, "/admin", "de-CH, en;q=0.8").await;
    assert!(german.contains("<html lang=\"de\"") && german.contains("Erste Schritte"));
    let english = in_language(&operator, "/admin", "fi, en;q=0.8").await;
    assert!(english.contains("<html lang=\"en\"") && english.contains("First steps"));
    let page =
        operator.post("/admin/appearance", &[("language", "de"), ("theme", "dark"), ("here", "/admin/api-keys")]).await;
    assert_eq!((page.status, page.location()), (StatusCode::SEE_OTHER, "/admin/api-keys"));
    let chosen = in_language(&operator, "/admin", "en").await;
    assert!(chosen.contains("lang=\"de\" data-theme=\"dark\""));
    for elsewhere in ["https://evil.example", "//evil.example", "/\\evil.example", "/admin\\evil"] {
        let page = operator.post("/admin/appearance", &[("language", "tlh"), ("here", elsewhere)]).await;
        assert_eq!(page.location(), "/admin", "{elsewhere}");
        assert!(!page.headers.contains_key("set-cookie"));
    }
}
