"""The unmodified PyPI `workos` drives a running Doorward through everything that both have."""

import asyncio
import json
import time
from datetime import datetime, timedelta, timezone
from functools import cached_property

import standardwebhooks
from checks import Checks, Watched, coverage, eventually
from stage import Receiver, http
from workos import AsyncWorkOSClient, WorkOSClient
from workos import _errors as errors
from workos.events.models import EventSchema, EventSchemaUnknown
from workos.organizations.models import OrganizationDomainData

MODULES = ("directory_sync", "organizations", "organization_domains", "events", "webhooks", "admin_portal")

PEOPLE = ["dsync.user.created", "dsync.user.updated", "dsync.user.deleted"]
GROUPS = ["dsync.group.created", "dsync.group.updated", "dsync.group.deleted"]
MEMBERSHIPS = ["dsync.group.user_added", "dsync.group.user_removed"]

# Whole modules of other products.
ELSEWHERE = {
    "actions": "user management",
    "agents": "user management",
    "api_keys": "keys that the application gives to its own users",
    "audit_logs": "events that the application sends; Doorward's own record is at /audit_events",
    "authorization": "permissions on the application's resources; Doorward's roles are at /roles",
    "client_api": "user management",
    "connect": "OAuth applications",
    "feature_flags": "feature flags",
    "groups": "groups that the application makes; those of the directory are in directory_sync",
    "mfa": "user management",
    "multi_factor_auth": "user management",
    "organization_membership": "user management",
    "passwordless": "user management",
    "pipes": "third-party tokens",
    "pipes_provider": "third-party tokens",
    "pkce": "sign-on: makes challenges without a server",
    "platform_teams": "WorkOS's own accounts",
    "radar": "bot detection",
    "sso": "sign-on is not part of this version",
    "user_management": "user management",
    "vault": "storage of secrets",
    "widgets": "user interface components of WorkOS",
}

IT_CONTACTS = "Doorward sends no mail; hand the link of admin_portal.generate_link over"
EXCUSED = {
    "directory_sync.create_directory_sync": "asks WorkOS to pull from Google; providers push to Doorward",
    "organizations.get_audit_log_configuration": "audit logs of the application",
    "organizations.list_authorized_applications": "OAuth applications",
    "organizations.list_it_contacts": IT_CONTACTS,
    "organizations.create_it_contact": IT_CONTACTS,
    "organizations.delete_it_contact": IT_CONTACTS,
    "organizations.invite_it_contact": IT_CONTACTS,
    "organizations.revoke_it_contact": IT_CONTACTS,
    "organization_domains.create_organization_domain": "domains are set with their organization, as domain_data",
    "organization_domains.get_organization_domain": "domains are set with their organization, as domain_data",
    "organization_domains.delete_organization_domain": "domains are set with their organization, as domain_data",
    "organization_domains.verify_organization_domain": "domains are set with their organization, as domain_data",
}


