"""The addresses of the first page and of what is for today."""

from django.urls import path

from telmee.web.home import today, views

urlpatterns = [
    path("", views.home, name="home"),
    path("vandaag", today.today, name="today"),
]
