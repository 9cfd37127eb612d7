"""Releases, as models.py first had them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Release",
            fields=[
                ("instance", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("version", models.PositiveSmallIntegerField()),
            ],
        ),
    ]
