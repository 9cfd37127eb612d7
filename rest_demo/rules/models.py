"""Which version of the rule an instance runs from its next start on: `python -m rest_demo release` writes it."""

from django.db import models


class Release(models.Model):
    instance = models.CharField(max_length=64, primary_key=True)
    version = models.PositiveSmallIntegerField()
