"""A large quarter of a contractor, with every click counted.

The contractor has forty contracts: sixty lines of a sheet on twenty of them, a line by form, five
questions to answer, eight contracts with nothing to report and three decisions to read: 43 clicks
and eight minutes at the pace of `tests.journeys.counting`.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from django.utils import timezone
from playwright.sync_api import expect

from telmee.apps.contracts.actions import register_contract
from telmee.apps.contributions.choices import State
from telmee.apps.contributions.models import Contribution
from telmee.apps.decisions.choices import DecisionReason, Outcome
from telmee.apps.organisations.acting import acting_as
from telmee.apps.relations.models import NothingToReport
from tests.apps.decisions.test_questions import put
from tests.apps.reports.test_reporting import asks
from tests.cast import Cast
from tests.journeys.conftest import SignIn
from tests.journeys.counting import Counted
from tests.money import decide
from tests.patience import PATIENCE_SECONDS
from tests.registering import facts, found, hand_in

#: The worker reads twenty files, one for each contract.
_UNTIL_READ = PATIENCE_SECONDS * 1000
_CONTRACTS, _PASTED_ON, _EACH, _QUESTIONS, _NOTHING, _DECIDED = 40, 20, 3, 5, 8, 3
#: As counted; a change that asks more of people is seen here.
_CLICKS_MAX, _MINUTES_MAX = 44, 10


def _contracts(cast: Cast, name: str, number: int) -> list[int]:
    with acting_as(cast.adviser.pk) as acting:
        return [
            register_contract(
                acting,
                facts(reference=f"{name}-{at:03}", name=f"Werk {at}"),
                client_id=cast.hilversum.pk,
                contractor_id=cast.de_eem.pk,
            )
            for at in range(number)
        ]


def _lines(cast: Cast, contract: int, number: int, name: str) -> list[int]:
    return [
        hand_in(cast, contract, kenmerk=f"{name}-{at}", persoon=f"{name}-{at}")
        for at in range(number)
    ]


def _sheet() -> str:
    heading = ("contract", "kenmerk", "bouwblok", "begin", "eind", "uren_per_week", "persoon")
    rows = [
        (f"KW-{at:03}", f"S-{at}-{one}", "pw_lt2", "1-7-2026", "30-9-2026", "24", f"S-{at}-{one}")
        for at in range(_PASTED_ON)
        for one in range(_EACH)
    ]
    return "\n".join("\t".join(row) for row in (heading, *rows))


def test_a_large_quarter_of_a_contractor_takes_ten_minutes(cast: Cast, sign_in: SignIn) -> None:
    contracts = _contracts(cast, "KW", _CONTRACTS)
    questions = _lines(cast, contracts[-1], _QUESTIONS, "V")
    for line in questions:
        put(cast, line)
    for line in _lines(cast, contracts[-2], _DECIDED, "B"):
        _reject(cast, line)
    asks(cast, "month", today=timezone.localdate().replace(day=1) - timedelta(days=1))
    page = sign_in("contractor")
    who = Counted(page)
    who.clicks, who.seconds = 3, 15  # an address, a password and a button
    _paste(who)
    _enter_one(who)
    who.home()
    who.press("V-0")
    for _question in questions:
        who.read()
        who.write("Het bleef 24 uur per week, zie de urenstaat.")
        who.press("Antwoord versturen")
    expect(page.get_by_text("Uw antwoord is verstuurd.")).to_be_visible()
    who.home()
    for _contract in range(_NOTHING):
        who.press("Niets deze periode")
        expect(page.get_by_text("Genoteerd voor")).to_be_visible()
    for at in range(_DECIDED):
        who.press(f"B-{at}")
        who.read()
        who.back()
    minutes = who.seconds / 60
    assert who.clicks <= _CLICKS_MAX, who.clicks
    assert minutes <= _MINUTES_MAX, minutes
    with acting_as(cast.contractor.pk):
        lines = Contribution.objects.filter(contract__in=contracts, state=State.SUBMITTED)
        assert lines.count() == _PASTED_ON * _EACH + 1 + _QUESTIONS
        assert NothingToReport.objects.filter(contract__in=contracts).count() == _NOTHING


def _reject(cast: Cast, line: int) -> None:
    with acting_as(cast.adviser.pk) as acting:
        access, row = found(acting, line)
        why = DecisionReason.HOURS
        decide(access, row, outcome=Outcome.REJECTED, key=uuid4(), reason=why, text="Te veel.")


def _paste(who: Counted) -> None:
    who.press("Rijen uit een rekenblad plakken")
    who.paste(_sheet())
    who.press("Deze rijen lezen")
    expect(who.page.get_by_text("Alle 60 concepten indienen")).to_be_visible(timeout=_UNTIL_READ)
    who.read()
    who.press("Alle 60 concepten indienen")
    expect(who.page.get_by_text("Er zijn 60 concepten ingediend")).to_be_visible()


def _enter_one(who: Counted) -> None:
    who.home()
    who.press("Invoeren")
    who.choose("Opdracht", "KW-030 Werk 30 · Gemeente Hilversum")
    who.choose("Bouwblok", "<2 jaar in Participatiewet")
    for label, text in (
        ("Eerste dag", "1-7-2026"), ("Laatste dag", "30-9-2026"), ("Uren per week", "24"),
        ("Code van de persoon", "F-1"),
    ):  # fmt: skip
        who.fill(label, text)
    who.press("Meteen indienen")
