"""Stop the leader of a partition twice under the same load: once cleanly, once by killing it.

    SIGTERM   "I am leaving" --> controller elects the follower, then the broker goes    writes pause for a moment
    SIGKILL   (silence)      --> controller waits for the session timeout, then elects   writes pause for seconds

The follower is the same, the load is the same, and after both nothing acknowledged is lost. What differs is only who
tells the controller. So an upgrade that stops its brokers politely costs almost nothing, and a crash costs the session
timeout, however good the follower is.

Each time the old leader is started again, catches up, and is given its partition back. Look at the gap of that return:
it can be longer than the gap of the clean stop.

`--breaks` kills the broker where the clean stop should be. The claim must then break.
"""

from typing import Literal

from kafka_demo.consumer import read_to_end
from kafka_demo.producer import Producer
from kafka_demo.topic import create_topic
from lab.checks import (
    clean_stop_pauses_less,
    enough_was_written,
    nothing_acknowledged_is_lost,
    nothing_is_read_twice,
    order_within_a_partition,
    the_fault_was_felt,
    the_leader_moved,
    the_read_reached_the_high_watermark,
)
from lab.faults import killed, stopped
from lab.scenario import Prediction, count_in, scenario
from lab.script import Lab

pauses_less = clean_stop_pauses_less(at_most=1 / 3)
leader_moved = the_leader_moved()


@scenario(
    "kafka-graceful-vs-crash",
    claim="A clean stop of the leader makes writers wait at most a third as long as its crash.",
    question="The same leader is stopped cleanly and later killed. How do the two pauses of the writers compare?",
    predictions=[
        Prediction(
            "same",
            "About the same: a leader is a leader.",
            lambda findings: count_in(findings, "clean_stop_pauses_less", "ratio") > 1 / 3,
        ),
        Prediction(
            "shorter",
            "The clean stop's is at most a third of the crash's.",
            lambda findings: count_in(findings, "clean_stop_pauses_less", "ratio") <= 1 / 3,
        ),
    ],
    nodes=["kafka-controller", "kafka-1", "kafka-2"],
    needs=["kill", "stop"],
    seconds=75,
    checks=[
        the_fault_was_felt,
        enough_was_written(acknowledged=100),
        the_read_reached_the_high_watermark,
        nothing_acknowledged_is_lost,
        nothing_is_read_twice,
        order_within_a_partition,
        leader_moved,
        pauses_less,
    ],
    breaks_with={"first": "killed"},
    breaks=[pauses_less],
    notes={"N32": leader_moved},
)
def graceful_vs_crash(lab: Lab, first: Literal["stopped", "killed"] = "stopped") -> None:
    topic = lab.uses(create_topic(lab.run, partitions=1, replication_factor=2))
    lab.note("topic", topic.describe())
    lab.note("session_timeout", topic.session_timeout())
    lab.watch("cluster", topic.cluster)
    leader = topic.replicas(partition=0)[0]
    producers = [Producer(topic, name=f"producer-{number}") for number in (1, 2)]

    with lab.workload("append", producers, per_second=200):
        lab.observe("two brokers", seconds=10)

        for way in (stopped if first == "stopped" else killed, killed):
            with lab.fault(way, leader):
                lab.await_effect(
                    "the follower is elected leader", lambda: topic.leader(partition=0) not in (leader, None), within=30
                )
                lab.observe("one broker", seconds=7)
            lab.await_recovery(
                "the old leader is back in sync", lambda: leader in topic.in_sync_replicas(partition=0), within=60
            )
            topic.elect_preferred_leaders()
            lab.await_recovery("the old leader leads again", lambda: topic.leader(partition=0) == leader, within=30)
            lab.observe("two brokers again", seconds=7)

    lab.read_back(read_to_end(topic))
