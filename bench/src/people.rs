//! The people and groups that are pushed: bodies of the size and shape that Okta sends.

use std::fmt::Write;

const GIVEN: [&str; 8] = ["Ada", "Bruno", "Chiara", "Dmitri", "Élodie", "Fatima", "Gustav", "Hanako"];
const FAMILY: [&str; 8] = ["Lindqvist", "Okafor", "Moreau", "Tanaka", "O'Neill", "Petrov", "García", "Weiss"];

/// The login of person `number`.
pub fn user_name(number: usize) -> String {
    format!("person{number:07}@example.com")
}

/// The identity provider's own id of person `number`.
pub fn external_id(number: usize) -> String {
    format!("00u{number:017}")
}

/// A complete SCIM 2.0 user of about one kilobyte. `mark` goes into the title, so that a PUT with a new mark is a change.
pub fn user(number: usize, mark: &str) -> String {
    let (given, family) = (GIVEN[number % 8], FAMILY[number / 8 % 8]);
    let (login, external) = (user_name(number), external_id(number));
    format!(
        r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"userName":"{login}","externalId":"{external}","name":{{"givenName":"{given}","familyName":"{family}","formatted":"{given} {family}"}},"displayName":"{given} {family}","nickName":"{given}","profileUrl":"https://people.example.com/{number}","title":"Engineer {mark}","emails":[{{"primary":true,"value":"{login}","type":"work"}},{{"value":"home.{login}","type":"home"}}],"phoneNumbers":[{{"primary":true,"value":"+1-555-{number:07}","type":"work"}}],"addresses":[{{"type":"work","streetAddress":"{number} Harbour Road","locality":"Gothenburg","region":"VG","postalCode":"41101","country":"SE","primary":true}}],"locale":"en-US","preferredLanguage":"en","timezone":"Europe/Stockholm","userType":"Employee","active":true,"groups":[],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{{"employeeNumber":"{number}","costCenter":"4130","organization":"Example","division":"Harbour","department":"Platform"}}}}"#
    )
}

/// A group without members.
pub fn group(name: &str) -> String {
    format!(r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"{name}","members":[]}}"#)
}

/// PATCH that sets `active`, in Okta's form.
pub fn patch_active(active: bool) -> String {
    format!(
        r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{{"op":"replace","value":{{"active":{active}}}}}]}}"#
    )
}

/// PATCH that adds all of `members` in one operation.
pub fn patch_add(members: &[String]) -> String {
    patch_members("add", members)
}

/// PATCH that removes all of `members` in one operation.
pub fn patch_remove(members: &[String]) -> String {
    patch_members("remove", members)
}

fn patch_members(op: &str, members: &[String]) -> String {
    let mut body = format!(
        r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{{"op":"{op}","path":"members","value":["#
    );
    for (index, member) in members.iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        // Writing into a String cannot fail.
        let _ = write!(body, r#"{comma}{{"value":"{member}"}}"#);
    }
    body.push_str("]}]}");
    body
}

/// The `id` of the resource in an answer: the first key of that name, since Doorward writes it before any nested one.
pub fn id_of(body: &[u8]) -> Option<String> {
    let start = body.windows(6).position(|bytes| bytes == br#""id":""#)? + 6;
    let length = body[start..].iter().position(|&byte| byte == b'"')?;
    String::from_utf8(body[start..start + length].to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_body_is_json() {
        let members = ["a".to_owned(), "b".to_owned()];
        for body in [user(7, "x"), group("Crew"), patch_active(false), patch_add(&members), patch_remove(&[])] {
            serde_json::from_str::<serde_json::Value>(&body).unwrap();
        }
        assert!((1000..1500).contains(&user(7, "x").len()), "{}", user(7, "x").len());
    }

    #[test]
    fn the_id_is_found() {
        assert_eq!(id_of(br#"{"schemas":["x"],"id":"directory_user_1","a":1}"#).as_deref(), Some("directory_user_1"));
        assert_eq!(id_of(b"{}"), None);
    }
}
