"""Writes a notification: the row, the key and the message to send, in one transaction, or nothing of them.

    client --POST, Idempotency-Key--> one transaction: key -> notification -> outbox --commit--> 201
                                                        |
                     the same key once more: waits for that transaction, then 200 with the same answer

The key goes first: the database lets only one transaction have it, on whatever instance, and makes the other wait. When
that takes too long (its instance hangs, say) the other is told to come again: 409 with Retry-After.
"""

import hashlib
import json
import time
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, OperationalError, connection, transaction
from psycopg.errors import LockNotAvailable

from rest_demo import settings
from rest_demo.notifications.models import IdempotencyKey, Notification, Outbox
from rest_demo.notifications.sending import send_now
from rest_demo.notifications.shape import headers
from rest_demo.problems import Problem
from rest_demo.rules.release import current
from rest_demo.rules.versions import decide

PATIENCE_MS = 1500
"""How long a request waits for another one with the same key; less than the balancer waits for us."""


@dataclass(frozen=True, slots=True)
class Written:
    notification: Notification
    replayed: bool


def write(order: dict[str, Any], key: str | None, body: Any, client_request: str) -> Written:
    """`order` is the validated body, `body` what came. Raises Problem (409) or what the database raises."""
    rule = current()
    priority = order.get("priority") or decide(rule, order["kind"], order["region"]).priority
    notification = Notification(
        **{**order, "priority": priority}, rule_version=rule.version, client_request=client_request
    )
    try:
        with transaction.atomic():
            if key is not None and (earlier := _claim(key, _fingerprint(body), notification)):
                return Written(earlier, replayed=True)
            notification.save(force_insert=True)
            _hand_over(notification, order)
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise Problem(409, "key-in-use", "A request with this key is still under way.", again_after=1) from error
        raise
    return Written(notification, replayed=False)


def _claim(key: str, fingerprint: str, notification: Notification) -> Notification | None:
    """Take the key for this notification, or return the one that has it already."""
    with connection.cursor() as cursor:
        cursor.execute("select set_config('lock_timeout', %s, true)", [f"{PATIENCE_MS}ms"])
    try:
        with transaction.atomic():
            IdempotencyKey.objects.create(key=key, fingerprint=fingerprint, notification=notification)
    except IntegrityError:
        earlier = IdempotencyKey.objects.select_related("notification").get(key=key)
        if earlier.fingerprint != fingerprint:
            raise Problem(409, "key-reused", "This Idempotency-Key was used with another body.") from None
        return earlier.notification
    return None


def _hand_over(notification: Notification, order: dict[str, Any]) -> None:
    """To the relay, by the outbox; or, as a scenario may want it, straight to the broker once it is committed."""
    body = json.dumps(
        {"id": notification.id.hex}
        | {name: getattr(notification, name) for name in ("kind", "region", "priority", "contact", "text")}
    )
    said = headers(order) | {"trace": [f"rest_demo.api@{time.monotonic():.6f}"]}
    if settings.read().options.outbox:
        Outbox.objects.create(notification=notification, body=body, headers=said)
    else:
        transaction.on_commit(lambda: send_now(notification.id.hex, body, said))


def _fingerprint(body: Any) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
