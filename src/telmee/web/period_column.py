"""The column of a list that says from when until when a line of effort or of a plan runs."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from telmee.web.lists import Column


def period_column(*, on_phone: bool = True) -> Column:
    """The first day of a row with the last day below it, from its `begin` and `end`."""
    last = Column("end", gettext_lazy("Last day"), kind="date", order="end")
    return Column(
        "begin",
        gettext_lazy("First day"),
        kind="date",
        order="begin",
        under=last,
        on_phone=on_phone,
    )
