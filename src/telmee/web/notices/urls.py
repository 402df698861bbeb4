"""The addresses of the outbox, for operators, and of how often somebody is told."""

from django.urls import path

from telmee.web.notices import views, wishes

urlpatterns = [
    path("mijn-account/berichten", wishes.mine, name="my-notices"),
    path("mijn-account/adres-klopt", views.own_address_works, name="my-address-works"),
    path("beheer/adressen/<id:pk>/weer-gebruiken", views.use_again, name="address-again"),
    path("beheer/berichten", views.notices, name="notices"),
    path("beheer/berichten/<id:pk>/opnieuw", views.again, name="notice-again"),
    path("beheer/berichten/<id:pk>/afgehandeld", views.settle, name="notice-settle"),
]
