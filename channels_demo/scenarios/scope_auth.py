"""Who gets into which group with what in hand, and what a logout does to a socket that is open.

    cookie  --> session --> user --+
                                   +--> scope["user"] --> may this user have these groups? --> in, or a close code
    ?ticket=... --> Redis, once ---+

The scope is where a consumer learns who is there: AuthMiddlewareStack finds the user by the session's cookie, our own
middleware by a ticket, for those whose socket cannot send the cookie. A ticket lives for seconds and opens one socket.
Every kind of visitor asks for a public group, for ada's, for bob's and for a mixture. Nobody who is refused has to
guess why: 4401 is "log in", 4403 is "not yours".

But a scope is made once, from the handshake. Who logs out afterwards is still `scope["user"]`, and goes on hearing
everything: that is the third server, which trusts its scope. The first tells all sockets of a session that it has
ended, through a group of the user's; the second looks at the session again, every half second here.

In the control run nobody logs out. `--breaks` lets the first server trust its scope as well.
"""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Literal

from channels_demo.scenarios.account import SESSION, Account
from channels_demo.scenarios.feed import Feed
from channels_demo.scenarios.publisher import Publisher
from channels_demo.scenarios.servers import Servers
from channels_demo.scenarios.sockets import Socket, SocketEnded, open_socket
from lab.checks import nothing_private_leaks, sockets_end_with_the_login, sockets_open_as_predicted
from lab.scenario import Prediction, count_in, scenario
from lab.script import Lab
from lab.verdict import Finding
from lab.waiting import wait_for

FRAMES = 5
REGIONS = ("north", "private-ada", "private-bob", "north&region=private-bob")
TOLD, LOOKED, TRUSTED = "told by a group", "looked at again", "scope alone"
ENDS = {TOLD: "close 4401", LOOKED: "close 4401", TRUSTED: "goes on"}
"""How a server hears of a logout, and what becomes of the socket."""
ANOTHER = "another session"


@dataclass(frozen=True)
class Visitor:
    """One way to come: what it brings, given the scenario's accounts, and who it then is."""

    brings: Callable[["Lobby"], tuple[dict[str, str], str]]
    """The cookies, and the ticket or ""."""
    is_user: str | None
    bad_ticket: bool = False


class Lobby:
    """Where visitors get what they bring."""

    def __init__(self, servers: Servers, opened: ExitStack) -> None:
        self.servers, self._opened = servers, opened
        self.ada, self.bob, self.gone = self.log_in("ada"), self.log_in("bob"), self.log_in("ada")
        self.cookies_of_gone = self.gone.cookies
        self.gone.log_out()

    def base(self, server: str) -> str:
        return self.servers.url(server, "").replace("ws://", "http://")

    def log_in(self, user: str, server: str = TOLD) -> Account:
        return self._opened.enter_context(Account(self.base(server), user))

    def open(self, server: str, query: str, cookies: dict[str, str]) -> Socket:
        return self._opened.enter_context(open_socket(self.servers.url(server, f"/ws/feed/?{query}"), cookies=cookies))

    def used_ticket(self) -> str:
        ticket = self.ada.ticket()
        with self.open(TOLD, f"region=north&ticket={ticket}", {}) as socket:
            socket.outcome()
        return ticket

    def expired_ticket(self) -> str:
        """Of the server whose tickets live shortest; the first one would take it, they share their Redis."""
        ticket = self.ada.ticket(self.base(LOOKED))
        key = f"{self.servers.options[LOOKED].prefix}:ticket:{ticket}"
        wait_for("the ticket to expire", lambda: not self.servers.redis.exists(key), within=30, every=0.02)
        return ticket


VISITORS = {
    "nobody": Visitor(lambda lobby: ({}, ""), None),
    "ada's session": Visitor(lambda lobby: (lobby.ada.cookies, ""), "ada"),
    "bob's session": Visitor(lambda lobby: (lobby.bob.cookies, ""), "bob"),
    "a session that has ended": Visitor(lambda lobby: (lobby.cookies_of_gone, ""), None),
    "a made-up session": Visitor(lambda lobby: ({SESSION: "0" * 32}, ""), None),
    "ada's ticket": Visitor(lambda lobby: ({}, lobby.ada.ticket()), "ada"),
    "ada's ticket, bob's session": Visitor(lambda lobby: (lobby.bob.cookies, lobby.ada.ticket()), "ada"),
    "a ticket used before": Visitor(lambda lobby: ({}, lobby.used_ticket()), None, bad_ticket=True),
    "an expired ticket": Visitor(lambda lobby: ({}, lobby.expired_ticket()), None, bad_ticket=True),
    "a made-up ticket": Visitor(lambda lobby: ({}, "made-up"), None, bad_ticket=True),
    "ada's session, a made-up ticket": Visitor(lambda lobby: (lobby.ada.cookies, "made-up"), "ada", bad_ticket=True),
}

