"""How fast contacts are imported, and in how much memory: `lab bench rest-import`.

    strict    ContactResource, a thousand rows at a time: what `python -m rest_demo import` does
    default   import-export's resource with `model = Contact` and nothing else: all rows in memory, a save for each

Both from csv files into a database of the bench's own on the stack's PostgreSQL, in turns, each in its own process. A
turn of the strict one is set against the turns of the default before and after it, since what else the machine does
changes meanwhile. The ratio is the result, the median of these; the rates are this machine's. The defaults get fewer
rows, which favours them if anything.

python -m rest_demo.bench FILE     imports one file in this process; prints {"rows", "seconds", "peak_mb"}
"""

import csv
import itertools
import json
import random
import statistics
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg

from rest_demo import settings
from rest_demo.contacts.choices import COLUMNS

ROOT = Path(__file__).resolve().parents[1]
ROWS, TENTH, DEFAULT_ROWS = 100_000, 10_000, 3_000
_TURNS = (
    ("strict", TENTH),
    *(("default", DEFAULT_ROWS), ("strict", ROWS)) * 3,
    ("default", DEFAULT_ROWS),
)


def bench_import() -> dict[str, Any]:
    """Seconds are from the first row to the commit, MB are 10**6 bytes resident at most, the whole process.

    {"import_export", "strict_rows", "default_rows", "strict_rows_per_second", "default_rows_per_second", "ratio",
    "ratios" (each turn's), "strict_peak_mb", "strict_peak_mb_of_10000_rows", "default_peak_mb", "saved" (rows that the
    database had, of all turns)}
    """
    rates: dict[tuple[str, int], list[float]] = {}
    peaks: dict[tuple[str, int], float] = {}
    saved = 0
    with tempfile.TemporaryDirectory(prefix="lab-bench-") as folder, _database_of_its_own() as database:
        for turn in _TURNS:
            path = Path(folder) / f"{turn[0]}-{turn[1]}.csv"
            if not path.exists():
                write_contacts(path, turn[1], list(COLUMNS.values() if turn[0] == "strict" else COLUMNS))
            figures = _in_a_process(database, "-m", "rest_demo.bench", str(path), resource=turn[0])
            rates.setdefault(turn, []).append(figures["rows"] / figures["seconds"])
            peaks[turn] = max(peaks.get(turn, 0), figures["peak_mb"])
            saved += _empty(database)
    strict, default = rates["strict", ROWS], rates["default", DEFAULT_ROWS]
    around = [statistics.mean(pair) for pair in itertools.pairwise(default)]
    ratios = [one / other for one, other in zip(strict, around, strict=True)]
    return {
        "import_export": version("django-import-export"), "strict_rows": ROWS, "default_rows": DEFAULT_ROWS,
        "strict_rows_per_second": round(statistics.median(strict)),
        "default_rows_per_second": round(statistics.median(default)),
        "ratio": round(statistics.median(ratios), 1), "ratios": [round(ratio, 1) for ratio in ratios],
        "strict_peak_mb": peaks["strict", ROWS],
        "strict_peak_mb_of_10000_rows": peaks["strict", TENTH], "default_peak_mb": peaks["default", DEFAULT_ROWS],
        "saved": saved,
    }  # fmt: skip


def write_contacts(path: Path, rows: int, header: list[str]) -> None:
    """A file of valid contacts, all of them different; the same at every call."""
    seeded = random.Random(0)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        for number in range(rows):
            day = f"{seeded.randint(1930, 2020)}-{seeded.randint(1, 12):02d}-{seeded.randint(1, 28):02d}"
            writer.writerow([
                f"bench-{number}", f"Anna Иванова {number}", f"anna{number}@example.com", f"+7916{number:07d}",
                seeded.choice(("north", "south", "east", "west")), day, seeded.choice(("true", "false")),
                seeded.randint(0, 500), f"{seeded.randint(-10_000, 10_000_000) / 100:.2f}", f"note {number}",
            ])  # fmt: skip


def measure(path: Path) -> dict[str, Any]:
    """Import one file in this process, which must have Django set up."""
    from rest_demo.contacts import by_default
    from rest_demo.contacts.files import open_table
    from rest_demo.contacts.importing import import_contacts
    from rest_demo.contacts.limits import COMMAND

    with path.open("rb") as file:
        if settings.read().options.import_resource == "default":
            report = by_default.import_contacts(file, "csv", "all-or-nothing")
        else:
            report = import_contacts(open_table(file, path.name, COMMAND), "all-or-nothing")
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    return {"rows": report.created, "seconds": report.seconds, "peak_mb": round(peak * 1024 / 1e6, 1)}


@contextmanager
def _database_of_its_own() -> Iterator[str]:
    told = settings.read().database
    name = f"rest_bench_{uuid.uuid4().hex[:8]}"
    database = urlunsplit(urlsplit(told)._replace(path=f"/{name}"))
    with psycopg.connect(told, autocommit=True, connect_timeout=5) as connection:
        connection.execute(f"create database {name}")
        try:
            _in_a_process(database, "-m", "rest_demo", "migrate", resource="strict")
            yield database
        finally:
            connection.execute(f"drop database {name} with (force)")


def _in_a_process(database: str, *arguments: str, resource: str) -> Any:
    options = json.dumps({"import_resource": resource})
    command = ["env", f"REST_DEMO_DATABASE={database}", f"REST_DEMO_OPTIONS={options}", sys.executable, *arguments]
    ran = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(ran.stdout) if arguments[1] == "rest_demo.bench" else None


def _empty(database: str) -> int:
    """How many contacts there were."""
    with psycopg.connect(database, options="-c search_path=rest") as connection:
        found = connection.execute("select count(*) from contacts_contact").fetchone()
        connection.execute("truncate contacts_contact")
        return int(found[0]) if found else 0


if __name__ == "__main__":
    import django

    settings.point_django_here()
    django.setup()
    print(json.dumps(measure(Path(sys.argv[1]))))
