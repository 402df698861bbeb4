"""One transaction around a request: what a failure wrote is undone, and nothing else is."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import reverse

from telmee.apps.agreements.queries import share_versions
from telmee.apps.contracts import sharing
from telmee.apps.organisations.acting import acting_as
from telmee.apps.organisations.models import User
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

    request: Any = RequestFactory().get("/")
    request.user, request.session = cast.adviser, {}
    OneTransaction(answer)(request)
    assert (User.objects.get(pk=cast.adviser.pk).name == "Anders") is stays


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("telmee: share_exceeds_obligation", 409),
        ("telmee: ledger_transfer_one_sided", 500),  # its words name an entry: nobody typed that
        ("telmee: a version that is not of its agreement", 500),
        ("duplicate key value violates a constraint", 500),
    ],
)
def test_what_the_database_alone_refuses_is_said_in_its_words(
    cast: Cast, browse: Any, monkeypatch: pytest.MonkeyPatch, said: str, status: int
) -> None:
    """Of two at the same moment the second passed every look before."""

    def refused(*_: object, **__: object) -> None:
        User.objects.filter(pk=cast.subcontractor.pk).update(name="Anders")
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"DO $$ BEGIN RAISE EXCEPTION '{said}'; END $$")

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
    assert page.status_code == status
    assert ("Dit deel past niet meer in de opgave" in page.content.decode()) is (status == 409)
    with acting_as(cast.subcontractor.pk):
        assert User.objects.get(pk=cast.subcontractor.pk).name != "Anders"
