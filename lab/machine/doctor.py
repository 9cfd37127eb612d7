"""Looks this machine over: what is there, what is missing, and the command that mends it. `lab doctor` prints it.

Reads and asks only: it installs nothing, pulls nothing, and starts no server. A gap counts as a gap (`ok` False) when
the target that would be chosen cannot do without it; for the other target it is only mentioned.
"""

import os
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from lab.cluster.docker import engine_answers
from lab.cluster.images import images_of
from lab.cluster.local import requirements
from lab.cluster.local.layout import Layout
from lab.cluster.local.ports import check_published
from lab.cluster.pulling import absent_images
from lab.cluster.stack import Service, Stack, read_stack
from lab.cluster.target import LabError
from lab.cluster.targets import target_in_force
from lab.machine import choose, packages
from lab.settings import Settings

START = "bin/lab up"
"""Mends most: it installs, fetches and makes whatever the target needs before it starts the stack."""

MEGABYTE = 1024**2
LOCAL_MEMORY = 1700 * MEGABYTE
"""All services together, what they share counted once (proportional set size): 1.6 GB after an hour of scenarios."""
LOCAL_DISK = 1000 * MEGABYTE
"""State of a stack after an hour of scenarios, and Kafka's jars with the class-data archive (100 MB)."""
COMPOSE_DISK = 2500 * MEGABYTE
"""Images (the official ones come to about 1 GB unpacked), build cache and volumes."""


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that was looked at. `says` is a clause or a sentence; `mend` is a command, None where there is none."""

    name: str
    ok: bool
    says: str
    mend: str | None = None


def examine(settings: Settings) -> list[Point]:
    """All points, in the order in which one would mend them."""
    points = [_python()]
    try:
        stack = read_stack(settings.compose_file, settings.variables)
    except LabError as error:
        return [*points, Point("docker-compose.yml", False, str(error))]
    answers, engine_says = engine_answers(settings)
    absent, images_say = _absent_images(settings) if answers else (True, "")
    target, why = choose.decided_target(settings) or _likely_target(answers, engine_says, absent)
    points.append(Point("target", True, f"{target}. {why}"))
    points += _docker(target, answers, engine_says, absent, images_say)
    points += _local(settings, stack, needed=target == "local")
    points += [_memory(settings, stack, target), *_disk(settings, target)]
    points += _ports(settings, stack)
    points += _other_stacks(settings)
    return points


def _python() -> Point:
    return Point("Python", True, f"{platform.python_version()} at {sys.executable}")


def _likely_target(answers: bool, engine_says: str, absent: bool) -> tuple[str, str]:
    """What `choose_target` would say, without pulling anything."""
    if not answers:
        return "local", choose.no_engine(engine_says)
    if absent:
        return "compose", "A Docker engine answers. Should an image not be had, the stack runs as plain processes."
    return "compose", "A Docker engine answers and every image is here."


def _absent_images(settings: Settings) -> tuple[bool, str]:
    """Whether images are absent, and a sentence about them."""
    try:
        absent = absent_images(settings)
    except LabError as error:
        return True, str(error)
    return bool(absent), f"to be pulled at the first start: {', '.join(absent)}" if absent else "every image is here"


def _docker(target: str, answers: bool, engine_says: str, absent: bool, images_say: str) -> Iterator[Point]:
    wanted = target == "compose"
    if not answers:
        yield Point("Docker", not wanted, f"no: {engine_says}", "bin/lab up --target local" if wanted else None)
        return
    yield Point("Docker", True, engine_says)
    yield Point("images", not (absent and wanted), images_say, START if absent and wanted else None)


def _local(settings: Settings, stack: Stack, *, needed: bool) -> Iterator[Point]:
    """What the local target needs: packages first, then what each image fetches or makes with their help."""
    lacking = choose.needed_packages(settings)
    if not needed:
        says = f"not needed now; it would install {', '.join(lacking)}" if lacking else "possible too"
        yield Point("local target", True, says)
        return
    if lacking:
        yield Point("packages", False, f"to be installed: {', '.join(lacking)}", _installing(lacking))
    else:
        yield Point("packages", True, "all there")
    gaps = _gaps(settings, stack)
    yield Point("programs and jars", not gaps, " ".join(gaps) or "all there", None if lacking or not gaps else START)


def _gaps(settings: Settings, stack: Stack) -> list[str]:
    images = images_of(stack.services.values())
    return [*requirements.missing(settings), *(gap for image in images for gap in image.missing(settings))]


def _installing(lacking: list[str]) -> str:
    return START if packages.can_install() else packages.by_hand(lacking)


def _memory(settings: Settings, stack: Stack, target: str) -> Point:
    limits = sum(service.mem_limit or 0 for service in stack.services.values() if not service.one_shot)
    needed = limits if target == "compose" else LOCAL_MEMORY
    free = psutil.virtual_memory().available
    runs = target_in_force(settings) is not None
    enough = runs or free >= needed
    says = f"{free // MEGABYTE} MB free; the stack takes up to {needed // MEGABYTE} MB"
    return Point("memory", enough, says + (" and is up" if runs else ""))


def _disk(settings: Settings, target: str) -> Iterator[Point]:
    """Room where the stack writes; one point for each file system."""
    needed = COMPOSE_DISK if target == "compose" else LOCAL_DISK
    seen: set[int] = set()
    for path in (settings.state, settings.downloads, settings.runs):
        there = next(parent for parent in (path, *path.parents) if parent.exists())
        device = there.stat().st_dev
        if device in seen:
            continue
        seen.add(device)
        free = shutil.disk_usage(there).free
        says = f"{free // MEGABYTE} MB free at {there}; {needed // MEGABYTE} MB are wanted"
        writable = os.access(there, os.W_OK)
        yield Point(
            "disk", free >= needed and writable, says if writable else f"{there} cannot be written by this user"
        )


def _ports(settings: Settings, stack: Stack) -> Iterator[Point]:
    """Each published port: free, our own stack's, or somebody's."""
    in_force = target_in_force(settings)
    for name, service in stack.services.items():
        for port in service.ports:
            where = f"{port.host_ip}:{port.host}"
            # Docker forwards with a process of its own, which cannot be told from a stranger's.
            taken = None if in_force == "compose" else _taken(settings, stack, replace(service, ports=(port,)))
            mend = f"{port.variable}={port.host + 1} {START}" if taken and port.variable else None
            says = f"{where} is kept for {name} of the stack that is up" if in_force else f"{where} is free for {name}"
            yield Point(f"port {port.host}", not taken, taken or says, mend)


def _taken(settings: Settings, stack: Stack, service: Service) -> str | None:
    """The sentence about who has the service's port; None when nobody has, or this stack itself."""
    try:
        check_published(Layout(settings, replace(stack, services={service.name: service})))
    except LabError as error:
        return str(error)
    return None


def _other_stacks(settings: Settings) -> Iterator[Point]:
    """Stacks of other checkouts or blocks that were started on this machine and not taken down."""
    for file in sorted(settings.state.parent.glob("lab-*/target")):
        if file.parent != settings.state:
            yield Point("another stack", True, f"{_word(file)} at {file.parent}; it has its own ports and addresses")


def _word(file: Path) -> str:
    try:
        return file.read_text().strip()
    except OSError:
        return "another user's"
