"""Contacts in Django's admin: import with a preview that names each bad row and field, then a confirmation; export.

import-export's admin does the steps; here is what it leaves open: our formats, modes, permissions, and words. Upload
and confirmation may reach different instances: the file waits in the shared cache (IMPORT_EXPORT_TMP_STORAGE_CLASS).
"""

from typing import Any

import tablib
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from import_export.admin import ImportExportModelAdmin
from import_export.forms import ExportForm
from import_export.results import Result

from rest_demo.contacts import admin_formats
from rest_demo.contacts.admin_forms import ConfirmForm, UploadForm
from rest_demo.contacts.importing import refusals_of
from rest_demo.contacts.models import Contact
from rest_demo.contacts.resource import PreviewedContactResource
from rest_demo.errors import FileRefused


@admin.register(Contact)
class ContactAdmin(ImportExportModelAdmin):
    list_display = ("code", "full_name", "region", "phone", "email", "birth_date", "active")
    list_filter = ("region", "active")
    search_fields = ("code", "full_name", "email")
    resource_classes = (PreviewedContactResource,)
    formats = admin_formats.FORMATS
    import_form_class = UploadForm
    confirm_form_class = ConfirmForm
    export_form_class = ExportForm
    import_template_name = "contacts/import.html"

    # ---- upload and preview

    def import_action(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        response = super().import_action(request, **kwargs)
        context = getattr(response, "context_data", None) or {}
        if result := context.get("result"):
            form = context["form"]
            context["preview"] = preview = _preview(result, form.cleaned_data["mode"])
            if preview["can_be_saved"] and "confirm_form" not in context:
                context["confirm_form"] = self.create_confirm_form(request, import_form=form)
        return response

    def get_confirm_form_initial(self, request: HttpRequest, import_form: Any) -> dict[str, Any]:
        initial = super().get_confirm_form_initial(request, import_form)
        return initial | {"mode": import_form.cleaned_data["mode"]} if import_form else initial

    def add_data_read_fail_error_to_form(self, form: Any, e: Exception) -> None:
        if isinstance(e, FileRefused):
            form.add_error("import_file", str(e))
        else:
            super().add_data_read_fail_error_to_form(form, e)

    # ---- confirmation

    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        try:
            return super().process_import(request, **kwargs)
        except (FileRefused, FileNotFoundError) as error:
            said = str(error) if isinstance(error, FileRefused) else "This instance does not have the uploaded file."
            messages.error(request, f"Nothing was imported. {said} Upload it again.")
            return HttpResponseRedirect(reverse("admin:contacts_contact_import"))

    def get_import_data_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        mode = kwargs["form"].cleaned_data["mode"]
        return super().get_import_data_kwargs(**kwargs) | {"rollback_on_validation_errors": mode == "all-or-nothing"}

    def process_dataset(self, dataset: tablib.Dataset, form: Any, request: HttpRequest, **kwargs: Any) -> Result:
        result = super().process_dataset(dataset, form, request, **kwargs)
        result.mode = form.cleaned_data["mode"]
        return result

    def process_result(self, result: Result, request: HttpRequest) -> HttpResponse:
        """The totals are intentions: they are told only where they were carried out."""
        preview = _preview(result, result.mode)
        if not preview["can_be_saved"]:
            messages.error(request, f"Nothing was imported: {preview['refused']} rows were refused. Upload it again.")
            return HttpResponseRedirect(reverse("admin:contacts_contact_import"))
        return super().process_result(result, request)

    def add_success_message(self, result: Result, request: HttpRequest) -> None:
        told = _preview(result, result.mode)
        said = "Imported: {created} new, {updated} changed, {unchanged} unchanged, {refused} refused.".format(**told)
        messages.success(request, said)

    # ---- export

    def get_export_data(self, file_format: Any, request: HttpRequest, queryset: Any, **kwargs: Any) -> bytes:
        if not self.has_export_permission(request):
            raise PermissionDenied
        return admin_formats.written(file_format.kind, queryset)

    def get_export_filename(self, *told: Any) -> str:
        return f"contacts.{told[-1].get_extension()}"


def _preview(result: Result, mode: str) -> dict[str, Any]:
    """The page's own words for a Result: counts by row, and each refusal by row and column."""
    totals = result.totals
    refused = totals["invalid"] + totals["error"]
    good = totals["new"] + totals["update"]
    headers = result.diff_headers
    return {
        "mode": mode,
        "rows": result.total_rows,
        "created": totals["new"],
        "updated": totals["update"],
        "unchanged": totals["skip"],
        "refused": refused,
        "refusals": [
            refusal
            for row in result.invalid_rows
            for refusal in refusals_of(row.number, row.error_dict, dict(zip(headers, row.values, strict=True)))
        ],
        "can_be_saved": not result.has_errors()
        and good + totals["skip"] > 0
        and (mode != "all-or-nothing" or not refused),
    }
