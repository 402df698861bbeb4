"""The letter of a penalty is so complete that the penalty can be reckoned by hand from it."""

from __future__ import annotations

import re
from datetime import date, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID, uuid4

import pypdfium2
import pytest
from django.http import Http404

from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.booking import take_back
from telmee.apps.enforcement.letters import ENFORCED_FACTS
from telmee.apps.ledger.queries import entry_posted
from telmee.apps.letters.actions import make_paper, send_letter
from telmee.apps.letters.choices import Media
from telmee.apps.letters.queries import content_of
from telmee.apps.organisations.acting import acting_as
from telmee.core.enforcement import Step as Rung
from telmee.texts import LANGUAGES
from telmee.texts.letters import SPECIMENS
from telmee.texts.letters.kinds import KINDS
from telmee.texts.letters.words import Words
from tests.cast import Cast
from tests.enforcing import laddered, lenient, lenient_to_all, stepped, with_rung, withdrawn
from tests.money import accepted
from tests.registering import hand_in, register


def _words(kind: str, facts: Any) -> str:
    blocks = KINDS[kind].blocks(facts, Words(kind, "nl"))
    return " ".join(map(str, blocks))


def _cents(euros: str) -> int:
    return int(re.sub(r"[^0-9]", "", euros))


_PAST = {"start": date(2023, 1, 1), "end": date(2023, 12, 31)}
_FINE = "Wij leggen u een boete op van"
_DAYS = (date(2024, 1, 10), date(2024, 2, 1), date(2024, 4, 1), date(2024, 6, 1))


def _paper(cast: Cast, contract: int, kind: str, step: int) -> str:
    """The words of the paper of a letter, as somebody reads them from page to page."""
    with acting_as(cast.adviser.pk) as acting:
        access = contract_for(acting, contract)
        facts, reader = ENFORCED_FACTS[kind](access, step, "nl")
        letter = send_letter(
            access, kind=kind, facts=facts, reader_id=reader, subject_id=step, key=uuid4(),
            today=date(2024, 6, 3),
        )  # fmt: skip
    make_paper(letter.pk, contract, cast.adviser.pk)
    with acting_as(cast.contractor.pk):
        pages = pypdfium2.PdfDocument(content_of(letter, Media.PDF))
        return " ".join(" ".join(p.get_textpage().get_text_range() for p in pages).split())


def _amount(words: str, before: str) -> int:
    """The cents of the first amount behind some words."""
    amount = re.search(re.escape(before) + r"\D*?€\s*([0-9.]+,[0-9]{2})", words)
    assert amount is not None, before
    return _cents(amount[1])


def _day(words: str) -> date:
    day, month, year = map(int, words.split("-"))
    return date(year, month, day)


def reckoned(words: str) -> tuple[int, date]:
    """What a penalty comes to and its last day, from the words of its letter and nothing else."""
    lacking = _amount(words, "Uw opgave") - _amount(words, "Vastgesteld of overgebracht")
    assert lacking == _amount(words, "Niet gedaan")
    factor = re.search(r"De regeling rekent ([0-9,/]+) keer", words)
    fine = None
    if factor is not None:
        whole, _, part = factor[1].replace(",", ".").partition("/")
        fine = int(Fraction(whole) / Fraction(part or 1) * lacking + Fraction(1, 2))
    if (named := re.search("Wij hebben de [a-z]+ vastgesteld op", words)) is not None:
        fine = _amount(words, named[0])
    term = re.search(r"binnen ([0-9]+) dagen vanaf ([0-9-]+): tot en met ([0-9-]+)", words)
    assert term is not None
    last = _day(term[2]) + timedelta(days=int(term[1]))
    assert last == _day(term[3]) or "dagen van coulance niet meetellen" in words
    assert fine is not None
    return fine, _day(term[3])


@pytest.mark.parametrize(
    ("scheme", "case", "cents", "says"),
    [
        # 60.000,01 × 1,5
        ("noordoost-brabant-3.0", {"waived": 39_999_99}, 90_000_02, _FINE),
        ("noordoost-brabant-3.0", {"waived": 39_999_99, "amount": 12_345_67}, 12_345_67, _FINE),
        ("rijnmond-2024", {"waived": 1}, 124_999_99, _FINE),  # 99.999,99 × 1,25 = 124.999,9875
        ("harlingen", {"waived": 12_34}, 88_416_88, "Wij houden"),  # what lacks, once
        ("amsterdam", {"amount": 1_00}, 1_00, _FINE),  # the scheme gives no figure
        ("veenendaal-2013", {"amount": 1_00}, 1_00, "U betaalt"),
    ],
)
def test_a_penalty_is_reckoned_again_from_its_letter_alone(
    cast: Cast, scheme: str, case: dict[str, int], cents: int, says: str
) -> None:
    contract = register(cast, scheme=scheme, **_PAST)
    if "waived" in case:
        lenient(cast, contract, cents=case["waived"])
    if scheme == "harlingen":  # something was verified
        accepted(cast, hand_in(cast, contract, begin=date(2023, 1, 1), eind=date(2023, 6, 30)))
    laddered(cast, with_rung(Rung.PENALTY, second_from_cents=None))
    for day in _DAYS[:3]:
        stepped(cast, contract, today=day)
    penalty = stepped(cast, contract, today=_DAYS[3], amount_cents=case.get("amount"))
    words = _paper(cast, contract, "ladder_penalty", penalty.pk)
    assert reckoned(words) == (penalty.amount_cents, date(2024, 7, 1))
    assert _amount(words, says) == penalty.amount_cents == cents
    assert ("boete" in words.lower()) == (says == _FINE)


