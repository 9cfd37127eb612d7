"""Kill the leader of a partition while producers append to it.

    producers --append--> leader --replicate--> follower
                            ^ killed here

With acks=all a producer hears "ok" only once every in-sync replica holds the record, so whoever is elected next must
already have it. The follower fetches all the time; it does not wait to be asked.

Nobody tells the controller that a broker was killed. It notices when the broker's heartbeats have been missing for the
session timeout (9 s by default), fences the broker, and elects the follower. Until then nobody can append: that silence
is the price of the failover. It ends by itself, and the producers, who kept trying, lose nothing.

Then the old leader comes back. It must first fetch what it missed (back in sync), and it leads again only when somebody
asks for an election of the preferred leaders. That return has a silence of its own.

With acks=1 the leader answers alone. To make the loss certain instead of lucky, `--breaks` also freezes the follower
for a moment: it is still in the in-sync set, but what the leader acknowledges meanwhile dies with the leader. That
variant must break the claim, or our checks see nothing.
"""

from contextlib import nullcontext
from typing import Literal

from kafka_demo.consumer import high_watermark_stands_still, read_to_end
from kafka_demo.producer import Producer
from kafka_demo.topic import create_topic
from lab.checks import (
    acknowledged_offset_is_where_it_is_read,
    an_offset_holds_one_value,
    enough_was_written,
    followers_stay_in_sync,
    nothing_acknowledged_is_lost,
    nothing_is_read_twice,
    order_within_a_partition,
    reads_come_from_the_leader,
    the_fault_was_felt,
    the_leader_moved,
    the_read_reached_the_high_watermark,
    unknown_outcomes_may_appear,
    what_certainly_failed_is_not_read,
    what_is_read_is_what_was_written,
    writes_pause_for,
)
from lab.faults import killed, paused
from lab.scenario import Prediction, count_in, scenario
from lab.script import Lab

pause_of_writes = writes_pause_for(session_timeouts=(0.73, 1.25), control_at_most=1 / 3)
leader_moved = the_leader_moved()


@scenario(
    "kafka-leader-failover",
    claim="A record acknowledged by every in-sync replica survives the death of its leader.",
    question="The leader of a partition is killed while producers append to it. What do they notice?",
    predictions=[
        Prediction(
            "nothing",
            "Nothing: the follower takes over at once.",
            lambda findings: count_in(findings, "writes_pause_for", "fault_gap") < 1,
        ),
        Prediction(
            "pause",
            "Writes pause for seconds, about the session timeout; nothing acknowledged is lost.",
            lambda findings: (
                count_in(findings, "writes_pause_for", "fault_gap") >= 1
                and count_in(findings, "nothing_acknowledged_is_lost", "lost") == 0
            ),
        ),
        Prediction(
            "loss",
            "The last records that were acknowledged before the kill are lost.",
            lambda findings: count_in(findings, "nothing_acknowledged_is_lost", "lost") > 0,
        ),
    ],
    nodes=["kafka-controller", "kafka-1", "kafka-2"],
    needs=["kill", "pause"],
    seconds=50,
    checks=[
        the_fault_was_felt,
        enough_was_written(acknowledged=100),
        the_read_reached_the_high_watermark,
        nothing_acknowledged_is_lost,
        nothing_is_read_twice,
        order_within_a_partition,
        an_offset_holds_one_value,
        acknowledged_offset_is_where_it_is_read,
        what_certainly_failed_is_not_read,
        what_is_read_is_what_was_written,
        unknown_outcomes_may_appear,
        leader_moved,
        pause_of_writes,
        followers_stay_in_sync,
        reads_come_from_the_leader,
    ],
    breaks_with={"acks": "1", "follower": "frozen"},
    breaks=[nothing_acknowledged_is_lost],
    notes={
        "N30": reads_come_from_the_leader,
        "N31": followers_stay_in_sync,
        "N32": leader_moved,
        "N34": reads_come_from_the_leader,
    },
)
def leader_failover(
    lab: Lab, acks: Literal["all", "1"] = "all", follower: Literal["fetching", "frozen"] = "fetching"
) -> None:
    topic = lab.uses(create_topic(lab.run, partitions=1, replication_factor=2))
    lab.note("topic", topic.describe())
    lab.note("session_timeout", topic.session_timeout())
    lab.watch("cluster", topic.cluster)
    leader, heir = topic.replicas(partition=0)
    producers = [Producer(topic, acks=acks, name=f"producer-{number}") for number in (1, 2)]

    with lab.workload("append", producers, per_second=200):
        lab.observe("two brokers", seconds=10)

        with lab.fault(paused, heir) if follower == "frozen" else nullcontext() as freeze:
            if freeze:
                lab.await_effect(
                    "the follower fetches no more", lambda: high_watermark_stands_still(topic, partition=0), within=5
                )
                lab.observe("the leader acknowledges alone", seconds=0.5, at_any_pace=True)
            with lab.fault(killed, leader):
                if freeze:
                    freeze.mend()
                lab.await_effect(
                    "the follower is elected leader", lambda: topic.leader(partition=0) not in (leader, None), within=30
                )
                lab.observe("one broker", seconds=10)

        lab.await_recovery(
            "the old leader is back in sync", lambda: leader in topic.in_sync_replicas(partition=0), within=60
        )
        topic.elect_preferred_leaders()
        lab.await_recovery("the old leader leads again", lambda: topic.leader(partition=0) == leader, within=30)
        lab.observe("two brokers again", seconds=10)

    lab.read_back(read_to_end(topic))
