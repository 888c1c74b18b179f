"""Starts Doorward on a throw-away database and has public SCIM conformance tools judge it.

Usage: judges.py PROGRAM, in the virtual environment that scripts/judges makes. The status is 1 when a check failed.
"""

import json
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_models import BaseModel
from scim2_tester import Status, check_server
from throwaway import Doorward

# What scim2-tester calls conforming; a check that it skips has not been passed either.
PASSED = {Status.SUCCESS, Status.COMPLIANT, Status.ACCEPTABLE}


# ---- scim2-tester -----------------------------------------------------------------------------------------------


def excused(result):
    """Why a check may fail; None where it may not."""
    if result.status != Status.ERROR or not isinstance(result.data, dict):
        return None
    if result.title in ("check_add_attribute", "check_replace_attribute") and "expected" in result.data:
        # The tester adds a manager without `displayName` and expects to read it back without; it adds a member with a random
        # `display` and expects that back. But `manager.displayName` is "readOnly" (RFC 7643, 4.3): the server supplies it. So
        # it does with a member's `display`: a client that could choose it would have the application show a user under
        # somebody else's name, and it would be wrong after the next change of the name. The two are taken out on both
        # sides, and everything else must be equal.
        read = result.data.get("modify_actual", result.data.get("actual"))
        if without_names(result.data["expected"]) == without_names(read):
            return "names of managers and members come from the server"
    if result.title == "check_remove_attribute" and result.data.get("urn") == "active":
        # The tester's user is inactive in one of two runs. An account without `active` counts as active, so that removing it
        # would bring a deactivated account back to life; that is refused. Where the account is active it must pass.
        if result.data.get("initial_value") is False and "cannot be left open" in str(result.data.get("error")):
            return "an inactive account does not become active by the removal of `active`"
    return None


def without_names(value):
    if isinstance(value, BaseModel):
        value = value.model_dump(by_alias=True)
    if isinstance(value, list):
        return [without_names(item) for item in value]
    if not isinstance(value, dict):
        return value
    names = {key.lower() for key in value}
    reference = {"value", "$ref"} <= names
    return {
        key: without_names(item)
        for key, item in value.items()
        if item is not None and not (reference and key.lower() in ("display", "displayname"))
    }


def scim2_tester(directory):
    """The number of passed, excused and failed checks."""
    headers = {"Authorization": f"Bearer {directory['token']}"}
    with Client(base_url=directory["endpoint"], headers=headers, timeout=60) as http:
        results = check_server(SyncSCIMClient(http))
    counts, reasons = Counter(), Counter()
    for result in results:
        if result.status in PASSED:
            counts["passed"] += 1
        elif reason := excused(result):
            counts["excused"] += 1
            reasons[reason] += 1
        else:
            counts["failed"] += 1
            print(f"  {result.status.name} {result.title} {result.resource_type or ''}: {result.reason}")
            print(f"    {result.data}")
    for reason, times in reasons.items():
        print(f"  excused {times} times: {reason}")
    # Where discovery fails the tester stops early, with few results.
    if not any(result.resource_type == "Group" for result in results):
        counts["failed"] += 1
        print("  the tester did not get as far as the groups")
    return counts


# ---- scim-sanity ------------------------------------------------------------------------------------------------


def scim_sanity(directory):
    """The same of scim-sanity's strict mode. It skips what this version does not serve: agents and their applications."""
    command = [sys.executable, "-m", "scim_sanity", "probe", directory["endpoint"], "--token", directory["token"]]
    command += ["--strict", "--json-output", "--i-accept-side-effects", "--timeout", "60"]
    answer = subprocess.run(command, stdout=subprocess.PIPE)
    report = json.loads(answer.stdout)
    found = report["summary"]
    wrong = found["failed"] + found["errors"] + found["warnings"]
    if wrong or answer.returncode:
        print(json.dumps(report, indent=1))
    return Counter(passed=found["passed"], failed=wrong or int(answer.returncode != 0))


# ---- the judgement ----------------------------------------------------------------------------------------------


def main(program):
    # So that the server ends, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    failed = 0
    with tempfile.TemporaryDirectory(prefix="doorward-judges-") as folder:
        doorward = Doorward(program, Path(folder))
        # The strict profile is not judged: it refuses the tester's random texts where the RFCs ask for a language tag, a time
        # zone, a country or a certificate, and scim-sanity's unknown members.
        directory = doorward.directory(doorward.organization("Judged"), "Judged", "generic scim v2.0")
        with doorward.serving():
            for judge in (scim2_tester, scim_sanity):
                counts = judge(directory)
                failed += counts["failed"]
                more = f", {counts['excused']} excused" if counts["excused"] else ""
                name = judge.__name__.replace("_", "-")
                print(f"{name}: {counts['passed']} passed{more}, {counts['failed']} failed", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
