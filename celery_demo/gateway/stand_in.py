"""A stand-in for the SMS gateway, which can be told to fail or to be slow (CELERY_DEMO_GATEWAY)."""

from threading import Event

from celery_demo import settings

LONGEST = 480
"""Characters: three text messages joined."""


class GatewayFailed(Exception):
    """The gateway did not take the message; it may next time."""


def send(contact: str, text: str) -> str:
    """Returns the gateway's receipt. ValueError for a text that no gateway takes."""
    if not text or len(text) > LONGEST:
        raise ValueError(f"a text has 1 to {LONGEST} characters, not {len(text)}")
    told = settings.read()
    if told.gateway_seconds:
        Event().wait(told.gateway_seconds)
    if told.gateway_fails:
        raise GatewayFailed(f"no answer for {contact}")
    return f"sms-{contact}-{len(text)}"
