"""The addresses of coverage."""

from django.urls import path

from telmee.web.coverage import adding, purchase_answers, views

_CLIENT = "dekking/<id:pk>"

urlpatterns = [
    path("dekking", views.start, name="coverage-start"),
    path("dekking/sjabloon", adding.template, name="coverage-template"),
    path(_CLIENT, views.coverage, name="coverage"),
    path(f"{_CLIENT}/inkopen", views.purchases, name="purchases"),
    path(f"{_CLIENT}/toevoegen", adding.add, name="purchases-add"),
    path(f"{_CLIENT}/voorstellen", purchase_answers.proposals, name="purchase-proposals"),
    path(f"{_CLIENT}/opnieuw", purchase_answers.again, name="purchases-again"),
    path("dekking/lijsten/<id:pk>", adding.handed_over, name="purchase-list"),
    path("dekking/lijsten/<id:pk>/intrekken", adding.withdraw, name="purchases-withdraw"),
    path("dekking/inkopen/<id:pk>", purchase_answers.purchase, name="purchase"),
]
