"""The pages on which an operator proposes a manager, and on which somebody else approves him."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from telmee.apps.organisations.acting import acting_as
from telmee.apps.organisations.models import Invitation
from tests.cast import Cast
from tests.mailing import mailed

Browse = Callable[..., Any]
NEW = "nieuwe.baas@example.org"


def text_of(page: Any) -> str:
    return str(page.content.decode())


@pytest.fixture
def proposal(
    cast: Cast, browse: Browse, django_capture_on_commit_callbacks: Callable[..., Any]
) -> int:
    """Let the operator propose a manager for Hilversum, on the page."""
    browser = browse(cast.operator)
    path = reverse("organisation-invite", args=[cast.hilversum.pk])
    assert path in text_of(browser.get(reverse("organisation", args=[cast.hilversum.pk])))
    page = text_of(browser.get(path))
    assert "Beheerder voorstellen" in page
    assert "De beheerders krijgen een mail over uw voorstel" in page
    with django_capture_on_commit_callbacks(execute=True):
        answer = browser.post(path, {"email": NEW, "role": "manager"}, follow=True)
    assert "wacht op goedkeuring" in text_of(answer)
    with acting_as(cast.operator.pk):
        return Invitation.objects.get().pk


def test_who_proposed_sees_it_wait_and_cannot_approve(
    cast: Cast, proposal: int, browse: Browse
) -> None:
    browser = browse(cast.operator)
    approve = reverse("invitation-approve", args=[proposal])
    page = text_of(browser.get(reverse("organisation", args=[cast.hilversum.pk])))
    assert NEW in page
    assert approve not in page
    assert reverse("invitation-withdraw", args=[proposal]) in page
    assert NEW in text_of(browser.get(reverse("all-organisations")))
    assert browser.post(approve).status_code == 404


def test_a_manager_approves_on_the_page_of_his_organisation(
    cast: Cast,
    proposal: int,
    browse: Browse,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    assert [sent.to for sent in mailed()] == [[cast.manager.email]]
    browser = browse(cast.manager)
    approve = reverse("invitation-approve", args=[proposal])
    page = text_of(browser.get(reverse("organisation", args=[cast.hilversum.pk])))
    assert approve in page
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(2):  # a second click changes nothing
            assert browser.post(approve).status_code == 302
    assert [sent.to for sent in mailed()[1:]] == [[NEW]]
    page = text_of(browser.get(reverse("organisation", args=[cast.hilversum.pk])))
    assert "wacht op goedkeuring" not in page
    assert approve not in page
    assert NEW not in text_of(browse(cast.operator).get(reverse("all-organisations")))


def test_a_colleague_reads_it_and_has_no_button(cast: Cast, proposal: int, browse: Browse) -> None:
    page = text_of(browse(cast.reader).get(reverse("organisation", args=[cast.hilversum.pk])))
    assert NEW in page
    for name in ("invitation-approve", "invitation-withdraw"):
        assert reverse(name, args=[proposal]) not in page


def test_for_whom_nobody_works_an_operator_still_invites_at_once(
    cast: Cast, browse: Browse, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        browse(cast.operator).post(
            reverse("organisation-add"),
            {"name": "Gemeente Weesp", "kvk": "30000077", "is_client": "on", "email": NEW},
        )
    assert [sent.to for sent in mailed()] == [[NEW]]
    assert "/uitnodiging/" in str(mailed()[0].body)
