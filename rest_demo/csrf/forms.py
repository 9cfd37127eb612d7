"""The one question of these pages; form and JSON bodies are held against it alike."""

from django import forms


class Forward(forms.Form):
    """Who else is to receive."""

    to = forms.CharField(
        label="Forward my notifications to",
        help_text="A number or an address, at most 100 characters.",
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
