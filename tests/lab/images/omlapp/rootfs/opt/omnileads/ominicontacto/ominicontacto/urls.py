# mypy: disable-error-code="import-not-found,import-untyped,misc"
"""The pages."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path
from ominicontacto_app import views

urlpatterns = [
    path("", views.home),
    path("health", views.health),
    path("recordings/<path:key>", views.recording),
    path("accounts/login/", LoginView.as_view(template_name="login.html"), name="login"),
    path("accounts/logout/", LogoutView.as_view()),
]
