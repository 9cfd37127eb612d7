"""Refuses a body by the size that it says it has, before anything of it is read; a middleware, before that of CSRF.

The CSRF check reads the form, and with it a whole upload, onto the disk. nginx has its own limit; here it is kept also
by an instance that is asked without it. (Without Content-Length, Django reads no body at all.)
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from rest_demo import problems
from rest_demo.contacts.limits import MIB, UPLOAD, too_large

FORM = MIB // 16
"""What a multipart form has beside the file."""


class BoundedBody:
    """413 for more than the largest upload."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        told = request.META.get("CONTENT_LENGTH") or "0"
        size = int(told) if told.isdecimal() else 0
        if size > UPLOAD.size + FORM:
            return problems.response(request, 413, str(too_large(size, UPLOAD.size)), name="file-refused")
        return self._get_response(request)
