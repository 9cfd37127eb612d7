"""Look at the scope of sockets that different clients open on different servers, and hold it against a table.

    client --handshake--> server      type, path, headers, query_string, client, ...   (Daphne and uvicorn differ)
                            v
                     the middleware   cookies, session, user                           (AuthMiddlewareStack)
                            v
                       the router     url_route (kwargs!), path_remaining
                            v
                   consumer.scope     the same dict in every handler of this socket

The scope is to a socket what `request` is to HTTP: made once, from the handshake. Two clients, one with all that a
browser sends and one with next to nothing, ask Daphne and uvicorn, and the first one asks through nginx as well. Each
key, its type and who put it there are those of scope_table.py, and what the client sent is found where it belongs: the
kwargs under `url_route`, the query string as bytes with repeated keys, the host among the headers.

No key holds an id of the connection, and none is called websocket.connecting: `websocket.connect` is the type of the
first event, and a consumer's own name is `self.channel_name`. So the notes' sample fails before it accepts, with
HTTP 500; as it is written today it works.

In the control run there is no Channels between server and application, and no nginx before it: what is missing then is
what Channels adds.
`--breaks` puts the notes' list of keys in the place of the table.
"""

from collections.abc import Sequence
from typing import Any, Literal

from channels_demo.scenarios import settings
from channels_demo.scenarios.scope_client import BROWSER, CLIENTS, Visit, carried, visit
from channels_demo.scenarios.scope_table import OF_THE_NOTES, Server, table
from channels_demo.scenarios.servers import Servers
from channels_demo.scenarios.sockets import open_socket, own_origin
from lab.checks import (
    every_handler_has_the_scope,
    no_scope_key_names_the_connection,
    the_sample_ends_as_predicted,
    the_scope_carries_what_the_client_sent,
    the_scope_is_as_the_table_says,
)
from lab.scenario import Prediction, count_in, scenario
from lab.script import Lab
from lab.verdict import Finding

APPLICATIONS = "channels_demo.scenarios.applications"
ASKED: Sequence[tuple[str, str, Server]] = (
    ("browser", "channels-1", "daphne"),
    ("bare", "channels-1", "daphne"),
    ("browser", "channels-uvicorn", "uvicorn"),
    ("bare", "channels-uvicorn", "uvicorn"),
    ("browser", "nginx", "daphne"),
)
"""Client, service, and the server behind it."""
CARRIED = ("path", "kwargs", "query_string", "host", "cookies", "subprotocols", "headers")
EVENTS = {"websocket.connect": ["type"], "websocket.receive": ["text", "type"]}
SAMPLES = {"notes": "not accepted", "reply_channel": "not accepted", "today": "in"}
IDIOMS = {
    "scope['websocket.connecting']": "KeyError",
    "message.reply_channel": "AttributeError",
    "message['scope']": "KeyError",
}

as_the_table_says = the_scope_is_as_the_table_says(ways=[f"{client} at {service}" for client, service, _ in ASKED])
carries = the_scope_carries_what_the_client_sent(ways=CARRIED)
handlers = every_handler_has_the_scope(ways=list(EVENTS))
sample = the_sample_ends_as_predicted(ways=list(SAMPLES))


@scenario(
    "channels-scope",
    claim="A socket's scope holds the keys of one table, made of server, middleware and router, and no connection id.",
    question="The notes say that scope['websocket.connecting'] is the connection's id. In Channels 4 ...",
    predictions=[
        Prediction("there", "... it is there.", lambda findings: _named(findings) > 0),
        Prediction("absent", "... no scope has such a key.", lambda findings: _named(findings) == 0),
    ],
    nodes=["channels-1", "channels-uvicorn", "nginx"],
    seconds=10,
    checks=[as_the_table_says, carries, handlers, no_scope_key_names_the_connection, sample],
    breaks_with={"keys": "notes"},
    breaks=[as_the_table_says],
    notes={
        "N22": carries,
        "N23": no_scope_key_names_the_connection,
        "N24": carries,
        "N26": handlers,
        "N27": sample,
    },
)
def scope(lab: Lab, keys: Literal["table", "notes"] = "table") -> None:
    servers = lab.uses(Servers(lab.run))
    # A consumer's error reaches Daphne only when the layer lets go of it: the pub/sub layer does within a second.
    servers.start("samples", application=f"{APPLICATIONS}:samples", layer="pubsub")
    if lab.variant == "control":
        servers.start("channels-1", "daphne", application=f"{APPLICATIONS}:bare")
        servers.start("channels-uvicorn", "uvicorn", application=f"{APPLICATIONS}:bare")
    servers.await_ready()
    servers.note(lab)

    lab.note("phase", "each client at each server")
    for client, service, server in ASKED:
        host = _host(lab, servers, service)
        seen = visit(host, CLIENTS[client])
        predicted = table(server, len(CLIENTS[client].subprotocols), application=lab.variant != "control")
        _record(lab, f"{client} at {service}", OF_THE_NOTES if keys == "notes" else predicted, seen)
        if client == "browser":
            _record_carried(lab, service, host, seen)

    lab.note("phase", "the notes' sample, and the same as it is written today")
    for way, predicted in SAMPLES.items():
        url = servers.url("samples", f"/ws/{way}/?region=north")
        with open_socket(url, origin=own_origin(url)) as socket:
            outcome = socket.outcome()
            seen = "not accepted" if outcome in ("http 500", "no answer") else outcome
            value = {"way": way, "predicted": predicted, "seen": seen, "outcome": outcome, "frames": socket.frames}
            lab.record("client", "observe", "sample", f"the sample: {way}", value)


def _host(lab: Lab, servers: Servers, service: str) -> str:
    if lab.variant != "control":
        return settings.address(service)
    own = "channels-1" if service == "nginx" else service
    return servers.url(own, "").removeprefix("ws://")


def _record(lab: Lab, way: str, predicted: dict[str, str], seen: Visit) -> None:
    """What the scope held, key by key; what every handler had of it; and what the notes' idioms gave."""
    held = {entry["key"]: f"{entry['type']} by {entry['by']}" for entry in seen.first["keys"]}
    for key in dict.fromkeys((*predicted, *held)):
        value = {"way": way, "predicted": predicted.get(key), "seen": held.get(key)}
        lab.record("client", "observe", "scope_key", f"{key} of {way}", value)
    shown = {entry["key"]: str(entry["value"]) for entry in seen.first["keys"]}
    lab.record("client", "observe", "scope", way, {"way": way, "channel": seen.first["channel"], "keys": shown})
    for (event, fields), frame in zip(EVENTS.items(), (seen.first, seen.second), strict=True):
        found: dict[str, Any] = {"event": sorted(frame["event"]), "keys": len(frame["keys"])}
        value = {"way": event, "predicted": {"event": fields, "keys": len(held)}, "seen": found}
        lab.record("client", "observe", "handled", f"{event} of {way}", value)
    for told in seen.first["not_there"]:
        error = told["found"].partition(":")[0]
        value = {"way": told["idiom"], "predicted": IDIOMS[told["idiom"]], "seen": error}
        lab.record("client", "observe", "sample", f"{told['idiom']} of {way}", value)


def _record_carried(lab: Lab, service: str, host: str, seen: Visit) -> None:
    channels = lab.variant != "control"
    for way, (predicted, found) in carried(BROWSER, host, seen, channels=channels).items():
        value = {"way": way, "predicted": predicted, "seen": found}
        lab.record("client", "observe", "carried", f"{way} at {service}", value)


def _named(findings: Sequence[Finding]) -> float:
    return count_in(findings, "no_scope_key_names_the_connection", "wrong")
