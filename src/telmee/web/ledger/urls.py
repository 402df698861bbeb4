"""Addresses of the pages about booking."""

from django.urls import path

from telmee.web.ledger import views

urlpatterns = [
    path("opdrachten/<id:contract_id>/boeken", views.book, name="book"),
    path(
        "opdrachten/<id:contract_id>/boekingen/<id:entry_id>/terug",
        views.take_back,
        name="take-back",
    ),
]
