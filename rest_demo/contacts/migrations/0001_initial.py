"""Contacts, as models.py first had them."""

import django.core.validators
from django.db import migrations, models


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
                        validators=[django.core.validators.RegexValidator("^[A-Za-z0-9_.-]+$")],
                    ),
                ),
                ("full_name", models.CharField(max_length=120)),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("phone", models.CharField(blank=True, max_length=20)),
                (
                    "region",
                    models.CharField(max_length=32, validators=[django.core.validators.RegexValidator("^[a-z]+$")]),
                ),
                ("birth_date", models.DateField(blank=True, null=True)),
                ("active", models.BooleanField(default=True)),
                ("visits", models.IntegerField(default=0, validators=[django.core.validators.MinValueValidator(0)])),
                ("balance", models.DecimalField(decimal_places=2, default=0, max_digits=10)),
                ("note", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "ordering": ("code",),
            },
        ),
    ]
