"""Which broker holds which partition, and which of them is to lead it. Used once, by `create_topic`; pure arithmetic.

Kafka would choose by itself, starting at random: the same topic would look different each time it is made.
"""

from collections.abc import Sequence

from kafka_demo.cluster import node_name
from kafka_demo.errors import WrongUsage


def placement(
    brokers: Sequence[int], partitions: int, replication_factor: int, leaders: Sequence[str] | None = None
) -> list[list[int]]:
    """Broker ids for each partition, the preferred leader first: brokers 1 and 2 give [[1, 2], [2, 1], [1, 2], ...].

    `leaders` names the preferred leaders, repeated when there are more partitions; without it the brokers take turns.
    """
    names = [node_name(broker) for broker in brokers]
    if unknown := set(leaders or ()) - set(names):
        raise WrongUsage(f"{', '.join(sorted(unknown))} cannot lead: the live brokers are {', '.join(names)}")
    if replication_factor > len(brokers):
        raise WrongUsage(
            f"{replication_factor} copies need as many live brokers; there are {', '.join(names) or 'none'}"
        )
    wanted = leaders or names
    rows = []
    for partition in range(partitions):
        first = names.index(wanted[partition % len(wanted)])
        rows.append([brokers[(first + step) % len(brokers)] for step in range(replication_factor)])
    return rows
