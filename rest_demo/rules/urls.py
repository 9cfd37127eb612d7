"""The paths of this part."""

from django.urls import path

from rest_demo.rules.api import Priority, Rules

urlpatterns = [path("priority/", Priority.as_view()), path("rules/", Rules.as_view())]
