"""The column of a list that names a line of effort, with its contract below it."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy

from telmee.web.lists import Column


def line_column(
    *, order: str = "contribution__reference", contract_order: str | None = None
) -> Column:
    """The line of each row, which leads to it; rows have `contribution_id` and both references.

    `order` sorts by the line, and `contract_order` by the contract.
    """
    return Column(
        "contribution__reference",
        gettext_lazy("Line"),
        kind="code",
        order=order,
        url=lambda row: reverse("contribution", args=[row["contribution_id"]]),
        under=Column(
            "contract__reference", gettext_lazy("Contract"), kind="code", order=contract_order
        ),
    )
