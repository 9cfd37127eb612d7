"""For every check of the whole hub a history that makes it HOLD, one BROKEN and one UNKNOWN."""

from collections.abc import Mapping

from lab import checks
from lab.history import History, Op
from lab.verdict import Check
from tests.lab.lines import history, line, note

HOPS = ["rest_demo.", "celery_demo.", "channels_demo."]

AS_ASKED: Mapping[str, Check] = {
    "each_notification_is_shown_once": checks.each_notification_is_shown_once(at_least=2),
    "each_passes_every_hop": checks.each_passes_every_hop(hops=HOPS),
}
"""Factories as they were called for CASES."""


def post(t: float, id: str) -> list[Op]:
    """Accepted, under a name of the hub's own."""
    return [line(t, "client", "invoke", "post", id), line(t, "client", "ok", "post", id, {"notification": f"hub-{id}"})]


def opened(page: str = "page-1") -> Op:
    return line(0, page, "ok", "page_open", None, {"region": "north"})


def shown(t: float, id: str, page: str = "page-1", hops: tuple[str, ...] = ("rest_demo.api", "celery_demo.web")) -> Op:
    """On a page, a second after each hop before."""
    trace = [f"{who}@{t + number:.1f}" for number, who in enumerate((*hops, "channels_demo.channels-1"))]
    return line(t + 3, page, "ok", "show", f"hub-{id}", {"seq": 1, "trace": trace})


_TWO = [*post(1, "a"), *post(2, "b"), opened()]
_END = note(50, "settled", {})

CASES: Mapping[str, Mapping[str, History | str]] = {
    "each_notification_is_shown_once": {
        "HOLDS": history(_TWO, shown(3, "a"), shown(4, "b"), line(5, "client", "info", "post", "c"), _END),
        "BROKEN": history(_TWO, shown(3, "a"), _END),
        "UNKNOWN": history(_TWO, shown(3, "a")),
    },
    "each_passes_every_hop": {
        "HOLDS": history(_TWO, shown(3, "a"), shown(4, "b")),
        "BROKEN": history(_TWO, shown(3, "a"), shown(4, "b", hops=("rest_demo.api",))),
        "UNKNOWN": history(_TWO),
    },
}
