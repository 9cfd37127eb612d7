"""This part's name in Django."""

from django.apps import AppConfig


class ContactsConfig(AppConfig):
    name = "rest_demo.contacts"
