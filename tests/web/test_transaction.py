"""One transaction around a request: what a failure wrote is undone, and nothing else is."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from telmee.apps.organisations.models import User
from telmee.web.middleware import OneTransaction
from tests.cast import Cast


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
