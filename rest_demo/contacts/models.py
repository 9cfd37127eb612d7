"""Contacts: who can be notified. They come and go in files, so each has a natural id, its code.

What is right is said here, once: the API's serializers and the import's resource both ask the model.
"""

import re

from django.core.validators import MinValueValidator, RegexValidator
from django.db import models

from rest_demo.contacts.validity import a_valid_phone, born_in_living_memory, plain_text

CODE = r"\A(?!(?:import|export)\Z)[A-Za-z0-9][A-Za-z0-9_.-]*\Z"
"""A code stands in paths beside `import/` and `export/`."""
CODE_PATTERN = re.compile(CODE)


class Contact(models.Model):
    """One person, known to the outside by `code`."""

    code = models.CharField(
        max_length=32,
        unique=True,
        validators=[
            RegexValidator(CODE, "Letters, digits, _ . - only, a letter or digit first; not import or export.")
        ],
    )
    full_name = models.CharField(max_length=120, validators=[plain_text])
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=20, blank=True, validators=[a_valid_phone])
    region = models.CharField(max_length=32, validators=[RegexValidator(r"\A[a-z]+\Z", "Small letters a to z only.")])
    birth_date = models.DateField(null=True, blank=True, validators=[born_in_living_memory])
    active = models.BooleanField(default=True)
    visits = models.IntegerField(default=0, validators=[MinValueValidator(0)])
    balance = models.DecimalField(max_digits=10, decimal_places=2, default=0)
    note = models.CharField(max_length=200, blank=True, validators=[plain_text])

    class Meta:
        ordering = ("code",)
        permissions = (("import_contact", "Can import contacts"), ("export_contact", "Can export contacts"))

    def __str__(self) -> str:
        return f"{self.code} {self.full_name}"
