"""What changes something: run, stop, break, heal. Each is a `lab` command as a child; guard.py stands before all of it.

POST /api/jobs  POST /api/jobs/{id}/stop  GET /api/jobs  POST /api/break  POST /api/heal  GET /api/breakable
"""

import sys
import tempfile
from typing import Any, Literal

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lab.cluster.stack import read_stack
from lab.cluster.targets import open_target, target_in_force
from lab.console.children import spawn
from lab.console.desk import Desk, desk_of
from lab.console.ends import last_sentence, refusal_with
from lab.console.orders import Order
from lab.console.refusals import Refusal
from lab.settings import Settings
from lab.waiting import pause_here
from lab.words import _

Fault = Literal["kill", "stop", "pause", "cut-off"]
ABILITIES = {"kill": "kill", "stop": "stop", "pause": "pause", "cut-off": "cut_off"}
"""What a person says, and what a target calls it."""
LOOK_EVERY = 0.1
"""Seconds between two looks at a child. `lab break` and `lab heal` have deadlines of their own."""


class Break(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST /api/break."""

    fault: Fault
    node: str


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of what needs no telling."""


async def start(request: Request) -> Response:
    """Run a scenario: 201 {"job", "run"} once the run folder exists."""
    desk, order = desk_of(request), await told(request, Order)
    refuse_without_power(desk, order.command())
    job = await desk.jobs.start(order)
    return JSONResponse({"job": job.id, "run": job.run}, 201)


async def stop(request: Request) -> Response:
    """End a run as Ctrl-C would: 202, and the event stream tells how it ended."""
    desk = desk_of(request)
    await told(request, Nothing)
    refuse_without_power(desk, "Ctrl-C")
    job = await run_in_threadpool(desk.jobs.stop, request.path_params["id"])
    return JSONResponse({"job": job.id, "run": job.run}, 202)


async def current(request: Request) -> Response:
    """{"current": the run that holds the stack or null}"""
    return JSONResponse({"current": await run_in_threadpool(desk_of(request).jobs.current)})


async def break_(request: Request) -> Response:
    """Break one node and leave it broken: 200 {"says": lines}."""
    desk, wanted = desk_of(request), await told(request, Break)
    refuse_without_power(desk, f"bin/lab break {wanted.fault} {wanted.node}")
    role, colon, argument = wanted.node.partition(":")
    roles = (await desk.catalogue.lessons()).roles
    if not (role in roles and argument if colon else wanted.node in nodes_of(desk.settings)):
        raise Refusal(422, _("There is no node {node}.").format(node=wanted.node), "bin/lab status")
    desk.jobs.refuse_without_stack()
    return await _said(desk, "break", "--", wanted.fault, wanted.node)


async def heal(request: Request) -> Response:
    """Mend everything: 200 {"says": lines}."""
    desk = desk_of(request)
    await told(request, Nothing)
    refuse_without_power(desk, "bin/lab heal")
    desk.jobs.refuse_without_stack()
    return await _said(desk, "heal")


async def breakable(request: Request) -> Response:
    """{"nodes": services that run on, "faults": what can be done to them here, "roles": words that stand for a node}"""
    desk = desk_of(request)
    lessons = await desk.catalogue.lessons()
    faults = await run_in_threadpool(faults_of, desk.settings)
    return JSONResponse({"nodes": nodes_of(desk.settings), "faults": faults, "roles": lessons.roles})


def nodes_of(settings: Settings) -> list[str]:
    """The services of docker-compose.yml that are meant to run on; none where that file is not."""
    if not settings.compose_file.exists():
        return []
    services = read_stack(settings.compose_file, settings.variables).services
    return [service.name for service in services.values() if not service.one_shot]


def faults_of(settings: Settings) -> list[str]:
    """What the target in force can do; nothing while no stack is up."""
    name = settings.target or target_in_force(settings)
    able = open_target(name, settings).abilities if name else frozenset()
    return [fault for fault, ability in ABILITIES.items() if ability in able]


def refuse_without_power(desk: Desk, command: str) -> None:
    """Raises Refusal on a console that only shows, with the command to copy."""
    if desk.read_only:
        raise Refusal(403, _(desk.read_only), command)


async def told(request: Request, kind: type[Any]) -> Any:
    """The body as one of these. Raises Refusal when it is none."""
    try:
        return msgspec.json.decode(await request.body() or b"{}", type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Refusal(422, _("This cannot be understood: {error}.").format(error=error)) from error


async def _said(desk: Desk, *arguments: str) -> Response:
    """Run `lab` to its end. In a session of its own, and awaited: it goes on when the console is ended meanwhile."""
    with tempfile.TemporaryFile("w+", errors="replace") as out, tempfile.TemporaryFile("w+", errors="replace") as err:
        child = spawn(desk.settings, [sys.executable, "-m", "lab", *arguments], out, err)
        while child.poll() is None:
            await pause_here(LOOK_EVERY)
        out.seek(0)
        err.seek(0)
        said, progress = out.read(), err.read()
    if child.returncode:
        raise refusal_with(child.returncode, last_sentence(progress), busy=desk.jobs.holder() is not None)
    return JSONResponse({"says": [line.rstrip() for line in (progress + said).splitlines() if line.strip()]})


ROUTES = [
    Route("/api/jobs", current),
    Route("/api/jobs", start, methods=["POST"]),
    Route("/api/jobs/{id}/stop", stop, methods=["POST"]),
    Route("/api/break", break_, methods=["POST"]),
    Route("/api/heal", heal, methods=["POST"]),
    Route("/api/breakable", breakable),
]
