"""Reads a JSON body, and refuses in a sentence what would cost memory or a stack: too large, too deep."""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

MOST_BYTES = 256 * 1024


class BoundedJSONParser(JSONParser):
    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        told = (parser_context or {}).get("request")
        if told is not None and int(told.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
            raise RequestDataTooBig(f"more than {MOST_BYTES} bytes")
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise ParseError("The JSON is nested too deeply.") from error
