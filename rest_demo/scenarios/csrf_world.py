"""What a run of `rest-csrf-matrix` has of its own: servers with other settings, and the rows that it counts."""

import json
import re
import sys
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg

from lab.cluster.target import LabError
from lab.processes import Processes
from lab.script import Lab
from rest_demo import settings
from rest_demo.scenarios.client import tag
from rest_demo.scenarios.csrf_cases import SERVERS, Case, ending

ROOT = Path(__file__).resolve().parents[2]
_LISTENS = re.compile(r"Listening at: http://([\d.]+):(\d+)")


def start_servers(programs: Processes) -> dict[str, tuple[str, int]]:
    """Start one instance of the service for each of SERVERS, on a free port; returns where each listens."""
    told = settings.read()
    for name, options in SERVERS.items():
        variables = {
            "REST_DEMO_DATABASE": told.database,
            "REST_DEMO_CACHE": told.cache,
            "REST_DEMO_BROKER": told.broker,
            "REST_DEMO_INSTANCE": name.replace(" ", "-"),
            "REST_DEMO_OPTIONS": json.dumps(options),
        }
        server = [sys.executable, "-m", "gunicorn", "-c", "python:rest_demo.gunicorn_conf", "-b", "127.0.0.1:0"]
        programs.run(name, [*server, "rest_demo.wsgi"], variables, ready="Booting worker")
    addresses = {}
    for name in SERVERS:
        programs.await_ready(name)
        listens = _LISTENS.search(programs.log_text(name))
        if listens is None:
            raise LabError(f"The server {name!r} does not say where it listens.")
        addresses[name] = (listens[1], int(listens[2]))
    return addresses


def record(lab: Lab, case: Case, status: int, reason: str, rows: int) -> None:
    """One row of the table, and what came of it."""
    id = f"{case.way}: {case.name}"
    seen = ending(status, reason, rows)
    sent = {
        name: value for name, value in asdict(case).items() if value not in ("", False) and name not in ("ends", "name")
    }
    lab.record("database", "observe", "judged", id, {"predicted": case.predicted, "seen": seen} | sent)
    if case.is_attack:
        lab.record("database", "observe", "attack", case.name, {"rows": rows, "path": case.path, "server": case.server})


class Rows:
    """Counts in the database what requests have made, and takes it away at the end. A context manager."""

    def __init__(self, lab: Lab) -> None:
        self._all = tag(lab.run, "%")

    def __enter__(self) -> Self:
        self._connection = psycopg.connect(
            settings.read().database, autocommit=True, options="-c search_path=rest", connect_timeout=5
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.execute('delete from csrf_forwarding where "to" like %s', [self._all])
        self._connection.close()

    def called(self, name: str) -> int:
        """Forwardings to that name, and notifications with that text."""
        query = (
            'select (select count(*) from csrf_forwarding where "to" = %(name)s)'
            " + (select count(*) from notifications_notification where text = %(name)s)"
        )
        found = self._connection.execute(query, {"name": name}).fetchone()
        return int(found[0]) if found else 0
