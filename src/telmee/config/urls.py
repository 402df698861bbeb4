"""Every address of the application."""

from django.urls import include, path

handler500 = "telmee.web.site.views.failed"

urlpatterns = [
    path("", include("telmee.web.decisions.urls")),
    path("", include("telmee.web.contracts.urls")),
    path("", include("telmee.web.contributions.urls")),
    path("", include("telmee.web.letters.urls")),
    path("", include("telmee.web.relations.urls")),
    path("", include("telmee.web.home.urls")),
    path("", include("telmee.web.schemes.urls")),
    path("", include("telmee.web.organisations.urls")),
    path("", include("telmee.web.notices.urls")),
    path("", include("telmee.web.people.urls")),
    path("", include("telmee.web.trust.urls")),
    path("", include("telmee.web.coverage.urls")),
    path("", include("telmee.web.enforcement.urls")),
    path("", include("telmee.web.openness.urls")),
    path("", include("telmee.web.results.urls")),
    path("", include("telmee.web.reports.urls")),
    path("accounts/", include("allauth.urls")),
    path("", include("telmee.web.site.urls")),
]
