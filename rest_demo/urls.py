"""Which part answers which path."""

from django.contrib import admin
from django.urls import include, path

from rest_demo import health
from rest_demo.schema import Schema

urlpatterns = [
    path("livez", health.live),
    path("readyz", health.ready),
    path("api/", include("rest_demo.contacts.urls")),
    path("api/", include("rest_demo.notifications.urls")),
    path("api/", include("rest_demo.rules.urls")),
    path("csrf/", include("rest_demo.csrf.urls")),
    path("api/schema/", Schema.as_view(), name="schema"),
    path("admin/", admin.site.urls),
]

handler400 = "rest_demo.problems.bad_request"
handler404 = "rest_demo.problems.not_found"
handler500 = "rest_demo.problems.server_error"
