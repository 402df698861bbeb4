"""The addresses of reports and goals."""

from django.urls import path

from telmee.web.reports import goals, views

urlpatterns = [
    path("verslagen", views.reports, name="reports"),
    path("verslagen/maken", views.make, name="report-make"),
    path("verslagen/sleutel", views.keys, name="report-keys"),
    path("verslagen/<id:pk>", views.report, name="report"),
    path("verslagen/<id:pk>/inspanningen", views.lines, name="report-lines"),
    path("verslagen/<id:pk>/bestand", views.file, name="report-file"),
    path("doelen", goals.goals, name="goals"),
]
