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
