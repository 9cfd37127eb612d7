"""What an attack would change: where a person's notifications are forwarded to. Each row is counted by the scenario."""

from django.conf import settings
from django.db import models


class Forwarding(models.Model):
    """One more receiver of what is meant for `owner`."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    to = models.CharField(max_length=100, db_index=True)
    way = models.CharField(max_length=20)
    """Which view made it: form, ajax, unprotected, link."""
    made = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)
