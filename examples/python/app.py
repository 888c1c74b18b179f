"""A small application that lets in the people of its customers' directories, and puts them out the moment they may not enter.

It keeps its own table of people by following Doorward's events, takes webhooks as a wake-up call, and asks Doorward on each
request whether the person may still enter. Signing in is a stub here: a typed user name; a real application has SSO there.
"""

import json
import os
import secrets
import sqlite3
import threading
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode
from urllib.request import Request, urlopen

from workos import WorkOSClient, WorkOSError

DOORWARD = os.environ["DOORWARD_URL"]
API_KEY = os.environ["DOORWARD_API_KEY"]
WEBHOOK_SECRET = os.environ.get("DOORWARD_WEBHOOK_SECRET", "")
# How long the application knows nothing of a change when the webhook does not arrive.
POLL_SECONDS = float(os.environ.get("POLL_SECONDS", "5"))
EVENTS = ["dsync.user.created", "dsync.user.updated", "dsync.user.deleted", "dsync.deleted"]

workos = WorkOSClient(api_key=API_KEY, base_url=DOORWARD)
wake_up = threading.Event()
sessions = {}  # session -> id of the person; a real application keeps them in its database


# ---- the table of people: what the events say, and how far they have been read -------------------------------------------


def database():
    connection = sqlite3.connect(os.environ.get("DATABASE", "people.db"))
    connection.executescript("""
        CREATE TABLE IF NOT EXISTS person (id TEXT PRIMARY KEY, directory TEXT, organization TEXT, username TEXT, active INT);
        CREATE TABLE IF NOT EXISTS place (cursor TEXT)""")
    return connection


def follow():
    """Reads events for ever, from where it stopped the last time."""
    connection = database()
    while True:
        wake_up.clear()
        try:
            while read_page(connection):
                pass
        except WorkOSError as error:
            print(f"Doorward does not answer: {error}", flush=True)
        wake_up.wait(POLL_SECONDS)


def read_page(connection):
    """Whether there may be more. The changes and the place after them are one transaction: none is lost or told twice."""
    (cursor,) = connection.execute("SELECT max(cursor) FROM place").fetchone()
    page = workos.events.list_events(events=EVENTS, after=cursor, limit=100)
    if not page.data:
        return False
    with connection:
        for event in page.data:
            apply(connection, event.event, event.data)
        connection.execute("DELETE FROM place")
        connection.execute("INSERT INTO place VALUES (?)", (page.data[-1].id,))
    return page.has_more()


def apply(connection, kind, data):
    if kind == "dsync.deleted":
        gone = connection.execute("SELECT id FROM person WHERE directory = ?", (data.id,)).fetchall()
    else:
        # The id is what stays: names and addresses change, and are given to others.
        active = kind != "dsync.user.deleted" and data.state == "active"
        person = (data.id, data.directory_id, data.organization_id, data.username, active)
        connection.execute("INSERT OR REPLACE INTO person VALUES (?, ?, ?, ?, ?)", person)
        gone = [] if active else [(data.id,)]
    for (person,) in gone:
        connection.execute("UPDATE person SET active = 0 WHERE id = ?", (person,))
        for session in [session for session, owner in list(sessions.items()) if owner == person]:
            del sessions[session]
            print(f"session ended: {person}", flush=True)


# ---- the application ------------------------------------------------------------------------------------------------------


def access(person):
    """Doorward's word on whether the person may enter now; without it, that of the own table."""
    connection = database()
    organization, active = connection.execute("SELECT organization, active FROM person WHERE id = ?", (person,)).fetchone()
    query = urlencode({"organization": organization, "user_id": person})
    request = Request(f"{DOORWARD}/access_checks?{query}", headers={"Authorization": f"Bearer {API_KEY}"})
    try:
        with urlopen(request, timeout=2) as answer:
            return json.load(answer)
    except OSError:
        return {"allowed": bool(active), "reason": "own_table", "role": None}


class Application(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/webhooks":
            return self.webhook(body)
        username = parse_qs(body.decode()).get("username", [""])[0]
        known = database().execute("SELECT id FROM person WHERE username = ? AND active", (username,)).fetchall()
        if len(known) != 1 or not access(known[0][0])["allowed"]:
            return self.answer(403, {"error": "You are not known here."})
        session = secrets.token_urlsafe(32)
        sessions[session] = known[0][0]
        self.answer(200, {"welcome": username}, ("Set-Cookie", f"session={session}; HttpOnly; SameSite=Lax; Path=/"))

    def webhook(self, body):
        try:
            signature = self.headers.get("WorkOS-Signature", "")
            workos.webhooks.verify_event(event_body=body, event_signature=signature, secret=WEBHOOK_SECRET)
        except ValueError as error:
            return self.answer(400, {"error": str(error)})
        # What happened is read from the log, in order and exactly once; this only says that it is time to look.
        wake_up.set()
        self.answer(200, {})

    def do_GET(self):
        cookie = SimpleCookie(self.headers.get("Cookie", "")).get("session")
        person = sessions.get(cookie.value) if cookie else None
        verdict = access(person) if person else {"allowed": False, "reason": "no_session"}
        if not verdict["allowed"]:
            sessions.pop(cookie.value if cookie else None, None)
            return self.answer(401, {"error": "Please sign in.", "reason": verdict["reason"]})
        self.answer(200, {"id": person, "role": verdict["role"], "reason": verdict["reason"]})

    def answer(self, status, value, *headers):
        self.send_response(status)
        for name, text in headers:
            self.send_header(name, text)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(value).encode())


if __name__ == "__main__":
    threading.Thread(target=follow, daemon=True).start()
    ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "3000"))), Application).serve_forever()
