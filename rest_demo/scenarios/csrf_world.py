"""What a run of `rest-csrf-matrix` has of its own: servers with other settings, and the rows that it counts."""

from dataclasses import asdict
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from lab.processes import Processes
from lab.script import Lab
from rest_demo.scenarios import own_instance
from rest_demo.scenarios.client import tag
from rest_demo.scenarios.csrf_cases import SERVERS, Case, ending
from rest_demo.scenarios.database import connect


def start_servers(programs: Processes) -> dict[str, tuple[str, int]]:
    """Start one instance of the service for each of SERVERS, on a free port; returns where each listens."""
    for name, options in SERVERS.items():
        own_instance.begin(programs, name, options)
    urls = {name: urlsplit(own_instance.url_of(programs, name)) for name in SERVERS}
    return {name: (url.hostname or "", url.port or 80) for name, url in urls.items()}


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
        self._connection = connect()
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
