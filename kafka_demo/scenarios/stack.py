"""What `lab status`, `lab break` and `lab heal` ask the Kafka demo about the topic that the whole hub uses."""

from collections import defaultdict

from kafka_demo.errors import ClusterUnavailable, KafkaDemoError, UnknownTopic
from kafka_demo.topic import find_topic
from lab.cluster.target import Refused, StackUnavailable
from lab.waiting import NotReached, wait_for

HUB_TOPIC = "freblogg"


def leader_of(argument: str) -> str:
    """The node that leads `topic/partition` now, e.g. of "freblogg/0". Raises Refused or StackUnavailable."""
    name, slash, partition = argument.partition("/")
    if not slash or not partition.isdigit():
        raise Refused(f"{argument!r} names no partition; write it as {HUB_TOPIC}/0.")
    try:
        leader = find_topic(name).leader(int(partition))
    except KafkaDemoError as error:
        raise (StackUnavailable if isinstance(error, ClusterUnavailable) else Refused)(f"{error}.") from error
    if leader is None:
        raise StackUnavailable(f"Nobody leads {argument} at the moment; `lab heal` mends what is broken.")
    return leader


def leaders_and_in_sync_sets() -> list[str]:
    """One line for each set of partitions with the same leader and in-sync set."""
    try:
        cluster = find_topic(HUB_TOPIC).cluster()
    except UnknownTopic:
        return [f"{HUB_TOPIC}: not there yet; the service kafka-topics creates it"]
    except ClusterUnavailable as error:
        return [f"{HUB_TOPIC}: {error}"]
    groups: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for number, one in cluster["partitions"].items():
        groups[one["leader"] or "nobody", one["replicas"][0], ", ".join(one["in_sync"])].append(number)
    return [
        f"{HUB_TOPIC} {','.join(numbers)}: led by {leader}"
        + ("" if leader == preferred else f" (preferred: {preferred})")
        + f", in sync: {in_sync}"
        for (leader, preferred, in_sync), numbers in groups.items()
    ]


def give_leadership_back() -> list[str]:
    """After a broker's return: wait for the full in-sync set of the hub's topic, then elect the preferred leaders."""
    try:
        topic = find_topic(HUB_TOPIC)
        wait_for(
            f"every copy of {HUB_TOPIC} to be in sync",
            lambda: all(len(one["in_sync"]) == len(one["replicas"]) for one in topic.cluster()["partitions"].values()),
            within=60,
            passing=(ClusterUnavailable,),
        )
        if topic.is_complete():
            return []
        topic.elect_preferred_leaders()
    except UnknownTopic:
        return []
    except (KafkaDemoError, NotReached) as error:
        return [f"{HUB_TOPIC}: leadership was not given back: {error}"]
    return [f"{HUB_TOPIC}: every copy is in sync; the preferred leaders lead again"]
