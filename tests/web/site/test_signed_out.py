"""A form that comes after its session ended gives its texts back, and nothing keeps them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.cast import Cast
from tests.registering import register
from tests.web.routes import routes

pytestmark = pytest.mark.django_db
_TEXT = "Wij hebben <b>niemand</b> kunnen vinden."
_BROWSER = {"Sec-Fetch-Mode": "navigate"}


@pytest.fixture
def messages(cast: Cast) -> str:
    return reverse("contract-messages", args=[register(cast)])


def _sent(browser: Any, url: str, **headers: str) -> Any:
    typed = {"text": _TEXT, "subject": "Omzet", "key": "0" * 32}
    return browser.post(url, typed, headers={**_BROWSER, **headers})


def test_the_texts_of_a_form_stand_in_the_answer_with_where_to_sign_in(
    browse: Any, messages: str
) -> None:
    answer = _sent(browse(), messages, Referer=f"http://testserver{messages}?zoek=1")
    page = answer.content.decode()
    assert answer.status_code == 401
    assert "Wij hebben &lt;b&gt;niemand&lt;/b&gt; kunnen vinden.</textarea>" in page
    assert page.count("<textarea") == 1  # a word or a number is soon typed again
    assert f"/accounts/login/?next={messages}%3Fzoek%3D1" in page
    assert "no-store" in answer["Cache-Control"]


def test_nothing_of_it_is_kept_or_shown_to_who_signs_in(
    browse: Any, cast: Cast, messages: str
) -> None:
    visitor = browse()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        _sent(visitor, messages)
    assert not [one["sql"] for one in asked if "niemand" in one["sql"]]
    assert "niemand" not in str(dict(visitor.session.items()))
    visitor.force_login(cast.adviser)
    assert "niemand" not in visitor.get(messages).content.decode()


def test_a_part_of_a_page_and_a_form_without_texts_lead_to_signing_in_as_before(
    browse: Any, messages: str
) -> None:
    visitor = browse()
    assert _sent(visitor, messages, **{"HX-Request": "true"}).content == b""
    assert _sent(visitor, messages, **{"Sec-Fetch-Mode": "cors"}).status_code == 302
    assert visitor.post(messages, {"text": "Omzet"}, headers=_BROWSER).status_code == 302
    assert visitor.get(f"{messages}?zoek=twee+woorden", headers=_BROWSER).status_code == 302


@pytest.mark.parametrize(
    ("referer", "back"),
    [
        ("http://testserver{page}?kind=penalty", "{page}%3Fkind%3Dpenalty"),
        ("", "/"),
        ("http://elsewhere.example{page}", "/"),
        ("http://testserver.elsewhere.example{page}", "/"),
        ("//elsewhere.example{page}", "/"),
        ("javascript:alert(1)", "/"),
        ("http://[::1", "/"),
        ("http://testserver//elsewhere.example", "/elsewhere.example"),
    ],
)
def test_signing_in_leads_to_the_page_of_the_form_and_never_elsewhere(
    browse: Any, cast: Cast, referer: str, back: str
) -> None:
    contract = register(cast)
    page = reverse("contract-settlement", args=[contract])
    only_forms = reverse("settlement-propose", args=[contract])
    answer = browse().post(only_forms, {}, headers={"Referer": referer.format(page=page)})
    assert answer.url == f"/accounts/login/?next={back.format(page=page)}"


def test_signing_in_after_a_form_of_any_address_leads_to_a_page(browse: Any, cast: Cast) -> None:
    register(cast)
    visitor, adviser = browse(), browse(cast.adviser)
    leads = set()
    for route in routes():
        if route.is_ours:
            path = re.sub(r"<\w+:\w+>", "1", route.path)
            answer = visitor.post(f"/{path}", {}, headers=_BROWSER)
            if answer.status_code == 302 and "/login/?next=" in answer.url:
                leads.add(answer.url.partition("next=")[2])
    assert leads == {"/"}
    assert adviser.get("/").status_code == 200


@pytest.mark.parametrize("form", ["account_login", "account_change_password"])
def test_a_password_stands_in_no_answer(browse: Any, form: str) -> None:
    names = ("password", "oldpassword", "password1", "password2")
    typed = {"login": "iemand", **dict.fromkeys(names, "twee woorden geheim")}
    page = browse().post(reverse(form), typed, headers=_BROWSER).content.decode()
    assert "geheim" not in page
