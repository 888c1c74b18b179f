"""What the checks of both SDKs have in front of them: a running Doorward, and the identity provider's side of it."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


def http(method, url, credential, body=None, media_type="application/json"):
    """The parsed answer; an error status is raised."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {credential}", "Content-Type": media_type}
    with urlopen(Request(url, data, headers, method=method), timeout=60) as answer:
        text = answer.read()
        return json.loads(text) if text else None


class Provider:
    """The identity provider of one directory, over plain SCIM."""

    def __init__(self, endpoint, token):
        self.endpoint, self.token = endpoint, token

    def scim(self, method, path, body=None):
        return http(method, f"{self.endpoint}/{path}", self.token, body, "application/scim+json")

    def create(self, user_name, **attributes):
        name = {"givenName": user_name.split("@")[0].title(), "familyName": "Example"}
        user = {"schemas": [USER], "userName": user_name, "name": name, "active": True}
        return self.scim("POST", "Users", user | attributes)["id"]

    def set_active(self, user, active):
        operation = {"op": "replace", "value": {"active": active}}
        self.scim("PATCH", f"Users/{user}", {"schemas": [PATCH], "Operations": [operation]})

    def rename(self, user, family_name):
        operation = {"op": "replace", "path": "name.familyName", "value": family_name}
        self.scim("PATCH", f"Users/{user}", {"schemas": [PATCH], "Operations": [operation]})

    def delete(self, user):
        self.scim("DELETE", f"Users/{user}")

    def all(self, resource):
        """Every resource of a kind, as the provider would import them."""
        found = []
        while True:
            query = urlencode({"startIndex": len(found) + 1, "count": 100})
            page = self.scim("GET", f"{resource}?{query}")
            found += page.get("Resources", [])
            if len(found) >= page["totalResults"] or not page.get("Resources"):
                return found


class Receiver:
    """A webhook endpoint on loopback that keeps what it is sent."""

    def __init__(self):
        self.deliveries = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                receiver.deliveries.append((dict(self.headers.items()), body))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = "http://127.0.0.1:{}/webhooks".format(self.server.server_address[1])

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def about(self, event_type, object_id):
        """The deliveries of one type about one object."""
        return [
            (headers, body)
            for headers, body in self.deliveries
            if (event := json.loads(body))["event"] == event_type and event["data"].get("id") == object_id
        ]


def refused(call):
    """The status and the JSON of a refusal; (0, None) when it was not refused."""
    try:
        call()
    except HTTPError as error:
        text = error.read()
        return error.code, json.loads(text) if text else None
    return 0, None
