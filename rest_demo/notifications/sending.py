"""Sends a notification straight from the request that made it: what many do, and what the outbox is there to replace.

The row is committed by then. When the broker does not answer, nobody will ever send this notification.
"""

import logging
from collections.abc import Mapping
from typing import Any

from rest_demo import settings
from rest_demo.broker import BROKEN, Outgoing, Publisher, connected

_log = logging.getLogger(__name__)


def send_now(id: str, body: str, headers: Mapping[str, Any]) -> None:
    """Best effort, once; what goes wrong is logged and forgotten."""
    try:
        with connected(settings.read().broker, patience=1.0) as connection:
            if not Publisher(connection).publish([Outgoing(id, body, headers)], within=2.0):
                _log.warning("notification %s reached no queue; it is lost", id)
    except BROKEN as error:
        _log.warning("notification %s was not sent, and never will be: %s", id, " ".join(str(error).split()))
