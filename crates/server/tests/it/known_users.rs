//! Existing accounts: loaded, linked, asked about, parted; and who sees what of them.

use doorward_idp::{Dialect, Plan, run};
use doorward_store::api_key::KeyScope;
use serde_json::{Value, json};

use crate::app_api::{Api, data};
use crate::history::assert_told_is_stored;
use crate::support::{Directory, Kind, okta_user, types, with_directory, with_json};
use crate::wire::Answer;

/// A directory and the application that knows accounts of it.
struct Scene {
    idp: Directory,
    api: Api,
}

impl Scene {
    async fn of(idp: Directory, policy: &str) -> Self {
        let api = Api::of(&idp.service).await;
        let scene = Scene { idp, api };
        scene.policy(policy).await;
        scene
    }

    async fn send(&self, method: &str, target: &str, body: Value) -> Answer {
        with_json(self.api.request(method, target), body).send().await
    }

    fn own(&self, rest: &str) -> String {
        format!("/directories/{}{rest}", self.idp.id)
    }

    async fn policy(&self, policy: &str) {
        let body = json!({"settings": {"known_users": policy}});
        let changed = self.send("PATCH", &self.own(""), body).await.expect(200).json();
        assert_eq!(changed["settings"]["known_users"], policy);
    }

    async fn load(&self, lines: &[Value]) -> Value {
        let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
        let request =
            self.api.request("POST", &self.own("/known_users")).header("Content-Type", "application/x-ndjson");
        request.body(lines.join("\n")).send().await.expect(200).json()
    }

    async fn known(&self, query: &str) -> Vec<Value> {
        data(&self.api.found(&self.own(&format!("/known_users?limit=100&{query}"))).await).to_vec()
    }

    async fn conflicts(&self) -> Vec<Value> {
        data(&self.api.found(&self.own("/conflicts?limit=100")).await).to_vec()
    }

    /// The one conflict of the directory, which has this reason.
    async fn conflict(&self, reason: &str) -> String {
        let all = self.conflicts().await;
        assert_eq!(all.len(), 1, "{all:?}");
        assert_eq!((&all[0]["reason"], &all[0]["code"]), (&json!(reason), &json!("identity_conflict")));
        all[0]["id"].as_str().unwrap().to_owned()
    }

    async fn settle(&self, conflict: &str, how: &str, body: Value) -> Answer {
        self.send("POST", &self.own(&format!("/conflicts/{conflict}/{how}")), body).await
    }

    async fn user(&self, id: &str) -> Value {
        self.api.found(&format!("/directory_users/{id}")).await
    }

    /// The account of a person, as the API shows it.
    async fn account_of(&self, id: &str) -> Value {
        self.user(id).await["known_user_id"].clone()
    }

    async fn unlink(&self, id: &str) -> Answer {
        self.send("POST", &format!("/directory_users/{id}/unlink"), json!({})).await
    }
}

async fn with_policy(policy: &str, test: impl AsyncFn(Scene)) {
    with_directory(Kind::okta(), async |idp| test(Scene::of(idp, policy).await).await).await;
}

fn account(id: &str, user_name: &str) -> Value {
    json!({"id": id, "username": user_name, "email": user_name, "name": format!("Account {id}")})
}

/// Okta's POST of somebody whose address is not the `userName`.
fn somebody(user_name: &str, email: &str) -> Value {
    let mut body = okta_user(user_name);
    body["emails"] = json!([{"primary": true, "value": email, "type": "work"}]);
    body
}

