"""Six partitions, two brokers, two copies of each: who leads what, before, during and after the death of a broker.

                 before      one broker dead      back, in sync      after the election
    kafka-1      0 2 4       -                    -                  0 2 4
    kafka-2      1 3 5       0 1 2 3 4 5          0 1 2 3 4 5        1 3 5

Each partition has a copy on each broker, and its leader is one of the two: so leader and follower are never on the same
broker, and half of the work goes to each. When a broker dies the other one leads everything. When it returns it only
follows: leadership goes back when somebody asks for an election of the preferred leaders (Kafka can be told to do that
by itself every few minutes; here it is switched off, so that you see who did it).

`--breaks` names the same preferred leader for all six partitions. Both copies are still there, but the work is not
spread, and the claim must break.
"""

from typing import Literal

from kafka_demo.consumer import read_to_end
from kafka_demo.producer import Producer
from kafka_demo.topic import create_topic
from lab.checks import (
    enough_was_written,
    leader_and_follower_are_on_different_brokers,
    leaders_go_and_come_back,
    nothing_acknowledged_is_lost,
    nothing_is_read_twice,
    partitions_are_spread_evenly,
    the_fault_was_felt,
    the_read_reached_the_high_watermark,
)
from lab.faults import killed
from lab.scenario import Prediction, count_in, scenario
from lab.script import Lab


@scenario(
    "kafka-partition-distribution",
    claim="Six partitions with two copies are spread evenly over two brokers, and again after one of them died.",
    question="One of two brokers, each leading three of six partitions, dies and returns. Who leads when it is back?",
    predictions=[
        Prediction(
            "at-once",
            "Each leads three again as soon as the dead one is back in sync.",
            lambda findings: count_in(findings, "leaders_go_and_come_back", "one_sided_after_return") == 0,
        ),
        Prediction(
            "on-request",
            "The survivor leads all six until somebody asks for an election of the preferred leaders.",
            lambda findings: count_in(findings, "leaders_go_and_come_back", "one_sided_after_return") > 0,
        ),
    ],
    nodes=["kafka-controller", "kafka-1", "kafka-2"],
    needs=["kill"],
    seconds=45,
    checks=[
        the_fault_was_felt,
        enough_was_written(acknowledged=100),
        the_read_reached_the_high_watermark,
        nothing_acknowledged_is_lost,
        nothing_is_read_twice,
        leader_and_follower_are_on_different_brokers,
        partitions_are_spread_evenly,
        leaders_go_and_come_back,
    ],
    breaks_with={"leaders": "one"},
    breaks=[partitions_are_spread_evenly],
    notes={
        "N28": leader_and_follower_are_on_different_brokers,
        "N29": partitions_are_spread_evenly,
        "N33": leader_and_follower_are_on_different_brokers,
    },
)
def partition_distribution(lab: Lab, leaders: Literal["both", "one"] = "both") -> None:
    preferred = ["kafka-1", "kafka-2"] if leaders == "both" else ["kafka-1"]
    topic = lab.uses(create_topic(lab.run, partitions=6, replication_factor=2, leaders=preferred))
    lab.note("topic", topic.describe())
    lab.note("session_timeout", topic.session_timeout())
    lab.watch("cluster", topic.cluster)
    producers = [Producer(topic, name=f"producer-{number}") for number in (1, 2)]

    with lab.workload("append", producers, per_second=200):
        lab.observe("two brokers", seconds=10)

        with lab.fault(killed, "kafka-1"):
            lab.await_effect(
                "kafka-2 leads every partition",
                lambda: {topic.leader(number) for number in range(topic.partitions)} == {"kafka-2"},
                within=30,
            )
            lab.observe("one broker leads all", seconds=7)

        lab.await_recovery("every copy is in sync again", topic.is_in_sync, within=60)
        lab.observe("back, and only following", seconds=5)
        topic.elect_preferred_leaders()
        lab.await_recovery("the preferred leaders lead again", topic.is_complete, within=30)
        lab.observe("two brokers again", seconds=7)

    lab.read_back(read_to_end(topic))
