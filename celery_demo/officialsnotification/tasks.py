"""What offices are told: no rule names these tasks, so they go to the default queue."""

from typing import Any

from celery import shared_task

from celery_demo.results import publish


@shared_task(name="officialsnotification.tasks.worker")
def worker(contact: str = "officials", text: str = "") -> dict[str, Any]:
    """The task of the notes, by its own name whatever module it stands in."""
    return publish(contact, {"kind": "officialsnotification", "text": text})
