"""Has the unmodified SDKs that applications use drive a running Doorward, and runs the example applications against it.

Usage: main.py PROGRAM FOLDER, in the environment that scripts/sdks makes; FOLDER has the npm packages. The status is 1 when a
check failed.
"""

import json
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from examples import run_examples
from python_sdk import PythonSdk
from stage import Provider
from throwaway import Doorward

HERE = Path(__file__).resolve().parent

# Requests a second that the second server allows: few, so that 429 is seen soon.
LIMIT = "[limits]\napi_requests_per_second = 5\n"


def set_stage(doorward):
    """What both SDKs find: a customer with a directory full of people, and things that they may destroy."""
    organization = doorward.organization("Acme")
    directory = doorward.directory(organization, "Acme Okta", "okta scim v2.0")
    spares = doorward.organization("Spares")
    return {
        "url": doorward.url,
        "api_key": doorward.key("sdks"),
        "organization": organization,
        "directory": directory,
        "spares": [doorward.directory(spares, f"Spare {n}", "generic scim v2.0") for n in range(2)],
    }


def node_sdk(stage, packages, folder):
    """Whether the checks in node_sdk.mjs passed; it is run from a copy that has the packages beside it."""
    room = folder / "node"
    room.mkdir()
    (room / "node_modules").symlink_to(packages / "node_modules")
    for module in HERE.glob("*.mjs"):
        (room / module.name).write_bytes(module.read_bytes())
    answer = subprocess.run(["node", "node_sdk.mjs"], cwd=room, input=json.dumps(stage).encode())
    return answer.returncode == 0


def main(program, packages):
    # So that the servers end, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="doorward-sdks-") as name:
        folder = Path(name)
        (folder / "limited").mkdir()
        doorward, limited = Doorward(program, folder), Doorward(program, folder / "limited")
        stage = set_stage(doorward)
        limited.organization("Limited")
        stage["limited"] = {"url": limited.url, "api_key": limited.key("sdks")}
        settings = folder / "limited" / "doorward.toml"
        settings.write_text(LIMIT)
        with (
            doorward.serving("--webhook-allow-network", "127.0.0.0/8"),
            limited.serving("--config", str(settings)),
        ):
            # An Okta that is still at work while its customer reads would make every comparison a guess.
            doorward.simulate("okta-catalog", stage["directory"], users=260, groups=14, changes=60)
            provider = Provider(stage["directory"]["endpoint"], stage["directory"]["token"])
            python = PythonSdk(stage | {"spare_directory": stage["spares"][0]}, provider).run()
            node = node_sdk(stage | {"spare_directory": stage["spares"][1]}, packages, folder)
            examples = run_examples(stage, packages, folder)
        return 0 if node and not python.failed and not examples.failed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
