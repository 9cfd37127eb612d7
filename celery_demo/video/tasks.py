"""Films: `(video|image)\\.tasks\\..*` goes to the queue `media`."""

import base64
import io
from typing import Any

from celery import shared_task
from PIL import Image

from celery_demo.image.tasks import shrunk
from celery_demo.results import publish


@shared_task(name="video.tasks.poster")
def poster(contact: str, title: str, seconds: int) -> dict[str, Any]:
    """The still that stands for a film until it is played: a strip as long as the film, scaled down."""
    out = io.BytesIO()
    Image.linear_gradient("L").resize((max(1, min(seconds, 4000)), 90)).save(out, "PNG")
    return publish(
        contact, {"kind": "video", "title": title, "png": base64.b64encode(shrunk(out.getvalue(), 96)).decode()}
    )
