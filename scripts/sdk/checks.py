"""Counting what holds, and what an SDK offers that nobody has looked at."""

import time
import traceback
from contextlib import contextmanager


class Checks:
    """The checks of one client."""

    def __init__(self, title):
        self.title = title
        self.passed = 0
        self.failed = 0

    def holds(self, name, condition, detail=""):
        if condition:
            self.passed += 1
        else:
            self.failed += 1
            print(f"  FAILED {self.title}: {name} {detail}".rstrip(), flush=True)

    def equal(self, name, actual, expected):
        self.holds(name, actual == expected, f"\n    expected {expected!r:.600}\n    found    {actual!r:.600}")

    def raises(self, name, kind, call, **attributes):
        """`call` raises exactly `kind`, with these attributes; the answer is what was raised."""
        try:
            result = call()
        except Exception as error:
            found = {attribute: getattr(error, attribute, None) for attribute in attributes}
            right = type(error) is kind and found == attributes
            self.holds(name, right, f"\n    raised {type(error).__name__}: {error} {found}")
            return error
        self.holds(name, False, f"\n    raised nothing and answered {result!r:.300}")
        return None

    @contextmanager
    def chapter(self, name):
        """One subject: what it raises unexpectedly is one failure, and the other subjects go on."""
        try:
            yield
        except Exception:
            self.holds(f"{name}: ended early", False, "\n" + traceback.format_exc())

    def verdict(self):
        print(f"{self.title}: {self.passed} passed, {self.failed} failed", flush=True)


def eventually(question, seconds=20):
    """The first true answer, or the last one."""
    end = time.monotonic() + seconds
    while not (answer := question()) and time.monotonic() < end:
        time.sleep(0.05)
    return answer


class Watched:
    """A resource of the SDK that notes which of its methods are called."""

    def __init__(self, name, resource, called):
        self._name, self._resource, self._called = name, resource, called

    def __getattr__(self, attribute):
        self._called.add(f"{self._name}.{attribute}")
        return getattr(self._resource, attribute)


def coverage(checks, offered, called, excused):
    """Everything that is offered was called or is excused; an excuse for something that works is stale."""
    for method in sorted(offered - called - excused.keys()):
        checks.holds(f"{method} is neither used here nor excused", False)
    for method in sorted(excused.keys() & called):
        checks.holds(f"{method} is used and excused", False)
    for method in sorted(excused.keys() - offered):
        checks.holds(f"{method} is excused and not offered", False)
    checks.holds("everything that the SDK offers is used or excused", offered <= called | excused.keys())
    reasons = {}
    for method in sorted(excused.keys() & offered):
        reasons.setdefault(excused[method], []).append(method)
    for reason, methods in reasons.items():
        print(f"  out of scope: {', '.join(methods)}: {reason}")
