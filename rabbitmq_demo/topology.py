"""The hub's topology, written down once; router, consumers and publishers all import it from here.

    trickle, rest --> hub.inbox (direct) --notify--> [router.inbox] --> the router --> hub
                                                          `- bad input --> hub.dead (fanout) --> [dead-letters]

    hub (topic; what nothing matched goes to hub.unrouted)
     |--feed.#------------------> [feeds]
     |--web.#-------------------> [web]
     |--video.#, image.#--------> [media]         two bindings, one copy
     |--*.*.urgent--------------> hub.urgent (fanout) --> [pager], [dashboard]
     |--officialsnotification.#-> hub.desks (direct) --KIND.north.PRIORITY--> [desk-north], and so for south
     `--gateway.#---------------> hub.gateway (headers) --channel=sms, language=ru--> [sms-ru]
                                                        --channel=sms-------------> [sms]
                                                        --channel=voice or flash--> [calls]

    hub.unrouted (fanout) --> [unrouted]          the alternate exchange of hub, hub.desks and hub.gateway

An exchange's alternate gets a message only when none of *its own* bindings matched. hub.desks and hub.gateway have one
themselves: hub did match, so hub's would not be asked. `python -m rabbitmq_demo route KEY` shows each step.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import kombu
from amqp.exceptions import NotFound
from kombu import Connection

from rabbitmq_demo.broker import errors_told
from rabbitmq_demo.wiring import Binding, Exchange, Queue, Topology

INBOX, ROUTING_KEY_IN, ROUTER_QUEUE = "hub.inbox", "notify", "router.inbox"
HUB, DEAD, DEAD_QUEUE = "hub", "hub.dead", "dead-letters"
UNROUTED = "hub.unrouted"
KINDS = ("feed", "web", "video", "image", "gateway", "officialsnotification")
PRIORITIES = ("normal", "urgent")
DESKS = ("north", "south")
DELIVERY_LIMIT = 3
"""After so many failed deliveries the inbox takes a message for poison. Set, because RabbitMQ's default differs: none
before 4.0, 20 since."""
MOST_DEAD_LETTERS = 10_000

_QUEUES = ("feeds", "web", "media", "sms-ru", "sms", "calls", *(f"desk-{name}" for name in DESKS))

TOPOLOGY = Topology(
    exchanges=(
        Exchange(INBOX, "direct"),
        Exchange(HUB, "topic", alternate=UNROUTED),
        Exchange("hub.urgent", "fanout"),
        Exchange("hub.desks", "direct", alternate=UNROUTED),
        Exchange("hub.gateway", "headers", alternate=UNROUTED),
        Exchange(UNROUTED, "fanout"),
        Exchange(DEAD, "fanout"),
    ),
    queues=(
        Queue(ROUTER_QUEUE, "quorum", dead_letters=DEAD, arguments={"x-delivery-limit": DELIVERY_LIMIT}),
        *(Queue(name, "quorum", dead_letters=DEAD, arguments={"x-delivery-limit": DELIVERY_LIMIT}) for name in _QUEUES),
        Queue("pager", "classic", dead_letters=DEAD, arguments={"x-message-ttl": 600_000}),
        Queue("dashboard", "classic", arguments={"x-message-ttl": 60_000}),
        Queue("unrouted", "classic", arguments={"x-max-length": MOST_DEAD_LETTERS}),
        Queue(DEAD_QUEUE, "classic", arguments={"x-max-length": MOST_DEAD_LETTERS}),
    ),
    bindings=(
        Binding(INBOX, ROUTER_QUEUE, ROUTING_KEY_IN),
        Binding(HUB, "feeds", "feed.#"),
        Binding(HUB, "web", "web.#"),
        Binding(HUB, "media", "video.#"),
        Binding(HUB, "media", "image.#"),
        Binding(HUB, "hub.urgent", "*.*.urgent", to="exchange"),
        Binding(HUB, "hub.desks", "officialsnotification.#", to="exchange"),
        Binding(HUB, "hub.gateway", "gateway.#", to="exchange"),
        Binding("hub.urgent", "pager"),
        Binding("hub.urgent", "dashboard"),
        *(
            Binding("hub.desks", f"desk-{desk}", f"officialsnotification.{desk}.{priority}")
            for desk in DESKS
            for priority in PRIORITIES
        ),
        Binding("hub.gateway", "sms-ru", headers={"x-match": "all", "channel": "sms", "language": "ru"}),
        Binding("hub.gateway", "sms", headers={"x-match": "all", "channel": "sms"}),
        Binding("hub.gateway", "calls", headers={"x-match": "any", "channel": "voice", "flash": True}),
        Binding(UNROUTED, "unrouted"),
        Binding(DEAD, DEAD_QUEUE),
    ),
)
LEAVES = tuple(queue.name for queue in TOPOLOGY.queues if queue.name not in (ROUTER_QUEUE, DEAD_QUEUE))
"""The queues that consumers take from."""


def declare(topology: Topology, connection: Connection, *, temporary: bool = False) -> None:
    """Make what is not there yet; harmless when all is. Raises TopologyDiffers or BrokerUnavailable.

    temporary: for this connection alone, gone with it, whatever happens to us: exclusive classic queues, and exchanges
    that are deleted with their last binding.
    """
    with errors_told("declaring a topology"), connection.channel() as amqp_channel:
        for exchange in topology.exchanges:
            alternate = {"alternate-exchange": exchange.alternate} if exchange.alternate else None
            kombu.Exchange(
                exchange.name, exchange.type, durable=not temporary, auto_delete=temporary, arguments=alternate
            )(amqp_channel).declare()
        for queue in topology.queues:
            _queue(queue, temporary)(amqp_channel).queue_declare()
        for binding in topology.bindings:
            end = kombu.Queue(binding.destination) if binding.to == "queue" else kombu.Exchange(binding.destination)
            arguments = dict(binding.headers) if binding.headers is not None else None
            end(amqp_channel).bind_to(binding.source, routing_key=binding.key, arguments=arguments)


def delete(topology: Topology, connection: Connection) -> None:
    """Remove everything of the topology, with all messages in it. Raises BrokerUnavailable."""
    with errors_told("deleting a topology"), connection.channel() as amqp_channel:
        for queue in topology.queues:
            kombu.Queue(queue.name)(amqp_channel).delete()
        for exchange in topology.exchanges:
            kombu.Exchange(exchange.name)(amqp_channel).delete()


@contextmanager
def declared(topology: Topology, connection: Connection) -> Iterator[Topology]:
    """For the length of the body; what was there before under these names is lost."""
    declare(topology, connection)
    try:
        yield topology
    finally:
        delete(topology, connection)


def depth(queue: str, connection: Connection) -> int | None:
    """How many messages wait in a queue (not those that a consumer holds), from the broker now; None: no such queue.

    Never from the management API, whose numbers are seconds old.
    """
    found = _look(queue, connection)
    return found and found[0]


def consumers(queue: str, connection: Connection) -> int | None:
    """How many consumers a queue has, from the broker now; None: no such queue."""
    found = _look(queue, connection)
    return found and found[1]


def _look(queue: str, connection: Connection) -> tuple[int, int] | None:
    with errors_told(f"looking at {queue}"), connection.channel() as amqp_channel:
        try:
            told = kombu.Queue(queue)(amqp_channel).queue_declare(passive=True)
        except NotFound:
            return None
        return told.message_count, told.consumer_count


def _queue(queue: Queue, temporary: bool) -> kombu.Queue:
    arguments = dict(queue.arguments or {})
    if queue.dead_letters:
        arguments["x-dead-letter-exchange"] = queue.dead_letters
    if temporary:
        arguments.pop("x-delivery-limit", None)  # a quorum queue's; they cannot be exclusive
    else:
        arguments["x-queue-type"] = queue.type
    return kombu.Queue(
        queue.name, durable=not temporary, exclusive=temporary, auto_delete=False, queue_arguments=arguments
    )
