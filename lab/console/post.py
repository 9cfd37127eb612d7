"""Post a notification from the page, and hear when it has passed all five systems.

    page --POST--> here --POST--> balancer (REST) --> ... --> live feed --socket--> here --server-sent events--> page

The socket to the live feed is opened first, as any page's would be: what it hears is the far end of the hub. The
event's trace names each hop and the moment, in seconds of the monotonic clock that all processes of one machine share.
"""

import asyncio
import json
import shlex
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, get_args
from urllib.parse import urlencode, urlsplit

import httpx
import msgspec
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException
from websockets.typing import Origin

from lab.console.look import Look
from lab.console.refusals import Refusal
from lab.settings import Settings
from lab.words import _

Kind = Literal["feed", "web", "video", "image", "gateway", "officialsnotification"]
Region = Literal["north", "south", "east"]
KINDS, REGIONS = get_args(Kind), get_args(Region)
LONGEST_TEXT = 200
ANSWERED_WITHIN = 12.0
WELCOMED_WITHIN = 3.0
SHOWN_WITHIN = 300.0
"""Seconds for which a posted notification is listened for."""
AGAIN_AFTER = 1.0
MOST_KEPT = 20


class Order(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST /api/notifications."""

    kind: Kind
    region: Region
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_TEXT)]

    def body(self) -> dict[str, str]:
        """What REST is sent: a contact is wanted there, and the gateway routes by channel."""
        found = {"kind": self.kind, "region": self.region, "contact": "console", "text": self.text}
        return found | ({"channel": "sms"} if self.kind == "gateway" else {})


@dataclass
class Passage:
    """One notification on its way. Moments are seconds of this machine's monotonic clock."""

    region: str
    id: str = ""
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    shown: dict[str, Any] | None = None
    """{"trace": [hop@seconds], "server", "seq", "region", "at"} once the live feed has told it."""
    last: int | None = None
    """The region's number when the socket was welcomed: who comes back asks for what came after it."""
    heard: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What came by id: an event may be here before REST's own answer tells us its id."""
    listening: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None

    def has_arrived(self) -> bool:
        """Whether it was heard of; then it has ended."""
        if self.shown is None and self.id in self.heard:
            self.shown = self.heard[self.id]
            self.ended.set()
        return self.shown is not None


class Posts:
    """The latest notifications that were posted here, by id."""

    def __init__(self, settings: Settings, look: Look) -> None:
        self._look = look
        ports = settings.variables
        self.rest = ports.get("LAB_HUB_URL") or f"http://127.0.0.1:{ports.get('LAB_HTTP_PORT') or 8470}"
        self.live = ports.get("LAB_LIVE_URL") or f"http://127.0.0.1:{ports.get('LAB_LIVE_PORT') or 8471}"
        self._kept: dict[str, Passage] = {}

    def find(self, id: str) -> Passage | None:
        """The passage of that notification, if it was posted here not long ago."""
        return self._kept.get(id)

    def command(self, order: Order) -> str:
        """The same from a terminal."""
        body = shlex.quote(json.dumps(order.body(), ensure_ascii=False))
        return f"curl {self.rest}/api/notifications/ -H 'Content-Type: application/json' -d {body}"

    async def post(self, order: Order) -> dict[str, Any]:
        """{"id", "instance", "posted", "accepted"}: moments are monotonic seconds. Raises Refusal."""
        passage = Passage(order.region)
        passage.task = asyncio.create_task(self._listen(passage))
        try:
            with suppress(TimeoutError):
                await asyncio.wait_for(passage.listening.wait(), WELCOMED_WITHIN)
            found = await self._send(order)
        except Refusal:
            passage.task.cancel()
            raise
        passage.id = found["id"]
        self._kept[passage.id] = passage
        while len(self._kept) > MOST_KEPT:
            old = self._kept.pop(next(iter(self._kept)))
            if old.task:
                old.task.cancel()
        if passage.has_arrived():
            passage.task.cancel()
        else:
            self._look.follow(passage.id)
        return found

    async def _send(self, order: Order) -> dict[str, Any]:
        headers = {"Idempotency-Key": f"console-{uuid.uuid4().hex[:12]}"}
        posted = time.monotonic()
        try:
            async with httpx.AsyncClient(timeout=ANSWERED_WITHIN, trust_env=False) as client:
                answer = await client.post(f"{self.rest}/api/notifications/", json=order.body(), headers=headers)
        except httpx.HTTPError as error:
            why = str(error) or type(error).__name__
            sentence = _("The balancer does not answer at {url}: {why}.").format(url=self.rest, why=why)
            raise Refusal(503, sentence, _("Heal the hub, or start it: `bin/lab up`.")) from error
        if answer.status_code != 201:
            sentence = _("REST did not take it ({status}): {why}")
            status = answer.status_code if answer.is_error else 502
            raise Refusal(status, sentence.format(status=answer.status_code, why=_detail(answer)), _("Heal the hub."))
        instance = answer.headers.get("X-Instance", "")
        return {"id": answer.json()["id"], "instance": instance, "posted": posted, "accepted": time.monotonic()}

    async def _listen(self, passage: Passage) -> None:
        """Until it was shown, or nobody can expect it any more."""
        until = time.monotonic() + SHOWN_WITHIN
        while not passage.has_arrived() and time.monotonic() < until:
            with suppress(OSError, WebSocketException, TimeoutError, ValueError, KeyError):
                async with asyncio.timeout_at(asyncio.get_running_loop().time() + until - time.monotonic()):
                    await self._once(passage)
            if passage.shown is None:
                with suppress(TimeoutError):
                    await asyncio.wait_for(asyncio.Event().wait(), AGAIN_AFTER)
        passage.ended.set()
        if passage.id:
            self._look.forget(passage.id)

    async def _once(self, passage: Passage) -> None:
        """One socket, from the welcome until the event comes or the socket ends."""
        query = [("region", passage.region)]
        if (after := passage.last if passage.last is not None else _number_before(self._look, passage)) is not None:
            query.append(("after", str(after)))
        origin = Origin(self.live)
        url = f"ws://{urlsplit(self.live).netloc}/ws/feed/?{urlencode(query)}"
        async with connect(url, origin=origin, open_timeout=5, proxy=None) as socket:
            async for text in socket:
                frame, at = json.loads(text), time.monotonic()
                if frame["type"] == "welcome":
                    passage.last = frame["last"].get(passage.region) if passage.last is None else passage.last
                    server = frame["server"]
                    passage.listening.set()
                elif frame["type"] == "event":
                    shown = {name: frame[name] for name in ("trace", "seq", "region")}
                    passage.heard[frame["id"]] = {**shown, "server": server, "at": at}
                if passage.has_arrived():
                    return


def _number_before(look: Look, passage: Passage) -> int | None:
    """The number before the event's own, as far as a look has seen it: for a socket that could not open in time."""
    found = (look.newest.get("followed", {}).get(passage.id) or {}).get("channels")
    return int(found["seq"]) - 1 if found else None


def _detail(answer: httpx.Response) -> str:
    """What a problem document says, or the beginning of whatever came."""
    with suppress(ValueError, KeyError, TypeError):
        return str(answer.json()["detail"])[:300]
    return answer.text[:300]