@pytest.mark.parametrize("factor", ["4/3", "1234567/1000000", "3/2", "1"])
def test_a_factor_stands_in_a_letter_exactly(factor: str) -> None:
    facts = {**SPECIMENS["ladder_penalty"]["nl"], "factor": factor}
    for language in LANGUAGES:
        mark = "," if language == "nl" else "."
        words = str(KINDS["ladder_penalty"].blocks(facts, Words("ladder_penalty", language)))
        written = re.search(r" ([0-9.,/]+) ×", words)
        assert written is not None
        whole, _, part = written[1].replace(mark, ".").partition("/")
        assert Fraction(whole) / Fraction(part or 1) == Fraction(factor)


def test_what_a_contract_is_behind_is_reckoned_again_from_its_letter(cast: Cast) -> None:
    contract = register(
        cast, start=date(2023, 1, 1), end=date(2024, 12, 31), agreed_cents=77_777_77
    )
    laddered(cast)
    lenient(cast, contract, first=date(2024, 1, 20), last=date(2024, 2, 2))
    step = stepped(cast, contract, today=_DAYS[0])
    words = _paper(cast, contract, "ladder_reminder", step.pk)
    days = re.search(r"Van de ([0-9]+) dagen van de opdracht waren er ([0-9]+) voorbij", words)
    assert days is not None
    due = Fraction(_amount(words, "Uw opgave") * int(days[2]), int(days[1]))
    assert int(due + Fraction(1, 2)) == _amount(words, "Had toen gedaan moeten zijn")
    assert _amount(words, "Achterstand") == step.behind_cents == int(due + Fraction(1, 2))
    # Fourteen days, and fourteen of leniency that do not count.
    assert "binnen 14 dagen vanaf 10-01-2024: tot en met 07-02-2024" in words
    assert "dagen van coulance niet meetellen" in words


def test_a_letter_is_of_its_own_step_and_of_none_that_was_withdrawn(cast: Cast) -> None:
    contract = register(cast, **_PAST)
    laddered(cast)
    reminder, signal = (stepped(cast, contract, today=day) for day in _DAYS[:2])
    with acting_as(cast.adviser.pk) as acting:
        access = contract_for(acting, contract)
        _facts, reader = ENFORCED_FACTS["ladder_signal"](access, signal.pk, "nl")
        assert reader == cast.de_eem.pk
        with pytest.raises(Http404):
            ENFORCED_FACTS["ladder_signal"](access, reminder.pk, "nl")
    withdrawn(cast, contract, signal.pk)
    with acting_as(cast.adviser.pk) as acting, pytest.raises(Http404):
        ENFORCED_FACTS["ladder_signal"](contract_for(acting, contract), signal.pk, "nl")


def _taken_back(cast: Cast, contract: int, key: UUID) -> None:
    with acting_as(cast.adviser.pk) as acting:
        entry = entry_posted(contract, key)
        assert entry is not None
        take_back(contract_for(acting, contract), entry.pk, reason="Vergissing")


def _leniency_letter(cast: Cast, contract: int, leniency: int, *, by: str = "adviser") -> Any:
    with acting_as(getattr(cast, by).pk) as acting:
        return ENFORCED_FACTS["ladder_leniency"](contract_for(acting, contract), leniency, "nl")


def test_the_letter_of_leniency_says_what_was_owed_before_and_after_it(cast: Cast) -> None:
    contract = register(cast, agreed_cents=100_000_00)
    first = lenient(cast, contract, cents=10_000_00)
    second = lenient(
        cast, contract, cents=5_000_00, first=date(2026, 3, 1), last=date(2026, 6, 30),
    )  # fmt: skip
    facts, reader = _leniency_letter(cast, contract, first.pk)
    later, _reader = _leniency_letter(cast, contract, second.pk)
    assert reader == cast.de_eem.pk
    # What was let go of afterwards changes nothing of the first letter.
    assert (facts["owed_before_cents"], facts["cents"]) == (100_000_00, 10_000_00)
    assert (later["owed_before_cents"], later["cents"]) == (90_000_00, 5_000_00)
    words = _words("ladder_leniency", later)
    assert "85.000,00" in words
    assert "Van 01-03-2026 tot en met 30-06-2026" in words
    assert "Crisis of overmacht" in words


def test_euros_that_were_taken_back_are_in_no_letter(cast: Cast) -> None:
    contract = register(cast)
    days = {"first": date(2026, 3, 1), "last": date(2026, 6, 30)}
    both, euros = (lenient(cast, contract, cents=1_00, **one) for one in (days, {}))
    for row in (both, euros):
        _taken_back(cast, contract, row.key)
    facts, _reader = _leniency_letter(cast, contract, both.pk)
    assert (facts["cents"], facts["owed_before_cents"]) == (None, None)
    assert "Uw opgave ervoor" not in _words("ladder_leniency", facts)
    with pytest.raises(Http404):
        _leniency_letter(cast, contract, euros.pk)


def test_leniency_for_all_has_a_letter_on_each_contract(cast: Cast) -> None:
    contracts = [register(cast), register(cast, reference="HIL-2025-002")]
    row = lenient_to_all(cast, first=date(2026, 3, 1), last=date(2026, 6, 30))
    with acting_as(cast.adviser.pk) as acting:
        for contract in contracts:
            access = contract_for(acting, contract)
            facts, reader = ENFORCED_FACTS["ladder_leniency"](access, row.pk, "nl")
            assert facts["of_all"]
            send_letter(
                access, kind="ladder_leniency", facts=facts, reader_id=reader, subject_id=row.pk,
                key=uuid4(), today=date(2026, 3, 2),
            )  # fmt: skip
    other = lenient(cast, contracts[0], first=date(2026, 7, 1), last=date(2026, 7, 2))
    with pytest.raises(Http404):
        _leniency_letter(cast, contracts[1], other.pk)
