"""Notifications, keys, the outbox and the counter, as models.py first had them."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Counter",
            fields=[
                ("name", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("value", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Notification",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=32)),
                ("region", models.CharField(max_length=32)),
                ("priority", models.CharField(max_length=8)),
                ("rule_version", models.PositiveSmallIntegerField()),
                ("contact", models.CharField(max_length=32)),
                ("text", models.CharField(max_length=2000)),
                ("channel", models.CharField(blank=True, max_length=8)),
                ("language", models.CharField(blank=True, max_length=2)),
                ("flash", models.BooleanField(null=True)),
                ("client_request", models.CharField(blank=True, db_index=True, max_length=64)),
                ("created", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "indexes": [models.Index(fields=["-created", "-id"], name="notifications_newest")],
            },
        ),
        migrations.CreateModel(
            name="IdempotencyKey",
            fields=[
                ("key", models.CharField(max_length=200, primary_key=True, serialize=False)),
                ("fingerprint", models.CharField(max_length=64)),
                ("created", models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                (
                    "notification",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="notifications.notification"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Outbox",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("body", models.TextField()),
                ("headers", models.JSONField()),
                ("created", models.DateTimeField(default=django.utils.timezone.now)),
                ("sent", models.DateTimeField(null=True)),
                (
                    "notification",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="notifications.notification"),
                ),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("sent", None)), fields=["id"], name="outbox_unsent"),
                    models.Index(fields=["sent"], name="outbox_sent"),
                ],
            },
        ),
    ]
