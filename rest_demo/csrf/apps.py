"""This part's name in Django."""

from django.apps import AppConfig


class CsrfConfig(AppConfig):
    name = "rest_demo.csrf"
