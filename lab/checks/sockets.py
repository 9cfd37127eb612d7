"""Checks of one socket's life: what its scope holds, who gets in, who hears what, and whose handlers get in the way.

`scope_key`, `carried`, `handled`, `sample`, `asked` and `logged_out` are `observe` lines of a grid, see
`predictions.py`. So is `ladder`, over handlers at work: "seen" is how many were at once, "last" the seconds until the
last client had its answer; and `bystander`: "longest" is what another socket of the process waited for a pong at most.

`scope` is an `observe` of one socket: "way", "channel" (its channel's name) and "keys", those of its scope, each with
its value as text. `private` is one of a socket that asked for a private group: "way", "of" (whose group), "may"
(whether the socket is its owner's), and "frames" of "published" that it got.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from msgspec.structs import replace

from lab.checks.predictions import as_predicted
from lab.history import History, Op
from lab.verdict import MOST_WITNESSES, Check, Finding, Verdict, named
from lab.words import _, later

NEVER_IN_A_SCOPE = ("websocket.connecting", "reply_channel", "connection_id")
"""What the study notes, or Channels 1, would look for."""


def the_scope_is_as_the_table_says(ways: Sequence[str]) -> Check:
    """Over `scope_key`: type of a key and who put it there are those of the table; None: not there. `ways`: of asking,
    e.g. "browser at daphne"."""
    says = later("keys of the scope are as the table says")
    return as_predicted("the_scope_is_as_the_table_says", "scope_key", ways, says)


def the_scope_carries_what_the_client_sent(ways: Sequence[str]) -> Check:
    """Over `carried`: what the scope says about the request is what the client sent. `ways`: path, kwargs, ..."""
    says = later("things that a client sent stand in the scope")
    return as_predicted("the_scope_carries_what_the_client_sent", "carried", ways, says)


def every_handler_has_the_scope(ways: Sequence[str]) -> Check:
    """Over `handled`: what the event held that a handler was given, and how many keys its scope. `ways`: events."""
    says = later("handlers were given their event, and had the socket's scope")
    return as_predicted("every_handler_has_the_scope", "handled", ways, says)


def the_sample_ends_as_predicted(ways: Sequence[str]) -> Check:
    """Over `sample`: how a socket ends at a consumer written in this way, or what an idiom of it gives."""
    return as_predicted("the_sample_ends_as_predicted", "sample", ways, later("samples and idioms ended as predicted"))


def sockets_open_as_predicted(ways: Sequence[str]) -> Check:
    """Over `asked`: who asks for which socket gets in, or is refused with that status or code. `ways`: of asking."""
    says = later("who asked for a socket got what was predicted")
    return as_predicted("sockets_open_as_predicted", "asked", ways, says)


def sockets_end_with_the_login(ways: Sequence[str]) -> Check:
    """Over `logged_out`: what became of a socket whose user had logged out. `ways`: of hearing about it."""
    says = later("sockets did what was predicted when their login had ended")
    return as_predicted("sockets_end_with_the_login", "logged_out", ways, says)


def no_scope_key_names_the_connection(history: History) -> Finding:
    """HOLDS when no scope holds a key for the connection's id, nor its channel's name, which each socket has."""
    name = "no_scope_key_names_the_connection"
    scopes = history.of("scope", "observe")
    named_by_key = {line.id: _names_it(line) for line in scopes}
    wrong = [{"socket": id, "keys": keys} for id, keys in named_by_key.items() if keys]
    channels = [line.value["channel"] for line in scopes if line.value["channel"]]
    counts = {"scopes": len(scopes), "wrong": len(wrong), "channel names": len(set(channels))}
    if wrong:
        says = _("{wrong} of {scopes} scopes name their connection, {socket} by {keys}.").format(**counts, **wrong[0])
        return Finding(name, Verdict.BROKEN, counts, wrong[:MOST_WITNESSES], says)
    if len(scopes) < 2:
        return Finding(name, Verdict.UNKNOWN, counts, [], _("Two sockets are needed to see what tells them apart."))
    if twice := [channel for channel, times in Counter(channels).items() if times > 1]:
        says = _("{channel} was the channel of two sockets.").format(channel=twice[0])
        return Finding(name, Verdict.BROKEN, counts, [{"channel": one} for one in twice[:MOST_WITNESSES]], says)
    says = _("None of {scopes} scopes has {one} or {other}.")
    if channels:
        says = _(
            "None of {scopes} scopes has {one} or {other}; {channels} sockets had a channel name each, "
            "and none in its scope."
        )
    one, other = NEVER_IN_A_SCOPE[:2]
    says = says.format(scopes=len(scopes), one=one, other=other, channels=len(channels))
    return Finding(name, Verdict.HOLDS, counts, [], says)


def nothing_private_leaks(ways: Sequence[str]) -> Check:
    """Over `private`: no socket got a frame of a group that is not its own. `ways`: those for which that is claimed;
    the others are counted. UNKNOWN unless each claimed way's owner got all that was published."""

    @named("nothing_private_leaks")
    def check(history: History) -> Finding:
        name = "nothing_private_leaks"
        sockets = history.of("private", "observe")
        leaks = [line for line in sockets if not line.value["may"] and line.value["frames"]]
        claimed = [line for line in leaks if line.value["way"] in ways]
        by_way = dict.fromkeys(sorted({line.value["way"] for line in sockets}), 0)
        for line in leaks:
            by_way[line.value["way"]] += line.value["frames"]
        counts = {
            "sockets": len(sockets), "leaked": sum(line.value["frames"] for line in claimed),
            **{f"leaked: {way}": frames for way, frames in by_way.items()},
        }  # fmt: skip
        if claimed:
            first = claimed[0]
            says = _(
                "{leaked} private frames went to {others} sockets of others: {first} got {frames} of {published}."
            ).format(leaked=counts["leaked"], others=len(claimed), first=first.id, **first.value)
            witnesses = [{"socket": line.id} | line.value for line in claimed[:MOST_WITNESSES]]
            return Finding(name, Verdict.BROKEN, counts, witnesses, says)
        if unsaid := [way for way in ways if not _the_owner_heard_all(sockets, way)]:
            says = _("Nothing was said to {ways}: the owner did not get all that was published.")
            says = says.format(ways=", ".join(unsaid))
            return Finding(name, Verdict.UNKNOWN, counts, [], says)
        others = "; ".join(f"{way}: {frames}" for way, frames in by_way.items() if way not in ways)
        says = _("No private frame went to anybody but its owner.")
        if others:
            says = _("No private frame went to anybody but its owner (leaked elsewhere: {others}).")
            says = says.format(others=others)
        return Finding(name, Verdict.HOLDS, counts, [], says)

    return check


