"""The two forms of the admin's import: the upload, and the confirmation that carries its choices on."""

from django import forms
from import_export.forms import ConfirmImportForm, ImportForm

from rest_demo.contacts.choices import MODES

_WORDS = {
    "all-or-nothing": "All or nothing: one refused row, and nothing is saved",
    "keep-good-rows": "Keep the good rows: refused ones are left out",
}
_CHOICES = [(mode, _WORDS[mode]) for mode in MODES]


class UploadForm(ImportForm):
    """import_file, format, mode."""

    mode = forms.ChoiceField(choices=_CHOICES, initial=MODES[0], widget=forms.RadioSelect)
    field_order = ("resource", "import_file", "format", "mode")


class ConfirmForm(ConfirmImportForm):
    mode = forms.ChoiceField(choices=_CHOICES, widget=forms.HiddenInput)
