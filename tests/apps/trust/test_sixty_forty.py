"""The case of the handreiking: 60% do well and cost no time, all attention goes to the other 40%.

Five contractors hand in for a year. Three of them are right; of the two others every second line
is changed. Once the rule holds, what is looked at is what the two deliver.
"""

from __future__ import annotations

from datetime import date
from uuid import uuid4

from telmee.apps.contracts.actions import register_contract
from telmee.apps.contributions.access import contribution_for
from telmee.apps.decisions.choices import DecisionReason, Outcome
from telmee.apps.organisations.acting import acting_as
from telmee.apps.trust.deciding import weigh_waiting
from telmee.apps.trust.models import Weighing
from tests.cast import Cast
from tests.money import accepted, decide
from tests.registering import facts, hand_in
from tests.trusting import ruled

#: Who hands in, and for which organisation: the first three do well.
_CONTRACTORS = {
    "contractor": "de_eem",
    "competitor": "rival",
    "subcontractor": "sub",
    "auditor": "audit_office",
    "colleague": "huizen",
}
_WELL = ("contractor", "competitor", "subcontractor")
_FIRST, _LATER = 4, 5


def contracts_of_all(cast: Cast) -> dict[str, int]:
    """One contract for each contractor."""
    with acting_as(cast.adviser.pk) as acting:
        return {
            who: register_contract(
                acting,
                facts(reference=f"HIL-{who}"),
                client_id=cast.hilversum.pk,
                contractor_id=getattr(cast, organisation).pk,
            )
            for who, organisation in _CONTRACTORS.items()
        }


def lines_of(cast: Cast, who: str, contract: int, numbers: range) -> list[int]:
    return [
        hand_in(
            cast,
            contract,
            by=who,
            kenmerk=f"K-{n}",
            persoon=f"P-{n}",
            begin=date(2025, 1, 1),
            eind=date(2025, 3, 31),
        )
        for n in numbers
    ]


def changed(cast: Cast, line: int) -> None:
    with acting_as(cast.adviser.pk) as acting:
        access, row = contribution_for(acting, line)
        why = DecisionReason.HOURS
        decide(
            access, row, outcome=Outcome.ADJUSTED, key=uuid4(), reason=why, text="Minder uren.",
            amount_cents=1_00,
        )  # fmt: skip


def test_the_sixty_percent_cost_no_time_and_the_forty_get_it_all(cast: Cast) -> None:
    contracts = contracts_of_all(cast)
    for who, contract in contracts.items():
        for number, line in enumerate(lines_of(cast, who, contract, range(_FIRST))):
            if who in _WELL or number % 2:
                accepted(cast, line)
            else:
                changed(cast, line)
    ruled(cast, least_lines=_FIRST, least_right_bp=95_00)
    later = {
        who: lines_of(cast, who, contract, range(_FIRST, _FIRST + _LATER))
        for who, contract in contracts.items()
    }
    weigh_waiting()
    with acting_as(cast.adviser.pk):
        doubts = dict(Weighing.objects.values_list("contribution", "doubts"))
    automatic = {who: sum(not doubts[line] for line in lines) for who, lines in later.items()}
    assert automatic == {who: _LATER if who in _WELL else 0 for who in _CONTRACTORS}
    left = [doubts[line] for who, lines in later.items() if who not in _WELL for line in lines]
    assert left == [["too_often_wrong"]] * 2 * _LATER
