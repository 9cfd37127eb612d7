"""The pages about CSRF. Everything under unprotected/ is wrong on purpose: that is what an attack needs."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from rest_demo.csrf import unprotected, views

urlpatterns = [
    path("", views.index, name="csrf"),
    path("login/", LoginView.as_view(template_name="csrf/login.html"), name="csrf-login"),
    path("logout/", LogoutView.as_view(next_page="csrf"), name="csrf-logout"),
    path("form/", views.form, name="csrf-form"),
    path("ajax/", views.ajax, name="csrf-ajax"),
    path("ajax/forwardings/", views.forwardings, name="csrf-forwardings"),
    path("unprotected/", unprotected.exempt, name="csrf-exempt"),
    path("unprotected/link/", unprotected.link, name="csrf-link"),
]
