"""Puts ids that exist into most calls: with made-up ones nearly every answer would be a 404."""

import json
import os
import random
from pathlib import Path

import schemathesis

KNOWN = json.loads(Path(os.environ["KNOWN"]).read_text())
CHANCE = random.Random(os.environ["SEED"])
SHARE = 0.75

# What destroys or locks gets objects that nobody else needs.
SPARED = ("DELETE", "disable", "enable", "restore")

# Parameters and members of bodies that hold an id.
BY_NAME = {
    "organization_id": "organizations",
    "organization": "organizations",
    "directory": "directories",
    "directory_id": "directories",
    "user": "directory_users",
    "user_id": "directory_users",
    "group": "directory_groups",
    "group_id": "directory_groups",
}


@schemathesis.hook
def before_call(context, case, kwargs):
    destroys = case.method.upper() == "DELETE" or case.path.rsplit("/", 1)[-1] in SPARED
    segments = case.path.split("/")
    for place, segment in enumerate(segments):
        if segment.startswith("{") and case.path_parameters and place > 0:
            put(case.path_parameters, segment.strip("{}"), segments[place - 1], destroys)
    for part in (case.query, case.body):
        if isinstance(part, dict):
            for name in part.keys() & BY_NAME.keys():
                put(part, name, BY_NAME[name], destroys)


def put(values, name, kind, destroys):
    ids = KNOWN.get(f"spare_{kind}" if destroys else kind) or KNOWN.get(kind)
    if ids and CHANCE.random() < SHARE:
        values[name] = CHANCE.choice(ids)
