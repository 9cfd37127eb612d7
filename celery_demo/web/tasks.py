"""Pages: `web.tasks.*` goes to the queue `web`."""

from html import escape
from typing import Any

from celery import shared_task

from celery_demo.results import publish


@shared_task(name="web.tasks.notify_page")
def notify_page(contact: str, text: str) -> dict[str, Any]:
    """One line for somebody's open web page."""
    return publish(contact, {"kind": "web", "html": f"<p>{escape(text)}</p>"})
