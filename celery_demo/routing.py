"""Which queue a task goes to, by its name: the routes of the hub, and why a name takes one of them.

`setup.py` gives ORDERED to Celery; `python -m celery_demo route NAME` asks `explain` and then Celery itself.

What decides, the first that says something: `apply_async(queue=...)`, the task's decorator, an exact name of the list,
whatever its place, and only then the patterns, in their order (`celery/app/routes.py`, classes MapRoute and Router). A
glob is a key with a `*` in it, and `?` alone makes none. The star crosses dots. A regular expression is anchored at its
start, not at its end.
"""

import fnmatch
import re
from collections.abc import Sequence
from dataclasses import dataclass

Rule = tuple[str | re.Pattern[str], dict[str, str]]

ORDERED: Sequence[Rule] = [
    ("feed.tasks.*", {"queue": "feeds"}),
    ("web.tasks.*", {"queue": "web"}),
    (re.compile(r"(video|image)\.tasks\..*"), {"queue": "media"}),
]
"""The ordered list. Celery wants it wrapped once more: `task_routes = (ORDERED,)`."""

AS_DICT: dict[str, dict[str, str]] = {
    "feed.tasks.*": {"queue": "feeds"},
    "web.tasks.*": {"queue": "web"},
    "video.tasks.*": {"queue": "media"},
    "image.tasks.*": {"queue": "media"},
}
"""The same routes as a dict, for `task_routes = AS_DICT`. A dict has no regular expressions, and its patterns are tried
in the order in which they were written: the twin is right only as long as no name matches two of them."""


@dataclass(frozen=True, slots=True)
class Looked:
    """One rule that was looked at: `kind` is call, decorator, exact, glob, regex or default."""

    rule: str
    kind: str
    queue: str
    matched: bool


@dataclass(frozen=True, slots=True)
class Route:
    """Where a name goes. `looked` are the rules in the order in which they count, up to the one that decided."""

    task: str
    queue: str
    looked: tuple[Looked, ...]

    @property
    def decided_by(self) -> Looked:
        return self.looked[-1]


def explain(task: str, rules: Sequence[Rule], default: str, own: str | None = None, asked: str | None = None) -> Route:
    """The route of a task's name by our own model of Celery's rules.

    asked: the queue of `apply_async(queue=...)`. own: the queue in the task's decorator; who sends by name only, with
    `send_task`, does not know it. default: the last resort.
    """
    exact = [rule for rule in rules if _kind(rule[0]) == "exact" and rule[0] == task]
    patterns = [rule for rule in rules if _kind(rule[0]) != "exact"]
    looked: list[Looked] = []
    if asked:
        looked.append(Looked("apply_async(queue=...)", "call", asked, True))
    elif own:
        looked.append(Looked("the decorator's queue=", "decorator", own, True))
    else:
        for key, route in (*exact, *patterns):
            looked.append(Looked(_text(key), _kind(key), route["queue"], _matches(key, task)))
            if looked[-1].matched:
                break
        else:
            looked.append(Looked("no rule, so the default", "default", default, True))
    return Route(task, looked[-1].queue, tuple(looked))


def _kind(key: str | re.Pattern[str]) -> str:
    if isinstance(key, re.Pattern):
        return "regex"
    return "glob" if "*" in key else "exact"


def _text(key: str | re.Pattern[str]) -> str:
    return key.pattern if isinstance(key, re.Pattern) else key


def _matches(key: str | re.Pattern[str], task: str) -> bool:
    if isinstance(key, re.Pattern):
        return key.match(task) is not None
    return fnmatch.fnmatchcase(task, key) if "*" in key else key == task
