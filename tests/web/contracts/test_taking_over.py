"""A contract is taken over on its pages: looked at, recorded, and seen by each as far as his."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from telmee.apps.agreements.choices import State
from telmee.apps.agreements.queries import turnover_versions
from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.amending import taken_over
from telmee.apps.contracts.choices import Takeover
from telmee.apps.contracts.models import Party
from telmee.apps.contracts.pooling import place_of, places_in, pool_of, withdraw_from_pool
from telmee.apps.contracts.turnover import confirm_turnover
from telmee.apps.contracts.turnover_work import turnover_tasks
from telmee.apps.contributions.touched import amend_contract
from telmee.apps.organisations.acting import acting_as
from telmee.apps.organisations.models import Organisation
from telmee.core.errors import DomainError
from tests.apps.contracts.test_turnover import IN_2026, by_turnover
from tests.apps.contracts.test_turnover import answer as turnover_answered
from tests.apps.contracts.test_turnover import propose as turnover_proposed
from tests.cast import Cast
from tests.days import without_marks
from tests.initiatives import handed_in, world
from tests.mailing import mailed
from tests.money import accepted
from tests.pooling import pooled as in_pool
from tests.pooling import proposed as pool_proposed
from tests.registering import hand_in, register

DAY = date(2025, 9, 1)
LATER: dict[str, Any] = {"begin": date(2025, 10, 1), "eind": date(2025, 12, 31)}


def text_of(page: Any) -> str:
    return without_marks(page.content.decode()).replace("\u00a0", " ")


def typed(browser: Any, form_of: Any, contract: int, **fields: str) -> Any:
    """Fill in the form of a takeover and send it, as far as the preview."""
    url = reverse("contract-amend", args=[contract]) + "?ground=taken_over"
    usual = {"takeover": "merger", "effective_on": "1-9-2025", "reason": "Fusie"}
    return browser.post(url, {**form_of(browser.get(url)), **usual, **fields})


def contractor_of(cast: Cast, contract: int) -> str:
    with acting_as(cast.adviser.pk):
        return str(Party.objects.get(contract=contract, role="contractor").organisation.name)


def taken(cast: Cast) -> int:
    """A contract that Rival took over, with a line of before and one of after."""
    contract = register(cast)
    accepted(cast, hand_in(cast, contract, kenmerk="VOOR-1", persoon="V-1"))
    with acting_as(cast.adviser.pk) as acting:
        wanted = taken_over(
            cast.rival.pk, how=Takeover.MERGER, effective_on=DAY, reason="Samen verder."
        )
        amend_contract(contract_for(acting, contract), wanted, key=uuid4())
    hand_in(cast, contract, by="competitor", kenmerk="NA-1", persoon="N-1", **LATER)
    return contract


def test_it_shows_what_stays_behind_and_records_nothing_before_it_is_confirmed(
    cast: Cast, browse: Any, form_of: Any
) -> None:
    contract, browser = register(cast), browse(cast.adviser)
    hand_in(cast, contract, kenmerk="LAAT-1", persoon="P-9", **LATER)
    page = typed(browser, form_of, contract, kvk="30000004")
    text = text_of(page)
    assert page.status_code == 200
    for words in ("Bouwbedrijf De Eem → Infra Rival", "Wie vanaf nu wat ziet", "LAAT-1"):
        assert words in text
    assert "In de boeken verandert niets" in text
    assert contractor_of(cast, contract) == "Bouwbedrijf De Eem"
    page = typed(browser, form_of, contract, kvk="30000004", confirm="1")
    assert page.status_code == 302
    assert contractor_of(cast, contract) == "Infra Rival"
    history = text_of(browser.get(page.url))
    for words in ("Overgenomen door een andere organisatie", "Infra Rival", "gefuseerd"):
        assert words in history
    before = text_of(browser.get(page.url + "?op=31-8-2025"))
    assert "Uitgevoerd door" in before
    assert "Bouwbedrijf De Eem" in before.split("Wat er veranderde")[0]
    assert "Infra Rival" in text_of(browser.get(reverse("contract", args=[contract])))


def test_an_organisation_that_is_not_there_yet_is_added_when_it_is_confirmed(
    cast: Cast, browse: Any, form_of: Any
) -> None:
    contract, browser = register(cast), browse(cast.adviser)
    page = typed(browser, form_of, contract, kvk="30000099")
    assert page.status_code == 422
    assert "Fusie" in text_of(page)  # nothing typed is lost
    new = {"kvk": "30000099", "contractor_name": "Nieuw Samen"}
    page = typed(browser, form_of, contract, **new)
    assert "Bouwbedrijf De Eem → Nieuw Samen" in text_of(page)
    with acting_as(cast.adviser.pk):
        assert not Organisation.objects.filter(kvk="30000099").exists()
    assert typed(browser, form_of, contract, **new, confirm="1").status_code == 302
    assert contractor_of(cast, contract) == "Nieuw Samen"
    people = text_of(browser.get(reverse("contract-people", args=[contract])))
    assert "Vorige opdrachtnemer" in people
    assert "sinds 01-09-2025" in people


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"kvk": "30000003"}, "voert de opdracht op die dag al uit"),
        ({"kvk": "30000004", "effective_on": "1-1-2099"}, "Die dag is nog niet geweest"),
        ({"kvk": "30000004", "takeover": ""}, "verplicht"),
        ({"kvk": "30000004", "reason": ""}, ""),
    ],
)
def test_what_cannot_be_is_said_beside_the_field(
    cast: Cast, browse: Any, form_of: Any, fields: dict[str, str], words: str
) -> None:
    contract = register(cast)
    page = typed(browse(cast.adviser), form_of, contract, **fields)
    assert page.status_code == 422
    assert words in text_of(page)
    assert contractor_of(cast, contract) == "Bouwbedrijf De Eem"


#: The pages of a contract that can show lines, people or what was said of them.
_PAGES = (
    *("contract", "contract-obligation", "contract-contributions", "contract-plan"),
    *("contract-ledger", "contract-documents", "contract-journal", "contract-people"),
    *("contract-history", "contract-settlement", "contract-expected"),
)


@pytest.mark.parametrize(
    ("who", "own", "other"), [("competitor", "NA-1", "VOOR-1"), ("contractor", "VOOR-1", "NA-1")]
)
def test_no_page_and_no_file_shows_a_line_of_the_other(
    cast: Cast, browse: Any, who: str, own: str, other: str
) -> None:
    contract, browser = taken(cast), browse(getattr(cast, who))
    pages = [browser.get(reverse(name, args=[contract])) for name in _PAGES]
    lists = ("contract-contributions", "contract-journal", "contract-documents")
    files = [
        browser.get(
            reverse(name, args=[contract] if name != "contracts" else []), {"export": "csv"}
        )
        for name in lists
    ]
    pages += [browser.get("/"), browser.get(reverse("contracts"))]
    texts = [text_of(page) for page in (*pages, *files) if page.status_code == 200]
    assert any(own in text for text in texts)
    assert [text for text in texts if other in text] == []
    code = "V-1" if other == "VOOR-1" else "N-1"
    assert [text for text in texts if f">{code}<" in text] == []


def test_who_took_over_reads_the_sums_of_before(cast: Cast, browse: Any) -> None:
    contract = taken(cast)
    page = text_of(browse(cast.competitor).get(reverse("contract-contributions", args=[contract])))
    assert "Vóór de overname" in page
    assert "U hebt deze opdracht overgenomen op 01-09-2025" in page
    page = text_of(browse(cast.contractor).get(reverse("contract-contributions", args=[contract])))
    assert "Vóór de overname" not in page
    assert "Een andere organisatie voert deze opdracht uit vanaf 01-09-2025" in page


def test_who_carried_it_out_keeps_his_part_on_his_first_page(cast: Cast, browse: Any) -> None:
    contract = taken(cast)
    page = text_of(browse(cast.contractor).get("/"))
    assert "Uw deel in opdrachten van een ander" in page
    assert reverse("contract", args=[contract]) in page
    assert (
        browse(cast.contractor).get(reverse("contract-ledger", args=[contract])).status_code == 404
    )
    plan = browse(cast.contractor).get(reverse("plan-line-new", args=[contract]))
    assert plan.status_code == 404


def test_it_says_what_becomes_of_what_is_open_and_that_is_so(
    cast: Cast, browse: Any, form_of: Any
) -> None:
    contract = by_turnover(cast)
    assert turnover_proposed(cast, contract, 2_000, period=IN_2026) == "done"
    assert turnover_proposed(cast, contract, 1_000, by="adviser") == "done"
    in_pool(cast, contract, register(cast, reference="ANDERS"))
    text = text_of(typed(browse(cast.adviser), form_of, contract, kvk="30000004"))
    for words in (
        "Wat Bouwbedrijf De Eem van de opgave heeft verdeeld, blijft tussen",
        "1 voorstel voor de omzet wacht op Bouwbedrijf De Eem, die daar niet meer op kan",
        "Het gaat opnieuw naar wie de opdracht overneemt.",
        "1 voorstel voor de omzet van Bouwbedrijf De Eem wacht op u. U kunt er nog op antwoorden.",
        "De plaats in de bundel Schoonmaak eindigt, tot wie overneemt met een plaats akkoord is.",
    ):
        assert words in text
    typed(browse(cast.adviser), form_of, contract, kvk="30000004", confirm="1")
    assert contractor_of(cast, contract) == "Infra Rival"
    assert turnover_answered(cast, contract, "contractor") == "not_allowed"
    with acting_as(cast.competitor.pk) as acting:
        (task,) = (one for one in turnover_tasks(acting, today=timezone.localdate()) if one.mine)
        assert task.waiting is not None
        assert task.waiting.cents == 1_000_00
    assert turnover_answered(cast, contract, "competitor") == "done"
    with acting_as(cast.adviser.pk) as acting:
        (theirs,) = [
            one for one in turnover_versions([contract])[contract] if one.cents == 2_000_00
        ]
        confirm_turnover(contract_for(acting, contract), theirs.version.pk)
        place = place_of(contract)
        assert place is not None
        assert contract not in places_in(pool_of(place.place.pool), DAY)


def test_what_was_disputed_by_who_went_is_proposed_again_and_he_is_told_of_nothing(
    cast: Cast, browse: Any, form_of: Any
) -> None:
    contract = by_turnover(cast)
    assert turnover_proposed(cast, contract, 1_000, by="adviser") == "done"
    assert turnover_answered(cast, contract, "contractor", "dispute", reason="Te veel.") == "done"
    told = len(mailed())
    typed(browse(cast.adviser), form_of, contract, kvk="30000004", confirm="1")
    words = {one.to[0]: one.body for one in mailed()[told:] if "1.000,00" in one.body}
    assert words.keys() == {cast.competitor.email}
    with acting_as(cast.adviser.pk):
        states = [one.state for one in turnover_versions([contract])[contract]]
    assert states == [State.PROPOSED, State.SUPERSEDED]
    assert turnover_answered(cast, contract, "competitor") == "done"


def test_what_can_not_be_proposed_now_does_not_stop_a_takeover(
    cast: Cast, browse: Any, form_of: Any
) -> None:
    far = date(2189, 1, 1)
    contract = by_turnover(cast, end=date(2190, 12, 31))
    after = date(2191, 1, 1)
    assert turnover_proposed(cast, contract, 5, by="adviser", period=far, today=after) == "done"
    typed(browse(cast.adviser), form_of, contract, kvk="30000004", confirm="1")
    assert contractor_of(cast, contract) == "Infra Rival"
    with acting_as(cast.adviser.pk):
        assert len(turnover_versions([contract])[contract]) == 1


def test_what_waits_for_who_goes_is_withdrawn_and_of_an_initiative_nothing_is_decided(
    cast: Cast, browse: Any, form_of: Any
) -> None:
    its = world(cast)
    line = handed_in(cast, its.contracts[0])
    text = text_of(typed(browse(cast.adviser), form_of, its.contracts[2], kvk="30000004"))
    assert "Het deel in het initiatief Park eindigt" in text
    typed(browse(cast.adviser), form_of, its.contracts[2], kvk="30000004", confirm="1")
    with pytest.raises(DomainError, match="initiative_not_agreed"):
        accepted(cast, line)
    alone = [register(cast, reference=name) for name in ("B-1", "B-2")]
    pool = pool_proposed(cast, *alone)
    text = text_of(typed(browse(cast.adviser), form_of, alone[0], kvk="30000004"))
    assert "Op het voorstel over Schoonmaak kan Bouwbedrijf De Eem niet meer antwoorden." in text
    typed(browse(cast.adviser), form_of, alone[0], kvk="30000004", confirm="1")
    with acting_as(cast.adviser.pk) as acting:
        seen = [one.version.pk for one in pool_of(pool).waits.values()]
        withdraw_from_pool(acting, pool, seen)
        assert pool_of(pool).waits == {}


def test_a_takeover_before_another_ends_nothing_that_is_open_now(
    cast: Cast, browse: Any, form_of: Any
) -> None:
    contract = taken(cast)
    text = text_of(
        typed(browse(cast.adviser), form_of, contract, kvk="30000005", effective_on="1-3-2025",
              name="Tussentijds")
    )  # fmt: skip
    assert "Wie vanaf nu wat ziet" in text
    assert "van de opgave heeft verdeeld" not in text
