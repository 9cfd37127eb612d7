"""Pictures: `(video|image)\\.tasks\\..*` goes to the queue `media`."""

import base64
import io
from typing import Any

from celery import shared_task
from PIL import Image

from celery_demo.results import publish

MOST_PIXELS = 20_000_000


@shared_task(name="image.tasks.thumbnail")
def thumbnail(contact: str, picture: str, width: int = 64) -> dict[str, Any]:
    """A small PNG of a picture; both are base64 text, since a task travels as JSON. ValueError when it is none."""
    small = shrunk(base64.b64decode(picture, validate=True), width)
    return publish(contact, {"kind": "image", "png": base64.b64encode(small).decode()})


def shrunk(picture: bytes, width: int) -> bytes:
    """A PNG of that width, in proportion."""
    with Image.open(io.BytesIO(picture)) as opened:
        if opened.width * opened.height > MOST_PIXELS:
            raise ValueError(f"{opened.width} x {opened.height} pixels are more than the {MOST_PIXELS} that we take")
        out = io.BytesIO()
        opened.resize((width, max(1, opened.height * width // opened.width))).save(out, "PNG")
    return out.getvalue()
