"""This part's name in Django."""

from django.apps import AppConfig


class RulesConfig(AppConfig):
    name = "rest_demo.rules"
