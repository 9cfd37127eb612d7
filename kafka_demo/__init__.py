"""A small real Kafka service: a topic with two copies of everything, a producer, a consumer, a watcher, steady traffic.

It stands alone: beside the standard library it needs confluent-kafka and a cluster, and it knows nothing of the lab.
Read it in the order in which a record travels: `topic`, `producer` (with `outcomes`), `consumer`, then `watcher`, which
tells what the brokers do meanwhile, and `traffic`, which puts it all together. `scenarios/` is where the lab breaks it.
"""