class PythonSdk:
    """The checks, with the client that they use and what it is held against."""

    def __init__(self, stage, provider):
        self.stage, self.provider = stage, provider
        self.checks = Checks("PyPI workos")
        # Waiting is shown by the test for 429 alone.
        self.client = WorkOSClient(api_key=stage["api_key"], base_url=stage["url"], max_retries=0)
        self.called = set()
        for name in MODULES:
            setattr(self, name, Watched(name, getattr(self.client, name), self.called))

    def run(self):
        chapters = (self.directories, self.users, self.groups, self.events_, self.organizations_, self.errors_)
        chapters += (self.webhooks_, self.portal, self.too_many, self.asynchronous)
        for chapter in chapters:
            with self.checks.chapter(chapter.__name__):
                chapter()
        self.scope()
        self.checks.verdict()
        return self.checks

    # ---- directory sync -------------------------------------------------------------------------------------

    def directories(self):
        check, stage = self.checks, self.stage
        page = self.directory_sync.list_directories(organization_id=stage["organization"])
        check.equal("directories of the organization", [d.id for d in page.data], [stage["directory"]["id"]])
        directory = self.directory_sync.get_directory(stage["directory"]["id"])
        check.equal("a directory is the same in the list and alone", directory.to_dict(), page.data[0].to_dict())
        check.equal("state after the first sync", directory.state, "linked")
        check.equal("type", directory.type, "okta scim v2.0")
        check.equal("organization", directory.organization_id, stage["organization"])
        people = self.provider.all("Users")
        check.equal("people counted", directory.metadata.users.active + directory.metadata.users.inactive, len(people))
        check.equal("groups counted", directory.metadata.groups, len(self.provider.all("Groups")))
        found = self.directory_sync.list_directories(search=stage["directory"]["name"].upper())
        check.equal("search by name", [d.id for d in found.data], [stage["directory"]["id"]])
        check.equal("search for nothing", self.directory_sync.list_directories(search="no such").data, [])

        spare = stage["spare_directory"]["id"]
        check.equal("the answer to a deletion", self.directory_sync.delete_directory(spare), None)
        gone = self.directory_sync.get_directory(spare)
        check.equal("a deleted directory says so", gone.state, "deleting")

    def users(self):
        check, directory = self.checks, self.stage["directory"]["id"]
        newest = self.walk(self.directory_sync.list_users, directory=directory)
        meant = {user["id"]: user for user in self.provider.all("Users")}
        check.equal("wt_31: every person is listed", {user.id for user in newest}, set(meant))
        check.equal(
            "who may enter is whom the provider left active",
            {user.id for user in newest if user.state == "active"},
            {id for id, user in meant.items() if user.get("active", True)},
        )
        some = newest[7]
        check.equal("a person is the same in the list and alone", self.directory_sync.get_user(some.id), some)
        check.equal("user name", some.username, meant[some.id]["userName"])
        check.equal("the document as it came", some.raw_attributes["userName"], meant[some.id]["userName"])
        check.equal("organization", some.organization_id, self.stage["organization"])
        by_id = self.directory_sync.list_users(directory=directory, idp_id=some.idp_id)
        check.equal("by the provider's id", [user.id for user in by_id.data], [some.id])
        by_mail = self.directory_sync.list_users(directory=directory, email=some.email.upper())
        check.equal("by e-mail address", [user.id for user in by_mail.data], [some.id])

    def groups(self):
        check, directory = self.checks, self.stage["directory"]["id"]
        groups = self.walk(self.directory_sync.list_groups, limit=5, directory=directory)
        meant = {group["id"]: group for group in self.provider.all("Groups")}
        check.equal("every group is listed", {g.id: g.name for g in groups}, {i: g["displayName"] for i, g in meant.items()})
        check.equal("a group alone", self.directory_sync.get_group(groups[0].id), groups[0])
        members = {id: {m["value"] for m in group.get("members", [])} for id, group in meant.items()}
        for group in groups:
            listed = self.directory_sync.list_users(group=group.id, limit=100).auto_paging_iter()
            check.equal(f"members of {group.name}", {user.id for user in listed}, members[group.id])
        person = next(iter(max(members.values(), key=len)))
        theirs = {group for group, people in members.items() if person in people}
        listed = self.directory_sync.list_groups(user=person, limit=100).auto_paging_iter()
        check.equal("groups of a person", {group.id for group in listed}, theirs)
        shown = self.directory_sync.get_user(person).groups
        check.equal("groups shown with a person", {group.id for group in shown}, theirs)

    def walk(self, list_them, limit=100, **filters):
        """Everything, newest first, with both orders and both directions held against each other."""
        name = list_them.__name__
        forward = list(list_them(limit=limit, **filters).auto_paging_iter())
        ids = [item.id for item in forward]
        self.checks.holds(f"{name}: there are several pages", len(ids) > 2 * limit, f"{len(ids)} of {limit}")
        self.checks.equal(f"{name}: nothing twice", len(set(ids)), len(ids))
        oldest = [item.id for item in list_them(limit=limit, order="asc", **filters).auto_paging_iter()]
        self.checks.equal(f"{name}: both orders", oldest, ids[::-1])
        backward = ids[-1:]
        while backward[0] != ids[0]:
            page = list_them(limit=limit, before=backward[0], **filters)
            if not page.data:
                break
            backward = [item.id for item in page.data] + backward
        self.checks.equal(f"{name}: backward by `before`", backward, ids)
        first = list_them(limit=limit, **filters)
        self.checks.equal(f"{name}: no page before the first", first.before, None)
        self.checks.equal(f"{name}: the cursor is the last id", first.after, ids[limit - 1])
        return forward

    # ---- events -------------------------------------------------------------------------------------------------

    def events_(self):
        check, directory = self.checks, self.stage["directory"]["id"]
        listed = self.events.list_events(events=PEOPLE + GROUPS + MEMBERSHIPS, limit=100)
        log = [event for event in listed.auto_paging_iter() if event.data.directory_id == directory]
        check.equal("every event has its own class", [e for e in log if isinstance(e, EventSchemaUnknown)], [])
        people, members = {}, set()
        for event in log:
            if event.event in ("dsync.user.created", "dsync.user.updated"):
                people[event.data.id] = event.data.state
            elif event.event == "dsync.user.deleted":
                del people[event.data.id]
            elif event.event == "dsync.group.user_added":
                members.add((event.data.group.id, event.data.user.id))
            elif event.event == "dsync.group.user_removed":
                members.remove((event.data.group.id, event.data.user.id))
        now = list(self.directory_sync.list_users(directory=directory, limit=100).auto_paging_iter())
        check.equal("sk_12: the log tells everybody's state", people, {user.id: user.state for user in now})
        memberships = {(group.id, user.id) for user in now for group in user.groups}
        check.equal("sk_12: the log tells every membership", members, memberships)
        updated = [event.data for event in log if event.event == "dsync.user.updated"]
        check.holds("updates say what was before", updated and all(data.previous_attributes for data in updated))

        cut = log[len(log) // 2]
        after = self.events.list_events(events=PEOPLE + GROUPS + MEMBERSHIPS, after=cut.id, limit=100)
        rest = [event.id for event in after.auto_paging_iter() if event.data.directory_id == directory]
        check.equal("going on from a cursor", rest, [event.id for event in log[len(log) // 2 + 1 :]])
        of_one = self.events.list_events(events=["dsync.group.created"], organization_id=self.stage["organization"], limit=100)
        check.equal("of one type and organization", {e.event for e in of_one.auto_paging_iter()}, {"dsync.group.created"})
        later = datetime.now(timezone.utc) + timedelta(hours=1)
        check.equal("of a time to come", self.events.list_events(events=PEOPLE, range_start=later).data, [])
        earlier = later - timedelta(days=2)
        check.equal("of a time long ago", self.events.list_events(events=PEOPLE, range_end=earlier).data, [])
        self.every_type()

    def every_type(self):
        """An event that has the name of one of WorkOS's must have its fields, or the SDK raises at the receiver."""
        url, key, after = self.stage["url"], self.stage["api_key"], ""
        seen = set()
        while True:
            page = http("GET", f"{url}/events?limit=100{after}", key)
            for event in page["data"]:
                if event["event"] not in seen:
                    seen.add(event["event"])
                    with self.checks.chapter(event["event"]):
                        read = EventSchema.from_dict(event).to_dict()
                        self.checks.equal(f"{event['event']} can be read", read["id"], event["id"])
            if not page["list_metadata"]["after"]:
                break
            after = f"&after={page['list_metadata']['after']}"

    # ---- organizations --------------------------------------------------------------------------------------------

    def organizations_(self):
        check, organizations = self.checks, self.organizations
        new = {
            "name": "Python Example",
            "domain_data": [OrganizationDomainData(domain="python.example.com", state="verified")],
            "metadata": {"tier": "gold"},
            "external_id": "customer-py",
        }
        options = {"idempotency_key": "python-1"}
        made = organizations.create_organization(**new, request_options=options)
        again = organizations.create_organization(**new, request_options=options)
        check.equal("the same idempotency key makes it once", again, made)
        check.equal("name", made.name, "Python Example")
        check.equal("domains", [(d.domain, d.state) for d in made.domains], [("python.example.com", "verified")])
        check.equal("metadata", made.metadata, {"tier": "gold"})
        check.equal("an organization alone", organizations.get_organization(made.id), made)
        check.equal("by external id", organizations.get_organization_by_external_id("customer-py"), made)
        by_domain = organizations.list_organizations(domains=["python.example.com"])
        check.equal("by domain", [o.id for o in by_domain.data], [made.id])
        check.equal("by name", [o.id for o in organizations.list_organizations(search="python ex").data], [made.id])
        check.raises(
            "a domain of another organization is refused",
            errors.ConflictError,
            lambda: organizations.create_organization(name="B", domain_data=new["domain_data"]),
            status_code=409,
        )
        changed = organizations.update_organization(made.id, name="Changed", metadata={"tier": "silver"}, external_id=None)
        check.equal("changed name", changed.name, "Changed")
        check.equal("changed metadata", changed.metadata, {"tier": "silver"})
        check.equal("external id taken away", changed.external_id, None)
        check.equal("domains stay", [(d.id, d.domain) for d in changed.domains], [(d.id, d.domain) for d in made.domains])
        for number in range(12):
            organizations.create_organization(name=f"Page {number}")
        self.walk(organizations.list_organizations, limit=5)
        check.equal("the answer to a deletion", organizations.delete_organization(made.id), None)
        self.not_found("a deleted organization", lambda: organizations.get_organization(made.id))
        told = self.events.list_events(events=["organization.created", "organization.updated", "organization.deleted"], limit=100)
        told = [event.event.removeprefix("organization.") for event in told.auto_paging_iter() if event.data.id == made.id]
        check.equal("events of an organization", told, ["created", "updated", "deleted"])

    # ---- errors -------------------------------------------------------------------------------------------------

    def not_found(self, name, call):
        error = self.checks.raises(f"{name} is unknown", errors.NotFoundError, call, code="entity_not_found")
        self.checks.holds(f"{name}: the refusal has a request id", error and error.request_id)

    def errors_(self):
        check, directories, organizations = self.checks, self.directory_sync, self.organizations
        stranger = WorkOSClient(api_key="sk_wrong", base_url=self.stage["url"], max_retries=0)
        check.raises("a wrong key", errors.AuthenticationError, stranger.organizations.list_organizations, status_code=401)
        self.not_found("an organization", lambda: organizations.get_organization("org_01H0000000000000000000000A"))
        self.not_found("an external id", lambda: organizations.get_organization_by_external_id("nobody"))
        self.not_found("a directory", lambda: directories.get_directory("directory_01H0000000000000000000000A"))
        self.not_found("a person", lambda: directories.get_user("directory_user_01H0000000000000000000000A"))
        self.not_found("a group", lambda: directories.get_group("somebody's group"))
        self.not_found("an endpoint", lambda: self.webhooks.delete_webhook_endpoint("we_01H0000000000000000000000A"))
        listing = directories.list_users
        check.raises("users of nothing", errors.UnprocessableEntityError, listing, status_code=422)
        check.raises("a limit of 0", errors.UnprocessableEntityError, lambda: directories.list_directories(limit=0))
        nameless = lambda: organizations.create_organization(name="")
        check.raises("an organization without a name", errors.UnprocessableEntityError, nameless)
        options = {"idempotency_key": "python-2"}
        organizations.create_organization(name="Once", request_options=options)
        other = lambda: organizations.create_organization(name="Twice", request_options=options)
        check.raises("another body for the same key", errors.UnprocessableEntityError, other, status_code=422)

    def too_many(self):
        limited = self.stage["limited"]
        hasty = WorkOSClient(api_key=limited["api_key"], base_url=limited["url"], max_retries=0)

        def hurry():
            for _ in range(200):
                hasty.organizations.list_organizations(limit=1)

        error = self.checks.raises("too many requests", errors.RateLimitExceededError, hurry, status_code=429)
        self.checks.holds("429 says when to come again", error and error.retry_after and error.retry_after >= 1)
        patient = WorkOSClient(api_key=limited["api_key"], base_url=limited["url"])
        begun = time.monotonic()
        page = patient.organizations.list_organizations(limit=1)
        self.checks.holds("the SDK waits and succeeds", page.data and time.monotonic() - begun < 60)

    # ---- webhooks -----------------------------------------------------------------------------------------------

    def webhooks_(self):
        with Receiver() as receiver:
            made = self.endpoints(receiver.url)
            person = self.provider.create("webhook.python@example.com")
            self.provider.rename(person, "Changed")
            about = lambda kind: eventually(lambda: receiver.about(kind, person))
            created, updated = about("dsync.user.created"), about("dsync.user.updated")
            self.checks.equal("deliveries of two changes", (len(created), len(updated)), (1, 1))
            self.signatures(made.secret, created[0], person)
            self.signatures(made.secret, updated[0], person)
            parsed = [json.loads(body)["event"] for _, body in receiver.deliveries]
            self.checks.equal("only what was asked for is sent", set(parsed), {"dsync.user.created", "dsync.user.updated"})
            self.checks.equal("the answer to a deletion", self.webhooks.delete_webhook_endpoint(made.id), None)
            left = [endpoint.id for endpoint in self.webhooks.list_webhook_endpoints().auto_paging_iter()]
            self.checks.holds("a deleted endpoint is gone", made.id not in left)
            self.provider.delete(person)

    def endpoints(self, url):
        check, webhooks = self.checks, self.webhooks
        made = webhooks.create_webhook_endpoint(endpoint_url=url, events=["dsync.user.created"])
        check.holds("the secret is shown once", made.secret.startswith("whsec_") and "…" not in made.secret)
        check.equal("state", made.status, "enabled")
        listed = [endpoint for endpoint in webhooks.list_webhook_endpoints(limit=1).auto_paging_iter() if endpoint.id == made.id]
        check.equal("the endpoint is listed", [(e.endpoint_url, e.events) for e in listed], [(url, ["dsync.user.created"])])
        check.holds("its secret is not", made.secret not in str(listed))
        off = webhooks.update_webhook_endpoint(made.id, status="disabled")
        check.equal("disabled", off.status, "disabled")
        kinds = ["dsync.user.created", "dsync.user.updated"]
        on = webhooks.update_webhook_endpoint(made.id, status="enabled", events=kinds)
        check.equal("enabled with other events", (on.status, on.events), ("enabled", kinds))
        elsewhere = lambda: webhooks.create_webhook_endpoint(endpoint_url="http://169.254.169.254/", events=kinds)
        check.raises("an address that may not be called", errors.UnprocessableEntityError, elsewhere, status_code=422)
        return made

    def signatures(self, secret, delivery, person):
        """What Doorward signed is taken by the SDK and by the Standard Webhooks library, and nothing else is."""
        check, (headers, body) = self.checks, delivery
        given = {name.lower(): value for name, value in headers.items()}
        signature = given["workos-signature"]
        verify = lambda **changed: self.webhooks.verify_event(
            **({"event_body": body, "event_signature": signature, "secret": secret} | changed)
        )
        event = verify()
        check.equal("the event that was verified", (event.data.id, event.id), (person, given["webhook-id"]))
        self.webhooks.verify_header(event_body=body, event_signature=signature, secret=secret)
        moment, digest = signature.split(", ")
        tampered = {
            "another body": {"event_body": body.replace(b"active", b"absent")},
            "another secret": {"secret": secret[:-4] + "AAA="},
            "another time": {"event_signature": f"t={int(moment[2:]) - 1}, {digest}"},
            "another digest": {"event_signature": f"{moment}, v1={'0' * 64}"},
            "an old delivery": {"tolerance": -1},
        }
        for name, change in tampered.items():
            check.raises(f"{name} is refused", ValueError, lambda: verify(**change))
        standard = standardwebhooks.Webhook(secret)
        check.equal("Standard Webhooks", standard.verify(body, given)["id"], event.id)
        refusal = standardwebhooks.WebhookVerificationError
        later = given | {"webhook-timestamp": str(int(given["webhook-timestamp"]) + 1)}
        check.raises("Standard Webhooks: another body", refusal, lambda: standard.verify(body + b" ", given))
        check.raises("Standard Webhooks: another time", refusal, lambda: standard.verify(body, later))
        check.raises("Standard Webhooks: another id", refusal, lambda: standard.verify(body, given | {"webhook-id": "x"}))

    # ---- the portal ------------------------------------------------------------------------------------------------

    def portal(self):
        check, organization = self.checks, self.stage["organization"]
        back = "https://app.example.com/settings"
        make = lambda **more: self.admin_portal.generate_link(organization=organization, intent="dsync", **more).link
        link = make(return_url=back, success_url=back, external_user_id="admin-1", it_contact_emails=["it@example.com"])
        check.holds("a link is on this server", link.startswith(f"{self.stage['url']}/setup/"), link)
        check.holds("each link is another", make() != link)
        revoke = lambda who: self.admin_portal.revoke_link(organization=organization, external_user_id=who)
        check.equal("the answer to a revocation", revoke("admin-1"), None)
        unknown = lambda: self.admin_portal.generate_link(organization="org_01H0000000000000000000000A", intent="dsync")
        self.not_found("the organization of a link", unknown)
        odd = lambda: self.admin_portal.generate_link(organization=organization, intent="bring_your_own_key")
        check.raises("an intent that is not offered", errors.UnprocessableEntityError, odd, status_code=422)

    # ---- the rest of the SDK ----------------------------------------------------------------------------------------

    def asynchronous(self):
        async def listed():
            async with AsyncWorkOSClient(api_key=self.stage["api_key"], base_url=self.stage["url"]) as client:
                page = await client.directory_sync.list_users(directory=self.stage["directory"]["id"], limit=100)
                return [user.id async for user in page.auto_paging_iter()]

        alike = self.directory_sync.list_users(directory=self.stage["directory"]["id"], limit=100)
        expected = [user.id for user in alike.auto_paging_iter()]
        self.checks.equal("the asynchronous client finds the same", asyncio.run(listed()), expected)

    def scope(self):
        resources = {name for name, kind in vars(WorkOSClient).items() if isinstance(kind, (property, cached_property))}
        for name in sorted(resources - ELSEWHERE.keys() - set(MODULES)):
            self.checks.holds(f"the module {name} is new: cover it or say why not", False)
        offered = {
            f"{name}.{method}"
            for name in MODULES
            for method in dir(getattr(self.client, name))
            if not method.startswith("_") and callable(getattr(getattr(self.client, name), method))
        }
        coverage(self.checks, offered, self.called, EXCUSED)
        others = ", ".join(sorted(ELSEWHERE.keys() & resources))
        print(f"  out of scope as a whole: {others}")
