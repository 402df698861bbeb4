"""Addresses of the pages about booking."""

from django.urls import path

from telmee.web.ledger import heads, views

urlpatterns = [
    path("controlegetal", heads.head, name="head"),
    path("controlegetal.json", heads.download, name="head-download"),
    path("opdrachten/<id:contract_id>/boeken", views.book, name="book"),
    path(
        "opdrachten/<id:contract_id>/boekingen/<id:entry_id>/terug",
        views.take_back,
        name="take-back",
    ),
]
