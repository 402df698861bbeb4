"""The addresses of accounts that everybody may read."""

from django.urls import path

from telmee.web.openness import views

urlpatterns = [
    path("verantwoording", views.accounts, name="open-accounts"),
    path("verantwoording/<id:pk>", views.account, name="open-account"),
    path("verslagen/<id:pk>/voor-iedereen", views.opening, name="report-opening"),
]
