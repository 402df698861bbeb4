"""The addresses of the pages around the work."""

from django.urls import include, path

from telmee.web.site import heads, jobs, kept_filters, signed_in, views

urlpatterns = [
    path("language/", include("django.conf.urls.i18n")),
    path("toegankelijkheid", views.accessibility, name="accessibility"),
    path("privacy", views.privacy, name="privacy"),
    path(".well-known/security.txt", views.security_txt, name="security-txt"),
    path("ingelogd", signed_in.page, name="signed-in"),
    path("ingelogd/stand", signed_in.state, name="signed-in-state"),
    path("beheer/taken", jobs.jobs, name="jobs"),
    path("beheer/taken/<id:pk>/opnieuw", jobs.again, name="job-again"),
    path("controlegetal", heads.head, name="head"),
    path("controlegetal.json", heads.download, name="head-download"),
    path("filters/<slug:page>", kept_filters.keep, name="filter-keep"),
    path("filters/<id:pk>/verwijderen", kept_filters.drop, name="filter-drop"),
    path("demo/post", views.demo_mail, name="demo-mail"),
    path("demo/aanmelden", views.demo_enter, name="demo-enter"),
]
