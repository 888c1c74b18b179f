//! SEC-35: whatever a message looks like, exactly the members it names join or leave. Random changes are written in
//! every spelling clients use, in both versions, and compared with a plain set.

use std::collections::BTreeSet;

use doorward_scim::patch::{self, MemberEdit};
use doorward_scim::quirks::Leniency;
use doorward_scim::schema::{PATCH_OP, ResourceType};
use doorward_scim::version::Version;
use serde_json::{Value, json};

use crate::support::{change, object};

/// Enough for random choices that are the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % bound
    }

    fn ids(&mut self, least: u64) -> Vec<String> {
        (0..least + self.below(4)).map(|_| format!("u{}", self.below(8))).collect()
    }
}

/// What a change means, apart from how it is written.
#[derive(Debug)]
enum Change {
    Join(Vec<String>),
    Leave(Vec<String>),
    Become(Vec<String>),
    Empty,
    Rename,
}

impl Change {
    fn random(random: &mut Random) -> Self {
        match random.below(10) {
            0..=3 => Self::Join(random.ids(0)),
            4..=6 => Self::Leave(random.ids(0)),
            7 => Self::Become(random.ids(0)),
            8 => Self::Empty,
            _ => Self::Rename,
        }
    }

    fn apply(&self, model: &mut BTreeSet<String>) {
        match self {
            Self::Join(ids) => model.extend(ids.iter().cloned()),
            Self::Leave(ids) => model.retain(|id| !ids.contains(id)),
            Self::Become(ids) => *model = ids.iter().cloned().collect(),
            Self::Empty => model.clear(),
            Self::Rename => {}
        }
    }

    /// Operations of 2.0.
    fn operations(&self, random: &mut Random) -> Vec<Value> {
        let path = ["members", "MEMBERS", "urn:ietf:params:scim:schemas:core:2.0:Group:members"];
        let path = path[random.below(3) as usize];
        match self {
            Self::Join(ids) => {
                let value = list(ids, random);
                vec![match random.below(3) {
                    0 => json!({"op": "add", "value": {"members": value}}),
                    1 => json!({"op": "Add", "path": path, "value": value}),
                    _ => json!({"op": "ADD", "path": path, "value": value, "extra": 1}),
                }]
            }
            Self::Leave(ids) => match random.below(3) {
                0 => {
                    ids.iter().map(|id| json!({"op": "remove", "path": format!("{path}[value eq \"{id}\"]")})).collect()
                }
                1 if !ids.is_empty() => {
                    let terms: Vec<_> = ids.iter().map(|id| format!("value eq \"{id}\"")).collect();
                    vec![json!({"op": "Remove", "path": format!("{path}[{}]", terms.join(" or "))})]
                }
                _ => vec![json!({"op": "Remove", "path": path, "value": list(ids, random)})],
            },
            Self::Become(ids) => {
                let value = list(ids, random);
                vec![match random.below(2) {
                    0 => json!({"op": "replace", "value": {"id": "g1", "members": value}}),
                    _ => json!({"op": "replace", "path": path, "value": value}),
                }]
            }
            Self::Empty => vec![match random.below(4) {
                0 => json!({"op": "remove", "path": path}),
                1 => json!({"op": "replace", "path": path, "value": []}),
                2 => json!({"op": "replace", "path": path, "value": null}),
                _ => json!({"op": "remove", "path": format!("{path}[value pr]")}),
            }],
            Self::Rename => vec![json!({"op": "replace", "value": {"id": "g1", "displayName": "Guides"}})],
        }
    }

    /// A partial resource of 1.1.
    fn partial(&self, random: &mut Random) -> Value {
        match self {
            Self::Join(ids) => json!({"members": list(ids, random)}),
            Self::Leave(ids) => {
                let member = |id: &String| json!({"value": id, "operation": "delete"});
                json!({"members": ids.iter().map(member).collect::<Vec<_>>()})
            }
            Self::Become(ids) => json!({"meta": {"attributes": ["members"]}, "members": list(ids, random)}),
            Self::Empty => json!({"meta": {"attributes": ["members"]}}),
            Self::Rename => json!({"id": "g1", "displayName": "Guides"}),
        }
    }
}

fn list(ids: &[String], random: &mut Random) -> Value {
    let form = random.below(5);
    if let (4, [id]) = (form, ids) {
        return json!({"value": id});
    }
    Value::from_iter(ids.iter().map(|id| match form {
        0 => json!(id),
        1 => json!({"value": id, "$ref": null, "type": "User"}),
        2 => json!({"$ref": format!("https://x.example/scim/v2/Users/{id}")}),
        _ => json!({"value": id, "display": "someone"}),
    }))
}

/// The member edits of a message, and whether anything else is in it.
fn edits(version: Version, body: Value, group: &ResourceType) -> Vec<MemberEdit> {
    let patch = version.read_patch(object(body), group, &mut Leniency::tolerant()).expect("a message");
    let (rest, edits) = patch::split_members(patch).expect("member edits");
    assert!(!rest.touches("members"));
    edits
}

#[test]
fn sec_35_no_sequence_of_messages_changes_another_member() {
    let group = ResourceType::group();
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    for sequence in 0..100_000 {
        let mut model: BTreeSet<String> = random.ids(2).into_iter().collect();
        let mut members: Vec<String> = model.iter().cloned().collect();
        let changes: Vec<_> = (0..=random.below(3)).map(|_| Change::random(&mut random)).collect();
        if random.below(2) == 0 {
            let list: Vec<_> = changes.iter().flat_map(|change| change.operations(&mut random)).collect();
            if list.is_empty() {
                continue;
            }
            for edit in edits(Version::V2, json!({"schemas": [PATCH_OP], "Operations": list}), &group) {
                change(&mut members, edit);
            }
        } else {
            for one in &changes {
                for edit in edits(Version::V1, one.partial(&mut random), &group) {
                    change(&mut members, edit);
                }
            }
        }
        changes.iter().for_each(|change| change.apply(&mut model));
        let found: BTreeSet<_> = members.iter().cloned().collect();
        assert_eq!(found.len(), members.len(), "sequence {sequence}: somebody is a member twice");
        assert_eq!(found, model, "sequence {sequence}: {changes:?}");
    }
}
