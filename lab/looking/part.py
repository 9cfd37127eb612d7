"""One part of the picture, asked in a thread of its own: what hangs or fails here makes this part old, and no other.

lab/look.py makes one for each demo and one for the services, and takes a snapshot of all of them.
"""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

LATE_AFTER = 3.0
"""Seconds after which a look that has not come back is told as an error."""
FOLLOWED_EVERY = 0.1
MOST_FOLLOWED = 5

Seen = dict[str, Any]


class Part:
    """Asks `look` again and again; keeps what it saw last, and when. `changed` is called when that is news.

    look: returns plain values, or raises. One that returns "error" has seen a part only, and it counts as not well.
    follow: says where one notification is, from its id; None where this part knows nothing of notifications.
    """

    def __init__(
        self,
        look: Callable[[], Seen],
        every: float,
        changed: Callable[[], None],
        empty: Mapping[str, Any],
        follow: Callable[[str], Seen | None] | None = None,
    ) -> None:
        self._look, self._every, self._changed, self._follow = look, every, changed, follow
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._seen: Seen = dict(empty)
        self._error = "not asked yet"
        self._well: float | None = None
        self._asking: float | None = None
        self._followed: dict[str, Seen | None] = {}

    def start(self) -> None:
        """In a daemon thread, since a look that hangs cannot be ended."""
        threading.Thread(target=self._run, daemon=True).start()

    def follow(self, id: str) -> None:
        """From now on also say where this notification is; only the last few are kept."""
        if self._follow is None:
            return
        with self._lock:
            self._followed.setdefault(id, None)
            while len(self._followed) > MOST_FOLLOWED:
                del self._followed[next(iter(self._followed))]
        self._wake.set()

    def forget(self, id: str) -> None:
        """Follow it no longer."""
        with self._lock:
            self._followed.pop(id, None)

    def snapshot(self) -> Seen:
        """What was seen last, with "age" (seconds since this part was last seen well, None: never) and "error"."""
        now = time.monotonic()
        with self._lock:
            error = self._error
            if self._asking is not None and now - self._asking > LATE_AFTER:
                error = f"no answer for {now - self._asking:.0f} s"
            age = None if self._well is None else round(now - self._well, 2)
            return {**self._seen, "age": age, "error": error}

    def followed(self) -> dict[str, Seen | None]:
        """What is known of each followed notification."""
        with self._lock:
            return dict(self._followed)

    def _run(self) -> None:
        next_look = time.monotonic()
        while True:
            now = time.monotonic()
            news = False
            if now >= next_look:
                next_look = now + self._every
                news = self._turn()
            with self._lock:
                ids = list(self._followed)
            news = self._follow_all(ids) or news
            if news:
                self._changed()
            left = max(0.0, next_look - time.monotonic())
            self._wake.wait(min(left, FOLLOWED_EVERY) if ids else left)
            self._wake.clear()

    def _turn(self) -> bool:
        """One look. Returns whether it is news."""
        with self._lock:
            self._asking = time.monotonic()
        seen: Seen | None
        try:
            seen = dict(self._look())
            said = seen.pop("error", "")
        except Exception as error:  # noqa: BLE001 - a part may fail in any way; the others must be shown, and this one's reason
            seen, said = None, sentence(error)
        with self._lock:
            self._asking = None
            news: bool = said != self._error
            self._error = said
            if seen is not None:
                news = news or without_numbers(seen) != without_numbers(self._seen)
                self._seen = seen
                if not said:
                    self._well = time.monotonic()
            return news

    def _follow_all(self, ids: list[str]) -> bool:
        news = False
        for id in ids:
            try:
                found = self._follow(id) if self._follow else None
            except Exception:  # noqa: BLE001 - the part's own look says what is wrong; what was known stays known
                continue
            with self._lock:
                if id in self._followed and self._followed[id] != found:
                    self._followed[id], news = found, True
        return news


def sentence(error: Exception) -> str:
    """An error in one line; its type where it says nothing."""
    return " ".join(str(error).split()) or type(error).__name__


def without_numbers(value: Any) -> Any:
    """The same without what only counts: what is left changes when there is something to tell."""
    if isinstance(value, Mapping):
        return {key: without_numbers(one) for key, one in value.items() if type(one) not in (int, float)}
    if isinstance(value, list):
        return [without_numbers(one) for one in value]
    return value
