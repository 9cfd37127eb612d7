"""Which version of the rule this instance runs: read once from the database, at its start, so that a restart is a
release and nothing else is.

An instance that starts while the database is down does not guess: it reads at the first request that needs the rule.
"""

import logging
from threading import Lock

from django.db import DatabaseError, connection

from rest_demo import settings
from rest_demo.errors import RestDemoError, WrongUsage
from rest_demo.rules.models import Release
from rest_demo.rules.versions import RULES, Rule

FIRST = 1

_log = logging.getLogger(__name__)
_lock = Lock()
_taken: Rule | None = None


def current() -> Rule:
    """The rule of this process. Raises OperationalError while it was never read and the database is down."""
    global _taken
    if _taken is None:
        with _lock:
            if _taken is None:
                _taken = RULES[_read(settings.read().instance)]
                _log.info("this instance decides by version %d of the rule", _taken.version)
    return _taken


def take_up() -> None:
    """At the start of a worker, in its main thread, which needs no connection afterwards."""
    try:
        current()
    except DatabaseError as error:
        _log.warning("the version of the rule is not known yet: %s", " ".join(str(error).split()))
    finally:
        connection.close()


def release(instance: str, version: int) -> None:
    """The instance takes it up when it starts next. Raises WrongUsage, or RestDemoError without a database."""
    if version not in RULES:
        raise WrongUsage(f"there is no version {version} of the rule; there are {', '.join(map(str, RULES))}")
    try:
        Release.objects.update_or_create(instance=instance, defaults={"version": version})
    except DatabaseError as error:
        raise RestDemoError(f"the release was not written: {' '.join(str(error).split())}") from error


def _read(instance: str) -> int:
    found = Release.objects.filter(instance=instance).first()
    if found and found.version not in RULES:
        _log.error("version %d of the rule was released, which does not exist here; %d it is", found.version, FIRST)
        return FIRST
    return found.version if found else FIRST
