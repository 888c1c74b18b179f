//! The document as a page for people: plain HTML, nothing fetched, nothing run.

use std::fmt::Write as _;

use serde_json::Value;

/// The whole page.
pub(super) fn render(document: &Value) -> String {
    let mut html = String::from(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>Doorward API</title></head>\n<body>\n<main>\n<h1>Doorward API</h1>\n",
    );
    // Writing into a String cannot fail.
    let _ = writeln!(html, "<p>{}</p>", escaped(&document["info"]["description"]));
    html.push_str("<p>The same for programs: <a href=\"openapi.json\">openapi.json</a>.</p>\n<h2>Paths</h2>\n");
    for (path, operations) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in operations.as_object().into_iter().flatten() {
            let _ = writeln!(html, "<h3><code>{} {}</code></h3>", method.to_uppercase(), escape(path));
            let _ = writeln!(html, "<p>{}.</p>", escaped(&operation["summary"]));
            render_parameters(&mut html, operation);
            render_bodies(&mut html, operation);
        }
    }
    html.push_str("<h2>Objects</h2>\n");
    for (name, schema) in document["components"]["schemas"].as_object().into_iter().flatten() {
        let _ = writeln!(html, "<h3 id=\"{0}\">{0}</h3>", escape(name));
        render_members(&mut html, schema);
    }
    html.push_str("</main>\n</body>\n</html>\n");
    html
}

fn render_parameters(html: &mut String, operation: &Value) {
    let parameters = operation["parameters"].as_array().map(Vec::as_slice).unwrap_or_default();
    if parameters.is_empty() {
        return;
    }
    html.push_str("<dl>\n");
    for parameter in parameters {
        let (name, place) = (escaped(&parameter["name"]), escaped(&parameter["in"]));
        let _ = writeln!(html, "<dt><code>{name}</code> ({place})</dt><dd>{}</dd>", escaped(&parameter["description"]));
    }
    html.push_str("</dl>\n");
}

fn render_bodies(html: &mut String, operation: &Value) {
    let body = &operation["requestBody"]["content"]["application/json"]["schema"];
    if !body.is_null() {
        let _ = writeln!(html, "<p>Body: {}</p>", kind(body));
    }
    for (status, response) in operation["responses"].as_object().into_iter().flatten() {
        let schema = &response["content"]["application/json"]["schema"];
        let listed = &schema["properties"]["data"];
        let shown = match (schema.is_null(), listed.is_null()) {
            (true, _) => "nothing".to_owned(),
            (false, true) => kind(schema),
            (false, false) => format!("a list: {}", kind(listed)),
        };
        let _ = writeln!(html, "<p>{}: {shown}</p>", escape(status));
    }
}

fn render_members(html: &mut String, schema: &Value) {
    let Some(members) = schema["properties"].as_object() else {
        let _ = writeln!(html, "<p>{} {}</p>", kind(schema), escaped(&schema["description"]));
        return;
    };
    html.push_str("<ul>\n");
    for (name, member) in members {
        let _ = writeln!(
            html,
            "<li><code>{}</code>: {} {}</li>",
            escape(name),
            kind(member),
            escaped(&member["description"])
        );
    }
    html.push_str("</ul>\n");
}

/// What a schema is, in a word or two.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        return format!("<a href=\"#{0}\">{0}</a>", escape(name));
    }
    let alternatives = schema["oneOf"].as_array().or_else(|| schema["anyOf"].as_array());
    if let Some(alternatives) = alternatives {
        return alternatives.iter().map(kind).collect::<Vec<_>>().join(" or ");
    }
    match &schema["type"] {
        Value::String(name) if name == "array" => format!("list of {}", kind(&schema["items"])),
        Value::String(name) => escape(name),
        Value::Array(names) => names.iter().map(escaped).collect::<Vec<_>>().join(" or "),
        _ => "any".to_owned(),
    }
}

fn escaped(value: &Value) -> String {
    escape(value.as_str().unwrap_or_default())
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_document_says_is_text_and_never_markup() {
        let document = serde_json::json!({"paths": {"/<b>": {"get": {"summary": "<script>alert(1)</script>"}}}});
        let page = render(&document);
        assert!(!page.contains("<script") && !page.contains("<b>") && page.contains("&lt;script&gt;"), "{page}");
    }
}
