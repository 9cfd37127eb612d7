"""This part's name in Django."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "rest_demo.notifications"