async fn create(idp: &Directory, body: Value) -> String {
    idp.post("/Users", body).await.expect(201).json()["id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn wt_20_fifty_accounts_meet_okta_and_none_is_doubled() {
    with_directory(Kind::okta(), async |rehearsal: Directory| {
        let play = async |idp: &Directory| {
            let dialect = Dialect::OktaWizard;
            let plan = Plan { users: 50, groups: 3, changes: 20, ..Plan::new(dialect, idp.base("v2"), dialect.credential(&idp.secret)) };
            let report = run(plan, &mut |_| {}).await.unwrap();
            assert!(report.is_clean(), "{report}");
        };
        // The same seed sends the same people: a rehearsal tells who will come.
        play(&rehearsal).await;
        let mut accounts = Vec::new();
        for event in rehearsal.events_after(0).await.iter().filter(|event| event.event_type == "dsync.user.created") {
            let user: Value = serde_json::from_str(&event.data).unwrap();
            assert_eq!(user["known_user_id"], Value::Null);
            accounts.push(json!({"id": format!("account-{}", accounts.len()), "username": user["username"].as_str().unwrap().to_uppercase()}));
        }
        assert!(accounts.len() >= 50, "{}", accounts.len());
        let scene = Scene::of(rehearsal.service.directory(Kind::okta()).await, "link_username").await;
        let loaded = scene.load(&accounts).await;
        assert_eq!((&loaded["created"], &loaded["failed"]), (&json!(accounts.len()), &json!(0)));
        let before = scene.known("state=unlinked").await;
        assert_eq!(before.len(), accounts.len());
        play(&scene.idp).await;
        let after = scene.known("state=linked").await;
        assert_eq!(after.len(), accounts.len(), "every account is somebody's");
        assert!(scene.conflicts().await.is_empty());
        let users = scene.api.all(&format!("/directory_users?directory={}", scene.idp.id)).await;
        assert_eq!(users.len(), accounts.len(), "nobody is doubled");
        for (before, after) in before.iter().zip(&after) {
            for kept in ["id", "username", "email", "name", "created_at", "updated_at"] {
                assert_eq!(before[kept], after[kept], "an account is linked and never changed");
            }
            let user = users.iter().find(|user| user["id"] == after["directory_user_id"]).unwrap();
            assert_eq!(user["known_user_id"], after["id"]);
        }
        let events = scene.idp.events_after(0).await;
        assert_eq!(events.iter().filter(|event| event.event_type == "dsync.user.linked").count(), accounts.len());
        assert_told_is_stored(&scene.idp).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wt_20_an_import_takes_what_it_can_and_names_the_other_lines() {
    with_policy("off", async |scene| {
        let target = scene.own("/known_users");
        let post = |body: String| scene.api.request("POST", &target).body(body).send();
        let mut lines: Vec<String> =
            (0..1_200).map(|n| account(&format!("a{n:04}"), &format!("u{n}@x.example")).to_string()).collect();
        lines[3] = "{".to_owned();
        lines[700] = json!({"id": "x", "emial": "secret@x.example"}).to_string();
        lines[800] = "y".repeat(20_000);
        let report = post(lines.join("\n")).await.expect(200).json();
        assert_eq!(
            (&report["received"], &report["created"], &report["failed"]),
            (&json!(1200), &json!(1197), &json!(3))
        );
        let numbers: Vec<i64> =
            report["errors"].as_array().unwrap().iter().map(|error| error["line"].as_i64().unwrap()).collect();
        assert_eq!(numbers, [4, 701, 801]);
        assert!(!report.to_string().contains("secret"), "{report}");
        let head = scene.idp.head().await;
        let again = post(lines.join("\n")).await.expect(200).json();
        assert_eq!((&again["created"], &again["updated"], &again["unchanged"]), (&json!(0), &json!(0), &json!(1197)));
        assert_eq!(scene.idp.head().await, head, "nothing changed, nothing is announced");
        let changed = scene.load(&[json!({"id": "a0000", "username": "u0@x.example", "name": "Another"})]).await;
        assert_eq!((&changed["updated"], &changed["created"]), (&json!(1), &json!(0)));
        assert_eq!(scene.known("search=ANOTHER").await[0]["id"], "a0000");
        let pages = scene.api.all(&format!("{target}?search=u11")).await;
        assert_eq!(pages.len(), 111, "u11, u110 to u119, u1100 to u1199, without the line that was too long");
        let refused = post("{".to_owned()).await.expect(422).json();
        assert!(refused["message"].as_str().unwrap().contains("line 1"), "{refused}");
        assert_eq!(post(String::new()).await.expect(200).json()["received"], 0);
        scene.send("DELETE", &scene.own("/known_users/a0001"), json!({})).await.expect(204);
        scene.send("DELETE", &scene.own("/known_users/a0001"), json!({})).await.expect(404);
        // With the policy `off` nobody is looked at.
        let id = scene.idp.user("u5@x.example").await;
        assert_eq!(scene.account_of(&id).await, Value::Null);
        assert!(scene.known("state=linked").await.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wt_20_refuse_answers_409_and_says_what_to_do() {
    with_policy("refuse", async |scene| {
        scene.load(&[account("a", "ann@x.example")]).await;
        let head = scene.idp.head().await;
        for body in [okta_user("ANN@x.example"), somebody("other", "Ann@X.example")] {
            let refused = scene.idp.post("/Users", body).await.expect(409).json();
            assert_eq!(refused["scimType"], "uniqueness");
            assert!(refused["detail"].as_str().unwrap().contains("administrator"), "{refused}");
        }
        // The identity provider has spoken, which makes the directory active; of people nothing is told.
        let events = scene.idp.events_after(head).await;
        assert!(events.iter().all(|event| event.event_type == "dsync.activated"), "{events:?}");
        let id = scene.idp.user("bob@x.example").await;
        // Nor by a change.
        scene.idp.put(&format!("/Users/{id}"), okta_user("ann@x.example")).await.expect(409);
        assert_eq!(scene.user(&id).await["username"], "bob@x.example");
        scene.send("DELETE", &scene.own("/known_users/a"), json!({})).await.expect(204);
        scene.idp.user("ann@x.example").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wt_20_ask_links_when_somebody_says_so_and_never_before() {
    with_policy("ask", async |scene| {
        scene.load(&[account("a", "ann@x.example"), account("b", "bob@x.example")]).await;
        let (ann, events) = scene.idp.events_of(scene.idp.user("ann@x.example")).await;
        assert!(types(&events).contains(&"dsync.user.conflict"), "{:?}", types(&events));
        assert_eq!(scene.account_of(&ann).await, Value::Null);
        let conflict = scene.conflict("asked").await;
        assert_eq!(scene.known("state=conflict").await[0]["id"], "a");
        scene.settle(&conflict, "accept", json!({"known_user_id": "b"})).await.expect(422);
        let (accepted, events) = scene.idp.events_of(scene.settle(&conflict, "accept", json!({}))).await;
        assert_eq!(accepted.expect(200).json()["known_user_id"], "a");
        assert_eq!(types(&events), ["dsync.user.updated", "dsync.user.linked", "dsync.user.conflict_resolved"]);
        assert_eq!(events[0].1["previous_attributes"], json!({"known_user_id": null}));
        assert_eq!(events[2].1["resolution"], "accepted");
        scene.settle(&conflict, "accept", json!({})).await.expect(404);
        let audit = scene.api.found(&format!("/audit_events?limit=100&target={ann}")).await.to_string();
        assert!(audit.contains("dsync.user.linked"), "the link stands in the audit log");

        let bob = scene.idp.user("bob@x.example").await;
        let conflict = scene.conflict("asked").await;
        scene.settle(&conflict, "refuse", json!({})).await.expect(200);
        assert!(scene.conflicts().await.is_empty());
        // What was refused is not asked again, nor linked by another policy.
        scene.policy("link_username").await;
        scene.load(&[account("b", "bob@x.example")]).await;
        assert_eq!(scene.account_of(&bob).await, Value::Null);
        assert_told_is_stored(&scene.idp).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wt_20_an_ended_link_stays_ended() {
    with_policy("link_username", async |scene| {
        scene.load(&[account("a", "ann@x.example")]).await;
        let ann = scene.idp.user("ann@x.example").await;
        assert_eq!(scene.account_of(&ann).await, "a");
        let (answer, events) = scene.idp.events_of(scene.unlink(&ann)).await;
        assert_eq!(answer.expect(200).json()["known_user_id"], Value::Null);
        assert_eq!(types(&events), ["dsync.user.updated", "dsync.user.unlinked"]);
        assert_eq!(events[1].1["previous_attributes"], json!({"known_user_id": "a"}));
        let (_, events) = scene.idp.events_of(scene.unlink(&ann)).await;
        assert!(events.is_empty());
        scene.load(&[account("a", "ann@x.example")]).await;
        assert_eq!(scene.account_of(&ann).await, Value::Null);
        assert_told_is_stored(&scene.idp).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sec_04_an_address_links_only_where_its_domain_is_verified() {
    with_policy("link_email", async |scene| {
        let domain = format!("{}.example", scene.idp.label);
        let ann = format!("ann@{domain}");
        let organization = format!("/organizations/{}", scene.idp.organization_id);
        let claim = json!({"domain_data": [{"domain": domain, "state": "verified"}]});
        scene.send("PUT", &organization, claim).await.expect(200);
        scene
            .load(&[
                account("a", &ann),
                account("e", "eve@elsewhere.example"),
                account("s", &format!("sub@eu.{domain}")),
            ])
            .await;
        let id = create(&scene.idp, somebody("1001", &ann.to_uppercase())).await;
        assert_eq!(scene.account_of(&id).await, "a");
        for (user_name, email) in [("1002", "eve@elsewhere.example".to_owned()), ("1003", format!("sub@eu.{domain}"))] {
            let id = create(&scene.idp, somebody(user_name, &email)).await;
            assert_eq!(scene.account_of(&id).await, Value::Null);
            let conflict = scene.conflict("unverified_domain").await;
            scene.settle(&conflict, "refuse", json!({})).await.expect(200);
        }
        assert_told_is_stored(&scene.idp).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wt_25_what_is_not_clear_is_a_conflict_and_nothing_is_overwritten() {
    with_policy("link_username", async |scene| {
        scene.load(&[account("a", "ann@x.example"), json!({"id": "b", "email": "ann@x.example"})]).await;
        let before = scene.known("").await;
        let ann = scene.idp.user("ann@x.example").await;
        let conflict = scene.conflict("ambiguous").await;
        assert_eq!(scene.conflicts().await[0]["candidates"].as_array().unwrap().len(), 2);
        scene.settle(&conflict, "accept", json!({})).await.expect(422);
        // Forgetting one of them leaves the other to decide about.
        scene.send("DELETE", &scene.own("/known_users/b"), json!({})).await.expect(204);
        scene.settle(&conflict, "accept", json!({})).await.expect(200);
        assert_eq!(scene.account_of(&ann).await, "a");
        let after = scene.known("").await;
        for kept in ["id", "username", "email", "external_id", "name", "updated_at"] {
            assert_eq!(before[0][kept], after[0][kept]);
        }
        // The account of somebody else.
        create(&scene.idp, somebody("ann2", "ann@x.example")).await;
        let conflict = scene.conflict("already_linked").await;
        scene.settle(&conflict, "accept", json!({})).await.expect(409);
        scene.settle(&conflict, "refuse", json!({})).await.expect(200);

        // The same account, of another directory of the organization.
        let sister = scene.idp.service.directory_of(scene.idp.organization_id, Kind::entra()).await;
        let sister = Scene::of(sister, "link_username").await;
        sister.load(&[account("a", "ann@x.example")]).await;
        let other = sister.idp.user("ann@x.example").await;
        sister.conflict("linked_in_another_directory").await;
        assert_eq!(sister.account_of(&other).await, Value::Null);

        // Of another organization nothing is known, and nothing is told.
        let stranger = Scene::of(scene.idp.service.directory(Kind::okta()).await, "link_username").await;
        stranger.load(&[account("a", "ann@x.example")]).await;
        let own = stranger.idp.user("ann@x.example").await;
        assert_eq!(stranger.account_of(&own).await, "a");
        assert!(stranger.conflicts().await.is_empty());
        assert_eq!(scene.account_of(&ann).await, "a");
        for scene in [&scene, &sister, &stranger] {
            assert_told_is_stored(&scene.idp).await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wt_35_who_was_deleted_and_comes_back_has_the_account_again() {
    with_policy("ask", async |scene| {
        scene.load(&[account("a", "ann@x.example")]).await;
        let ann = scene.idp.user("ann@x.example").await;
        let conflict = scene.conflict("asked").await;
        scene.settle(&conflict, "accept", json!({})).await.expect(200);
        scene.idp.delete(&format!("/Users/{ann}")).await.expect(204);
        let known = &scene.known("state=unlinked").await[0];
        assert_eq!((&known["former_directory_user_id"], &known["directory_user_id"]), (&json!(ann), &Value::Null));
        // Somebody else who got the name is not the same person.
        let mut heir = okta_user("ann@x.example");
        heir["externalId"] = json!("00uheir");
        let heir = create(&scene.idp, heir).await;
        assert_eq!(scene.account_of(&heir).await, Value::Null);
        scene.idp.delete(&format!("/Users/{heir}")).await.expect(204);
        assert!(scene.conflicts().await.is_empty(), "a conflict goes with the person");
        // The same person, under another name.
        let mut back = okta_user("ann.married@x.example");
        back["externalId"] = json!("00uann@x.example");
        let (back, events) = scene.idp.events_of(create(&scene.idp, back)).await;
        assert_eq!(scene.account_of(&back).await, "a");
        assert_eq!(types(&events), ["dsync.user.created", "dsync.user.linked"]);
        assert_eq!((&events[0].1["known_user_id"], &events[1].1["matched_by"]), (&json!("a"), &json!("return")));
        assert_told_is_stored(&scene.idp).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wt_41_people_who_are_there_already_are_taken_over() {
    with_policy("link_username", async |scene| {
        let (ann, bob) = (scene.idp.user("ann@x.example").await, scene.idp.user("bob@x.example").await);
        let carl = create(&scene.idp, somebody("carl", "carl@x.example")).await;
        let lines = [
            account("a", "Ann@x.example"),
            account("b", "bob@x.example"),
            account("c", "carl@x.example"),
            account("d", "d@x.example"),
        ];
        let (report, events) = scene.idp.events_of(scene.load(&lines)).await;
        assert_eq!((&report["linked"], &report["conflicts"]), (&json!(2), &json!(1)));
        assert_eq!(types(&events).iter().filter(|kind| **kind == "dsync.user.linked").count(), 2);
        assert_eq!((scene.account_of(&ann).await, scene.account_of(&bob).await), (json!("a"), json!("b")));
        assert_eq!(scene.account_of(&carl).await, Value::Null);
        scene.conflict("other_attribute").await;
        // SCIM shows what it has shown: a link is no change of the resource.
        assert_eq!(scene.user(&ann).await["scim_version"], 1);
        // Forgetting an account ends its link; the person stays.
        scene.send("DELETE", &scene.own("/known_users/b"), json!({})).await.expect(204);
        assert_eq!(scene.account_of(&bob).await, Value::Null);
        assert_told_is_stored(&scene.idp).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sec_03_who_changes_an_address_takes_no_account() {
    with_policy("link_email", async |scene| {
        let domain = format!("{}.example", scene.idp.label);
        let (victim, attacker) = (format!("victim@{domain}"), format!("attacker@{domain}"));
        let claim = json!({"domain_data": [{"domain": domain, "state": "verified"}]});
        scene.send("PUT", &format!("/organizations/{}", scene.idp.organization_id), claim).await.expect(200);
        scene.load(&[account("v", &victim)]).await;
        let id = scene.idp.user(&attacker).await;
        for policy in ["link_email", "link_username"] {
            scene.policy(policy).await;
            scene.idp.put(&format!("/Users/{id}"), okta_user(&victim)).await.expect(200);
            assert_eq!(scene.account_of(&id).await, Value::Null, "{policy}");
            let conflict = scene.conflict("changed_later").await;
            scene.idp.put(&format!("/Users/{id}"), okta_user(&attacker)).await.expect(200);
            assert_eq!(scene.conflict("changed_later").await, conflict);
        }
        // One who is linked stays with the account whatever the address becomes, and with no other.
        scene.load(&[account("w", &format!("wanda@{domain}"))]).await;
        let wanda = scene.idp.user(&format!("wanda@{domain}")).await;
        assert_eq!(scene.account_of(&wanda).await, "w");
        let mut renamed = okta_user(&format!("wanda.new@{domain}"));
        renamed["emails"] = json!([{"primary": true, "value": victim}]);
        scene.idp.put(&format!("/Users/{wanda}"), renamed).await.expect(200);
        assert_eq!(scene.account_of(&wanda).await, "w");
        assert_told_is_stored(&scene.idp).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sec_05_accounts_are_seen_and_changed_by_their_own_organization_alone() {
    with_policy("ask", async |scene| {
        scene.load(&[account("a", "ann@x.example")]).await;
        let ann = scene.idp.user("ann@x.example").await;
        let conflict = scene.conflict("asked").await;
        let all = [KeyScope::Read, KeyScope::Write];
        let stranger = scene.idp.service.organization().await;
        let stranger = Api::with(&scene.idp.service, &all, Some(stranger)).await;
        let head = scene.idp.head().await;
        let unlink = format!("/directory_users/{ann}/unlink");
        let (accept, refuse) =
            (scene.own(&format!("/conflicts/{conflict}/accept")), scene.own(&format!("/conflicts/{conflict}/refuse")));
        for (method, target) in [
            ("GET", scene.own("/known_users")),
            ("POST", scene.own("/known_users")),
            ("DELETE", scene.own("/known_users/a")),
            ("GET", scene.own("/conflicts")),
            ("POST", accept.clone()),
            ("POST", refuse),
            ("POST", unlink),
        ] {
            let answer = with_json(stranger.request(method, &target), json!({})).send().await.expect(404).json();
            assert_eq!(answer["code"], "entity_not_found", "{method} {target}");
        }
        assert_eq!(scene.idp.head().await, head);
        // A conflict is found in its own directory alone.
        let other = Scene::of(scene.idp.service.directory(Kind::okta()).await, "ask").await;
        other.settle(&conflict, "accept", json!({})).await.expect(404);
        let reader = Api::with(&scene.idp.service, &[KeyScope::Read], Some(scene.idp.organization_id)).await;
        with_json(reader.request("POST", &accept), json!({})).send().await.expect(403);
        let own = Api::with(&scene.idp.service, &all, Some(scene.idp.organization_id)).await;
        with_json(own.request("POST", &accept), json!({})).send().await.expect(200);
    })
    .await;
}
