"""Lists of purchases for tests, taken in by the same action as the page uses."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

from telmee.apps.coverage.access import covered_client, lists_of
from telmee.apps.coverage.lists import add_list
from telmee.apps.coverage.models import Purchase
from telmee.apps.organisations.acting import acting_as
from telmee.integrations.spreadsheets.apart import PurchaseLine, SheetFile


def line(row: int = 2, **changes: Any) -> PurchaseLine:
    """A purchase of De Eem, which `tests.registering.register` registers a contract with."""
    usual: dict[str, Any] = {
        "row": row,
        "supplier": "Bouwbedrijf De Eem B.V.",
        "kvk": "30000003",
        "cents": 2_000_000_00,
        "category": "services",
        "day": date(2025, 1, 1),
        "reference": "",
    }
    return PurchaseLine(**{**usual, **changes})


def bought(
    user: Any,
    client: Any,
    *lines: PurchaseLine,
    scheme: str = "harlingen",
    name: str = "Inkopen 2025",
    key: Any = None,
) -> list[int]:
    """Take a list in; gives the ids of its purchases in their order."""
    file = SheetFile(lines or (line(),), (), ())
    with acting_as(user.pk) as acting:
        own = covered_client(acting, client.pk, works=True)
        row = add_list(acting, own, file, name=name, scheme=scheme, key=key or uuid4())
        return list(Purchase.objects.filter(list=row).order_by("row").values_list("pk", flat=True))


def a_list(user: Any, client: Any, reference: str) -> dict[str, int]:
    """A list with a purchase that bears the reference of a contract, by its ids."""
    (purchase,) = bought(user, client, line(reference=reference))
    with acting_as(user.pk):
        return {"bought": purchase, "purchase_list": lists_of(client.pk).get().pk}
