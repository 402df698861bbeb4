"""Every address of the application."""

from django.urls import include, path

urlpatterns = [
    path("", include("telmee.web.schemes.urls")),
    path("accounts/", include("allauth.urls")),
]
