"""The addresses of organisations, people, recognitions and one's own account."""

from django.urls import path
from django.views.generic.base import RedirectView

from telmee.web.organisations import account, administration, claims, colleagues, enterprises, views

#: Pages of allauth that make no sense here: an address is proved by an invitation and by nothing
#: else, so nobody gives himself another. They stand before allauth's own.
_CLOSED = ("email/", "confirm-email/", "confirm-email/<path:key>", "3rdparty/", "3rdparty/signup/")

urlpatterns = [
    path("accounts/", RedirectView.as_view(pattern_name="my-account")),
    *(path(f"accounts/{page}", account.closed) for page in _CLOSED),
    path("organisaties", views.organisations, name="organisations"),
    path("organisaties/<id:pk>", views.organisation, name="organisation"),
    path("organisaties/<id:pk>/wijzigen", views.change, name="organisation-change"),
    path("organisaties/<id:pk>/uitnodigen", views.invite, name="organisation-invite"),
    path("uitnodigingen/<id:pk>/intrekken", views.withdraw, name="invitation-withdraw"),
    path("uitnodigingen/<id:pk>/goedkeuren", views.approve, name="invitation-approve"),
    path("aanspraken", claims.waiting, name="claims"),
    path("aanspraken/<id:pk>/bevestigen", claims.confirm, name="claim-confirm"),
    path("leden/<id:pk>/rol", views.change_role, name="member-role"),
    path("leden/<id:pk>/opdrachten", colleagues.contracts, name="member-contracts"),
    path("leden/<id:pk>/verwijderen", views.remove_member, name="member-remove"),
    path("erkende-ondernemingen", enterprises.enterprises, name="enterprises"),
    path("erkende-ondernemingen/nieuw", enterprises.record, name="recognition-record"),
    path("erkenningen/<id:pk>/beeindigen", enterprises.end, name="recognition-end"),
    path("uitnodiging/<secret:token>", account.arrive, name="invitation"),
    path("uitnodiging", account.invitation, name="invitation-accept"),
    path("mijn-account", account.my_account, name="my-account"),
    path("beheer/organisaties", administration.organisations, name="all-organisations"),
    path("beheer/organisaties/nieuw", administration.add, name="organisation-add"),
    path(
        "beheer/organisaties/<id:pk>/registratie",
        administration.registration,
        name="organisation-registration",
    ),
]
