"""One transaction around a request: what a failure wrote is undone, and nothing else is."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import reverse

from telmee.apps.agreements.queries import share_versions
from telmee.apps.contracts import sharing
from telmee.apps.organisations.acting import acting_as
from telmee.apps.organisations.models import Organisation, User
from telmee.web.middleware import OneTransaction
from tests.apps.contracts.test_sharing import propose as propose_share
from tests.cast import Cast
from tests.registering import register


@pytest.mark.usefixtures("own_database")
@pytest.mark.parametrize(
    ("status", "stays"), [(200, True), (404, True), (422, True), (500, False), (503, False)]
)
def test_what_a_failure_wrote_is_undone(cast: Cast, status: int, stays: bool) -> None:
    def answer(request: HttpRequest) -> HttpResponse:
        user: Any = request.user
        User.objects.filter(pk=user.pk).update(name="Anders")
        return HttpResponse(status=status)

    OneTransaction(answer)(_request(cast.adviser, "post"))
    assert (User.objects.get(pk=cast.adviser.pk).name == "Anders") is stays


@pytest.mark.usefixtures("own_database")
@pytest.mark.parametrize(
    ("method", "then"),
    [("get", "Bouwbedrijf De Eem"), ("head", "Bouwbedrijf De Eem"), ("post", "Anders")],
)
def test_a_page_is_read_as_it_was_at_one_moment_and_a_form_as_it_is_now(
    cast: Cast, as_owner: Any, method: str, then: str
) -> None:
    """A form waits for whoever has its contract, and has to see what that one wrote."""
    names = []

    def answer(_: HttpRequest) -> HttpResponse:
        names.append(Organisation.objects.get(pk=cast.de_eem.pk).name)
        rename = "UPDATE organisations_organisation SET name = 'Anders' WHERE id = %s"
        as_owner(rename, cast.de_eem.pk)
        names.append(Organisation.objects.get(pk=cast.de_eem.pk).name)
        return HttpResponse()

    OneTransaction(answer)(_request(cast.contractor, method))
    assert names == ["Bouwbedrijf De Eem", then]
    with acting_as(cast.contractor.pk):
        assert Organisation.objects.get(pk=cast.de_eem.pk).name == "Anders"


@pytest.mark.usefixtures("own_database")
def test_a_page_cannot_write_and_the_next_form_can(cast: Cast) -> None:
    def answer(request: HttpRequest) -> HttpResponse:
        user: Any = request.user
        User.objects.filter(pk=user.pk).update(name="Anders")
        return HttpResponse()

    for method, path in (("get", "/"), ("head", "/vandaag"), ("get", "/inspanningen/7/bewijs")):
        with pytest.raises(DatabaseError, match="read-only"):
            OneTransaction(answer)(_request(cast.adviser, method, path))
    for method, path in (("post", "/"), ("get", "/accounts/oidc/x/login/callback/")):
        OneTransaction(answer)(_request(cast.adviser, method, path))


@pytest.mark.usefixtures("own_database")
def test_a_page_keeps_one_plan_of_each_query_and_a_form_does_not(cast: Cast) -> None:
    modes = []

    def answer(_: HttpRequest) -> HttpResponse:
        with connection.cursor() as cursor:
            cursor.execute("SHOW plan_cache_mode")
            modes.append(cursor.fetchone()[0])
        return HttpResponse()

    for method in ("get", "post", "get", "post"):
        OneTransaction(answer)(_request(cast.adviser, method))
    assert modes == ["force_generic_plan", "auto"] * 2


def _request(user: Any, method: str, path: str = "/") -> Any:
    request: Any = getattr(RequestFactory(), method)(path)
    request.user, request.session = user, {}
    return request


_TAKEOVER = '{"day" : "2026-03-01"}'
_AMENDED = '{"number" : 3, "day" : "2026-03-01"}'


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (
            f"telmee: line_after_takeover', DETAIL = '{_TAKEOVER}",
            "deze opdracht uit vanaf 01-03-2026",
        ),
        (f"telmee: contract_amended', DETAIL = '{_AMENDED}", "is wijziging 3 vastgelegd"),
        (f"telmee: contract_amended', DETAIL = '{_TAKEOVER}", ""),  # lacks one of its facts
        ("telmee: settlement_lines_wait', DETAIL = '{\"lines\" : 2}", "nog 2 inspanningen"),
        ("telmee: settlement_lines_wait", ""),
        ("telmee: share_exceeds_obligation", "Dit deel past niet meer in de opgave"),
        ("telmee: penalty_by_ladder", "Een sanctie is hier een stap van de ladder"),
        ("telmee: ledger_transfer_one_sided", ""),  # its words name an entry
        ("telmee: share_exceeds_obligation too", ""),
        ("telmee: a version that is not of its agreement", ""),
        ("duplicate key value violates a constraint", ""),
    ],
)
def test_what_the_database_alone_refuses_is_said_in_its_words(
    cast: Cast, browse: Any, monkeypatch: pytest.MonkeyPatch, said: str, words: str
) -> None:
    """Of two at the same moment the second passed every look before."""

    def refused(*_: object, **__: object) -> None:
        User.objects.filter(pk=cast.subcontractor.pk).update(name="Anders")
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"DO $$ BEGIN RAISE EXCEPTION USING MESSAGE = '{said}'; END $$")

    contract = register(cast)
    propose_share(cast, contract, 30_000)
    monkeypatch.setattr(sharing, "answer_share", refused)
    with acting_as(cast.subcontractor.pk):
        (proposed,) = share_versions(contract)
    its = browse(cast.subcontractor)
    its.raise_request_exception = False
    page = its.post(
        reverse("share-answer", args=[contract, proposed.version.pk]), {"answer": "agree"}
    )
    assert page.status_code == (409 if words else 500)
    assert words in page.content.decode()
    assert "share_exceeds_obligation too" not in page.content.decode()
    with acting_as(cast.subcontractor.pk):
        assert User.objects.get(pk=cast.subcontractor.pk).name != "Anders"
