"""The address of the published results."""

from django.urls import path

from telmee.web.results import views

urlpatterns = [
    path("gepubliceerde-resultaten", views.published, name="published-results"),
]
