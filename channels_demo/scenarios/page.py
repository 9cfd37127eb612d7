"""A page of the live feed as a browser would keep it: shows each event once, comes back, asks for what it missed.

`hub_end_to_end.py` opens some through nginx. Like the real page it goes by the numbers of the events; what it shows it
also writes into the run's history.
"""

import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

from channels_demo.scenarios.sockets import Socket, SocketEnded, open_socket, own_origin
from lab.script import Lab
from lab.waiting import wait_for

BACK_OFF = 0.3
LOOK_EVERY = 0.5


class Page:
    """A context manager; a thread of its own reads the socket. `shown` are the ids on its screen."""

    def __init__(self, lab: Lab, name: str, address: Callable[[], str], regions: list[str], resumes: bool) -> None:
        """address: `host:port` of the balancer. resumes: asks for what it missed while it was away."""
        self.name, self.regions, self.resumes = name, regions, resumes
        self.shown: set[str] = set()
        self.away = threading.Event()
        """Set: the page is closed, as a laptop that was shut. It stays so until it is cleared."""
        self._lab, self._address = lab, address
        self._last: dict[str, int] = {}
        """Of each region the number up to which nothing is missing."""
        self._beyond: dict[str, set[int]] = {region: set() for region in regions}
        """Numbers that came although something before them is missing."""
        self._stop = threading.Event()
        self._is_open = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join(15)

    def await_open(self, within: float = 30) -> None:
        """Raises NotReached."""
        wait_for(f"{self.name} to be welcomed", self._is_open.is_set, within)

    def await_closed(self, within: float = 30) -> None:
        """Raises NotReached."""
        wait_for(f"{self.name} to be away", lambda: not self._is_open.is_set(), within)

    def _run(self) -> None:
        while not self._stop.is_set():
            if not self.away.is_set():
                with suppress(OSError, SocketEnded, TimeoutError):
                    self._once()
            self._is_open.clear()
            self._stop.wait(BACK_OFF)

    def _once(self) -> None:
        """One connection, from the handshake to the end."""
        query = [("region", region) for region in self.regions]
        if self.resumes:
            query += [("after", f"{region}:{number}") for region, number in self._last.items()]
        url = f"ws://{self._address()}/ws/feed/?{urlencode(query)}"
        with open_socket(url, origin=own_origin(url)) as socket:
            while not (self._stop.is_set() or self.away.is_set()):
                with suppress(TimeoutError):
                    self._take(socket, socket.receive(LOOK_EVERY))

    def _take(self, socket: Socket, frame: dict[str, Any]) -> None:
        if frame["type"] == "welcome":
            for region, number in frame["last"].items():
                if region not in self._last or not self.resumes:
                    self._last[region] = number
            self._lab.record(self.name, "ok", "page_open", None, {"server": frame["server"], "last": frame["last"]})
            self._is_open.set()
        elif frame["type"] == "event":
            self._show(socket, frame)

    def _show(self, socket: Socket, frame: dict[str, Any]) -> None:
        region, number = frame["region"], frame["seq"]
        last, beyond = self._last[region], self._beyond[region]
        if number <= last or number in beyond:
            return  # it is on the screen already
        beyond.add(number)
        if number > last + 1 and self.resumes:
            socket.send({"type": "resume", "after": {region: last}})
        while self._last[region] + 1 in beyond:
            self._last[region] += 1
            beyond.remove(self._last[region])
        self.shown.add(frame["id"])
        value = {"seq": number, "region": region, "trace": frame["trace"]}
        self._lab.record(self.name, "ok", "show", frame["id"], value)
