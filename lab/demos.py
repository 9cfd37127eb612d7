"""The demos and their scenarios, by name. The kernel knows demos as strings only and imports them when asked to.

A demo's package `scenarios` lists SCENARIOS, and may list ROLES (`kafka-leader` -> function that resolves
`kafka-leader:freblogg/0` to a node), STATUS (a function that returns lines for `lab status`) and AFTER_HEAL (a function
that puts right what a mended node does not put right by itself, and says so in lines) and BENCHES (name of a
measurement -> function that runs it and returns its figures, for `lab bench`).
"""

import difflib
import importlib
import inspect
from collections.abc import Callable, Collection, Iterable, Mapping
from types import ModuleType
from typing import Any

from lab.cluster.target import Refused
from lab.scenario import Scenario

DEMOS = ("kafka_demo", "rabbitmq_demo", "celery_demo", "rest_demo", "channels_demo")


def scenarios(demo: str | None = None) -> list[Scenario]:
    """The scenarios of one demo, or of all. Raises Refused for a demo that does not exist."""
    if demo is not None and demo not in DEMOS:
        raise Refused(f"There is no demo {demo!r}. The demos: {', '.join(DEMOS)}.")
    return [found for name in ([demo] if demo else DEMOS) for found in _of(name).SCENARIOS]


def scenario_named(name: str) -> Scenario:
    """The scenario of that name. Raises Refused with the nearest names."""
    known = {found.name: found for found in scenarios()}
    if name in known:
        return known[name]
    raise Refused(f"There is no scenario {name!r}. {_nearest(name, known)} `lab list` shows all.")


def resolve_node(node: str) -> str:
    """A node's name; `ROLE:ARGUMENT` (`kafka-leader:freblogg/0`) is asked of the demo that knows the role."""
    role, colon, argument = node.partition(":")
    if not colon:
        return node
    roles: dict[str, Callable[[str], str]] = {
        k: v for name in DEMOS for k, v in getattr(_of(name), "ROLES", {}).items()
    }
    if role not in roles:
        raise Refused(f"There is no role {role!r}. Roles: {', '.join(sorted(roles))}, e.g. kafka-leader:freblogg/0.")
    return roles[role](argument)


def roles() -> list[str]:
    """The words that stand for a node, each followed by a colon and an argument."""
    return sorted(role for name in DEMOS for role in getattr(_of(name), "ROLES", {}))


def at_work(running: Collection[str]) -> list[str]:
    """The demos of which a node runs: the others have nothing to say, and asking them would be waiting in vain."""
    return [name for name in DEMOS if any(node in running for found in scenarios(name) for node in found.nodes)]


def status_lines(running: Collection[str]) -> list[str]:
    """What the demos say about their part of the stack, given the services that run."""
    return [line for name in at_work(running) for line in getattr(_of(name), "STATUS", list)()]


def after_heal(demo_names: Iterable[str]) -> list[str]:
    """Let these demos put right what a node's return leaves undone; returns what was done."""
    return [line for name in demo_names for line in getattr(_of(name), "AFTER_HEAL", list)()]


def benches() -> dict[str, Callable[..., dict[str, Any]]]:
    """The measurements that the demos offer, by name."""
    return {name: run for demo in DEMOS for name, run in getattr(_of(demo), "BENCHES", {}).items()}


def parameters_of(name: str, run: Callable[..., Any], told: Mapping[str, str]) -> dict[str, Any]:
    """What was told, each value as the type of the parameter's default. Raises Refused for what `run` does not take."""
    known = {one.name: type(one.default) for one in inspect.signature(run).parameters.values()}
    try:
        return {key: known[key](value) for key, value in told.items()}
    except KeyError as error:
        raise Refused(f"{name} has no parameter {error}. Its parameters: {', '.join(known) or 'none'}.") from error
    except ValueError as error:
        raise Refused(f"{name} takes numbers where it has numbers: {error}.") from error


def _of(demo: str) -> ModuleType:
    return importlib.import_module(f"{demo}.scenarios")


def _nearest(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=3, cutoff=0.4)
    return f"Did you mean {' or '.join(near)}?" if near else "None is called anything like it."
