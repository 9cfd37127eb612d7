"""What an import's run has of its own: instances of the service, an admin who is logged in, and contacts to take away.

The instances are started with options that the stack's do not have, against the stack's database and cache. What they
say is held against PostgreSQL itself, which is asked past them.
"""

import hashlib
import re
import shutil
import tempfile
from collections.abc import Mapping
from decimal import Decimal
from html import unescape
from types import TracebackType
from typing import Any, Self

import httpx
from psycopg.rows import dict_row

from lab.cluster.target import LabError
from lab.processes import Processes
from lab.script import Lab
from rest_demo.scenarios import own_instance
from rest_demo.scenarios.database import connect

FIELDS = ("code", "full_name", "email", "phone", "region", "birth_date", "active", "visits", "balance", "note")
COLUMNS = (
    "Code", "Full name", "E-mail", "Phone", "Region", "Birth date", "Active", "Visits", "Balance", "Note",
)  # fmt: skip
"""What ContactResource calls FIELDS in a file."""
_PATIENCE = 60.0
_INPUT = re.compile(r"<input\b[^>]*>")
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
_IMPORT = "/admin/contacts/contact/import/"
_CONFIRM = "/admin/contacts/contact/process_import/"

Contact = dict[str, Any]
"""Fields by name; balance as text, birth_date as YYYY-MM-DD or None."""


class World:
    """One run's own. A context manager; everything that it made is gone afterwards."""

    def __init__(self, lab: Lab, **options: Mapping[str, Any]) -> None:
        """options: for each instance by its name, REST_DEMO_OPTIONS."""
        self.prefix = f"run{hashlib.sha1(lab.run.encode(), usedforsecurity=False).hexdigest()[:8]}-"
        self._options, self._lab = options, lab
        self._folders = {name: tempfile.mkdtemp(prefix=f"lab-{name}-") for name in options}

    def __enter__(self) -> Self:
        self._database = connect(row_factory=dict_row)
        self._programs = Processes(own_instance.ROOT)
        for name, options in self._options.items():
            own_instance.begin(self._programs, name, options, TMPDIR=self._folders[name])
        self.urls = {name: own_instance.url_of(self._programs, name) for name in self._options}
        self.http = httpx.Client(timeout=_PATIENCE, follow_redirects=False, trust_env=False)
        self._lab.note("contacts", {"prefix": self.prefix, "instances": dict(self._options)})
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.http.close()
        self._programs.__exit__(kind, error, trace)
        self._database.execute("delete from contacts_contact where code like %s", [f"{self.prefix}%"])
        self._database.close()
        for folder in self._folders.values():
            shutil.rmtree(folder, ignore_errors=True)

    def upload(self, name: str, kind: str, content: bytes, **parameters: str) -> httpx.Response:
        """POST a file to an instance's import."""
        files = {"file": (f"contacts.{kind}", content)}
        return self.http.post(f"{self.urls[name]}/api/contacts/import/", params=parameters, files=files)

    def export(self, name: str, kind: str) -> bytes:
        """This run's contacts as a file. Raises LabError when there is none."""
        answer = self.http.get(
            f"{self.urls[name]}/api/contacts/export/", params={"format": kind, "prefix": self.prefix}
        )
        if answer.status_code != 200:
            raise LabError(f"The export as {kind} answered {answer.status_code}: {answer.text[:200]}")
        return answer.content

    def contacts(self, prefix: str = "") -> dict[str, Contact]:
        """From the database: those whose code begins with this run's prefix and then with this."""
        columns = ", ".join(FIELDS)
        query = f"select {columns} from contacts_contact where code like %s order by code"
        return {row["code"]: _plain(row) for row in self._database.execute(query, [f"{self.prefix}{prefix}%"])}

    def insert(self, contacts: list[Contact]) -> None:
        """Put contacts into the database, past the service."""
        places = ", ".join(f"%({name})s" for name in FIELDS)
        with self._database.cursor() as cursor:
            cursor.executemany(f"insert into contacts_contact ({', '.join(FIELDS)}) values ({places})", contacts)

    def restore(self, contact: Contact) -> None:
        """Make a contact again what it was."""
        self._database.execute("delete from contacts_contact where code = %s", [contact["code"]])
        self.insert([contact])

    # ---- the admin

    def log_in(self, name: str, user: str = "lab", password: str = "lab") -> None:
        """One session, kept in the database and so good at every instance."""
        url = f"{self.urls[name]}/admin/login/"
        form = {"username": user, "password": password, "next": "/admin/", **_token(self.http.get(url).text)}
        if (answer := self.http.post(url, data=form)).status_code != 302:
            raise LabError(f"{user} cannot log in at {name}: status {answer.status_code}.")

    def preview(self, name: str, kind: str, content: bytes, mode: str = "all-or-nothing") -> dict[str, str]:
        """Upload at an instance's admin; the fields of the confirmation that its page offers, if it does."""
        url = f"{self.urls[name]}{_IMPORT}"
        number = {"csv": "0", "xlsx": "1", "json": "2"}[kind]
        form = {"format": number, "resource": "0", "mode": mode, **_token(self.http.get(url).text)}
        answer = self.http.post(url, data=form, files={"import_file": (f"contacts.{kind}", content)})
        fields = _fields(answer.text)
        return fields if "import_file_name" in fields else {}

    def confirm(self, name: str, fields: Mapping[str, str]) -> httpx.Response:
        return self.http.post(f"{self.urls[name]}{_CONFIRM}", data={**fields, "confirm": "Confirm import"})


def _plain(row: Mapping[str, Any]) -> Contact:
    balance, birth = row["balance"], row["birth_date"]
    shown = f"{balance:f}" if isinstance(balance, Decimal) else balance
    return {**row, "balance": shown, "birth_date": birth.isoformat() if birth else None}


def _token(page: str) -> dict[str, str]:
    found = {name: value for name, value in _fields(page).items() if name == "csrfmiddlewaretoken"}
    if not found:
        raise LabError("A page of the admin has no form on it: is the user logged in, may it import?")
    return found


def _fields(page: str) -> dict[str, str]:
    """What the page's hidden inputs would send."""
    found = {}
    for tag in _INPUT.findall(page):
        told = dict(_ATTRIBUTE.findall(tag))
        if told.get("type") == "hidden" and "name" in told:
            found[told["name"]] = unescape(told.get("value", ""))
    return found
