"""Watches a topic: prints who leads and who is in sync, and each change with the seconds it took. `watch` runs it.

    brokers --metadata, pulse--> a look, ten times a second --changes--> lines on the terminal

It outlives every broker: when nobody answers it says so once and goes on asking.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from threading import Event
from typing import Any

from confluent_kafka.admin import ClusterMetadata

from kafka_demo.changes import Since, changes, is_complete, state
from kafka_demo.cluster import Cluster, look_at, node_name
from kafka_demo.errors import ClusterUnavailable, UnknownTopic
from kafka_demo.pulse import Pulse
from kafka_demo.terminal import say

NOBODY_AFTER = 3.0
"""Seconds without metadata before we say so: one frozen broker may keep a question for one of them."""


class Watcher:
    """Watches one topic until `stop`. `tell` is given each line; `turn` is called in every round, answered or not."""

    def __init__(
        self,
        topic: str,
        stop: Event,
        tell: Callable[[str, str], None] = say,
        turn: Callable[[], None] = lambda: None,
        every: float = 0.1,
        quiet: float = 60.0,
    ) -> None:
        self.topic = topic
        self._stop = stop
        self._tell_line = tell
        self._turn = turn
        self._every = every
        self._quiet = quiet
        # A frozen broker shall not hold up the watcher for longer than it must.
        self._cluster = Cluster(socket_timeout_ms=1000)
        self._session: float | None = None
        self._look: dict[str, Any] | None = None
        self._pulses: dict[str, Pulse] = {}
        self._silent: set[str] = set()
        self._leader_lost: dict[str, float] = {}
        self._answered = self._told = time.monotonic()
        self._nobody = False

    def run(self) -> None:
        """Until `stop`. Raises UnknownTopic when the brokers answer and do not know the topic at the start."""
        while not self._stop.is_set():
            try:
                metadata = self._cluster.metadata(self.topic, within=0.5)
            except ClusterUnavailable:
                self._nobody_answers()
                self._listen()
            else:
                self._somebody_answers()
                self._listen(metadata)
                self._compare(look_at(self.topic, metadata))
            self._turn()
            self._stop.wait(self._every)

    def _compare(self, look: dict[str, Any]) -> None:
        now = time.monotonic()
        if self._look is None:
            self._begin(look)
        elif look != self._look:
            for line in changes(self.topic, self._look, look, self._since(now)):
                self._tell(*line)
        elif now - self._told > self._quiet:
            self._tell("quiet", "; ".join(f"{label}: {sentence}" for label, sentence in state(look)))
        self._look = look
        lost = [number for number, one in look["partitions"].items() if one["leader"] is None]
        self._leader_lost = {number: self._leader_lost.get(number, now) for number in lost}
        if is_complete(look):
            for pulse in self._pulses.values():
                pulse.answered_again = None  # it is back and all is well: its return explains nothing that comes later

    def _begin(self, look: dict[str, Any]) -> None:
        if not look["partitions"]:
            raise UnknownTopic(
                f"there is no topic {self.topic!r}; make it with `python -m kafka_demo create-topic {self.topic}`"
            )
        with suppress(ClusterUnavailable):  # the lines can do without it
            self._session = self._cluster.session_timeout()
        counted = f"{len(look['partitions'])} partitions, brokers {', '.join(look['brokers'])}"
        session = f"; a broker may be silent for {self._session:g} s" if self._session else ""
        self._tell("watching", f"{self.topic}: {counted}{session}")
        for line in state(look):
            self._tell(*line)

    def _listen(self, metadata: ClusterMetadata | None = None) -> None:
        """Say which broker stopped or began to answer; listen to those that are named for the first time."""
        for broker in metadata.brokers.values() if metadata else []:
            if node_name(broker.id) not in self._pulses:
                self._pulses[node_name(broker.id)] = Pulse(broker.host, broker.port, self._stop)
        for node, pulse in self._pulses.items():
            if pulse.silent and node not in self._silent:
                self._silent.add(node)
                alive = self._look is not None and node in self._look["brokers"]
                until = (
                    f"; it counts as alive until its {self._session:g} s are over" if alive and self._session else ""
                )
                self._tell("silent", f"{node} answers no more{until}")
            elif not pulse.silent and node in self._silent:
                self._silent.remove(node)
                self._tell("answers", f"{node} answers again")

    def _since(self, now: float) -> Since:
        pulses = self._pulses.items()
        return Since(
            last_answer={node: now - pulse.last_answer for node, pulse in pulses if pulse.silent and pulse.last_answer},
            return_={node: now - pulse.answered_again for node, pulse in pulses if pulse.answered_again},
            leader_lost={number: now - lost for number, lost in self._leader_lost.items()},
        )

    def _nobody_answers(self) -> None:
        waited = time.monotonic() - self._answered
        if waited > NOBODY_AFTER and not self._nobody:
            self._nobody = True
            self._tell("nobody", f"no broker has told anything for {waited:.1f} s; asking on")

    def _somebody_answers(self) -> None:
        if self._nobody:
            self._nobody = False
            self._tell("somebody", f"a broker tells again, after {time.monotonic() - self._answered:.1f} s")
        self._answered = time.monotonic()

    def _tell(self, label: str, sentence: str) -> None:
        self._told = time.monotonic()
        self._tell_line(label, sentence)
