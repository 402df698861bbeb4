"""A contractor confirms what another takes over, and nobody but the two sees the letter."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest
from django.http import Http404

from telmee.apps.agreements.queries import share_versions
from telmee.apps.audit.models import Event
from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.sharing import answer_share, propose_share
from telmee.apps.letters.access import letters_of, letters_on
from telmee.apps.letters.actions import make_paper
from telmee.apps.letters.models import Letter, Paper
from telmee.apps.letters.writing import text_of
from telmee.apps.organisations.acting import acting_as
from telmee.core.errors import DomainError
from tests.apps.contracts.test_takeover import amended, takeover
from tests.cast import Cast
from tests.lettering import asked_letter
from tests.mailing import mailed
from tests.registering import register
from tests.texts.letters.test_letters import told


def _proposed(cast: Cast, contract: int, cents: int, note: str = "") -> int:
    with acting_as(cast.contractor.pk) as acting:
        access = contract_for(acting, contract)
        propose_share(access, partner_id=cast.sub.pk, cents=cents, note=note, key=uuid4())
        return share_versions(contract)[0].version.pk


def _agreed(cast: Cast, contract: int, cents: int, note: str = "") -> int:
    version = _proposed(cast, contract, cents, note)
    with acting_as(cast.subcontractor.pk) as acting:
        answer_share(contract_for(acting, contract), version, agrees=True)
    return version


def _sees(cast: Cast, contract: int, who: str) -> bool:
    with acting_as(getattr(cast, who).pk) as acting:
        past_our_code = Letter.objects.exists()
        listed = letters_of(acting).exists()
        try:
            on_contract = letters_on(contract_for(acting, contract)).exists()
        except Http404:
            on_contract = False
        assert past_our_code == listed == on_contract, who
        return on_contract


def test_a_letter_about_a_share_is_between_the_two(cast: Cast) -> None:
    contract = register(cast)
    version = _agreed(cast, contract, 30_000_00)
    letter = asked_letter(cast.contractor, contract, "agreed_share", version)
    sender = {"contractor", "contractor_manager"}
    assert {who for who in cast.users() if _sees(cast, contract, who)} == sender
    mailed()
    make_paper(letter.pk, contract, cast.contractor.pk)
    assert {who for who in cast.users() if _sees(cast, contract, who)} == sender | {"subcontractor"}
    told_of_it = {mail.to[0] for mail in mailed() if f"/brieven/{letter.pk}" in str(mail.body)}
    assert told_of_it == {cast.subcontractor.email}
    with acting_as(cast.adviser.pk):
        assert not Event.objects.filter(verb="contract.letter_sent").exists()
        assert not Paper.objects.exists()
    with acting_as(cast.contractor.pk):
        assert Event.objects.filter(verb="contract.letter_sent").count() == 1


def test_it_says_what_was_agreed(cast: Cast) -> None:
    contract = register(cast)
    version = _agreed(cast, contract, 30_000_00, "Tot eind 2026")
    letter = asked_letter(cast.contractor, contract, "agreed_share", version)
    ended = _agreed(cast, contract, 0)
    gone = asked_letter(cast.contractor, contract, "agreed_share", ended)
    with acting_as(cast.contractor.pk):
        words = told(text_of(Letter.objects.get(pk=letter.pk)))
        over = told(text_of(Letter.objects.get(pk=gone.pk)))
    assert "U neemt € 30.000,00 van onze opgave over." in words
    assert "Tot eind 2026" in words
    assert cast.sub.name in words
    assert "U neemt niets meer van onze opgave over." in over


@pytest.mark.parametrize(
    "who", ["adviser", "manager", "team", "reader", "subcontractor", "competitor", "auditor"]
)
def test_only_the_contractor_sends_it(cast: Cast, who: str) -> None:
    contract = register(cast)
    version = _agreed(cast, contract, 30_000_00)
    with pytest.raises((DomainError, Http404)):
        asked_letter(getattr(cast, who), contract, "agreed_share", version)


def test_what_was_not_agreed_has_no_letter(cast: Cast) -> None:
    contract = register(cast)
    version = _proposed(cast, contract, 30_000_00)
    with pytest.raises(Http404):
        asked_letter(cast.contractor, contract, "agreed_share", version)


def test_who_took_over_confirms_nothing_of_who_was_there_before(cast: Cast) -> None:
    contract = register(cast)
    version = _agreed(cast, contract, 30_000_00)
    amended(cast, contract, takeover(cast.rival))
    for who in ("contractor", "competitor"):
        with pytest.raises((DomainError, Http404)):
            asked_letter(getattr(cast, who), contract, "agreed_share", version)


def test_a_letter_of_another_kind_is_not_the_contractors_to_send(cast: Cast) -> None:
    contract = register(cast)
    version = _agreed(cast, contract, 30_000_00)
    for kind in ("agreed_turnover", "agreed_plan", "settlement"):
        with pytest.raises((DomainError, Http404)):
            asked_letter(cast.contractor, contract, kind, version, today=date(2026, 1, 1))
