"""A small RabbitMQ service: a topology of every kind of exchange, a router, consumers that say why they got what."""
