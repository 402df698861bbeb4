"""The addresses of results: one's own, and those that public bodies published."""

from django.urls import path

from telmee.web.results import dashboard, views

urlpatterns = [
    path("resultaten", dashboard.dashboard, name="results"),
    path("resultaten/inspanningen", dashboard.lines, name="results-lines"),
    path("gepubliceerde-resultaten", views.published, name="published-results"),
]
