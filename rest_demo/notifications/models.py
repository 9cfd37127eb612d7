"""What a client asked for, and what is still to be sent: written in one transaction by api.py, read by the relay."""

import uuid

from django.db import models
from django.utils import timezone


class Notification(models.Model):
    """Never changed once it is written."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=32)
    region = models.CharField(max_length=32)
    priority = models.CharField(max_length=8)
    rule_version = models.PositiveSmallIntegerField()
    contact = models.CharField(max_length=32)
    text = models.CharField(max_length=2000)
    channel = models.CharField(max_length=8, blank=True)
    language = models.CharField(max_length=2, blank=True)
    flash = models.BooleanField(null=True)
    client_request = models.CharField(max_length=64, blank=True, db_index=True)
    created = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        indexes = (models.Index(fields=("-created", "-id"), name="notifications_newest"),)


class IdempotencyKey(models.Model):
    """A client's promise that requests with this key are one. `fingerprint`: of the body, to see when they are not."""

    key = models.CharField(max_length=200, primary_key=True)
    fingerprint = models.CharField(max_length=64)
    notification = models.ForeignKey(Notification, on_delete=models.CASCADE)
    created = models.DateTimeField(default=timezone.now, db_index=True)


class Outbox(models.Model):
    """A message that the broker has not confirmed yet, while `sent` is null."""

    notification = models.ForeignKey(Notification, on_delete=models.CASCADE)
    body = models.TextField()
    headers = models.JSONField()
    created = models.DateTimeField(default=timezone.now)
    sent = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=("id",), condition=models.Q(sent=None), name="outbox_unsent"),
            models.Index(fields=("sent",), name="outbox_sent"),
        )


class Counter(models.Model):
    """One row that many want to change at once: see bottleneck.py."""

    name = models.CharField(max_length=32, primary_key=True)
    value = models.BigIntegerField(default=0)
