"""The decided lines that an amendment touched, in the work list of who decides."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.urls import reverse

from tests.cast import Cast
from tests.money import accepted
from tests.registering import end_early, hand_in, register


def touched(cast: Cast) -> int:
    contract = register(cast)
    line = hand_in(cast, contract, kenmerk="GERAAKT")
    accepted(cast, line)
    end_early(cast.adviser.pk, contract, end=date(2025, 4, 30), on=date(2025, 3, 1))
    return line


def text_of(page: Any) -> str:
    return str(page.content.decode())


def test_the_work_list_leads_to_them_until_somebody_looked(cast: Cast, browse: Any) -> None:
    line, browser = touched(cast), browse(cast.adviser)
    queue, url = reverse("queue"), reverse("queue-touched")
    assert url in text_of(browser.get(queue))
    assert "GERAAKT" in text_of(browser.get(url))
    answer = browser.post(reverse("touched-keep", args=[line]))
    assert answer.headers["Location"] == url
    page = browser.get(url)
    assert "GERAAKT blijft" in text_of(page)
    assert page.context["listing"].total == 0
    assert url not in text_of(browser.get(queue))


def test_who_only_reads_has_no_button(cast: Cast, browse: Any) -> None:
    touched(cast)
    page = text_of(browse(cast.reader).get(reverse("queue-touched")))
    assert "GERAAKT" in page
    assert "besluit-blijft" not in page
