"""/api/contacts/import/ and /api/contacts/export/: contacts by the file. api.py has them one by one."""

import tempfile
from dataclasses import asdict
from pathlib import PurePath
from typing import Any

from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiResponse, OpenApiTypes, extend_schema
from rest_framework import serializers
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from rest_demo import problems, settings
from rest_demo.contacts import by_default, exporting
from rest_demo.contacts.choices import ENCODINGS, FORMATS, MODES
from rest_demo.contacts.files import open_table
from rest_demo.contacts.importing import Report, import_contacts
from rest_demo.contacts.limits import UPLOAD
from rest_demo.contacts.models import Contact
from rest_demo.errors import FileRefused, ImportBusy

PATIENCE = 3
"""Seconds for which an import waits for another one; less than one statement may take."""


class ImportParameters(serializers.Serializer):
    mode = serializers.ChoiceField(MODES, default="all-or-nothing")
    dry_run = serializers.BooleanField(default=False)
    format = serializers.ChoiceField(FORMATS, required=False, help_text="Without it the file's name says it.")
    encoding = serializers.ChoiceField(ENCODINGS, required=False, help_text="Of csv and json; without it UTF-8.")


class ExportParameters(serializers.Serializer):
    format = serializers.ChoiceField(FORMATS, default="csv")
    prefix = serializers.CharField(
        default="", allow_blank=True, max_length=32, help_text="Only those whose code begins so."
    )


class RefusalSerializer(serializers.Serializer):
    row = serializers.IntegerField(help_text="As a spreadsheet counts; in JSON the first object is 1.")
    field = serializers.CharField(help_text="The column; empty where it is the row itself.", allow_blank=True)
    value = serializers.CharField(allow_blank=True)
    reason = serializers.CharField()


class ReportSerializer(serializers.Serializer):
    mode = serializers.ChoiceField(MODES)
    dry_run = serializers.BooleanField()
    saved = serializers.BooleanField(help_text="False: the database is as it was.")
    rows = serializers.IntegerField()
    good = serializers.IntegerField(help_text="Rows that passed, unchanged ones included.")
    refused = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    created = serializers.IntegerField(help_text="As the database counted; 0 where nothing was saved.")
    updated = serializers.IntegerField(help_text="As the database counted; 0 where nothing was saved.")
    seconds = serializers.FloatField()
    refusals = RefusalSerializer(many=True, help_text="At most 1,000 of them.")


class _WhateverIsAccepted(DefaultContentNegotiation):
    """`format` is a parameter of ours here, and no choice among renderers."""

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


_EXPORTED = dict.fromkeys(FORMATS, OpenApiTypes.BINARY) | {"json": {"type": "array", "items": {"type": "object"}}}
_FILE = {"type": "object", "required": ["file"], "properties": {"file": {"type": "string", "format": "binary"}}}
_REFUSALS = OpenApiResponse(description="Rows were refused, so nothing was saved: a problem with `report` in it.")


class ImportContacts(APIView):
    """Takes a file of contacts: csv, xlsx or a JSON list of objects, with the columns that an export has."""

    parser_classes = (MultiPartParser,)
    content_negotiation_class = _WhateverIsAccepted

    @extend_schema(
        operation_id="contacts_import",
        parameters=[ImportParameters],
        request={"multipart/form-data": _FILE},
        responses={200: ReportSerializer, 422: _REFUSALS},
    )
    def post(self, request: Request) -> Response:
        told = _parameters(ImportParameters, request)
        upload = request.FILES.get("file")
        if upload is None:
            raise problems.Problem(400, "no-file", "Send the file as multipart/form-data, in the part `file`.")
        try:
            report = _import(upload, told)
        except FileRefused as error:
            raise problems.Problem(error.status, "file-refused", str(error)) from error
        except ImportBusy as error:
            raise problems.Problem(409, "import-under-way", str(error), again_after=PATIENCE) from error
        if report.refused and not report.dry_run and not report.saved:
            said = f"{report.refused} of {report.rows} rows were refused, so nothing was saved."
            document = problems.problem(request._request, 422, said, name="rows-refused")
            return Response(document | {"report": asdict(report)}, 422, content_type=problems.CONTENT_TYPE)
        return Response(asdict(report))


class ExportContacts(APIView):
    """Gives contacts out as a file that an import takes back unchanged."""

    content_negotiation_class = _WhateverIsAccepted

    @extend_schema(
        operation_id="contacts_export",
        parameters=[ExportParameters],
        responses={(200, media.partition(";")[0]): _EXPORTED[kind] for kind, media in exporting.CONTENT_TYPES.items()},
    )
    def get(self, request: Request) -> HttpResponseBase:
        told = _parameters(ExportParameters, request)
        kind = told["format"]
        response = _export(kind, told["prefix"])
        response["Content-Type"] = exporting.CONTENT_TYPES[kind]
        response["Content-Disposition"] = f'attachment; filename="contacts.{kind}"'
        return response


def _import(upload: Any, told: dict[str, Any]) -> Report:
    kind = told.get("format") or PurePath(upload.name).suffix.lstrip(".").lower()
    if settings.read().options.import_resource == "default":
        return by_default.import_contacts(upload.file, kind, told["mode"], told["dry_run"])
    table = open_table(upload.file, upload.name, UPLOAD, told.get("format"), told.get("encoding"))
    return import_contacts(table, told["mode"], told["dry_run"], patience=PATIENCE)


def _export(kind: str, prefix: str) -> HttpResponseBase:
    contacts = Contact.objects.filter(code__startswith=prefix)
    if settings.read().options.import_resource == "default":
        return HttpResponse(by_default.export(kind, contacts))
    if kind == "xlsx":
        file = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
        exporting.write(file, kind, contacts)
        file.seek(0)
        return FileResponse(file)
    return StreamingHttpResponse(exporting.pieces(kind, contacts.iterator(1000)))


def _parameters(serializer: type[serializers.Serializer], request: Request) -> dict[str, Any]:
    told = serializer(data=request.query_params.dict())
    told.is_valid(raise_exception=True)
    return told.validated_data
