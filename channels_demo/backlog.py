"""The last events of each region, numbered: what the bridge appends and a socket that comes back asks for.

    bridge --append(id, body)--> Redis: number per region, last N events --since(after)--> live feed

The number is given in Redis, in one step with the append, so it goes on across every server, bridge and reconnect: a
hole in the numbers that a socket gets is an event that it lost. The same id appended twice has one number.
"""

import json
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis

from channels_demo import settings, store
from channels_demo.settings import Options

MOST_BYTES = 4_000_000
"""Of a region's events, so that long ones cannot fill a Redis that others use, too. The latest is always kept."""

_APPEND = """
local known = redis.call('ZSCORE', KEYS[2], ARGV[1])
if known then return {tonumber(known), 0} end
local seq = tonumber(redis.call('HINCRBY', KEYS[3], ARGV[4], 1))
redis.call('XADD', KEYS[1], seq .. '-0', 'event', ARGV[2])
redis.call('ZADD', KEYS[2], seq, ARGV[1])
local bytes = redis.call('HINCRBY', KEYS[4], ARGV[4], #ARGV[2])
while bytes > tonumber(ARGV[5]) or redis.call('XLEN', KEYS[1]) > tonumber(ARGV[3]) do
    local oldest = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1]
    if not oldest or oldest[1] == seq .. '-0' then break end
    redis.call('XDEL', KEYS[1], oldest[1])
    bytes = redis.call('HINCRBY', KEYS[4], ARGV[4], -#oldest[2][2])
end
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', seq - 10 * ARGV[3])
return {seq, 1}
"""


@dataclass(frozen=True, slots=True)
class Since:
    """What a region's backlog holds after a number."""

    after: int | None
    events: list[dict[str, Any]]
    """{"seq", "region", "id", "body", "trace"}, in order."""
    last: int
    """The region's latest number, 0 before its first event."""
    complete: bool
    """Whether nothing between the asked number and these events has been forgotten."""


async def append(region: str, event_id: str, body: Any, trace: list[str]) -> tuple[dict[str, Any], bool]:
    """The event with its number, and whether it is new: an id that came before keeps the number that it got then."""
    told = settings.read()
    return await append_to(store.redis(), told.options, region, event_id, body, trace)


async def append_to(
    client: Redis, options: Options, region: str, event_id: str, body: Any, trace: list[str]
) -> tuple[dict[str, Any], bool]:
    """The same, into the backlog of servers with these options."""
    event = {"region": region, "id": event_id, "body": body, "trace": trace}
    script = client.register_script(_APPEND)
    parts = [("backlog", region), ("ids", region), ("last",), ("bytes",)]
    keys = [store.key(*part, prefix=options.prefix) for part in parts]
    seq, new = await script(keys, [event_id, json.dumps(event), options.backlog, region, MOST_BYTES])
    return {"seq": int(seq), **event}, bool(new)


async def since(region: str, after: int | None) -> Since:
    """The events after a number; with None none of them, only where the region stands."""
    client: Redis = store.redis()
    if after is None:
        return Since(None, [], int(await client.hget(store.key("last"), region) or 0), True)
    async with client.pipeline(transaction=True) as both:
        both.hget(store.key("last"), region)
        both.xrange(store.key("backlog", region), min=f"{after + 1}-0")
        told, entries = await both.execute()
    last = int(told or 0)
    events = [{"seq": int(at.partition("-")[0]), **json.loads(fields["event"])} for at, fields in entries]
    # A number beyond the last was given by a Redis that has been emptied since: what lies between, nobody knows.
    complete = after == last or bool(events and events[0]["seq"] == after + 1)
    return Since(after, events, last, complete)


async def regions() -> dict[str, int]:
    """Every region that ever had an event, with its latest number."""
    return {region: int(last) for region, last in (await store.redis().hgetall(store.key("last"))).items()}
