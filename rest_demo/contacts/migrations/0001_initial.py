"""Contacts, as models.py first had them."""

import django.core.validators
from django.db import migrations, models

import rest_demo.contacts.validity


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Contact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "code",
                    models.CharField(
                        max_length=32,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A(?!(?:import|export)\\Z)[A-Za-z0-9][A-Za-z0-9_.-]*\\Z",
                                "Letters, digits, _ . - only, a letter or digit first; not import or export.",
                            )
                        ],
                    ),
                ),
                ("full_name", models.CharField(max_length=120, validators=[rest_demo.contacts.validity.plain_text])),
                ("email", models.EmailField(blank=True, max_length=254)),
                (
                    "phone",
                    models.CharField(blank=True, max_length=20, validators=[rest_demo.contacts.validity.a_valid_phone]),
                ),
                (
                    "region",
                    models.CharField(
                        max_length=32,
                        validators=[
                            django.core.validators.RegexValidator("\\A[a-z]+\\Z", "Small letters a to z only.")
                        ],
                    ),
                ),
                (
                    "birth_date",
                    models.DateField(
                        blank=True, null=True, validators=[rest_demo.contacts.validity.born_in_living_memory]
                    ),
                ),
                ("active", models.BooleanField(default=True)),
                ("visits", models.IntegerField(default=0, validators=[django.core.validators.MinValueValidator(0)])),
                ("balance", models.DecimalField(decimal_places=2, default=0, max_digits=10)),
                (
                    "note",
                    models.CharField(blank=True, max_length=200, validators=[rest_demo.contacts.validity.plain_text]),
                ),
            ],
            options={
                "ordering": ("code",),
                "permissions": (("import_contact", "Can import contacts"), ("export_contact", "Can export contacts")),
            },
        ),
    ]
