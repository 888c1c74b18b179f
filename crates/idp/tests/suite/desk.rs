//! A session at a fake server, with what it sent.

use doorward_idp::{Dialect, Exchange, Group, GroupKey, Person, PersonKey, Session};
use serde_json::{Value, json};

use crate::fake::{Fake, Fault, TOKEN};

pub const ADA: &str = "ada.lovelace@corp.example";

pub fn ada() -> Person {
    Person::plain(0, "00u1abcdEFGHijklm0x7", "Ada", "Lovelace", ADA)
}

pub fn person(key: u32) -> Person {
    Person::plain(key, &format!("00u{key}"), "Alan", "Turing", &format!("alan{key}@corp.example"))
}

pub fn group(name: &str) -> Group {
    Group {
        key: GroupKey(0),
        idp_id: "8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159".into(),
        name: name.into(),
        members: [].into(),
    }
}

pub struct Desk {
    pub session: Session,
    pub fake: Fake,
}

impl Desk {
    pub async fn new(dialect: Dialect) -> Self {
        let fake = Fake::start(dialect.is_v1(), Fault::None).await;
        let session = Session::new(dialect, &fake.url, &dialect.credential(TOKEN), 1).unwrap();
        Self { session: session.with_client(doorward_idp::Client::keeping_bodies), fake }
    }

    /// With three accounts (users-0001 …) and the group groups-0004 of the first.
    pub async fn staffed(dialect: Dialect) -> Self {
        let desk = Self::new(dialect).await;
        for key in 0..3 {
            desk.session.assign(&person(key)).await.unwrap();
        }
        desk.session.push_group(&group("Engineering"), &[PersonKey(0)]).await.unwrap();
        desk
    }

    /// What was sent since `mark`.
    pub fn since(&self, mark: usize) -> Vec<Exchange> {
        self.session.client().exchanges().split_off(mark)
    }

    pub fn mark(&self) -> usize {
        self.session.client().requests()
    }

    pub fn lines(&self, mark: usize) -> Vec<String> {
        self.since(mark).iter().map(|e| format!("{} {}", e.method, e.path)).collect()
    }

    /// The bodies sent since `mark`.
    pub fn bodies(&self, mark: usize) -> Vec<String> {
        self.since(mark).into_iter().filter_map(|e| e.body).collect()
    }
}

/// The reference's JSON without the spaces and line breaks it is printed with; the order of members stays.
pub fn compact(text: &str) -> String {
    serde_json::from_str::<Value>(text).unwrap().to_string()
}

/// The password is random.
pub fn masked(body: &str) -> String {
    let mut body: Value = serde_json::from_str(body).unwrap();
    let password = body["password"].as_str().unwrap().to_owned();
    assert!(password.len() == 8 && password.chars().all(|c| c.is_ascii_alphanumeric()), "{password}");
    body["password"] = json!("x7Kq02Lm");
    body.to_string()
}
