"""A page of another site opens a socket with the cookie of a user who is logged in here. What does it hear?

    http://localhost:PORT   (ours)       --+
    http://localhost:9      (same host)    |  ws/feed/?region=private-ada, Cookie: ada's session
    https://localhost:PORT  (same host)    +----> origin check --> session --> group --> private frames
    http://evil.test                       |
    null, none, look-alikes              --+

For sockets there is no CSRF token, and no same-origin policy keeps a page from reading what comes. A browser sends the
cookie whoever's page asks for it (SameSite=Lax stops other sites, but other ports and sub-domains of ours are the same
site). So only the header Origin tells who asks: no script can change it.

Three Daphnes of this run get the same visitors: one that checks as it should, one that compares the host alone, as
Channels' AllowedHostsOriginValidator does, and one without a check. Whoever gets in waits for five private frames.
The check of the host lets in a page on another port, or without TLS: whoever runs a second service on this machine.

In the control run the other pages come without the cookie: what they hear then is nothing, check or none. `--breaks`
leaves the check off at the server of which it is claimed.
"""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Literal
from urllib.parse import urlsplit

from channels_demo.scenarios.account import Account
from channels_demo.scenarios.feed import Feed
from channels_demo.scenarios.publisher import Publisher
from channels_demo.scenarios.servers import Servers
from channels_demo.scenarios.sockets import Socket, SocketEnded, open_socket
from lab.checks import nothing_private_leaks, sockets_open_as_predicted
from lab.scenario import Prediction, count_in, scenario
from lab.script import Lab
from lab.verdict import Finding

USER, REGION = "ada", "private-ada"
FRAMES = 5
CHECKED = "scheme, host and port"
SERVERS: dict[str, Literal["full", "hosts", "off"]] = {CHECKED: "full", "host alone": "hosts", "no check": "off"}
VISITORS: Sequence[tuple[str, Callable[[str], str | None]]] = (
    ("own page", lambda netloc: f"http://{netloc}"),
    ("another port", lambda netloc: "http://localhost:9"),
    ("another scheme", lambda netloc: f"https://{netloc}"),
    ("a sub-domain", lambda netloc: f"http://shop.{netloc}"),
    ("evil.test", lambda netloc: "http://evil.test"),
    ("evil.test on our port", lambda netloc: f"http://evil.test:{urlsplit(f'//{netloc}').port}"),
    ("a look-alike", lambda netloc: "http://localhost.evil.test"),
    ("our name as a user's", lambda netloc: "http://localhost@evil.test"),
    ("a sandboxed frame", lambda netloc: "null"),
    ("no origin", lambda netloc: None),
)
"""Who asks, and the Origin that the browser sends for it, given our `host:port`. The last is no browser."""
SAME_HOST = ("own page", "another port", "another scheme")

as_predicted = sockets_open_as_predicted(ways=list(SERVERS))
no_leak = nothing_private_leaks(ways=[CHECKED])


@scenario(
    "channels-origin-hijack",
    claim="A server that compares scheme, host and port of the Origin gives private frames to its own pages only.",
    question="Pages elsewhere open a socket with the victim's cookie. A check of the Origin's host alone keeps out ...",
    predictions=[
        Prediction("all", "... all of them.", lambda findings: _leaked(findings, "host alone") == 0),
        Prediction(
            "hosts",
            "... those of other hosts, but not of another port or scheme of ours.",
            lambda findings: 0 < _leaked(findings, "host alone") < _leaked(findings, "no check"),
        ),
        Prediction(
            "none",
            "... none: the Origin can be forged.",
            lambda findings: _leaked(findings, "host alone") >= _leaked(findings, "no check") > 0,
        ),
    ],
    nodes=["redis", "postgres"],
    seconds=15,
    checks=[no_leak, as_predicted],
    breaks_with={"origins": "off"},
    breaks=[no_leak, as_predicted],
    notes={"N25": as_predicted},
)
def origin_hijack(lab: Lab, origins: Literal["full", "hosts", "off"] = "full") -> None:
    servers = lab.uses(Servers(lab.run))
    for name, check in SERVERS.items():
        checks = origins if name == CHECKED else check
        servers.start(name, prefix=f"{lab.run}.all", origins=checks, recheck=0)
    servers.await_ready()
    servers.note(lab)

    lab.note("phase", "the victim logs in, and pages ask for sockets")
    sockets: dict[tuple[str, str], Socket] = {}
    opened = lab.uses(ExitStack())
    for server, checks in SERVERS.items():
        url = servers.url(server, f"/ws/feed/?region={REGION}").replace("127.0.0.1", "localhost")
        netloc = urlsplit(url).netloc
        cookies = opened.enter_context(Account(f"http://{netloc}", USER)).cookies
        for visitor, origin_for in VISITORS:
            own = visitor == "own page"
            brings = cookies if own or lab.variant != "control" else {}
            socket = opened.enter_context(open_socket(url, origin=origin_for(netloc), cookies=brings))
            sockets[server, visitor] = socket
            told = {"origin": origin_for(netloc), "cookie": bool(brings)}
            value = {"way": server, "predicted": by_the_rules(checks, visitor, bool(brings)), "seen": socket.outcome()}
            lab.record(visitor, "observe", "asked", f"{visitor} at {server}", value | told)

    lab.note("phase", f"{FRAMES} private frames are published")
    publisher = Publisher(lab.uses(Feed()), None, "private", servers.options[CHECKED])
    publisher.publish(FRAMES, REGION)
    for (server, visitor), socket in sockets.items():
        value = {"way": server, "of": USER, "may": visitor == "own page", "published": FRAMES}
        value |= {"frames": _heard(socket)}
        lab.record(visitor, "observe", "private", f"{visitor} at {server}", value)


def by_the_rules(checks: str, visitor: str, cookie: bool) -> str:
    """What a visitor gets, by the rules of origin.py."""
    passes = {"full": visitor == "own page", "hosts": visitor in SAME_HOST, "off": True}[checks]
    return ("in" if cookie else "close 4401") if passes else "http 403"


def _heard(socket: Socket) -> int:
    """How many private frames it gets. Who is in gets them all, or has lost some; who is out none."""

    def events() -> int:
        return sum(frame["type"] == "event" for frame in socket.frames)

    try:
        while events() < FRAMES:
            socket.receive()
    except (SocketEnded, TimeoutError):
        pass
    return events()


def _leaked(findings: Sequence[Finding], server: str) -> float:
    return count_in(findings, "nothing_private_leaks", f"leaked: {server}")
