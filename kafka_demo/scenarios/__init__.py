"""The scenarios of the Kafka demo, and what the lab may ask about its part of the stack."""

from kafka_demo.scenarios.graceful_vs_crash import graceful_vs_crash
from kafka_demo.scenarios.leader_failover import leader_failover
from kafka_demo.scenarios.partition_distribution import partition_distribution
from kafka_demo.scenarios.stack import give_leadership_back, leader_of, leaders_and_in_sync_sets

SCENARIOS = [leader_failover, graceful_vs_crash, partition_distribution]
ROLES = {"kafka-leader": leader_of}
STATUS = leaders_and_in_sync_sets
AFTER_HEAL = give_leadership_back
