"""Four clients at once, half a second of work for each, in three styles of handler. Who waits for whom?

    async:     |==|            waits with `await`: all four are at work at once, everybody is answered after 0.5 s
               |==|
    sync:      |==|==|==|==|   SyncConsumer: ONE thread a process for all of them, 0.5 / 1.0 / 1.5 / 2.0 s;
                               other sockets go on
    blocking:  |==|==|==|==|   blocks in an `async def`: the event loop stands, and with it every socket of the process

(The Channels documentation promises a thread pool for synchronous consumers; since asgiref 3.3 they share one thread.)

Each answer says when its handler began and ended, by this machine's monotonic clock: how many were at work at once
follows from that, and not from how busy the machine is. Beside the four a bystander, who wants nothing of any handler,
sends one ping after the other. It goes on when a ping was sent and answered while a handler was at work; it is held up
when there was no such ping, for a loop that stands answers nobody.

In the control run the clients come one after the other: then no style makes a client wait for another one. `--breaks`
puts a handler that blocks where one is claimed that waits.
"""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any, Literal

from channels_demo.scenarios.servers import Servers
from channels_demo.scenarios.sockets import Socket, open_socket, own_origin
from lab.checks import bystanders_go_on_as_predicted, handlers_overlap_as_predicted
from lab.scenario import Prediction, count_in, scenario
from lab.script import Lab
from lab.verdict import Finding

CLIENTS = 4
SECONDS = 0.5
STYLES = {"sync": 1, "blocking": 1, "async": CLIENTS}
"""Each style, and how many of its handlers are at work at once."""

overlap = handlers_overlap_as_predicted(ways=list(STYLES))
bystanders = bystanders_go_on_as_predicted(ways=list(STYLES))


@scenario(
    "channels-blocking-consumer",
    claim="Handlers that await overlap; synchronous ones queue up; one that blocks the loop holds up every socket.",
    question=f"{CLIENTS} clients at once ask a SyncConsumer that takes {SECONDS} s. The last has its answer ...",
    predictions=[
        Prediction("pool", "... after 0.5 s: there is a pool of threads.", lambda findings: _at_once(findings) > 1),
        Prediction("queue", "... after 2 s: one thread serves them all.", lambda findings: _at_once(findings) == 1),
    ],
    nodes=["redis", "postgres"],
    seconds=10,
    checks=[overlap, bystanders],
    breaks_with={"waits": "blocking"},
    breaks=[overlap, bystanders],
)
def blocking_consumer(lab: Lab, waits: Literal["async", "blocking"] = "async") -> None:
    """waits: the consumer that is taken for the one that waits."""
    servers = lab.uses(Servers(lab.run))
    servers.start("daphne", blocking=SECONDS)
    servers.await_ready()
    servers.note(lab)

    for style, at_once in STYLES.items():
        lab.note("phase", f"{CLIENTS} clients of the {style} handler")
        actual = waits if style == "async" else style
        with ExitStack() as opened:
            url = servers.url("daphne", f"/ws/blocking/{actual}/")
            clients = [opened.enter_context(open_socket(url, origin=own_origin(url))) for _ in range(CLIENTS)]
            beside = opened.enter_context(open_socket(url, origin=own_origin(url)))
            answers, pings = _ladder(lab, style, clients, beside)
        last = max(answer["after"] for answer in answers)
        value = {"way": style, "predicted": 1 if lab.variant == "control" else at_once, "seen": most_at_once(answers)}
        lab.record("server", "observe", "ladder", style, value | {"last": round(last, 3), "seconds": SECONDS})
        meanwhile = answered_meanwhile(answers, pings)
        longest = max(answered - sent for sent, answered in pings)
        value = {"way": style, "predicted": "held up" if style == "blocking" else "goes on"}
        value |= {"seen": "goes on" if meanwhile else "held up", "pings": len(pings), "meanwhile": meanwhile}
        lab.record("bystander", "observe", "bystander", f"beside {style}", value | {"longest": round(longest, 3)})


def _ladder(
    lab: Lab, style: str, clients: Sequence[Socket], beside: Socket
) -> tuple[list[dict[str, Any]], list[tuple[float, float]]]:
    """The answers of all clients, and when each ping of the bystander was sent and answered."""
    over = threading.Event()

    def stand_by() -> list[tuple[float, float]]:
        pings = []
        while not over.is_set():
            sent = time.monotonic()
            beside.ping()
            pings.append((sent, time.monotonic()))
            over.wait(0.005)
        return pings

    def ask(number: int) -> dict[str, Any]:
        sent = time.monotonic()
        clients[number].send(f"client-{number}")
        answer: dict[str, Any] = clients[number].receive() | {"after": time.monotonic() - sent}
        lab.record(f"client-{number}", "ok", "answer", f"{style}-{number}", answer)
        return answer

    with ThreadPoolExecutor(CLIENTS + 1) as threads:
        standing = threads.submit(stand_by)
        try:
            if lab.variant == "control":
                answers = [ask(number) for number in range(CLIENTS)]
            else:
                answers = list(threads.map(ask, range(CLIENTS)))
        finally:
            over.set()
        return answers, standing.result()


def answered_meanwhile(answers: Sequence[dict[str, Any]], pings: Sequence[tuple[float, float]]) -> int:
    """How many pings were sent after a handler had begun, and answered before it ended."""
    work = [(answer["began"], answer["ended"]) for answer in answers]
    return sum(any(began < sent and answered < ended for began, ended in work) for sent, answered in pings)


def most_at_once(answers: Sequence[dict[str, Any]]) -> int:
    """How many handlers were at work at the same time, at most; each says when it `began` and `ended`."""
    return max(sum(one["began"] <= at["began"] < one["ended"] for one in answers) for at in answers)


def _at_once(findings: Sequence[Finding]) -> float:
    return count_in(findings, "handlers_overlap_as_predicted", "at once: sync")
