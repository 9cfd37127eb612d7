"""The hub's live end: sockets of Django Channels on two Daphnes and a uvicorn, fed from Kafka. See README.md."""
