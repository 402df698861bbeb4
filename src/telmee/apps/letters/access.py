"""The only way to a letter for somebody. "Not there" and "not yours" look alike."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404

from telmee.apps.contracts.access import ContractAccess, contract_for, contracts_of
from telmee.apps.contracts.choices import DECIDING_ROLES, PartyRole
from telmee.apps.letters.models import Letter, Paper
from telmee.apps.organisations.acting import Acting, Own


def sender_managed(acting: Acting, organisation_id: int) -> Own:
    """An organisation that sends letters, for its manager. Raises `Http404`."""
    for own in acting.clients:
        if own.id == organisation_id and acting.manages(organisation_id):
            return own
    raise Http404


def letters_of(acting: Acting) -> QuerySet[Letter]:
    """The letters on all contracts of somebody, as `letters_on` has them for one."""
    sending = contracts_of(acting, *DECIDING_ROLES).values("pk")
    auditing = contracts_of(acting, PartyRole.AUDITOR).values("pk")
    own = Q(reader__in=acting.organisations, contract__in=contracts_of(acting).values("pk"))
    sent = Q(is_sent=True) & (own | Q(contract__in=auditing))
    return _with_state(Letter.objects.all()).filter(Q(contract__in=sending) | sent)


def letters_on(access: ContractAccess) -> QuerySet[Letter]:
    """The letters on a contract that somebody may see; who did not send them, once they are sent.

    A party reads the letters to itself; an auditor reads them all.
    """
    letters = _with_state(Letter.objects.filter(contract=access.contract))
    if access.has_role(*DECIDING_ROLES):
        return letters
    sent = letters.filter(is_sent=True)
    if access.has_role(PartyRole.AUDITOR):
        return sent
    own = {party.organisation_id for party in access.parties} & {*access.acting.organisations}
    return sent.filter(Q(reader__in=own))


def letter_for(acting: Acting, contract_id: int, letter_id: int) -> tuple[ContractAccess, Letter]:
    """Get a letter with its contract for somebody. Raises `Http404`."""
    access = contract_for(acting, contract_id)
    letters = letters_on(access).select_related("organisation", "reader")
    letter = letters.filter(pk=letter_id).first()
    if letter is None:
        raise Http404
    letter.contract = access.contract
    return access, letter


def _with_state(letters: QuerySet[Letter]) -> QuerySet[Any, Any]:
    return letters.annotate(is_sent=Exists(Paper.objects.filter(letter=OuterRef("pk"))))