def handlers_overlap_as_predicted(ways: Sequence[str]) -> Check:
    """Over `ladder`: how many handlers were at work at once. `ways`: styles of handlers."""
    name, says = "handlers_overlap_as_predicted", later("styles had as many handlers at work at once as predicted")
    return _with_counts(as_predicted(name, "ladder", ways, says), name, "ladder", _ladder)


def bystanders_go_on_as_predicted(ways: Sequence[str]) -> Check:
    """Over `bystander`: whether a socket that wanted nothing of a handler was answered while it was at work."""
    name, says = "bystanders_go_on_as_predicted", later("styles left the other sockets of the process as predicted")
    return _with_counts(as_predicted(name, "bystander", ways, says), name, "bystander", _bystander)


def _with_counts(check: Check, name: str, op: str, count: Callable[[Op], dict[str, Any]]) -> Check:
    @named(name)
    def counting(history: History) -> Finding:
        finding = check(history)
        counts = dict(finding.counts)
        for line in history.of(op, "observe"):
            counts |= count(line)
        return replace(finding, counts=counts)

    return counting


def _ladder(line: Op) -> dict[str, Any]:
    way = line.value["way"]
    return {f"at once: {way}": line.value["seen"], f"last answer: {way}": line.value["last"]}


def _bystander(line: Op) -> dict[str, Any]:
    return {f"longest wait: {line.value['way']}": line.value["longest"]}


def _names_it(line: Op) -> list[str]:
    keys, channel = line.value["keys"], line.value["channel"]
    by_value = [key for key, value in keys.items() if channel and channel in str(value)]
    return [key for key in NEVER_IN_A_SCOPE if key in keys] + by_value


def _the_owner_heard_all(sockets: Sequence[Op], way: str) -> bool:
    own = [line.value for line in sockets if line.value["may"] and line.value["way"] == way]
    return bool(own) and all(one["frames"] == one["published"] > 0 for one in own)
