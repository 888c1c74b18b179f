"""A Doorward on a throw-away database, for the scripts that have other people's programs talk to a running one."""

import json
import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path


class Doorward:
    """The program, with a database in a folder of its own and a free port on loopback."""

    def __init__(self, program, folder):
        self.program = str(Path(program).resolve())
        self.folder = folder
        # Nothing of the caller's configuration counts.
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("DOORWARD_")}
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = free.getsockname()
        self.url = "http://{}:{}".format(*self.address)

    def command(self, *arguments):
        return [self.program, *arguments, "--database", f"sqlite:{self.folder / 'doorward.db'}"]

    def ask(self, *arguments):
        """What a command answers; the script ends where the command fails."""
        command = self.command(*arguments, "--json")
        answer = subprocess.run(command, env=self.environment, check=True, stdout=subprocess.PIPE)
        return json.loads(answer.stdout)

    def organization(self, name):
        """The id of a new organization."""
        return self.ask("org", "create", name)["id"]

    def directory(self, organization, name, directory_type):
        """A new directory with the settings that it has by default, and its token."""
        return self.ask(
            *("directory", "create", "--org", organization, "--name", name),
            *("--type", directory_type, "--public-url", self.url),
        )

    def key(self, name):
        """A new key for the application's API."""
        return self.ask("api-key", "create", "--name", name)["key"]

    def simulate(self, dialect, directory, **sizes):
        """Has a simulated provider fill a directory; the script ends where it does not end as the provider meant it."""
        command = ["simulate", dialect, "--url", directory["endpoint"], "--token", directory["token"]]
        for name, size in sizes.items():
            command += [f"--{name}", str(size)]
        report = self.ask(*command)
        if not report["clean"]:
            sys.exit(f"the simulated {dialect} does not find what it meant: {json.dumps(report)}")

    @contextmanager
    def serving(self, *arguments):
        listen = "{}:{}".format(*self.address)
        command = self.command("serve", "--listen", listen, "--log", "warn", *arguments)
        server = subprocess.Popen(command, env=self.environment)
        try:
            self.wait_for(server)
            yield server
        finally:
            server.terminate()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()

    def wait_for(self, server):
        for _ in range(600):
            if server.poll() is not None:
                sys.exit(f"doorward serve ended: {server.returncode}")
            try:
                return socket.create_connection(self.address).close()
            except OSError:
                time.sleep(0.1)
        sys.exit("doorward serve does not listen")
