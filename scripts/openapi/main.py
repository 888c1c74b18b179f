"""Starts Doorward on a throw-away database with people in it and has Schemathesis call everything that its document offers.

Usage: main.py PROGRAM SEED, in the environment that scripts/schemathesis makes. The status is 1 when an answer was wrong.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.request import Request, urlopen

from throwaway import Doorward

HERE = Path(__file__).resolve().parent

# Calls are as fast as they can be made.
SETTINGS = "[limits]\napi_requests_per_second = 100000\n"


class Customers:
    """What the calls find: objects of every kind, and their ids by the path that lists them."""

    def __init__(self, doorward):
        self.doorward, self.key = doorward, doorward.key("schemathesis")
        self.organizations = [doorward.organization(f"Customer {n}") for n in range(3)]
        # The first is only read, so that it is full to the end; the others may be changed and deleted.
        self.directories = [doorward.directory(o, "People", "okta scim v2.0") for o in self.organizations]
        # An organization that has directories cannot be deleted.
        self.empty = [doorward.organization(f"Empty {n}") for n in range(8)]

    def fill(self):
        for directory in self.directories:
            self.doorward.simulate("okta-catalog", directory, users=25, groups=4, changes=10)
        stable, spare = self.organizations[0], self.organizations[1]
        directory = self.directories[0]["id"]
        endpoint = {"endpoint_url": "https://receiver.example.com/webhooks", "events": ["dsync.user.created"]}
        self.call("webhook_endpoints", endpoint)
        self.call("portal/generate_link", {"organization": spare, "intent": "dsync"})
        self.call("roles", {"organization_id": stable, "slug": "admin", "name": "Admin", "priority": 1})
        self.call(f"organizations/{stable}", {"external_id": "known"}, "PATCH")
        return {
            "organizations": [stable],
            "directories": [directory],
            "directory_users": self.ids(f"directory_users?directory={directory}&limit=100"),
            "directory_groups": self.ids(f"directory_groups?directory={directory}&limit=100"),
            "events": self.ids("events?limit=100"),
            "webhook_endpoints": self.ids("webhook_endpoints"),
            "roles": self.ids(f"roles?organization_id={stable}"),
            "tokens": self.ids(f"directories/{directory}/tokens"),
            "external_id": ["known"],
            "spare_organizations": self.empty,
            "spare_directories": [made["id"] for made in self.directories[1:]],
        }

    def call(self, path, body=None, method=None):
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        with urlopen(Request(f"{self.doorward.url}/{path}", data, headers, method=method), timeout=60) as answer:
            return json.loads(answer.read())

    def ids(self, path):
        return [found["id"] for found in self.call(path)["data"]]


def schemathesis(customers, seed, folder):
    known = folder / "known.json"
    known.write_text(json.dumps(customers.fill()))
    environment = os.environ | {"KNOWN": str(known), "SEED": seed, "API_KEY": customers.key}
    environment |= {"PYTHONPATH": str(HERE), "NO_COLOR": "1"}
    command = [Path(sys.executable).parent / "schemathesis", "--config-file", HERE / "schemathesis.toml"]
    command += ["run", f"{customers.doorward.url}/openapi.json", "--seed", seed]
    return subprocess.run(command, cwd=folder, env=environment).returncode


def main(program, seed):
    # So that the server ends, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="doorward-schemathesis-") as name:
        folder = Path(name)
        settings = folder / "doorward.toml"
        settings.write_text(SETTINGS)
        doorward = Doorward(program, folder)
        customers = Customers(doorward)
        with doorward.serving("--config", str(settings)):
            return schemathesis(customers, seed, folder)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
