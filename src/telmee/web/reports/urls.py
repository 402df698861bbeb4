"""The addresses of reports and goals."""

from django.urls import path

from telmee.web.reports import behind, goals, making, views

urlpatterns = [
    path("verslagen", views.reports, name="reports"),
    path("verslagen/maken", making.make, name="report-make"),
    path("verslagen/maken/<id:pk>", making.publishing, name="report-publishing"),
    path("verslagen/concept/<id:pk>", making.draft, name="report-draft"),
    path("verslagen/concept/<id:pk>/publiceren", making.publish, name="report-publish"),
    path("verslagen/sleutel", views.keys, name="report-keys"),
    path("verslagen/<id:pk>", views.report, name="report"),
    path("verslagen/<id:pk>/inspanningen", behind.lines, name="report-lines"),
    path("verslagen/<id:pk>/opdrachten", behind.contracts, name="report-contracts"),
    path("verslagen/<id:pk>/bestand", views.file, name="report-file"),
    path("verslagen/<id:pk>/bestanden-maken", making.again, name="report-again"),
    path("doelen", goals.goals, name="goals"),
]
