"""What two sides do not agree on is reached from each page that tells of it, by who sees it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse

from telmee.apps.agreements.choices import Kind
from telmee.apps.agreements.models import Version
from telmee.apps.organisations.acting import acting_as
from telmee.web.home.today import DISPUTED
from tests.apps.contracts.test_turnover import answer, by_turnover, propose
from tests.cast import Cast
from tests.lettering import sent_letter
from tests.pooling import answered, rich_and_poor
from tests.pooling import proposed as pool_proposed
from tests.registering import register
from tests.settling import answered as settlement_answered
from tests.settling import proposed as settlement_proposed

_EVERYBODY = ("adviser", "contractor", "reader", "auditor", "team")


def disputed_turnover(cast: Cast) -> tuple[int, str]:
    """A contract of which the turnover is disputed, and the address of that."""
    contract = by_turnover(cast)
    propose(cast, contract, 600_000)
    assert answer(cast, contract, "adviser", "dispute") == "done"
    return contract, reverse("contract-turnover", args=[contract])


def disputed_pool(cast: Cast) -> tuple[int, str]:
    """A contract of a pool that is disputed, and the address of that."""
    rich, poor = rich_and_poor(cast)
    pool = pool_proposed(cast, rich, poor)
    answered(cast, pool, agrees=False, reason="Andere mensen.")
    return rich, reverse("contract-pool", args=[rich])


def links_of(browser: Any, url: str) -> list[str]:
    """The links of a page; none where it is not for who asks."""
    page = browser.get(url)
    assert page.status_code in {200, 404}
    main = page.content.decode().partition("<main")[2]
    return re.findall(r'href="(/[^"#?]*)', main) if page.status_code == 200 else []


def test_every_kind_of_agreement_has_the_page_where_it_is_disputed() -> None:
    assert set(DISPUTED) == set(Kind)


def disputed_settlement(cast: Cast) -> tuple[int, str]:
    """A contract of which the settlement is disputed, and the address of that."""
    contract = register(cast)
    assert settlement_proposed(cast, contract) == "done"
    disputed = settlement_answered(cast, contract, agrees=False, reason="Regel 12 ontbreekt.")
    assert disputed == "done"
    return contract, reverse("contract-settlement", args=[contract])


@pytest.mark.parametrize(
    ("disputed", "words", "day"),
    [
        (disputed_turnover, "Niet met elkaar eens · Omzet", True),
        (disputed_pool, "Niet met elkaar eens · Bundel", False),
        (disputed_settlement, "Niet met elkaar eens · Eindafrekening", False),
    ],
)
def test_the_home_of_a_contractor_lists_what_is_disputed_until_it_is_settled(
    cast: Cast, browse: Any, disputed: Any, words: str, *, day: bool
) -> None:
    """With the day until which the two try, where there is one."""
    _contract, page = disputed(cast)
    main = browse(cast.contractor).get(reverse("home")).content.decode().partition("<main")[2]
    row = re.search(rf'<a href="{page}">{words}</a>.*?</li>', main, re.DOTALL)
    assert row is not None
    assert bool(re.search(r"[0-9]{2}-[0-9]{2}-20[0-9]{2}", row[0])) == day
    other = browse(cast.competitor).get(reverse("home")).content.decode()
    assert page not in other


@pytest.mark.parametrize("disputed", [disputed_turnover, disputed_pool])
def test_a_dispute_leads_to_where_it_is_settled(cast: Cast, browse: Any, disputed: Any) -> None:
    contract, page = disputed(cast)
    assert page in links_of(browse(cast.adviser), f"{reverse('today')}?scope=all")
    for who in _EVERYBODY:
        browser = browse(getattr(cast, who))
        links: set[str] = set()
        for name in ("home", "today", "contract", "contract-timeline", "contract-history"):
            url = reverse(name, args=[contract] if name.startswith("contract") else [])
            links |= {link for link in links_of(browser, url) if link.startswith(page)}
        for link in links:
            assert browser.get(link).status_code in {200, 302}, (who, link)


def test_a_letter_on_turnover_that_was_disputed_opens_for_both(cast: Cast, browse: Any) -> None:
    contract, page = disputed_turnover(cast)
    assert answer(cast, contract, "adviser") == "done"  # he agrees after all
    with acting_as(cast.adviser.pk):
        version = Version.objects.filter(contract=contract).latest("pk")
    letter = sent_letter(cast.adviser, contract, "agreed_turnover", version.pk)
    for who in (cast.adviser, cast.contractor):
        browser = browse(who)
        url = reverse("letter", args=[contract, letter.pk])
        assert url in links_of(browser, page)
        links = links_of(browser, url)
        assert reverse("contract", args=[contract]) in links
        own = {link for link in links if link.startswith(reverse("contract", args=[contract]))}
        assert {browser.get(link).status_code for link in own} <= {200, 302}
