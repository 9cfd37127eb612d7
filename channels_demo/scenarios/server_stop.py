"""Stop a server under open sockets, politely and not: what do the clients see, and what stays behind in Redis?

    signal     server     close code at the client    disconnect() runs    members left in the group
    SIGTERM    uvicorn    1012 (service restart)      for every socket     none
    SIGTERM    Daphne     1006 (no close frame)       for none             all
    SIGKILL    either     1006                        for none             all

The core layer keeps the members of a group in Redis, and a member leaves in disconnect(). Daphne ends on SIGTERM by
cancelling its applications: no socket is told, and disconnect() never runs, as if it had been killed. What stays are
ghosts: members that nobody hears for. Every group_send packs them in and fills their dead queue, until group_expiry, a
day, is over. So do not count on disconnect() for anything that must happen; and expire what you keep for a socket.

`--breaks`: the claim, tried with SIGKILL for all. In the control run nobody is stopped: the clients close, with 1000.
"""

import re
import signal
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from channels_demo import groups
from channels_demo.scenarios.feed import Feed, Socket
from channels_demo.scenarios.servers import Server, Servers
from lab.checks import servers_stop_as_predicted
from lab.scenario import Prediction, count_in, scenario
from lab.script import Lab
from lab.verdict import Finding
from lab.waiting import wait_for

SOCKETS = 10


@dataclass(frozen=True, slots=True)
class Way:
    """A server, what is done to it, and what is left: close code, sockets whose disconnect() ran."""

    server: Server
    signal: signal.Signals
    code: int
    disconnected: int


WAYS: Mapping[str, Way] = {
    "uvicorn TERM": Way("uvicorn", signal.SIGTERM, 1012, SOCKETS),
    "daphne TERM": Way("daphne", signal.SIGTERM, 1006, 0),
    "uvicorn KILL": Way("uvicorn", signal.SIGKILL, 1006, 0),
    "daphne KILL": Way("daphne", signal.SIGKILL, 1006, 0),
}
as_predicted = servers_stop_as_predicted(ways=list(WAYS))


@scenario(
    "channels-server-stop",
    claim="SIGTERM lets uvicorn say goodbye for every socket; Daphne stops as if it were killed, and leaves ghosts.",
    question=f"Daphne with {SOCKETS} open sockets gets SIGTERM. Their disconnect() runs ...",
    predictions=[
        Prediction("all", "... for all of them.", lambda f: _ran(f) == SOCKETS),
        Prediction("some", "... for some of them.", lambda f: 0 < _ran(f) < SOCKETS),
        Prediction("none", "... for none of them.", lambda f: _ran(f) == 0),
    ],
    nodes=["redis"],
    seconds=20,
    checks=[as_predicted],
    breaks_with={"signals": "all_killed"},
    breaks=[as_predicted],
)
def server_stop(lab: Lab, signals: Literal["as_the_table_says", "all_killed"] = "as_the_table_says") -> None:
    servers, feed = lab.uses(Servers(lab.run)), lab.uses(Feed(lab.record))
    for name, way in WAYS.items():
        servers.start(name, way.server)
    servers.await_ready()
    servers.note(lab)
    for name in WAYS:
        for number in range(SOCKETS):
            feed.add(Socket(f"{name}: socket {number + 1}", name, partial(servers.url, name, "/ws/feed/")))
    feed.await_open()
    wait_for("the groups to be full", lambda: all(_members(servers, n) == SOCKETS for n in WAYS), within=10)

    lab.note("phase", "every server is stopped")
    if lab.variant == "control":
        _close_all(feed, servers)
    else:
        _stop_all(servers, everybody_killed=signals == "all_killed")
    wait_for("the clients to notice", lambda: all(socket.closes for socket in feed.sockets), within=30)
    for name, way in WAYS.items():
        _tell(lab, feed, servers, name, way)


def _stop_all(servers: Servers, *, everybody_killed: bool) -> None:
    for name, way in WAYS.items():
        if everybody_killed or way.signal is signal.SIGKILL:
            servers.programs.kill(name)
        else:
            servers.programs.stop(name)
    wait_for("four servers to end", lambda: all(servers.programs.exit_code(n) is not None for n in WAYS), within=40)


def _close_all(feed: Feed, servers: Servers) -> None:
    """As clients close, and wait until the servers know."""
    for socket in feed.sockets:
        feed.close(socket)
    wait_for("the servers to know", lambda: all(_disconnected(servers, n) == SOCKETS for n in WAYS), within=30)


def _tell(lab: Lab, feed: Feed, servers: Servers, name: str, way: Way) -> None:
    control = lab.variant == "control"
    code, disconnected = (1000, SOCKETS) if control else (way.code, way.disconnected)
    predicted = _in_words({code: SOCKETS}, disconnected, SOCKETS - disconnected)
    codes = Counter(code for socket in feed.of(name) for code in socket.closes)
    ghosts = _members(servers, name)
    disconnects = _disconnected(servers, name)
    value = {"way": name, "predicted": predicted, "seen": _in_words(codes, disconnects, ghosts)}
    value |= {"exit_code": servers.programs.exit_code(name)}
    lab.record("lab", "observe", "server_end", name, value)


def _in_words(codes: Mapping[int, int], disconnected: int, ghosts: int) -> dict[str, Any]:
    return {"codes": {str(code): count for code, count in codes.items()}, "disconnect": disconnected, "ghosts": ghosts}


def _members(servers: Servers, name: str) -> int:
    """How many the core layer would send to."""
    return int(servers.redis.zcard(f"{servers.options[name].prefix}.layer:group:{groups.region('north')}"))


def _disconnected(servers: Servers, name: str) -> int:
    """For how many sockets disconnect() ran to its end, as the server's log says."""
    return len(re.findall(r" disconnect \d+ of ", servers.programs.log_text(name)))


def _ran(findings: Sequence[Finding]) -> float:
    """For how many sockets of Daphne disconnect() ran after SIGTERM."""
    return count_in(findings, "servers_stop_as_predicted", "daphne TERM: disconnect")
