"""Runs the applications of examples/ against a running Doorward: people sign in, their provider changes its mind."""

import json
import os
import shutil
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from checks import Checks, eventually
from stage import Provider, http

# What the examples ask for when they follow the log.
EVENTS = ["dsync.user.created", "dsync.user.updated", "dsync.user.deleted", "dsync.deleted"]
EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


class Application:
    """One example, in a folder of its own."""

    def __init__(self, name, command, folder, stage):
        self.command, self.folder = command, folder / f"example-{name}"
        shutil.copytree(EXAMPLES / name, self.folder)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        endpoint = {"endpoint_url": f"{self.url}/webhooks", "events": EVENTS}
        made = http("POST", f"{stage['url']}/webhook_endpoints", stage["api_key"], endpoint)
        self.endpoint = f"{stage['url']}/webhook_endpoints/{made['id']}"
        # So long that what is learned in time comes by webhook.
        self.environment = os.environ | {"PORT": str(self.port), "POLL_SECONDS": "3600"}
        self.environment |= {"DOORWARD_API_KEY": stage["api_key"], "DOORWARD_WEBHOOK_SECRET": made["secret"]}
        self.log = self.folder / "log"

    @contextmanager
    def running(self, doorward):
        with self.log.open("ab") as log:
            environment = self.environment | {"DOORWARD_URL": doorward}
            process = subprocess.Popen(self.command, cwd=self.folder, env=environment, stdout=log, stderr=log)
        try:
            eventually(self.listens)
            yield
        finally:
            process.terminate()
            process.wait(20)

    def listens(self):
        try:
            socket.create_connection(("127.0.0.1", self.port)).close()
            return True
        except OSError:
            return False

    def ask(self, path, body=None, **headers):
        """The status, the JSON and the session."""
        try:
            answer = urlopen(Request(self.url + path, body, headers), timeout=20)
        except HTTPError as refusal:
            answer = refusal
        with answer:
            cookie = (answer.headers["Set-Cookie"] or "").split(";")[0]
            return answer.status, json.loads(answer.read()), cookie

    def sign_in(self, username):
        status, _, session = self.ask("/login", urlencode({"username": username}).encode())
        return session if status == 200 else None

    def show(self, session):
        status, value, _ = self.ask("/", Cookie=session)
        return status, value.get("reason")


def story(check, application, stage, username):
    """Somebody joins, leaves, comes back and leaves for good."""
    provider = Provider(stage["directory"]["endpoint"], stage["directory"]["token"])
    with application.running(stage["url"]):
        person = provider.create(username)
        session = eventually(lambda: application.sign_in(username))
        check.holds("a new person signs in", session)
        check.equal("and is let in", application.show(session), (200, "active"))
        check.equal("a stranger is not", application.sign_in("stranger@example.com"), None)
        check.equal("nobody comes without a session", application.show("session=made-up"), (401, "no_session"))
        forged = application.ask("/webhooks", b"{}", **{"WorkOS-Signature": "t=1, v1=0"})
        check.equal("a forged webhook is refused", forged[0], 400)
        other = application.sign_in(username)

        provider.set_active(person, False)
        check.equal("wt_29: the next request of a deactivated person ends", application.show(session)[0], 401)
        ended = eventually(lambda: f"session ended: {person}" in application.log.read_text())
        check.holds("ws_03: the event ends a session that nobody used", ended)
        check.equal("which is gone", application.show(other), (401, "no_session"))
        check.equal("ws_03: signing in is refused", application.sign_in(username), None)
        provider.set_active(person, True)
        again = eventually(lambda: application.sign_in(username))
        check.equal("wt_35: back again under the same id", application.ask("/", Cookie=again)[1].get("id"), person)
    away(check, application, username)
    with application.running(stage["url"]):
        check.holds("after a new start the table is still there", application.sign_in(username))
        session = application.sign_in(username)
        provider.delete(person)
        check.equal("a deleted person is put out", application.show(session)[0], 401)
        out = eventually(lambda: not application.sign_in(username))
        check.holds("and does not come back", out)


def away(check, application, username):
    """Without Doorward the application's own table decides."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        with application.running("http://127.0.0.1:{}".format(closed.getsockname()[1])):
            session = application.sign_in(username)
            check.equal("an outage of Doorward puts nobody out", application.show(session), (200, "own_table"))


def run_examples(stage, packages, folder):
    checks = Checks("examples")
    commands = {"python": [sys.executable, "app.py"], "node": ["node", "app.mjs"]}
    for name, command in commands.items():
        with checks.chapter(name):
            application = Application(name, command, folder, stage)
            if name == "node":
                (application.folder / "node_modules").symlink_to(packages / "node_modules")
            story(checks, application, stage, f"{name}@example.com")
            http("DELETE", application.endpoint, stage["api_key"])
    checks.verdict()
    return checks
