"""Which part answers which path over HTTP; routing.py says it for sockets."""

from django.urls import path

from channels_demo import health, login
from channels_demo.pages import views

urlpatterns = [
    path("livez", health.live),
    path("readyz", health.ready),
    path("login/", login.log_in, name="login"),
    path("logout/", login.log_out, name="logout"),
    path("api/ticket/", login.ticket, name="ticket"),
    path("", views.feed, name="feed"),
    path("scope/", views.scope, name="scope"),
    path("what-is-scope/", views.what_is_scope, name="what-is-scope"),
    path("assets/<str:name>", views.asset, name="asset"),
]
