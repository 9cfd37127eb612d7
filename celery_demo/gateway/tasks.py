"""Text messages: the queue stands in the decorator, as in the notes."""

from typing import Any

from celery import shared_task

from celery_demo.gateway.stand_in import GatewayFailed, send
from celery_demo.results import publish


@shared_task(
    name="gateway.tasks.covid_sms_send",
    queue="sms-channel",
    autoretry_for=(GatewayFailed,),
    # No jitter: a delay below one second makes apply_async raise on quorum queues (Celery 5.7).
    retry_backoff=2,
    retry_jitter=False,
    max_retries=4,
)
def covid_sms_send(contact: str, text: str) -> dict[str, Any]:
    """Hand a text to the gateway; its failures are tried again after 2, 4, 8 and 16 seconds."""
    return publish(contact, {"kind": "sms", "receipt": send(contact, text)})
