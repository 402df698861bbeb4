"""Whoever should know of enforcement is told, once, in words that say what holds."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from django.utils import timezone

from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.actions import close_contract, register_contract
from telmee.apps.enforcement.leniency import end_leniency, leniency_to_end
from telmee.apps.notices.models import Notice
from telmee.apps.notices.sending import as_sender
from telmee.apps.organisations.acting import acting_as
from telmee.core.enforcement import Step as Rung
from tests.cast import Cast
from tests.enforcing import (
    agreed_by,
    laddered,
    late_pair,
    lenient,
    lenient_to_all,
    stepped,
    with_rung,
    withdrawn,
)
from tests.mailing import mailed
from tests.registering import facts, register

DAY = timedelta(days=1)
ENDED = {"start": date(2023, 1, 1), "end": date(2023, 12, 31)}


def _told(cast: Cast, code: str) -> Counter[str]:
    """Who was told, by his part."""
    parts = {user.pk: part for part, user in cast.users().items()}
    with as_sender():
        return Counter(parts[row.user_id or 0] for row in Notice.objects.filter(code=code))


def _of_rival(cast: Cast) -> int:
    """A contract of Hilversum with another contractor."""
    with acting_as(cast.adviser.pk) as acting:
        return register_contract(
            acting,
            facts(reference="RIVAL", **ENDED),
            client_id=cast.hilversum.pk,
            contractor_id=cast.rival.pk,
        )


def _words(part: str) -> str:
    """The mail to somebody, the last one."""
    address = f"{part}@example.org"
    (*_before, last) = [mail for mail in mailed() if mail.to == [address]]
    return f"{last.subject}\n{last.body}"


def test_leniency_on_one_contract_and_its_end_are_told_to_who_carries_it_out(cast: Cast) -> None:
    contract = register(cast, **ENDED)
    laddered(cast)
    today = timezone.localdate()
    row = lenient(cast, contract, first=today, last=today + 10 * DAY)
    two = {"contractor": 1, "contractor_manager": 1}
    assert _told(cast, "ladder_leniency") == two
    with acting_as(cast.adviser.pk) as acting:
        end_leniency(acting, leniency_to_end(acting, row.pk), reason="Weer open", today=today)
    assert _told(cast, "ladder_leniency_ended") == two
    words = _words("contractor")
    assert f"niet op {today + 10 * DAY:%d-%m-%Y}: Weer open" in words
    assert f"/opdrachten/{contract}/handhaving" in words


def test_leniency_for_all_tells_everybody_once_however_many_contracts(cast: Cast) -> None:
    late_pair(cast)
    other = _of_rival(cast)
    laddered(cast)
    today = timezone.localdate()
    row = lenient_to_all(cast, first=today, last=today + 10 * DAY, reason="Corona")
    once = dict.fromkeys(
        ("adviser", "second_adviser", "team", "contractor", "contractor_manager", "competitor"), 1
    )
    assert _told(cast, "leniency_for_all") == once
    words = _words("competitor")
    assert "Corona" in words
    assert f"/opdrachten/{other}/handhaving" in words
    with acting_as(cast.manager.pk) as acting:
        end_leniency(acting, leniency_to_end(acting, row.pk), reason="Voorbij", today=today)
    assert _told(cast, "leniency_for_all_ended") == once
    assert "Voorbij" in _words("competitor")


def test_leniency_for_all_says_nothing_to_contracts_that_are_over(cast: Cast) -> None:
    contract = _of_rival(cast)
    laddered(cast)
    with acting_as(cast.adviser.pk) as acting:
        access, today = contract_for(acting, contract), timezone.localdate()
        close_contract(access, on=today, reason="Gestopt", today=today)
    lenient_to_all(cast, first=today, last=today)
    assert "competitor" not in _told(cast, "leniency_for_all")


def test_who_decided_hears_that_the_second_person_did_not_agree(cast: Cast) -> None:
    contract = register(cast, **ENDED)
    laddered(cast, with_rung(Rung.REMINDER, second_from_cents=0))
    step = stepped(cast, contract, by="adviser")
    agreed_by(cast, contract, step.pk, by="second_adviser", agrees=False)
    assert _told(cast, "ladder_refused") == {"adviser": 1, "manager": 1}
    assert "Te streng" in _words("adviser")
    withdrawn_after = _told(cast, "ladder_withdrawn")
    withdrawn(cast, contract, step.pk)
    # The contractor never heard of it, so he does not hear that it is gone either.
    assert _told(cast, "ladder_withdrawn") == withdrawn_after == {}


def test_who_was_fined_hears_that_the_fine_is_gone(cast: Cast) -> None:
    contract = register(cast, **ENDED)
    laddered(cast, with_rung(Rung.PENALTY, second_from_cents=None))
    days = (date(2024, 1, 10), date(2024, 2, 1), date(2024, 4, 1), date(2024, 6, 1))
    penalty = [stepped(cast, contract, today=day) for day in days][-1]
    withdrawn(cast, contract, penalty.pk)
    assert _told(cast, "ladder_withdrawn") == {"contractor": 1, "contractor_manager": 1}
    assert "U hoeft die niet te betalen." in _words("contractor")
