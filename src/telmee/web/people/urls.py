"""The addresses of people and their codes."""

from django.urls import path

from telmee.web.people import views

urlpatterns = [
    path("personen", views.people, name="people"),
    path("personen/<id:pk>", views.person, name="person"),
    path("personen/<id:pk>/andere-code", views.exchange, name="person-exchange"),
    path("personen/<id:pk>/wissen", views.erase, name="person-erase"),
]
