"""What `lab status` asks the RabbitMQ demo about the queues that the whole hub uses."""

from rabbitmq_demo.broker import connected, versions
from rabbitmq_demo.errors import BrokerUnavailable
from rabbitmq_demo.topology import DEAD_QUEUE, LEAVES, ROUTER_QUEUE, consumers, depth


def waiting_messages() -> list[str]:
    """One line: the broker's version, how many messages wait in the inbox, in the hub and among the dead letters."""
    try:
        with connected("lab status", patience=1.0) as connection:
            if consumers(ROUTER_QUEUE, connection) is None:
                return ["hub: its queues are not there yet; the service rabbitmq-router declares them"]
            inbox, dead = depth(ROUTER_QUEUE, connection), depth(DEAD_QUEUE, connection) or 0
            there = sum(depth(queue, connection) or 0 for queue in LEAVES)
            served = consumers(ROUTER_QUEUE, connection)
            version = versions(connection)["rabbitmq"]
    except BrokerUnavailable as error:
        return [f"hub: {error}"]
    who = "the router takes from it" if served else "no router takes from it"
    return [f"hub on RabbitMQ {version}: inbox {inbox} ({who}), {there} in its queues, {dead} dead letters"]
