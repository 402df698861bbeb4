"""Which contracts of the register a purchase may be."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from telmee.apps.contracts.choices import PartyRole
from telmee.apps.contracts.models import Party
from telmee.apps.coverage.access import contracts_of_client
from telmee.apps.coverage.models import Purchase
from telmee.apps.organisations.acting import Acting
from telmee.core.coverage import Bought, Likeness, Register, Registered, plain_supplier

_WRITTEN_AT_ONCE = 500


def register_of(acting: Acting, client_id: int) -> Register:
    """The contracts of a client, to look purchases up in. Runs one query."""
    party = Party.objects.filter(contract=OuterRef("pk"), role=PartyRole.CONTRACTOR)
    rows = contracts_of_client(acting, client_id).values_list(
        "pk",
        "reference",
        Coalesce(Subquery(party.values("organisation__search_name")[:1]), Value("")),
        Coalesce(Subquery(party.values("organisation__kvk")[:1]), Value("")),
        "value_cents",
        "start",
        "end",
        "awarded_on",
    )
    return Register(
        Registered(pk, reference, plain_supplier(name), *rest)
        for pk, reference, name, *rest in rows.order_by()
    )


def bought(purchase: Purchase) -> Bought:
    """A purchase as it is compared."""
    return Bought(
        supplier=plain_supplier(purchase.search_name),
        kvk=purchase.kvk,
        cents=purchase.cents,
        day=purchase.day,
        reference=purchase.reference,
    )


def alike(acting: Acting, purchase: Purchase) -> list[Likeness]:
    """The contracts that a purchase may be, the surest first."""
    return register_of(acting, purchase.organisation_id).alike(bought(purchase))


def propose(register: Register, purchases: Iterable[Purchase]) -> list[Purchase]:
    """Put beside purchases what each may be; gives those of which that is another than before."""
    changed = []
    for purchase in purchases:
        before = (purchase.proposed_id, purchase.sureness)
        likely = register.proposal(bought(purchase))
        purchase.proposed_id = likely.contract_id if likely else None
        purchase.sureness = str(likely.sureness) if likely else ""
        if (purchase.proposed_id, purchase.sureness) != before:
            changed.append(purchase)
    return changed


@transaction.atomic
def match_again(acting: Acting, client_id: int, unanswered: QuerySet[Purchase]) -> int:
    """Look again what purchases may be, as contracts were registered since; counts the changes."""
    changed = propose(register_of(acting, client_id), unanswered)
    Purchase.objects.bulk_update(changed, ["proposed", "sureness"], batch_size=_WRITTEN_AT_ONCE)
    return len(changed)
