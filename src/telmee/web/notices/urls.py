"""The addresses of the outbox, for operators."""

from django.urls import path

from telmee.web.notices import views

urlpatterns = [
    path("beheer/berichten", views.notices, name="notices"),
    path("beheer/berichten/<id:pk>/opnieuw", views.again, name="notice-again"),
    path("beheer/berichten/<id:pk>/afgehandeld", views.settle, name="notice-settle"),
]
