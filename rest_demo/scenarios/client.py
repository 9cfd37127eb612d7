"""The scenarios' own HTTP client: one connection for each request, and an outcome that claims no more than it knows.

    Caller.get / Caller.post --> ask --> the balancer      a workload of the lab drives the callers (lab/workload.py)

It asks the stack's balancer on its published port, which lets everybody in, also when nothing is behind it. So whoever
hears nothing knows nothing, and even an answer of 5xx may come from an instance that had done its work: both are info.
Only a refused connection and a 4xx say for certain that nothing happened.
"""

import hashlib
import http.client
import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from lab.waiting import pause
from lab.workload import Done

T = TypeVar("T")

PATIENCE = 20.0
"""Seconds that we wait for an answer: longer than the balancer waits for all instances together."""


class NotSent(ConnectionError):
    """Nobody took the connection, so nothing can have happened."""


class NoAnswer(ConnectionError):
    """The connection was taken and no whole answer came: what happened is not known."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `seconds` from the first step to the last byte; `size`: bytes of both heads and bodies."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float
    size: int

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def instance(self) -> str | None:
        """Who gave it; None for an answer of the balancer itself."""
        return self.headers.get("x-instance")

    def json(self) -> Any:
        """The body, or None when it is no JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


def ask(
    url: str,
    method: str,
    path: str,
    body: Any = None,
    headers: Mapping[str, str] | None = None,
    patience: float = PATIENCE,
) -> Answer:
    """One request to a `url` of scheme, host, port. `body`: JSON, or bytes as they are. Raises NotSent or NoAnswer."""
    host = urlsplit(url)
    content = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    told = {"Connection": "close", **({"Content-Type": "application/json"} if content else {}), **(headers or {})}
    connection = _Counting(host.hostname or "", host.port, timeout=patience)
    began = time.monotonic()
    try:
        try:
            connection.connect()
        except OSError as error:
            raise NotSent(f"not sent: {error}") from error
        try:
            connection.request(method, path, content, told)
            response = connection.getresponse()
            read = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise NoAnswer(f"no answer: {type(error).__name__}: {error}") from error
    finally:
        connection.close()
    heads = {name.lower(): value for name, value in response.getheaders()}
    size = connection.sent + len(read) + sum(len(name) + len(value) + 4 for name, value in response.getheaders())
    return Answer(response.status, heads, read, time.monotonic() - began, size)


def tag(run: str, id: str) -> str:
    """What the database knows a request of a run by (X-Client-Request): short, and unlike any of another run."""
    return f"{hashlib.sha1(run.encode(), usedforsecurity=False).hexdigest()[:10]}:{id}"


class Caller:
    """One logical client for a workload; its requests wait for each other. Reading its counts is safe at any time."""

    def __init__(
        self,
        name: str,
        run: str,
        url: str,
        *,
        path: str,
        body: Mapping[str, Any] | None = None,
        keyed: bool = False,
        again: int = 0,
        breach: Callable[[Answer], str | None] = lambda answer: None,
    ) -> None:
        """body: of a POST, beside a text of its own. keyed: with an Idempotency-Key. again: how often it asks again
        after an answer of 5xx or none. breach: says what is wrong with a good answer, or None."""
        self.name = name
        self.answers: Counter[str] = Counter()
        """Good answers by instance."""
        self.errors: Counter[int] = Counter()
        """Answers of 5xx by status, and under 0 those that never came, also where it asked again."""
        self._run, self._url, self._path, self._body = run, url, path, body
        self._keyed, self._again, self._breach = keyed, again, breach

    def get(self, id: str, done: Done) -> None:
        self._ask("GET", id, done)

    def post(self, id: str, done: Done) -> None:
        self._ask("POST", id, done)

    def close(self) -> None:
        """Nothing is outstanding: every request ended before the next one."""

    def _ask(self, method: str, id: str, done: Done) -> None:
        name = tag(self._run, id)
        body = None if self._body is None else {**self._body, "text": name}
        headers = {"X-Client-Request": name, **({"Idempotency-Key": name} if self._keyed else {})}
        began, attempt, certain, error = time.monotonic(), 0, True, ""
        answer: Answer | None = None
        while attempt <= self._again:
            attempt += 1
            try:
                answer = ask(self._url, method, self._path, body, headers)
            except ConnectionError as failure:
                answer, error = None, str(failure)
                certain = certain and isinstance(failure, NotSent)
                self.errors[0] += 1
                continue
            if answer.ok:
                self.answers[answer.instance or ""] += 1
                done("ok", self._value(answer, attempt, began), None)
                return
            error = f"{answer.status}: {(answer.json() or {}).get('detail', 'from the balancer')}"
            if answer.status >= 500:
                certain = False
                self.errors[answer.status] += 1
            elif "retry-after" in answer.headers:
                pause(float(answer.headers["retry-after"]))
            else:
                break
        done("fail" if certain else "info", self._value(answer, attempt, began), error)

    def _value(self, answer: Answer | None, attempt: int, began: float) -> dict[str, Any]:
        said = answer.json() if answer else None
        said = said if isinstance(said, dict) else {}
        return {
            "status": answer.status if answer else None,
            "instance": answer.instance if answer else None,
            "attempts": attempt,
            "seconds": round(time.monotonic() - began, 4),
            "notification": said.get("id"),
            "version": said.get("rule_version"),
            "breach": self._breach(answer) if answer and answer.ok else None,
        }


def answers_of(callers: Iterable[Caller]) -> Counter[str]:
    """Good answers by instance, of all of them together."""
    return sum((caller.answers for caller in callers), Counter[str]())


def at_once(work: Callable[[int], T], jobs: int, at_most: int | None = None) -> list[T]:
    """Do so many jobs at the same time, each with its number from 0, or at most some of them; returns what they do."""
    with ThreadPoolExecutor(at_most or jobs) as pool:
        return list(pool.map(work, range(jobs)))


class _Counting(http.client.HTTPConnection):
    """Counts what it sends."""

    sent = 0

    def send(self, data: Any) -> None:
        self.sent += len(data)
        super().send(data)
