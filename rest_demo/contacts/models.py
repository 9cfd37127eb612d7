"""Contacts: who can be notified. They come and go in files, so each has a natural id, its code."""

from django.core.validators import MinValueValidator, RegexValidator
from django.db import models


class Contact(models.Model):
    """One person, known to the outside by `code`."""

    code = models.CharField(max_length=32, unique=True, validators=[RegexValidator(r"^[A-Za-z0-9_.-]+$")])
    full_name = models.CharField(max_length=120)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=20, blank=True)
    region = models.CharField(max_length=32, validators=[RegexValidator(r"^[a-z]+$")])
    birth_date = models.DateField(null=True, blank=True)
    active = models.BooleanField(default=True)
    visits = models.IntegerField(default=0, validators=[MinValueValidator(0)])
    balance = models.DecimalField(max_digits=10, decimal_places=2, default=0)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("code",)

    def __str__(self) -> str:
        return f"{self.code} {self.full_name}"
