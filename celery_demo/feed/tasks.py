"""Feeds: `feed.tasks.*` goes to the queue `feeds`."""

from html import escape
from typing import Any

from celery import shared_task

from celery_demo.results import publish


@shared_task(name="feed.tasks.render")
def render(contact: str, items: list[dict[str, str]]) -> dict[str, Any]:
    """A contact's feed as HTML: one entry an item with "title" and "text"."""
    entries = "".join(f"<li><b>{escape(item['title'])}</b> {escape(item['text'])}</li>" for item in items)
    return publish(contact, {"kind": "feed", "html": f"<ul>{entries}</ul>"})


@shared_task(name="feed.tasks.import_feed")
def import_feed(contact: str, source: list[str]) -> dict[str, Any]:
    """A feed from lines of `title: text`; ValueError for a line that is not one."""
    pairs = [line.split(":", 1) for line in source]
    return render.run(contact, [{"title": title.strip(), "text": text.strip()} for title, text in pairs])
