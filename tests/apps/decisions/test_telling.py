"""That lines were handed in and decided on is told once for each deed, and counted together."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from telmee.apps.contracts.access import contract_for
from telmee.apps.contributions.access import contribution_for
from telmee.apps.contributions.actions import save_draft, submit, submit_drafts, take_back
from telmee.apps.decisions.choices import DecisionReason, Outcome, Ruling
from telmee.apps.decisions.judgement import Seen
from telmee.apps.decisions.objections import object_to
from telmee.apps.decisions.several import accept_lines, take_back_lines
from telmee.apps.notices.choices import COUNTED, Rhythm
from telmee.apps.notices.models import Notice
from telmee.apps.notices.sending import as_sender
from telmee.apps.notices.wishes import choose
from telmee.apps.organisations.acting import acting_as
from tests.cast import Cast
from tests.mailing import mailed
from tests.money import decide
from tests.registering import PLACEMENT, found, hand_in, register, seen_cents

pytestmark = pytest.mark.usefixtures("cast")


def written(code: str = "") -> list[tuple[int, str, int]]:
    """Of each notice of lines its reader, the line that it names, and how many it is about."""
    with as_sender():
        rows = Notice.objects.filter(code__in=[code] if code else COUNTED).order_by("pk")
        return [(row.user_id or 0, row.facts["line"], row.facts["count"]) for row in rows]


def lines_mailed() -> dict[str, list[str]]:
    """The subjects of what was mailed, by who gets it; of a digest the lines of its text."""
    sent: dict[str, list[str]] = {}
    for mail in mailed(*COUNTED):
        sent.setdefault(mail.to[0].split("@")[0], []).append(f"{mail.subject}\n{mail.body}")
    return sent


def drafts(cast: Cast, contract: int, *references: str) -> None:
    with acting_as(cast.contractor.pk) as acting:
        access = contract_for(acting, contract)
        made = [save_draft(access, {**PLACEMENT, "kenmerk": one}) for one in references]
        submit_drafts(access, made)


def accept_all(cast: Cast, contract: int, *, key: Any = None) -> None:
    with acting_as(cast.adviser.pk) as acting:
        access = contract_for(acting, contract)
        lines = list(access.contract.contributions.order_by("pk"))
        seen = {line.pk: Seen(line.version, seen_cents(access, line)) for line in lines}
        accept_lines(acting, seen, key=key or uuid4())


def reject(cast: Cast, line: int, text: str = "Te laat.") -> None:
    with acting_as(cast.adviser.pk) as acting:
        no: dict[str, Any] = {"reason": DecisionReason.OTHER, "text": text, "key": uuid4()}
        decide(*found(acting, line), outcome=Outcome.REJECTED, **no)


def test_the_adviser_is_told_of_a_line_that_is_handed_in(cast: Cast) -> None:
    contract = register(cast, adviser_id=cast.adviser.pk)
    hand_in(cast, contract)
    assert written() == [(cast.adviser.pk, "K-1", 1)]


def test_without_an_adviser_everybody_who_decides_is_told(cast: Cast) -> None:
    hand_in(cast, register(cast))
    told = {cast.adviser.pk, cast.second_adviser.pk, cast.manager.pk, cast.team.pk}
    assert {user for user, _line, _count in written()} == told


def test_many_lines_at_once_are_one_notice_for_each_reader(cast: Cast) -> None:
    contract = register(cast, adviser_id=cast.adviser.pk)
    drafts(cast, contract, "A-1", "A-2", "A-3")
    assert written() == [(cast.adviser.pk, "", 3)]
    accept_all(cast, contract, key=(key := uuid4()))
    accept_all(cast, contract, key=key)  # the same form once more
    assert written("lines_decided") == [(cast.contractor.pk, "", 3)]
    with acting_as(cast.adviser.pk) as acting:
        rows = contract_for(acting, contract).contract.contributions.all()
        take_back_lines(
            acting, {row.pk: Seen(row.version) for row in rows}, key=uuid4(), text="Vergissing"
        )
    assert written("lines_decided")[1:] == [(cast.contractor.pk, "", 3)]


def test_what_is_refused_is_not_counted_and_nothing_handed_in_is_not_told(cast: Cast) -> None:
    contract = register(cast, adviser_id=cast.adviser.pk)
    with acting_as(cast.contractor.pk) as acting:
        access = contract_for(acting, contract)
        whole = save_draft(access, {**PLACEMENT, "kenmerk": "A-1"})
        lacks = save_draft(access, {"kenmerk": "A-2", "bouwblok": "pw_lt2"})
        submit_drafts(access, [lacks])
        assert written() == []
        submit_drafts(access, [whole, lacks])
    assert written() == [(cast.adviser.pk, "A-1", 1)]


def test_who_handed_in_is_told_what_was_decided_and_not_what_it_says(cast: Cast) -> None:
    contract = register(cast)
    line = hand_in(cast, contract)
    reject(cast, line, "Noor is ziek")
    assert written("lines_decided") == [(cast.contractor.pk, "K-1", 1)]
    (said,) = lines_mailed()["contractor"]
    assert "afgekeurd" in said
    assert f"/inspanningen/{line}" in said
    assert "Noor" not in said


def test_what_came_of_an_objection_has_its_own_notice_alone(cast: Cast) -> None:
    contract = register(cast)
    line = hand_in(cast, contract)
    reject(cast, line)
    before = written("lines_decided")
    with acting_as(cast.contractor.pk) as acting:
        object_to(*found(acting, line), reason="Toch op tijd.")
    with acting_as(cast.second_adviser.pk) as acting:
        no: dict[str, Any] = {"reason": DecisionReason.OTHER, "text": "Nee.", "key": uuid4()}
        decide(*found(acting, line), outcome=Outcome.REJECTED, ruling=Ruling.DISMISSED, **no)
    assert written("lines_decided") == before


def test_a_digest_sums_what_is_of_one_contract_and_counts_a_line_once(cast: Cast) -> None:
    contract = register(cast, adviser_id=cast.adviser.pk)
    other = register(cast, adviser_id=cast.adviser.pk, reference="B-2")
    line = hand_in(cast, contract)
    with acting_as(cast.contractor.pk) as acting:
        take_back(*found(acting, line))
        submit(*contribution_for(acting, line))
    drafts(cast, contract, "A-1", "A-2")
    hand_in(cast, other, kenmerk="O-1")
    (said,) = lines_mailed()["adviser"]
    assert said.count("diende") == 2
    assert "diende 3 inspanningen van" in said
    assert "diende inspanning O-1 van B-2 in" in said
    assert f"/opdrachten/{contract}/inspanningen?state=submitted" in said


def test_who_wants_them_at_once_gets_those_that_wait_together_in_one_mail(cast: Cast) -> None:
    contract = register(cast, adviser_id=cast.adviser.pk)
    with acting_as(cast.adviser.pk) as acting:
        choose(acting, {"lines": Rhythm.AT_ONCE})
    for number in range(3):
        hand_in(cast, contract, kenmerk=f"A-{number}")
    (said,) = lines_mailed()["adviser"]
    assert said.startswith("Bouwbedrijf De Eem diende 3 inspanningen van")
