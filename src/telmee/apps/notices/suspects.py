"""Addresses that a mail server refused for good: no mail goes there until somebody says it works.

Mail about an account goes there all the same: whoever asks for a new password waits for it.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404

from telmee.apps.audit.actions import record
from telmee.apps.notices.access import Asker
from telmee.apps.notices.models import Suspect

_ANSWER_MAX = 500


def suspect(address: str, answer: str) -> None:
    """Use an address no more; for the sender. Said twice it stands once."""
    row = Suspect(address=address.lower(), answer=answer[:_ANSWER_MAX])
    Suspect.objects.bulk_create([row], ignore_conflicts=True)


def suspects_among(addresses: Iterable[str]) -> frozenset[str]:
    """The addresses among these that are used no more; for the sender."""
    wanted = {address.lower() for address in addresses if address}
    rows = Suspect.objects.filter(address__in=wanted)
    return frozenset(rows.values_list("address", flat=True))


def suspects(asker: Asker) -> QuerySet[Suspect]:
    """All addresses that are used no more, the latest first, for an operator. Raises `Http404`."""
    if not asker.is_operator:
        raise Http404
    return Suspect.objects.order_by("-since", "-pk")


def seen_suspects(addresses: Iterable[str]) -> dict[str, str]:
    """Of addresses that are used no more what the server answered; one's own and one's people's."""
    wanted = {address.lower() for address in addresses}
    return dict(Suspect.objects.filter(address__in=wanted).values_list("address", "answer"))


@transaction.atomic
def use_again(asker: Asker, suspect_id: int) -> None:
    """Use an address again, for an operator. Raises `Http404`."""
    row = suspects(asker).filter(pk=suspect_id).first()
    if row is None:
        raise Http404
    record(asker, "notice.address_used_again", row)
    row.delete()


def use_own_again(address: str) -> None:
    """Use one's own address again: whoever reads it says that it works."""
    Suspect.objects.filter(address=address.lower()).delete()
