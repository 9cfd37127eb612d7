"""How much has moved over each link of the hub, from what its systems say. Pure; lab/look.py hands over the parts."""

from collections.abc import Mapping
from typing import Any


def moved(parts: Mapping[str, Mapping[str, Any]]) -> dict[str, int]:
    """Running totals by link. They differ in where they began: compare two looks, not two links."""
    rest, celery, channels = parts["rest"], parts["celery"], parts["channels"]
    return {
        "rest>rabbitmq": rest["accepted"] - rest["outbox"],
        "rabbitmq>celery": celery["started"],
        "celery>kafka": celery["ended"],
        "kafka>channels": channels["events"],
        "channels>pages": channels["shown"],
    }