as_predicted = sockets_open_as_predicted(ways=list(VISITORS))
ends = sockets_end_with_the_login(ways=[*ENDS, ANOTHER])
no_leak = nothing_private_leaks(ways=[TOLD, LOOKED])


@scenario(
    "channels-scope-auth",
    claim="Session or ticket decide who gets into a group; a logout ends it if the server looks beyond the scope.",
    question="A user logs out over HTTP while a socket is open. A consumer that goes by its scope ...",
    predictions=[
        Prediction("notices", "... has no user any more and sends nothing.", lambda findings: _trusted(findings) == 0),
        Prediction("on", "... goes on sending what is private.", lambda findings: _trusted(findings) > 0),
    ],
    nodes=["redis", "postgres"],
    seconds=15,
    checks=[as_predicted, ends, no_leak],
    breaks_with={"logout": "trusted"},
    breaks=[ends, no_leak],
    notes={"N25": as_predicted},
)
def scope_auth(lab: Lab, logout: Literal["told", "trusted"] = "told") -> None:
    servers = lab.uses(Servers(lab.run))
    shared = {"prefix": f"{lab.run}.all", "ticket_seconds": 30.0}
    servers.start(TOLD, **shared, logout_closes=logout == "told", recheck=0)
    servers.start(LOOKED, **(shared | {"ticket_seconds": 0.2}), logout_closes=False, recheck=0.5)
    servers.start(TRUSTED, **shared, logout_closes=False, recheck=0)
    servers.await_ready()
    servers.note(lab)
    lobby = Lobby(servers, lab.uses(ExitStack()))

    lab.note("phase", "every kind of visitor asks for every kind of group")
    for name, visitor in VISITORS.items():
        for region in REGIONS:
            cookies, ticket = visitor.brings(lobby)
            query = f"region={region}" + (f"&ticket={ticket}" if ticket else "")
            with lobby.open(TOLD, query, cookies) as socket:
                value = {"way": name, "predicted": by_the_rules(visitor, region), "seen": socket.outcome()}
            lab.record(name, "observe", "asked", f"{name} asks for {region}", value)

    lab.note("phase", "ada has two sessions at each server, and logs out of one")
    stays = {server: _enter(lobby, server, lobby.ada) for server in ENDS}
    leaving = {server: lobby.log_in("ada", server) for server in ENDS}
    leaves = {server: _enter(lobby, server, account) for server, account in leaving.items()}
    for account in leaving.values() if lab.variant != "control" else ():
        account.log_out()
    if lab.variant != "control":
        leaves[LOOKED].await_end()

    lab.note("phase", f"{FRAMES} private frames are published")
    Publisher(lab.uses(Feed()), None, "private", servers.options[TOLD]).publish(FRAMES, "private-ada")
    for server, predicted in ENDS.items():
        for session, socket in (("the session that ended", leaves[server]), ("the other session", stays[server])):
            ended, frames = _fate(socket)
            own = socket is stays[server]
            expected = "goes on" if own or lab.variant == "control" else predicted
            value = {"way": ANOTHER if own else server, "predicted": expected, "seen": ended}
            lab.record("ada", "observe", "logged_out", f"{session} at {server}", value)
            may = own or lab.variant == "control"
            value = {"way": server, "of": "ada", "may": may, "frames": frames, "published": FRAMES}
            lab.record("ada", "observe", "private", f"{session} at {server}", value)


def by_the_rules(visitor: Visitor, region: str) -> str:
    """Who gets in: by the rules that the live feed states."""
    owners = {one.removeprefix("private-") for one in region.split("&region=") if one.startswith("private-")}
    if visitor.bad_ticket or (owners and not visitor.is_user):
        return "close 4401"
    return "close 4403" if owners - {visitor.is_user} else "in"


def _enter(lobby: Lobby, server: str, account: Account) -> Socket:
    """A socket in ada's private group, opened in this session."""
    socket = lobby.open(server, "region=private-ada", account.cookies)
    assert socket.outcome() == "in"
    return socket


def _fate(socket: Socket) -> tuple[str, int]:
    """What became of it, and how many private frames it got: all of them, or it was closed.

    The layer keeps the order: what ends a login comes before the frames that were published after it.
    """

    def events() -> int:
        return sum(frame["type"] == "event" for frame in socket.frames)

    try:
        while events() < FRAMES:
            socket.receive()
    except SocketEnded as end:
        return f"close {end.code}", events()
    except TimeoutError:
        return "loses frames", events()
    return "goes on", events()


def _trusted(findings: Sequence[Finding]) -> float:
    return count_in(findings, "nothing_private_leaks", f"leaked: {TRUSTED}")
