"""The main menu, for who is signed in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from telmee.apps.organisations.acting import Acting


def navigation(request: HttpRequest) -> dict[str, Any]:
    """For every page its menu, the tabs of accounts, and for whom somebody works; no query."""
    acting = _acting(request)
    return {
        "navigation": SimpleLazyObject(lambda: list(_entries(request, acting))),
        "account_parts": SimpleLazyObject(lambda: list(_account_parts(request, acting))),
        "acting_for": [organisation.name for organisation in acting.own],
        "council_of": [client.name for client in acting.councils],
        "demo_mail": settings.MODE == "demo",
    }


def _acting(request: HttpRequest) -> Acting:
    """Who asks; nobody, when an error page is shown before that was clear."""
    return getattr(request, "acting", Acting())


def _entries(request: HttpRequest, acting: Acting) -> Iterator[dict[str, object]]:
    accounts = [url for _label, url in _accounts(acting)]
    for label, url in _links(acting):
        parts = accounts if url in accounts else [url]
        yield {"label": label, "url": url, "current": any(_is_at(request, one) for one in parts)}


def _account_parts(request: HttpRequest, acting: Acting) -> Iterator[dict[str, object]]:
    for label, url in _accounts(acting):
        yield {"label": label, "url": url, "current": _is_at(request, url)}


def _is_at(request: HttpRequest, url: str) -> bool:
    return request.path == url or (url != "/" and request.path.startswith(f"{url}/"))


def _links(acting: Acting) -> Iterator[tuple[str, str]]:
    """The parts that this visitor has a use for. A regional team decides, and counts as client."""
    if acting.user_id is not None and not acting.is_only_of_council:
        yield _("Home"), "/"
        if acting.is_of_client:
            yield _("Today"), "/vandaag"
        yield _("Contracts"), "/opdrachten"
        if acting.is_of_client:
            yield _("Work list"), "/werklijst"
            yield _("Enforcement"), "/handhaving"
        if not all(organisation.is_client for organisation in acting.own):
            yield _("Enter effort"), "/inspanningen/invoeren"
            yield _("Persons"), "/personen"
        if acting.own:
            yield _("Letters"), "/brieven"
            yield _("Trust"), "/vertrouwen"
        yield (_("Organisations") if len(acting.own) > 1 else _("Organisation")), "/organisaties"
        yield _("Recognised enterprises"), "/erkende-ondernemingen"
    if acting.is_operator:
        yield _("Administration"), "/beheer/organisaties"
    yield _("Schemes"), "/regelingen"
    yield next(_accounts(acting))


def _accounts(acting: Acting) -> Iterator[tuple[str, str]]:
    """The pages of what was asked and what came of it: one entry of the menu, each a tab of it."""
    reads = acting.own or acting.councils
    if reads:
        yield _("Results"), "/resultaten"
    if acting.is_of_client:
        yield _("Coverage"), "/dekking"
    if reads:
        yield _("Reports"), "/verslagen"
        yield _("Goals"), "/doelen"
    yield _("Published results"), "/gepubliceerde-resultaten"
    yield _("Accounts"), "/verantwoording"
