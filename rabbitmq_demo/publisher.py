"""Publishing with confirms: many messages in flight, and a certain answer, or an honest "unknown", for each.

    publish --> channel --> broker --> queues
       ^                      |
       +-- ack / nack --------+-- return (mandatory, and no queue took it)

RabbitMQ confirms a message once every queue that took it has it safe (on disk, on a majority of a quorum queue's
members). Waiting for each confirm before the next message costs a round trip a message; with a window of them in flight
the wire is never idle (`lab bench rabbitmq-publish` measures both).
"""

import itertools
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from amqp import Message
from kombu import Connection

from rabbitmq_demo.broker import BROKEN, drain, plain
from rabbitmq_demo.errors import BrokerUnavailable

Done = Callable[[str, Mapping[str, Any] | None, str | None], None]
"""Told once for each message how it ended: (outcome, value, error).

    "ok"    confirmed: every queue that took it has it
    "fail"  returned: it was mandatory, and no queue took it
    "info"  unknown: the connection was lost before the confirm, or the broker refused it (a nack: one of several queues
            may have it nevertheless)
"""


_PROPERTIES = {"content_type": "application/json", "content_encoding": "utf-8", "delivery_mode": 2}


@dataclass(slots=True)
class _Sent:
    id: str
    done: Done


class Publisher:
    """Publishes on a channel of its own, with at most `window` messages unconfirmed.

    Without `confirms` "ok" only says that the message was handed to the operating system. Not for several threads.
    """

    def __init__(self, connection: Connection, window: int = 200, confirms: bool = True) -> None:
        self._connection = connection
        self._window = window
        self._confirms = confirms
        self._channel = connection.channel()
        self._channel.events["basic_return"].add(self._was_returned)
        self._tag = 0
        self._open: dict[int, _Sent] = {}
        self._returned: dict[str, str] = {}
        self.returns: list[tuple[str, str]] = []
        """Every return seen, as (message id, "312 NO_ROUTE"); without confirms nothing else tells of it."""
        if confirms:
            self._channel.events["basic_ack"].add(self._was_confirmed)
            self._channel.events["basic_nack"].add(self._was_refused)
            self._channel.confirm_select()

    @property
    def in_flight(self) -> int:
        """How many messages have no answer yet."""
        return len(self._open)

    def publish(
        self,
        exchange: str,
        key: str,
        body: bytes,
        done: Done,
        *,
        id: str,
        headers: Mapping[str, Any] | None = None,
        mandatory: bool = False,
        **properties: Any,
    ) -> None:
        """Send one message, persistent JSON unless `properties` (AMQP's own) say otherwise.

        Waits only while the window is full. Raises BrokerUnavailable when the connection breaks: by then every message
        in flight has been told "info".
        """
        message = Message(body, application_headers=dict(headers or {}), message_id=id, **_PROPERTIES | properties)
        self._tag += 1
        self._open[self._tag] = _Sent(id, done)
        try:
            self._channel.basic_publish(message, exchange, key, mandatory)
            if not self._confirms:
                self._open.pop(self._tag).done("ok", None, None)
            elif len(self._open) >= self._window:
                self._hear_until(lambda: len(self._open) <= self._window // 2, within=30)
        except BROKEN as error:
            self._lose(error)

    def hear(self, seconds: float = 0.0) -> None:
        """Take the answers that have come, waiting at most so long for the first one. Raises BrokerUnavailable."""
        try:
            drain(self._connection, seconds or 0.001)
            while True:
                drain(self._connection, 0.001)
        except TimeoutError:
            return
        except BROKEN as error:
            self._lose(error)

    def hear_all(self) -> None:
        """Hear everything that the broker has to say about what was published so far, also without confirms.

        The broker works on a channel in order: it answers this question after it has returned what it returns.
        """
        try:
            self._channel.basic_qos(0, 0, False)
        except BROKEN as error:
            self._lose(error)

    def settle(self, within: float = 30.0) -> None:
        """Wait until nothing is in flight; what has no answer by then is told "info"."""
        try:
            self._hear_until(lambda: not self._open, within)
        except BROKEN as error:
            self._lose(error)
        self._give_up("no confirm within the patience of the publisher")

    def _hear_until(self, enough: Callable[[], bool], within: float) -> None:
        deadline = time.monotonic() + within
        while not enough() and (left := deadline - time.monotonic()) > 0:
            try:
                drain(self._connection, left)
            except TimeoutError:
                return

    def _lose(self, error: Exception) -> None:
        self._give_up(f"the connection was lost before the confirm: {plain(error)}")
        raise BrokerUnavailable(f"the connection was lost: {plain(error)}") from error

    def _give_up(self, why: str) -> None:
        given_up, self._open = self._open, {}
        for sent in given_up.values():
            sent.done("info", None, why)

    def _was_confirmed(self, tag: int, multiple: bool) -> None:
        for sent in self._settled(tag, multiple):
            if why := self._returned.pop(sent.id, None):
                sent.done("fail", None, f"returned: {why}")
            else:
                sent.done("ok", None, None)

    def _was_refused(self, tag: int, multiple: bool) -> None:
        for sent in self._settled(tag, multiple):
            sent.done("info", None, "refused (nack): a queue did not take it")

    def _settled(self, tag: int, multiple: bool) -> list[_Sent]:
        """Those that an answer is about; `multiple`: all up to this tag, which are the oldest."""
        if not multiple:
            return [self._open.pop(tag)] if tag in self._open else []
        tags = list(itertools.takewhile(lambda open_tag: open_tag <= tag, self._open))
        return [self._open.pop(one) for one in tags]

    def _was_returned(self, error: Any, exchange: str, key: str, message: Any) -> None:
        """With confirms, the return of a message comes before its confirm, on the same channel."""
        id, why = message.properties.get("message_id", ""), f"{error.reply_code} {error.reply_text}"
        self.returns.append((id, why))
        if self._confirms:
            self._returned[id] = why
