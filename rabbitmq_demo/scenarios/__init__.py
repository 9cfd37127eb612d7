"""The scenarios of the RabbitMQ demo, and what the lab may ask about its part of the stack."""

from rabbitmq_demo.bench import bench_publish
from rabbitmq_demo.scenarios.confirms import confirms
from rabbitmq_demo.scenarios.consumer_dies import consumer_dies
from rabbitmq_demo.scenarios.dead_letter import dead_letter
from rabbitmq_demo.scenarios.exchange_types import exchange_types
from rabbitmq_demo.scenarios.priority_vs_prefetch import priority_vs_prefetch
from rabbitmq_demo.scenarios.stack import waiting_messages
from rabbitmq_demo.scenarios.ttl_head_of_line import ttl_head_of_line
from rabbitmq_demo.scenarios.unroutable import unroutable
from rabbitmq_demo.scenarios.virtual_transport import virtual_transport

SCENARIOS = [
    exchange_types,
    unroutable,
    confirms,
    consumer_dies,
    dead_letter,
    ttl_head_of_line,
    priority_vs_prefetch,
    virtual_transport,
]
BENCHES = {"rabbitmq-publish": bench_publish}
STATUS = waiting_messages
